"""What people answered about pairs of reports, made into a link model that has to be no worse than the one in use.

Thresholds stay where they are: what the answers move is how probable a pair is said to be. That it is as probable as
said is what the gate looks at, on answers held back: log loss grows with every probability that is off, and what is put
at near-certain must be wrong no more often than before. What suggested then meant to people is counted there as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from classifiers import grouping
from classifiers.link import Link, fit_link
from classifiers.pair import Matrix

ENOUGH = 30  # answers from which on there is something to learn
HELD_BACK = 5  # one answer in so many is never learned from: what models are compared on
CROWD = 20  # members of a cluster that are looked at


@dataclass(frozen=True, slots=True)
class Answer:
    """Somebody said that reports are, or are not, the same problem as some others."""

    some: tuple[int, ...]
    others: tuple[int, ...]
    same: bool


@dataclass(frozen=True, slots=True)
class Learned:
    """A link and how it does on the answers held back, beside the one in use: mean log loss, the less the better, and
    how many different problems it would join unasked.

    `precision` and `recall`: of the answers held back, what was the same of what it puts at `grouping.SUGGEST` or more,
    and how much of what is the same that is.
    """

    link: Link
    answers: int
    held_back: int
    old_loss: float
    new_loss: float
    old_wrong: int
    new_wrong: int
    precision: float
    recall: float

    @property
    def no_worse(self) -> bool:
        """Whether it may take the place of the one in use."""
        return self.new_loss <= self.old_loss and self.new_wrong <= self.old_wrong


def learn(index: grouping.Index, answers: Sequence[Answer], in_use: Link) -> Learned | None:
    """The link that these answers make of the shipped one. None: there are too few, or none to compare on.

    Answers about clusters teach by their most alike pair, since a cluster is found by its most alike member. Only what
    the model finds likely is ever asked, which biases the pairs but not what their figures mean.
    """
    taught: list[tuple[tuple[float, ...], bool]] = []
    kept: list[tuple[tuple[float, ...], bool]] = []
    for answer in answers:
        pair = _likeliest(index, answer, in_use)
        if pair is not None:
            (kept if held_back(answer) else taught).append((pair, answer.same))
    if len(taught) + len(kept) < ENOUGH or len({same for _, same in taught}) < 2 or not kept:
        return None
    link = fit_link(taught)
    figures, same = np.array([each for each, _ in kept]), np.array([same for _, same in kept])
    asked = link.scores(figures) >= grouping.SUGGEST
    return Learned(
        link=link,
        answers=len(taught) + len(kept),
        held_back=len(kept),
        old_loss=_loss(in_use, figures, same),
        new_loss=_loss(link, figures, same),
        old_wrong=_wrong(in_use, figures, same),
        new_wrong=_wrong(link, figures, same),
        precision=float((asked & same).sum() / max(1, asked.sum())),
        recall=float((asked & same).sum() / max(1, same.sum())),
    )


def held_back(answer: Answer) -> bool:
    """Whether an answer is one to compare models on. It hangs on the two eldest reports alone, so that what is held
    back from this model was held back from the one in use, too."""
    pair = sorted((min(answer.some), min(answer.others)))
    return sha256(f"{pair[0]} {pair[1]}".encode()).digest()[0] % HELD_BACK == 0


def _likeliest(index: grouping.Index, answer: Answer, link: Link) -> tuple[float, ...] | None:
    """The figures of the most alike two reports of both sides; None if there is nothing to compare."""
    best: tuple[float, tuple[float, ...]] | None = None
    for key in answer.some[:CROWD]:
        figures = index.figures_of(key, answer.others[:CROWD])
        for score, each in zip(link.scores(figures).tolist(), figures.tolist(), strict=True):
            best = max(best or (score, tuple(each)), (score, tuple(each)))
    return best[1] if best else None


def _wrong(link: Link, figures: Matrix, same: NDArray[np.bool_]) -> int:
    return int(((link.scores(figures) >= grouping.JOIN) & ~same).sum())


def _loss(link: Link, figures: Matrix, same: NDArray[np.bool_]) -> float:
    told = np.clip(link.scores(figures), 1e-6, 1 - 1e-6)
    return float(-np.log(np.where(same, told, 1 - told)).mean())
