"""Why a cluster stands where it stands: a receipt, every line of which can be added up by hand."""

from __future__ import annotations

import bisect
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.rules import impact

#: How many people said so (None: nothing) last on that day.
Cells = Mapping[tuple[int | None, int], int]


@dataclass(frozen=True, slots=True)
class Crowd:
    """The people of a cluster, counted. `people`: everybody as they stand now; `this_week`: how many of them spoke in
    the last seven days.

    Beside an earlier moment: those of them who came after it are `new`, those who were there and spoke `again` are
    here as they stand now and, in `before`, as they stood then.
    """

    people: Cells
    this_week: int = 0
    new: Cells = field(default_factory=dict)
    again: Cells = field(default_factory=dict)
    before: Cells = field(default_factory=dict)


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
    be if a lead counted three times, None where it would tell who is one; `this_week`: how many people spoke in the
    last seven days.
    """

    cluster_id: int
    impact: int
    developers: int
    this_week: int
    terms: tuple[Term, ...]
    rank: int
    of: int
    rank_by_leads: int | None
    change: Change | None
    before: int | None
    moved: tuple[Moved, ...]


def of(
    ranked: Sequence[impact.Standing],
    known: impact.Standing,
    crowd: Crowd,
    *,
    now: dt.datetime,
    seen: Cells | None = None,
    until: dt.datetime | None = None,
) -> Receipt:
    """The receipt of one cluster, from its people, among the `ranked`, which it need not be one of.

    `known`: how it stands; whatever was said since it was asked, its impact and its place are those of its people.
    `seen`: what the last digest, of `until`, saw.
    """
    others = [each for each in ranked if each.cluster_id != known.cluster_id]
    people, today = sum(crowd.people.values()), impact.day(now)
    itself = replace(known, impact=weigh(crowd.people, today), developers=people)
    position = bisect.bisect(others, impact.order(itself), key=impact.order)
    ahead = sum(_by_leads(each) < _by_leads(itself) for each in others)
    few = people < impact.FEW
    moved = () if seen is None or until is None else _moved(crowd, seen, until, now)
    if few and moved:
        moved = (Moved("all", 0, sum(each.impact for each in moved)),)
    return Receipt(
        cluster_id=known.cluster_id,
        impact=itself.impact,
        developers=people,
        this_week=crowd.this_week,
        terms=() if few else terms(crowd.people, today),
        rank=position + 1,
        of=len(others) + 1,
        rank_by_leads=None if few else ahead + 1,
        change=change([*others[:position], itself, *others[position:]], position),
        before=None if seen is None or until is None else weigh(seen, impact.day(until)),
        moved=moved,
    )


def _by_leads(standing: impact.Standing) -> tuple[int, int, int]:
    """Its order if a lead counted three times."""
    return impact.order(replace(standing, impact=standing.impact + 2 * standing.lead_impact))


def terms(people: Cells, today: int) -> tuple[Term, ...]:
    """Everybody, by how bad they said it is: the worst first, whoever said nothing last."""
    counts: Counter[int | None] = Counter()
    fresh: Counter[int | None] = Counter()
    for (severity, day), count in people.items():
        counts[severity] += count
        fresh[severity] += count * impact.worth(1, today - day)
    said = sorted(counts, key=lambda severity: -1 if severity is None else severity, reverse=True)
    return tuple(Term(severity, counts[severity], fresh[severity]) for severity in said)


def cells(people: Iterable[impact.Developer], now: dt.datetime) -> Counter[tuple[int | None, int]]:
    """What there is to remember of people for the next receipt, without remembering who they are."""
    return _remembered(Counter((each.severity, impact.day(each.last_at)) for each in people), impact.day(now))


def _remembered(people: Cells, today: int) -> Counter[tuple[int | None, int]]:
    """Those who still count on a day."""
    kept: Counter[tuple[int | None, int]] = Counter()
    for (severity, day), count in people.items():
        if today - day < len(impact.FRESHNESS):
            kept[severity, min(day, today)] += count
    return kept


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


def _moved(crowd: Crowd, seen: Cells, until: dt.datetime, now: dt.datetime) -> tuple[Moved, ...]:
    """What happened since `until`. Those who were there already and did not move only aged.

    Who was there is told by the signals of that time as they are now; where they are not what was `seen`, somebody has
    changed or withdrawn them, or they came with a merge, or went with a split.
    """
    today, then = impact.day(now), impact.day(until)
    stayed = Counter(crowd.people) - Counter(crowd.new) - Counter(crowd.again)
    before = stayed + Counter(crowd.before)
    there = _remembered(before, then)
    lost, gained = Counter(seen) - there, there - Counter(seen)
    was, became = _changed(lost, gained)
    lost, gained = lost - was, gained - became
    late = Counter({cell: count for cell, count in gained.items() if cell[1] >= then})  # unnamed: only a day is known
    gained -= late
    found = (
        Moved("new", sum(crowd.new.values()) + late.total(), weigh(crowd.new, today) + weigh(late, then)),
        Moved("again", sum(crowd.again.values()), weigh(crowd.again, today) - weigh(crowd.before, today)),
        Moved("changed", was.total(), weigh(became, then) - weigh(was, then)),
        Moved("came", gained.total(), weigh(gained, then)),
        Moved("gone", lost.total(), -weigh(lost, then)),
        Moved("age", 0, weigh(before, today) - weigh(before, then)),
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
