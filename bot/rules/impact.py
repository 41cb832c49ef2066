"""Impact: how much a cluster hurts how many developers. Counted in hundredths, so that every sum is exact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.votes import Signal

#: How bad it is when nobody said: 0 nice to know, 1 slowed down a little, 2 slowed down a lot, 3 blocked.
UNSAID = 1

#: Fewer people are not broken down: it would tell who one of them is, or what one of them said.
FEW = 3

#: After this many days a signal counts half.
HALF_LIFE = 28


def _freshness() -> tuple[int, ...]:
    worth = [int(100 * 0.5 ** (days / HALF_LIFE) + 0.5) for days in range(10 * HALF_LIFE)]
    return tuple(worth[: worth.index(0)])


#: What a signal is worth by its age in whole days (UTC), in hundredths; nothing after seven months.
FRESHNESS = _freshness()


@dataclass(frozen=True, slots=True)
class Developer:
    """One person in one cluster: their first and their latest signal, and the latest severity that they said.

    `reports`: how many of the signals are reports. Somebody `unnamed` is a person of their own for each report.
    """

    person: str
    unnamed: bool
    first_at: dt.datetime
    last_at: dt.datetime
    severity: int | None
    reports: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a cluster stands at one moment, over the people in it.

    `developers`: distinct people who reported or voted; `leads`: how many of them are team leads, a second number that
    is in no other, and none of fewer than FEW people; `new`: how many came in the period asked for; `impact`: the sum
    over people of severity x freshness, in hundredths; `lead_impact`: the part of it that is the leads'; `severities`:
    the sum over people of severity and one, which time does not change.
    """

    cluster_id: int
    developers: int
    leads: int
    new: int
    reports: int
    impact: int
    lead_impact: int
    severities: int
    first_seen: dt.datetime
    last_seen: dt.datetime


def day(moment: dt.datetime) -> int:
    """The number of the day of a moment, in UTC."""
    return moment.astimezone(dt.UTC).toordinal()


def worth(severity: int | None, days: int) -> int:
    """What one person adds whose latest signal is so many days old; one that is still to come counts as of today."""
    fresh = FRESHNESS[max(days, 0)] if days < len(FRESHNESS) else 0
    return (UNSAID if severity is None else severity) * fresh


def developers(signals: Iterable[Signal]) -> dict[int, list[Developer]]:
    """The people of each cluster, each once, by all that they reported and voted.

    The database derives the same from the same (storage.triggers); this is for signals of another time, and the
    definition that it is held to.
    """
    people: dict[tuple[int, str], list[Signal]] = {}
    for signal in sorted(set(signals), key=lambda each: (each.at, -1 if each.severity is None else each.severity)):
        people.setdefault((signal.cluster_id, signal.person or f"unnamed {signal.report_id}"), []).append(signal)
    clusters: dict[int, list[Developer]] = {}
    for (cluster_id, person), said in people.items():
        clusters.setdefault(cluster_id, []).append(
            Developer(
                person=person,
                unnamed=said[0].person is None,
                first_at=said[0].at,
                last_at=said[-1].at,
                # What was said earlier still holds when the latest says nothing.
                severity=next((signal.severity for signal in reversed(said) if signal.severity is not None), None),
                reports=sum(signal.report_id is not None for signal in said),
            )
        )
    return clusters


def standing(
    cluster_id: int, people: Sequence[Developer], *, leads: Collection[str], now: dt.datetime, since: dt.datetime
) -> Standing:
    """How a cluster of these people stands at `now`; they are new when they came after `since`."""
    today = day(now)
    few = len(people) < FEW
    parts = {each.person: worth(each.severity, today - day(each.last_at)) for each in people}
    return Standing(
        cluster_id=cluster_id,
        developers=len(people),
        leads=0 if few else sum(each.person in leads for each in people),
        new=sum(is_new(each, since) for each in people),
        reports=sum(each.reports for each in people),
        impact=sum(parts.values()),
        lead_impact=sum(part for person, part in parts.items() if person in leads),
        severities=sum((UNSAID if each.severity is None else each.severity) + 1 for each in people),
        first_seen=min(each.first_at for each in people),
        last_seen=max(each.last_at for each in people),
    )


def standings(
    signals: Iterable[Signal], *, leads: Collection[str], now: dt.datetime, since: dt.datetime
) -> dict[int, Standing]:
    """How each cluster with a signal stands at `now`."""
    return {
        cluster_id: standing(cluster_id, people, leads=leads, now=now, since=since)
        for cluster_id, people in developers(signals).items()
    }


def is_new(developer: Developer, since: dt.datetime) -> bool:
    """Whether somebody came after `since`."""
    # Whoever was not named has only a day, and its beginning stands for it: a period that begins at nine holds it too.
    begins = since.replace(hour=0, minute=0, second=0, microsecond=0)
    return developer.first_at > since or (developer.unnamed and developer.first_at >= begins)


def rank(standings: Iterable[Standing]) -> list[Standing]:
    """The worst first; equal impacts by developers, then the one known longer. No two are equal."""
    return sorted(standings, key=order)


def order(standing: Standing) -> tuple[int, int, int]:
    """What ranks one cluster before another: the smaller comes first."""
    return -standing.impact, -standing.developers, standing.cluster_id
