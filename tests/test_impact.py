"""Impact: how much a cluster hurts how many developers, whatever comes twice and in whatever order."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot import rules
from bot.rules.impact import Standing
from storage.votes import Signal

NOW = dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC)
WEEK = dt.timedelta(weeks=1)


def signal(person: str | None = "U1", days: float = 0, **changed: Any) -> Signal:
    """A vote of a person some days ago."""
    given: dict[str, Any] = {"cluster_id": 1, "severity": None, "report_id": None}
    return Signal(person=person, at=NOW - dt.timedelta(days=days), **given | changed)


def standing(*signals: Signal, leads: frozenset[str] = frozenset(), now: dt.datetime = NOW) -> Standing:
    return rules.impact.standings(signals, leads=leads, now=now, since=now - WEEK)[1]


#: Reports and votes of a few people on a few clusters, many of them at the same moments.
SIGNALS = st.lists(
    st.builds(
        lambda person, days, severity, report, cluster: signal(
            person, days, severity=severity if report else None, report_id=report or None, cluster_id=cluster
        ),
        st.sampled_from(["U1", "U2", "U3", "U4"]),
        st.sampled_from([0, 1, 6.9, 7, 8, 30, 200]),
        st.sampled_from([None, 0, 1, 2, 3]),
        st.integers(0, 50),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda each: each.report_id or object(),
)


def test_people_are_counted_once_whatever_they_do() -> None:
    stands = standing(signal("U1", report_id=1), signal("U1"), signal("U1", report_id=2), signal("U2"))
    assert (stands.developers, stands.reports, stands.impact) == (2, 2, 200)


def test_somebody_unnamed_counts_once_a_report() -> None:
    assert standing(signal(None, report_id=1), signal(None, report_id=2), signal("U1", report_id=3)).developers == 3


def test_a_signal_counts_half_after_four_weeks() -> None:
    assert [standing(signal(days=days)).impact for days in (0, 28, 56, 84)] == [100, 50, 25, 13]


def test_a_person_weighs_by_their_latest_signal() -> None:
    assert standing(signal(days=56), signal(days=28)).impact == 50


def test_what_is_still_to_come_counts_as_now() -> None:
    assert standing(signal(days=-3)).impact == 100


def test_how_bad_it_is_holds_until_said_otherwise() -> None:
    blocked = signal(days=28, severity=3, report_id=1)
    assert standing(blocked, signal(days=0)).impact == 300
    assert standing(blocked, signal(days=0, severity=0, report_id=2)).impact == 0


def test_after_seven_months_a_signal_counts_nothing_but_its_person_does() -> None:
    assert [standing(signal(days=days)).impact for days in (213, 214, 215, 5000)] == [1, 1, 0, 0]
    assert standing(signal(days=5000)).developers == 1


def test_a_cluster_was_seen_from_its_first_signal_to_its_latest() -> None:
    stands = standing(signal("U1", 3), signal("U2", 30), signal("U1", 8))
    assert (NOW - stands.first_seen, NOW - stands.last_seen) == (dt.timedelta(days=30), dt.timedelta(days=3))


def test_new_are_those_who_came_after_the_day_asked_for() -> None:
    assert standing(signal("U1", 8), signal("U1", 1), signal("U2", 7), signal("U3", 6.9)).new == 1


@given(signals=SIGNALS, leads=st.frozensets(st.sampled_from(["U1", "U2", "U9"])))
def test_leads_are_a_number_of_their_own(signals: list[Signal], leads: frozenset[str]) -> None:
    bare = rules.impact.standings(signals, leads=(), now=NOW, since=NOW - WEEK)
    told = rules.impact.standings(signals, leads=leads, now=NOW, since=NOW - WEEK)
    for key, stands in told.items():
        here = [each for each in signals if each.cluster_id == key]
        assert stands.leads == (len(leads & {each.person for each in here}) if stands.developers >= 3 else 0)
        assert replace(stands, leads=0, lead_impact=0) == bare[key]
        assert 0 <= stands.lead_impact <= stands.impact
    assert [each.cluster_id for each in rules.impact.rank(told.values())] == [
        each.cluster_id for each in rules.impact.rank(bare.values())
    ]


@given(signals=SIGNALS)
def test_impact_is_the_sum_over_people(signals: list[Signal]) -> None:
    for key, stands in rules.impact.standings(signals, leads=(), now=NOW, since=NOW - WEEK).items():
        here = [replace(each, cluster_id=1) for each in signals if each.cluster_id == key]
        parts = [standing(*(each for each in here if each.person == who)).impact for who in {e.person for e in here}]
        assert stands.impact == sum(parts)
        assert stands.developers == len(parts)


@settings(max_examples=300)
@given(signals=SIGNALS, data=st.data())
def test_the_order_in_which_signals_come_changes_nothing(signals: list[Signal], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(signals))
    first, second = (
        rules.impact.standings(each, leads=("U1",), now=NOW, since=NOW - WEEK) for each in (signals, shuffled)
    )
    assert first == second


def test_one_person_at_one_moment_stands_as_the_worse_of_what_they_said() -> None:
    said = signal(severity=3, report_id=1), signal(severity=1, report_id=2)
    assert standing(*said) == standing(*reversed(said))


@given(signals=SIGNALS)
def test_a_signal_that_is_told_twice_counts_once(signals: list[Signal]) -> None:
    once, twice = (
        rules.impact.standings(each, leads=("U1",), now=NOW, since=NOW - WEEK) for each in (signals, signals * 2)
    )
    assert once == twice


def test_the_worst_comes_first_then_the_more_people_then_the_longer_known() -> None:
    signals = [
        *(signal(f"U{number}", severity=1, report_id=number, cluster_id=3) for number in range(3)),
        signal(severity=3, report_id=4, cluster_id=1),
        *(signal(f"U{number}", severity=1, report_id=number + 5, cluster_id=2) for number in range(3)),
        *(signal(f"U{number}", cluster_id=9) for number in range(4)),
    ]
    ranked = rules.impact.rank(rules.impact.standings(signals, leads=(), now=NOW, since=NOW - WEEK).values())
    assert [each.cluster_id for each in ranked] == [9, 2, 3, 1]


@given(signals=SIGNALS, data=st.data())
def test_ranks_are_a_total_order_and_no_number_stands_below_a_smaller_one(
    signals: list[Signal], data: st.DataObject
) -> None:
    found = list(rules.impact.standings(signals, leads=(), now=NOW, since=NOW - WEEK).values())
    ranked = rules.impact.rank(found)
    assert ranked == rules.impact.rank(data.draw(st.permutations(found)))
    orders = [rules.impact.order(each) for each in ranked]
    assert orders == sorted(set(orders))
    assert [each.impact for each in ranked] == sorted((each.impact for each in ranked), reverse=True)
