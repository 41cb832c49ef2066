"""Which earlier reports say the same: cosine of words and of letters, in a feature space that no report changes.

A score of today and one of next year mean the same, because document frequencies come from the corpus and stay.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import islice
from sys import intern
from typing import Any

from classifiers import lexicon, text

# Both chosen on the tune part of tests/benchmarks/grouping.jsonl (228 reports, 100 of them repeats), then tried once
# on the once part (236 and 108). The right cluster came first for 67 and 63 % of the repeats, among three for 86 and
# 81 %. At JOIN, 9 and 7 reports joined unasked, all rightly: pairs have precision 1.00 and 1.00, recall 0.06 and 0.05.
# At SUGGEST, the first candidate is right in 69 and 65 % of the questions, and 56 and 49 % of the repeats are found.
JOIN = 0.35
SUGGEST = 0.12

# What a score is made of. In brackets: what it added to the average precision of first candidates on the tune part.
RAREST = 6.0  # weight that no rarity exceeds: products are rare words, yet have more than one problem (+0.02)
NAMED = 1.5  # weight of an identifier, relative to a word as rare (+0.01)
SUBJECT = 0.7  # the same of a subject of the lexicon (+0.00, but the right one is among three for 4 % more repeats)
LETTERS = 0.3  # share of the letters, the rest is words (+0.04 over one half)
BEST = 0.7  # share of a cluster's best member, the rest is the mean of its members (+0.02 over one half)
SAME = 0.98  # a member this much alike decides for its cluster alone
# Squared weight in common that halves a score: one word shared by two short reports says little. Where a fifth of the
# repeats is found, it halved the false alarms among 1,200 reports without repeats, from 4.6 to 2.3 %.
ENOUGH = 50.0

VISITS = 4_000  # postings read to find candidates; beyond them only the rarest words of a report find, all still score
SHORTLIST = 50  # earlier reports, best by words, whose letters are compared too
MEMBERS = 20  # newest reports that speak for a cluster

_WEIGHT = {"=": NAMED, "~": SUBJECT}
_SUBJECTS = text.phrases(lexicon.SUBJECTS)


@dataclass(frozen=True, slots=True)
class Candidate:
    """The member of an earlier cluster that is most like a text."""

    key: int  # of the earlier report
    cluster: int
    score: float  # 0..1, how much the text is like the cluster


def join(candidates: Sequence[Candidate]) -> Candidate | None:
    """The candidate whose cluster the text belongs to without asking anybody, if it is that certain."""
    return candidates[0] if candidates and candidates[0].score >= JOIN else None


class Space:
    """How much each word and each letter gram weighs: the rarer in the corpus, the more. Share one between indexes."""

    def __init__(self, texts: int, words: Mapping[str, int], letters: Mapping[str, int]) -> None:
        """From the number of texts, and in how many of them each word and letter gram occurs."""
        self._unseen = 1 + math.log(1 + texts)
        self._words = {word: self._unseen - math.log(1 + count) for word, count in words.items()}
        self._letters = {gram: min(RAREST, self._unseen - math.log(1 + count)) for gram, count in letters.items()}

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> "Space":
        """The space of these texts; under a second for a few thousand."""
        counted, words, letters = 0, Counter[str](), Counter[str]()
        for terms in map(terms_of, texts):
            counted += 1
            words.update(terms)
            letters.update({gram for term in terms for gram in _grams(term)})
        return cls(counted, words, letters)

    def word(self, term: str) -> float:
        """The weight of a term: its rarity, more for identifiers, less for subjects."""
        return min(RAREST, self._words.get(term, self._unseen)) * _WEIGHT.get(term[0], 1.0)

    def letters(self, terms: Iterable[str]) -> dict[str, float]:
        """The letter grams of a text, weighted."""
        counts = Counter(gram for term in terms for gram in _grams(term))
        return {gram: count * self._letters.get(gram, RAREST) for gram, count in counts.items()}

    def spread(self, term: str, letters: Mapping[str, float]) -> float:
        """What one term of one text adds to the dot product with the letters of another."""
        return sum(letters[gram] * self._letters.get(gram, RAREST) for gram in _grams(term) if gram in letters)


@dataclass(slots=True)
class _Kept:
    """A report in an index."""

    cluster: int
    terms: tuple[str, ...]
    word_norm: float
    letter_norm: float


class Index:
    """The reports that new ones are compared with, by the words they hold; exact, and never refitted."""

    def __init__(self, space: Space) -> None:
        """An empty index."""
        self._space = space
        self._kept: dict[int, _Kept] = {}
        self._postings: dict[str, dict[int, None]] = {}  # term -> keys, in the order they came
        self._members: dict[int, dict[int, None]] = {}  # cluster -> keys, newest last

    def __len__(self) -> int:
        """How many reports it holds."""
        return len(self._kept)

    def put(self, key: int, cluster: int, text: str) -> None:
        """Add a report, or replace what the key held."""
        self.remove(key)
        kept = self._read(cluster, text)
        self._kept[key] = kept
        self._members.setdefault(cluster, {})[key] = None
        for term in kept.terms:
            self._postings.setdefault(term, {})[key] = None

    def remove(self, key: int) -> None:
        """Forget a report; one that is not here is forgotten already."""
        if key in self._kept:
            self._leave(key)
            for term in self._kept.pop(key).terms:
                _drop(self._postings, term, key)

    def candidates(self, text: str, limit: int = 3, *, exclude: frozenset[int] = frozenset()) -> list[Candidate]:
        """The clusters most like a text, best first, each shown by its most alike member; `exclude` names keys.

        A cluster scores by its best member and the mean of its newest `MEMBERS`; by the best alone if that says the
        same words. Among 10,000 reports this takes 2 ms, because frequent words no longer find candidates (`VISITS`).
        """
        asked = self._read(0, text)
        letters = self._space.letters(asked.terms)
        weights = {term: self._space.word(term) for term in asked.terms}
        spread: dict[str, float] = {}

        def score(key: int) -> float:
            kept = self._kept[key]
            words = shared = sum(weights[term] ** 2 for term in kept.terms if term in weights)
            alike = 0.0
            for term in kept.terms:
                if term not in spread:
                    spread[term] = self._space.spread(term, letters)
                alike += spread[term]
            words /= asked.word_norm * kept.word_norm
            if asked.letter_norm and kept.letter_norm:
                words = (1 - LETTERS) * words + LETTERS * alike / (asked.letter_norm * kept.letter_norm)
            return min(1.0, words) if words >= SAME else words * shared / (shared + ENOUGH)

        best: dict[int, tuple[float, int]] = {}  # cluster -> its best member
        for key in self._shortlist(asked, weights, exclude):
            cluster, found = self._kept[key].cluster, (score(key), -key)
            best[cluster] = max(found, best.get(cluster, found))
        candidates = []
        for cluster, (top, negated) in nlargest(limit * 4, best.items(), key=lambda item: item[1]):
            members = [key for key in islice(reversed(self._members[cluster]), MEMBERS) if key not in exclude]
            mean = sum(map(score, members)) / len(members) if members else top
            candidates.append(Candidate(-negated, cluster, top if top >= SAME else BEST * top + (1 - BEST) * mean))
        return nlargest(limit, candidates, key=lambda candidate: (candidate.score, -candidate.key))

    def _shortlist(self, asked: _Kept, weights: Mapping[str, float], exclude: frozenset[int]) -> list[int]:
        dots: dict[int, float] = {}
        visits = 0
        for term in sorted(asked.terms, key=lambda term: len(self._postings.get(term, ()))):
            postings = self._postings.get(term, {})
            visits += len(postings)
            if visits > VISITS and dots:
                break
            for key in postings:
                dots[key] = dots.get(key, 0.0) + weights[term] ** 2
        for key in exclude:
            dots.pop(key, None)
        return nlargest(SHORTLIST, dots, key=lambda key: dots[key] / self._kept[key].word_norm)

    def _read(self, cluster: int, text: str) -> _Kept:
        terms = tuple(map(intern, terms_of(text)))
        return _Kept(
            cluster,
            terms,
            math.hypot(*map(self._space.word, terms)) or 1.0,
            math.hypot(*self._space.letters(terms).values()),
        )

    def _leave(self, key: int) -> None:
        _drop(self._members, self._kept[key].cluster, key)


def terms_of(report: str) -> tuple[str, ...]:
    """What a report is about, each once, in order: stems, identifiers led by `=`, subjects of the lexicon led by `~`.

    A report of nothing but stop words is one term, so that it is like itself and like nothing else.
    """
    read = text.pieces(report)
    terms: dict[str, str] = {}
    for piece in read:
        if piece.name:
            terms["=" + piece.name] = ""
        # NullPointerException is one word here: as three it would weigh three times as much.
        for word, stem in list(zip(piece.words, piece.stems, strict=True))[: 1 if piece.fused else None]:
            if word not in lexicon.STOP_WORDS and len(word) > 1:
                terms[stem] = ""
    if read and not terms:
        return ("=" + " ".join(word for piece in read for word in piece.words),)
    return tuple(terms | text.meanings(read, _SUBJECTS))


def _grams(term: str) -> tuple[str, ...]:
    return () if term[0] in "=~" else text.grams(term)


def _drop(table: dict[Any, dict[int, None]], entry: Any, key: int) -> None:
    del table[entry][key]
    if not table[entry]:
        del table[entry]
