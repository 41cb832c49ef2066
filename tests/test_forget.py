"""What goes, goes everywhere: one report, a whole person, old words, a workspace that threw the bot out."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from conftest import ADA, ANA, BACKEND, BEN, CEM, DOCS, DOCS_TOO, TIM, VPN, Team, stored
from fakes.slack import TEAM, FakeSlack

import storage.fits
import storage.notices
import storage.people
import storage.reports
from bot.flows import assign, audience, correct, digest, export, forget, home, own, rename, seal
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit
from storage.models import Fit, Outbox, Workspace

CANARY = "Zq7canary the deploy docs still show the old flag"

Work = Callable[..., Awaitable[None]]


async def subscribe(kit: Kit, now: dt.datetime, person: str = TIM) -> None:
    await subscriptions.subscribe(kit, person, areas="all", every="week", weekday="mon", at="09:00", tz="UTC", now=now)


def said(slack: FakeSlack) -> str:
    """Everything of the bot's that can be read in Slack now."""
    messages = [each for channel in slack.channels.values() for each in channel.messages if each.get("bot_id")]
    return json.dumps([messages, slack.homes], ensure_ascii=False)


async def test_who_wants_all_of_theirs_deleted_is_nowhere_any_more(
    kit: Kit, team: Team, slack: FakeSlack, work: Work
) -> None:
    await subscribe(kit, team.clock())
    await team.file(CANARY, by=ANA)
    await team.file(DOCS_TOO, by=BEN)
    ts = slack.said(BACKEND, ANA, "Zq7canary it is odd that the gateway answers 500")
    await team.flag(BEN, BACKEND, ts)
    await work()
    await team.vote(ANA, card=0)
    await subscribe(kit, team.clock(), ANA)
    await own.set_unflagged(kit, ANA, team.clock(), wanted=True)
    await digest.send_now(kit, TIM, team.clock())
    await own.want_held(kit, ANA, "1", team.clock())
    await work(minutes=1)
    assert "Zq7canary" in said(slack)
    told = await own.delete_all(kit, ANA, team.clock())
    assert told.startswith("Deleted: 2 reports, your votes, your digest and your settings.")
    await work(seconds=30)
    await work(seconds=30)
    assert "Zq7canary" not in await stored(kit.database)
    assert ANA not in await stored(kit.database)
    others = [slack.posted(id_) for id_ in slack.channels if id_ != f"D{ANA}"]
    assert "Zq7canary" not in json.dumps(others)
    assert "1 developer" in team.card(), "what Ben said is his"


async def test_whoever_wants_all_of_theirs_deleted_is_known_again_by_no_report_without_a_name(
    kit: Kit, team: Team
) -> None:
    for key, person in (("form:1", ANA), ("form:2", BEN)):
        await seal.keep(kit, key, person)
        await team.file(DOCS, by=None, key=key)
    await own.delete_all(kit, ANA, team.clock())
    async with kit.database.reading() as session:
        left = await storage.notices.seals(session, kit.house.workspace_id)
        filed = await storage.reports.count_in(session, 1)
    assert [each.key for each in left] == ["form:2"]
    assert filed == 2, "what names nobody stays"


async def test_whoever_saw_to_something_is_not_named_by_who_gave_it_to_them(kit: Kit, team: Team) -> None:
    await team.file(DOCS, by=BEN)
    await assign.assign(kit, 1, ANA, ADA, team.clock(), was="")
    await own.delete_all(kit, ANA, team.clock())
    await rename.rename(kit, 1, "Old flag", ADA, team.clock(), was="")
    assert ANA not in await stored(kit.database)


async def test_a_report_that_is_taken_back_leaves_the_digest_that_quoted_it(
    kit: Kit, team: Team, slack: FakeSlack, work: Work
) -> None:
    await subscribe(kit, team.clock())
    report = await team.file(CANARY, by=ANA)
    await team.file(VPN, by=BEN)
    await work()
    await digest.send_now(kit, TIM, team.clock())
    await work(minutes=1)
    assert "Zq7canary" in json.dumps(slack.posted(f"D{TIM}"))
    await correct.withdraw(kit, report.id or 0, ANA, team.clock())
    await work(seconds=59)
    assert "Zq7canary" not in said(slack)


