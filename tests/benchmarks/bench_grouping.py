"""Grouping: what it costs at each size, and what it is worth, beside scikit-learn's clusterings of the same features.

Up to 100,000 reports by default, a few minutes; `--million` adds the largest size. Times are of one core, and of it
alone: what other programs take meanwhile is not counted. Texts for scale come from hand-written frames filled with
60,000 made-up identifiers, so rare words define a problem: read the order of qualities there, not the values.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
import time
import tracemalloc
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from sklearn.cluster import HDBSCAN, AgglomerativeClustering

from classifiers import agreement, grouping, regroup, shelf, train

SIZES = (1_000, 10_000, 100_000)
ASKED = 300  # questions at each size
BUDGET = {1_000: 2, 10_000: 3, 100_000: 8, 1_000_000: 30}  # milliseconds that 99 of 100 questions may take
AGGLOMERATIVE, DENSITY = 5_000, 5_000  # reports up to which these two are run: both need all distances at once
BENCHMARK = Path(__file__).parent / "grouping.jsonl"

FRAMES = (
    "{thing} fails with {name} since the upgrade of {other}",
    "cannot {act} {thing}: {name} is missing, worked before {other} was changed",
    "since Monday {act} of {other} hangs for minutes, the log of {thing} ends at {name}",
    "docs of {thing} still describe {name}, which {other} no longer has",
    "{other}: {name} when I {act} it from the {thing}, running it again does not help",
    "does anybody know why the {thing} prints {name} while we {act} {other} on the runners?",
    "new laptop, first {act} stops at {name}. {other} installed fine, the {thing} did not",
    "nothing in the logs when {thing} dies with {name}; had to {act} {other} by hand",
    "{act} takes for ever, I suspect {name}. {thing} and {other} are both up to date",
    "error from {thing} says only {name}, no hint what {other} has to do with it",
    "flaky again: {name} in {other}, one {act} in ten, green when the {thing} is restarted",
    "the {thing} lost my settings after {act}, and {name} is back in {other}",
)
MORE = (
    " Colleagues in the other team see it too.",
    " Only on Windows.",
    " I have tried to clear the cache, to no avail.",
    " Any idea whom to ask?",
    " This blocks our release.",
    "",
    "",
)
ACTS = "build deploy test migrate publish render upload sync lint start restart debug install log trace".split()
THINGS = "pipeline gateway runner cluster database dashboard portal template worker scheduler proxy registry".split()
PARTS = (
    "acc bil car dep ext fla gra hyp inv jav kub loc met nav ord pay que ras shi ten uni voi win zor lin mar opt pro "
    "sta tru bas cor dra fen gis hol ind jot lum"
).split()


def written(count: int, seed: int = 0) -> tuple[list[str], list[int]]:
    """Reports and the problems they are of: a few problems have many reports, most have one or two."""
    chance = Random(seed)
    names = [f"{a}{b}{c}" for a in PARTS for b in PARTS for c in PARTS]
    Random(0).shuffle(names)
    problems = [min(int(chance.paretovariate(0.7)), count) + count // 2 * chance.randrange(2) for _ in range(count)]
    texts = []
    for problem in problems:
        fixed = Random(problem)
        filled = {
            "name": fixed.choice(names),
            "other": fixed.choice(names),
            "thing": fixed.choice(THINGS),
            "act": chance.choice(ACTS),
        }
        if problem > count // 4:
            filled["other"] = chance.choice(names)
        texts.append(chance.choice(FRAMES).format(**filled) + chance.choice(MORE))
    return texts, problems


def took(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


def cost(size: int, space: grouping.Space) -> None:
    texts, _ = written(size + ASKED)
    kept, asked = texts[:size], texts[size:]
    index = grouping.Index(space)
    inserts = [took(lambda at=at: index.put(at, at // 2, kept[at])) for at in range(size)]  # type: ignore[misc]
    for text in asked[:20]:
        index.candidates(text)
    answers = [took(lambda text=text: index.candidates(text)) for text in asked]  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.npz"
        shelf.save(index, path, 0)
        start = took(lambda: shelf.load(path, grouping.Index(space)))
        tracemalloc.start()
        again = grouping.Index(space)
        shelf.load(path, again)
        gc.collect()  # Python keeps what it has just freed for the next of its kind
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    night = took(lambda: regroup.regroup(index)) if size <= 100_000 else float("nan")
    print(
        f"{size:>9,}{np.percentile(answers, 50) * 1e3:>9.2f}{np.percentile(answers, 99) * 1e3:>9.2f}{BUDGET[size]:>8}"
        f"{np.mean(inserts) * 1e3:>10.3f}{np.percentile(inserts, 99) * 1e3:>10.3f}{held / size:>10.0f}{start:>9.2f}"
        f"{night:>10.1f}"
    )


def worth(name: str, texts: Sequence[str], problems: Sequence[object], space: grouping.Space) -> None:
    index = grouping.Index(space)
    for key, text in enumerate(texts):
        index.put(key, key, text)
    index.reweigh()
    _, matrix = index.matrix(1.0)

    def ours() -> list[int]:
        joined = regroup.average_link(index)
        return [joined[key] for key in range(len(texts))]

    def distances() -> np.ndarray:  # type: ignore[type-arg]
        return np.clip(1 - (matrix @ matrix.T).toarray(), 0, None)

    def average() -> list[int]:
        clustering = AgglomerativeClustering(
            n_clusters=None, metric="precomputed", linkage="average", distance_threshold=0.7
        )
        return [int(each) for each in clustering.fit_predict(distances())]

    def density() -> list[int]:
        found = HDBSCAN(min_cluster_size=2, min_samples=1, metric="precomputed", copy=True).fit_predict(distances())
        return [int(each) if each >= 0 else -2 - at for at, each in enumerate(found)]

    peers: list[tuple[str, Callable[[], list[int]], int]] = [
        ("our average link", ours, 1_000_000),
        ("AgglomerativeClustering", average, AGGLOMERATIVE),
        ("HDBSCAN", density, DENSITY),
    ]
    for peer, work, most in peers:
        if len(texts) > most:
            print(f"{name:<24}{peer:<28}{'not at this size: it needs every distance at once':>52}")
            continue
        clusters: list[int] = []
        seconds = took(lambda work=work, clusters=clusters: clusters.extend(work()))  # type: ignore[misc]
        found = agreement.compare(clusters, list(problems))
        print(
            f"{name:<24}{peer:<28}{seconds:>8.2f}{found.f1:>9.3f}{found.ami:>8.3f}"
            f"{found.pair_precision:>10.3f}{found.pair_recall:>9.3f}"
        )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--million", action="store_true", help="also a million reports: some minutes more")
    million = asked.parse_args().million
    warnings.simplefilter("ignore")
    space = grouping.Space.from_texts([text for text, _ in train.corpus()])

    print("  reports     p50 ms   p99 ms  budget insert ms   p99 ms  bytes each  start s  regroup s")
    for size in (*SIZES, *((1_000_000,) if million else ())):
        cost(size, space)

    print(f"\n{'texts':<24}{'method':<28}{'seconds':>8}{'B-cubed':>9}{'AMI':>8}{'pairs P':>10}{'pairs R':>9}")
    rows = [json.loads(line) for line in BENCHMARK.read_text("utf-8").splitlines()]
    tune = [row for row in rows if row["part"] == "tune"]
    worth(f"hand-written, {len(tune)}", [row["text"] for row in tune], [row["group"] for row in tune], space)
    for size in (1_000, 5_000, 20_000):
        texts, problems = written(size)
        worth(f"generated, {size:,}", texts, problems, space)


if __name__ == "__main__":
    main()
