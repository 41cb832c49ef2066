"""What goes into a digest, whether it is worth sending, and why."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from bot.rules import impact, receipt

#: Clusters in one message. The rest is counted, and stands in the App Home.
TOP = 5

#: So many new developers on one cluster are news by themselves.
NEWS = 3

#: After so many quiet periods in a row, one line says that we are still here.
ALIVE = 4


@dataclass(frozen=True, slots=True)
class Seen:
    """One cluster as a digest showed it: its rank, and what its receipt needs to tell what has moved since."""

    rank: int
    cells: receipt.Cells


@dataclass(frozen=True, slots=True)
class Shown:
    """How things stood when a digest was sent. `evidence` stands for everything that the ranks followed from."""

    clusters: Mapping[int, Seen] = field(default_factory=dict)
    statuses: Mapping[int, str] = field(default_factory=dict)
    pending: frozenset[str] = frozenset()
    evidence: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that happened for a reader since their last digest.

    `kind`: first (there was none), entered or rose (to the rank `number`), developers (`number` new ones), status (it
    is `status` now), verdict (on what was shipped, `status` is its word), back, woke or doubled (which ended its rest),
    or suggestions (`number` of them, and no cluster).
    """

    kind: str
    cluster_id: int = 0
    number: int = 0
    status: str = ""


def reasons(
    ranked: Sequence[impact.Standing],
    last: Shown | None,
    *,
    statuses: Mapping[int, str],
    by_reader: Collection[int] = (),
    back: Collection[int] = (),
    woken: Mapping[int, str] | None = None,
    said: int | None = None,
    pending: Collection[str] = (),
    verdicts: Mapping[int, str] = MappingProxyType({}),
    length: int = TOP,
) -> tuple[Reason, ...]:
    """What is material to a reader, the weightiest first; each cluster once. Empty: nothing, so nothing is sent.

    `last`: what the last digest that they received showed; `statuses`: of the clusters that are not new, or were not;
    `by_reader`: the clusters whose status they set themselves; `back`: those that were silent for long, or fixed, and
    are spoken of again; `woken`: those whose rest is over, and why; `said`: the evidence, when more was looked at than
    what is `ranked`; `pending`: the suggestions that wait for an answer; `verdicts`: those that are new, or
    another than before; `length`: how many clusters the reader sees.
    """
    asked = Reason("suggestions", number=len(pending)) if set(pending) - (last.pending if last else set()) else None
    if last is None:
        return tuple(filter(None, (Reason("first") if ranked else None, asked)))
    found = [
        Reason("status", cluster_id, status=status)
        for cluster_id, status in sorted(statuses.items())
        if status != last.statuses.get(cluster_id, "new") and cluster_id not in by_reader
    ]
    found += [Reason(why, cluster_id) for cluster_id, why in sorted((woken or {}).items())]
    found += [Reason("verdict", cluster_id, status=word) for cluster_id, word in sorted(verdicts.items())]
    # Ranks follow from what was said, and from age. While nothing is said, whatever age does is no news.
    if (evidence(ranked) if said is None else said) != last.evidence:
        found += _in_the_top(ranked[:length], last, length)
        found += [Reason("developers", each.cluster_id, each.new) for each in ranked if each.new >= NEWS]
        found += [Reason("back", cluster_id) for cluster_id in sorted(back)]
    once = {each.cluster_id: each for each in sorted(found, key=_weight, reverse=True)}
    return tuple(filter(None, [*sorted(once.values(), key=_weight), asked]))


_KINDS = ("back", "woke", "doubled", "status", "verdict", "entered", "developers", "rose")


def _weight(reason: Reason) -> tuple[int, int]:
    return _KINDS.index(reason.kind), reason.cluster_id


def _in_the_top(top: Sequence[impact.Standing], last: Shown, length: int) -> list[Reason]:
    """Who is new in it, and who rose. Whoever fell did so because of one of these."""
    found = []
    for rank, standing in enumerate(top, 1):
        seen = last.clusters.get(standing.cluster_id)
        # What was shown is kept of as many as there may be, however few this reader sees.
        if seen is None or seen.rank > length:
            found.append(Reason("entered", standing.cluster_id, rank))
        elif rank < seen.rank:
            found.append(Reason("rose", standing.cluster_id, rank))
    return found


def evidence(ranked: Sequence[impact.Standing]) -> int:
    """A number that stands for what was said, by whatever time it is: another one means that something was."""
    said = sorted(
        (each.cluster_id, each.developers, each.reports, each.severities, each.last_seen.isoformat()) for each in ranked
    )
    return zlib.crc32(repr(said).encode())


def areas(chosen: str) -> tuple[str, ...] | None:
    """`docs,errors` → its areas; `all` → None."""
    keys = tuple(dict.fromkeys(key.strip().lower() for key in chosen.split(",") if key.strip()))
    return None if not keys or "all" in keys else keys


def written(shown: Shown) -> dict[str, Any]:
    """What is kept of it, as JSON."""
    return {
        "clusters": [
            [cluster_id, seen.rank, [[*cell, count] for cell, count in sorted(seen.cells.items(), key=str)]]
            for cluster_id, seen in shown.clusters.items()
        ],
        "statuses": [[cluster_id, status] for cluster_id, status in shown.statuses.items()],
        "pending": sorted(shown.pending),
        "evidence": shown.evidence,
    }


def read(kept: Mapping[str, Any]) -> Shown:
    """The same from JSON. A digest of before this was kept showed nothing that we know of."""
    return Shown(
        clusters={
            cluster_id: Seen(rank, {(severity, day): count for severity, day, count in cells})
            for cluster_id, rank, cells in kept.get("clusters", ())
        },
        statuses=dict(kept.get("statuses", ())),
        pending=frozenset(kept.get("pending", ())),
        evidence=kept.get("evidence", 0),
    )
