"""What secrets look like, kind by kind. Shapes are their issuers' own, as far as these publish them."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: What stands where a secret would, in docs, templates and masks: nothing is lost by showing it.
_PLACEHOLDER = r"<|\$|\{|%|\*|\[|‹|change_?me|example|placeholder|redacted|dummy|insert|replace"

#: A setting's value: what is typed after `password=`. It does not begin like a placeholder, or say that it is one.
_VALUE = (
    rf"(?!(?:{_PLACEHOLDER})|(?:none|null|nil|true|false|undefined|process|os|env|secrets?|self|config)\b"
    r"|[^\s'\",;]{0,40}(?:your[_-]|\.\.\.|xxxx)"
    # A program that asks for it, rather than the thing itself: `get_token(`, `request.token`.
    r"|[a-z_]\w{0,60}(?:\.[a-z_]\w{0,60}){0,9}[(\[]|[a-z_]{1,60}(?:\.[a-z_]{1,60}){1,9}(?![^\s'\",;]))"
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of secret. Where none of `needles` stands in the text, `pattern` need not be tried.

    The group `secret` of the pattern is what goes; without one, the whole match does.
    """

    name: str
    needles: tuple[str, ...]
    pattern: re.Pattern[str]


def _kind(name: str, needles: str, pattern: str, flags: int = 0) -> Kind:
    return Kind(name, tuple(needles.split()), re.compile(pattern, flags))


def _token(name: str, prefixes: str, body: str, *, after: str = r"(?<![A-Za-z0-9_])", before: str = "") -> Kind:
    """A token with a prefix of its own: what follows that is `body`."""
    either = "|".join(map(re.escape, prefixes.split()))
    return _kind(name, prefixes, rf"{after}(?:{either})(?!xxxx|XXXX|your-){body}{before}")


_WORD, _HEX = "[A-Za-z0-9]", "[0-9a-f]"
_END = r"(?![A-Za-z0-9])"
#: With a digit in it: names that people give things rarely have one, made-up tokens nearly always do.
_DIGIT = r"(?=[A-Za-z0-9_.%+/=-]{0,40}\d)"
_ANY_CASE = re.IGNORECASE

