"""Tagging: our classifier beside a plain scikit-learn pipeline on the same corpus, in the same run, on one core."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from classifiers import train

COUNT = 10_000


def main() -> None:
    texts, labels = zip(*train.corpus(), strict=True)
    reports = [texts[number % len(texts)] for number in range(COUNT)]
    ours = train.fit()
    plain = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10, max_iter=1000)).fit(texts, labels)
    print(f"{COUNT:,} reports, {sum(map(len, reports)) / COUNT:.0f} characters each")
    for name, tag in (("ours", ours.answers), ("plain word TF-IDF", plain.predict_proba)):
        began = time.perf_counter()
        for at in range(0, COUNT, 500):
            tag(reports[at : at + 500])
        took = time.perf_counter() - began
        print(f"{name:<20}{COUNT / took:>10,.0f} reports a second")


if __name__ == "__main__":
    main()
