"""How good a classifier is, in figures: what it said of reports beside what they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers import area

#: Equally wide stretches of probability that calibration is looked at in.
BINS = 10

_Words = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """How one area fares; all shares are 0..1."""

    precision: float  # of the reports answered with this area, the share that belongs there
    recall: float  # of the reports that belong there, the share answered with it
    coverage: float  # of the reports that belong there, the share answered at all
    likeliest_f1: float  # F1 when the likeliest class is taken without abstaining
    reports: int  # how many belong there


@dataclass(frozen=True, slots=True)
class Bin:
    """The reports whose likeliest class was about equally likely: how likely, how often right, how many."""

    sure: float
    right: float
    reports: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a classifier is worth on reports it has not seen; all shares are 0..1."""

    accuracy: float  # the likeliest class is right, `none` being a class
    macro_f1: float  # over the areas and `none`, as far as reports belong there
    areas: dict[str, AreaFigures]
    answered_precision: float  # of all answered reports, the share answered rightly
    coverage: float  # of the reports with a real area, the share answered at all
    none_answered: float  # of the reports that belong nowhere, the share given an area all the same
    ece: float  # expected calibration error of the likeliest class, over BINS
    reliability: tuple[Bin, ...]  # from unsure to sure; stretches without a report are left out
    confusion: dict[str, dict[str, int]]  # label -> likeliest class -> reports
    reports: int


def measure(labels: Sequence[str], likeliest: Sequence[str], sure: Sequence[float], answered: Sequence[str]) -> Figures:
    """Figures of reports, one entry each: where it belongs (`none`: nowhere), the likeliest class (`none` being one),
    how probable that was, and what was answered (`unsorted`: nothing).

    Calibration error as by Naeini, Cooper and Hauskrecht (2015): what the bins are off by, weighted by their reports.
    """
    belongs, guess, said = _words(labels), _words(likeliest), _words(answered)
    probability = np.asarray(sure, dtype=float)
    classes = sorted({*belongs, *guess} | {*said} - {area.UNSORTED}, key=lambda name: (name == area.NONE, name))
    spoke, hit = said != area.UNSORTED, guess == belongs
    areas = {name: _area(name, belongs, guess, said) for name in classes}
    there = [each.likeliest_f1 for each in areas.values() if each.reports]
    bins = np.minimum((probability * BINS).astype(int), BINS - 1)
    reliability = tuple(
        Bin(float(probability[bins == at].mean()), float(hit[bins == at].mean()), int((bins == at).sum()))
        for at in range(BINS)
        if (bins == at).any()
    )
    return Figures(
        accuracy=_share(hit, hit | True),
        macro_f1=float(np.mean(there)) if there else 0.0,
        areas={name: each for name, each in areas.items() if name != area.NONE},
        answered_precision=_share(said == belongs, spoke),
        coverage=_share(spoke, belongs != area.NONE),
        none_answered=_share(spoke, belongs == area.NONE),
        ece=sum(abs(each.right - each.sure) * each.reports for each in reliability) / max(len(hit), 1),
        reliability=reliability,
        confusion={
            label: {name: int(((belongs == label) & (guess == name)).sum()) for name in classes} for label in classes
        },
        reports=len(hit),
    )


def _area(name: str, labels: _Words, likeliest: _Words, answered: _Words) -> AreaFigures:
    precision, recall = _share(labels == name, likeliest == name), _share(likeliest == name, labels == name)
    return AreaFigures(
        precision=_share(labels == name, answered == name),
        recall=_share(answered == name, labels == name),
        coverage=_share(answered != area.UNSORTED, labels == name),
        likeliest_f1=2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        reports=int((labels == name).sum()),
    )


def _words(words: Sequence[Any]) -> _Words:
    return np.asarray([str(word) for word in words], dtype=object)


def _share(of: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    """How often `of` holds where `among` does; 0 when it never does."""
    return float(of[among].mean()) if among.any() else 0.0
