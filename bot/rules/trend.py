"""Trends: one period of a cluster against the eight before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import special

#: How many periods the latest is compared with.
BEFORE = 8

#: A cluster that was silent for so many periods, and is spoken of again, is back.
SILENT = 4

#: How seldom chance alone may say "rising" or "fading".
CHANCE = 0.05


@dataclass(frozen=True, slots=True)
class Trend:
    """How many people spoke of a cluster in each period, the oldest first, and what one may call that.

    `usual`: how many a period it was in the periods before, as long as there is the cluster. `word`: new, back, rising,
    steady or fading.
    """

    counts: tuple[int, ...]
    usual: float
    word: str


def bounds(now: dt.datetime, period: dt.timedelta, periods: int = BEFORE + 1) -> list[dt.datetime]:
    """Where the last periods begin, the latest first."""
    return [now - period * ago for ago in range(1, periods + 1)]


def of(counts: Sequence[int], *, first_seen: dt.datetime, now: dt.datetime, period: dt.timedelta) -> Trend:
    """The trend of a cluster first spoken of at `first_seen`. `counts`: of BEFORE + 1 periods, the oldest first.

    "rising" and "fading" are one-sided conditional tests of two Poisson counts: when nothing has changed, the people of
    the latest period are a binomial share of all, one part in as many as there are periods. It is exact for counts
    however small. J. Przyborowski and H. Wilenski, Homogeneity of results in testing samples from Poisson series,
    Biometrika 31 (1940), 313-323.
    """
    latest, before = counts[-1], counts[:-1]
    begins = now - period
    lived = min(max(-((first_seen - begins) // period), 1), BEFORE)
    usual = sum(before[-lived:]) / lived
    return Trend(tuple(counts), usual, _word(latest, before, lived, first_seen > begins))


def _word(latest: int, before: Sequence[int], lived: int, is_new: bool) -> str:
    if is_new:
        return "new"
    if latest and not any(before[-SILENT:]) and lived >= SILENT:
        return "back"
    total = latest + sum(before[-lived:])
    share = 1 / (lived + 1)
    if total == 0 or special.bdtr(latest, total, share) <= CHANCE:
        return "fading"
    return "rising" if latest and special.bdtrc(latest - 1, total, share) <= CHANCE else "steady"
