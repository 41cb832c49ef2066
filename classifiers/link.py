"""How probably two reports are the same problem: four figures of the pair, weighed by a logistic regression.

The weights were chosen by hand between those of the words alone and those that a logistic regression finds on the
pairs of tests/benchmarks/wordings.jsonl and of the tune part of grouping.jsonl together: the latter alone is best on
pairs that share few words, and loses what makes near-certain. In recall among three of all reports of the tune part:
words alone 0.82, with the thesaurus and what is shared 0.86, with the company that words keep 0.88; of wordings.jsonl,
which no feature was made for, 0.44 before the last and 0.57 with it.

Tried beside these, and left out because none added a point of recall or of average precision on duplicates that took no
part in fitting: containment, the rarest and second rarest shared word, how many words and how many identifiers are
shared, shared pairs of neighbours, the first sentence alone, what each text has that the other lacks, difference in
length, agreement of the area classifier, the lead over the next candidate, the cosine of all letters, and words aligned
one by one by their vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from classifiers import kinship, terms
from classifiers.postings import Postings

Matrix = NDArray[np.float64]

ALIKE = 0.3  # letter cosine from which two different words count as spellings of one
LETTERED = 32  # weightiest words of a long text whose spellings are compared
WEIGHTY = 30.0  # squared weight in common, relative to which more is told on a logarithmic scale
LENGTH = 0.85  # how much of a text's length its product with another is divided by: a cosine (1) favours short texts
TYPICAL = 15.0  # length of a report of a dozen words


FIGURES = ("words", "subjects", "shared", "near")


@dataclass(frozen=True, slots=True)
class Link:
    """What each figure says for the same problem."""

    bias: float
    weights: tuple[float, ...]  # in the order of FIGURES

    def scores(self, figures: Matrix, against: float = 0.0) -> Matrix:
        """How probably each pair is the same problem, 0..1, when the log of the odds is lower by so much."""
        scores: Matrix = 1 / (1 + np.exp(against - (figures @ np.array(self.weights) + self.bias)))
        return scores


SHIPPED = Link(-9.0, (8.0, 4.0, 1.5, 8.0))
TRUST = 0.05  # how hard answers find it to move a weight away from SHIPPED: 1 / variance, in units of the weight


def fit_link(pairs: Sequence[tuple[Sequence[float], bool]], prior: Link = SHIPPED) -> Link:
    """The link that explains what people answered about pairs, given by their figures: was it the same problem?

    The likeliest weights, none of them negative, when the prior ones are taken to be about right; without pairs, those.
    """
    figures = np.array([figures for figures, _ in pairs], dtype=np.float64).reshape(-1, len(FIGURES))
    sides = np.array([1.0 if same else -1.0 for _, same in pairs])
    start = np.array([prior.bias, *prior.weights])

    def cost(tried: Matrix) -> tuple[float, Matrix]:
        margins = sides * (figures @ tried[1:] + tried[0])
        pull = -sides / (1 + np.exp(np.minimum(margins, 500)))
        away = TRUST * (tried - start)
        slope = np.array([pull.sum(), *(pull @ figures)]) + away
        return float(np.logaddexp(0, -margins).sum() + away @ (tried - start) / 2), slope

    found = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=[(None, None), *[(0, None)] * len(FIGURES)])
    bias, *weights = found.x.tolist()
    return Link(bias, tuple(weights))


class Asked:
    """A text as compared with the rows of an index."""

    def __init__(self, words: Sequence[str], postings: Postings) -> None:
        """Its terms, known to the index or not."""
        weights = np.array([postings.weight(word) for word in words])
        subject = np.array([word[0] == terms.SUBJECT for word in words], dtype=bool)
        lines = np.array([kinship.line(word) for word in words], np.int16)
        gist = kinship.gist(lines, weights)
        self.gist = gist / max(1e-9, float(np.linalg.norm(gist)))
        self.words, self.subjects, self.norm = _length(weights[~subject]), _length(weights[subject]), _length(weights)
        self.known = [postings.ids[word] for word in words if word in postings.ids]
        spelled = [at for at, word in enumerate(words) if word[0] not in (terms.NAME, terms.SUBJECT)]
        self.spelled = [
            (words[at], float(weights[at])) for at in sorted(spelled, key=lambda at: -weights[at])[:LETTERED]
        ]


def figures(asked: Asked, rows: Sequence[int], postings: Postings) -> tuple[Matrix, Matrix]:
    """The figures of a text paired with each of several rows, a line each; and how much the two share, 1 being all.

    `words` is a soft cosine: a word meets its other spellings by their letters. `subjects` is the cosine of what the
    thesaurus finds; it counts less the more the words agree, because near-certainty must come from words. `shared` is
    the weight of the telling words in common: two short texts share few by chance. `near` is how alike the texts' words
    are by the company they keep, whether or not they are the same words.
    """
    ids, lengths = postings.held_by(np.asarray(rows, np.intp))
    owner = np.repeat(np.arange(len(rows)), lengths)

    def per_row(values: NDArray[np.float64]) -> Matrix:
        summed: Matrix = np.bincount(owner, weights=values, minlength=len(rows)).astype(np.float64)
        return summed

    mine = np.zeros(len(postings.weights), bool)
    mine[asked.known] = True
    hit = mine[ids]
    weights, kinds = postings.weights[ids].astype(np.float64), postings.kinds[ids]
    squares = weights * weights
    subject, stop = kinds == ord(terms.SUBJECT), kinds == ord(terms.STOP)
    common = squares * hit
    words, subjects = per_row(squares * ~subject), per_row(squares * subject)
    soft = np.where(subject, 0.0, common)
    _soften(soft, asked, ids, weights, (kinds == 0) | stop, postings)
    of_words = per_row(soft) / np.maximum(1.0, asked.words * np.sqrt(words)) ** LENGTH / TYPICAL ** (2 - 2 * LENGTH)
    of_subjects = per_row(common * subject) / np.maximum(1.0, asked.subjects * np.sqrt(subjects))
    telling = np.log1p(per_row(common * ~(subject | stop)) / WEIGHTY)
    alike = per_row(common) / np.maximum(1e-9, asked.norm * np.sqrt(words + subjects))
    gists = postings.gists[np.asarray(rows, np.intp)]
    near = np.maximum(0.0, per_row(kinship.near(asked.gist, postings.lines[ids], weights)) / gists)
    return np.stack([of_words, of_subjects * np.maximum(0.0, 1 - 2 * of_words), telling, near], axis=1), alike


def _soften(
    soft: Matrix,
    asked: Asked,
    ids: NDArray[np.int32],
    weights: Matrix,
    spelled: NDArray[np.bool_],
    postings: Postings,
) -> None:
    """What each held term adds to the product of two texts when a word is a little like its other spellings."""
    if not asked.spelled or not spelled.any():
        return
    unique, back = np.unique(ids[spelled], return_inverse=True)
    grams, counts = postings.letters(unique.tolist())
    table = np.zeros((terms.BUCKETS, len(asked.spelled)), np.float32)
    sizes = np.empty(len(asked.spelled), np.float32)
    for at, (word, _) in enumerate(asked.spelled):
        mine = terms.letters(word)
        table[mine, at], sizes[at] = 1.0, len(mine)
    alike = np.add.reduceat(table[grams], np.cumsum(counts) - counts, axis=0)
    alike /= np.sqrt(counts[:, None] * sizes)
    alike[alike < ALIKE] = 0.0
    soft[spelled] = (alike @ np.array([weight for _, weight in asked.spelled]))[back] * weights[spelled]


def _length(weights: Matrix) -> float:
    return float(np.sqrt(weights @ weights))
