"""Digests as their readers get them: when, why, with what picture, and what is behind "Why?"."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from conftest import ADA, ANA, BACKEND, BEN, CEM, DOCS, DOCS_TOO, DORA, LEA, TIM, VPN, Clock, Team
from fakes.slack import DROPPED, FakeSlack, refused

from bot.flows import assign, correct, digest_contents, merge, snooze, status, undo
from bot.flows import cluster as clusters
from bot.flows import digest as digests
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit
from bot.flows.moment import Moment
from classifiers import grouping
from storage.database import Database

Work = Callable[..., Awaitable[None]]


async def subscribe(kit: Kit, now: dt.datetime, areas: str = "all") -> None:
    """Tim, on Mondays at nine in Berlin."""
    at = {"every": "week", "weekday": "mon", "at": "09:00", "tz": "Europe/Berlin"}
    await subscriptions.subscribe(kit, TIM, now=now, areas=areas, **at)


# What is material


async def next_week(kit: Kit, clock: Clock, work: Work) -> None:
    """The next Monday at nine comes, and whoever is to be told is."""
    subscription = await subscriptions.current(kit, TIM)
    assert subscription is not None
    clock.now = subscription.next_due_at
    await digests.open_due(kit, clock())
    await work()


async def test_a_digest_says_what_happened_since_the_last_that_was_received(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    await team.file(DOCS, by=ANA)
    await next_week(kit, clock, work)
    assert "This is your first digest." in slack.told(TIM)[-1]
    await team.file(DOCS_TOO, by=BEN)
    await work()
    await team.vote(CEM)
    await next_week(kit, clock, work)
    assert len(slack.told(TIM)) == 1  # two new developers are no news
    await team.vote(DORA)
    await team.file(VPN, by=LEA)
    await next_week(kit, clock, work)
    assert len(slack.told(TIM)) == 2
    told = slack.told(TIM)[-1]
    assert "9–22 November. Sent because F-2 entered your top five and F-1 has 3 new developers." in told
    assert "4 developers, 3 new" in told


async def test_a_status_that_somebody_else_set_is_told_and_ones_own_is_not(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, database: Database
) -> None:
    await subscribe(kit, clock())
    await team.file(DOCS, by=ANA)
    await next_week(kit, clock, work)
    for by, was, became in ((TIM, "new", "planned"), (ADA, "planned", "shipped")):
        await status.set_status(kit, 1, became, "because", "", by, clock.forward(hours=1), was=was)
        await next_week(kit, clock, work)
    assert len(slack.told(TIM)) == 2
    assert "Sent because F-1 was shipped." in slack.told(TIM)[-1]
    assert f"Fixed: F-1 “{DOCS}”: because. (Ada)" in slack.told(TIM)[-1]
    await undo.undo(kit, 2, TIM, clock.forward(hours=1))  # undoing is deciding, too
    await next_week(kit, clock, work)
    assert len(slack.told(TIM)) == 2


async def test_what_was_closed_leaves_the_list_and_is_reported_once(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    for words in (DOCS, VPN):
        await team.file(words, by=ANA)
    await status.set_status(kit, 1, "declined", "Not ours.", "", ADA, clock(), was="new")
    told = await digests.preview(kit, TIM, clock.forward(minutes=1))
    assert f"1. F-2  {VPN}" in told and "2. " not in told
    assert f"Declined: F-1 “{DOCS}”: Not ours. (Ada)" in told
    await next_week(kit, clock, work)
    await team.file(DOCS, by=BEN)  # a new voice does not overrule a no
    told = await digests.preview(kit, TIM, clock.forward(minutes=1))
    assert "F-1" not in told
    await undo.undo(kit, 1, ADA, clock())
    assert f"1. F-1  {DOCS}" in await digests.preview(kit, TIM, clock())


async def test_what_was_shipped_is_back_when_as_many_speak_of_it_later_as_ever_had_it(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    await team.file(DOCS, by=ANA)
    await next_week(kit, clock, work)
    before = clock.forward(minutes=1)
    await status.set_status(kit, 1, "shipped", "It is generated now.", "", TIM, before, was="new")
    await team.file(DOCS_TOO, by=CEM, said_at=before - dt.timedelta(hours=1))  # said before, captured late
    await next_week(kit, clock, work)
    assert len(slack.told(TIM)) == 1
    await team.file(DOCS_TOO, by=BEN)
    await next_week(kit, clock, work)
    assert "is back" not in slack.told(TIM)[-1]
    await team.file(DOCS_TOO, by=ANA)
    await next_week(kit, clock, work)
    assert "Sent because F-1 is back. 1. F-1" in slack.told(TIM)[-1]
    assert "docs · shipped · back since the fix of 9 Nov" in slack.told(TIM)[-1]
    assert "Fixed:" not in slack.told(TIM)[-1]


async def test_a_digest_that_is_drawn_anew_after_a_status_was_set_in_it_keeps_its_lines(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    for words in (DOCS, VPN):
        await team.file(words, by=ANA)
    await next_week(kit, clock, work)
    (sent,) = slack.posted(f"D{TIM}")
    await status.set_status(kit, 1, "shipped", "It is generated now.", "", TIM, clock.forward(minutes=1), was="new")
    await snooze.snooze(kit, 2, "2", TIM, clock(), was="")
    await assign.assign(kit, 1, BEN, TIM, clock(), was="")
    assert await digests.want_redrawn(kit, TIM, f"D{TIM}", sent["ts"], clock())
    await work(minutes=1)
    (drawn,) = slack.posted(f"D{TIM}")
    for words in ("docs · shipped", "Ben sees to it", f"2. F-2 {VPN}"):
        assert words in drawn["text"]
    assert len(drawn["blocks"]) == len(sent["blocks"])


async def test_what_rests_is_in_no_digest_until_its_time_is_over_and_the_digest_says_so(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    for words in (DOCS, VPN):
        await team.file(words, by=ANA)
    await next_week(kit, clock, work)
    await snooze.snooze(kit, 1, "2", TIM, clock.forward(minutes=5), was="")
    await team.file("the payment gateway answers 500 with an empty body", by=BEN)
    await next_week(kit, clock, work)
    assert "F-1" not in slack.told(TIM)[-1]
    assert "1 at rest" in slack.told(TIM)[-1]
    top = (await clusters.top(kit, None, clock())).text
    assert "F-1" in top and "resting until 23 Nov" in top
    await next_week(kit, clock, work)
    assert "Sent because F-1 has rested long enough." in slack.told(TIM)[-1]
    await next_week(kit, clock, work)
    assert len(slack.told(TIM)) == 3


async def test_what_rests_until_it_doubles_wakes_when_twice_as_many_have_it(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    await team.file(DOCS, by=ANA)
    await team.file(DOCS_TOO, by=BEN)
    await next_week(kit, clock, work)
    await snooze.snooze(kit, 1, "doubles", TIM, clock.forward(minutes=5), was="")
    await team.file(DOCS, by=CEM)
    assert "resting until 4 developers have it" in (await clusters.top(kit, None, clock())).text
    await next_week(kit, clock, work)
    assert len(slack.told(TIM)) == 1
    await team.file(DOCS, by=DORA)
    await next_week(kit, clock, work)
    assert "Sent because F-1 has doubled since it was let rest. 1. F-1" in slack.told(TIM)[-1]


async def test_every_fourth_quiet_period_one_line_says_that_it_was_quiet(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    await team.file(DOCS, by=ANA)
    for _ in range(10):
        await next_week(kit, clock, work)
    assert (
        slack.told(TIM)[1:]
        == [f"Nothing changed in your areas since 9 November. F-1 “{DOCS}” is still the only one."] * 2
    )


async def test_a_digest_that_is_asked_for_says_that_nothing_changed(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    await team.file(DOCS, by=ANA)
    await next_week(kit, clock, work)
    clock.forward(days=1)
    await digests.send_now(kit, TIM, clock())
    await work()
    assert "Nothing changed since 9 November. 1. F-1" in slack.told(TIM)[-1]
    await next_week(kit, clock, work)
    assert len(slack.told(TIM)) == 2


async def test_a_question_that_waits_is_a_reason_once(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    await subscribe(kit, clock())
    monkeypatch.setattr(grouping, "JOIN", 1.1)
    await team.file(DOCS, by=ANA)
    await next_week(kit, clock, work)
    await team.file(DOCS_TOO, by=BEN)
    for _ in range(2):
        await next_week(kit, clock, work)
    (told,) = slack.told(TIM)[1:]
    assert "Sent because F-2 entered your top five and 1 suggestion waits for your answer." in told


async def test_what_became_part_of_another_stands_in_no_digest_by_itself(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    await team.file(DOCS, by=ANA)
    await team.file(VPN, by=BEN)
    await work()
    await merge.merge(kit, 1, 2, TIM, clock.forward(minutes=1))
    await next_week(kit, clock, work)
    assert "1. F-1" in slack.told(TIM)[-1] and "2 developers" in slack.told(TIM)[-1]
    assert "F-2" not in slack.told(TIM)[-1]
    receipt, of_part = [await clusters.explain(kit, TIM, number, clock()) for number in (1, 2)]
    assert receipt == of_part is not None


async def test_a_receipt_in_the_digest_of_a_channel_tells_since_the_channel_was_told(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    at = {"areas": "all", "every": "week", "weekday": "mon", "at": "09:00", "tz": "Europe/Berlin"}
    await subscriptions.subscribe(kit, BACKEND, person=TIM, now=clock(), **at)
    for by in (ANA, BEN, CEM):
        await team.file(DOCS, by=by)
    await digests.send_now(kit, BACKEND, clock())
    await work()
    for by in (DORA, LEA, ADA):
        await team.vote(by)
    await digests.send_now(kit, BACKEND, clock.forward(days=1))
    await work()
    told = await clusters.explain(kit, ANA, 1, clock(), digest_id=2)
    assert told is not None and "3.00 in your last digest; since then 3 new people" in told.text


async def test_a_digest_that_slack_would_not_take_is_not_one_that_was_received(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    await team.file(DOCS, by=ANA)
    await work()
    slack.next("chat.postMessage", refused("msg_too_long"))
    await next_week(kit, clock, work)
    assert slack.told(TIM) == []
    await next_week(kit, clock, work)
    assert "This is your first digest." in slack.told(TIM)[-1]


# Charts


def charts(slack: FakeSlack) -> list[dict[str, Any]]:
    blocks = [block for message in slack.posted(f"D{TIM}") for block in message["blocks"]]
    return [block for block in blocks if block["type"] == "data_visualization"]


async def test_a_digest_draws_the_reports_of_twelve_weeks_by_area(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock(), areas="docs,onboarding")
    await team.file(DOCS, by=ANA)
    await next_week(kit, clock, work)
    await team.file(DOCS_TOO, by=BEN)
    await team.file(VPN, by=CEM)
    await next_week(kit, clock, work)
    _, drawn = charts(slack)
    series = {each["name"]: [point["value"] for point in each["data"]] for each in drawn["chart"]["series"]}
    assert series == {"docs": [0] * 10 + [1, 1], "onboarding": [0] * 11 + [1]}
    assert drawn["chart"]["axis_config"]["categories"][-3:] == ["26 Oct", "2 Nov", "9 Nov"]


async def test_a_workspace_that_knows_no_charts_gets_them_as_text_and_once(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    slack.charts = False
    await subscribe(kit, clock())
    await team.file(DOCS, by=ANA)
    await work()
    slack.next(
        "chat.postMessage", refused("invalid_blocks"), DROPPED
    )  # the chart is refused; the answer to the text is lost
    await next_week(kit, clock, work)
    await work(minutes=5)
    (message,) = slack.posted(f"D{TIM}")
    assert "docs ▁▁▁▁▁▁▁▁▁▁▁▂ 0 0 0 0 0 0 0 0 0 0 0 1" in json.dumps(message["blocks"], ensure_ascii=False)
    assert charts(slack) == []


async def test_a_workspace_that_wants_its_charts_as_text_is_not_sent_another_first(
    team: Team, kit: Kit, clock: Clock
) -> None:
    as_text = replace(kit, house=replace(kit.house, drawn=False))
    await subscribe(kit, clock())
    await team.file(DOCS, by=ANA)
    subscription = await subscriptions.current(kit, TIM)
    assert subscription is not None
    (message,) = digest_contents.messages(
        await digest_contents.compose(as_text, subscription, Moment(as_text, clock()))
    )
    assert "docs ▁▁▁▁▁▁▁▁▁▁▁▂ 0 0 0 0 0 0 0 0 0 0 0 1" in json.dumps(message.blocks, ensure_ascii=False)


async def test_what_an_unanswered_digest_showed_is_what_the_next_is_compared_with(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    await team.file(DOCS, by=ANA)
    await work()
    slack.next("chat.postMessage", DROPPED)
    await next_week(kit, clock, work)
    for by in (BEN, CEM, DORA):
        await team.vote(by)
    await work(minutes=5)  # only now it is found out that the digest arrived
    await next_week(kit, clock, work)
    assert len(slack.told(TIM)) == 2
    assert "F-1 has 3 new developers" in slack.told(TIM)[-1]


# Why


async def test_a_receipt_tells_what_moved_since_the_digest_before_the_one_it_stands_in(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    await team.file(DOCS, by=ANA, severity=3)
    for by in (BEN, CEM):
        await team.file(DOCS_TOO, by=by)
    await next_week(kit, clock, work)
    for by in (DORA, LEA, ADA):
        await team.vote(by)
    await next_week(kit, clock, work)
    first, second = (message["blocks"] for message in slack.posted(f"D{TIM}"))
    told = []
    for blocks in (first, second):
        elements = [element for block in blocks for element in block.get("elements", [])]
        (value,) = [element["value"] for element in elements if element.get("action_id") == "cluster_why"]
        cluster_id, _, digest_id = value.partition(":")
        message = await clusters.explain(kit, TIM, int(cluster_id), clock(), digest_id=int(digest_id))
        assert message is not None
        told.append(message.text)
    assert "Impact 6.07 = 6 people" in told[0] and "in your last digest" not in told[0]
    assert "4.20 in your last digest; since then 3 new people (+2.52), age (−0.65)." in told[1]


async def test_the_receipt_of_what_was_taken_back_is_none(
    team: Team, kit: Kit, clock: Clock, slack: FakeSlack, work: Work
) -> None:
    report = await team.file(DOCS, by=ANA)
    await work()
    await team.vote(BEN)
    await correct.withdraw(kit, report.id or 0, ANA, clock())
    assert await clusters.explain(kit, TIM, report.cluster_id or 0, clock()) is None
