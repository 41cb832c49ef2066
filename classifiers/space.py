"""How much a term weighs: the rarer, the more; fixed until somebody counts anew."""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Self

from classifiers import terms

OWN = 10  # how often a text counts that people have sent: their language is not quite the corpus's
RAREST = 6.0  # weight that no rarity exceeds: products are rare words, yet have more than one problem

SAYS_LITTLE = 0.7  # weight of a stop word, relative to a word as rare


class Space:
    """What terms weigh, from the corpus and, once there are any, from the reports of an index. Share one."""

    def __init__(self, texts: int, words: Mapping[str, int]) -> None:
        """From the number of texts, and in how many of them each term occurs."""
        self._texts = texts
        self._words = dict(words)
        self._spelled = {word: word for word in self._words}

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> Self:
        """The space of these texts; under a second for a few thousand."""
        counted, words = 0, Counter[str]()
        for report in texts:
            counted += 1
            words.update(terms.terms_of(report))
        return cls(counted, words)

    def spelled(self, term: str) -> str:
        """The term, as the one string that is in memory already if the corpus has it."""
        return self._spelled.get(term, term)

    def weight(self, term: str, own: int, texts: int) -> float:
        """What a term weighs that occurs in `own` of the `texts` that people have sent."""
        rarity = math.log(1 + self._texts + OWN * texts) - math.log(1 + self._words.get(term, 0) + OWN * own)
        return min(RAREST, rarity) * (SAYS_LITTLE if term[0] == terms.STOP else 1.0)

    def fingerprint(self) -> str:
        """The sha256 of all that decides a weight."""
        told = json.dumps([self._texts, sorted(self._words.items()), OWN, RAREST, SAYS_LITTLE])
        return hashlib.sha256(told.encode()).hexdigest()
