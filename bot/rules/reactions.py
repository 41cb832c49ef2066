"""What a reaction means to us."""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Iterable, Mapping

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


def repairs(
    known: Mapping[tuple[str, str], bool], seen: Mapping[str, Collection[str]], partly: Collection[str]
) -> list[tuple[str, str, bool]]:
    """What a message's reactions, as Slack shows them now, say otherwise than we know: person, emoji, given.

    `known`: by person and emoji, whether it is given; `seen`: the people of each emoji; `partly`: emoji of which not
    everybody is listed, so that nobody who is missing there has taken it off. One skin tone is as good as another.
    """
    shown = {(person, base(emoji)) for emoji, people in seen.items() for person in people}
    given = {(person, base(emoji)) for (person, emoji), standing in known.items() if standing}
    unsure = {base(emoji) for emoji in partly}
    missed = [
        (person, emoji, True)
        for emoji, people in sorted(seen.items())
        for person in sorted(people)
        if (person, base(emoji)) not in given
    ]
    gone = [
        (person, emoji, False)
        for (person, emoji), standing in sorted(known.items())
        if standing and (person, base(emoji)) not in shown and base(emoji) not in unsure
    ]
    return missed + gone
