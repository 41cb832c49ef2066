"""How well grouping agrees with people who grouped the same reports by hand."""

import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean

from sklearn.metrics import adjusted_mutual_info_score

from classifiers import grouping, regroup


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
    asked: float  # reports whose reporter was asked, when everybody answers
    shown: float  # clusters that one question names, 1 to 3
    accepted: float  # of the questions, the share that named the right cluster
    answered: Partition  # what joining unasked and their answers make together
    wondered: float  # questions of the nights after the last report
    agreed: float  # of these, the share that were right
    settled: Partition  # what their answers make of it


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
        f"with suggestions: {100 * figures.asked / figures.reports:.0f} questions per 100 reports, each naming "
        f"{figures.shown:.1f} clusters; {figures.accepted:.1%} are answered by one of them",
        f"       {_spelled(figures.answered)}",
        f"and at night: {100 * figures.wondered / figures.reports:.1f} more per 100 reports, {figures.agreed:.1%} "
        "answered yes",
        f"       {_spelled(figures.settled)}",
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

    Asked is what reporters are asked: of up to three clusters by `grouping.likely`, unless the report joins. The answer
    is the first whose named report is of the same group, or none of them. When all have come, nights suggest merges
    (`regroup.regroup`), likewise answered, until they ask nothing new. A wrong join is never put right.
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
        repeats=mean([counted for counted, _, _ in silent], "repeats"),
        recall_at_1=mean([counted for counted, _, _ in silent], "first", "repeats"),
        recall_at_3=mean([counted for counted, _, _ in silent], "three", "repeats"),
        joined=mean([counted for counted, _, _ in silent], "joined"),
        alone=_mean([compare(clusters, groups) for _, clusters, _ in silent]),
        asked=mean([counted for counted, _, _ in spoken], "asked"),
        shown=mean([counted for counted, _, _ in spoken], "shown", "asked"),
        accepted=mean([counted for counted, _, _ in spoken], "accepted", "asked"),
        answered=_mean([compare(clusters, groups) for _, clusters, _ in spoken]),
        wondered=mean([counted for counted, _, _ in spoken], "wondered"),
        agreed=mean([counted for counted, _, _ in spoken], "agreed", "wondered"),
        settled=_mean([compare(clusters, groups) for _, _, clusters in spoken]),
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
) -> tuple[Counter[str], list[int], list[int]]:
    """What was counted, the clusters when all have come, and the clusters when nights have asked what is left."""
    index, counted, clusters = grouping.Index(space), Counter[str](), [0] * len(texts)
    seen: set[Hashable] = set()
    different: set[tuple[int, int]] = set()
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
            likely = grouping.likely(candidates) if answering else []
            yes = [each.cluster for each in likely if groups[each.key] == groups[at]]
            counted.update(asked=int(bool(likely)), shown=len(likely), accepted=int(bool(yes)))
            clusters[at] = yes[0] if yes else at
            # Whoever chooses one says nothing of the others.
            different |= {(at, each.key) for each in likely if not yes}
        index.put(at, clusters[at], texts[at])
        seen.add(groups[at])
    if not answering:
        return counted, clusters, clusters
    return counted, clusters, _nights(index, texts, groups, list(clusters), different, counted)


def _nights(
    index: grouping.Index,
    texts: Sequence[str],
    groups: Sequence[Hashable],
    clusters: list[int],
    different: set[tuple[int, int]],
    counted: Counter[str],
) -> list[int]:
    """The clusters when every merge that a night suggests was answered by what most reports of the two are of."""
    index.reweigh()
    while True:
        night, asked = regroup.regroup(index, different=sorted(different)), 0
        pairs = [(each.cluster, each.into, False) for each in night.attached]
        for leaving, into, ask in [*pairs, *((each.cluster, each.into, True) for each in night.merges)]:
            some, others = ([at for at, each in enumerate(clusters) if each == side] for side in (leaving, into))
            if not some or not others:
                continue  # its reports went elsewhere in this same night
            first, second = (Counter(groups[at] for at in side).most_common(1)[0][0] for side in (some, others))
            if ask:
                asked += 1
                counted.update(wondered=1, agreed=int(first == second))
            if ask and first != second:
                different.add((some[0], others[0]))
                continue
            for at in some:
                clusters[at] = into
                index.put(at, into, texts[at])
        if not asked:
            return clusters


def _mean(of: Sequence[Partition]) -> Partition:
    return Partition(*(fmean(getattr(each, name) for each in of) for name in Partition.__dataclass_fields__))
