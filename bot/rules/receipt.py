"""Why a cluster stands where it stands: a receipt, every line of which can be added up by hand."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.rules import impact

if TYPE_CHECKING:
    from storage.votes import Signal

WEEK = dt.timedelta(weeks=1)

#: With fewer people than this, how bad each of them said it was would be plain to see.
FEW = 3

#: How many people said so (None: nothing) last on that day.
Cells = Mapping[tuple[int | None, int], int]


@dataclass(frozen=True, slots=True)
class Term:
    """The people who said the same of how bad it is (None: nothing). `freshness`: what they count together, aged."""

    severity: int | None
    people: int
    freshness: int

    @property
    def impact(self) -> int:
        """What they add, in hundredths."""
        return (impact.UNSAID if self.severity is None else self.severity) * self.freshness


@dataclass(frozen=True, slots=True)
class Moved:
    """One reason why the impact is another than it was.

    `why`: new, again (spoke again), changed (how bad it is), came (with reports from another cluster), gone (withdrawn,
    or with reports into another cluster) or age.
    """

    why: str
    people: int
    impact: int


@dataclass(frozen=True, slots=True)
class Change:
    """The smallest change that would alter a rank: so many `developers` more, who do not say how bad it is.

    `rises`: they would put the cluster above `other`; otherwise they would put `other` in its place.
    """

    other: int
    developers: int
    rises: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a cluster's impact comes about.

    `terms` add up to `impact`; there are none where they would say of one person what they said. `before`: the impact
    in the last digest; `moved` add up to the difference. `rank` is among `of` clusters, `rank_by_leads` what it would
    be if a lead counted three times; `this_week`: how many people spoke in the last seven days.
    """

    cluster_id: int
    impact: int
    developers: int
    this_week: int
    terms: tuple[Term, ...]
    rank: int
    of: int
    rank_by_leads: int
    change: Change | None
    before: int | None
    moved: tuple[Moved, ...]


def of(
    others: Iterable[impact.Standing],
    cluster_id: int,
    signals: Sequence[Signal],
    *,
    leads: Collection[str],
    now: dt.datetime,
    seen: Cells | None = None,
    until: dt.datetime | None = None,
) -> Receipt:
    """The receipt of one cluster, from its signals, among others. `seen`: what the last digest, of `until`, saw."""
    people = impact.developers(signals)[cluster_id]
    itself = impact.standing(cluster_id, people, leads=leads, now=now, since=now)
    ranked = impact.rank([itself, *(each for each in others if each.cluster_id != cluster_id)])
    position = ranked.index(itself)
    by_leads = impact.rank(replace(each, impact=each.impact + 2 * each.lead_impact) for each in ranked)
    few = len(people) < FEW
    moved = () if seen is None or until is None else _moved(people, signals, seen, until, now)
    if few and moved:
        moved = (Moved("all", 0, sum(each.impact for each in moved)),)
    return Receipt(
        cluster_id=cluster_id,
        impact=itself.impact,
        developers=len(people),
        this_week=sum(each.last_at > now - WEEK for each in people),
        terms=() if few else terms(people, now),
        rank=position + 1,
        of=len(ranked),
        rank_by_leads=[each.cluster_id for each in by_leads].index(cluster_id) + 1,
        change=change(ranked, position),
        before=None if seen is None or until is None else weigh(seen, impact.day(until)),
        moved=moved,
    )


def terms(people: Iterable[impact.Developer], now: dt.datetime) -> tuple[Term, ...]:
    """Everybody, by how bad they said it is: the worst first, whoever said nothing last."""
    fresh: dict[int | None, list[int]] = {}
    for each in people:
        fresh.setdefault(each.severity, []).append(impact.worth(1, impact.day(now) - impact.day(each.last_at)))
    said = sorted(fresh, key=lambda severity: -1 if severity is None else severity, reverse=True)
    return tuple(Term(severity, len(fresh[severity]), sum(fresh[severity])) for severity in said)


