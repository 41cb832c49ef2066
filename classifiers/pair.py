"""What can be said of two reports in figures, for the link model to weigh: what they share, and what they do not.

Tried beside these, and left out because none added a point of recall or of precision among the likeliest on duplicates
that took no part in fitting: containment, how many words and how many identifiers are shared, the second rarest shared
word, shared pairs of neighbours and runs of words, the first sentence alone, difference in length, agreement of the
area classifier, tools that are named by one and not by the other, symptoms that differ, the lead over the next
candidate, how crowded the surroundings are, and the cosine of all letters.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifiers import kinship, terms
from classifiers.postings import Postings
from classifiers.space import RAREST

Matrix = NDArray[np.float64]

ALIKE = 0.3  # letter cosine from which two different words count as spellings of one
WEIGHTIEST = 32  # words of a long text that are compared one by one
WEIGHTY = 30.0  # squared weight in common, relative to which more is told on a logarithmic scale
LENGTH = 0.85  # how much of a text's length its product with another is divided by: a cosine (1) favours short texts
TYPICAL = 15.0  # length of a report of a dozen words
SAID = 7.5  # length of what two texts tell from which on nothing but stop words apart is nothing apart
LEFT = 0.01  # length of a gist below which it is what rounding left

FIGURES = ("words", "subjects", "shared", "near", "rarest", "told", "unmet", "rest")


class Asked:
    """A text as compared with the rows of an index."""

    def __init__(self, words: Sequence[str], postings: Postings) -> None:
        """Its terms, known to the index or not."""
        weights = np.array([postings.weight(word) for word in words], np.float64)
        kinds = np.array([ord(word[0]) for word in words], np.int32)
        lines = np.array([kinship.line(word) for word in words], np.int16)
        ids = np.array([postings.ids.get(word, -1) for word in words], np.int32)
        subject, telling = kinds == ord(terms.SUBJECT), _telling(kinds)
        gist = kinship.gist(lines, weights)
        self.gist = gist / max(1e-9, float(np.linalg.norm(gist)))
        self.told_gist = kinship.gist(lines[telling], weights[telling])
        self.words, self.subjects, self.told, self.norm = (
            float(np.linalg.norm(each)) for each in (weights[~subject], weights[subject], weights[telling], weights)
        )
        self.known = ids[ids >= 0]
        kept = [at for at in np.argsort(-weights, kind="stable").tolist() if not subject[at]][:WEIGHTIEST]
        self.weightiest = [words[at] for at in kept]
        self.ids, self.weights, self.telling, self.lines = ids[kept], weights[kept], telling[kept], lines[kept]


def figures(asked: Asked, rows: Sequence[int], postings: Postings) -> tuple[Matrix, Matrix]:
    """The figures of a text paired with each of several rows, a line each; and how much the two share, 1 being all,
    stop words counting only where there is little else.

    `words` is a soft cosine: a word meets its other spellings by their letters. `subjects` is the cosine of what the
    thesaurus finds; it counts less the more the words agree, because near-certainty must come from words. `shared` is
    the weight of the telling words in common: two short texts share few by chance. `near` is how alike the texts' words
    are by the company they keep, whether or not they are the same words. `rarest` is the weight of the rarest word in
    common, `told` how much there is to share: the length of the shorter text. `unmet` is the weight of the words that
    meet nothing in the other text, neither spelled nor used like them, of the text that has less of it; `rest` is how
    alike, by the company they keep, those words are that the two do not share.
    """
    held = _Held(asked, rows, postings)
    squares = held.weights**2
    common = squares * held.hit
    words, subjects = held.per_row(squares * ~held.subject), held.per_row(squares * held.subject)
    spelled = _spelled(asked, held, postings)
    soft = held.per_row(_soft(asked, held, spelled, common))
    of_words = soft / np.maximum(1.0, asked.words * np.sqrt(words)) ** LENGTH / TYPICAL ** (2 - 2 * LENGTH)
    of_subjects = held.per_row(common * held.subject) / np.maximum(1.0, asked.subjects * np.sqrt(subjects))
    alike_words, gists = kinship.near(asked.gist, held.vectors)[held.back], postings.gists[np.asarray(rows, np.intp)]
    told, shared = held.per_row(squares * held.telling), held.per_row(common * held.telling)
    least = np.minimum(asked.told, np.sqrt(told))
    found = {
        "words": of_words,
        "subjects": of_subjects * np.maximum(0.0, 1 - 2 * of_words),
        "shared": np.log1p(shared / WEIGHTY),
        "near": np.maximum(0.0, held.per_row(alike_words * held.weights**kinship.WEIGHTY) / gists),
        "rarest": held.most((held.weights * (held.hit & held.telling))[:, None])[:, 0] / RAREST,
        "told": np.log1p(least / TYPICAL),
        "unmet": np.log1p(_unmet(asked, held, spelled) / TYPICAL),
        "rest": _rest(asked, held),
    }
    alike = held.per_row(common) / np.maximum(1e-9, asked.norm * np.sqrt(words + subjects))
    alike_told = np.where(least >= SAID, shared / np.maximum(1e-9, asked.told * np.sqrt(told)), 0.0)
    alike = np.maximum(alike, alike_told)
    return np.stack([found[name] for name in FIGURES], axis=1), alike


class _Held:
    """The terms of several rows, one row after the other."""

    def __init__(self, asked: Asked, rows: Sequence[int], postings: Postings) -> None:
        self.ids, lengths = postings.held_by(np.asarray(rows, np.intp))
        self.rows = len(rows)
        self.owner = np.repeat(np.arange(self.rows), lengths)
        self._some, self._starts = lengths > 0, np.cumsum(lengths) - lengths
        self.weights = postings.weights[self.ids].astype(np.float64)
        mine = np.zeros(len(postings.weights), bool)
        mine[asked.known] = True
        self.hit = mine[self.ids]
        self.unique, self.back = np.unique(self.ids, return_inverse=True)
        kinds = postings.kinds[self.unique]
        self.spelled = (kinds == 0) | (kinds == ord(terms.STOP))
        self.told = _telling(kinds)
        self.subject, self.telling = (kinds == ord(terms.SUBJECT))[self.back], self.told[self.back]
        self.vectors = kinship.of(postings.lines[self.unique])

    def per_row(self, values: NDArray[np.floating]) -> Matrix:
        """What the terms of each row add up to."""
        summed: Matrix = np.bincount(self.owner, weights=values, minlength=self.rows).astype(np.float64)
        return summed

    def most(self, values: Matrix) -> Matrix:
        """In each column, the greatest value of the terms of each row; 0 for rows without any."""
        greatest = np.zeros((self.rows, values.shape[1]))
        if self._some.any():
            greatest[self._some] = np.maximum.reduceat(values, self._starts[self._some], axis=0)
        return greatest

    def gists(self, *some: NDArray[np.bool_]) -> list[kinship.Vectors]:
        """What some of the terms of each row are about, for each choice of terms."""
        owner = np.concatenate([self.owner[which] + at * self.rows for at, which in enumerate(some)])
        terms = np.concatenate([self.back[which] for which in some])
        weights = np.concatenate([self.weights[which] for which in some])
        return np.split(kinship.gists(self.vectors, terms, weights, owner, len(some) * self.rows), len(some))


def _spelled(asked: Asked, held: _Held, postings: Postings) -> NDArray[np.float32]:
    """How alike the letters of each different term are to those of each weightiest word that is asked, 0..1."""
    alike = np.zeros((len(held.unique), len(asked.weightiest)), np.float32)
    if not held.spelled.any() or not asked.weightiest:
        return alike
    grams, counts = postings.letters(held.unique[held.spelled].tolist())
    table = np.zeros((terms.BUCKETS, len(asked.weightiest)), np.float32)
    sizes = np.ones(len(asked.weightiest), np.float32)
    for at, word in enumerate(asked.weightiest):
        mine = terms.letters(word)
        table[mine, at], sizes[at] = 1.0, max(1, len(mine))
    shared = np.add.reduceat(table[grams], np.cumsum(counts) - counts, axis=0)
    alike[held.spelled] = shared / np.sqrt(counts[:, None] * sizes)
    alike[alike < ALIKE] = 0.0
    return alike


def _soft(asked: Asked, held: _Held, spelled: NDArray[np.float32], common: Matrix) -> Matrix:
    """What each held term adds to the product of two texts when a word is a little like its other spellings."""
    by_letters: Matrix = (spelled * asked.weights).sum(axis=1)[held.back] * held.weights
    return np.where(held.subject, 0.0, np.where(by_letters > 0, by_letters, common))


def _unmet(asked: Asked, held: _Held, spelled: NDArray[np.float32]) -> Matrix:
    """What the telling words weigh that meet nothing in the other text, of whichever text that is less."""
    used = kinship.products(held.vectors, kinship.of(asked.lines))
    same = np.equal(held.unique[:, None], asked.ids)
    meets = np.maximum(np.maximum(spelled, used), same)[:, asked.telling]
    theirs = held.per_row(held.weights * held.telling * (1 - meets.max(axis=1, initial=0.0))[held.back])
    meets[~held.told] = 0.0
    weights = asked.weights[asked.telling]
    ours: Matrix = ((1 - held.most(meets[held.back])) * weights).sum(axis=1)
    return np.minimum(theirs, ours)


def _rest(asked: Asked, held: _Held) -> Matrix:
    """The cosine of what is left of both texts' gists without the telling words that they share."""
    told, shared = held.gists(held.telling, held.telling & held.hit)
    theirs, ours = told - shared, asked.told_gist - shared
    sizes = np.linalg.norm(theirs, axis=1), np.linalg.norm(ours, axis=1)
    alike = (theirs * ours).sum(axis=1).astype(np.float64) / np.maximum(LEFT**2, sizes[0] * sizes[1])
    return np.where(np.minimum(*sizes) < LEFT, 0.0, alike)


def _telling(kinds: NDArray[np.integer]) -> NDArray[np.bool_]:
    others: NDArray[np.bool_] = (kinds != ord(terms.SUBJECT)) & (kinds != ord(terms.STOP))
    return others
