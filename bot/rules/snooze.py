"""How long a cluster may rest. What was decided is kept as words, `until:2026-12-08` or `developers:16`."""

from __future__ import annotations

import datetime as dt

#: Weeks that somebody may choose.
WEEKS = (2, 4)

#: Not any more.
AWAKE = ""


def until(weeks: int, now: dt.datetime) -> str:
    """From the beginning of that day (UTC) on it is awake: whoever decides this after today's digest has it back in
    the digest of that day, wherever they live."""
    return f"until:{(now.astimezone(dt.UTC) + dt.timedelta(weeks=weeks)).date().isoformat()}"


def doubled(developers: int) -> str:
    """Until twice as many developers have it as have it now, which is at least one."""
    return f"developers:{2 * max(developers, 1)}"


def read(value: str) -> tuple[dt.datetime | None, int]:
    """Until when, and until how many developers have it; None and 0 for the other. Raises ValueError for no such words.

    >>> read("developers:16")
    (None, 16)
    """
    kind, _, what = value.partition(":")
    match kind:
        case "":
            return None, 0
        case "until":
            return dt.datetime.combine(dt.date.fromisoformat(what), dt.time(), dt.UTC), 0
        case "developers" if what.isascii() and what.isdigit():
            return None, int(what)
    raise ValueError(f"no such rest: {value!r}")
