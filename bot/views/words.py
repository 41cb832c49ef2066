"""A person's words, cut to the room there is. All of them are kept; only what is shown is cut."""

from __future__ import annotations

import re
import unicodedata

#: Where a first sentence ends, if what is before it says enough to stand alone.
_SENTENCE = re.compile(r"^(.{24,}?[^\s.!?;])(?:[.!?;]+\s|\s[—–]\s)")


def cut(text: str, limit: int) -> str:
    """At most `limit` characters on one line, cut between words where there is one, never inside a grapheme."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    end = limit - 1
    space = line.rfind(" ", end * 2 // 3, end + 1)
    end = space if space > 0 else end
    while end > 0 and _joined(line, end):
        end -= 1
    return line[:end].rstrip() + "…"


def title(text: str, limit: int) -> str:
    """The first sentence if there is one, and at most `limit` characters of it."""
    line = " ".join(text.split())
    first = _SENTENCE.match(line)
    return cut(first.group(1) if first and first.group(1).count("`") % 2 == 0 else line, limit)


def _joined(text: str, at: int) -> bool:
    """Whether a cut before `at` would part a letter from its marks or an emoji from its other half."""
    after, before = text[at], text[at - 1]
    return (
        unicodedata.combining(after) != 0
        or unicodedata.category(after) in ("Mn", "Me", "Mc", "Sk")
        or "\u200d" in (after, before)
        or "\ufe00" <= after <= "\ufe0f"
        or ("\U0001f1e6" <= after <= "\U0001f1ff" and "\U0001f1e6" <= before <= "\U0001f1ff")
    )
