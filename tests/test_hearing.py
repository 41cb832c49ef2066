"""Who reported or voted hears once what became of it, at a decent hour, and never of their own doing."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo, available_timezones

import pytest
from conftest import (
    ANA,
    BACKEND,
    BEN,
    CARDS,
    CEM,
    DOCS,
    DOCS_TOO,
    DORA,
    LEA,
    PEOPLE,
    TIM,
    VPN,
    Clock,
    Team,
    stored,
)
from fakes.slack import BOT, DROPPED, FakeSlack
from hypothesis import given
from hypothesis import strategies as st
from test_sending import Killed, process

import storage.notices
import storage.outbox
from bot import clock as clocks
from bot import rules
from bot.flows import assign, audience, correct, hearing, merge, outbox, own, resurfacing, split, status, undo
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit
from storage.database import Database
from storage.models import Fact
from storage.notices import Mute

Work = Callable[..., Awaitable[None]]
Hears = Callable[..., Awaitable[None]]

WHY = "the pages are generated from the CLI now"

#: Ten in the morning of a Tuesday in Berlin.
TUESDAY = dt.datetime(2026, 11, 3, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
async def tim_looks_after_everything(kit: Kit, clock: Clock) -> None:
    await subscriptions.subscribe(kit, TIM, areas="all", every="week", weekday="sun", at="09:00", tz="UTC", now=clock())
    clock.now = TUESDAY


@pytest.fixture
def hears(kit: Kit, clock: Clock, work: Work) -> Hears:
    """A while passes (unless told otherwise, until a decision has rested), and everybody hears what is due."""

    async def after(**more: float) -> None:
        clock.forward(**(more or {"minutes": 6}))
        for _ in range(3):
            await hearing.open_due(kit, clock())
            await work(seconds=30)

    return after


async def set_to(kit: Kit, clock: Clock, became: str, why: str = WHY, *, by: str = TIM, of: int = 1) -> int:
    """Set a status, a second after whatever came before; gives back the decision."""
    done = await status.set_status(kit, of, became, why, "", by, clock.forward(seconds=1), was="new")
    assert done.fact_id is not None
    return done.fact_id


async def mute(kit: Kit, person: str, what: str) -> None:
    async with kit.database.transaction() as session:
        word = Mute(workspace_id=kit.house.workspace_id, person=person, what=what, muted=True, event_ts="1.0")
        await storage.notices.mute(session, [word])


# Who hears, and what


@pytest.mark.parametrize("became", sorted(rules.status.TOLD))
async def test_who_reported_or_voted_hears_once_with_their_own_words_and_who_decided_hears_nothing(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears, became: str
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(DOCS_TOO, by=TIM)
    await work()
    await team.vote(BEN)
    await set_to(kit, clock, became)
    await hears()
    await hears(days=1)
    said = f"F-1 {became if became != 'planned' else 'is planned'}".replace("F-1 s", "F-1 was s").replace(
        "F-1 d", "F-1 was d"
    )
    assert slack.told(ANA) == [f"{said}: {WHY}. (Tim) You wrote, 3 November: “{DOCS}”"]
    assert slack.told(BEN) == [f"{said}: {WHY}. (Tim) You voted for “{DOCS}”."]
    assert slack.told(TIM) == slack.told(CEM) == []


@pytest.mark.parametrize("became", ["acknowledged", "in_progress", "new"])
async def test_of_what_is_no_news_for_them_nobody_hears(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears, became: str
) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    await set_to(kit, clock, "acknowledged")
    await set_to(kit, clock, became)
    await hears()
    assert slack.told(ANA) == []


async def test_the_thread_of_the_card_gets_the_same_line_once(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    await set_to(kit, clock, "shipped")
    slack.next("chat.postMessage", DROPPED)
    await hears()
    await hears(hours=2)
    card, *under = slack.posted(CARDS)
    assert [each["text"] for each in under] == [f"F-1 was shipped: {WHY}. (Tim)"]
    assert [each["thread_ts"] for each in under] == [card["ts"]]


async def test_a_private_report_is_told_to_its_author_and_its_words_to_nobody_else(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    await team.file("zebra tokens leak in the deploy docs", by=ANA, private=True)
    await work()
    await team.vote(BEN)
    await set_to(kit, clock, "planned")
    await hears()
    assert "zebra" in slack.told(ANA)[0]
    assert slack.told(BEN) == [f"F-1 is planned: {WHY}. (Tim) You voted for “1 private report about docs”."]
    assert "zebra" not in str(slack.posted(CARDS))


async def test_what_moves_within_minutes_comes_in_one_message(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(VPN, by=ANA)
    await work()
    await set_to(kit, clock, "planned", of=1)
    await hears(minutes=3)
    await set_to(kit, clock, "declined", of=2)
    await hears(minutes=3)
    assert slack.told(ANA) == []
    await hears()
    (told,) = slack.told(ANA)
    assert told.startswith("There is news of 2 problems that you reported or voted for. F-1 is planned")
    assert "F-2 was declined" in told


async def test_what_is_back_is_not_called_something_that_its_owner_reported(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(VPN, by=LEA)
    await work()
    await assign.assign(kit, 1, LEA, TIM, clock(), was="")
    await set_to(kit, clock, "shipped")
    await hears()
    for person in (ANA, BEN):
        await team.file(DOCS, by=person)
    await resurfacing.look(kit, clock())
    await set_to(kit, clock, "planned", of=2)
    await hears()
    (told,) = slack.told(LEA)
    assert told.startswith(f"There is news of 2 problems. F-1 “{DOCS}” is back")


async def test_what_was_taken_back_leaves_a_problem_open_and_never_new(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    planned = await set_to(kit, clock, "planned")
    await hears()
    await undo.undo(kit, planned, TIM, clock())
    await hears()
    assert slack.told(ANA)[-1].startswith("F-1 is not planned after all: it is open again.")


async def test_what_was_undone_or_changed_before_it_was_told_is_not_told(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    await undo.undo(kit, await set_to(kit, clock, "shipped"), TIM, clock())
    await hears()
    assert slack.told(ANA) == slack.posted(CARDS)[1:] == []
    await set_to(kit, clock, "declined", "no")
    await set_to(kit, clock, "planned", "yes")
    await hears()
    assert [told.split(" (")[0] for told in slack.told(ANA)] == ["F-1 is planned: yes."]


async def test_what_was_undone_after_it_was_told_is_told_to_those_who_heard_it(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    await set_to(kit, clock, "planned")
    await hears()
    shipped = await set_to(kit, clock, "shipped")
    await hears()
    await team.vote(BEN)
    await undo.undo(kit, shipped, TIM, clock())
    await hears()
    await hears(days=12)
    again = "F-1 was not shipped after all: it is planned again."
    assert len(slack.told(ANA)) == 3
    assert slack.told(ANA)[-1] == f"{again} You wrote, 3 November: “{DOCS}”"
    assert slack.told(BEN) == []
    assert [each["text"] for each in slack.posted(CARDS)][-1] == again


async def test_the_same_said_in_better_words_is_not_told_again(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    await set_to(kit, clock, "planned", "soon")
    await hears()
    await set_to(kit, clock, "planned", "in December")
    await hears()
    assert len(slack.told(ANA)) == 1
    assert len(slack.posted(CARDS)) == 2


async def test_who_took_their_report_back_hears_nothing(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    report = await team.file(DOCS, by=ANA)
    await team.file(DOCS_TOO, by=BEN)
    await work()
    await set_to(kit, clock, "planned")
    await correct.withdraw(kit, report.id or 0, ANA, clock())
    await hears()
    assert slack.told(ANA) == []
    assert len(slack.told(BEN)) == 1


async def test_what_told_people_words_follows_when_their_author_edits_or_deletes_them(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    ts = slack.said(BACKEND, ANA, DOCS)
    await team.flag(BEN, BACKEND, ts)
    await work()
    await team.vote(CEM)
    await set_to(kit, clock, "planned")
    await hears()
    assert slack.told(ANA)[-1].endswith(f"“{DOCS}”")
    assert slack.told(CEM)[-1].endswith(f"You voted for “{DOCS}”.")
    await correct.message_edited(kit, BACKEND, {"ts": ts, "text": DOCS_TOO, "user": ANA}, clock())
    await work(minutes=1)
    assert slack.told(ANA)[-1].endswith(f"“{DOCS_TOO}”")
    assert slack.told(CEM)[-1].endswith(f"You voted for “{DOCS_TOO}”.")
    await correct.message_deleted(kit, BACKEND, ts, clock())
    await work(minutes=1)
    assert len(slack.told(ANA)) == 2  # that it was flagged, and this
    assert slack.told(ANA)[-1].endswith("What you had said about it is taken back.")
    assert slack.told(CEM)[-1].endswith("You voted for it.")
    assert DOCS_TOO not in str(slack.posted(f"D{ANA}") + slack.posted(f"D{CEM}"))


async def test_what_told_others_words_that_are_private_now_follows(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    await team.file(DOCS, by=ANA, channel=BACKEND, private=True, lift=True)
    await work()
    await team.vote(CEM)
    await set_to(kit, clock, "planned")
    await hears()
    slack.channels[BACKEND].private = True
    await audience.look_again(kit, clock())
    await work(minutes=1)
    assert slack.told(ANA)[-1].endswith(f"“{DOCS}”")
    assert slack.told(CEM)[-1].endswith("You voted for “1 private report about docs”.")


async def test_what_told_somebody_anything_says_nothing_more_once_they_deleted_all_of_theirs(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(VPN, by=BEN)
    await work()
    await team.vote(ANA, card=1)
    for of in (1, 2):
        await set_to(kit, clock, "planned", of=of)
        await hears()
    await own.delete_all(kit, ANA, clock())
    await work(minutes=1)
    assert slack.told(ANA) == ["What this told you is deleted."] * 2
    assert DOCS not in str(slack.posted(f"D{ANA}")) and VPN not in str(slack.posted(f"D{ANA}"))


async def test_of_merged_problems_everybody_hears_once(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(VPN, by=ANA)
    await team.file(VPN + " and more", by=BEN)
    await work()
    await set_to(kit, clock, "shipped", of=2)
    await merge.merge(kit, 2, 1, TIM, clock())
    await set_to(kit, clock, "shipped", of=1)
    await hears()
    assert [told.split(":")[0] for told in slack.told(ANA)] == ["F-1 was shipped"]
    assert [told.split(":")[0] for told in slack.told(BEN)] == ["F-1 was shipped"]


async def test_who_was_split_off_hears_nothing_of_what_they_do_not_have(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    await team.file(DOCS, by=ANA)
    other = await team.file(DOCS_TOO, by=BEN)
    await work()
    await set_to(kit, clock, "shipped")
    await split.split(kit, 1, [other.id or 0], TIM, clock())
    await hears()
    assert len(slack.told(ANA)) == 1
    assert slack.told(BEN) == []


@pytest.mark.parametrize("what", ["F-1", "shipped"])
async def test_who_muted_it_hears_nothing_and_others_do(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears, what: str
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(DOCS_TOO, by=BEN)
    await work()
    await mute(kit, ANA, what)
    await set_to(kit, clock, "shipped")
    await hears()
    assert slack.told(ANA) == []
    assert len(slack.told(BEN)) == 1


async def test_as_many_hear_as_whoever_decides_was_told_before(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    for person in (ANA, BEN, CEM, DORA, TIM):
        await team.file(DOCS, by=person)
    await work()
    await team.vote(BOT)
    await mute(kit, BEN, "F-1")
    await mute(kit, CEM, "shipped")
    for became, by, told in (("planned", TIM, {ANA, CEM, DORA}), ("shipped", TIM, {ANA, DORA})):
        seen = await status.preview(kit, 1, became, WHY, "", by)
        assert seen.who.startswith(f"{len(told)} people who")
        before = {person: len(slack.told(person)) for person in PEOPLE}
        await set_to(kit, clock, became, by=by)
        await hears()
        assert {person for person in PEOPLE if len(slack.told(person)) > before[person]} == told
    await team.file(DOCS, by=LEA)
    # In better words it is news for who has come since.
    assert (await status.preview(kit, 1, "shipped", "in better words", "", TIM)).who.startswith("1 person who")
    assert (await status.preview(kit, 1, "new", "", "", TIM)).who.startswith("Nobody is sent a message.")


async def test_who_muted_a_problem_hears_nothing_of_what_it_became_a_part_of(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    await team.file(DOCS, by=BEN)
    await team.file(VPN, by=ANA)
    await work()
    await mute(kit, ANA, "F-2")
    await merge.merge(kit, 2, 1, TIM, clock())
    await set_to(kit, clock, "shipped")
    await hears()
    assert slack.told(ANA) == []
    assert len(slack.told(BEN)) == 1


async def test_who_is_not_there_any_more_keeps_nobody_waiting(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(DOCS_TOO, by=BEN)
    await work()
    slack.people[ANA].deleted = True
    await set_to(kit, clock, "shipped")
    await hears()
    assert len(slack.told(BEN)) == 1
    assert "'sending'" not in await stored(kit.database)


# When


async def test_nobody_is_written_to_at_night_nor_at_the_weekend_where_they_are(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    slack.person(BEN, "Ben", tz="America/Los_Angeles")
    await team.file(DOCS, by=ANA)
    await team.file(DOCS_TOO, by=BEN)
    await work()
    clock.now = dt.datetime(2026, 11, 6, 16, 56, tzinfo=dt.UTC)  # Friday, 17:56 in Berlin
    await set_to(kit, clock, "shipped")
    await hears(minutes=2)
    assert (slack.told(ANA), slack.told(BEN)) == ([], [])
    clock.now = dt.datetime(2026, 11, 6, 17, 5, tzinfo=dt.UTC)  # 9:05 in Los Angeles
    await hears(seconds=1)
    assert (slack.told(ANA), len(slack.told(BEN))) == ([], 1)
    for weekend in (dt.datetime(2026, 11, 7, 12, 0, tzinfo=dt.UTC), dt.datetime(2026, 11, 9, 7, 55, tzinfo=dt.UTC)):
        clock.now = weekend
        await hears(seconds=1)
    assert slack.told(ANA) == []
    clock.now = dt.datetime(2026, 11, 9, 8, 1, tzinfo=dt.UTC)
    await hears(seconds=1)
    assert len(slack.told(ANA)) == 1


async def test_what_was_begun_too_late_for_today_waits_for_tomorrow(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    await set_to(kit, clock, "shipped")
    assert await hearing.open_due(kit, clock.forward(minutes=6)) == 1
    await work(hours=10)  # we were not there to send it
    assert slack.told(ANA) == []
    clock.now = TUESDAY + dt.timedelta(days=1)
    assert await hearing.open_due(kit, clock()) == 1
    await work()
    assert len(slack.told(ANA)) == 1


#: Twelve years of minutes, through every change of clocks there is in them.
moments = st.integers(0, 12 * 365 * 24 * 60).map(lambda minutes: TUESDAY + dt.timedelta(minutes=minutes))
zones = st.sampled_from(sorted(available_timezones()))


@given(moments, zones)
def test_an_allowed_moment_is_on_a_weekday_between_nine_and_six_and_as_soon_as_can_be(
    now: dt.datetime, tz: str
) -> None:
    allowed = rules.hearing.allowed(now, tz)
    there = allowed.astimezone(ZoneInfo(tz))
    assert there.weekday() < 5
    assert 9 <= there.hour < 18
    assert now <= allowed <= now + dt.timedelta(days=3, hours=1)
    assert rules.hearing.allowed(allowed, tz) == allowed
    # Nothing decent was passed over, whatever the clocks did meanwhile.
    for minutes in range(0, int((allowed - now).total_seconds() // 60), 20):
        between = (now + dt.timedelta(minutes=minutes)).astimezone(ZoneInfo(tz))
        assert between.weekday() >= 5 or not 9 <= between.hour < 18


@pytest.mark.parametrize("tz", ["", "Mars/Olympus", "../etc"])
def test_a_zone_that_nobody_knows_is_taken_for_utc(tz: str) -> None:
    night = dt.datetime(2026, 11, 3, 3, 0, tzinfo=dt.UTC)
    assert rules.hearing.allowed(night, tz) == night.replace(hour=9)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=30), st.integers(0, 60))
def test_nobody_waits_longer_than_half_an_hour_for_the_last_of_many(minutes: list[int], now: int) -> None:
    dues = [TUESDAY + dt.timedelta(minutes=each) for each in sorted(minutes)]
    at = TUESDAY + dt.timedelta(minutes=now)
    turn = rules.hearing.turn(dues, at, "Europe/Berlin")
    assert at <= turn
    assert turn <= max(at, dues[0] + rules.hearing.LONGEST)


def test_what_a_cluster_is_goes_back_to_when_it_was_first_said() -> None:
    def fact(id_: int, value: str) -> Fact:
        return Fact(id=id_, workspace_id="T", kind="status", value=value)

    stated = [fact(1, "shipped"), fact(2, "new"), fact(3, "shipped"), fact(4, "shipped")]
    assert [each.id for each in rules.hearing.run(stated)] == [3, 4]
    assert rules.hearing.run([]) == []


# Once


async def test_a_message_that_slack_took_without_saying_so_is_not_sent_again(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    await set_to(kit, clock, "shipped")
    await work(minutes=6)
    slack.next("chat.postMessage", DROPPED)
    await hearing.open_due(kit, clock())
    for _ in range(3):
        await work(minutes=2)
        await hearing.open_due(kit, clock())
    assert len(slack.told(ANA)) == 1


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_two_replicas_tell_forty_people_once_each(
    team: Team,
    kit: Kit,
    kit_on: Callable[[Database], Kit],
    database: Database,
    slack: FakeSlack,
    clock: Clock,
    work: Work,
) -> None:
    people = await forty(team, slack)
    await work()
    await set_to(kit, clock, "shipped")
    clock.forward(minutes=6)
    async with process(database, kit_on) as one, process(database, kit_on) as other:
        begun = await asyncio.gather(*(hearing.open_due(each, clock()) for each in (one, other)))
        assert sum(begun) == 40
        replicas = [outbox.Workers(each, clock=clock, of_message=clocks.of_message) for each in (one, other)]
        for _ in range(20):
            await asyncio.gather(*(each.until_settled() for each in replicas for _ in range(2)))
            clock.forward(seconds=1)
    assert {person: len(slack.told(person)) for person in people} == dict.fromkeys(people, 1)


async def test_a_restart_wherever_it_comes_while_forty_people_are_told_leaves_each_with_exactly_one(
    team: Team,
    kit: Kit,
    kit_on: Callable[[Database], Kit],
    database: Database,
    slack: FakeSlack,
    clock: Clock,
    work: Work,
) -> None:
    people = await forty(team, slack)
    await work()
    await set_to(kit, clock, "shipped")
    clock.forward(minutes=6)

    async def tell(own: Kit) -> None:
        await hearing.open_due(own, clock())
        await outbox.Workers(own, clock=clock, of_message=clocks.of_message).until_settled()

    # Each life is a little longer than the one before, and the first ones come to nothing.
    for life in itertools.count(1):
        async with process(database, kit_on) as dying:
            ended = await Killed(tell(dying), 7 * life, midway=not database.embedded)
        clock.forward(minutes=2)
        if database.embedded:
            async with database.transaction() as session:
                await storage.outbox.release(session)
        if ended and all(slack.told(person) for person in people):
            break
    assert life > 5
    await tell(kit)
    assert {person: len(slack.told(person)) for person in people} == dict.fromkeys(people, 1)


async def forty(team: Team, slack: FakeSlack) -> list[str]:
    """So many people report the same."""
    people = [f"U1{number:03}" for number in range(40)]
    for person in people:
        slack.person(person)
        await team.file(DOCS, by=person)
    return people
