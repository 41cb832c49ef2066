"""Whether a fix helped: how often something was reported before it was shipped, and how often since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.floating[Any]]

DAY, WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)

#: Weeks on either side of the shipping that are compared; after so many, a verdict stays what it is.
WEEKS = 12

BETTER: Final = "better"
NO_CHANGE: Final = "no change"
WORSE: Final = "worse"
TOO_EARLY: Final = "too early"

#: How sure one of twelve weekly looks has to be. Who looks twelve times is wrong more often than who looks once: with
#: this, "better" is said of what did not change in fewer than 5 of 100 fixes, in all twelve looks together, also where
#: reports come two at a time (tests/benchmarks/bench_verdict.py).
SURE = 0.995

#: "no change": it neither halved nor doubled, as surely.
ALIKE = (0.5, 2.0)

#: Reports that there had to be on either side, had nothing changed. With fewer, no interval is what it says it is.
ENOUGH = 4.0

#: The interval that is shown: 5 of 100 lie below it, and 5 above.
SHOWN = (0.05, 0.95)

#: Where the probabilities are worked out, in standard deviations from the middle of what is left.
_STEPS = np.linspace(-8, 8, 129)
#: The season is a distribution too; it is taken at these points (Gauss–Hermite).
_POINTS, _WEIGHTS = np.polynomial.hermite_e.hermegauss(9)


@dataclass(frozen=True, slots=True)
class Counted:
    """Reports by the moment they were said at, in days of 24 hours away from the shipping, the earliest first.

    `others`: all reports of the workspace that are not about this. `days`: how long it was observed on either side; the
    first and the last day may be shorter than others.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    others_before: tuple[int, ...]
    others_after: tuple[int, ...]
    days_before: float
    days_after: float


@dataclass(frozen=True, slots=True)
class Interval:
    """A number, and what it lies between in 90 of 100 cases."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What can be said. `before` and `after`: reports a week.

    `ratio`: what is left of it, had everything else stayed as it was; None when there are too few reports to say.
    `others`: what became of everything else meanwhile, 1 where it stayed as it was.
    """

    word: str
    before: float
    after: float
    ratio: Interval | None = None
    others: float = 1.0


def is_back(word: str) -> bool:
    """Whether what was shipped hurts as it did, or more: the threshold above which a cluster resurfaces."""
    return word in (NO_CHANGE, WORSE)


def looks(shipped_at: dt.datetime, now: dt.datetime) -> int:
    """The latest weekly look that is due: 0 in the first week, WEEKS from the twelfth on."""
    return max(0, min(WEEKS, (now - shipped_at) // WEEK))


def begins(shipped_at: dt.datetime, *seen: dt.datetime) -> dt.datetime:
    """From when it is counted: WEEKS before, or since each of these was first `seen`, when that is later."""
    return max(shipped_at - WEEKS * WEEK, *seen)


def by_day(
    said: Sequence[dt.datetime], start: dt.datetime, shipped_at: dt.datetime, until: dt.datetime
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """How many of these moments lie in each day before the shipping, after `start`, and in each after, to `until`."""
    before = [0] * -((start - shipped_at) // DAY)
    after = [0] * -((shipped_at - until) // DAY)
    for moment in said:
        if start < moment <= shipped_at:
            before[-1 - (shipped_at - moment) // DAY] += 1
        elif shipped_at < moment <= until:
            after[min((moment - shipped_at) // DAY, len(after) - 1)] += 1
    return tuple(before), tuple(after)


def of(counted: Counted) -> Verdict:
    """The verdict on one fix, at one look.

    Two questions are answered with one number. How many reports came before and after, of a Poisson process each; and
    how many of everything else, so that a quiet August is no fix: whatever makes people report less makes them report
    less of everything. The number is the ratio of the two ratios, and what is known of it a Bayesian interval: each
    rate has Jeffreys' prior, so that the share of the reports that came after is Beta(after + ½, before + ½), whose
    intervals cover what they promise better than exact ones do, which promise too little of small counts (L. Brown,
    T. Cai and A. DasGupta, Interval estimation for a binomial proportion, Statistical Science 16 (2001), 101-133; for
    the ratio of two rates as a binomial share, J. Przyborowski and H. Wilenski, Biometrika 31 (1940), 313-323).

    Reports also come in bursts. How much more days, or weeks, differ than chance would have it is taken from the table
    of this and everything else by day, or week, before and after apart (Pearson's statistic by its degrees of freedom),
    and all counts are divided by it (P. McCullagh and J. Nelder, Generalized linear models, 1989, 4.5). A season, which
    moves both rows alike, is no burst there. Weeks alone are too few to tell: their number is off by a third.
    """
    before, after = sum(counted.before), sum(counted.after)
    others_before, others_after = sum(counted.others_before), sum(counted.others_after)
    per_week = 7 * before / max(counted.days_before, 1e-9), 7 * after / max(counted.days_after, 1e-9)
    burst = bursts(counted)
    season, spread = log_ratio(others_before / burst, others_after / burst)
    others = float(np.exp(season)) * counted.days_before / max(counted.days_after, 1e-9)
    share = special.expit(season)
    due = share * (before + after) / burst, (1 - share) * (before + after) / burst
    if min(due) < ENOUGH:
        return Verdict(TOO_EARLY, *per_week, others=others)
    middle, width = log_ratio(before / burst, after / burst)
    ratios = middle - season + np.hypot(width, spread) * _STEPS
    odds = np.exp(ratios[:, None] + season + spread * _POINTS)
    below = special.betainc(after / burst + 0.5, before / burst + 0.5, odds / (1 + odds)) @ (_WEIGHTS / _WEIGHTS.sum())
    at = np.exp(np.interp([1 - SURE, SHOWN[0], 0.5, SHOWN[1], SURE], below, ratios))
    return Verdict(_word(at[0], at[-1]), *per_week, Interval(float(at[2]), float(at[1]), float(at[3])), others)


def _word(low: float, high: float) -> str:
    if high < 1:
        return BETTER
    if low > 1:
        return WORSE
    return NO_CHANGE if ALIKE[0] < low and high < ALIKE[1] else TOO_EARLY


def log_ratio(before: float, after: float) -> tuple[float, float]:
    """The logarithm of what a rate became, over what it was, from two counts: its mean, and its standard deviation.

    The moments of the logarithms of Gamma(count + ½).
    """
    mean = special.digamma(after + 0.5) - special.digamma(before + 0.5)
    return float(mean), float(np.sqrt(special.polygamma(1, after + 0.5) + special.polygamma(1, before + 0.5)))


def bursts(counted: Counted) -> float:
    """How many reports come at once: 1 when each comes by itself. By the days or, if they say more, by the weeks."""
    return max(_at_once(counted, days) for days in (1, 7))


def _at_once(counted: Counted, days: int) -> float:
    """How much more stretches of so many days differ than chance would have it; 1 where chance may have done it."""
    found, free = 0.0, 0
    for own, others in (
        (counted.before[::-1], counted.others_before[::-1]),
        (counted.after, counted.others_after),
    ):
        table = np.add.reduceat(np.array([own, others], dtype=float), range(0, len(own), days), axis=1)
        table = table[:, table.sum(axis=0) > 0]
        if table.shape[1] < 2:
            continue
        free += table.shape[1] - 1
        if not table.sum(axis=1).all():
            found += table.shape[1] - 1  # one row is empty: it cannot be told
            continue
        expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
        found += float(((table - expected) ** 2 / expected).sum())
    # Twice its own standard error: chance alone makes some days differ, and must not make every interval wider.
    return found / free if found > free + 2 * (2 * free) ** 0.5 else 1.0
