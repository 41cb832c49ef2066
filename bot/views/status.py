"""A status in words: what it is called, and what people read when it changes."""

from __future__ import annotations

from bot.views import blocks
from bot.views.words import cut

#: A status as a state.
CALLED = {
    "new": "new",
    "acknowledged": "acknowledged",
    "planned": "planned",
    "in_progress": "in progress",
    "shipped": "shipped",
    "declined": "declined",
}

#: A status as news, after the handle of a cluster.
BECAME = {
    "new": "is open again",
    "acknowledged": "was acknowledged",
    "planned": "is planned",
    "in_progress": "is in progress",
    "shipped": "was shipped",
    "declined": "was declined",
}


def called(status: str) -> str:
    """`in_progress` → `in progress`."""
    return CALLED.get(status, status)


def became(handle: str, status: str) -> str:
    """`F-12 was shipped`."""
    return f"{handle} {BECAME.get(status, f'is {status}')}"


def again(handle: str, status: str) -> str:
    """What it is after something was taken back: `F-12 is planned again`, and never that it is new again."""
    return f"{handle} is {'open' if status == 'new' else called(status)} again"


def told(handle: str, status: str, reason: str, by: str) -> str:
    """What people read: `F-12 was shipped: the pages are generated from the CLI now. (Tina)`. Plain text throughout.

    `by`: the name of who set it, empty for nobody.
    """
    return because(became(handle, status), reason, by)


def because(what: str, reason: str, by: str) -> str:
    """`F-12 was declined: not ours. (Tina)`"""
    said = f": {_ended(reason)}" if reason else "."
    return what + said + (f" ({cut(by, 80)})" if by else "")


def heard(count: int) -> str:
    """Who will read it: `7 people who reported it or voted for it will read:`"""
    if not count:
        return "Nobody is sent a message. Where it is shown, people read:"
    return f"{blocks.count(count, 'person', 'people')} who reported it or voted for it will read:"


def _ended(reason: str) -> str:
    """A reason as the end of a sentence."""
    return reason if reason[-1] in ".!?…)”\"'" else f"{reason}."
