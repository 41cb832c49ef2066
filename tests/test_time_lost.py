"""Time lost: the sum of what was said, and a range that holds what it promises."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pytest
import simulated
from hypothesis import given
from hypothesis import strategies as st

from bot import rules, views
from bot.rules import time_lost
from bot.rules.time_lost import Lost, Rate, Told

answers = st.builds(Told, st.sampled_from(time_lost.MENU))


@pytest.mark.parametrize("people", [8, 9])
def test_the_range_holds_what_people_lose_as_often_as_it_says(people: int) -> None:
    held = dict.fromkeys(simulated.ANSWERS, 0.0)
    for told in itertools.combinations_with_replacement(time_lost.MENU, people):
        lost = time_lost.of([Told(minutes) for minutes in told], people)
        assert lost.low is not None and lost.high is not None
        for kind, shares in simulated.ANSWERS.items():
            if lost.low <= simulated.truly(shares, people) <= lost.high:
                held[kind] += simulated.probability(told, shares)
    # Whatever people would answer: exactly, as all that so many can answer is tried.
    assert {kind: round(100 * share, 1) for kind, share in held.items() if not 0.87 <= share <= 0.93} == {}


@pytest.mark.parametrize("kind", ["mostly half an hour", "mostly hours and days"])
def test_the_range_holds_as_often_where_people_answer_more_than_once(kind: str) -> None:
    chance, answers, groups = np.random.default_rng(8), simulated.ANSWERS[kind], 500
    truth, held = simulated.truly(answers, 8, again=0.4), 0
    for _ in range(groups):
        lost = time_lost.of(simulated.told(chance, answers, 8, again=0.4), 8)
        assert lost.low is not None and lost.high is not None
        held += lost.low <= truth <= lost.high
    assert 0.87 <= held / groups <= 0.93


@given(st.lists(answers, min_size=8, max_size=40), st.randoms(use_true_random=False))
def test_the_same_answers_have_the_same_range_in_any_order_and_it_holds_their_sum(
    told: list[Told], order: object
) -> None:
    lost = time_lost.of(told, 50)
    shuffled = sorted(told, key=lambda _: order.random())  # type: ignore[attr-defined]
    assert time_lost.of(shuffled, 50) == lost
    assert lost.minutes is not None and lost.low is not None and lost.high is not None
    assert lost.low <= lost.minutes <= lost.high
    assert lost.minutes == sum(each.minutes for each in told)


@given(st.lists(answers, max_size=7))
def test_from_fewer_than_eight_answers_there_is_no_range_and_from_fewer_than_three_no_sum(told: list[Told]) -> None:
    lost = time_lost.of(told, 19)
    assert (lost.low, lost.high) == (None, None)
    assert (lost.minutes is None) == (len(told) < 3)


def test_whoever_said_nothing_adds_nothing() -> None:
    told = [Told(30)] * 9
    assert time_lost.of(told, 9).minutes == time_lost.of(told, 900).minutes == 270


def test_time_lost_says_how_many_said_so_and_what_it_comes_to() -> None:
    lost = Lost(360, 9, 19, 240.0, 660.0, Rate(85, "EUR"))
    assert views.figures.cost(lost) == ["6 h, 510 EUR lost (9 of 19 said; 4–11 h, 340–935 EUR)"]
    assert views.figures.cost(Lost(40, 9, 19, 30.0, 130.0)) == ["40 min lost (9 of 19 said; 30 min – 2 h)"]
    assert views.figures.cost(Lost(360, 5, 8)) == ["6 h lost (5 of 8 said; too few to say more)"]
    assert views.figures.cost(Lost(None, 2, 8)) == ["time lost: 2 of 8 said, too few to say"]
    assert views.figures.cost(Lost(None, 0, 8)) == views.figures.cost(None) == []


def test_what_the_range_knows_of_the_menu_is_what_is_asked_in_forms_and_with_one_tap() -> None:
    assert tuple(map(int, views.form.LOSSES)) == time_lost.MENU
    assert set(views.report.COSTS) < set(views.form.LOSSES)


def test_a_quarter_has_a_name_and_bounds() -> None:
    assert rules.quarter.of(dt.datetime(2026, 9, 30, 23, tzinfo=dt.UTC)) == "2026Q3"
    bounds = {
        name: tuple(each.strftime("%Y-%m-%d") for each in rules.quarter.bounds(name)) for name in ("2026Q1", "2026q4")
    }
    assert bounds == {"2026Q1": ("2026-01-01", "2026-04-01"), "2026q4": ("2026-10-01", "2027-01-01")}
    for wrong in ("2026Q5", "Q3", "", "0000Q1"):
        with pytest.raises(ValueError, match="is not a quarter"):
            rules.quarter.bounds(wrong)
