"""A cluster that rests, in words."""

from __future__ import annotations

import datetime as dt

from bot.views import blocks, subscription


def rest(until: dt.datetime | None, below: int) -> str:
    """`until 8 December`, `until 16 developers have it`."""
    if until is not None:
        return f"until {subscription.date(until.date())}"
    return f"until {blocks.count(below, 'developer')} have it"


def resting(until: dt.datetime | None, below: int) -> str:
    """The same on a line that has little room: `resting until 8 Dec`."""
    if until is not None:
        return f"resting until {subscription.short_day(until)}"
    return f"resting {rest(until, below)}"
