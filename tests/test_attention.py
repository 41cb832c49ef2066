"""Which clusters ask for attention: what is closed or rests does not, until it is back or wakes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_digest import SIX, stands
from test_impact import NOW, WEEK

from bot import rules
from bot.rules.attention import Sorted
from storage.clusters import SetAside

DAY = dt.timedelta(days=1)


def aside(cluster: int, **changed: Any) -> SetAside:
    given: dict[str, Any] = {
        "status": "new",
        "status_at": None,
        "snoozed_at": None,
        "snoozed_until": None,
        "snoozed_below": 0,
    }
    return SetAside(cluster, **given | changed)


def sort(
    *decided: SetAside,
    of: Any = SIX,
    now: dt.datetime = NOW,
    since: dt.datetime = NOW - WEEK,
    returned: Collection[int] = (),
) -> Sorted:
    aside = {each.cluster_id: each for each in decided}
    return rules.attention.sort(of, aside, returned=returned, since=since, now=now)


def ids(standings: Any) -> list[int]:
    return [each.cluster_id for each in standings]


@pytest.mark.parametrize("status", rules.status.ALL)
def test_what_is_shipped_or_declined_ranks_nowhere_and_everything_else_does(status: str) -> None:
    found = sort(aside(3, status=status, status_at=NOW - DAY))
    assert ids(found.every) == [1, 2, 3, 4, 5, 6]
    assert (3 in ids(found.open), 3 in ids(found.awake)) == (status not in rules.status.CLOSED,) * 2


def test_what_was_shipped_is_back_when_enough_have_it_again_and_what_was_declined_is_not() -> None:
    spoken = stands(7, 50, last_seen=NOW - DAY)
    for status, returned, back in (
        ("shipped", {7}, True),
        ("shipped", {3}, False),
        ("shipped", set(), False),
        ("declined", {7}, False),
    ):
        found = sort(aside(7, status=status, status_at=NOW - 2 * DAY), of=(*SIX, spoken), returned=returned)
        assert (7 in ids(found.open), found.back == {7}) == (back, back)


def test_what_is_decided_later_counts_for_nothing_yet() -> None:
    later = NOW + DAY
    decided = aside(3, status="declined", status_at=later, snoozed_at=later, snoozed_until=later + WEEK)
    assert ids(sort(decided).awake) == [1, 2, 3, 4, 5, 6]


def test_what_rests_is_in_every_list_but_in_no_digest_until_it_wakes() -> None:
    until = NOW + 2 * WEEK
    resting = aside(3, snoozed_at=NOW, snoozed_until=until)
    for now, awake in ((NOW, False), (until - DAY, False), (until, True), (until + WEEK, True)):
        found = sort(resting, now=now, since=now - WEEK)
        assert 3 in ids(found.open)
        assert (3 in ids(found.awake)) == awake
    assert sort(resting, now=until, since=until - DAY).woken == {3: "woke"}
    assert sort(resting, now=until + DAY, since=until).woken == {}


@given(was=st.integers(1, 50), came=st.integers(0, 120), before=st.integers(0, 120))
def test_what_rests_until_it_doubles_wakes_with_the_one_who_doubles_it_and_is_news_once(
    was: int, came: int, before: int
) -> None:
    _, below = rules.snooze.read(rules.snooze.doubled(was))
    resting = aside(9, snoozed_at=NOW - WEEK, snoozed_below=below)
    grown = stands(9, developers=was + before + came, new=came)
    found = sort(resting, of=[grown])
    assert bool(found.awake) == (was + before + came >= 2 * was)
    assert found.woken == ({9: "doubled"} if was + before < 2 * was <= was + before + came else {})


@given(weeks=st.sampled_from(rules.snooze.WEEKS), at=st.datetimes(timezones=st.just(dt.UTC)))
def test_a_rest_of_some_weeks_ends_before_the_same_hour_of_its_last_day(weeks: int, at: dt.datetime) -> None:
    now = at.replace(year=2024)  # which has every day that any year has
    until, below = rules.snooze.read(rules.snooze.until(weeks, now))
    assert until is not None and below == 0
    assert dt.timedelta(0) <= now + weeks * WEEK - until < DAY


@pytest.mark.parametrize("words", ["until:", "until:soon", "developers:", "developers:-1", "developers:٣", "weeks:2"])
def test_words_that_say_no_rest_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        rules.snooze.read(words)
    assert rules.snooze.read(rules.snooze.AWAKE) == (None, 0)
