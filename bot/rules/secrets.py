"""Secrets that people paste along with a stack trace. They are masked before anything is stored, shown or learned."""

from __future__ import annotations

import re

#: What each kind looks like. The group `secret` is what goes; without one, the whole match does.
_KINDS = (
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    r"\bxox[a-z]-[A-Za-z0-9%-]{10,}",
    r"\bxapp-[A-Za-z0-9-]{10,}",
    r"\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{20,}",
    r"\bgithub_pat_[A-Za-z0-9_]{20,}",
    r"\bglpat-[A-Za-z0-9_-]{20,}",
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    r"(?<![\w-])sk-(?=[A-Za-z0-9_-]*\d)[A-Za-z0-9_-]{20,}",
    r"\bnpm_[A-Za-z0-9]{30,}",
    r"\bpypi-[A-Za-z0-9_-]{30,}",
    r"\bAIza[A-Za-z0-9_-]{35}",
    r"(?<![\w-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
    r"https://hooks\.slack\.com/(?:services|workflows)/(?P<secret>[A-Za-z0-9/_-]+)",
    r"://[^\s/:@?#]*:(?P<secret>[^\s/@?#]+)@",
    r"\b(?:authorization|proxy-authorization)\s*:\s*(?:bearer|basic|token)\s+(?P<secret>[^\s'\"]{8,})",
    r"\bbearer\s+(?P<secret>[A-Za-z0-9._~+/-]{20,}=*)",
    r"(?<![\w-])[a-z0-9_-]{0,60}token['\"]?\s*[=:]\s*['\"]?(?P<secret>(?=[^\s'\",;]*\d)(?!<|\$|\{)[^\s'\",;]{12,})",
    r"(?<=\s)-u\s+[^\s:]+:(?P<secret>\S{4,})",
    r"--(?:password|token)[=\s]\s*(?P<secret>(?!<|\$|\{)[^\s'\"]{6,})",
    # After a colon without quotes there may be prose: "password: incorrect". A secret has a digit in it.
    r"\b[a-z0-9_]*(?:password|passwd|secret|(?:api|access|secret)_?key|(?:access|auth)_?token)['\"]?"
    r"\s*(?:=\s*['\"]?|:\s*['\"]|:\s*(?=[^\s'\",;]*\d))"
    r"(?P<secret>(?!<|\$|\{|\*|xxx|changeme|example|your|none\b|null\b|true\b|false\b)[^\s'\",;]{8,})",
)
_PATTERNS = tuple(re.compile(kind, re.IGNORECASE | re.DOTALL if "BEGIN" in kind else re.IGNORECASE) for kind in _KINDS)

MASK = "‹secret removed›"


def mask(text: str) -> tuple[str, int]:
    """`text` without its secrets, and how many there were."""
    count = 0
    for pattern in _PATTERNS:
        text, found = pattern.subn(_masked, text)
        count += found
    return text, count


def _masked(match: re.Match[str]) -> str:
    if "secret" not in match.re.groupindex:
        return MASK
    start, end = match.span("secret")
    whole = match.group(0)
    return whole[: start - match.start()] + MASK + whole[end - match.start() :]
