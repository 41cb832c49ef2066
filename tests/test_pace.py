"""Slack's limits are kept to, in order, without anybody waiting; and what was given up is tried again when asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from conftest import BACKEND, CARDS, DOCS, VPN, Clock, Team
from fakes import slack as fakes
from fakes.limits import Limits
from fakes.slack import FakeSlack, later, refused
from hypothesis import given
from hypothesis import strategies as st

import storage.outbox
import storage.reports
from bot import slack as slacks
from bot.flows import audience, backlog, outbox
from bot.flows.kit import Kit
from bot.slack import Slack
from bot.slack.pace import MOST, Pace
from storage.database import Database

Work = Callable[..., Awaitable[None]]

KINDS = [f"{chr(97 + number) * 9} {chr(98 + number) * 8} {chr(99 + number) * 7}" for number in range(12)]


@pytest.fixture
async def client(slack: FakeSlack, clock: Clock) -> AsyncIterator[Slack]:
    """Our side of Slack as it runs: it keeps to Slack's limits by itself."""
    async with slacks.connect(fakes.BOT_TOKEN, slack.api_url, Pace(clock)) as client:
        yield client


@given(st.lists(st.tuples(st.sampled_from(sorted(MOST)), st.sampled_from("ABC"), st.floats(0, 3)), max_size=400))
def test_whatever_is_asked_for_slack_has_nothing_to_refuse(asked: list[tuple[str, str, float]]) -> None:
    clock, limits = Clock(), Limits()
    pace = Pace(clock)
    for method, channel, later_by in asked:
        clock.forward(seconds=later_by)
        wait = pace.wait(method, channel)
        if wait:  # nobody has to come back more often than once
            clock.now += wait
            assert not pace.wait(method, channel)
        assert not limits.wait(method, channel, clock())


async def test_a_backlog_drains_in_order_and_slack_never_has_to_say_wait(
    team: Team, slack: FakeSlack, work: Work
) -> None:
    slack.limits = Limits()
    for words in KINDS:
        await team.file(words)
    for _ in range(15):
        await work(seconds=1)
    titles = [message["text"] for message in slack.posted(CARDS)]
    assert [next(number for number, words in enumerate(KINDS) if words in title) for title in titles] == list(range(12))
    assert slack.limits.refusals == []


async def test_what_slack_puts_off_is_not_tried_before_and_keeps_nothing_else_waiting(
    team: Team, slack: FakeSlack, work: Work, workers: outbox.Workers, kit: Kit, clock: Clock
) -> None:
    slack.next("chat.postMessage", later(30))
    await team.file(DOCS)
    await team.file(VPN)
    await outbox.want(kit, "home", "U0ANA", {"person": "U0ANA"}, clock())
    await work()
    assert "U0ANA" in slack.homes  # another method, which nobody put off
    for _ in range(29):
        await work(seconds=1)
    assert len(slack.called("chat.postMessage")) == 1
    for _ in range(5):
        await work(seconds=1)
    assert [("deploy" in each["text"], "VPN" in each["text"]) for each in slack.posted(CARDS)] == [
        (True, False),
        (False, True),
    ]


async def test_whatever_is_said_in_a_few_channels_slack_is_asked_once_about_each(
    team: Team, slack: FakeSlack, work: Work, workers: outbox.Workers
) -> None:
    slack.limits = Limits()
    places = [BACKEND, "C0GENERAL", "D0ELSEWHERE"]  # of the last Slack tells us nothing
    for number in range(60):
        await team.file(KINDS[number % 12], channel=places[number % 3], private=True, lift=True)
    await asyncio.gather(*(workers.until_settled() for _ in range(4)))
    assert len(slack.called("conversations.info")) == 3
    assert len(slack.called("chat.postMessage")) > 0  # whose turn comes when it is known who may read it
    await team.file(DOCS, channel=BACKEND, private=True, lift=True)
    await work(seconds=15)
    assert len(slack.called("conversations.info")) == 4  # by now it may be private
    assert slack.limits.refusals == []


async def test_when_slack_does_not_say_where_things_are_said_everybody_who_waits_for_that_comes_back_together(
    team: Team, slack: FakeSlack, work: Work, database: Database
) -> None:
    slack.next("conversations.info", later(5))
    filed = [await team.file(KINDS[number], channel=BACKEND, private=True, lift=True) for number in range(12)]
    await work()
    assert len(slack.called("conversations.info")) == 1
    await work(seconds=5)
    assert len(slack.called("conversations.info")) == 2
    async with database.reading() as session:
        asked = [await storage.outbox.waiting(session, fakes.TEAM, "look_up", str(each.id)) for each in filed]
    assert asked == [None] * 12


@pytest.mark.parametrize("busy", [0, 40, 50])
async def test_each_of_many_channels_is_looked_at_again_and_others_can_still_ask_about_theirs(
    busy: int, kit: Kit, team: Team, slack: FakeSlack, clock: Clock
) -> None:
    slack.limits = Limits()
    places = [slack.channel(f"C1PLACE{number:02}", f"place-{number}").id for number in range(60)]
    filed = [await team.file(KINDS[number % 12], channel=place) for number, place in enumerate(places)]
    slack.channels[places[-1]].private = True
    for _ in range(busy):  # by others, in the same minute
        await kit.slack.channel(BACKEND)
    for _ in range(4):
        await audience.look_again(kit, clock())
        for _ in range(30 - busy):
            await kit.slack.channel(BACKEND)
        clock.forward(minutes=1)
    async with kit.database.reading() as session:
        stand = await storage.reports.by_ids(session, fakes.TEAM, [report.id or 0 for report in filed])
    assert [report.channel for report in stand if report.visibility == "private"] == places[-1:]
    calls = len(slack.called("conversations.info"))
    await audience.look_again(kit, clock())
    assert len(slack.called("conversations.info")) == calls  # not before an hour has passed
    slack.channels[places[0]].private = True
    clock.forward(hours=1)
    await audience.look_again(kit, clock())
    async with kit.database.reading() as session:
        assert places[0] not in await storage.reports.public_channels(session, fakes.TEAM)
    assert slack.limits.refusals == []


async def test_what_was_given_up_is_listed_with_its_reason_and_tried_again_when_asked(
    team: Team, slack: FakeSlack, work: Work, database: Database, clock: Clock
) -> None:
    slack.next("chat.postMessage", refused("is_archived"), refused("restricted_action"))
    await team.file(DOCS)
    await team.file(VPN)
    await work(seconds=5)
    await work(seconds=5)
    found = await backlog.look(database, clock())
    assert {(row.key, row.error) for row in found.parked} == {
        ("card:1", "is_archived"),
        ("card:2", "restricted_action"),
    }
    assert found.waiting == 0
    one = next(row.id for row in found.parked if row.key == "card:2")
    assert await backlog.retry(database, [one or 0], clock()) == 1
    await work(seconds=5)
    assert [VPN in each["text"] for each in slack.posted(CARDS)] == [True]
    assert await backlog.retry(database, None, clock()) == 1
    assert await backlog.retry(database, None, clock()) == 0
    await work(seconds=5)
    assert len(slack.posted(CARDS)) == 2


async def test_the_backlog_says_how_many_wait_and_for_how_long(
    team: Team, slack: FakeSlack, database: Database, clock: Clock
) -> None:
    await team.file(DOCS)
    clock.forward(minutes=7)
    found = await backlog.look(database, clock())
    assert found.lines(clock()) == ["1 wait to be sent, the first for 7 minutes."]