@pytest.mark.parametrize("days", [1, 15])
async def test_words_that_go_leave_the_homes_that_were_opened_within_a_fortnight(
    days: int, kit: Kit, team: Team, slack: FakeSlack, work: Work
) -> None:
    earlier = await team.file("the gateway answers 500 all morning", by=ANA)
    gone = await team.file(CANARY, by=ANA)
    await team.file("Zq8canary VPN access takes days", by=BEN, channel=BACKEND, private=True, lift=True)
    await work()
    for person in (CEM, TIM):
        await home.want(kit, person, team.clock())
    await work()
    assert all("Zq7canary" in str(shown) and "Zq8canary" in str(shown) for shown in slack.homes.values())
    await work(days=days / 2)
    await correct.withdraw(kit, earlier.id or 0, ANA, team.clock())  # to be drawn anew is not to be opened
    await work(days=days / 2)
    await correct.withdraw(kit, gone.id or 0, ANA, team.clock())
    await work(seconds=30)
    assert ["Zq7canary" in str(slack.homes[person]) for person in (CEM, TIM)] == [days > 14] * 2
    assert "Zq8canary" in str(slack.homes[CEM])
    slack.channels[BACKEND].private = True
    await audience.look_again(kit, team.clock())
    await work(seconds=30)
    assert ["Zq8canary" in str(slack.homes[person]) for person in (CEM, TIM)] == [days > 14] * 2


async def test_what_is_held_about_somebody_is_theirs_to_read_and_nobody_elses_words_are_in_it(
    kit: Kit, team: Team, slack: FakeSlack, work: Work
) -> None:
    await team.file(CANARY, by=ANA)
    await team.file("Zq7other " + DOCS_TOO, by=BEN)
    await work()
    await team.vote(ANA)
    held = json.loads(await own.held(kit, ANA))
    assert [row["text"] for row in held["report"]] == [CANARY]
    assert [row["emoji"] for row in held["vote"]] == ["+1"]
    assert "Zq7other" not in json.dumps(held)
    await own.want_held(kit, ANA, "1", team.clock())
    await work()
    sent = slack.posted(f"D{ANA}")
    whole = "".join(block["text"]["text"] for each in sent for block in each["blocks"][1:])
    assert json.loads(whole)["report"][0]["text"] == CANARY
    assert sent[-1]["text"] == "This is all that is held about you, as JSON."


async def test_a_model_that_learned_from_what_is_taken_back_is_dropped_and_fitted_anew(kit: Kit, team: Team) -> None:
    report = await team.file(CANARY, by=ANA)
    lessons = {str(report.id): "a digest of its words"}
    fit = Fit(workspace_id=TEAM, fitted_at=team.clock(), examples="", taught="", lessons=lessons, taken=True)
    async with kit.database.transaction() as session:
        await storage.fits.add(session, fit, b"learned")
    kit.area.take(kit.area._model, fit.id or 0)
    await correct.withdraw(kit, report.id or 0, ANA, team.clock())
    async with kit.database.reading() as session:
        assert await storage.fits.model(session, TEAM) is None
        assert await storage.fits.claim(session, TEAM, team.clock(), until=team.clock())  # due at once
    assert kit.area.fit_id == 0
    assert "a digest of its words" not in await stored(kit.database)


async def test_old_words_go_and_their_count_stays(kit: Kit, team: Team, slack: FakeSlack, work: Work) -> None:
    await team.file(CANARY, by=ANA)
    await work()
    months = kit.house.retention
    now = team.clock.forward(days=months * 31)
    await forget.fade(kit, now)
    await work()
    assert "Zq7canary" not in await stored(kit.database) + said(slack)
    rows = await export.rows(kit.database, kit.house.workspace_id, "clusters", leads=(), now=now)
    assert [(row["reports"], row["developers"]) for row in rows] == [(1, 1)]
    assert rows[0]["title"] == "1 report about docs"


