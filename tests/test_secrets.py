"""Secrets are masked, all else stays. Every secret below is made up, and put together here so that no scanner bites."""

from __future__ import annotations

import time

import pasted
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import secret_kinds, secrets
from classifiers import train

LETTERS = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0z"

#: What must go, and in what it stands; `{}` is where.
SECRETS = {
    "a bot token": ("xoxb-" + "123456789012-" + LETTERS, "it says invalid_auth for {} since noon"),
    "a user token": ("xoxp-" + "123456789012-" + LETTERS, "token {}"),
    "an app token": ("xapp-1-" + "A0123456789-" + LETTERS, "({})"),
    "a browser token": ("xoxc-" + "123456789012-" + LETTERS, "{} from the browser"),
    "a browser cookie": ("xoxd-" + LETTERS, "d={}"),
    "a GitHub token": ("ghp_" + LETTERS + "abcdef", "git clone fails with {}"),
    "a GitHub Actions token": ("ghs_" + LETTERS + "abcdef", "{}"),
    "a fine-grained GitHub token": ("github_pat_" + LETTERS + "_" + LETTERS, "{} has no access"),
    "a GitLab token": ("glpat-" + LETTERS, "{} expired"),
    "an AWS key id": ("AKIA" + "IOSFODNN7EXAMPLE", "key {} is denied"),
    "an AWS secret key": (LETTERS + "abcdefghi", "AWS_SECRET_ACCESS_KEY={}"),
    "an OpenAI key": ("sk-proj-" + LETTERS, "{}"),
    "an Anthropic key": ("sk-ant-api03-" + LETTERS, "{} gives 401"),
    "an npm token": ("npm_" + LETTERS + "abcdef", "//npm.example/:_authToken={}"),
    "a PyPI token": ("pypi-" + LETTERS + LETTERS, "twine says {}"),
    "a Google key": ("AIza" + LETTERS + "abcd", "?key={}"),
    "a JWT": ("eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0." + LETTERS, "cookie {} is refused"),
    "a webhook": ("T0123/B0123/" + LETTERS, "https://hooks.slack.com/services/{} answers 404"),
    "a password in an address": ("hunter22", "postgres://app:{}@db.example.com/app times out"),
    "a password that is a user of nobody": ("hunter22", "redis://:{}@cache:6379 refuses"),
    "a header": ("dXNlcjpodW50ZXIyMg==", "curl -H 'Authorization: Basic {}' hangs"),
    "a bearer": (LETTERS, "Authorization: Bearer {}"),
    "a password in a setting": ("hunter22hunter22", "DB_PASSWORD={}"),
    "a password in YAML": ("hunter22hunter22", "password: '{}'"),
    "a password in JSON": ("hunter22hunter22", '{{"user": "app", "password": "{}"}}'),
    "a client secret": (LETTERS, "client_secret = {}"),
    "an API key": (LETTERS, "api_key: {}"),
    "a secret key": (LETTERS, "SECRET_KEY={}"),
    "a private key": (
        "-----BEGIN RSA PRIVATE" + " KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE" + " KEY-----",
        "this is refused:\n{}\nwhy?",
    ),
    "a private key cut short": ("-----BEGIN PRIVATE" + " KEY-----\nMIIE\nabc", "refused: {}"),
}

