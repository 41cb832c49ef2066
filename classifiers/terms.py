"""What a report is made of, as grouping reads it: stems of words, and three kinds of terms told by their first sign."""

from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from classifiers import text, thesaurus

STOP, NAME, SUBJECT = ".", "=", "~"  # a word that says little · an identifier · a subject of the thesaurus
BUCKETS = 1 << 12  # that letter grams fall into

_SUBJECTS = text.phrases(thesaurus.SUBJECTS)


def terms_of(report: str) -> tuple[str, ...]:
    """The terms of a report, each once, in order.

    A report of nothing but stop words is one name, so that it is like itself and like nothing else.
    """
    read = text.pieces(report)
    terms: dict[str, str] = {}
    says = False
    for piece in read:
        if piece.name:
            terms[NAME + piece.name] = ""
            says = True
        # NullPointerException is one word here: as three it would weigh three times as much.
        for word, stem in list(zip(piece.words, piece.stems, strict=True))[: 1 if piece.fused else None]:
            if word in thesaurus.STOP_WORDS or len(word) == 1:
                terms[STOP + stem] = ""
            else:
                terms[stem] = ""
                says = True
    if read and not says:
        return (NAME + " ".join(word for piece in read for word in piece.words),)
    return tuple(terms | text.meanings(read, _SUBJECTS))


@lru_cache(maxsize=1 << 12)
def letters(term: str) -> NDArray[np.uint16]:
    """The buckets of the stretches of 3 and 4 letters in a word, each once; none for names and subjects."""
    if term[0] in (NAME, SUBJECT):
        return np.empty(0, np.uint16)
    padded = f" {term.removeprefix(STOP)} "
    grams = {padded[at : at + size] for size in (3, 4) for at in range(len(padded) - size + 1)}
    return np.array(sorted({crc32(gram.encode("utf-8", "replace")) % BUCKETS for gram in grams}), dtype=np.uint16)


def forget() -> None:
    """Empty what is remembered of words, in case somebody wants theirs gone."""
    for remembered in (letters, text.grams, text.stem, text._read):
        remembered.cache_clear()
