"""From the corpus to a model, and an honest account of how good it is."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifiers import area

AREAS: tuple[str, ...] = ("docs", "errors", "onboarding", "debugging")

_Words = NDArray[np.object_]

_logger = logging.getLogger(__name__)


def corpus() -> list[tuple[str, str]]:
    """Every report of the corpus with its label, one of AREAS or `none`."""
    folder = resources.files("classifiers") / "corpus"
    return [
        (line.replace(" ⏎ ", "\n"), label)
        for label in (*AREAS, area.NONE)
        for line in (folder / f"{label}.txt").read_text("utf-8").splitlines()
    ]


def corpus_hash() -> str:
    """The sha256 by which a model knows its corpus."""
    return area.fingerprint(corpus())


def fit(examples: Sequence[tuple[str, str]] | None = None) -> area.AreaClassifier:
    """A model of these labelled reports, or of the corpus; the same examples give the same model."""
    texts, labels = zip(*(corpus() if examples is None else examples), strict=True)
    return area.AreaClassifier().fit(texts, labels)


def load_or_fit(path: Path) -> tuple[area.AreaClassifier, bool]:
    """The model kept at this path, or a fresh one that is then kept there; True when it was fitted now."""
    if path.exists():
        try:
            model = area.AreaClassifier.load(path)
        except ValueError as fault:
            _logger.warning("The kept model cannot be used and is rebuilt.", extra={"fault": str(fault)})
        else:
            if model.corpus_ == corpus_hash():
                return model, False
            _logger.warning("The kept model cannot be used and is rebuilt.", extra={"fault": "The corpus changed."})
    model = fit()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        model.save(path)
    except OSError as fault:
        _logger.warning("The model cannot be kept and is fitted at every start.", extra={"fault": str(fault)})
    return model, True


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """How one area fares; all shares are 0..1."""

    precision: float  # of the reports answered with this area, the share that belongs there
    recall: float  # of the reports that belong there, the share answered with it
    coverage: float  # of the reports that belong there, the share answered at all
    likeliest_f1: float  # F1 when the likeliest class is taken without abstaining


@dataclass(frozen=True, slots=True)
class Figures:
    """What the classifier is worth on reports it has not seen; all shares are 0..1."""

    accuracy: float  # the likeliest class is right, `none` being a class
    macro_f1: float  # over the real areas and `none`
    areas: dict[str, AreaFigures]
    answered_precision: float  # of all answered reports, the share answered rightly
    coverage: float  # of the reports with a real area, the share answered at all
    none_answered: float  # of the reports that belong nowhere, the share given an area all the same
    ece: float  # expected calibration error of the likeliest class, ten equal bins
    confusion: dict[str, dict[str, int]]  # label -> likeliest class -> reports


def evaluate(folds: int = 5) -> Figures:
    """Cross-validate on the corpus, thresholds and calibration included; near-duplicates never straddle folds."""
    texts, given = zip(*corpus(), strict=True)
    labels, fold_of = np.asarray(given, dtype=object), area.folds(texts, given, folds)
    classes = np.unique(labels.astype(str))
    likeliest, answered = np.empty(len(labels), dtype=object), np.empty(len(labels), dtype=object)
    sure = np.zeros(len(labels))
    for fold in range(folds):
        held, kept = np.flatnonzero(fold_of == fold), np.flatnonzero(fold_of != fold)
        model = area.AreaClassifier().fit([texts[at] for at in kept], [given[at] for at in kept])
        asked = [texts[at] for at in held]
        probabilities = model.predict_proba(asked)
        likeliest[held], sure[held] = model.classes_[probabilities.argmax(axis=1)], probabilities.max(axis=1)
        answered[held] = [answer.area for answer in model.answers(asked)]
    spoke = answered != area.UNSORTED
    areas = {name: _area(name, labels, likeliest, answered) for name in AREAS}
    f1s = [
        *(figures.likeliest_f1 for figures in areas.values()),
        _area(area.NONE, labels, likeliest, answered).likeliest_f1,
    ]
    hit = likeliest == labels
    bins = np.minimum((sure * 10).astype(int), 9)
    return Figures(
        accuracy=float(hit.mean()),
        macro_f1=float(np.mean(f1s)),
        areas=areas,
        answered_precision=_share(answered == labels, spoke),
        coverage=_share(spoke, labels != area.NONE),
        none_answered=_share(spoke, labels == area.NONE),
        ece=float(sum(abs(hit[bins == at].sum() - sure[bins == at].sum()) for at in range(10)) / len(hit)),
        confusion={
            str(label): {str(said): int(((labels == label) & (likeliest == said)).sum()) for said in classes}
            for label in classes
        },
    )


def _area(name: str, labels: _Words, likeliest: _Words, answered: _Words) -> AreaFigures:
    precision, recall = _share(labels == name, likeliest == name), _share(likeliest == name, labels == name)
    return AreaFigures(
        precision=_share(labels == name, answered == name),
        recall=_share(answered == name, labels == name),
        coverage=_share(answered != area.UNSORTED, labels == name),
        likeliest_f1=2 * precision * recall / (precision + recall) if precision + recall else 0.0,
    )


def _share(of: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    """How often `of` holds where `among` does; 0 when it never does."""
    return float(of[among].mean()) if among.any() else 0.0
