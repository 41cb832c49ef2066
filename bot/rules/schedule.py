"""When a digest is due: a wall-clock time in somebody's own zone, whatever its clocks do in between."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WRITTEN = {day[:3]: day for day in "monday tuesday wednesday thursday friday saturday sunday".split()}
CADENCES = ("day", "week", "two-weeks")
_PERIOD = {"day": dt.timedelta(days=1), "week": dt.timedelta(weeks=1), "two-weeks": dt.timedelta(weeks=2)}
#: When few people are at work in most places (hour, UTC).
NIGHT = 2
_AT = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


def zone(name: str) -> ZoneInfo:
    """The zone of that name. Raises ValueError with a sentence for people."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(
            f"{name!r} is not a time zone I know. Try one like Europe/Berlin or America/Sao_Paulo."
        ) from error


def at(text: str) -> str:
    """`9:00` → `09:00`. Raises ValueError with a sentence for people."""
    found = _AT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a time of day. Write it like 09:00.")
    return f"{int(found.group(1)):02d}:{found.group(2)}"


def weekday(text: str) -> str:
    """`Monday` → `mon`. Raises ValueError with a sentence for people."""
    typed = text.strip().lower()
    key = typed[:3]
    if not _WRITTEN.get(key, "").startswith(typed) or key not in WEEKDAYS:
        raise ValueError(f"{text!r} is not a weekday. Use one of {', '.join(WEEKDAYS)}.")
    return key


def cadence(text: str) -> str:
    """`week` → `week`. Raises ValueError with a sentence for people."""
    if text not in CADENCES:
        raise ValueError(f"{text!r} is not a cadence. Use one of {', '.join(CADENCES)}.")
    return text


def period(every: str) -> dt.timedelta:
    """How long one period of this cadence is."""
    return _PERIOD[every]


def night(now: dt.datetime) -> dt.datetime:
    """When the night began that `now` is in, or that was last: at NIGHT o'clock in UTC."""
    began = now.astimezone(dt.UTC).replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    return began if began <= now else began - dt.timedelta(days=1)


def next_due(
    after: dt.datetime, *, every: str, weekday: str, at: str, tz: str, last: dt.datetime | None = None
) -> dt.datetime:
    """The first moment after `after` at which the clock on the wall shows `at`, in UTC.

    A time that the clocks skip is taken when they have moved on (02:30 becomes 03:30); one that they show twice is
    taken the first time. `last`: the previous due moment; with every two weeks it says which weeks are meant.
    """
    place = zone(tz)
    hour, minute = (int(part) for part in at.split(":"))
    today = after.astimezone(place).date()
    start = last.astimezone(place).date() if last is not None and every == "two-weeks" else None
    for days in range(0, 16):
        day = today + dt.timedelta(days=days)
        if every != "day" and WEEKDAYS[day.weekday()] != weekday:
            continue
        if start is not None and (day - start).days % 14 >= 7:
            continue
        due = dt.datetime.combine(day, dt.time(hour, minute), tzinfo=place).astimezone(dt.UTC)
        if due > after:
            return due
    raise AssertionError("every cadence comes round within sixteen days")
