"""How well grouping agrees with people who grouped the same reports by hand."""

import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean

from sklearn.metrics import adjusted_mutual_info_score

from classifiers import grouping


@dataclass(frozen=True, slots=True)
class Partition:
    """How one way of grouping agrees with the given groups; all are 0..1."""

    precision: float  # B-cubed: of the reports in a report's cluster, the share of its group
    recall: float  # B-cubed: of the reports in its group, the share in its cluster
    f1: float  # B-cubed: the harmonic mean of both
    pair_precision: float  # of the pairs that share a cluster, the share that share a group; 1 if there is none
    pair_recall: float  # of the pairs that share a group, the share that share a cluster
    ami: float  # adjusted mutual information: 0 by chance, 1 when equal


@dataclass(frozen=True, slots=True)
class Figures:
    """What grouping is worth on these reports, averaged over several orders of arrival; shares are 0..1."""

    reports: int
    repeats: float  # reports that come after another of their group
    recall_at_1: float  # of the repeats, the share whose first candidate is of their group
    recall_at_3: float  # the same of the first three
    joined: float  # reports that joined a cluster unasked
    alone: Partition  # what joining unasked makes, when nobody answers a suggestion
    asked: float  # reports whose first candidate was suggested, when everybody answers
    accepted: float  # of the suggestions, the share that were right, and accepted
    answered: Partition  # what joining unasked and accepted suggestions make together


def read(lines: Iterable[str]) -> tuple[list[str], list[str]]:
    """The texts and the groups of JSON lines {"id", "text", "group"}; ValueError names the first line that is none."""
    texts, groups, ids = [], [], set()
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        try:
            line = json.loads(raw)
        except ValueError as error:
            raise ValueError(f"line {number} is not JSON: {error}") from error
        if (
            not isinstance(line, dict)
            or not {"id", "text", "group"} <= line.keys()
            or not isinstance(line["text"], str)
        ):
            raise ValueError(f'line {number} must be an object with "id", "text" and "group"')
        if str(line["id"]) in ids:
            raise ValueError(f"line {number} repeats the id {line['id']}")
        ids.add(str(line["id"]))
        texts.append(line["text"])
        groups.append(str(line["group"]))
    if len(texts) < 2:
        raise ValueError("two reports at least are needed to say how well they are grouped")
    return texts, groups


def told(figures: Figures) -> list[str]:
    """The figures in sentences."""
    return [
        f"{figures.reports} reports, {figures.repeats:.0f} of them repeat an earlier one (mean over orders of arrival)",
        f"candidates: the right group is first for {figures.recall_at_1:.1%} of the repeats, among three for "
        f"{figures.recall_at_3:.1%} (recall@1, recall@3)",
        f"alone: {figures.joined:.0f} reports joined unasked; {figures.alone.pair_precision:.1%} of the pairs made are "
        f"right, and they are {figures.alone.pair_recall:.1%} of the right pairs (pairwise precision, recall)",
        f"       {_spelled(figures.alone)}",
        f"with suggestions: {figures.asked:.0f} asked, {figures.accepted:.1%} of them right and accepted",
        f"       {_spelled(figures.answered)}",
    ]


def _spelled(partition: Partition) -> str:
    return (
        f"B-cubed precision {partition.precision:.3f}   recall {partition.recall:.3f}   F1 {partition.f1:.3f}   "
        f"adjusted mutual information {partition.ami:.3f}"
    )


def evaluate(
    texts: Sequence[str], groups: Sequence[Hashable], space: grouping.Space, orders: int = 5, seed: int = 0
) -> Figures:
    """Let reports arrive in several orders, twice each: nobody answers a suggestion, or everybody does, truthfully.

    A suggestion is the first candidate when it is no join but at least `grouping.SUGGEST`. It is right, and accepted,
    when the earlier report that it names is of the same group; a wrong join is never put right.
    """
    chance = Random(seed)
    runs = []
    for _ in range(orders):
        order = list(range(len(texts)))
        chance.shuffle(order)
        runs.append((_arrive(texts, groups, space, order, False), _arrive(texts, groups, space, order, True)))
    silent, spoken = [each for each, _ in runs], [each for _, each in runs]

    def mean(of: Sequence[Counter[str]], name: str, per: str | None = None) -> float:
        return fmean(each[name] / each[per] if per and each[per] else 0.0 if per else each[name] for each in of)

    return Figures(
        reports=len(texts),
        repeats=mean([counted for counted, _ in silent], "repeats"),
        recall_at_1=mean([counted for counted, _ in silent], "first", "repeats"),
        recall_at_3=mean([counted for counted, _ in silent], "three", "repeats"),
        joined=mean([counted for counted, _ in silent], "joined"),
        alone=_mean([compare(clusters, groups) for _, clusters in silent]),
        asked=mean([counted for counted, _ in spoken], "asked"),
        accepted=mean([counted for counted, _ in spoken], "accepted", "asked"),
        answered=_mean([compare(clusters, groups) for _, clusters in spoken]),
    )


def compare(clusters: Sequence[Hashable], groups: Sequence[Hashable]) -> Partition:
    """Two ways of grouping the same reports, by B-cubed (Bagga and Baldwin 1998), by pairs, and by information."""
    both, of_cluster, of_group = Counter(zip(clusters, groups, strict=True)), Counter(clusters), Counter(groups)
    precision = sum(n * n / of_cluster[cluster] for (cluster, _), n in both.items()) / len(groups)
    recall = sum(n * n / of_group[group] for (_, group), n in both.items()) / len(groups)
    together, joined, grouped = (sum(n * (n - 1) for n in each.values()) for each in (both, of_cluster, of_group))
    numbers: defaultdict[Hashable, int] = defaultdict(lambda: len(numbers))
    named = [numbers[group] for group in groups]
    return Partition(
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / (precision + recall),
        pair_precision=together / joined if joined else 1.0,
        pair_recall=together / grouped if grouped else 1.0,
        ami=float(adjusted_mutual_info_score(named, [numbers[("", cluster)] for cluster in clusters])),
    )


def _arrive(
    texts: Sequence[str], groups: Sequence[Hashable], space: grouping.Space, order: Sequence[int], answering: bool
) -> tuple[Counter[str], list[int]]:
    index, counted, clusters = grouping.Index(space), Counter[str](), [0] * len(texts)
    seen: set[Hashable] = set()
    for at in order:
        candidates = index.candidates(texts[at])
        right = [groups[candidate.key] == groups[at] for candidate in candidates]
        if groups[at] in seen:
            counted.update(repeats=1, first=int(any(right[:1])), three=int(any(right)))
        joined = grouping.join(candidates)
        if joined is not None:
            counted["joined"] += 1
            clusters[at] = joined.cluster
        else:
            clusters[at] = at
            if answering and candidates and candidates[0].score >= grouping.SUGGEST:
                counted.update(asked=1, accepted=int(right[0]))
                if right[0]:
                    clusters[at] = candidates[0].cluster
        index.put(at, clusters[at], texts[at])
        seen.add(groups[at])
    return counted, clusters


def _mean(of: Sequence[Partition]) -> Partition:
    return Partition(*(fmean(getattr(each, name) for each in of) for name in Partition.__dataclass_fields__))
