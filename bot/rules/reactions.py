"""What a reaction means to us."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable

_SKIN_TONE = re.compile(r"::skin-tone-[2-6]\Z")

#: Slack has two names for some emoji and may send either.
_ALIASES = {"thumbsup": "+1", "thumbs_up": "+1", "raised_hand": "hand"}


class Meaning(enum.Enum):
    """Why we care about a reaction."""

    CAPTURE = "capture"
    UPVOTE = "upvote"
    NOTHING = "nothing"


def base(emoji: str) -> str:
    """`+1::skin-tone-5` → `+1`, `:thumbsup:` → `+1`."""
    name = _SKIN_TONE.sub("", emoji.strip().strip(":").lower())
    return _ALIASES.get(name, name)


def listed(setting: str) -> tuple[str, ...]:
    """The emoji of a setting such as `+1, :arrow_up:`, each once and in its order."""
    return tuple(dict.fromkeys(base(name) for name in setting.split(",") if name.strip()))


def meaning(emoji: str, *, capture: Iterable[str], upvote: Iterable[str]) -> Meaning:
    """What `emoji` (with or without a skin tone) says here."""
    name = base(emoji)
    if name in capture:
        return Meaning.CAPTURE
    return Meaning.UPVOTE if name in upvote else Meaning.NOTHING
