"""Impact: how much a cluster hurts how many developers."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.votes import Signal

#: How bad it is when nobody said: 0 nice to know, 1 slowed down a little, 2 slowed down a lot, 3 blocked.
UNSAID = 1

#: After this long a signal counts half.
HALF_LIFE = dt.timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a cluster stands at one moment.

    `developers`: distinct people who reported or voted; `leads`: how many of them are team leads, a second number that
    is in no other; `newcomers`: the people whose first signal falls into the period asked for; `impact`: the sum over
    people of severity x freshness.
    """

    cluster_id: int
    developers: int
    leads: int
    newcomers: frozenset[str]
    reports: int
    impact: float
    first_seen: dt.datetime
    last_seen: dt.datetime

    @property
    def new(self) -> int:
        """How many newcomers there are."""
        return len(self.newcomers)


def standings(
    signals: Iterable[Signal],
    *,
    leads: Collection[str],
    now: dt.datetime,
    since: dt.datetime,
) -> dict[int, Standing]:
    """How each cluster with a signal stands at `now`; people are new when they came after `since`.

    Each person counts once, by their latest signal; a severity said earlier still holds when the latest says none.
    Somebody unnamed counts once for each report.
    """
    clusters: dict[int, list[Signal]] = {}
    for signal in signals:
        clusters.setdefault(signal.cluster_id, []).append(signal)
    return {key: _standing(key, found, leads, now, since) for key, found in clusters.items()}


def _standing(
    cluster_id: int, signals: Sequence[Signal], leads: Collection[str], now: dt.datetime, since: dt.datetime
) -> Standing:
    people: dict[str, list[Signal]] = {}
    for signal in sorted(set(signals), key=lambda each: (each.at, -1 if each.severity is None else each.severity)):
        people.setdefault(signal.person or f"unnamed {signal.report_id}", []).append(signal)
    return Standing(
        cluster_id=cluster_id,
        developers=len(people),
        leads=sum(person in leads for person in people),
        newcomers=frozenset(person for person, said in people.items() if _is_new(said[0], since)),
        reports=len({signal.report_id for signal in signals} - {None}),
        impact=math.fsum(_weight(said, now) for said in people.values()),
        first_seen=min(signal.at for signal in signals),
        last_seen=max(signal.at for signal in signals),
    )


def _is_new(first: Signal, since: dt.datetime) -> bool:
    # Whoever was not named has only a day, and its beginning stands for it: a period that begins at nine holds it too.
    begins = since if first.person else since.replace(hour=0, minute=0, second=0, microsecond=0)
    return first.at > since or (first.person is None and first.at >= begins)


def _weight(said: Sequence[Signal], now: dt.datetime) -> float:
    """One person's part: their latest severity x 0.5 ** (age / half-life). A moment to come counts as now."""
    severity = next((signal.severity for signal in reversed(said) if signal.severity is not None), UNSAID)
    age = max(now - said[-1].at, dt.timedelta())
    return float(severity * 0.5 ** (age / HALF_LIFE))


def rank(standings: Mapping[int, Standing]) -> list[Standing]:
    """The worst first; equal impacts by developers, then the one known longer."""
    return sorted(
        standings.values(), key=lambda standing: (-standing.impact, -standing.developers, standing.cluster_id)
    )
