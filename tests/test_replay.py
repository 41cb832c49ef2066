"""What would have been sent: digests composed again from what was known at the time."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Awaitable, Callable

import pytest
from conftest import ANA, BEN, CEM, DOCS, DOCS_TOO, LEA, MONDAY, TIM, VPN, Clock, Team, stored
from fakes.slack import FakeSlack

from bot.flows import assign, correct, merge, rename, snooze, split, status, undo
from bot.flows import digest as digests
from bot.flows import replay as replays
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit

Work = Callable[..., Awaitable[None]]

WEEK = dt.timedelta(weeks=1)
MONDAYS = ["2026-11-09", "2026-11-16", "2026-11-23"]


@pytest.fixture
async def tim(kit: Kit, clock: Clock) -> None:
    """Tim gets a digest every Monday at nine in Berlin."""
    wanted = {"areas": "all", "every": "week", "weekday": "mon", "at": "09:00", "tz": "Europe/Berlin"}
    await subscriptions.subscribe(kit, TIM, now=clock(), **wanted)


async def as_of(kit: Kit, when: str, clock: Clock) -> str:
    return await replays.as_of(kit, TIM, when, clock())


async def test_what_was_sent_is_what_would_have_been_sent(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, tim: None
) -> None:
    sent: list[str] = []
    for week, words in enumerate((DOCS, "", VPN), 1):
        if words:
            await team.file(words, by=ANA if week == 1 else BEN)
            await work()
            await team.vote(LEA, card=-1)
        clock.now = MONDAY + week * WEEK
        sent.append(await digests.preview(kit, TIM, clock()))
        await digests.open_due(kit, clock())
        await work()
    assert len(slack.told(TIM)) == 2
    clock.forward(days=90)
    for day, text in zip(MONDAYS, sent, strict=True):
        assert (await as_of(kit, day, clock)).endswith(text)
    ((reader, periods),) = await replays.between(kit, TIM, "2026-11-03", "2026-11-23", clock())
    assert (reader, [period.moment.date().isoformat() for period in periods]) == (TIM, MONDAYS)
    assert [period.sent for period in periods] == [True, False, True]
    assert [period.handles for period in periods] == [("F-1",), (), ("F-2", "F-1")]
    assert [period.why for period in periods] == [
        "This is your first digest. The next comes when something changes.",
        "Nothing changed since 9 November.",
        "Sent because F-2 entered your top five.",
    ]


async def test_what_came_later_does_not_count(team: Team, kit: Kit, clock: Clock, work: Work, tim: None) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    before = await digests.preview(kit, TIM, clock.forward(minutes=1))
    then = clock().strftime("%Y-%m-%dT%H:%M:%S+00:00")
    clock.forward(days=1)
    await team.file(DOCS_TOO, by=BEN)
    await team.file(VPN, by=CEM)
    await work()
    await team.vote(LEA)
    assert await digests.preview(kit, TIM, clock()) != before
    assert (await as_of(kit, then, clock)).endswith(before)


async def test_a_correction_that_came_later_is_taken_back(
    team: Team, kit: Kit, clock: Clock, work: Work, tim: None
) -> None:
    await team.file(DOCS, by=ANA)
    second = await team.file(DOCS_TOO, by=BEN)
    private = await team.file(f"{DOCS} zanzibar", by=CEM, private=True)
    await correct.retag(kit, second.id or 0, "docs", BEN, clock.forward(minutes=1))
    await work()
    before = await digests.preview(kit, TIM, clock.forward(minutes=1))
    then = clock().strftime("%Y-%m-%dT%H:%M:%S+00:00")
    clock.forward(days=1)
    await split.set_apart(kit, second.id or 0, BEN, clock())
    await correct.retag(kit, second.id or 0, "errors", BEN, clock())
    await correct.release(kit, private.id or 0, CEM, clock())
    await work()
    assert "zanzibar" in await digests.preview(kit, TIM, clock())
    shown = await as_of(kit, then, clock)
    assert shown.endswith(before)
    assert "zanzibar" not in shown


async def test_a_merge_and_a_name_that_came_later_are_taken_back(
    team: Team, kit: Kit, clock: Clock, work: Work, tim: None
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(VPN, by=BEN)
    await work()
    before = await digests.preview(kit, TIM, clock.forward(minutes=1))
    then = clock().strftime("%Y-%m-%dT%H:%M:%S+00:00")
    clock.forward(days=1)
    await merge.merge(kit, 1, 2, TIM, clock())
    await rename.rename(kit, 1, "Old flags everywhere", TIM, clock(), was="")
    await work()
    now = await digests.preview(kit, TIM, clock())
    assert "Old flags everywhere" in now
    assert "F-2" not in now
    assert (await as_of(kit, then, clock)).endswith(before)


async def test_a_status_an_owner_and_a_rest_that_came_later_are_taken_back_and_earlier_ones_are_not(
    team: Team, kit: Kit, clock: Clock, work: Work, tim: None
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(VPN, by=BEN)
    await work()
    await status.set_status(kit, 1, "planned", "soon", "", TIM, clock.forward(minutes=1), was="new")
    done = await assign.assign(kit, 1, BEN, TIM, clock(), was="")
    before = await digests.preview(kit, TIM, clock.forward(minutes=1))
    assert "docs · planned" in before and "Ben sees to it" in before
    then = clock().strftime("%Y-%m-%dT%H:%M:%S+00:00")
    clock.forward(days=1)
    await undo.undo(kit, done.fact_id or 0, TIM, clock())
    await status.set_status(kit, 1, "shipped", "done", "", TIM, clock(), was="planned")
    await assign.assign(kit, 2, CEM, TIM, clock(), was="")
    await snooze.snooze(kit, 2, "4", TIM, clock(), was="")
    await work()
    now = await digests.preview(kit, TIM, clock.forward(minutes=1))
    assert "1." not in now and "1 at rest" in now
    assert (await as_of(kit, then, clock)).endswith(before)


async def test_what_a_merged_cluster_was_called_comes_along_in_a_replay_too(
    team: Team, kit: Kit, clock: Clock, work: Work, tim: None
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(VPN, by=BEN)
    await rename.rename(kit, 2, "Slow beginnings", TIM, clock(), was="")
    await merge.merge(kit, 1, 2, TIM, clock())
    await work()
    before = await digests.preview(kit, TIM, clock.forward(minutes=1))
    assert "F-1  Slow beginnings" in before
    then = clock().strftime("%Y-%m-%dT%H:%M:%S+00:00")
    await rename.rename(kit, 1, "Flags and waits", TIM, clock.forward(days=1), was="Slow beginnings")
    assert (await as_of(kit, then, clock)).endswith(before)


async def test_withdrawn_words_come_back_in_no_replay(
    team: Team, kit: Kit, clock: Clock, work: Work, tim: None
) -> None:
    report = await team.file("the zanzibar runbook is outdated", by=ANA)
    await work()
    clock.forward(days=10)
    await correct.withdraw(kit, report.id or 0, ANA, clock())
    assert "zanzibar" not in await as_of(kit, "2026-11-09", clock)
    told = await replays.between(kit, "", "2026-11-03", "2026-11-10", clock())
    assert "zanzibar" not in json.dumps([period.why for _, periods in told for period in periods])


async def test_asking_what_would_have_been_changes_nothing(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, tim: None
) -> None:
    await team.file(DOCS)
    await work()
    clock.forward(days=30)
    before, calls = await stored(kit.database), len(slack.calls)
    await as_of(kit, "2026-11-09", clock)
    await replays.between(kit, "", "2026-11-03", "2026-11-30", clock())
    assert (await stored(kit.database), len(slack.calls)) == (before, calls)


async def test_all_subscribers_are_replayed_each_in_their_own_rhythm(
    team: Team, kit: Kit, clock: Clock, tim: None
) -> None:
    daily = {"areas": "docs", "every": "day", "weekday": "mon", "at": "23:30", "tz": "Pacific/Auckland"}
    await subscriptions.subscribe(kit, LEA, now=clock(), **daily)
    await team.file(DOCS)
    clock.forward(days=30)
    found = dict(await replays.between(kit, "", "2026-11-02", "2026-11-09", clock()))
    assert [f"{period.moment:%d %H:%M}" for period in found[TIM]] == ["02 09:00", "09 09:00"]
    assert [f"{period.moment:%d %H:%M}" for period in found[LEA]] == [f"{day:02} 23:30" for day in range(2, 10)]
    assert [period.sent for period in found[LEA]] == [True] + [False] * 7


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (("yesterday", "2026-11-09"), "'yesterday' is not a day. Write it like 2026-11-09"),
        (("2026-11-09", "2026-11-02"), "2026-11-02 is before 2026-11-09."),
        (("2030-01-01", "2030-02-01"), "2030-01-01 is still to come."),
    ],
)
async def test_days_that_cannot_be_meant_are_answered_in_a_sentence(
    kit: Kit, clock: Clock, tim: None, days: tuple[str, str], said: str
) -> None:
    clock.forward(days=30)
    with pytest.raises(subscriptions.Wrong, match=said):
        await replays.between(kit, TIM, *days, clock())
    if "before" not in said:
        with pytest.raises(subscriptions.Wrong, match=said):
            await replays.as_of(kit, TIM, days[0], clock())


async def test_who_is_not_subscribed_is_said(kit: Kit, clock: Clock) -> None:
    with pytest.raises(digests.Unknown, match="is not subscribed"):
        await replays.as_of(kit, BEN, "2026-11-01", clock())
    assert await replays.between(kit, "", "2026-10-01", "2026-11-01", clock()) == []