TOKENS = (
    _token(
        "Slack token",
        "xoxa- xoxb- xoxc- xoxd- xoxe- xoxe.xoxb- xoxe.xoxp- xoxo- xoxp- xoxr- xoxs-",
        rf"{_DIGIT}[A-Za-z0-9%/+=-]{{10,}}",
    ),
    _token("Slack app token", "xapp-", rf"{_DIGIT}[A-Za-z0-9-]{{10,}}"),
    _kind(
        "Slack webhook",
        "hooks.slack.com",
        r"https://hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9/_-]{12,})",
    ),
    _token("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", rf"{_WORD}{{20,}}"),
    _token("GitHub fine-grained token", "github_pat_", r"[A-Za-z0-9_]{20,}"),
    _token(
        "GitLab token",
        "glpat- gloas- gldt- glrt- glrtr- glcbt- glptt- glft- glimt- glagent- glsoat- glwt- glffct-",
        rf"{_DIGIT}[A-Za-z0-9_.-]{{20,}}",
    ),
    _token("AWS key id", "AKIA ASIA ABIA ACCA", r"[A-Z0-9]{16}", before=_END),
    _token("OpenAI key", "sk-", rf"(?!ant-){_DIGIT}(?:[a-z]+-)?[A-Za-z0-9_-]{{20,}}", after=r"(?<![\w-])"),
    _token("Anthropic key", "sk-ant-", rf"{_DIGIT}[A-Za-z0-9_-]{{20,}}", after=r"(?<![\w-])"),
    _token("Stripe key", "sk_live_ sk_test_ rk_live_ rk_test_ whsec_", rf"{_WORD}{{16,}}"),
    _token("npm token", "npm_", rf"{_WORD}{{30,}}"),
    _token("PyPI token", "pypi-", r"[A-Za-z0-9_-]{40,}"),
    _token("Google API key", "AIza", r"[A-Za-z0-9_-]{35}"),
    _token("Google OAuth token", "ya29.", r"[A-Za-z0-9_-]{20,}"),
    _token("Google OAuth secret", "GOCSPX-", r"[A-Za-z0-9_-]{20,}"),
    _token("JWT", "eyJ", r"[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}", after=r"(?<![\w-])"),
    _token("Hugging Face token", "hf_ api_org_", rf"{_WORD}{{30,}}"),
    _token("SendGrid key", "SG.", r"[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}"),
    _token("Twilio key", "SK", rf"{_HEX}{{32}}", before=_END),
    _token("Mailgun key", "key-", rf"{_HEX}{{32}}", before=_END, after=r"(?<![\w-])"),
    _kind("Mailchimp key", "-us", rf"(?<!\w){_HEX}{{32}}-us\d{{1,2}}\b"),
    _token("DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", rf"{_HEX}{{64}}"),
    _token("Docker token", "dckr_pat_ dckr_oat_", r"[A-Za-z0-9_-]{20,}"),
    _token("Databricks token", "dapi dkea", rf"{_HEX}{{32}}(?:-\d)?", before=_END),
    _token("Shopify token", "shpat_ shpca_ shppa_ shpss_", r"[0-9a-fA-F]{32}"),
    _token("Square token", "sq0atp- sq0csp- sq0idp-", r"[A-Za-z0-9_-]{22,}"),
    _kind("Telegram token", ":AA", r"(?<!\w)\d{8,10}:AA[A-Za-z0-9_-]{32,34}(?![\w-])"),
    _kind(
        "Discord token",
        ".",
        r"[MNO](?<![\w.-][MNO])[A-Za-z0-9_-]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}(?![\w-])",
    ),
    _kind(
        "Discord webhook",
        "/api/webhooks/",
        r"https://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/\d{5,20}/(?P<secret>[A-Za-z0-9_-]{20,})",
    ),
    _kind("Teams webhook", "webhook.office.com", r"\.webhook\.office\.com/webhookb2/(?P<secret>[A-Za-z0-9@/-]{40,})"),
    _token("Linear key", "lin_api_ lin_oauth_", rf"{_WORD}{{32,}}"),
    _token("Notion token", "ntn_", rf"{_WORD}{{40,}}"),
    _token("Figma token", "figd_ figo_", r"[A-Za-z0-9_-]{30,}"),
    _token("Postman key", "PMAK-", rf"{_HEX}{{24}}-{_HEX}{{34}}"),
    _token("New Relic key", "NRAK- NRAL- NRII- NRJS-", r"[A-Za-z0-9_-]{19,}"),
    _token("Grafana token", "glsa_ glc_", rf"{_DIGIT}[A-Za-z0-9+/=_]{{32,}}"),
    _token("Vault token", "hvs. hvb. hvr.", r"[A-Za-z0-9_-]{24,}"),
    _kind("Terraform token", ".atlasv1.", r"(?<!\w)[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{40,}"),
    _token("Atlassian token", "ATATT3 ATCTT3 ATBB", r"[A-Za-z0-9_=-]{20,}"),
    _token("Doppler token", "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.", r"[A-Za-z0-9_.-]{40,}"),
    _token("PlanetScale token", "pscale_tkn_ pscale_pw_ pscale_oauth_", r"[A-Za-z0-9_.=-]{32,}"),
    _token("Supabase token", "sbp_", rf"{_HEX}{{40}}"),
    _token("Sentry token", "sntrys_ sntryu_", r"[A-Za-z0-9+/=_]{30,}"),
    _token("RubyGems key", "rubygems_", rf"{_HEX}{{48}}"),
    _token("crates.io token", "cio", rf"(?=[A-Za-z]{{0,31}}\d){_WORD}{{32}}", before=_END),
    _token("NuGet key", "oy2", r"[a-z0-9]{43}", before=_END),
    _token("age key", "AGE-SECRET-KEY-1", r"[0-9A-Z]{50,}"),
    _token("1Password token", "ops_eyJ", r"[A-Za-z0-9+/=_-]{50,}"),
    _token("CircleCI token", "CCIPAT_ CCIPRJ_", r"[A-Za-z0-9_]{30,}"),
    _token("Buildkite token", "bkua_", rf"{_HEX}{{40}}"),
    _token("model provider's key", "gsk_ xai- pplx- r8_ fw_ nvapi-", rf"{_DIGIT}[A-Za-z0-9_-]{{32,}}"),
    _kind("Airtable token", "pat", rf"(?<!\w)pat[A-Za-z0-9]{{14}}\.{_HEX}{{64}}"),
    _kind("Artifactory token", "AKCp", r"(?<!\w)AKCp[A-Za-z0-9]{60,}"),
    _token("SonarQube token", "sqp_ squ_ sqa_", rf"{_HEX}{{40}}"),
    _token("Pulumi token", "pul-", rf"{_HEX}{{40}}"),
    _token("Tailscale key", "tskey-", r"[a-z]+-[A-Za-z0-9-]{16,}"),
    _token("Dynatrace token", "dt0c01. dt0s16.", r"[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    _token("Fly token", "fo1_ fm1r_ fm2_", r"[A-Za-z0-9_+/=-]{32,}"),
    _token("Heroku key", "HRKU-", r"[A-Za-z0-9_-]{30,}"),
    _kind("Azure client secret", "Q~", r"(?<![\w~.-])[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}(?![\w~-])"),
    _kind("Azure storage key", "Key=", r"(?:Account|SharedAccess)Key=(?P<secret>[A-Za-z0-9+/=]{40,})"),
    _kind(
        "signed address",
        "sig= -Signature= -Token=",
        r"(?<=[?&;])(?:sig|X-Amz-(?:Signature|Security-Token)|X-Goog-Signature)=(?P<secret>[A-Za-z0-9%/+=_-]{30,})",
        _ANY_CASE,
    ),
)

#: What a setting is called that holds a secret. Looked for by its last word, and what stands before that is looked at
#: behind: where a pattern begins with many words, every letter of a text would be tried with each of them.
_BEFORE_KEY = "api|ess|ret|ate|ing|ter|unt|nse|ice|app|uth|red|min"
_BEFORE_TOKEN = "ess|uth|esh|api|bot|loy|ion|rer|try|ate|nal"
_NAME = (
    r"(?:passw(?:or)?d|passphrase|pwd|pass(?<![a-z]pass)|secret(?<!:secret)|credentials?"
    rf"|key(?:(?<=(?:{_BEFORE_KEY})[_.-]key)|(?<=(?:{_BEFORE_KEY})key)|(?<=ption[_.-]key))"
    rf"|token(?:(?<![a-z]token)|(?<=(?:{_BEFORE_TOKEN})token)))"
)
_ENDING = r"(?:[_.-]?(?:base|value|prod|production|dev|staging|live|test|current|main|primary|default|id|key)?\d?)?"

SETTINGS = (
    _kind("PuTTY key", "private-lines:", r"Private-Lines: \d+\s(?P<secret>[A-Za-z0-9+/=\s]{20,}?)(?=Private-MAC|\Z)"),
    _kind(
        "private key",
        "private",
        r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----.*?"
        r"(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|\Z)",
        re.DOTALL,
    ),
    _kind("password in an address", "://", r"://[^\s/:@?#]{0,200}:(?P<secret>(?!(?:<|\$|\{|\*))[^\s/@?#]{1,200})@"),
    _kind(
        "authorization header",
        "authorization",
        rf"\b(?:proxy-)?authorization['\"]?\s{{0,3}}[:=]\s{{0,3}}['\"]?(?:bearer|basic|token|apikey|digest|aws4-hmac-sha256)\s"
        rf"{{1,3}}(?P<secret>{_VALUE}[^\s'\",;]{{8,}})",
        _ANY_CASE,
    ),
    _kind("bearer", "bearer", rf"\bbearer\s{{1,3}}(?P<secret>{_VALUE}{_DIGIT}[A-Za-z0-9._~+/-]{{20,}}=*)", _ANY_CASE),
    _kind(
        "session cookie",
        "cookie",
        r"\b(?:set-)?cookie['\"]?:\s{0,3}['\"]?(?:[^=;\s]{1,60}=[^;\s]{0,400};\s{0,3}){0,5}?[\w.-]{0,40}"
        rf"(?:sess|sid|auth|token|jwt)[\w.-]{{0,40}}=(?P<secret>{_VALUE}[^\s;'\"]{{12,}})",
        _ANY_CASE,
    ),
    _kind(
        "user and password",
        "-u --user",
        rf"(?<=\s)(?:-u|--user)[\s=][^\s:'\"]{{1,100}}:(?P<secret>{_VALUE}(?!\d+(?!\S))[^\s'\"]{{4,}})",
    ),
    _kind(
        "user and password",
        "-u --user",
        rf"(?<=\s)(?:-u|--user)[\s=]['\"][^\s:'\"]{{1,100}}:(?P<secret>{_VALUE}[^'\"]{{4,}})",
    ),
    _kind(
        "option",
        "--",
        rf"--(?:[a-z]{{1,20}}-)?(?:password|passphrase|pass|token|secret|api-?key|auth)[=\s]\s{{0,3}}['\"]?"
        rf"(?P<secret>{_VALUE}(?!-)(?=[^\s'\"]{{0,60}}[\d$!#%&*@^+/])[^\s'\"]{{6,}})",
        _ANY_CASE,
    ),
    _kind(
        ".netrc",
        "password ",
        rf"\b(?:login|machine)\s{{1,9}}\S{{1,200}}\s{{1,9}}password\s{{1,9}}(?P<secret>{_VALUE}\S{{4,}})",
    ),
    # After a colon without quotes there may be prose: "password: incorrect". A secret has a digit in it.
    _kind(
        "setting",
        "pass pwd secret key token credential",
        rf"{_NAME}{_ENDING}['\"]?\]?\s{{0,3}}(?:(?:=>|:=|=)\s{{0,3}}['\"]?|:\s{{0,3}}['\"]|:\s{{0,3}}(?=[^\s'\",;]{{0,60}}\d))"
        rf"(?P<secret>{_VALUE}[^\s'\",;&)>]{{8,}})",
        _ANY_CASE,
    ),
    _kind(
        "words in quotes",
        "password pwd",
        rf"(?:password|pwd)\s?[=:]\s?(?:'(?P<secret>{_VALUE}[^'\n]{{6,200}})'|\"(?P<other>{_VALUE}[^\"\n]{{6,200}})\")",
        _ANY_CASE,
    ),
    _kind("docker login", '"auth"', r"\"auth\"\s{0,3}:\s{0,3}\"(?P<secret>[A-Za-z0-9+/=]{16,})\""),
    _kind("kubeconfig", "-data:", r"client-key-data:\s{1,3}(?P<secret>[A-Za-z0-9+/=]{20,})"),
    _kind(
        "key header",
        "x- api-key apikey",
        rf"\b(?:x-)?(?:[a-z]{{1,20}}-)?(?:api-?key|auth-token|access-token|private-token|gitlab-token|vault-token)"
        rf"['\"]?\s{{0,3}}:\s{{0,3}}['\"]?(?P<secret>{_VALUE}{_DIGIT}[^\s'\",;]{{8,}})",
        _ANY_CASE,
    ),
)
