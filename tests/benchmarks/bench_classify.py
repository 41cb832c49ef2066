"""Tagging: our classifier beside a plain scikit-learn pipeline on the same corpus, each in a process of its own, on one
core: reports a second, time to load the kept model, and memory over the bare interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

COUNT, BATCH = 10_000, 500


def memory() -> float:
    """Memory of this process that is in use (MB), where /proc tells."""
    pages = Path("/proc/self/statm").read_text().split()[1] if Path("/proc/self/statm").exists() else "0"
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20


def ours(kept: Path) -> Callable[[list[str]], Any]:
    from classifiers.area import AreaClassifier

    return AreaClassifier.load(kept / "area.npz").answers


def plain(kept: Path) -> Callable[[list[str]], Any]:
    import joblib

    predict: Callable[[list[str]], Any] = joblib.load(kept / "plain.joblib").predict_proba
    return predict


def fit(kept: Path) -> None:
    """Keep both models as they would be kept."""
    import joblib
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from classifiers import train

    texts, labels = zip(*train.corpus(), strict=True)
    train.fit().save(kept / "area.npz")
    joblib.dump(
        make_pipeline(TfidfVectorizer(), LogisticRegression(C=10, max_iter=1000)).fit(texts, labels),
        kept / "plain.joblib",
    )
    (kept / "reports").write_text("\0".join(texts[at % len(texts)] for at in range(COUNT)), "utf-8")


def measure(name: str, load: Callable[[Path], Callable[[list[str]], Any]], kept: Path) -> None:
    """Load and use one of them here, where nothing else has been imported yet."""
    bare, began = memory(), time.perf_counter()
    tag = load(kept)
    loaded, held = time.perf_counter() - began, memory() - bare
    reports = (kept / "reports").read_text("utf-8").split("\0")
    began = time.perf_counter()
    for at in range(0, COUNT, BATCH):
        tag(reports[at : at + BATCH])
    took = time.perf_counter() - began
    print(
        f"{name:<20}{COUNT / took:>10,.0f} reports a second   loaded in {loaded:.2f} s   "
        f"{held:.0f} MB loaded, {memory() - bare:.0f} MB after {COUNT:,} reports",
        flush=True,
    )


LOADS = {"ours": ours, "plain word TF-IDF": plain}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        fit(Path(folder))
        # One thread: OpenBLAS would start as many as there are cores.
        alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # noqa: TID251
        for name in LOADS:
            subprocess.run([sys.executable, __file__, name, folder], env=alone, check=True)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        measure(sys.argv[1], LOADS[sys.argv[1]], Path(sys.argv[2]))
    else:
        main()
