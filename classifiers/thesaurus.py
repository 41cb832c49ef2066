"""What grouping knows of this trade's language: words that say nothing, and what different people call one subject.

Written by hand from general vocabulary; no product of one company. Nothing else imports it.
"""

# Dropped, because only the subject counts. Negations are absent: "does not build" is not "does build".
STOP_WORDS: frozenset[str] = frozenset(
    """
    a about actually after again all already also always am an and another any anybody anyone anything anyway are
    around as ask at away back be because been before behind being between both but by came can come comes could did
    do does doing done down during each either else ended ends even ever every everybody everyone everything exactly
    far few find for found from full gave get gets getting give gives go goes going gone gonna good got had half
    happen happened happening happens has have having he her here hers hey hi him his how however i if im in instead
    into is it its itself ive just keep keeps kept kind know knows last least less let lets like literally little
    long look looks lot made make makes making many matter may maybe me mean means might mine more most much must my
    myself need needs new next now of off oh ok okay old on once one ones only onto or other others our ours out
    over own per perhaps please pls pretty probably put quite rather re really right said same saw say says see seem
    seems seen several she should since so some somebody somehow someone something sometimes somewhere soon still
    such sure take takes taking tell tells than thanks that thats the their them then there theres these they theyre
    thing things think this those though through thus til till time times to today together told too took toward
    tried tries try trying turned turns twice two under until up upon us use used uses using usually very via want
    wanted wants was way we week well went were what whatever whats when whenever where whether which while who
    whoever whole whom whose why will with within wonder works would wow yes yesterday yet you your youre yours
    yourself
    """.split()
)

