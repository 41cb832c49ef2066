"""What people said about clusters, and what follows from it for others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.facts import Pair
    from storage.models import Fact


class Lineage:
    """Which cluster every merged one is a part of, and what was split off from what."""

    def __init__(self, rows: Iterable[tuple[int, int | None, int | None, dt.datetime]]) -> None:
        """`rows`: (cluster, merged into, split from, since when there is it), for those that are one or the other."""
        self._into: dict[int, int] = {}
        self._children: dict[int, list[tuple[int, dt.datetime]]] = {}
        for cluster, into, parent, at in rows:
            if into is not None:
                self._into[cluster] = into
            if parent is not None:
                self._children.setdefault(parent, []).append((cluster, at))

    def whole(self, cluster: int) -> int:
        """What this cluster is a part of now, in the end; itself when it is not merged."""
        while cluster in self._into:
            cluster = self._into[cluster]
        return cluster

    def grown(self, cluster: int, since: dt.datetime) -> set[int]:
        """What has become of a cluster: what it is a part of now, and what has been split off from it after `since`."""
        found, new = {cluster}, [cluster]
        while new:
            children = [child for child, at in self._children.get(new.pop(), ()) if at > since and child not in found]
            found.update(children)
            new += children
        return {self.whole(each) for each in found}


def kept_apart(pairs: Iterable[Pair], lineage: Lineage) -> frozenset[frozenset[int]]:
    """The pairs of today's clusters that people told apart, however they have grown or moved since."""
    return frozenset(
        frozenset((one, other))
        for pair in pairs
        for one in lineage.grown(pair.one, pair.made_at)
        for other in lineage.grown(pair.other, pair.made_at)
        if one != other
    )


def standing(facts: Iterable[Fact], cluster: int) -> dict[str, list[Fact]]:
    """What is said of a cluster, by kind, the last of each list holding. `facts`: about it and its parts, oldest first.

    What was said of a cluster itself goes before what was said of those that were merged into it. Only its rest is
    its own: what may rest alone must not silence what it became a part of.
    """
    own: dict[str, list[Fact]] = {}
    parts: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind == "snooze" and fact.cluster_id != cluster:
            continue
        (own if fact.cluster_id == cluster else parts).setdefault(fact.kind, []).append(fact)
    # Of several parts, the latest word counts, and only that part's words with it.
    last = {kind: [each for each in said if each.cluster_id == said[-1].cluster_id] for kind, said in parts.items()}
    return last | own


def between(pairs: Iterable[Pair], ones: Collection[int], others: Collection[int]) -> list[int]:
    """The facts that say something about one of `ones` and one of `others`, latest first."""
    found = {
        pair.fact_id
        for pair in pairs
        if (pair.one in ones and pair.other in others) or (pair.one in others and pair.other in ones)
    }
    return sorted(found, reverse=True)


def may_triage(person: str, area: str, admins: Collection[str], subscribed: Iterable[tuple[str, str]]) -> bool:
    """Whether somebody may decide about clusters of an area: an admin, or who gets digests of it."""
    return person in admins or any(each == person and _covers(areas, area) for each, areas in subscribed)


def triagers(area: str, admins: Collection[str], subscribed: Iterable[tuple[str, str]]) -> list[str]:
    """Who may: who gets digests of that area first, then the admins."""
    those = [person for person, areas in subscribed if _covers(areas, area)]
    return list(dict.fromkeys([*those, *sorted(admins)]))


def _covers(areas: str, area: str) -> bool:
    return areas == "all" or area in areas.split(",")
