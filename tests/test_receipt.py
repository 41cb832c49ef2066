"""Receipts: every number on one can be added up, and what it says would change a rank does."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from shown import RECEIPT
from test_impact import NOW, SIGNALS, WEEK, signal

from bot import rules, views
from bot.rules.impact import Developer
from bot.rules.receipt import Change, Crowd, Receipt
from storage.votes import Signal

LEADS = frozenset({"U1"})


def ranked(signals: list[Signal], now: dt.datetime = NOW) -> list[rules.impact.Standing]:
    return rules.impact.rank(rules.impact.standings(signals, leads=LEADS, now=now, since=now - WEEK).values())


def crowd(signals: list[Signal], now: dt.datetime, until: dt.datetime) -> Crowd:
    """The people of a cluster, as the database counts them."""
    people, *_ = [*rules.impact.developers(signals).values(), []]
    earlier = rules.impact.developers(each for each in signals if each.at <= until)
    was = {each.person: each for found in earlier.values() for each in found}

    def cells(counted: list[Developer]) -> Counter[tuple[int | None, int]]:
        return Counter((each.severity, min(rules.impact.day(each.last_at), rules.impact.day(now))) for each in counted)

    again = [each for each in people if each.person in was and each.last_at > until]
    return Crowd(
        people=cells(people),
        this_week=sum(each.last_at > now - WEEK for each in people),
        new=cells([each for each in people if each.person not in was]),
        again=cells(again),
        before=cells([was[each.person] for each in again]),
    )


def receipt(
    signals: list[Signal], cluster: int = 1, *, then: list[Signal] | None = None, until: dt.datetime = NOW - WEEK
) -> Receipt:
    """The receipt of a cluster now. `then`: its signals as the last digest saw them, at `until`."""
    people = None if then is None else rules.impact.developers(then).get(cluster, [])
    return rules.receipt.of(
        ranked(signals),
        next(each for each in ranked(signals) if each.cluster_id == cluster),
        crowd([each for each in signals if each.cluster_id == cluster], NOW, until),
        now=NOW,
        seen=None if people is None else rules.receipt.cells(people, until),
        until=until,
    )


def numbers(text: str) -> list[int]:
    """Every number with two decimals, in hundredths."""
    return [int(whole + part) for whole, part in re.findall(r"(\d+)\.(\d\d)", text)]


# Terms


@settings(max_examples=300)
@given(signals=SIGNALS)
def test_the_terms_add_up_to_the_impact_exactly(signals: list[Signal]) -> None:
    for cluster in {each.cluster_id for each in signals}:
        told = receipt(signals, cluster)
        if told.developers >= rules.impact.FEW:
            assert sum(term.impact for term in told.terms) == told.impact
            assert sum(term.people for term in told.terms) == told.developers
        assert told.impact == next(each.impact for each in ranked(signals) if each.cluster_id == cluster)


@settings(max_examples=300)
@given(signals=SIGNALS)
def test_the_numbers_that_people_see_add_up_and_multiply(signals: list[Signal]) -> None:
    for cluster in {each.cluster_id for each in signals}:
        told = receipt(signals, cluster)
        head, *terms = views.receipt.added_up(told)
        assert numbers(head) == [told.impact]
        for term in terms:
            severity, freshness, part = re.findall(r"(\d) × +(\d+\.\d\d) = +(\d+\.\d\d)", term)[0]
            assert int(severity) * numbers(freshness)[0] == numbers(part)[0]
        if terms:
            assert sum(numbers(term)[1] for term in terms) == told.impact


def test_a_receipt_names_people_by_how_bad_it_is() -> None:
    signals = [
        *(signal(f"U{number}", 1, severity=3, report_id=number + 1) for number in (1, 2)),
        *(signal(f"U{number}", 4, severity=2, report_id=number + 1) for number in (3, 4, 5)),
        *(signal(f"U{number}", 14) for number in (6, 7, 8)),
    ]
    assert views.receipt.added_up(receipt(signals)) == [
        "Impact 13.47 = 8 people, 5 of them this week",
        "  2 blocked            3 × 1.96 = 5.88",
        "  3 slowed down a lot  2 × 2.73 = 5.46",
        "  3 did not say        1 × 2.13 = 2.13",
    ]


def test_of_two_people_nobody_learns_what_either_said() -> None:
    told = receipt(
        [signal("U1", severity=3, report_id=1), signal("U2", 3)], then=[signal("U2", 3)], until=NOW - WEEK / 7
    )
    assert told.terms == ()
    text = views.receipt.message(told, "F-1", {}).text
    assert "Impact 3.93 = 2 people" in text and "blocked" not in text and "new" not in text


# What moved


@st.composite
def two_moments(draw: st.DrawFn) -> tuple[list[Signal], list[Signal], dt.datetime]:
    """What was said until some moment, what there is of it now, with more, and the moment."""
    now = [replace(each, cluster_id=1) for each in draw(SIGNALS)]
    until = NOW - dt.timedelta(days=draw(st.sampled_from([0.5, 7, 40])))
    said = [each for each in now if each.at <= until]
    then = []
    for each in said:
        match draw(st.sampled_from(["same", "same", "another severity", "not there"])):
            case "same":
                then.append(each)
            case "another severity" if each.report_id is not None:
                then.append(replace(each, severity=draw(st.sampled_from([None, 0, 1, 2, 3]))))
    gone = draw(st.lists(st.integers(1, 3), max_size=3))
    then += [signal(f"G{number}", 60, severity=number, report_id=900 + number) for number in set(gone)]
    return then, now, until


@settings(max_examples=500)
@given(moments=two_moments())
def test_what_moved_adds_up_to_the_difference_exactly(
    moments: tuple[list[Signal], list[Signal], dt.datetime],
) -> None:
    then, now, until = moments
    told = receipt(now, then=then, until=until)
    before = sum(each.impact for each in ranked(then, until)) if then else 0
    assert told.before == before
    assert before + sum(each.impact for each in told.moved) == told.impact


def moved(now: list[Signal], then: list[Signal], until: dt.datetime = NOW - WEEK) -> dict[str, tuple[int, int]]:
    others = [signal(f"V{number}", 30) for number in range(3)]
    found = receipt(others + now, then=others + then, until=until).moved
    return {each.why: (each.people, each.impact) for each in found if each.why != "age"}


def test_each_move_is_called_what_it_is() -> None:
    old = signal("U1", 20, severity=1, report_id=1)
    assert moved([old, signal("U2", 1)], [old]) == {"new": (1, 98)}
    assert moved([old, signal("U1", 0, severity=3, report_id=2)], [old]) == {"again": (1, 300 - 61)}
    assert moved([replace(old, severity=3)], [old]) == {"changed": (1, 2 * 72)}
    assert moved([], [old]) == {"gone": (1, -72)}
    assert moved([old], []) == {"came": (1, 72)}
    assert moved([old], [old]) == {}


def test_a_receipt_says_what_moved_it() -> None:
    told = views.receipt.message(replace(RECEIPT, before=827), "F-12 The docs", {9: "F-9"}).text
    assert "8.27 in your last digest; since then 3 new people (+6.12), age (−0.92)." in told


# The smallest change


@settings(max_examples=300)
@given(signals=SIGNALS)
def test_the_smallest_change_swaps_the_ranks_and_one_less_does_not(signals: list[Signal]) -> None:
    order = ranked(signals)
    for position, standing in enumerate(order):
        change = rules.receipt.change(order, position)
        if change is None:
            assert len(order) == 1
            continue
        grows = standing.cluster_id if change.rises else change.other
        for by, swapped in ((change.developers, True), (change.developers - 1, False)):
            again = rules.impact.rank(
                rules.receipt.grown(each, by) if each.cluster_id == grows else each for each in order
            )
            ids = [each.cluster_id for each in again]
            first, second = (standing.cluster_id, change.other) if change.rises else (change.other, standing.cluster_id)
            assert (ids.index(first) < ids.index(second)) is swapped
            assert (ids.index(standing.cluster_id) != position) is swapped


@given(signals=SIGNALS)
def test_that_many_people_who_vote_today_do_it(signals: list[Signal]) -> None:
    order = ranked(signals)
    change = rules.receipt.change(order, 0)
    if change is not None:
        voters = [signal(f"N{number}", cluster_id=change.other) for number in range(change.developers)]
        assert ranked(signals + voters)[0].cluster_id == change.other
        assert ranked(signals + voters[1:])[0].cluster_id == order[0].cluster_id


def test_the_change_is_told_from_the_cluster_s_own_place() -> None:
    rises = replace(RECEIPT, rank=2, change=Change(9, 1, rises=True))
    assert "One more developer would put it above F-9." in views.receipt.sentences(rises, {9: "F-9"})
    assert "F-9 would take its place with two more developers." in views.receipt.sentences(RECEIPT, {9: "F-9"})


# Leads


@given(signals=SIGNALS)
def test_a_receipt_knows_where_the_cluster_would_stand_if_a_lead_counted_three_times(signals: list[Signal]) -> None:
    thrice = signals + [
        replace(each, person=f"{each.person} {number}", report_id=each.report_id and 1000 * number + each.report_id)
        for each in signals
        if each.person in LEADS
        for number in (1, 2)
    ]
    # People are not more for it, so ties are broken as before.
    once = {each.cluster_id: each.developers for each in ranked(signals)}
    by_leads = rules.impact.rank(replace(each, developers=once[each.cluster_id]) for each in ranked(thrice))
    for place, standing in enumerate(by_leads, 1):
        assert receipt(signals, standing.cluster_id).rank_by_leads == (place if standing.developers >= 3 else None)


def test_a_receipt_says_whether_the_leads_decide() -> None:
    same = "It stands here whether a lead counts once or three times."
    assert same in views.receipt.sentences(RECEIPT, {})
    decided = views.receipt.sentences(replace(RECEIPT, rank_by_leads=3), {})
    assert same not in decided and "If a lead counted three times, it would be third." in decided