# What different people call the same thing or the same trouble, status codes included. Stems are compared, so one form
# of a word is enough; a phrase counts when its words follow each other.
SUBJECTS: dict[str, str] = {
    "~absent": (
        "404|not found|missing|gone|disappeared|vanished|empty|lost|absent|lacks|dropped|no longer there|not there|"
        "blank|does not exist|not exist|nonexistent|unavailable|cannot find|nowhere"
    ),
    "~blocked": "blocked|prevented|forbids|disallowed|not allowed|refuses|rejects|declined|denied|disabled",
    "~broken": (
        "broken|breaks|broke|fails|failure|does not work|not working|stopped working|dead|unusable|malfunction|"
        "defective|borked|busted"
    ),
    "~crash": (
        "crash|dies|died|killed|segfault|sigsegv|segmentation fault|panic|abort|core dumped|blows up|falls over|"
        "exits|quits|terminated|closes itself"
    ),
    "~change": "change|modify|modified|edit|update|altered|adjust",
    "~confusing": (
        "confusing|misleading|unclear|cryptic|unhelpful|meaningless|generic|vague|puzzling|ambiguous|obscure|useless|"
        "says nothing|tells nothing|no hint|not helpful|something went wrong|unknown error"
    ),
    "~corrupt": "corrupt|garbled|mangled|malformed|scrambled|mojibake|gibberish|broken characters|invalid characters",
    "~duplicate": (
        "twice|duplicate|double|two times|repeated|several times|multiple times|once more|two copies|2 copies|"
        "again and again"
    ),
    "~expired": "expire|expiry|ran out|lapsed|no longer valid|not valid|outlived|revoked|renew|renewal|rotate",
    "~flaky": (
        "flaky|flake|flakiness|intermittent|sometimes|randomly|rerun|retry|retried|sporadic|sporadically|"
        "occasionally|now and then|every now|one in ten|once in a while|nondeterministic|unreliable|green on rerun|"
        "on and off"
    ),
    "~flood": "flood|spam|noise|noisy|too many|nag|bombarded|inbox|mails",
    "~hang": (
        "hang|hung|stuck|freeze|frozen|froze|never finishes|never returns|never ends|stall|deadlock|spinner|"
        "unresponsive|not respond|no response|endless|forever|infinite|loops|sits there|pending|blocks forever|"
        "waits forever"
    ),
    "~ignored": (
        "ignore|no effect|not respected|not honoured|not honored|does not respect|disregards|overlooked|not applied|"
        "does not apply|not picked up|does not pick|not take|skips|not recognized|not recognised|unrecognized"
    ),
    "~leak": "leak|grows|piles up|accumulate|exhausted|never released|not freed|never closed|not returned",
    "~limit": (
        "limit|maximum|max|exceeds|exceeded|too large|too big|too long|threshold|cap|oversized|larger than|"
        "bigger than|413|huge|large|big"
    ),
    "~lock": (
        "lock|unlock|somebody else|already running|concurrent|mutex|semaphore|held by|race|race condition|"
        "simultaneous|at once|same time|in parallel|parallel"
    ),
    "~loop": "loop|infinite|endless|redirects|bounce|again and again|over and over|sent back|back to the",
    "~noaccess": (
        "permission|forbidden|unauthorized|unauthorised|not authorized|not authorised|denied|403|401|entitlement|iam|"
        "rbac|access|access denied|privilege|rights|role|approve|approval"
    ),
    "~old": (
        "old|outdated|out of date|stale|obsolete|legacy|previous|former|earlier|deprecated|removed|no longer|"
        "superseded|older|last year|ancient|not updated|not refresh|behind"
    ),
    "~overwritten": (
        "overwrite|overwritten|overrides|overridden|clobbers|clobbered|replaced|reset|wipes|reverted|undone|discards|"
        "loses"
    ),
    "~removal": (
        "delete|remove|prune|purge|cleanup|clean up|cleaned|garbage collected|retention|evicted|drop|destroyed|gets rid"
    ),
    "~silent": (
        "silent|without warning|without telling|no message|without a message|no error|without an error|swallows|"
        "quietly|no output|nothing happens|without a word|no notification|not notified|exit 0|exit code 0|exit status"
    ),
    "~slow": (
        "slow|slowness|slowest|latency|takes minutes|takes hours|takes ages|takes forever|takes long|too long|"
        "forever|sluggish|laggy|lags|delay|ages|performance|speed|faster|crawl|snail|painfully"
    ),
    "~timeout": "timeout|time out|deadline|deadline exceeded|idle|504|gateway timeout",
    "~truncated": (
        "truncated|cut off|cut|splits|chopped|clipped|shortened|incomplete|partial|only the first|ends in the middle"
    ),
    "~unreachable": (
        "connection refused|connection reset|econnrefused|econnreset|unreachable|cannot connect|cannot reach|"
        "unable to connect|down|offline|disconnect|drops|socket hang|connection closed|connection lost|broken pipe|"
        "etimedout"
    ),
    "~visible": (
        "display|shows|shown|visible|render|rendered|appears|hidden|invisible|layout|overlap|misaligned|cropped"
    ),
    "~wrong": (
        "wrong|incorrect|inaccurate|mistaken|mistake|mismatch|does not match|not match|inconsistent|differs|"
        "contradicts|disagree|not the same|different from"
    ),
    "~apple-silicon": (
        "apple silicon|arm64|aarch64|arm|m1|m2|m3|m4|amd64|exec format|exec format error|no matching manifest|x86|"
        "x86_64|architecture|wrong architecture|rosetta|emulation"
    ),
    "~archive": "zip|tar|gzip|tarball|archive|unzip|extract|compressed",
    "~artifact": "artifactory|nexus|registry|npmrc|package registry|mirror|artifact|snapshot|harbor|ecr|ghcr",
    "~attachment": "upload|attachment|download",
    "~autocomplete": "autocomplete|completion|intellisense|suggestions|tab completion|compdef",
    "~backup": "backup|restore|dump",
    "~browser": "chrome|firefox|safari|browser|webview|edge|chromium|incognito",
    "~build": "build|built|compile|make|bundle|webpack|rollup|esbuild",
    "~cache": "cache|stale|invalidate|ttl|memoized|etag|cdn",
    "~certificate": (
        "certificate|cert|tls|ssl|x509|ca bundle|self signed|pem|mtls|truststore|trust store|keystore|handshake|"
        "root ca|pkix|issuer|https"
    ),
    "~chat": "slack|teams|discord|chat|channel|thread|message",
    "~ci": (
        "continuous-integration|pipeline|runner|github actions|gitlab|jenkins|buildkite|circleci|workflow|travis|"
        "tekton|agents|build agent|build server|teamcity|bamboo|azure devops"
    ),
    "~clock": "clock|skew|drift|ntp|chrony|iat|issued|not yet valid|in the future",
    "~cluster": (
        "kubernetes|kubectl|pod|helm|namespace|crashloopbackoff|ingress|argocd|argo|kustomize|k3s|openshift|eks|gke|"
        "aks|chart|node|minikube"
    ),
    "~colour": "color|colour|theme|dark mode|dark theme|light mode|dark|contrast|css|stylesheet|flash|flicker",
    "~commandline": (
        "cli|command line|command|subcommand|shell|bash|zsh|fish|terminal|powershell|wsl|console|prompt|script"
    ),
    "~container": "docker|container|dockerfile|podman|oci|image|compose|containerd|layers|base image",
    "~coverage": "coverage|codecov|sonarqube|quality gate|coveralls|jacoco",
    "~credential": "credential|token|password|secret|api key|apikey|vault|key|publickey|ssh key|passphrase|creds",
    "~csv": "csv|excel|spreadsheet|xlsx|tsv|column|header row|sheet",
    "~date": (
        "date|datetime|timestamp|time zone|timezone|tz|tzinfo|utc|dst|daylight|daylight saving|one hour off|"
        "clocks went|cet|local time|calendar|naive"
    ),
    "~database": "database|postgres|mysql|sqlite|oracle|mongo|mongodb|mariadb|sql|query|table|orm|mssql|replica",
    "~deploy": "deploy|rollout|roll out|rollback|release|ship|canary|publish|go live",
    "~disk": "disk|no space|enospc|storage full|inode|disk full|volume|filesystem|space left",
    "~dns": (
        "dns|nxdomain|enotfound|resolve|resolution|hostname|hosts file|nameserver|getaddrinfo|name resolution|"
        "could not be found|domain|subdomain"
    ),
    "~documentation": (
        "documentation|undocumented|readme|wiki|guide|tutorial|manual|handbook|page|docstring|confluence|faq|"
        "reference|javadoc|instructions|quickstart|quick start|getting started|article|how to|example|sample|snippet|"
        "techdocs|runbook|playbook|docs site|docs page"
    ),
    "~editor": (
        "ide|vscode|vs code|visual studio|intellij|editor|plugin|extension|jetbrains|neovim|vim|emacs|lsp|pycharm|"
        "eclipse|language server|webstorm"
    ),
    "~emulator": "emulator|simulator|avd|virtual phone|virtual device|xcode|android studio",
    "~encoding": (
        "utf8|utf 8|utf-8|encoding|unicode|ascii|charset|latin1|cp1252|umlaut|accent|emoji|bom|byte order|codec|"
        "decode|unicodedecodeerror|non ascii|special characters|mojibake"
    ),
    "~environment": "environment|variable|environment variable|dotenv|process env|export",
    "~error": "error|exception|traceback|stack trace|stacktrace|throws|thrown|raises|threw|error message",
    "~flag": "feature flag|toggle|launchdarkly|unleash|kill switch|flag|experiment",
    "~font": "font|glyph|tofu|squares|empty boxes|typeface",
    "~form": "form|field|input|textbox|dropdown|checkbox|submit|validation|dialog|modal|popup",
    "~git": "git|clone|checkout|check out|commit|branch|rebase|merge|submodule|lfs|pull|push|fetch|cherry pick|tag",
    "~gpu": "gpu|gpus|cuda|nvidia|driver|cudnn|torch",
    "~hook": "pre commit|husky|hook|pre-commit|no verify|commit hook|lint staged",
    "~http": "http|request|response|header|endpoint|api|rest|url|cors|origin|post|get",
    "~identity": (
        "login|log in|logged out|logout|sign in|signin|sign on|signed out|sso|okta|oauth|saml|oidc|session|"
        "single sign|authentication|keycloak|ldap|jwt|cookie|cookies|mfa|2fa|kicked out"
    ),
    "~import": (
        "import|module|modulenotfounderror|importerror|no module|cannot find module|require|resolve module|classpath|"
        "noclassdeffounderror|classnotfoundexception"
    ),
    "~install": "install|setup|set up|bootstrap|uninstall|reinstall|brew|homebrew|apt|wheel|wizard",
    "~job": "job|task|cron|crontab|scheduler|nightly|batch|airflow|dag|celery|worker|background|queue",
    "~json": "json|serialize|deserialize|parse|unmarshal|marshal|jackson|pydantic",
    "~kafka": (
        "kafka|topic|consumer|producer|avro|schema registry|partition|offset|rebalance|rabbitmq|sqs|pubsub|broker|"
        "event bus|message queue"
    ),
    "~keyboard": "keyboard|shortcut|keybinding|hotkey|ctrl|enter key|escape|press|keypress|typing",
    "~laptop": "laptop|macbook|workstation|machine|new machine|new laptop|computer|mac|macos|device|desktop",
    "~licence": "licence|license|seat|subscription",
    "~link": "link|hyperlink|dead link|broken link|url|anchor|href|points to|leads to",
    "~lint": "eslint|lint|prettier|formatter|ruff|flake8|pylint|rubocop|checkstyle|black",
    "~locale": (
        "locale|language|translation|i18n|l10n|decimal|comma|german|french|japanese|chinese|korean|english|"
        "internationalization"
    ),
    "~log": "log|kibana|loki|splunk|elk|cloudwatch|stdout|stderr|log line|journald|fluentd|log level|verbose|verbosity",
    "~memory": (
        "oom|oomkilled|out of memory|memory|heap|137|gc|rss|swap|outofmemoryerror|ram|heap limit|allocation failed|"
        "gb of"
    ),
    "~metric": (
        "metric|grafana|prometheus|dashboard|datadog|panel|gauge|histogram|alert|alertmanager|graph|chart shows|"
        "monitoring"
    ),
    "~migration": "migration|flyway|liquibase|alembic|schema change|ddl|checksum|alter table|schema",
    "~mobile": "ios|android|iphone|ipad|mobile|phone|app store|testflight|swift|kotlin|react native|flutter|play store",
    "~network": (
        "proxy|firewall|network|mtu|nat|http_proxy|no_proxy|noproxy|corporate network|wifi|zscaler|ip address|"
        "load balancer|gateway|port"
    ),
    "~newcomer": (
        "new hire|new joiner|new starter|newcomer|onboarding|first day|day one|first week|just joined|joiner|starter|"
        "beginner|getting started|new to|fresh clone|from scratch"
    ),
    "~notification": "notification|notify|notified|email|mail|push|unread|badge|bell|reminder|webhook|alerting",
    "~nullpointer": (
        "null|nil|none|undefined|nullpointerexception|nullpointer|nullreferenceexception|npe|null pointer|"
        "object reference|attributeerror|nonetype|of null|of undefined|not a function|cannot read property|nan"
    ),
    "~number": "number|integer|float|rounding|precision|overflow|decimal|int|int32|int64|32 bit",
    "~object-store": "s3|bucket|minio|gcs|blob|object storage|azure blob",
    "~package": (
        "npm|yarn|pnpm|pip|poetry|maven|gradle|cargo|gem|dependency|package|lockfile|lock file|requirements|uv|conda|"
        "composer|nuget|bundler|package.json|pom|library|peer dependency|eresolve"
    ),
    "~path": "path|directory|file name|filename|relative|absolute|symlink|symbolic link|backslash|linked packages",
    "~paste": "paste|copy|clipboard|copied",
    "~picture": "picture|photo|avatar|thumbnail|png|jpeg|jpg|svg|screenshot|icon|exif|portrait",
    "~pool": (
        "pool|connection pool|too many connections|too many clients|connections|idle in transaction|hikari|pgbouncer|"
        "max connections|queuepool"
    ),
    "~preview": "preview|preview environment|staging|sandbox|review app|ephemeral|test environment",
    "~print": "pdf|print|export|report|invoice",
    "~process": (
        "process|thread|async|await|coroutine|event loop|asyncio|future|promise|goroutine|subprocess|daemon|signal|"
        "sigterm"
    ),
    "~quote": "quote|escape|backslash|special character|hash sign|interpolation|substitution",
    "~rate-limit": "rate limit|429|too many requests|toomanyrequests|throttle|quota|pull limit",
    "~review": "review|codeowners|code owners|pull-request|approve|merge request|merge queue",
    "~scroll": "scroll|scrollbar|jumps|snaps|position|viewport",
    "~search": (
        "search|search index|zero hits|no results|0 results|find any|full text|elasticsearch|elastic|lookup|query|"
        "reindex|hits|results"
    ),
    "~server-error": "500|502|503|504|internal server error|server error|bad gateway|service unavailable|5xx",
    "~setting": (
        "setting|configuration|preference|option|parameter|argument|flag|default|values.yaml|properties|yaml|toml"
    ),
    "~signing": (
        "sign|signature|notarize|gatekeeper|quarantine|provisioning profile|gpg|codesign|unsigned|"
        "developer cannot be verified|cannot be opened|damaged"
    ),
    "~sourcemap": (
        "source map|sourcemap|minified|unminified|symbols|symbolicated|unsymbolicated|dsym|debug symbols|"
        "line numbers|stripped"
    ),
    "~spark": "spark|executor|dbt|snowflake|bigquery|hive|databricks|warehouse|shuffle|dataframe|pandas|etl",
    "~stack-trace": "stack trace|stacktrace|traceback|backtrace|stack frames|call stack|exception trace",
    "~startup": "start|startup|start up|boot|launch|cold start|does not start|not start|comes up|initial",
    "~sync": "sync|synchronize|synchronise|replicate|out of sync|mirror|in sync",
    "~template": "template|scaffold|boilerplate|cookiecutter|generator|golden path|skeleton|generated|codegen|stub",
    "~terraform": (
        "terraform|tfstate|pulumi|infrastructure|provider|hcl|cloudformation|cdk|state lock|statelock|state file|"
        "plan|apply|opentofu|ansible"
    ),
    "~test": (
        "test|jest|pytest|junit|vitest|cypress|playwright|selenium|e2e|suite|test suite|spec|fixture|mock|unit test|"
        "test user"
    ),
    "~trace": (
        "trace id|tracing|jaeger|span|opentelemetry|otel|traceparent|zipkin|correlation id|request id|correlation|"
        "sampling|collector"
    ),
    "~type": "type|typescript|any|generics|type hints|type error|typeerror|mypy|interface|enum|nullable",
    "~undo": "undo|redo|ctrl z|revert|history|roll back",
    "~debugger": (
        "debugger|breakpoint|step into|step over|attach|gdb|lldb|pdb|delve|stepping|unbound|inspector|devtools|"
        "remote debugging"
    ),
    "~version": (
        "version|upgrade|bump|downgrade|incompatible|compatibility|update to|newer|semver|pinned|since 2|"
        "since the update|after the update|after upgrading"
    ),
    "~vm": "vm|virtual machine|vagrant|virtualbox|devcontainer|dev container|codespace|dev vm|remote",
    "~vpn": "vpn|globalprotect|anyconnect|wireguard|openvpn|tunnel|split dns|split tunnel",
    "~watch": "watch|hot reload|live reload|hmr|reload|refresh|rebuild|nodemon|file watcher|inotify|fast refresh",
    "~websocket": "websocket|ws|wss|socket|sse|keepalive|keep alive|ping|heartbeat|reconnect|1006",
    "~windows": "windows|win10|win11|win32|cmd.exe|crlf|line endings|backslashes|msys|cygwin|longpaths|max_path",
    "~who": "owner|owns|maintainer|who owns|contact|responsible|team",
}
