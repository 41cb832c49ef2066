"""Which reports hold which terms: an inverted index in memory, exact, compact, and forgetful when told to be.

A report is a row; rows are numbered as they come. Everything by row is an array of bare numbers, since a Python object
a report would cost more than its terms do.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from classifiers import kinship, terms
from classifiers.space import Space

Ids = NDArray[np.int32]
_Array = TypeVar("_Array", bound=NDArray[Any])

_FEW = 64  # bytes of rows up to which a term's are kept as a string of them: most terms are rare
_BATCH = 100_000  # rows that are weighed at once
_KINDS = (terms.STOP, terms.NAME, terms.SUBJECT)


class Postings:
    """Rows of terms, found by their terms, stop words excepted."""

    def __init__(self, space: Space) -> None:
        """No rows yet; terms weigh what the space says."""
        self.ids: dict[str, int] = {}
        self.weights: NDArray[np.float32] = np.zeros(64, np.float32)  # by term
        self.kinds: NDArray[np.uint8] = np.zeros(64, np.uint8)  # by term: its first sign, 0 for plain words
        self.lines: NDArray[np.int16] = np.zeros(64, np.int16)  # by term: its vector, -1 for none
        self.texts = 0  # how many there were when the terms were last weighed
        self.rows = 0  # how many hold something
        self._space = space
        self._terms: list[str] = []
        self._letters: list[bytes | None] = []  # by term, once asked for
        self._found: list[bytes | array[int]] = []  # by term: the rows that hold it
        self._count: NDArray[np.int32] = np.zeros(64, np.int32)  # by term: how many rows hold it
        self._free: list[int] = []  # terms
        self._pool: array[int] = array("i")  # the terms of all rows
        self._start: array[int] = array("q")  # by row: where in the pool
        self._length: array[int] = array("H")  # by row: how many terms
        self._norm: array[float] = array("f")  # by row
        self._gist: array[float] = array("f")  # by row: how long the sum of its words' vectors is

    def __len__(self) -> int:
        """How many row numbers have been given out."""
        return len(self._start)

    @property
    def norms(self) -> NDArray[np.float32]:
        """By row: its length. Let go of it before the next change."""
        return np.frombuffer(self._norm, np.float32)

    @property
    def gists(self) -> NDArray[np.float32]:
        """By row: the length of its gist. Let go of it before the next change."""
        return np.frombuffer(self._gist, np.float32)

    def add(self, words: Sequence[str], row: int | None = None) -> int:
        """A new row of these terms, each named once; or an earlier row that was dropped, filled again."""
        ids = array("i", [self.ids[word] if word in self.ids else self._new(word) for word in words])
        if row is None:
            row = len(self._start)
            self._start.append(0)
            self._length.append(0)
            self._norm.append(0.0)
            self._gist.append(0.0)
        self._start[row], self._length[row] = len(self._pool), len(ids)
        self._pool.extend(ids)
        one = row.to_bytes(4, "little")
        for term, word in zip(ids, words, strict=True):
            if word[0] != terms.STOP:
                found = self._found[term]
                if isinstance(found, bytes):
                    self._found[term] = found + one if len(found) < _FEW else array("i", found + one)
                else:
                    found.append(row)
        self._count[ids] += 1
        weights = self.weights[ids]
        self._norm[row] = float(weights @ weights) ** 0.5 or 1.0
        self._gist[row] = max(1e-9, float(np.linalg.norm(kinship.gist(self.lines[ids], weights))))
        self.rows += 1
        return row

    def drop(self, row: int) -> None:
        """Forget what a row holds, and every term that no other row holds."""
        held = self.held(row)
        self._count[held] -= 1
        for term in held.tolist():
            if self._terms[term][0] != terms.STOP:
                kept = self.found(term)
                self._found[term] = _rows(kept[kept != row])
            if not self._count[term]:
                del self.ids[self._terms[term]]
                self._terms[term], self._letters[term], self._found[term] = "", None, b""
                self._free.append(term)
        at = self._start[row]
        self._pool[at : at + len(held)] = array("i", bytes(4 * len(held)))
        self._length[row] = 0
        self.rows -= 1

    def holds(self, row: int, words: Sequence[str]) -> bool:
        """Whether a row holds just these terms, in this order."""
        return bool(self.held(row).tolist() == [self.ids.get(word) for word in words])

    def found(self, term: int) -> Ids:
        """The rows that a term finds. Let go of it before the next change."""
        return np.frombuffer(self._found[term], np.int32)

    def held(self, row: int) -> Ids:
        """The terms of a row, in the order of its text."""
        at = self._start[row]
        return np.array(self._pool[at : at + self._length[row]], np.int32)

    def words(self, row: int) -> list[str]:
        """The terms of a row, spelled out."""
        return [self._terms[term] for term in self.held(row).tolist()]

    def held_by(self, rows: NDArray[np.intp]) -> tuple[Ids, NDArray[np.int64]]:
        """The terms of several rows, one row after the other, and how many each row has."""
        lengths = np.frombuffer(self._length, np.uint16)[rows].astype(np.int64)
        starts = np.frombuffer(self._start, np.int64)[rows] if len(rows) else lengths
        before = np.cumsum(lengths) - lengths
        at = np.arange(lengths.sum()) + np.repeat(starts - before, lengths)
        return (np.frombuffer(self._pool, np.int32) if self._pool else np.empty(0, np.int32))[at], lengths

    def letters(self, ids: Sequence[int]) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
        """The letter grams of several terms, one term after the other, and how many each term has."""
        grams = []
        for term in ids:
            known = self._letters[term]
            if known is None:
                known = self._letters[term] = terms.letters(self._terms[term]).tobytes()
            grams.append(known)
        return np.frombuffer(b"".join(grams), np.uint16), np.array([len(each) for each in grams], np.int64) // 2

    def weight(self, word: str) -> float:
        """What a term weighs, whether or not a row holds it."""
        term = self.ids.get(word)
        return self._space.weight(word, 0, self.texts) if term is None else float(self.weights[term])

    def matrix(self, rows: NDArray[np.intp], common: float) -> sparse.csr_matrix:
        """Rows by terms, weighted and of length 1, so that their products are cosines.

        Without stop words, and without terms that more than this share of the rows hold.
        """
        ids, lengths = self.held_by(rows)
        useful = (self.kinds[ids] != ord(terms.STOP)) & (self._count[ids] <= common * self.rows)
        owner = np.repeat(np.arange(len(rows)), lengths)[useful]
        weights = self.weights[ids[useful]] / self.norms[rows][owner]
        return sparse.csr_matrix((weights, (owner, ids[useful])), shape=(len(rows), len(self.weights)))

    def packed(self, rows: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
        """Some rows as arrays: their terms, spelled out once each, and what they weigh."""
        ids, lengths = self.held_by(rows)
        used, held = np.unique(ids, return_inverse=True)
        spelled = "\n".join(self._terms[term] for term in used.tolist()).encode("utf-8", "surrogatepass")
        return {
            "terms": np.frombuffer(spelled, np.uint8),
            "weights": self.weights[used],
            "held": held.astype(np.int32),
            "lengths": lengths.astype(np.uint16),
        }

    def unpack(self, arrays: Mapping[str, NDArray[Any]], texts: int) -> None:
        """Fill these empty postings with rows that `packed` gave."""
        self.texts = texts
        spelled = arrays["terms"].tobytes().decode("utf-8", "surrogatepass")
        for word in spelled.split("\n") if spelled else ():
            self._new(word)
        held, lengths = arrays["held"].astype(np.int32), arrays["lengths"].astype(np.int64)
        self.weights[: len(self._terms)] = arrays["weights"]
        owner = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        counts = np.bincount(held, minlength=len(self._terms))
        self._count[: len(self._terms)] = counts
        by_term = owner[np.argsort(held, kind="stable")].astype(np.int32)
        ends = np.cumsum(counts)
        for term, (start, end) in enumerate(zip((ends - counts).tolist(), ends.tolist(), strict=True)):
            if self._terms[term][0] != terms.STOP:
                self._found[term] = _rows(by_term[start:end])
        squares = np.bincount(owner, weights=self.weights[held].astype(np.float64) ** 2, minlength=len(lengths))
        self._pool = array("i", held.tobytes())
        self._start = array("q", (np.cumsum(lengths) - lengths).tobytes())
        self._length = array("H", lengths.astype(np.uint16).tobytes())
        self._norm = array("f", np.where(squares > 0, np.sqrt(squares), 1.0).astype(np.float32).tobytes())
        self.rows = len(lengths)
        self._gist = array("f", bytes(4 * self.rows))
        self._measure()

    def reweigh(self) -> None:
        """Weigh every term anew, from the corpus and from the rows there are."""
        self.texts = self.rows
        for word, term in self.ids.items():
            self.weights[term] = self._space.weight(word, int(self._count[term]), self.texts)
        for first in range(0, len(self), _BATCH):
            ids, lengths = self.held_by(np.arange(first, min(first + _BATCH, len(self))))
            owner = np.repeat(np.arange(len(lengths)), lengths)
            squares = np.bincount(owner, weights=self.weights[ids].astype(np.float64) ** 2, minlength=len(lengths))
            self.norms[first : first + _BATCH] = np.where(squares > 0, np.sqrt(squares), 1.0)
        self._measure()

    def _measure(self) -> None:
        for first in range(0, len(self), _BATCH):
            ids, lengths = self.held_by(np.arange(first, min(first + _BATCH, len(self))))
            owner = np.repeat(np.arange(len(lengths)), lengths)
            sizes = kinship.sizes(self.lines[ids], self.weights[ids], owner, len(lengths))
            self.gists[first : first + _BATCH] = sizes

    def _new(self, word: str) -> int:
        word = self._space.spelled(word)
        if self._free:
            term = self._free.pop()
            self._terms[term] = word
        else:
            term = len(self._terms)
            self._terms.append(word)
            self._letters.append(None)
            self._found.append(b"")
            self.weights, self.kinds = longer(self.weights, term), longer(self.kinds, term)
            self._count, self.lines = longer(self._count, term), longer(self.lines, term)
        self.ids[word] = term
        self.weights[term] = self._space.weight(word, 0, self.texts)
        self.kinds[term] = ord(word[0]) if word[0] in _KINDS else 0
        self.lines[term] = kinship.line(word)
        return term


def _rows(found: Ids) -> bytes | array[int]:
    return found.tobytes() if found.nbytes <= _FEW else array("i", found.tobytes())


def longer(kept: _Array, at: int) -> _Array:
    """The array, long enough to be written at: doubled, so that it seldom grows."""
    if at < len(kept):
        return kept
    # numpy's types forget which kind of array was put together.
    grown: _Array = np.concatenate([kept, np.zeros(max(len(kept), at), kept.dtype)])  # type: ignore[assignment]
    return grown
