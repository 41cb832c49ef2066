"""Trends: a word for nine counts, that chance alone would seldom earn."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import rules, views

NOW = dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC)
WEEK = dt.timedelta(weeks=1)
LONG_AGO = NOW - 52 * WEEK

COUNTS = st.lists(st.integers(0, 40), min_size=9, max_size=9)


def trend(*counts: int, known: float = 52) -> rules.trend.Trend:
    """Of these counts, filled up with zeros before. `known`: since how many weeks."""
    filled = [0] * (9 - len(counts)) + list(counts)
    return rules.trend.of(filled, first_seen=NOW - known * WEEK, now=NOW, period=WEEK)


@pytest.mark.parametrize(
    ("counts", "known", "word"),
    [
        ((3,), 0.5, "new"),
        ((1, 1, 1, 1, 1, 1, 1, 1, 1), 52, "steady"),
        ((1, 0, 1, 0, 2, 0, 1, 0, 2), 52, "steady"),
        ((1, 0, 1, 0, 2, 0, 1, 0, 4), 52, "rising"),
        ((0, 0, 1, 0, 0, 0, 1, 0, 1), 52, "steady"),
        ((2, 8), 1.5, "steady"),
        ((1, 8), 1.5, "rising"),
        ((4, 5, 3, 4, 5, 4, 4, 5, 0), 52, "fading"),
        ((1, 0, 0, 0, 1, 0, 0, 1, 0), 52, "steady"),
        ((2, 1, 3, 1, 0, 0, 0, 0, 1), 52, "back"),
        ((1,), 52, "back"),
        ((0,), 52, "fading"),
    ],
)
def test_a_word_for_what_happened(counts: tuple[int, ...], known: float, word: str) -> None:
    assert trend(*counts, known=known).word == word


@given(counts=COUNTS)
def test_rising_and_fading_are_as_unlikely_as_the_test_says(counts: list[int]) -> None:
    found = rules.trend.of(counts, first_seen=LONG_AGO, now=NOW, period=WEEK)
    latest, total = counts[-1], sum(counts)
    chances = [math.comb(total, k) * (1 / 9) ** k * (8 / 9) ** (total - k) for k in range(total + 1)]
    if found.word == "rising":
        assert math.fsum(chances[latest:]) <= 0.05 + 1e-9
    if found.word == "steady":
        assert math.fsum(chances[latest:]) > 0.05 - 1e-9 and math.fsum(chances[: latest + 1]) > 0.05 - 1e-9
    if found.word == "fading" and total:
        assert math.fsum(chances[: latest + 1]) <= 0.05 + 1e-9


@given(counts=COUNTS, more=st.integers(1, 30))
def test_more_people_never_make_it_fade(counts: list[int], more: int) -> None:
    order = ["fading", "steady", "rising"]
    words = [trend(*each).word for each in (counts, [*counts[:-1], counts[-1] + more])]
    if set(words) <= set(order):
        assert order.index(words[0]) <= order.index(words[1])


def test_what_was_usual_is_told_for_the_time_that_there_is_the_cluster() -> None:
    assert trend(2, 4, 6, known=2.5).usual == 3.0
    assert trend(8, 0, 0, 0, 0, 0, 0, 0, 6).usual == 1.0


def test_periods_are_told_by_where_they_begin() -> None:
    assert rules.trend.bounds(NOW, WEEK, 2) == [NOW - WEEK, NOW - 2 * WEEK]
    assert len(rules.trend.bounds(NOW, WEEK)) == 9


# In text


@given(counts=st.lists(st.integers(0, 10_000), min_size=1, max_size=12))
def test_a_spark_line_shows_who_was_not_there_and_is_never_lower_for_more(counts: list[int]) -> None:
    line = views.figures.spark(counts)
    assert len(line) == len(counts)
    assert [bar == "▁" for bar in line] == [count == 0 for count in counts]
    by_count = [bar for _, bar in sorted(zip(counts, line, strict=True))]
    assert by_count == sorted(by_count)


def test_few_people_make_a_low_line() -> None:
    assert views.figures.spark([0, 1, 0, 2, 1, 0, 3, 1, 5]) == "▁▂▁▃▂▁▄▂▆"
    assert views.figures.spark([0, 1, 70]) == "▁▂█"


def test_a_trend_is_numbers_and_a_word() -> None:
    assert views.figures.trend(trend(1, 0, 1, 0, 2, 0, 1, 0, 4)) == ["▂▁▂▁▃▁▂▁▅", "rising: 4 now, 0.6 before"]
    assert views.figures.trend(trend(3, known=0.5))[1] == "new"
    assert views.figures.trend(None) == []
