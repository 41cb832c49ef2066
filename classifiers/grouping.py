"""Which earlier reports say the same: an exact index of words, and a probability for each of the few it finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from classifiers import link, pair, terms
from classifiers.postings import Postings
from classifiers.rows import Rows
from classifiers.space import Space as Space

# By `friction evaluate --groups` of the tune part of tests/benchmarks/grouping.jsonl (464 reports, 208 repeats), on
# which they were chosen: the right group is first for 67 % of the repeats, among three for 83 %. At SUGGEST reporters
# of 80 in 100 are asked of two clusters on average, and 38 % of them find theirs; with their answers B-cubed F1 is
# 0.93, precision 1.00. At 0.02 it would be 82 questions and 0.94, at 0.04 70 and 0.93, at 0.05 66 and 0.92.
# What joins unasked there, at each JOIN: at 0.9 8 % of the pairs, at 0.85 10 %, at 0.8 13 %, and none wrongly; at 0.75
# 15 % and 1.5 in a hundred wrongly, at 0.7 17 % and 3, at 0.65 21 % and 4. Half words and half letters of TF-IDF have
# 10 % when 5 in a hundred are wrong, as they have on other people's reports. The short titles of wordings.jsonl, all of
# them near another problem on purpose, are another matter: of 596 12 join at 0.85, 20 at 0.8, and a third to a half of
# these wrongly. The once part was looked at with 0.8 (354 reports, 151 repeats): first for 77 %, among three for 93 %,
# 14 % of the pairs joined unasked and 9 in a hundred wrongly, B-cubed F1 with answers 0.96. That is too many, hence
# 0.85, with which it was not looked at again: a wrong join hides a problem, a missed one costs a click.
JOIN = 0.85
SUGGEST = 0.03
BESIDE = 0.2  # share of the best one's score below which another is not worth a button beside it

BEST = 0.7  # share of a cluster's best member, the rest is the mean of its members
SAME = 0.98  # two texts that share this much say the same, whatever the model thinks of so few words
READ = 200_000  # postings read to find candidates; beyond them only the rarest terms find, all still score
SHORTLIST = 50  # earlier reports, best by their terms, that are compared in full
EACH = 3  # of them at most this many from one cluster, so that a large one hides no other
MEMBERS = 20  # newest reports that speak for a cluster
FEW = 200  # reports up to which scores are as the model has them
# Among 3,000 other reports 18 % of the questions about the tune part were right at 0, 28 % at 0.5, and 46 % at 1, where
# however six in seven were not asked any more.
CROWD = 0.5  # how much the log of the odds falls, beyond that, with the log of the number
YOUNG = 50  # reports from which on their own words count; then again whenever there are half as many more


@dataclass(frozen=True, slots=True)
class Candidate:
    """The member of an earlier cluster that is most like a text."""

    key: int  # of the earlier report
    cluster: int
    score: float  # 0..1, how probably the text is the cluster's problem


class Scorer(Protocol):
    """A second opinion, such as sentence vectors: it keeps what it needs of each report, by the same keys."""

    def put(self, key: int, text: str) -> None:
        """Add a report, or replace what the key held."""

    def remove(self, key: int) -> None:
        """Forget a report."""

    def scores(self, text: str, keys: Sequence[int]) -> Sequence[float]:
        """How probably the text is the same problem as each of the reports, 0..1."""


def join(candidates: Sequence[Candidate]) -> Candidate | None:
    """The candidate whose cluster the text belongs to without asking anybody, if it is that certain."""
    return candidates[0] if candidates and candidates[0].score >= JOIN else None


def likely(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates that somebody is asked about, best first: only those that are worth a button beside the best."""
    if not candidates:
        return []
    least = max(SUGGEST, BESIDE * candidates[0].score)
    return [each for each in candidates if each.score >= least]


