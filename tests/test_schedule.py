"""When a digest is due, on the walls of four places, across every change of their clocks."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import schedule

START = dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC)
ZONES = ("Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Auckland")
MOMENTS = st.timedeltas(dt.timedelta(), dt.timedelta(days=800)).map(START.__add__)

each_zone = pytest.mark.parametrize("tz", ZONES)


def walls(every: str, tz: str, count: int, *, at: str = "09:00", weekday: str = "mon") -> list[dt.datetime]:
    """What the clock on the wall shows at the next `count` due moments, each claimed when it comes."""
    shown, due = [], schedule.next_due(START, every=every, weekday=weekday, at=at, tz=tz)
    for _ in range(count):
        shown.append(due.astimezone(ZoneInfo(tz)))
        due = schedule.next_due(due, every=every, weekday=weekday, at=at, tz=tz, last=due)
    return shown


@each_zone
@pytest.mark.parametrize(("every", "days"), [("day", 1), ("week", 7), ("two-weeks", 14)])
def test_nine_o_clock_stays_nine_o_clock_for_two_years(tz: str, every: str, days: int) -> None:
    shown = walls(every, tz, 750 // days)
    assert {moment.strftime("%H:%M") for moment in shown} == {"09:00"}
    dates = [moment.date() for moment in shown]
    assert {later - earlier for earlier, later in pairwise(dates)} == {dt.timedelta(days=days)}
    assert every == "day" or {moment.strftime("%a") for moment in shown} == {"Mon"}


def test_those_two_years_hold_eight_changes_of_clocks() -> None:
    changes = 0
    for tz in ZONES:
        offsets = [moment.utcoffset() for moment in walls("day", tz, 750)]
        changes += sum(before != after for before, after in pairwise(offsets))
    assert changes == 8


def test_a_time_that_the_clocks_skip_is_taken_when_they_have_moved_on() -> None:
    before = dt.datetime(2027, 3, 27, 12, tzinfo=dt.UTC)
    due = schedule.next_due(before, every="day", weekday="mon", at="02:30", tz="Europe/Berlin")
    assert due == dt.datetime(2027, 3, 28, 1, 30, tzinfo=dt.UTC)  # 03:30 on the wall
    following = schedule.next_due(due, every="day", weekday="mon", at="02:30", tz="Europe/Berlin")
    assert following == dt.datetime(2027, 3, 29, 0, 30, tzinfo=dt.UTC)


def test_a_time_that_the_clocks_show_twice_is_taken_the_first_time_and_once() -> None:
    before = dt.datetime(2027, 10, 30, 12, tzinfo=dt.UTC)
    due = schedule.next_due(before, every="day", weekday="mon", at="02:30", tz="Europe/Berlin")
    assert due == dt.datetime(2027, 10, 31, 0, 30, tzinfo=dt.UTC)
    following = schedule.next_due(due, every="day", weekday="mon", at="02:30", tz="Europe/Berlin")
    assert following == dt.datetime(2027, 11, 1, 1, 30, tzinfo=dt.UTC)


@given(after=MOMENTS, tz=st.sampled_from(ZONES), weekday=st.sampled_from(schedule.WEEKDAYS), hour=st.integers(4, 23))
def test_the_next_moment_is_the_first_there_is(after: dt.datetime, tz: str, weekday: str, hour: int) -> None:
    due = schedule.next_due(after, every="week", weekday=weekday, at=f"{hour:02d}:15", tz=tz)
    wall = due.astimezone(ZoneInfo(tz))
    assert (wall.hour, wall.minute, schedule.WEEKDAYS[wall.weekday()]) == (hour, 15, weekday)
    assert wall - dt.timedelta(weeks=1) <= after < due  # a week earlier on the wall


@given(last=MOMENTS, tz=st.sampled_from(ZONES), late=st.timedeltas(dt.timedelta(), dt.timedelta(days=200)))
def test_every_two_weeks_keeps_to_its_weeks_however_late_it_is_claimed(
    last: dt.datetime, tz: str, late: dt.timedelta
) -> None:
    first = schedule.next_due(last, every="two-weeks", weekday="thu", at="09:00", tz=tz)
    due = schedule.next_due(first + late, every="two-weeks", weekday="thu", at="09:00", tz=tz, last=first)
    apart = due.astimezone(ZoneInfo(tz)).date() - first.astimezone(ZoneInfo(tz)).date()
    assert apart.days % 14 == 0
    assert first + late < due <= first + late + dt.timedelta(days=14, hours=1)


@pytest.mark.parametrize(
    "name", ["", "Mars/Phobos", "../etc/passwd", "Europe", "/etc/localtime", "\x00", "\ud800", "x" * 999]
)
def test_a_zone_that_is_none_is_answered_in_a_sentence(name: str) -> None:
    with pytest.raises(ValueError, match=r"is not a time zone I know\. Try one like Europe/Berlin"):
        schedule.zone(name)


@pytest.mark.parametrize(
    ("typed", "kept"), [("9:00", "09:00"), (" 09:05 ", "09:05"), ("23:59", "23:59"), ("0:00", "00:00")]
)
def test_a_time_of_day_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert schedule.at(typed) == kept


@pytest.mark.parametrize("typed", ["", "9", "24:00", "9:60", "9.00", "09:00:00", "9am", "-1:00", "noon", "٠٩:٠٠"])
def test_a_time_of_day_that_is_none_is_answered_in_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match=r"is not a time of day\. Write it like 09:00\."):
        schedule.at(typed)


@pytest.mark.parametrize("typed", ["Monday", " mon ", "MON"])
def test_a_weekday_may_be_written_out(typed: str) -> None:
    assert schedule.weekday(typed) == "mon"


@pytest.mark.parametrize("typed", ["", "m", "someday", "7", "monkey"])
def test_a_weekday_that_is_none_is_answered_in_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match=r"is not a weekday\. Use one of mon, tue"):
        schedule.weekday(typed)


def test_a_cadence_that_is_none_is_answered_in_a_sentence() -> None:
    assert [schedule.cadence(each) for each in schedule.CADENCES] == ["day", "week", "two-weeks"]
    with pytest.raises(ValueError, match=r"'month' is not a cadence\. Use one of day, week, two-weeks"):
        schedule.cadence("month")
