"""What looking at all reports together would change: attach, merge, split; decided at night, and never against a fact.

A graph of each report's nearest by sparse products, then average link over clusters as they stand. Only what is
returned as `attached` may be done unasked. When it has been, the same reports give the same suggestions and no more to
attach, because links depend on texts alone and every attachment has been followed to its end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np

from classifiers import grouping
from classifiers.facts import Facts

NEAREST = 10  # reports that each report is linked with
CLOSE = 0.25  # cosine of terms below which two reports are no neighbours
COMMON = 0.02  # share of the reports from which on a term makes no neighbours, in a collection of `LARGE`
LARGE = 5_000
LINKED = 0.3  # average link from which on two clusters are one when all are grouped anew
# When reporters have answered truthfully, nights ask nothing more of the tune part at 0.3. At 0.1 they ask three
# questions about 464 reports, all rightly, and at 0.04 eight, five rightly, for half a point of B-cubed F1 each; of
# the once part at 0.1 seven about 354, one rightly. So much is not worth asking.
MERGE = 0.3  # average link of two clusters from which on their merging is suggested
SPLIT = 0.02  # a member that is less than this probably the problem of each other member is suggested to leave
BATCH = 2_000  # reports whose neighbours are looked for at once

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A report, alone until now, that is near-certainly the problem of a cluster."""

    key: int
    cluster: int  # that it leaves, empty
    into: int


@dataclass(frozen=True, slots=True)
class Merge:
    """Two clusters that may be one problem."""

    cluster: int
    into: int  # the older one
    score: float  # average link; 1 when somebody has said so


@dataclass(frozen=True, slots=True)
class Split:
    """Reports of a cluster that may be another problem."""

    cluster: int
    keys: tuple[int, ...]  # that would leave


@dataclass(frozen=True, slots=True)
class Regrouping:
    """What to do, and what to ask, in an order that depends on nothing but the reports and the facts."""

    attached: tuple[Attachment, ...]
    merges: tuple[Merge, ...]
    splits: tuple[Split, ...]


def regroup(
    index: grouping.Index,
    same: Iterable[Pair] = (),
    different: Iterable[Pair] = (),
    touched: Collection[int] = (),
) -> Regrouping:
    """Regroup what the index holds, by facts about pairs of its keys and the clusters that a person has touched.

    Clusters are numbered as they came: of two, the younger one joins. A touched cluster is never emptied by an
    attachment, and is suggested to be split only where a fact says so.
    """
    facts = Facts(same, different)
    state = _State(dict(index.clusters()), _links(index), facts, frozenset(touched))
    attached = sorted(state.join(grouping.JOIN, alone=True), key=lambda each: each.key)
    return Regrouping(tuple(attached), tuple(state.merges()), tuple(_splits(index, facts, frozenset(touched))))


def average_link(
    index: grouping.Index, same: Iterable[Pair] = (), different: Iterable[Pair] = (), least: float = LINKED
) -> dict[int, int]:
    """The cluster of each report, named by its eldest, if all were grouped anew: what the suggestions amount to."""
    state = _State({key: key for key, _ in index.clusters()}, _links(index), Facts(same, different), frozenset())
    for _ in state.join(least, alone=False):
        pass
    return {key: cluster for cluster, keys in state.members.items() for key in keys}


