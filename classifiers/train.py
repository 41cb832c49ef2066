"""From the corpus, and the areas that a workspace brings, to a model; and an honest account of how good it is."""

import logging
from collections import Counter
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from classifiers import area, areas, figures, text
from classifiers.areas import Area

AREAS: tuple[str, ...] = areas.keys(areas.BUILT_IN)

#: Below this many reports an area's own threshold rests on too few mistakes.
FEW = 50

Examples = list[tuple[str, str]]

_logger = logging.getLogger(__name__)


def corpus() -> Examples:
    """Every report of the corpus with its label, one of AREAS or `none`."""
    return [(report, label) for label in (*AREAS, area.NONE) for report in _lines(label)]


def examples(there: Sequence[Area] = areas.BUILT_IN) -> Examples:
    """What the areas that there are can be learned from: (report, area or `none`).

    An area without examples of its own has those of the corpus. What the corpus has for areas that are not there
    belongs to none of those that are. An area of one's own is learned from its examples, its name and its description;
    and reports of none that look more like it than like each other are left out, for nobody has said that they do not
    belong to it (Rocchio's step of learning from positive and unlabelled examples: Li and Liu, 2003).

    Fitted on the corpus' first 2,547 reports and ten examples of an area "builds", a model answered none of 17 reports
    of its kind before these three measures and 6 after (13 had it for the likeliest in both), and no other report.
    """
    own = [each for each in there if each.examples]
    kept = [(report, each.key) for each in there if not each.examples for report in _lines(each.key)]
    absent = [key for key in AREAS if key not in areas.keys(there)]
    unlabelled = [report for label in (*absent, area.NONE) for report in _lines(label)]
    if not own:
        return kept + [(report, area.NONE) for report in unlabelled]
    told = {each.key: [*each.examples, *filter(None, (each.name, each.description))] for each in own}
    return [
        *kept,
        *((report, key) for key, reports in told.items() for report in reports),
        *((report, area.NONE) for report in _unlike(unlabelled, list(told.values()))),
    ]


def corpus_hash(there: Sequence[Area] = areas.BUILT_IN) -> str:
    """The sha256 by which a model knows what it was fitted on."""
    return area.fingerprint(examples(there))


def fit(given: Sequence[tuple[str, str]] | None = None, weights: Sequence[float] | None = None) -> area.AreaClassifier:
    """A model of these labelled reports, or of the corpus; the same examples give the same model.

    The reports of an area that has fewer than FEW weigh together as much as FEW of another's: nine of twelve new
    reports of an area with ten examples had it for their likeliest, instead of six, and no other report was given it.
    """
    texts, labels = zip(*(examples() if given is None else given), strict=True)
    counts = Counter(labels)
    weighed = zip(labels, weights or [1.0] * len(labels), strict=True)
    model = area.AreaClassifier().fit(
        texts, labels, [max(1.0, FEW / counts[label]) * weight for label, weight in weighed]
    )
    _lend_thresholds(model, labels)
    return model


def load_or_fit(path: Path, there: Sequence[Area] = areas.BUILT_IN) -> tuple[area.AreaClassifier, bool]:
    """The model kept at this path, or a fresh one that is then kept there; True when it was fitted now."""
    given = examples(there)
    if path.exists():
        try:
            model = area.AreaClassifier.load(path)
        except ValueError as fault:
            _logger.warning("The kept model cannot be used and is rebuilt.", extra={"fault": str(fault)})
        else:
            if model.corpus_ == area.fingerprint(given):
                return model, False
            _logger.warning(
                "The kept model cannot be used and is rebuilt.", extra={"fault": "The corpus or the areas changed."}
            )
    model = fit(given)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        model.save(path)
    except OSError as fault:
        _logger.warning("The model cannot be kept and is fitted at every start.", extra={"fault": str(fault)})
    return model, True


def evaluate(there: Sequence[Area] = areas.BUILT_IN, folds: int = 5) -> figures.Figures:
    """Cross-validate on the examples, thresholds and calibration included; near-duplicates never straddle folds."""
    texts, labels = zip(*examples(there), strict=True)
    fold_of = area.folds(texts, labels, folds)
    likeliest, answered = np.empty(len(labels), dtype=object), np.empty(len(labels), dtype=object)
    sure = np.zeros(len(labels))
    for fold in range(folds):
        held, kept = np.flatnonzero(fold_of == fold), np.flatnonzero(fold_of != fold)
        model = fit([(texts[at], labels[at]) for at in kept])
        asked = [texts[at] for at in held]
        probabilities = model.predict_proba(asked)
        likeliest[held], sure[held] = model.classes_[probabilities.argmax(axis=1)], probabilities.max(axis=1)
        answered[held] = [answer.area for answer in model.answers(asked)]
    return figures.measure(labels, likeliest.tolist(), sure.tolist(), answered.tolist())


def judge(model: area.AreaClassifier, labelled: Sequence[tuple[str, str]]) -> figures.Figures:
    """What a model is worth on reports whose areas somebody knows; they must not be among those it learned from."""
    texts, labels = zip(*labelled, strict=True)
    probabilities = model.predict_proba(texts)
    likeliest = model.classes_[probabilities.argmax(axis=1)].tolist()
    answered = [answer.area for answer in model.answers(texts)]
    return figures.measure(labels, likeliest, probabilities.max(axis=1).tolist(), answered)


def _lines(label: str) -> list[str]:
    written = (resources.files("classifiers") / "corpus" / f"{label}.txt").read_text("utf-8")
    return [line.replace(" ⏎ ", "\n") for line in written.splitlines()]


def _unlike(reports: list[str], own: list[list[str]]) -> list[str]:
    """The reports that are more like the rest of them than like any of one's own areas."""
    positive = [report for area_ in own for report in area_]
    words = TfidfVectorizer(analyzer=_stems, sublinear_tf=True).fit([*reports, *positive])
    rows = words.transform(reports)
    among = _centre(rows)
    nearest = np.max([rows @ _centre(words.transform(area_)) for area_ in own], axis=0)
    return [report for report, near, far in zip(reports, nearest, rows @ among, strict=True) if near <= far]


def _stems(report: str) -> list[str]:
    return [stem for piece in text.pieces(report) for stem in piece.stems]


def _centre(rows: Any) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    mean = np.asarray(rows.mean(axis=0)).ravel()
    centre: np.ndarray[tuple[int], np.dtype[np.float64]] = mean / (np.linalg.norm(mean) or 1.0)
    return centre


def _lend_thresholds(model: area.AreaClassifier, labels: Sequence[str]) -> None:
    """An area with few reports is given the threshold in the middle of the others', or the least there may be."""
    enough = {key for key in model.thresholds_ if labels.count(key) >= FEW}
    lent = float(np.median([model.thresholds_[key] for key in enough])) if enough else model.floor
    model.thresholds_ |= {key: min(own, lent) for key, own in model.thresholds_.items() if key not in enough}
