"""Where a new report goes: into a cluster, into one of its own, or into one of its own with a question."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from classifiers import grouping


@dataclass(frozen=True, slots=True)
class Join:
    """It is near-certainly this problem."""

    cluster: int


@dataclass(frozen=True, slots=True)
class Suggest:
    """It may be one of these problems, the likeliest first: start a new cluster, and ask."""

    likely: tuple[grouping.Candidate, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """It is like nothing that is known."""


Decision = Join | Suggest | Start


def certain(candidates: Sequence[grouping.Candidate]) -> list[int]:
    """The clusters that a report near-certainly belongs to, best first; with more than one, ask what people told."""
    return [each.cluster for each in candidates if each.score >= grouping.JOIN]


def decide(candidates: Sequence[grouping.Candidate], apart: Collection[frozenset[int]] = frozenset()) -> Decision:
    """What to do with a report that has these candidates, best first. `apart`: pairs of clusters people told apart.

    What is near-certain of two problems that people told apart is certain of neither: words alone do not tell which of
    the two a report is, so it is asked, not joined.
    """
    likely = grouping.likely(candidates)
    if not likely:
        return Start()
    best = likely[0]
    rivals = any(frozenset((best.cluster, each)) in apart for each in certain(candidates))
    if best.score >= grouping.JOIN and not rivals:
        return Join(best.cluster)
    return Suggest(tuple(likely))
