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


# Every change of the next two years, wherever there is one

END = START + dt.timedelta(days=2 * 366)
#: Half an hour rather than one; and a month of the year that moves with the moon, in which clocks go back.
ODD = ("Australia/Lord_Howe", "Africa/Casablanca")
CADENCES = pytest.mark.parametrize(("every", "days"), [("day", 1), ("week", 7), ("two-weeks", 14)])


def changes(tz: str) -> list[dt.datetime]:
    """The moments at which the clocks of a zone change, found to the minute."""
    found, place, before = [], ZoneInfo(tz), START
    while before < END:
        after = before + dt.timedelta(hours=6)
        if before.astimezone(place).utcoffset() != after.astimezone(place).utcoffset():
            low, high = before, after
            while high - low > dt.timedelta(minutes=1):
                middle = low + (high - low) / 2
                same = middle.astimezone(place).utcoffset() == before.astimezone(place).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high.replace(second=0, microsecond=0))
        before = after
    return found


def test_the_changes_are_those_that_the_zones_are_known_for() -> None:
    assert {tz: len(changes(tz)) for tz in (*ZONES, *ODD)} == {
        "Europe/Berlin": 4,
        "America/Sao_Paulo": 0,
        "Asia/Kolkata": 0,
        "Pacific/Auckland": 4,
        "Australia/Lord_Howe": 4,
        "Africa/Casablanca": 4,
    }
    assert changes("Europe/Berlin")[0] == dt.datetime(2027, 3, 28, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize("tz", [*ZONES, *ODD])
@CADENCES
@pytest.mark.parametrize("at", ["09:00", "00:00", "01:45", "02:00", "02:15", "02:30", "03:00", "23:45"])
def test_around_every_change_there_is_one_digest_for_each_day_that_has_one(
    tz: str, every: str, days: int, at: str
) -> None:
    place = ZoneInfo(tz)
    for change in changes(tz) or [START + dt.timedelta(days=100)]:
        day = change.astimezone(place).date()
        weekday = schedule.WEEKDAYS[day.weekday()]
        due = change - dt.timedelta(days=30)
        shown = []
        while due < change + dt.timedelta(days=30):
            due = schedule.next_due(due, every=every, weekday=weekday, at=at, tz=tz, last=due if shown else None)
            shown.append(due.astimezone(place))
        apart = [later.date() - earlier.date() for earlier, later in pairwise(shown)]
        assert set(apart) == {dt.timedelta(days=days)}, change
        off = [moment for moment in shown if moment.strftime("%H:%M") != at]
        # Only a time that the clocks skip on that day is another, later by what they skip.
        assert {moment.date() for moment in off} <= {each.astimezone(place).date() for each in changes(tz)}
        for moment in off:
            wanted = dt.datetime.combine(moment.date(), dt.time.fromisoformat(at))
            assert dt.timedelta() < moment.replace(tzinfo=None) - wanted <= dt.timedelta(hours=1)


@pytest.mark.parametrize("tz", ["Europe/Berlin", "Pacific/Auckland", *ODD])
@CADENCES
def test_being_down_over_a_change_costs_no_hour_and_no_week(tz: str, every: str, days: int) -> None:
    place = ZoneInfo(tz)
    for change in changes(tz):
        first = schedule.next_due(change - dt.timedelta(days=20), every=every, weekday="wed", at="09:00", tz=tz)
        for down in (dt.timedelta(hours=30), dt.timedelta(days=20), dt.timedelta(days=45)):
            back = change + down
            due = schedule.next_due(back, every=every, weekday="wed", at="09:00", tz=tz, last=first)
            wall = due.astimezone(place)
            assert wall.strftime("%H:%M") == "09:00"
            assert (wall.date() - first.astimezone(place).date()).days % days == 0
            assert back < due <= back + dt.timedelta(days=days, hours=1)


@pytest.mark.parametrize("every", schedule.CADENCES)
@given(
    now=MOMENTS,
    old=st.sampled_from([*ZONES, *ODD]),
    new=st.sampled_from([*ZONES, *ODD, "Pacific/Honolulu", "Pacific/Kiritimati"]),
    hour=st.integers(4, 23),
)
def test_who_goes_elsewhere_has_the_same_day_and_hour_there(
    every: str, now: dt.datetime, old: str, new: str, hour: int
) -> None:
    at = f"{hour:02d}:00"
    due = schedule.next_due(now, every=every, weekday="tue", at=at, tz=old)
    moved = schedule.moved(due, at=at, old=old, new=new)
    walls = [each.astimezone(ZoneInfo(tz)).replace(tzinfo=None) for each, tz in ((due, old), (moved, new))]
    assert walls[0] == walls[1]
    following = schedule.next_due(max(moved, now), every=every, weekday="tue", at=at, tz=new, last=moved)
    days = {"day": 1, "week": 7, "two-weeks": 14}[every]
    assert (following.astimezone(ZoneInfo(new)).date() - walls[1].date()).days % days == 0
    assert following > moved


def test_a_time_that_is_skipped_into_the_next_day_keeps_its_two_weeks() -> None:
    # In Ittoqqortoormiit the clocks go from 23:00 on a Saturday to midnight.
    due, shown = dt.datetime(2027, 3, 1, tzinfo=dt.UTC), []
    last = None
    for _ in range(4):
        due = schedule.next_due(due, every="two-weeks", weekday="sat", at="23:30", tz="America/Scoresbysund", last=last)
        last = due
        shown.append(due.astimezone(ZoneInfo("America/Scoresbysund")).strftime("%d %b %H:%M"))
    assert shown == ["06 Mar 23:30", "20 Mar 23:30", "03 Apr 23:30", "17 Apr 23:30"]


@pytest.mark.parametrize("weekday", schedule.WEEKDAYS)
def test_another_weekday_keeps_the_same_two_weeks(weekday: str) -> None:
    thursday = dt.datetime(2026, 11, 19, 9, tzinfo=dt.UTC)
    due = schedule.next_due(thursday, every="two-weeks", weekday=weekday, at="09:00", tz="UTC", last=thursday)
    nearest = {"mon": 11, "tue": 12, "wed": 13, "thu": 14, "fri": 1, "sat": 2, "sun": 3}
    assert due - thursday == dt.timedelta(days=nearest[weekday])


# What is chosen in the form


def test_a_pause_for_weeks_ends_at_the_same_time_of_day_across_a_change() -> None:
    before = dt.datetime(2027, 3, 22, 8, 5, tzinfo=dt.UTC)  # a Monday, 09:05 in Berlin, a week before the change
    until = schedule.weeks_on(before, 1, "Europe/Berlin")
    assert until == dt.datetime(2027, 3, 29, 7, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2026-11-02", "That day is not to come"),
        ("2026-10-31", "That day is not to come"),
        ("2028-01-01", "more than a year away"),
        ("tomorrow", "'tomorrow' is not a day. Write it like 2026-12-08"),
        ("", "'' is not a day"),
        ("2026-13-01", "'2026-13-01' is not a day"),
    ],
)
def test_a_day_that_nobody_can_be_paused_until_is_answered_in_a_sentence(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        schedule.pause(typed, now=START, tz="Europe/Berlin")


def test_a_pause_begins_to_end_when_the_day_begins_where_the_reader_is() -> None:
    until = schedule.pause("2026-12-08", now=START, tz="Pacific/Auckland")
    assert until == dt.datetime(2026, 12, 7, 11, tzinfo=dt.UTC)


def test_a_length_that_is_none_is_answered_in_a_sentence() -> None:
    assert [schedule.length(each) for each in schedule.LENGTHS] == [3, 5]
    for typed in ("4", "", "five", "5.0", "-5"):
        with pytest.raises(ValueError, match=r"is not a length\. A digest holds 3 or 5 problems\."):
            schedule.length(typed)


def test_a_hundred_digests_of_one_minute_are_sent_within_it() -> None:
    turns = [schedule.turn(number) for number in range(100)]
    assert turns == sorted(turns)
    assert turns[schedule.BURST - 1] == dt.timedelta()
    assert turns[-1] < dt.timedelta(minutes=1)