async def test_words_are_kept_until_their_day_and_for_ever_where_that_is_wanted(kit: Kit, team: Team) -> None:
    await team.file(CANARY, by=ANA)
    await forget.fade(kit, team.clock() + dt.timedelta(days=500))
    await forget.fade(replace(kit, house=replace(kit.house, retention=0)), team.clock() + dt.timedelta(days=9999))
    assert "Zq7canary" in await stored(kit.database)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [((2026, 3, 31), 1, (2026, 2, 28)), ((2026, 1, 5), 18, (2024, 7, 5)), ((2024, 2, 29), 12, (2023, 2, 28))],
)
def test_months_are_counted_as_people_count_them(day: Any, months: int, then: Any) -> None:
    assert forget.months_before(dt.datetime(*day, tzinfo=dt.UTC), months) == dt.datetime(*then, tzinfo=dt.UTC)


async def test_where_the_bot_was_thrown_out_it_says_nothing_and_forgets_after_a_fortnight(
    kit: Kit, team: Team, slack: FakeSlack, work: Work
) -> None:
    await subscribe(kit, team.clock())
    first = await team.file(CANARY, by=ANA)
    await team.file(DOCS_TOO, by=BEN)
    await work()
    await rename.rename(kit, first.cluster_id or 0, "Old flag", ADA, team.clock(), was="")
    calls = len(slack.calls)
    await forget.left(kit, team.clock())
    await work(minutes=5)
    assert len(slack.calls) == calls
    assert await forget.is_gone(kit)
    await forget.purge(kit, team.clock.forward(days=13))
    assert "Zq7canary" in await stored(kit.database)
    await forget.purge(kit, team.clock.forward(days=2))
    assert await stored(kit.database) == ""


async def test_who_comes_back_in_time_finds_everything_as_it_was(kit: Kit, team: Team) -> None:
    await team.file(CANARY, by=ANA)
    await forget.left(kit, team.clock())
    async with kit.database.transaction() as session:
        await storage.workspaces.ensure(session, TEAM, "Acme")
    await forget.purge(kit, team.clock.forward(days=30))
    assert "Zq7canary" in await stored(kit.database)
    assert not await forget.is_gone(kit)


async def test_whoever_does_not_want_to_be_flagged_is_not(kit: Kit, team: Team, slack: FakeSlack, work: Work) -> None:
    await own.set_unflagged(kit, ANA, team.clock(), wanted=True)
    ts = slack.said(BACKEND, ANA, CANARY)
    await team.flag(BEN, BACKEND, ts)
    await work()
    assert "Zq7canary" not in await stored(kit.database)
    assert slack.told(BEN) == ["Its author does not want their messages flagged, so I leave it alone."]
    assert slack.told(ANA) == []
    # Their own flag is their own business, and so is a change of mind.
    await team.flag(ANA, BACKEND, ts)
    await work()
    assert "Zq7canary" in await stored(kit.database)
    await own.set_unflagged(kit, ANA, team.clock(), wanted=False)
    assert not await own.is_unflagged(kit, ANA)


async def test_another_person_and_another_workspace_keep_what_is_theirs(kit: Kit, team: Team) -> None:
    await team.file(DOCS, by=BEN)
    async with kit.database.transaction() as session:
        session.add(Workspace(id="T0OTHER"))
        told = {"kind": "home", "key": f"home:{ANA}", "payload": {"person": ANA}}
        session.add(Outbox(workspace_id="T0OTHER", due_at=team.clock(), created_at=team.clock(), **told))
    await team.file(CANARY, by=ANA)
    await own.delete_all(kit, ANA, team.clock())
    rows = await export.rows(kit.database, kit.house.workspace_id, "reports", leads=(), now=team.clock())
    assert [row["text"] for row in rows] == [DOCS]
    assert "T0OTHER" in await stored(kit.database)