class _State:
    """Clusters as they stand, and what links them, while reports are attached."""

    def __init__(
        self, cluster_of: dict[int, int], links: dict[Pair, int], facts: Facts, touched: frozenset[int]
    ) -> None:
        self._facts, self._touched = facts, touched
        self.members: dict[int, list[int]] = defaultdict(list)
        for key, cluster in cluster_of.items():
            self.members[cluster].append(key)
        self._sums: dict[int, dict[int, int]] = defaultdict(dict)  # cluster -> other -> summed links, in millionths
        for (first, second), link in links.items():
            here, there = cluster_of[first], cluster_of[second]
            if here != there:
                self._sums[here][there] = self._sums[here].get(there, 0) + link
                self._sums[there][here] = self._sums[here][there]
        told = [
            (cluster_of[one], cluster_of[other])
            for one, other in facts.same
            if one in cluster_of and other in cluster_of and cluster_of[one] != cluster_of[other]
        ]
        self._told = {(min(pair), max(pair)) for pair in told}

    def join(self, least: float, alone: bool) -> Iterator[Attachment]:
        """Join clusters that are linked at least so much, the most certain first; only reports alone, or any."""
        pairs = {(min(here, there), max(here, there)) for here, others in self._sums.items() for there in others}
        queue = [(-self._link(*pair), *pair) for pair in pairs | self._told]
        heapify(queue)
        while queue:
            negated, here, there = heappop(queue)
            if here not in self.members or there not in self.members or -negated != self._link(here, there):
                continue  # one of them was joined meanwhile, or grew; then the pair is in the queue anew
            leaving = max(here, there) if not alone or self._may_leave(max(here, there)) else None
            if -negated < least or leaving is None:
                continue
            into = min(here, there)
            if not self._allowed(leaving, into):
                continue
            yield Attachment(self.members[leaving][0], leaving, into)
            for other in self._absorb(leaving, into):
                heappush(queue, (-self._link(into, other), min(into, other), max(into, other)))

    def merges(self) -> Iterator[Merge]:
        """Pairs of clusters that may be one problem, and that nobody keeps apart; the likeliest first."""
        pairs = {(min(here, there), max(here, there)) for here, others in self._sums.items() for there in others}
        scored = [(-self._link(*pair), *pair) for pair in pairs | self._told if pair[0] in self.members]
        for negated, here, there in sorted(scored):
            if -negated >= MERGE and there in self.members and not self._facts.apart(*self._both(here, there)):
                yield Merge(max(here, there), min(here, there), -negated)

    def _both(self, here: int, there: int) -> tuple[list[int], list[int]]:
        return self.members[here], self.members[there]

    def _link(self, here: int, there: int) -> float:
        """Average link, over as many pairs as a graph of the nearest can hold; 1 where a fact says so."""
        if (min(here, there), max(here, there)) in self._told:
            return 1.0
        sizes = sorted((len(self.members[here]), len(self.members[there])))
        pairs = min(sizes[0] * sizes[1], NEAREST * sizes[0])
        return round(min(1.0, self._sums[here].get(there, 0) / 1_000_000 / pairs), 6)

    def _may_leave(self, cluster: int) -> bool:
        """Whether it is a report alone that nobody has touched."""
        return len(self.members[cluster]) == 1 and cluster not in self._touched

    def _allowed(self, leaving: int, into: int) -> bool:
        """Whether no fact keeps the two apart, and none wants the report elsewhere."""
        if self._facts.apart(*self._both(leaving, into)):
            return False
        pair = (min(leaving, into), max(leaving, into))
        return pair in self._told or not any(leaving in told for told in self._told)

    def _absorb(self, leaving: int, into: int) -> list[int]:
        self.members[into].extend(self.members.pop(leaving))
        for other, summed in self._sums.pop(leaving, {}).items():
            del self._sums[other][leaving]
            if other != into:
                self._sums[into][other] = self._sums[other][into] = self._sums[into].get(other, 0) + summed
        self._told = {
            (min(pair), max(pair))
            for told in self._told
            if len(pair := {into if each == leaving else each for each in told}) == 2
        }
        return [*self._sums[into], *({each for told in self._told if into in told for each in told} - {into})]


def _links(index: grouping.Index) -> dict[Pair, int]:
    """How probably near reports are the same problem, in millionths, so that sums do not depend on their order."""
    keys, matrix = index.matrix(COMMON if len(index) >= LARGE else 1.0)
    turned = matrix.T.tocsr()
    near: dict[int, set[int]] = defaultdict(set)
    for first in range(0, len(keys), BATCH):
        product = (matrix[first : first + BATCH] @ turned).tocsr()
        for at in range(product.shape[0]):
            start, end = product.indptr[at], product.indptr[at + 1]
            others, cosines = product.indices[start:end], product.data[start:end]
            kept = (cosines >= CLOSE) & (others != first + at)
            others, cosines = others[kept], cosines[kept]
            for other in others[np.lexsort((others, -cosines))[:NEAREST]].tolist():
                near[min(first + at, other)].add(max(first + at, other))
    links: dict[Pair, int] = {}
    for one, others in sorted(near.items()):
        listed = [keys[other] for other in sorted(others)]
        for other, score in zip(listed, index.scores_of(keys[one], listed), strict=True):
            links[keys[one], other] = round(score * 1_000_000)
    return links


def _splits(index: grouping.Index, facts: Facts, touched: frozenset[int]) -> Iterator[Split]:
    members: dict[int, list[int]] = defaultdict(list)
    for key, cluster in index.clusters():
        members[cluster].append(key)
    for cluster, keys in sorted(members.items()):
        if len(keys) < 2:
            continue
        leaving = facts.torn(keys)
        if not leaving and cluster not in touched and len(keys) <= grouping.MEMBERS:
            most = _most_alike(index, sorted(keys))
            leaving = [key for key, score in most.items() if score < SPLIT and not facts.bound(key)]
            leaving = leaving[1:] if len(leaving) == len(keys) else leaving
        if leaving:
            yield Split(cluster, tuple(leaving))


def _most_alike(index: grouping.Index, keys: Sequence[int]) -> dict[int, float]:
    """How probably each of some reports is the problem of whichever other one it is most like."""
    most = dict.fromkeys(keys, 0.0)
    for at, key in enumerate(keys[1:], 1):
        for other, score in zip(keys[:at], index.scores_of(key, keys[:at]), strict=True):
            most[key], most[other] = max(most[key], score), max(most[other], score)
    return most
