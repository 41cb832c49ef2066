"""What a problem cost: the minutes that people said, and what can be said of people like them."""

from __future__ import annotations

import functools
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

#: What can be answered, in minutes, everywhere where it is asked.
MENU = (5, 30, 120, 480, 960)

#: With fewer people who answered, no range is what it says it is.
ENOUGH = 8

#: With fewer, a total would tell of one of them what they said.
FEW = 3

#: The range that is shown: 9 of 100 draws lie below it, and 1 above. A few days make the sum: few people with a day
#: among them say more than others like them would, and few without one draw hardly any: both ends lie further up.
SHOWN = (0.09, 0.99)

#: How much each answer of the menu weighs that somebody could have given, beside one person who gave theirs: where the
#: range begins, and where it ends. What few of the answers say may be rarer than they say, or more frequent.
UNHEARD = (0.12, 0.35)

#: Draws of the bootstrap.
DRAWS = 4000


@dataclass(frozen=True, slots=True)
class Rate:
    """What an hour costs, in a currency."""

    amount: float
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What one person said that it cost them: the minutes of all of their reports that say so, and how many those are.

    Each report is an occasion of its own, with a cost of its own: what somebody lost is their sum. `people`: how many
    said the same.
    """

    minutes: int
    reports: int = 1
    people: int = 1


@dataclass(frozen=True, slots=True)
class Lost:
    """The `minutes` that `answered` of `people` said they lost; None where that would tell what one of them said.

    `low` and `high`: the range of that total, None where it is too few to say. Whoever said nothing adds nothing.
    """

    minutes: int | None
    answered: int
    people: int
    low: float | None = None
    high: float | None = None
    rate: Rate | None = None


def of(told: Sequence[Told], people: int, rate: Rate | None = None) -> Lost:
    """What those who answered lost, and a range: what it would be, had as many others like them answered.

    The range is a Bayesian bootstrap over people (D. Rubin, The Bayesian bootstrap, Annals of Statistics 9 (1981),
    130-134): each draw weighs the people anew. An ordinary bootstrap, also corrected (BCa) or studentized, covers 58 to
    85 times of 100 instead of 90 with eight answers, because a few days among many minutes make the sum, and eight
    people may not have one among them. What can be answered is known, however, so that each answer that the menu has
    takes part: the shares of the answers have a Dirichlet prior, one for either end of the range (P. Walley, Inferences
    from multinomial data, Journal of the Royal Statistical Society B 58 (1996), 3-57, who bounds them so). Its weights,
    and how many draws lie beyond either end, are those that cover 87 to 93 times of 100 from eight answers up, one each
    or several, also where a day is rarer than one answer in fifty (tests/benchmarks/bench_verdict.py). It covers
    fewer where nobody would ever say more than two hours (81 to 90, and 72 to 81 where it is half an hour at most), and
    where nine of ten say days and some more than once (78 to 91). The draws are seeded by what was said: the same
    answers have the same range.
    """
    answered, total = sum(each.people for each in told), sum(each.minutes * each.people for each in told)
    if answered < FEW:
        return Lost(None, answered, people, rate=rate)
    if answered < ENOUGH:
        return Lost(total, answered, people, rate=rate)
    low, high = _range(tuple(told))
    # What they did say is a total that as many could say.
    return Lost(total, answered, people, min(low, total), max(high, total), rate)


@functools.lru_cache(maxsize=256)
def _range(told: tuple[Told, ...]) -> tuple[float, float]:
    """The ends of the range. A hundred digests of one morning show the same five problems."""
    answered = sum(each.people for each in told)
    low, high = (
        float(np.quantile(answered * minutes, end))
        for (minutes, _), end in zip(weighed(told, UNHEARD), SHOWN, strict=True)
    )
    return low, high


def weighed(told: Sequence[Told], unheard: Sequence[float]) -> list[tuple[Floats, Floats]]:
    """Draws of what one person loses on average, and of what one report costs; for each of some weights, as UNHEARD."""
    counts: Counter[tuple[float, float]] = Counter()
    for each in told:
        counts[float(each.minutes), float(each.reports)] += each.people
    each_reports = sum(reports * people for (_, reports), people in counts.items()) / counts.total()
    said = sorted(counts)
    values = np.array([*said, *((answer * each_reports, each_reports) for answer in MENU)])
    chance = np.random.default_rng(zlib.crc32(repr(sorted(counts.items())).encode()))
    # A Dirichlet's shares are gammas by their sum; those of what was said are the same whatever the prior.
    heard = chance.standard_gamma([float(counts[each]) for each in said], (DRAWS, len(said)))
    drawn = []
    for weight in unheard:
        shares = np.hstack([heard, chance.standard_gamma(weight, (DRAWS, len(MENU)))])
        minutes, reports = (shares @ values).T
        drawn.append((minutes / shares.sum(axis=1), minutes / reports))
    return drawn
