"""Which area a report belongs to, or `unsorted`: one linear model on words and letters, calibrated and shy."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize_scalar
from scipy.sparse.csgraph import connected_components
from scipy.special import expit, log_softmax, logit, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.validation import check_is_fitted

from classifiers import kept, text, thesaurus

UNSORTED = "unsorted"
NONE = "none"  # the label of what is no friction of any area; a class of its own, never an answer
FORMAT = 2  # of the model file
LETTERS = 0.7  # weight of the letters, relative to the words
ALIKE = 0.5  # cosine of words from which two reports are the same report in other words, so never in two folds
SOME = 500  # reports that are compared with all others at once

_Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model says of one report; `area` is `unsorted` when it would be guessing."""

    area: str
    confidence: float  # 0..1, calibrated probability of the likeliest real area
    ranked: tuple[str, ...]  # real areas, likeliest first
    why: tuple[str, ...]  # up to three stretches of the report that spoke most for the first-ranked area


class AreaClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """Word 1-2-gram and char_wb 3-5 TF-IDF into logistic regressions, with a temperature and a threshold per area.

    One regression a class, against the rest; the softmax of their logits over a temperature is the probability.
    Temperature and thresholds come from out-of-fold predictions in which near-duplicates never straddle folds: an area
    is answered from the probability on above which `precision` of the reports given to it were right, at least `floor`.

    Tried on 9,283 reports by grouped cross-validation; accuracy over five classes, and in brackets the same on 521
    complaints of other people, labelled by the same guideline, that are not in this repository: stems alone 0.854, with
    pairs and shapes 0.865 (0.733), with letters 0.880 (0.741), with the opening words 0.883 (0.749), with more of the
    concepts of finding out 0.884 (0.754). Without any concepts 0.882 (0.735), with what was seen only once 0.883.
    Complement naive Bayes 0.855, multinomial 0.870 (0.727), linear SVM 0.887 (0.752) but uncalibrated; averages of
    them, skip-grams, trigrams, negation scopes, letters across words and training with words left out gain nothing.
    C from 0.5 to 8 moves less than a point. A logistic regression on the vectors of a sentence encoder
    (all-MiniLM-L6-v2) reached (0.689). What the data gave: 2,547 reports in one polished voice 0.790 (0.664).

    Thresholds chosen for 0.96 were right in 95.5 % of what they answered, 76.5 % of the reports that have an area and
    4.6 % of those that have none. On the other people's: 86 % by the first label and 94 % by one of the two that a
    careful reader may give, 73 % and 13 %. Own text flatters; people's answers in the workspace are what counts.
    """

    def __init__(self, C: float = 3.0, precision: float = 0.96, floor: float = 0.5, folds: int = 5) -> None:
        """`C`: inverse regularisation; `precision`, `floor`: of thresholds, 0..1."""
        self.C = C
        self.precision = precision
        self.floor = floor
        self.folds = folds

    def fit(self, X: Sequence[str], y: Sequence[str], sample_weight: Sequence[float] | None = None) -> Self:
        """Learn from reports and their areas (`none` for out of scope); the same examples give the same model.

        `sample_weight`: how much each of them counts; temperature and thresholds are the same whatever it says.
        """
        labels = np.asarray([*map(str, y)])
        self.corpus_ = fingerprint(zip(X, y, strict=True))
        self.classes_ = np.unique(labels)
        weights = np.ones(len(labels)) if sample_weight is None else np.asarray(sample_weight)
        read = [text.features(report) for report in X]
        self.words_, self.grams_ = _vectorizer(), _vectorizer()
        self.words_.fit([list(words) for words, _ in read])
        self.grams_.fit([letters for _, letters in read])
        rows = self._rows(read)
        fold_of = folds(X, y, self.folds)
        logits = np.zeros((len(labels), len(self.classes_)))
        for fold in range(self.folds):
            coef, intercept = self._regress(rows[fold_of != fold], labels[fold_of != fold], weights[fold_of != fold])
            held = np.flatnonzero(fold_of == fold)
            logits[held] = rows[held] @ coef.T + intercept
        self.temperature_ = _temperature(logits, np.searchsorted(self.classes_, labels))
        self.thresholds_ = self._thresholds(softmax(logits / self.temperature_, axis=1), labels)
        self.coef_, self.intercept_ = self._regress(rows, labels, weights)
        return self

    def _regress(self, rows: Any, labels: NDArray[np.str_], weights: _Floats) -> tuple[_Floats, _Floats]:
        """Coefficients (classes x features) and intercepts, each class against the rest.

        A class without an example is made impossible, and one that every example belongs to is certain.
        """
        # Not above: who only asks needs no solver, and saves nine megabytes.
        from sklearn.linear_model import LogisticRegression

        coef = np.zeros((len(self.classes_), rows.shape[1]), dtype=np.float32)
        intercept = np.full(len(self.classes_), -30.0, dtype=np.float32)
        for at, area in enumerate(self.classes_):
            here = labels == area
            if here.all():
                intercept[at] = 0.0
            elif here.any():
                # The dual is solved in a second where there are fewer reports than features; the primal takes four.
                one = LogisticRegression(
                    C=self.C, class_weight="balanced", solver="liblinear", dual=True, max_iter=10_000, random_state=0
                ).fit(rows, here, weights)
                coef[at], intercept[at] = one.coef_[0], one.intercept_[0]
        return coef, intercept

    def _thresholds(self, probabilities: _Floats, labels: NDArray[np.str_]) -> dict[str, float]:
        """Halfway, in log-odds, between what an area needs and what all need: alone it rests on too few mistakes."""
        real = self.classes_ != NONE
        likeliest, best = self.classes_[real][probabilities[:, real].argmax(axis=1)], probabilities[:, real].max(axis=1)
        right = likeliest == labels
        of_all = logit(_threshold(best, right, self.precision))
        return {
            str(area): max(
                self.floor, float(expit((logit(_threshold(best[said], right[said], self.precision)) + of_all) / 2))
            )
            for area, said in ((area, likeliest == area) for area in self.classes_[real])
        }

    def _rows(self, read: Sequence[tuple[dict[str, str], list[str]]]) -> Any:
        words = self.words_.transform([list(words) for words, _ in read])
        return sparse.hstack([words, LETTERS * self.grams_.transform([grams for _, grams in read])], format="csr")

    def _probabilities(self, rows: Any) -> _Floats:
        probabilities: _Floats = softmax((rows @ self.coef_.T + self.intercept_) / self.temperature_, axis=1)
        return probabilities

    def predict_proba(self, X: Sequence[str]) -> _Floats:
        """Calibrated probabilities, reports x classes_."""
        check_is_fitted(self)
        return self._probabilities(self._rows([text.features(report) for report in X]))

    def predict(self, X: Sequence[str]) -> NDArray[np.str_]:
        """The likeliest class of each report, `none` included; `answers` is what knows when to abstain."""
        best: NDArray[np.str_] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return best

    def answer(self, report: str) -> Answer:
        """The answer to one report; any text is answered, if only with `unsorted`."""
        return self.answers([report])[0]

    def answers(self, reports: Sequence[str]) -> list[Answer]:
        """The answers to many reports, in their order."""
        check_is_fitted(self)
        if not reports:
            return []
        read = [text.features(report) for report in reports]
        probabilities = self._probabilities(self._rows(read))
        real = [at for at, area in enumerate(self.classes_) if area != NONE]
        answers = []
        for chances, (words, _) in zip(probabilities, read, strict=True):
            order = sorted(real, key=lambda at: -chances[at])
            first, confidence = str(self.classes_[order[0]]), float(chances[order[0]])
            sure = confidence >= self.thresholds_[first] and bool(words)
            answers.append(
                Answer(
                    area=first if sure else UNSORTED,
                    confidence=confidence,
                    ranked=tuple(str(self.classes_[at]) for at in order),
                    why=self._why(order[0], words),
                )
            )
        return answers

    def _why(self, first: int, words: dict[str, str]) -> tuple[str, ...]:
        known = {
            self.words_.vocabulary_[word]: shown for word, shown in words.items() if word in self.words_.vocabulary_
        }
        columns = self.coef_[:, list(known)]
        leans = (columns[first] - np.delete(columns, first, axis=0).mean(axis=0)) * self.words_.idf_[list(known)]
        why: list[str] = []
        for lean, shown in sorted(zip(leans.tolist(), known.values(), strict=True), reverse=True):
            if lean <= 0 or len(why) == 3:
                break
            if shown not in thesaurus.STOP_WORDS and not any(shown in said or said in shown for said in why):
                why.append(shown)
        return tuple(why)

    def save(self, path: Path) -> None:
        """Write the model to one .npz, whole or not at all."""
        check_is_fitted(self)
        arrays = {
            "coef": self.coef_,
            "intercept": self.intercept_,
            "words": _packed(self.words_),
            "words_idf": self.words_.idf_,
            "grams": _packed(self.grams_),
            "grams_idf": self.grams_.idf_,
        }
        about = {
            "corpus": self.corpus_,
            "classes": self.classes_.tolist(),
            "settings": self.get_params(),
            "temperature": self.temperature_,
            "thresholds": self.thresholds_,
        }
        kept.write(path, arrays, about, _version(), small=True)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a saved model without running anything in it; ValueError says what is wrong with the file."""
        return kept.read(path, _version(), cls._made)

    @classmethod
    def _made(cls, arrays: kept.Arrays, about: Mapping[str, Any]) -> Self:
        model = cls(**about["settings"])
        model.classes_, model.corpus_ = np.asarray(about["classes"]), about["corpus"]
        model.temperature_, model.thresholds_ = about["temperature"], about["thresholds"]
        model.coef_, model.intercept_ = arrays["coef"], arrays["intercept"]
        model.words_ = _unpacked(arrays["words"], arrays["words_idf"])
        model.grams_ = _unpacked(arrays["grams"], arrays["grams_idf"])
        return model


def fingerprint(examples: Iterable[tuple[str, str]]) -> str:
    """The sha256 of labelled reports, in their order."""
    spelled = json.dumps([(str(report), str(label)) for report, label in examples])
    return hashlib.sha256(spelled.encode()).hexdigest()


def folds(reports: Sequence[str], labels: Sequence[str], count: int) -> NDArray[np.int64]:
    """A fold of `count` for each report: the same one for reports that are alike, each label spread evenly."""
    words = _vectorizer().fit_transform([list(text.features(report)[0]) for report in reports])
    # Some at a time: all pairs at once are a gigabyte.
    alike = [(words[at : at + SOME] @ words.T) >= ALIKE for at in range(0, len(reports), SOME)]
    _, families = connected_components(sparse.vstack(alike), directed=False)
    size = np.bincount(families)
    dealt: dict[str, int] = {}
    fold_of: dict[int, int] = {}
    # Large families first, so that the small ones can even the folds out; within a size a fixed shuffle.
    shuffled = np.random.default_rng(0).permutation(len(labels)).tolist()
    for at in sorted(shuffled, key=lambda at: -size[families[at]]):
        if families[at] not in fold_of:
            dealt[labels[at]] = dealt.get(labels[at], -1) + 1
            fold_of[families[at]] = dealt[labels[at]] % count
    return np.asarray([fold_of[family] for family in families])


def _vectorizer(**learned: Any) -> TfidfVectorizer:
    return TfidfVectorizer(analyzer=list, sublinear_tf=True, min_df=2, dtype=np.float32, **learned)


def _packed(vectorizer: TfidfVectorizer) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(vectorizer.get_feature_names_out()).encode(), dtype=np.uint8)


def _unpacked(names: NDArray[np.uint8], idf: _Floats) -> TfidfVectorizer:
    vectorizer = _vectorizer(vocabulary=names.tobytes().decode().split("\n"))
    vectorizer.idf_ = idf
    return vectorizer


def _version() -> str:
    """A model fitted before the words were turned into columns otherwise would read texts wrongly."""
    return f"area {FORMAT}, {kept.sources(('lexicon.py', 'text.py'))}"


def _temperature(logits: _Floats, right: NDArray[np.int64]) -> float:
    """What logits must be divided by so that probabilities mean what they say; fitted by likelihood."""

    def surprise(log_temperature: float) -> float:
        return -float(log_softmax(logits / np.exp(log_temperature), axis=1)[np.arange(len(right)), right].mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-3, 3), method="bounded").x))


def _threshold(best: _Floats, right: NDArray[np.bool_], precision: float) -> float:
    """The smallest probability from which `right` holds often enough; 1 when it never does."""
    order = np.argsort(-best, kind="stable")
    enough = np.flatnonzero(np.cumsum(right[order]) >= precision * np.arange(1, len(order) + 1))
    return float(best[order][enough[-1]]) if len(enough) else 1.0
