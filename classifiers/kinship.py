"""What words have to do with each other, by the company they keep in the corpus: `vpn` with `tunnel`.

A text is the weighted mean of its words' vectors. They are the singular vectors of the words' pointwise mutual
information over whole reports, contexts smoothed (Levy, Goldberg and Dagan, 2015), kept in a file of half a megabyte
beside the corpus, because finding them takes half a minute: `python -m classifiers.kinship` writes it anew.

Of the tune part of tests/benchmarks/grouping.jsonl the nearest three by these vectors alone hold the right group for 83
to 86 % of the reports that have one; by shared words alone for 82 %. Tried: 100 to 500 dimensions, weights by the power
0 to 0.5 of the singular values, common directions taken out, our own groups of duplicates counted as one report: no
difference beyond chance.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.decomposition import TruncatedSVD

from classifiers import terms, train

DIMENSIONS = 128
SELDOM = 3  # reports in which a word must occur at least
SMOOTHED = 0.75  # power of a context's frequency
POWER = 0.25  # of the singular values
WEIGHTY = 1.5  # power of a term's weight in its text
SHARED = 64  # vectors that are multiplied at once

Vectors = NDArray[np.float32]


@lru_cache(maxsize=1)
def vectors() -> Vectors:
    """A line for each word, of length 1."""
    loaded: Vectors = _file()["vectors"].astype(np.float32)
    loaded /= np.linalg.norm(loaded, axis=1, keepdims=True)
    return loaded


@lru_cache(maxsize=1)
def _lines() -> dict[str, int]:
    return {word: line for line, word in enumerate(_file()["terms"].tobytes().decode().split("\n"))}


def line(term: str) -> int:
    """Which of the vectors is a term's; -1 when the corpus has too little of it."""
    return _lines().get(term, -1)


def gist(lines: NDArray[np.int16], weights: NDArray[np.floating]) -> Vectors:
    """What a text is about: the sum of its terms' vectors by what each weighs."""
    kept = lines >= 0
    summed: Vectors = (weights[kept] ** WEIGHTY).astype(np.float32) @ vectors()[lines[kept]]
    return summed


def gists(
    some: Vectors, terms: NDArray[np.integer], weights: NDArray[np.floating], owner: NDArray[np.intp], texts: int
) -> Vectors:
    """The gist of each of several texts, from all their terms, one text after the other: which of some vectors a term
    has, what it weighs, and the number of its text."""
    # Of one precision, or the vectors are copied; and scipy looks long for which integers would do.
    held = (weights**WEIGHTY).astype(np.float32)
    starts = np.searchsorted(owner, np.arange(texts + 1)).astype(np.int32)
    terms = terms.astype(np.int32)
    summed: Vectors = sparse.csr_matrix((held, terms, starts), shape=(texts, len(some))) @ some
    return summed


def sizes(lines: NDArray[np.int16], weights: NDArray[np.floating], owner: NDArray[np.intp], texts: int) -> Vectors:
    """How long the gists of several texts are, at least 1e-9: the lines of all their terms, likewise."""
    kept = lines >= 0
    summed = gists(vectors(), lines[kept], weights[kept], owner[kept], texts)
    lengths: Vectors = np.maximum(np.linalg.norm(summed, axis=1), 1e-9).astype(np.float32)
    return lengths


def of(lines: NDArray[np.int16]) -> Vectors:
    """The vectors of these lines, nothing for those that are -1."""
    found: Vectors = vectors()[lines] * (lines >= 0)[:, None]
    return found


def near(gist: Vectors, some: Vectors) -> Vectors:
    """The product of a gist with each of some vectors."""
    alike: Vectors = np.einsum("ij,j->i", some, gist)
    return alike


def products(some: Vectors, others: Vectors) -> Vectors:
    """The product of each of some vectors with each of others."""
    if not len(some):
        return np.zeros((0, len(others)), np.float32)
    # Small enough for OpenBLAS not to share the work among threads: on a busy machine they wait for each other.
    return np.concatenate([some[at : at + SHARED] @ others.T for at in range(0, len(some), SHARED)])


def learned(texts: Sequence[str]) -> tuple[list[str], NDArray[np.int8]]:
    """The words of these texts that occur often enough, and their vectors, each on a scale of its own."""
    read = [[term for term in terms.terms_of(text) if term[0] != terms.STOP] for text in texts]
    counts = Counter(term for each in read for term in each)
    words = sorted(term for term, count in counts.items() if count >= SELDOM)
    ids = {word: at for at, word in enumerate(words)}
    held = [[ids[term] for term in each if term in ids] for each in read]
    ends = np.cumsum([0, *map(len, held)])
    there = sparse.csr_matrix((np.ones(ends[-1]), np.concatenate(held), ends), shape=(len(read), len(words)))
    both = (there.T @ there).tocoo()
    often = np.asarray(there.sum(axis=0)).ravel()
    context = often**SMOOTHED
    context *= often.sum() / context.sum()
    information = np.log(both.data * len(read) / (often[both.row] * context[both.col]))
    kept = information > 0
    table = sparse.csr_matrix((information[kept], (both.row[kept], both.col[kept])), shape=(len(words), len(words)))
    found = TruncatedSVD(DIMENSIONS, n_iter=5, random_state=0).fit(table)
    lines = found.components_.T * found.singular_values_**POWER
    return words, np.round(127 * lines / np.abs(lines).max(axis=1, keepdims=True)).astype(np.int8)


def fingerprint(texts: Sequence[str]) -> str:
    """The sha256 of what is learned from."""
    read = [list(terms.terms_of(text)) for text in texts]
    return hashlib.sha256(json.dumps([read, DIMENSIONS, SELDOM, SMOOTHED, POWER]).encode()).hexdigest()


def made_of() -> str:
    """The fingerprint of what the file was learned from."""
    return str(_file()["made_of"].tobytes().decode())


def write(path: Path) -> None:
    """Learn from the corpus, into a file."""
    texts = [text for text, _ in train.corpus()]
    words, lines = learned(texts)
    spelled = np.frombuffer("\n".join(words).encode(), np.uint8)
    np.savez_compressed(
        path, terms=spelled, vectors=lines, made_of=np.frombuffer(fingerprint(texts).encode(), np.uint8)
    )


@lru_cache(maxsize=1)
def _file() -> dict[str, NDArray[np.uint8] | NDArray[np.int8]]:
    with _kept().open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _kept() -> Path:
    kept = resources.files("classifiers") / "corpus" / "kinship.npz"
    assert isinstance(kept, Path)
    return kept


if __name__ == "__main__":
    write(_kept())
