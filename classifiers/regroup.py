"""What the whole history says about the groups: single reports that belong somewhere, and what people could be asked.

Pure: reports and facts in, proposals out. Whoever calls it carries them out, or asks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from classifiers import grouping

#: Newest members that speak for a cluster when two are compared, and members above which none is looked through.
SPEAKING, LARGE = 10, 200

#: Reports that at least have to leave and to stay for a split to be worth a question.
FEW = 2


@dataclass(frozen=True, slots=True)
class Placed:
    """A report, and the cluster it is in. Keys and clusters are numbered in the order they came."""

    key: int
    cluster: int
    text: str


@dataclass(frozen=True, slots=True)
class Join:
    """A single report that near-certainly belongs to an older cluster."""

    key: int
    cluster: int
    score: float


@dataclass(frozen=True, slots=True)
class Merge:
    """Two clusters that may be the same: to be asked, never done."""

    into: int
    from_: int
    score: float


@dataclass(frozen=True, slots=True)
class Split:
    """Reports that may be another problem than the rest of their cluster: to be asked, never done."""

    cluster: int
    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Proposals:
    """What follows from one look at everything. On what follows from `joins`, there are no further ones."""

    joins: tuple[Join, ...]
    merges: tuple[Merge, ...]
    splits: tuple[Split, ...]


def propose(
    reports: Sequence[Placed],
    space: grouping.Space,
    *,
    together: Collection[tuple[int, int]],
    apart: Collection[tuple[int, int]],
    touched: Collection[int],
    threads: int = 1,
) -> Proposals:
    """Look at everything anew. `together`, `apart`: keys of reports that people said are the same, or are not;
    `touched`: clusters that a person decided something about, whose reports stay where they are."""
    homes = {report.key: report.cluster for report in reports}
    texts = {report.key: report.text for report in reports}
    joins: dict[int, Join] = {}
    while new := _joins(homes, texts, space, _forbidden(homes, apart), touched):
        joins |= {join.key: join for join in new}
        homes |= {join.key: join.cluster for join in new}
    forbidden = _forbidden(homes, apart)
    return Proposals(
        joins=tuple(Join(key, homes[key], joins[key].score) for key in sorted(joins)),
        merges=tuple(_merges(homes, texts, space, forbidden)),
        splits=tuple(_splits(homes, texts, space, together)),
    )


def _index(homes: Mapping[int, int], texts: Mapping[int, str], space: grouping.Space) -> grouping.Index:
    index = grouping.Index(space)
    for key in sorted(homes):
        index.put(key, homes[key], texts[key])
    return index


def _joins(
    homes: Mapping[int, int],
    texts: Mapping[int, str],
    space: grouping.Space,
    forbidden: Collection[frozenset[int]],
    touched: Collection[int],
) -> list[Join]:
    """One round: no report joins what has itself changed in this round."""
    index, sizes, found = _index(homes, texts, space), Counter(homes.values()), []
    changed: set[int] = set()
    for key, home in sorted(homes.items()):
        if sizes[home] > 1 or home in touched or home in changed:
            continue
        best = next(iter(index.candidates(texts[key], limit=1, exclude=frozenset({key}))), None)
        if best is None or best.score < grouping.JOIN or best.cluster > home or best.cluster in changed:
            continue
        if frozenset((home, best.cluster)) not in forbidden:
            found.append(Join(key, best.cluster, best.score))
            changed |= {home, best.cluster}
    return found


def _merges(
    homes: Mapping[int, int], texts: Mapping[int, str], space: grouping.Space, forbidden: Collection[frozenset[int]]
) -> Iterable[Merge]:
    """Clusters that are each other's best, by the mean of what their newest members find."""
    index, members, best = _index(homes, texts, space), _members(homes), {}
    for cluster, keys in members.items():
        own, scores = frozenset(keys), defaultdict[int, float](float)
        for key in keys[-SPEAKING:]:
            for candidate in index.candidates(texts[key], exclude=own):
                scores[candidate.cluster] += candidate.score / min(len(keys), SPEAKING)
        if scores:
            best[cluster] = max(scores.items(), key=lambda item: (item[1], -item[0]))
    for cluster, (other, score) in sorted(best.items()):
        mutual = other < cluster and other in best and best[other][0] == cluster
        if mutual and score >= grouping.SUGGEST and frozenset((cluster, other)) not in forbidden:
            yield Merge(other, cluster, score)


def _splits(
    homes: Mapping[int, int], texts: Mapping[int, str], space: grouping.Space, together: Collection[tuple[int, int]]
) -> Iterable[Split]:
    """Clusters that fall apart when only what is alike, or was said to be the same, holds them together."""
    said = defaultdict[int, set[int]](set)
    for one, other in together:
        said[one].add(other)
        said[other].add(one)
    for cluster, keys in sorted(_members(homes).items()):
        if not 2 * FEW <= len(keys) <= LARGE:
            continue
        alone = _index({key: key for key in keys}, texts, space)
        alike = {
            key: {each.cluster for each in alone.candidates(texts[key], limit=10, exclude=frozenset({key}))
                  if each.score >= grouping.SUGGEST} | (said[key] & set(keys))
            for key in keys
        }  # fmt: skip
        parts = sorted(_parts(alike), key=lambda part: (-len(part), min(part)))
        for part in parts[1:2]:
            if len(part) >= FEW:
                yield Split(cluster, tuple(sorted(part)))


def _parts(alike: Mapping[int, set[int]]) -> list[set[int]]:
    """The connected parts of a graph."""
    neighbours = defaultdict[int, set[int]](set)
    for key, others in alike.items():
        for other in others:
            neighbours[key].add(other)
            neighbours[other].add(key)
    parts: list[set[int]] = []
    seen: set[int] = set()
    for key in alike:
        part, new = set[int](), [key]
        while new:
            each = new.pop()
            if each not in seen:
                seen.add(each)
                part.add(each)
                new += neighbours[each]
        if part:
            parts.append(part)
    return parts


def _members(homes: Mapping[int, int]) -> dict[int, list[int]]:
    members: dict[int, list[int]] = {}
    for key in sorted(homes):
        members.setdefault(homes[key], []).append(key)
    return members


def _forbidden(homes: Mapping[int, int], apart: Collection[tuple[int, int]]) -> frozenset[frozenset[int]]:
    """The pairs of clusters that hold reports which people told apart."""
    return frozenset(frozenset((homes[one], homes[other])) for one, other in apart if {one, other} <= homes.keys())
