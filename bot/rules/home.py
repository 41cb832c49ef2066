"""What of the ranked list somebody may choose to see in their App Home."""

from __future__ import annotations

import datetime as dt

from bot.rules import attention, impact, status

#: Everything, whatever it is that is chosen by.
ALL = "all"

#: The areas that one's own digest tells of.
YOURS = "yours"

#: What nobody works on is not open any more.
OPEN = "open"

#: Of clusters that nobody sees to.
NOBODY = "nobody"

#: By when they were first spoken of: so many days ago at most, or at least.
_AGES = {"week": (0, 7), "month": (0, 30), "older": (30, None), "old": (90, None)}

#: Open, but nobody wants to hear of it for a while.
RESTING = "resting"

STATUSES = (ALL, OPEN, RESTING, *status.ALL)
AGES = (ALL, *_AGES)


def areas(chosen: str, yours: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """The areas to look among (None: all), when this one was chosen, or none. `yours`: those of one's own digest."""
    match chosen:
        case "":
            return yours
        case "all":
            return None
    return (chosen,)


def sift(found: attention.Sorted, chosen: str) -> list[impact.Standing]:
    """The clusters to look among when this status was chosen: what was shipped long ago only where it was asked for."""
    awake = {each.cluster_id for each in found.awake}
    match chosen:
        case "":
            return found.open
        case "open":
            return found.awake
        case "resting":
            return [each for each in found.open if each.cluster_id not in awake]
    return found.every


def is_of_age(chosen: str, first_seen: dt.datetime, now: dt.datetime) -> bool:
    """Whether something that was first spoken of then is as old as was chosen."""
    least, most = _AGES.get(chosen, (0, None))
    age = max(now - first_seen, dt.timedelta())  # what is dated in the future is as new as can be
    return age >= dt.timedelta(days=least) and (most is None or age <= dt.timedelta(days=most))


def page(wanted: int, count: int, size: int) -> int:
    """The page to show, from 0; the last one when there are fewer by now."""
    return max(0, min(wanted, (count - 1) // size))