def cells(people: Iterable[impact.Developer], now: dt.datetime) -> Counter[tuple[int | None, int]]:
    """What there is to remember of people for the next receipt, without remembering who they are."""
    today = impact.day(now)
    counted = Counter((each.severity, min(impact.day(each.last_at), today)) for each in people)
    return Counter({cell: count for cell, count in counted.items() if today - cell[1] < len(impact.FRESHNESS)})


def weigh(cells: Cells, today: int) -> int:
    """The impact of what was seen, on a day."""
    return sum(count * impact.worth(severity, today - day) for (severity, day), count in cells.items())


def change(ranked: Sequence[impact.Standing], position: int) -> Change | None:
    """The smallest change that would alter the rank of the cluster at `position`. None: it is the only one."""
    here = ranked[position]
    changes = []
    if position > 0:
        above = ranked[position - 1]
        changes.append(Change(above.cluster_id, _needed(here, above), rises=True))
    if position + 1 < len(ranked):
        below = ranked[position + 1]
        changes.append(Change(below.cluster_id, _needed(below, here), rises=False))
    return min(changes, key=lambda each: each.developers, default=None)


def _needed(lower: impact.Standing, upper: impact.Standing) -> int:
    """How many more developers would rank `lower` before `upper`."""
    each = impact.worth(None, 0)
    needed = max(1, -((lower.impact - upper.impact) // each))
    return needed if impact.order(grown(lower, needed)) < impact.order(upper) else needed + 1


def grown(standing: impact.Standing, by: int) -> impact.Standing:
    """A cluster with so many developers more, today, who do not say how bad it is."""
    return replace(standing, developers=standing.developers + by, impact=standing.impact + by * impact.worth(None, 0))


def _moved(
    people: Sequence[impact.Developer], signals: Sequence[Signal], seen: Cells, until: dt.datetime, now: dt.datetime
) -> tuple[Moved, ...]:
    """What happened since `until`. Those who were there already and did not move only aged.

    Who was there is told by the signals of that time as they are now; where they are not what was `seen`, somebody has
    changed or withdrawn them, or they came with a merge, or went with a split.
    """
    today, then = impact.day(now), impact.day(until)
    earlier = [signal for signal in signals if signal.at <= until]
    before = {each.person: each for found in impact.developers(earlier).values() for each in found}
    new = [each for each in people if each.person not in before]
    again = [each for each in people if each.person in before and each.last_at > until]
    there = cells(before.values(), until)
    lost, gained = Counter(seen) - there, there - Counter(seen)
    was, became = _changed(lost, gained)
    lost, gained = lost - was, gained - became
    late = Counter({cell: count for cell, count in gained.items() if cell[1] >= then})  # unnamed: only a day is known
    gained -= late

    def weight(found: Iterable[impact.Developer], on: int) -> int:
        return sum(impact.worth(each.severity, on - impact.day(each.last_at)) for each in found)

    found = (
        Moved("new", len(new) + late.total(), weight(new, today) + weigh(late, then)),
        Moved("again", len(again), weight(again, today) - weight([before[each.person] for each in again], today)),
        Moved("changed", was.total(), weigh(became, then) - weigh(was, then)),
        Moved("came", gained.total(), weigh(gained, then)),
        Moved("gone", lost.total(), -weigh(lost, then)),
        Moved("age", 0, weight(before.values(), today) - weight(before.values(), then)),
    )
    return tuple(each for each in found if each.people or each.impact)


def _changed(lost: Cells, gained: Cells) -> tuple[Counter[tuple[int | None, int]], Counter[tuple[int | None, int]]]:
    """Those of `lost` and of `gained` who are the same people, saying another severity of the same day."""
    was: Counter[tuple[int | None, int]] = Counter()
    became: Counter[tuple[int | None, int]] = Counter()
    left = Counter(gained)
    for cell, count in sorted(lost.items(), key=str):
        for other in sorted((each for each in left if each[1] == cell[1]), key=str):
            same = min(count, left[other])
            was[cell] += same
            became[other] += same
            left[other] -= same
            count -= same
    return was, became
