"""Secrets that people paste along with a stack trace. They are masked before anything is stored, shown or learned."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.rules.secret_kinds import SETTINGS, TOKENS, Kind

MASK = "‹secret removed›"

#: No token is shorter, and few words of people's are as long.
_LONG = re.compile(r"\S{15,}")


def mask(text: str) -> tuple[str, int]:
    """`text` without its secrets, and how many there were."""
    masked, tokens = _without(text, TOKENS, "\n".join(_LONG.findall(text)))
    masked, settings = _without(masked, SETTINGS, masked.lower())
    return masked, tokens + settings


def count(masked: str) -> int:
    """How many secrets were removed from a text that was masked before."""
    return masked.count(MASK)


def _without(text: str, kinds: Iterable[Kind], where: str) -> tuple[str, int]:
    """The same for some kinds. `where`: what their needles are looked for in; most texts hold nothing of most kinds,
    and looking for a few letters is a hundred times quicker than trying a pattern."""
    count = 0
    for kind in kinds:
        if any(needle in where for needle in kind.needles):
            text, found = kind.pattern.subn(_masked, text)
            count += found
    return text, count


def _masked(match: re.Match[str]) -> str:
    """What is left of a match: all but the group that holds the secret, or nothing."""
    group = match.lastgroup
    if group is None:
        return MASK
    start, end = match.span(group)
    whole = match.group(0)
    return whole[: start - match.start()] + MASK + whole[end - match.start() :]
