"""Digests: sent when something happened for their reader since the last that they received."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_impact import NOW, SIGNALS, WEEK

from bot import rules
from bot.rules.digest import Reason, Seen, Shown
from bot.rules.impact import Standing
from storage.votes import Signal


def stands(cluster: int, impact: int = 100, **changed: Any) -> Standing:
    given: dict[str, Any] = {
        "developers": 1,
        "leads": 0,
        "new": 0,
        "reports": 1,
        "lead_impact": 0,
        "severities": 2,
        "first_seen": NOW - 9 * WEEK,
        "last_seen": NOW - 8 * WEEK,
    }
    return Standing(cluster_id=cluster, impact=impact, **given | changed)


def shown(*ranked: Standing, **more: Any) -> Shown:
    top = rules.impact.rank(ranked)[: rules.digest.TOP]
    seen = {each.cluster_id: Seen(rank, {}) for rank, each in enumerate(top, 1)}
    return Shown(clusters=seen, evidence=rules.digest.evidence(ranked), **more)


def why(*ranked: Standing, last: Shown | None, **more: Any) -> list[Reason]:
    statuses = more.pop("statuses", {})
    return list(rules.digest.reasons(rules.impact.rank(ranked), last, statuses=statuses, **more))


SIX = tuple(stands(number, 700 - 100 * number) for number in range(1, 7))


def test_the_first_digest_needs_no_other_reason_than_that_there_is_something() -> None:
    assert why(*SIX, last=None) == [Reason("first")]
    assert why(last=None) == []


def test_nothing_new_is_no_reason() -> None:
    assert why(*SIX, last=shown(*SIX)) == []


def test_a_cluster_that_is_new_in_the_top_is_a_reason_and_one_below_is_none() -> None:
    news = stands(9, 450, last_seen=NOW)
    assert why(*SIX, news, last=shown(*SIX)) == [Reason("entered", 9, 3)]
    assert why(*SIX, replace(news, impact=10), last=shown(*SIX)) == []


def test_a_cluster_that_rises_within_the_top_is_a_reason_once() -> None:
    risen = replace(SIX[3], impact=650, last_seen=NOW)
    assert why(*SIX[:3], risen, *SIX[4:], last=shown(*SIX)) == [Reason("rose", 4, 1)]


def test_who_sees_three_is_told_of_what_enters_the_first_three_wherever_it_was_before() -> None:
    fourth = replace(SIX[3], impact=450, last_seen=NOW)
    now = (*SIX[:2], fourth, SIX[2], *SIX[4:])
    assert why(*now, last=shown(*SIX), length=3) == [Reason("entered", 4, 3)]
    assert why(*now, last=shown(*SIX)) == [Reason("rose", 4, 3)]
    assert why(*SIX, stands(9, 350, last_seen=NOW), last=shown(*SIX), length=3) == []


def test_three_new_developers_on_any_cluster_are_a_reason_and_two_are_none() -> None:
    for new, reasons in ((3, [Reason("developers", 6, 3)]), (2, [])):
        assert why(*SIX[:5], replace(SIX[5], developers=4, new=new), last=shown(*SIX)) == reasons


def test_a_status_that_somebody_else_set_is_a_reason_and_ones_own_is_none() -> None:
    last = shown(*SIX, statuses={2: "planned"})
    now = {2: "shipped", 5: "declined"}
    assert why(*SIX, last=last, statuses=now) == [
        Reason("status", 2, status="shipped"),
        Reason("status", 5, status="declined"),
    ]
    assert why(*SIX, last=last, statuses=now, by_reader={2, 5}) == []
    assert why(*SIX, last=last, statuses={2: "planned"}) == []


def test_a_rest_that_is_over_is_a_reason_although_nothing_was_said() -> None:
    assert why(*SIX, last=shown(*SIX), woken={5: "woke", 6: "doubled"}) == [Reason("woke", 5), Reason("doubled", 6)]


def test_what_rises_only_because_something_was_closed_or_rests_is_no_reason() -> None:
    said = rules.digest.evidence(SIX)
    assert why(*SIX[1:], last=shown(*SIX), said=said) == []
    assert why(*SIX[1:], last=shown(*SIX), said=said + 1)[0] == Reason("entered", 6, 5)


def test_a_cluster_that_was_silent_for_long_is_back() -> None:
    assert why(*SIX[:4], replace(SIX[4], last_seen=NOW), SIX[5], last=shown(*SIX), back={5}) == [Reason("back", 5)]


def test_suggestions_are_a_reason_until_they_were_shown_once() -> None:
    last = shown(*SIX, pending=frozenset({"3=4"}))
    assert why(*SIX, last=last, pending=["3=4"]) == []
    assert why(*SIX, last=last, pending=["3=4", "1=2"]) == [Reason("suggestions", number=2)]


def test_each_cluster_is_one_reason_the_weightiest() -> None:
    news = stands(9, 900, developers=4, new=4, last_seen=NOW)
    assert why(*SIX, news, last=shown(*SIX)) == [Reason("entered", 9, 1)]


# Any data


def ranked(signals: list[Signal], now: dt.datetime, since: dt.datetime) -> list[Standing]:
    return rules.impact.rank(rules.impact.standings(signals, leads=(), now=now, since=since).values())


@settings(max_examples=300)
@given(
    signals=SIGNALS,
    later=st.sampled_from([0, 1, 7, 28, 100, 300]),
    statuses=st.dictionaries(st.integers(1, 3), st.sampled_from(["planned", "shipped"])),
)
def test_the_same_data_twice_sends_no_second_digest(
    signals: list[Signal], later: int, statuses: dict[int, str]
) -> None:
    first = ranked(signals, NOW, NOW - WEEK)
    last = rules.digest.read(json.loads(json.dumps(rules.digest.written(shown(*first, statuses=statuses)))))
    now = NOW + dt.timedelta(days=later)
    assert why(*ranked(signals, now, NOW), last=last, statuses=statuses) == []


@given(signals=SIGNALS, statuses=st.dictionaries(st.integers(1, 3), st.sampled_from(["planned", "shipped"])))
def test_what_was_shown_is_kept_whole(signals: list[Signal], statuses: dict[int, str]) -> None:
    people = rules.impact.developers(signals)
    seen = {cluster: Seen(rank, rules.receipt.cells(people[cluster], NOW)) for rank, cluster in enumerate(people, 1)}
    kept = Shown(seen, statuses, frozenset({"1=2"}), 77)
    assert rules.digest.read(json.loads(json.dumps(rules.digest.written(kept)))) == kept


def test_a_digest_of_before_anything_was_kept_showed_nothing() -> None:
    assert rules.digest.read({}) == Shown()


@pytest.mark.parametrize("change", ["developers", "reports", "severities"])
def test_any_change_in_what_was_said_is_other_evidence(change: str) -> None:
    other = replace(SIX[2], **{change: getattr(SIX[2], change) + 1})
    assert rules.digest.evidence(SIX) != rules.digest.evidence([*SIX[:2], other, *SIX[3:]])
    assert rules.digest.evidence(SIX) == rules.digest.evidence(SIX[::-1])
