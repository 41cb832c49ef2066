"""Who hears what became of it, and when: once, together with what else there is to tell, and at a decent hour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.rules import schedule

if TYPE_CHECKING:
    from storage.models import Fact

#: What people may not want to hear of, beside single clusters: three statuses, the question after one, and the return.
KINDS = ("planned", "shipped", "declined", "gone", "back")

#: What people answer after a fix.
GONE, STILL = "gone", "still"

#: How long a decision rests before anybody hears of it: it may be undone, and others may follow. Somebody who goes
#: through a list makes many; nobody waits longer for the last than LONGEST.
WINDOW, LONGEST = dt.timedelta(minutes=5), dt.timedelta(minutes=30)

#: The hours at which people are written to, on weekdays, by the clocks where they are.
OPENS, CLOSES = dt.time(9), dt.time(18)

#: Fewer answers are not broken down: it would show who gave which.
FEW = 3

#: What one message tells; the rest comes in the next.
TOGETHER = 7


def allowed(now: dt.datetime, tz: str) -> dt.datetime:
    """The first moment from `now` on at which somebody in that zone may be written to. A zone unknown to us is UTC."""
    try:
        place: dt.tzinfo = ZoneInfo(tz)
    except (KeyError, ValueError, OSError):
        place, tz = dt.UTC, "UTC"
    while not _decent(now.astimezone(place)):
        now = schedule.next_due(now, every="day", weekday="mon", at="09:00", tz=tz)
    return now.astimezone(dt.UTC)


def _decent(there: dt.datetime) -> bool:
    return there.weekday() < 5 and OPENS <= there.time() < CLOSES


def turn(dues: Sequence[dt.datetime], now: dt.datetime, tz: str) -> dt.datetime:
    """When one person is told of what waits for them: when nothing more comes, or the first has waited long enough."""
    near = [due for due in dues if due <= now + WINDOW]
    settled = min(max(near), min(near) + LONGEST) if near else min(dues)
    return allowed(max(settled, now), tz)


def run(stated: Sequence[Fact]) -> list[Fact]:
    """The facts by which a cluster is what it is: the last, and those before it that said the same.

    `stated`: all that stand, oldest first.
    """
    last: list[Fact] = []
    for fact in reversed(stated):
        if last and fact.value != last[-1].value:
            break
        last.append(fact)
    return last[::-1]


def fixes(last: Sequence[Fact], parts: Iterable[tuple[dt.datetime, Sequence[Fact]]]) -> frozenset[int]:
    """The facts by which a cluster is shipped, its `last` run; and those by which what became a part of it since was.

    `parts`: when each did, and all that stands of it alone. What was a part before was shipped with it, by its facts.
    """
    if not last or last[-1].value != "shipped":
        return frozenset()
    since = [run(stated) for at, stated in parts if at > last[0].made_at]
    shipped = [last, *(each for each in since if each and each[-1].value == "shipped")]
    return frozenset(fact.id or 0 for each in shipped for fact in each)


@dataclass(frozen=True, slots=True)
class Case:
    """One notice, and how things stand for its person when it is to be told.

    `kind`: as in the notice; `fact`: the decision it is about; `run`: the facts by which the cluster is what it is now;
    `fixes`: those by which it is shipped; `affected`: whether it is a problem of theirs, or of its return, theirs to
    see to; `silenced`: what they do not want to hear of; `heard`: the fact of the last status they were told of;
    `asked`: whether they were asked already, or have said so without.
    """

    kind: str
    fact: Fact
    run: Sequence[Fact]
    fixes: Collection[int]
    affected: bool
    silenced: Collection[str]
    heard: Fact | None
    asked: bool


def is_to_be_told(case: Case) -> bool:
    """Whether there is still reason to tell it, and it is wanted.

    What was undone or changed before it was told is not told, nor what somebody knows; their own doing is no news.
    """
    stands = case.fact.undone_at is None and bool(case.run) and case.run[-1].id == case.fact.id
    match case.kind:
        case "status":
            wanted, news = case.fact.value, stands and not _known(case)
        case "undone":
            # Whatever holds instead may have been told meanwhile.
            later = case.heard is not None and (case.heard.id or 0) > (case.fact.id or 0) and _known(case)
            wanted, news = case.fact.value, case.fact.undone_at is not None and not later
        case "gone":
            wanted, news = "gone", _shipped(case) and not case.asked
        case _:
            wanted, news = case.kind, _shipped(case)
    return news and case.affected and wanted not in case.silenced


def _shipped(case: Case) -> bool:
    """Whether the shipping it is about holds, be it said in other words since."""
    return case.fact.undone_at is None and case.fact.id in case.fixes


def _known(case: Case) -> bool:
    """The same said in better words is known."""
    return case.heard is not None and case.heard.id in {each.id for each in case.run}


def latest(cases: Iterable[tuple[int, int, str]]) -> set[int]:
    """Of what is told of one cluster at once, only the latest. `cases`: (notice, cluster, kind), oldest first."""
    last = {(cluster, "back" if kind == "back" else ""): notice for notice, cluster, kind in cases}
    return set(last.values())


def answered(asked: Collection[str], said: dict[str, str]) -> tuple[int, int, int | None]:
    """How many were asked whether it is gone, how many said, and how many of them that it is: None of FEW.

    `asked`: people; `said`: what each answered. Whoever answered was asked, however they came to it.
    """
    gone = sum(each == GONE for each in said.values()) if len(said) >= FEW else None
    return len({*asked, *said}), len(said), gone
