"""Which clusters ask for attention: what is closed or rests does not, until it is back or wakes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.rules import impact, status


class Aside(Protocol):
    """What people decided about a cluster that bears on whether it asks for attention."""

    @property
    def status(self) -> str:
        """One of rules.status.ALL."""

    @property
    def status_at(self) -> dt.datetime | None:
        """Since when; None while nobody gave it one."""

    @property
    def snoozed_at(self) -> dt.datetime | None:
        """When it was let rest; None when it was not."""

    @property
    def snoozed_until(self) -> dt.datetime | None:
        """Until when."""

    @property
    def snoozed_below(self) -> int:
        """Or while it has fewer developers than this."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """Every cluster of some areas at one moment, the worst first.

    `open`: those that rank, which are in every list; `awake`: those of them that belong into a digest; `back`: those of
    them that had been shipped; `woken`: those whose rest ended in the period asked for, with why: woke or doubled.
    """

    every: list[impact.Standing]
    open: list[impact.Standing]
    awake: list[impact.Standing]
    back: frozenset[int]
    woken: Mapping[int, str]


def sort(
    standings: Iterable[impact.Standing],
    aside: Mapping[int, Aside],
    *,
    returned: Collection[int] = (),
    since: dt.datetime,
    now: dt.datetime,
) -> Sorted:
    """Rank clusters, and leave out what does not ask for attention now.

    `aside`: those that are closed or were ever to rest; `returned`: those that enough people have again
    (rules.resurfacing). They leave the ranking when they are shipped or declined; what was shipped is in it again when
    it returned, and what was declined when it gets another status: new voices do not overrule a no. A cluster that
    rests keeps its rank, but is in no digest.

    What was decided after `now` counts for nothing: a digest of Monday that is drawn anew on Tuesday keeps its lines.
    """
    every = impact.rank(standings)
    known = {each.cluster_id: aside.get(each.cluster_id) for each in every}
    open_ = [each for each in every if not is_closed(known[each.cluster_id], each, now, returned)]
    awake = [each for each in open_ if not rests(known[each.cluster_id], each, now)]
    return Sorted(
        every=every,
        open=open_,
        awake=awake,
        back=frozenset(each.cluster_id for each in awake if is_back(known[each.cluster_id], each, now, returned)),
        woken={each.cluster_id: why for each in awake if (why := woke(known[each.cluster_id], each, since, now))},
    )


def is_closed(aside: Aside | None, standing: impact.Standing, now: dt.datetime, returned: Collection[int]) -> bool:
    """Whether nobody works on it any more, as far as anybody knows."""
    return _was_closed(aside, now) and not is_back(aside, standing, now, returned)


def is_back(aside: Aside | None, standing: impact.Standing, now: dt.datetime, returned: Collection[int]) -> bool:
    """Whether it was shipped, and enough people said afterwards that it hits them."""
    if aside is None or not _was_closed(aside, now):
        return False
    return aside.status == "shipped" and standing.cluster_id in returned


def rests(aside: Aside | None, standing: impact.Standing, now: dt.datetime) -> bool:
    """Whether whoever looks after it wants to hear nothing of it yet."""
    if aside is None or aside.snoozed_at is None or aside.snoozed_at > now:
        return False
    if aside.snoozed_until is not None:
        return now < aside.snoozed_until
    return standing.developers < aside.snoozed_below


def woke(aside: Aside | None, standing: impact.Standing, since: dt.datetime, now: dt.datetime) -> str:
    """Why its rest ended after `since`, which is when `standing` counts people as new from; empty when it did not."""
    if aside is None or aside.snoozed_at is None or aside.snoozed_at > now or rests(aside, standing, now):
        return ""
    if aside.snoozed_until is not None:
        return "woke" if since < aside.snoozed_until <= now else ""
    return "doubled" if standing.developers - standing.new < aside.snoozed_below else ""


def _was_closed(aside: Aside | None, now: dt.datetime) -> bool:
    if aside is None or aside.status not in status.CLOSED:
        return False
    return aside.status_at is None or aside.status_at <= now