#: What looks like a secret and is none; not a letter of it may go.
NO_SECRETS = {
    "a commit": "broken since 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    "a UUID": "request 123e4567-e89b-12d3-a456-426614174000 failed",
    "a path": "/home/ana/projects/service/config/settings.production.yaml is missing",
    "an address": "https://ci.example.com/job/deploy/1234/console?full=true#L10 says nothing",
    "an address with a port": "http://localhost:3000/login hangs",
    "an address with a port and a mail": "http://localhost:8080?user=ana@example.com hangs",
    "a git remote": "git clone git@github.com:acme/deploy.git asks for a password",
    "a placeholder": "the docs say password: <your password>",
    "another placeholder": "api_key=your-api-key-here does not work",
    "a variable": "password=$DB_PASSWORD and token=${{ secrets.TOKEN }} are empty",
    "stars": "it shows password: ********",
    "nothing": "password: null is not accepted",
    "a sentence about a secret": "I cannot read the secret: permission denied",
    "a sentence about a password": "the form only says password: incorrect",
    "a word with a hyphen": "sk-learn-compatible-estimators cannot be installed",
    "a hash of an image": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "a class": "NoClassDefFoundError: com/acme/auth/BearerTokenAuthenticationFilter",
    "a prefix alone": "tokens begin with xoxb- or ghp_ or sk- or AKIA",
    "a version": "npm 10.2.4, pypi-server 2.0, node v20",
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_goes_and_what_stands_around_it_stays(kind: str) -> None:
    secret, around = SECRETS[kind]
    masked, count = secrets.mask(around.format(secret))
    assert secret not in masked
    assert count == 1
    before, _, after = around.format("\0").partition("\0")
    # A kind may take the name of the setting along, but no word of the person's.
    assert masked == f"{before}{secrets.MASK}{after}"


@pytest.mark.parametrize("kind", NO_SECRETS)
def test_what_is_no_secret_stays_to_the_letter(kind: str) -> None:
    assert secrets.mask(NO_SECRETS[kind]) == (NO_SECRETS[kind], 0)


def test_every_secret_of_a_text_goes_and_is_counted() -> None:
    text = "\n".join(around.format(secret) for secret, around in list(SECRETS.values())[:3])
    masked, count = secrets.mask(text)
    assert (count, masked.count(secrets.MASK)) == (3, 3)


@given(before=st.text(max_size=40), after=st.text(max_size=40), kind=st.sampled_from(["a bot token", "a GitHub token"]))
def test_a_secret_goes_from_the_middle_of_any_text(before: str, after: str, kind: str) -> None:
    secret, _ = SECRETS[kind]
    masked, count = secrets.mask(f"{before} {secret} {after}")
    assert secret not in masked and count >= 1


@given(text=st.text(max_size=200))
def test_masking_again_changes_nothing(text: str) -> None:
    masked, _ = secrets.mask(text)
    assert secrets.mask(masked) == (masked, 0)


@pytest.mark.parametrize("kind", SECRETS)
def test_what_was_masked_is_not_masked_again(kind: str) -> None:
    secret, around = SECRETS[kind]
    masked, _ = secrets.mask(around.format(secret))
    assert secrets.mask(masked) == (masked, 0)


NEEDLES = sorted({needle for kind in (*secret_kinds.TOKENS, *secret_kinds.SETTINGS) for needle in kind.needles})
PIECES = (
    "a.",
    "a-",
    "eyJ-",
    "x://y:",
    "://",
    "-----BEGIN ",
    "-----BEGIN PRIVATE KEY-----",
    "bearer ",
    "cookie: a=b; ",
    "1",
    'key="',
)


def test_the_longest_text_is_masked_in_time_that_grows_with_its_length() -> None:
    # A report is masked while everybody else's gestures wait. What grows with the square takes minutes here.
    begun = time.perf_counter()
    for piece in (*NEEDLES, *PIECES):
        for between in ("", " ", "a1", "="):
            secrets.mask(((piece + between) * 5_000)[:10_000])
    assert time.perf_counter() - begun < 30


# A corpus: tests/pasted

TRUE, FALSE = pasted.true(), pasted.false()


def test_of_many_secrets_of_many_kinds_hardly_one_stays() -> None:
    assert len(TRUE) >= 300 and len({case.kind for case in TRUE}) >= 25
    missed = [(case.kind, case.text) for case in TRUE if case.secret in secrets.mask(case.text)[0]]
    assert len(missed) <= 0.02 * len(TRUE), missed


def test_what_stands_around_them_stays() -> None:
    torn = [case.text for case in TRUE if secrets.mask(case.text)[0] != case.text.replace(case.secret, secrets.MASK)]
    assert len(torn) <= 0.02 * len(TRUE), torn


def test_of_much_that_only_looks_like_a_secret_hardly_anything_goes() -> None:
    assert len({case.text for case in FALSE}) >= 1000
    masked = [(case.kind, case.text) for case in FALSE if secrets.mask(case.text)[1]]
    assert len(masked) <= 0.005 * len(FALSE), masked


def test_what_developers_write_every_day_is_left_alone() -> None:
    reports = [text for text, _ in train.corpus()]
    masked = [text for text in reports if secrets.mask(text)[1]]
    assert len(reports) > 9000 and len(masked) <= 2, masked
