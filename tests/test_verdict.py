"""Verdicts: whether a fix helped, said of fixes whose effect is known."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import simulated
from conftest import MONDAY
from hypothesis import given
from hypothesis import strategies as st

from bot import views
from bot.rules import given_back, time_lost, verdict
from bot.rules.verdict import Counted, Verdict

WEEK = dt.timedelta(weeks=1)


def counted(before: int, after: int, others: tuple[int, int] = (480, 480), weeks: int = 12) -> Counted:
    """So many reports, spread as evenly as whole reports can be."""
    days = 7 * weeks
    return Counted(
        _spread(before, 84), _spread(after, days), _spread(others[0], 84), _spread(others[1], days), 84.0, float(days)
    )


def _spread(count: int, days: int) -> tuple[int, ...]:
    return tuple((day + 1) * count // days - day * count // days for day in range(days))


def fixes(weekly: float, left: float, runs: int, **how: object) -> list[list[Verdict]]:
    chance = np.random.default_rng([int(10 * weekly), int(10 * left), runs])
    return [simulated.looks(chance, weekly, left, **how) for _ in range(runs)]


def share(looks: list[list[Verdict]], word: str) -> float:
    """How often it was said at any look."""
    return sum(any(each.word == word for each in run) for run in looks) / len(looks)


# What it says of known effects


@pytest.mark.parametrize("how", ["even", "in August", "late"])
@pytest.mark.parametrize("weekly", [0.2, 2, 20])
def test_what_did_not_change_is_called_better_in_no_more_than_five_of_a_hundred(weekly: float, how: str) -> None:
    conditions = {"even": {}, "in August": {"season": simulated.AUGUST}, "late": {"late": 2.0}}
    assert share(fixes(weekly, 1.0, 100, **conditions[how]), verdict.BETTER) <= 0.05


@pytest.mark.parametrize("season", [simulated.EVEN, simulated.AUGUST])
@pytest.mark.parametrize("weekly", [2, 6, 20])
def test_nor_where_reports_come_two_at_a_time(weekly: float, season: tuple[float, ...]) -> None:
    assert share(fixes(weekly, 1.0, 120, bursts=2.0, season=season), verdict.BETTER) <= 0.05


@pytest.mark.parametrize("season", [simulated.EVEN, simulated.AUGUST])
@pytest.mark.parametrize("left", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("weekly", [2, 20])
def test_the_interval_holds_the_truth_as_often_as_it_says(
    weekly: float, left: float, season: tuple[float, ...]
) -> None:
    last = fixes(weekly, left, 800, season=season, at=range(12, 13))
    shown = [run[-1].ratio for run in last if run[-1].ratio]
    assert len(shown) > 700
    assert sum(each.low <= left <= each.high for each in shown) / len(shown) == pytest.approx(0.9, abs=0.02)


def test_the_more_is_reported_the_surer_an_effect_is_seen() -> None:
    seen = [share(fixes(weekly, 0.5, 60), verdict.BETTER) for weekly in (0.2, 2, 6, 20)]
    assert seen == sorted(seen) and seen[0] == 0 and seen[-1] > 0.95
    assert share(fixes(2, 0.1, 40), verdict.BETTER) > 0.9
    assert share(fixes(6, 2.0, 40), verdict.WORSE) > 0.8
    assert share(fixes(20, 1.0, 40), verdict.NO_CHANGE) > 0.9


def test_of_small_counts_it_says_that_it_is_too_early() -> None:
    for left in (0.1, 1.0):
        assert {each.word for run in fixes(0.2, left, 25) for each in run} == {verdict.TOO_EARLY}
    assert verdict.of(counted(3, 0)) == Verdict(verdict.TOO_EARLY, 0.25, 0.0, others=pytest.approx(1.0))
    assert verdict.of(counted(72, 1, (480, 40), weeks=1)).word != verdict.NO_CHANGE


def test_a_quiet_august_is_no_fix_and_a_fix_in_august_is_one() -> None:
    quiet = verdict.of(counted(72, 36, (480, 240)))
    assert quiet.word != verdict.BETTER and quiet.ratio is not None
    assert quiet.ratio.value == pytest.approx(1.0, abs=0.03) and quiet.others == pytest.approx(0.5, abs=0.01)
    fixed = verdict.of(counted(72, 6, (480, 240)))
    assert fixed.word == verdict.BETTER


def test_bursts_make_it_less_sure_and_a_season_that_everything_shares_does_not() -> None:
    even = verdict.of(counted(72, 36))
    everything = _by_weeks([40] * 12)
    at_once = tuple(24 * (day in (0, 21, 49)) for day in range(84)), tuple(18 * (day in (7, 35)) for day in range(84))
    bursts = verdict.of(Counted(*at_once, everything, everything, 84.0, 84.0))
    # Spread over the days of a few weeks, it is a burst as well.
    weeks = _by_weeks([24, 0, 0, 24, 0, 0, 0, 24, 0, 0, 0, 0]), _by_weeks([0, 18, 0, 0, 0, 18, 0, 0, 0, 0, 0, 0])
    spells = verdict.of(Counted(*weeks, everything, everything, 84.0, 84.0))
    shared = [12, 12, 12, 6, 6, 6, 2, 2, 2, 4, 4, 4]
    others = _by_weeks([7 * each for each in shared])
    season = verdict.of(
        Counted(_by_weeks(shared), _by_weeks([each // 2 for each in shared]), others, others, 84.0, 84.0)
    )
    assert even.ratio and bursts.ratio and spells.ratio and season.ratio
    for wider in (bursts, spells):
        assert wider.ratio and wider.word == verdict.TOO_EARLY
        assert wider.ratio.low < even.ratio.low < even.ratio.high < wider.ratio.high
    assert even.word == verdict.BETTER
    assert season.ratio.high == pytest.approx(even.ratio.high, rel=0.1)


def _by_weeks(counts: list[int]) -> tuple[int, ...]:
    return tuple(day for count in counts for day in _spread(count, 7))


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=12),
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=12),
)
def test_any_counts_have_a_verdict_and_an_interval_around_its_middle(
    before: list[tuple[int, int]], after: list[tuple[int, int]]
) -> None:
    (own, others), (own_after, others_after) = (tuple(zip(*rows, strict=True)) or ((), ()) for rows in (before, after))
    found = verdict.of(Counted(own, own_after, others, others_after, 7.0 * len(own), 7.0 * len(own_after)))
    assert found.word in (verdict.BETTER, verdict.NO_CHANGE, verdict.WORSE, verdict.TOO_EARLY)
    assert found.ratio is None or 0 < found.ratio.low <= found.ratio.value <= found.ratio.high
    assert found.ratio is not None or found.word == verdict.TOO_EARLY


def test_what_hurts_as_before_or_more_is_back_and_what_got_better_is_not() -> None:
    assert [verdict.is_back(word) for word in ("no change", "worse", "better", "too early")] == [
        True,
        True,
        False,
        False,
    ]


# What is counted when


def test_reports_are_counted_by_days_away_from_the_shipping() -> None:
    start, until = MONDAY - dt.timedelta(days=2.5), MONDAY + dt.timedelta(days=2)
    days = (-3, -2.5, -2.2, -2, -1.5, -0.9, 0, 0.1, 1, 1.1, 2, 3)
    said = [MONDAY + dt.timedelta(days=day) for day in days]
    # The one at the very start began it; what was said at the moment of the shipping was said before.
    assert verdict.by_day(said, start, MONDAY, until) == ((2, 1, 2), (1, 3))


def test_a_look_is_due_each_week_and_after_twelve_no_more() -> None:
    ages = {0: 0, 6: 0, 7: 1, 20: 2, 84: 12, 400: 12}
    assert {days: verdict.looks(MONDAY, MONDAY + dt.timedelta(days=days)) for days in ages} == ages
    assert verdict.begins(MONDAY, MONDAY - 20 * WEEK) == MONDAY - 12 * WEEK
    assert verdict.begins(MONDAY, MONDAY - 20 * WEEK, MONDAY - 3 * WEEK) == MONDAY - 3 * WEEK


# In words


def in_words(**changed: object) -> views.verdict.Given:
    told = {"word": "better", "before": 73, "days_before": 84.0, "after": 8, "days_after": 84.0}
    more = {"ratio": (0.12, 0.04, 0.31), "others": 1.1, "final": False}
    return views.verdict.Given(**told | more | changed)  # type: ignore[arg-type]


def test_a_verdict_says_its_numbers_in_words() -> None:
    assert views.verdict.sentence(in_words()) == (
        "Better since it was shipped: 6.1 reports a week before, 0.7 after: 12 % of before, 90 % interval 4–31 %."
    )
    assert views.verdict.numbers(in_words(others=0.5)).endswith(
        "4–31 %. The comparison takes into account that everything else came to 50 %."
    )
    few = {"word": "too early", "before": 1, "after": 0, "days_before": 84.0, "days_after": 7.0, "ratio": None}
    assert views.verdict.sentence(in_words(**few)) == (
        "Too early to say whether it helped: 1 report in 12 weeks before, 0 in 7 days after."
    )
    assert views.verdict.sentence(in_words(**few, final=True)).startswith("Too few reports to say whether it helped:")


def test_a_digest_calls_it_fixed_only_when_it_is_better() -> None:
    opened = [
        views.verdict.news(views.verdict.Fixed(4, "F-4", "VPN setup page missing", in_words(word=word)))
        for word in ("better", "no change", "worse")
    ]
    assert [each.partition(" — ")[0] for each in opened] == [
        "Fixed: F-4 “VPN setup page missing”",
        "Shipped, but no change: F-4 “VPN setup page missing”",
        "Shipped, but worse: F-4 “VPN setup page missing”",
    ]


# What it gave back

TOLD = [time_lost.Told(30)] * 5 + [time_lost.Told(120)] * 3


def test_what_a_fix_gave_back_is_the_reports_that_did_not_come_at_what_one_costs() -> None:
    back = given_back.of(counted(72, 12), TOLD, verdict.BETTER, seed=1)
    assert back is not None
    assert back.minutes == pytest.approx((72 - 12) * 510 / 8, rel=0.01)
    assert 0 < back.low < back.minutes < back.high
    august = given_back.of(counted(72, 12, (480, 240)), TOLD, verdict.BETTER, seed=1)
    assert august is not None and august.minutes == pytest.approx((36 - 12) * 510 / 8, rel=0.01)


@pytest.mark.parametrize("season", [simulated.EVEN, simulated.AUGUST])
@pytest.mark.parametrize("kind", ["mostly half an hour", "anything"])
@pytest.mark.parametrize("weekly", [6, 20])
def test_what_is_said_to_be_given_back_holds_the_truth_about_as_often_as_it_says(
    weekly: float, kind: str, season: tuple[float, ...]
) -> None:
    chance, answers, left, runs = np.random.default_rng(int(weekly)), simulated.ANSWERS[kind], 0.25, 600
    truth = weekly * sum(season[12:]) * (1 - left) * simulated.truly(answers, 1)
    held = 0
    for _ in range(runs):
        (seen,) = simulated.counts(chance, weekly, left, season=season, at=range(12, 13))
        back = given_back.of(seen, simulated.told(chance, answers, 12), verdict.BETTER, seed=1)
        assert back is not None
        held += back.low <= truth <= back.high
    assert 0.85 <= held / runs <= 0.97


def test_nothing_is_given_back_where_it_cannot_be_stood_behind() -> None:
    for word in ("no change", "worse", "too early"):
        assert given_back.of(counted(72, 12), TOLD, word, seed=1) is None
    assert given_back.of(counted(72, 12), TOLD[1:], verdict.BETTER, seed=1) is None


def test_several_fixes_together_are_surer_than_each_and_the_same_twice_says_the_same() -> None:
    one, other = (given_back.of(counted(72, 12), TOLD, verdict.BETTER, seed=seed) for seed in (1, 2))
    assert one is not None and other is not None
    both = given_back.total([one, other])
    assert both is not None and both.minutes == pytest.approx(one.minutes + other.minutes)
    assert both.high - both.low < (one.high - one.low) + (other.high - other.low)
    assert given_back.of(counted(72, 12), TOLD, verdict.BETTER, seed=1) == one
    assert given_back.total([]) is None
