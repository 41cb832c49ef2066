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
#: How many clusters a digest may hold.
LENGTHS = ("3", "5")
#: Nobody is paused for longer than this.
LONGEST_PAUSE = dt.timedelta(days=366)
#: Digests due at the same time: how many are sent at once, and how far apart the others are. Slack takes several
#: hundred messages a minute from one app, and short bursts; two replicas may do this side by side.
BURST, APART = 20, dt.timedelta(seconds=1) / 3


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


def length(text: str) -> int:
    """`5` → 5. Raises ValueError with a sentence for people."""
    if text not in LENGTHS:
        raise ValueError(f"{text!r} is not a length. A digest holds {' or '.join(LENGTHS)} problems.")
    return int(text)


def pause(text: str, *, now: dt.datetime, tz: str) -> dt.datetime:
    """`2026-12-08` → the moment at which that day begins in this zone. Raises ValueError with a sentence for people."""
    place = zone(tz)
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"{text!r} is not a day. Write it like 2026-12-08.") from error
    today = now.astimezone(place).date()
    if day <= today:
        raise ValueError("That day is not to come. Choose a later one, or none.")
    if day - today > LONGEST_PAUSE:
        raise ValueError("That is more than a year away. Choose an earlier day, or unsubscribe.")
    return _wall(day, "00:00", place)


def moment(text: str, *, at: str, tz: str, now: dt.datetime | None = None) -> dt.datetime:
    """`2026-11-09` → when the wall shows `at` on that day; `2026-11-09T14:00` → that moment. In UTC.

    Raises ValueError with a sentence for people, also for what is still to come at `now`, when that is given.
    """
    try:
        given = dt.datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"{text!r} is not a day. Write it like 2026-11-09, or 2026-11-09T14:00.") from error
    if len(text.strip()) <= len("2026-11-09"):
        meant = _wall(given.date(), at, zone(tz))
    else:
        meant = (given if given.tzinfo else given.replace(tzinfo=zone(tz))).astimezone(dt.UTC)
    if now is not None and meant > now:
        raise ValueError(f"{text} is still to come.")
    return meant


def weeks_on(now: dt.datetime, weeks: int, tz: str) -> dt.datetime:
    """The moment at which the wall shows the same weekday and time so many weeks later, in UTC."""
    there = now.astimezone(zone(tz))
    return (there + dt.timedelta(weeks=weeks)).astimezone(dt.UTC)


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
    taken the first time. `last`: another due moment, earlier or later; with every two weeks it says which weeks are
    meant.
    """
    place = zone(tz)
    today = after.astimezone(place).date()
    start = last.astimezone(place).date() if last is not None and every == "two-weeks" else None
    # From yesterday: 23:30 that is skipped comes after midnight, and still is that day's.
    for days in range(-1, 17):
        day = today + dt.timedelta(days=days)
        if every != "day" and WEEKDAYS[day.weekday()] != weekday:
            continue
        # To the nearest week, as another weekday may have been chosen, or the moment moved past midnight.
        if start is not None and round((day - start).days / 7) % 2 == 1:
            continue
        due = _wall(day, at, place)
        if due > after:
            return due
    raise AssertionError("every cadence comes round within seventeen days")


def moved(due: dt.datetime, *, at: str, old: str, new: str) -> dt.datetime:
    """A due moment after somebody went to another zone: the same day, when the walls there show `at`.

    The day stays, so that nobody gets two digests of one day, or none, by travelling; it may have come already.
    """
    return _wall(due.astimezone(zone(old)).date(), at, zone(new))


def turn(number: int) -> dt.timedelta:
    """How long the digest that is begun after `number` others waits for its turn."""
    return max(number - BURST + 1, 0) * APART


def _wall(day: dt.date, at: str, place: ZoneInfo) -> dt.datetime:
    """When the clocks of `place` show `at` on `day`, in UTC."""
    hour, minute = (int(part) for part in at.split(":"))
    return dt.datetime.combine(day, dt.time(hour, minute), tzinfo=place).astimezone(dt.UTC)
