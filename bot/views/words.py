"""A person's words, cut to the room there is. All of them are kept; only what is shown is cut."""

from __future__ import annotations

import re

import regex

#: Where a first sentence ends, if what is before it says enough to stand alone.
_SENTENCE = re.compile(r"^(.{24,}?[^\s.!?;])(?:[.!?;]+\s|\s[—–]\s)")

#: Lines of a quote; a stack trace is longer, and its first lines say most.
LINES = 8


def cut(text: str, limit: int) -> str:
    """At most `limit` characters on one line, cut between words where there is one, never inside a grapheme."""
    return _cut(" ".join(text.split()), limit)


def excerpt(text: str, limit: int) -> str:
    """The same over several lines, at most LINES of them, as they were typed."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = _cut("\n".join(lines[:LINES]), limit)
    return kept if len(lines) <= LINES or kept.endswith("…") else f"{_cut(kept, limit - 2)}\n…"


def title(text: str, limit: int) -> str:
    """The first sentence if there is one, and at most `limit` characters of it."""
    line = " ".join(text.split())
    first = _SENTENCE.match(line)
    return cut(first.group(1) if first and first.group(1).count("`") % 2 == 0 else line, limit)


def parts(text: str, limit: int) -> list[str]:
    """All of it, in parts of at most `limit` characters, none of which ends inside a grapheme that fits into one."""
    found, start = [], 0
    while len(text) - start > limit:
        end = _whole(text[start : start + limit + 1], limit) or limit
        found.append(text[start : start + end])
        start += end
    return [*found, text[start:]]


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    end = limit - 1
    space = max(text.rfind(" ", end * 2 // 3, end + 1), text.rfind("\n", end * 2 // 3, end + 1))
    if space > 0:
        return text[:space].rstrip() + "…"
    return text[: _whole(text, end)].rstrip() + "…"


def _whole(text: str, limit: int) -> int:
    """How much of it is whole graphemes within the limit.

    Python counts code points; a flag, a family or a letter with its marks is several of them.
    """
    whole = 0
    for grapheme in regex.finditer(r"\X", text):
        if grapheme.end() > limit:
            break
        whole = grapheme.end()
    return whole