class Index:
    """The reports that new ones are compared with, by the terms they hold.

    Between two calls of `reweigh` a score means the same, whatever else is put. A young index calls it by itself.
    """

    def __init__(self, space: Space, second: Scorer | None = None, model: link.Link = link.SHIPPED) -> None:
        """An empty index; `second` has an equal say in every score, `model` makes the first one."""
        self.space = space
        self.postings = Postings(space)
        self.model = model
        self._second = second
        self.forgotten = 0  # texts that it held and holds no more
        self._rows = Rows()
        self._due = YOUNG

    def __len__(self) -> int:
        """How many reports it holds."""
        return self.postings.rows

    def put(self, key: int, cluster: int, text: str) -> None:
        """Add a report, or replace what the key held."""
        words = terms.terms_of(text)
        row = self._rows.of(key)
        if row is not None:
            self._rows.unlink(row)
            if not self.postings.holds(row, words):
                self.postings.drop(row)
                self.postings.add(words, row)
                self.forgotten += 1
        else:
            row = self.postings.add(words)
        self._rows.place(row, key, cluster)
        if self._second is not None:
            self._second.put(key, text)
        if len(self) >= self._due:
            self.reweigh()

    def remove(self, key: int) -> None:
        """Forget a report, its words included; one that is not here is forgotten already.

        A file that was saved before still holds the words: save again, or delete it.
        """
        row = self._rows.of(key)
        if row is None:
            return
        self._rows.remove(row)
        self.postings.drop(row)
        self.forgotten += 1
        terms.forget()
        if self._second is not None:
            self._second.remove(key)

    def reweigh(self) -> None:
        """Weigh each term by how rare it is among these reports as well: for every night, a second per million."""
        self.postings.reweigh()
        self._due = max(YOUNG, len(self) * 3 // 2)

    def candidates(self, text: str, limit: int = 3, *, exclude: frozenset[int] = frozenset()) -> list[Candidate]:
        """The clusters most like a text, best first, each shown by its most alike member; `exclude` names keys.

        A cluster scores by its best member and the mean of its newest `MEMBERS`; by the best alone if that says the
        same words.
        """
        asked = pair.Asked(terms.terms_of(text), self.postings)
        without = {row for row in map(self._rows.of, exclude) if row is not None}
        rows = self._shortlist(asked, without)
        if not rows:
            return []
        scores = dict(zip(rows, self._scores(text, asked, rows), strict=True))
        best: dict[int, int] = {}  # cluster -> its best member
        for row in sorted(rows, key=lambda row: (-scores[row], self._rows.key(row))):
            best.setdefault(self._rows.cluster(row), row)
        finalists = dict(list(best.items())[: limit * 4])
        members = {cluster: self._rows.members(cluster, MEMBERS, without) for cluster in finalists}
        unread = [row for each in members.values() for row in each if row not in scores]
        if unread:
            scores.update(zip(unread, self._scores(text, asked, unread), strict=True))
        found = []
        for cluster, row in finalists.items():
            top, mean = scores[row], sum(scores[each] for each in members[cluster]) / len(members[cluster])
            score = top if top >= SAME else BEST * top + (1 - BEST) * mean
            found.append(Candidate(self._rows.key(row), cluster, score))
        return sorted(found, key=lambda each: (-each.score, each.key))[:limit]

    def figures(self, text: str, keys: Sequence[int]) -> pair.Matrix:
        """What the link model is given about a text and each of these reports, a line each; KeyError for others."""
        asked = pair.Asked(terms.terms_of(text), self.postings)
        return pair.figures(asked, [self._known(key) for key in keys], self.postings)[0]

    def figures_of(self, key: int, keys: Sequence[int]) -> pair.Matrix:
        """The same of one of its reports and others of them; those that it does not hold are left out."""
        rows = [row for row in map(self._rows.of, (key, *keys)) if row is not None]
        if self._rows.of(key) is None or len(rows) < 2:
            return np.empty((0, len(pair.FIGURES)))
        asked = pair.Asked(self.postings.words(rows[0]), self.postings)
        return pair.figures(asked, rows[1:], self.postings)[0]

    def clusters(self) -> Iterator[tuple[int, int]]:
        """Each report and its cluster."""
        return ((self._rows.key(row), self._rows.cluster(row)) for row in self._rows)

    def members(self, cluster: int) -> list[int]:
        """The reports of a cluster, those put last first, at most `MEMBERS`; none if there is no such cluster."""
        return [self._rows.key(row) for row in self._rows.members(cluster, MEMBERS)]

    def scores_of(self, key: int, keys: Sequence[int]) -> list[float]:
        """How probably a report is the same problem as each of some others; KeyError for those that are not here."""
        row, *rows = (self._known(each) for each in (key, *keys))
        return self._scores("", pair.Asked(self.postings.words(row), self.postings), rows) if rows else []

    def matrix(self, common: float) -> tuple[list[int], sparse.csr_matrix]:
        """All reports, and a line for each, whose products are cosines; without terms of more than a share of them."""
        rows = np.array(list(self._rows), np.intp)
        return [self._rows.key(row) for row in rows.tolist()], self.postings.matrix(rows, common)

    def packed(self) -> tuple[dict[str, NDArray[Any]], int]:
        """All there is as arrays of numbers and letters, and of how many texts terms were weighed; for a file."""
        rows = np.array(list(self._rows), np.intp)
        held = {
            "keys": np.array([self._rows.key(row) for row in rows.tolist()], np.int64),
            "clusters": np.array([self._rows.cluster(row) for row in rows.tolist()], np.int64),
        }
        return held | self.postings.packed(rows), self.postings.texts

    def unpack(self, arrays: Mapping[str, NDArray[Any]], texts: int) -> None:
        """Fill an empty index with what `packed` gave."""
        self.postings.unpack(arrays, texts)
        for row, (key, cluster) in enumerate(zip(arrays["keys"].tolist(), arrays["clusters"].tolist(), strict=True)):
            self._rows.place(row, key, cluster)
        self._due = max(YOUNG, texts * 3 // 2)

    def _shortlist(self, asked: pair.Asked, without: set[int]) -> list[int]:
        """The rows most like the text by the cosine of their terms, stop words and spelling apart."""
        shared = np.zeros(len(self.postings), np.float32)
        found: list[NDArray[np.int32]] = []
        read = 0
        for rows, weight in sorted(
            ((self.postings.found(term), self.postings.weights[term] ** 2) for term in asked.known),
            key=lambda each: len(each[0]),
        ):
            read += len(rows)
            if read > READ and found:
                break
            shared[rows] += weight
            found.append(rows)
        if not read:
            return []
        touched = np.unique(np.concatenate(found)) if read < len(shared) // 16 else np.flatnonzero(shared)
        alike = shared[touched] / self.postings.norms[touched]
        if without:
            kept = ~np.isin(touched, list(without))
            touched, alike = touched[kept], alike[kept]
        if len(touched) > SHORTLIST * 8:
            kept = alike >= np.partition(alike, -SHORTLIST * 8)[-SHORTLIST * 8]
            touched, alike = touched[kept], alike[kept]
        chosen: list[int] = []
        each: dict[int, int] = {}
        for row in touched[np.lexsort((touched, -alike))].tolist():
            cluster = self._rows.cluster(row)
            each[cluster] = each.get(cluster, 0) + 1
            if each[cluster] <= EACH:
                chosen.append(row)
                if len(chosen) == SHORTLIST:
                    break
        return chosen

    def _scores(self, text: str, asked: pair.Asked, rows: Sequence[int]) -> list[float]:
        figures, alike = pair.figures(asked, rows, self.postings)
        # The more reports, the more of them resemble a text by chance: the odds of each fall as their number grows.
        crowd = CROWD * max(0.0, log(max(1, self.postings.texts) / FEW))
        scores = self.model.scores(figures, crowd)
        if self._second is not None and text:
            scores = (scores + np.asarray(self._second.scores(text, [self._rows.key(row) for row in rows]))) / 2
        told: list[float] = np.where(alike >= SAME, np.minimum(alike, 1.0), scores * SAME).tolist()
        return told

    def _known(self, key: int) -> int:
        row = self._rows.of(key)
        if row is None:
            raise KeyError(key)
        return row
