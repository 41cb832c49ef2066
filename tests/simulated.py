"""Fixes whose effect is known, and people whose answers are: to see how often what we say of them is right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.rules import time_lost, verdict

WEEKS = verdict.WEEKS

#: How much is reported of everything, week by week from twelve before a shipping to twelve after; and a quiet August.
EVEN = (1.0,) * (2 * WEEKS)
AUGUST = (1.1,) * 9 + (1.0, 0.9, 0.7) + (0.6, 0.45, 0.4, 0.4, 0.6, 0.8) + (1.0,) * 6

#: What people would answer, by how often each answer of the menu is given: most a little, and a few a lot.
ANSWERS = {
    "mostly minutes": (0.35, 0.35, 0.2, 0.08, 0.02),
    "mostly half an hour": (0.1, 0.5, 0.3, 0.08, 0.02),
    "hardly more than minutes": (0.5, 0.35, 0.1, 0.04, 0.01),
    "anything": (0.2, 0.2, 0.2, 0.2, 0.2),
    "mostly hours and days": (0.05, 0.15, 0.3, 0.3, 0.2),
    "minutes or days": (0.6, 0.0, 0.0, 0.2, 0.2),
    "hardly ever a day": (0.2, 0.55, 0.229, 0.02, 0.001),
}


@dataclass(frozen=True, slots=True)
class Stream:
    """Moments that something was said at, in weeks from the shipping, and when each of them was captured."""

    said: np.ndarray
    captured: np.ndarray

    def by_day(self, look: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """What a look sees of it: what was said and captured by then."""
        seen = self.said[(self.said <= look) & (self.captured <= look)]
        counts = np.histogram(7 * seen, bins=np.arange(-7 * WEEKS, 7 * look + 1))[0].tolist()
        return tuple(counts[: 7 * WEEKS]), tuple(counts[7 * WEEKS :])


def stream(chance: np.random.Generator, weekly: np.ndarray, *, bursts: float = 1.0, late: float = 0.0) -> Stream:
    """So many reports a week. `bursts`: how many come at once; `late`: for how many weeks they wait to be captured."""
    occasions = chance.poisson(weekly / bursts)
    starts = np.repeat(np.arange(-WEEKS, WEEKS), occasions) + chance.random(occasions.sum())
    sizes = chance.geometric(1 / bursts, len(starts))
    said = np.repeat(starts, sizes)
    return Stream(said, said + chance.exponential(late, len(said)))


def counts(
    chance: np.random.Generator,
    weekly: float,
    left: float,
    *,
    others: float = 40.0,
    season: tuple[float, ...] = EVEN,
    bursts: float = 1.0,
    late: float = 0.0,
    at: range = range(1, WEEKS + 1),
) -> list[verdict.Counted]:
    """What each weekly look sees of a fix after which `left` of so many reports a week is left."""
    shape = np.array(season)
    effect = np.repeat([1.0, left], WEEKS)
    own = stream(chance, weekly * shape * effect, bursts=bursts, late=late)
    rest = stream(chance, others * shape, bursts=bursts, late=late)
    found = []
    for look in at:
        (before, after), (others_before, others_after) = own.by_day(look), rest.by_day(look)
        found.append(verdict.Counted(before, after, others_before, others_after, 7.0 * WEEKS, 7.0 * look))
    return found


def looks(chance: np.random.Generator, weekly: float, left: float, **how: Any) -> list[verdict.Verdict]:
    """What is said at each of these looks."""
    return [verdict.of(counted) for counted in counts(chance, weekly, left, **how)]


def told(
    chance: np.random.Generator, answers: tuple[float, ...], people: int, *, again: float = 0.0
) -> list[time_lost.Told]:
    """What so many people answer. `again`: how many more reports with an answer each of them has, on average."""
    reports = 1 + chance.poisson(again, people)
    return [
        time_lost.Told(int(chance.choice(time_lost.MENU, size=number, p=answers).sum()), int(number))
        for number in reports
    ]


def truly(answers: tuple[float, ...], people: int, *, again: float = 0.0) -> float:
    """What so many people lose on average."""
    return people * (1 + again) * float(np.dot(time_lost.MENU, answers))


def probability(minutes: Sequence[int], answers: tuple[float, ...]) -> float:
    """How probable it is that people answer this, in whatever order."""
    counts = [minutes.count(each) for each in time_lost.MENU]
    orders = math.factorial(len(minutes)) // math.prod(math.factorial(count) for count in counts)
    return orders * math.prod(share**count for share, count in zip(answers, counts, strict=True))
