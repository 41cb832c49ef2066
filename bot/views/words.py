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


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    end = limit - 1
    space = max(text.rfind(" ", end * 2 // 3, end + 1), text.rfind("\n", end * 2 // 3, end + 1))
    if space > 0:
        return text[:space].rstrip() + "…"
    # Python counts code points; a flag, a family or a letter with its marks is several of them.
    whole = 0
    for grapheme in regex.finditer(r"\X", text):
        if grapheme.end() > end:
            break
        whole = grapheme.end()
    return text[:whole].rstrip() + "…"
