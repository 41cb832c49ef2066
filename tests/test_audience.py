"""Who may read what was said in private: its author and who is there, as Slack says now; nobody by any other way."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from conftest import ANA, BACKEND, BEN, CARDS, CEM, SECRET, Team
from fakes.slack import SCOPES, TEAM, FakeSlack

import storage.reports
from bot.flows import audience, correct, export
from bot.flows import cluster as clusters
from bot.flows.kit import Kit
from storage.models import Report

Work = Callable[..., Awaitable[None]]
WORDS = "Zq7canary the deploy docs still show the old flag"


async def shown(kit: Kit, report: Report, reader: str, team: Team) -> str:
    message = await clusters.show_by_id(kit, report.cluster_id or 0, reader, team.clock())
    assert message is not None
    return json.dumps([message.text, message.blocks])


async def test_who_is_in_the_conversation_reads_what_was_said_there_and_nobody_else(
    kit: Kit, team: Team, slack: FakeSlack, work: Work
) -> None:
    slack.channels[SECRET].members.discard(CEM)
    report = await team.file(WORDS, by=ANA, channel=SECRET, private=True)
    await work()
    assert "Zq7canary" in await shown(kit, report, ANA, team)
    assert "Zq7canary" in await shown(kit, report, BEN, team)
    assert "Zq7canary" not in await shown(kit, report, CEM, team)
    assert "1 private report about docs" in team.card() and "Zq7canary" not in team.card()


async def test_who_leaves_the_conversation_reads_it_no_more(kit: Kit, team: Team, slack: FakeSlack, work: Work) -> None:
    report = await team.file(WORDS, by=ANA, channel=SECRET, private=True)
    assert "Zq7canary" in await shown(kit, report, BEN, team)
    slack.channels[SECRET].members.discard(BEN)
    team.clock.forward(minutes=6)
    assert "Zq7canary" not in await shown(kit, report, BEN, team)


async def test_without_the_scope_only_its_author_reads_it(kit: Kit, team: Team, slack: FakeSlack) -> None:
    slack.scopes = SCOPES - {"groups:read"}
    report = await team.file(WORDS, by=ANA, channel=SECRET, private=True)
    assert "Zq7canary" in await shown(kit, report, ANA, team)
    assert "Zq7canary" not in await shown(kit, report, BEN, team)


async def test_a_channel_that_becomes_private_takes_what_was_said_there_along(
    kit: Kit, team: Team, slack: FakeSlack, work: Work
) -> None:
    report = await team.file(WORDS, by=ANA, channel=BACKEND, private=True, lift=True)
    await work()
    assert "Zq7canary" in team.card()
    slack.channels[BACKEND].private = True
    slack.channels[BACKEND].members.discard(CEM)
    assert "Zq7canary" not in await shown(kit, report, CEM, team)  # at once, where somebody looks
    await audience.look_again(kit, team.clock())
    await work(minutes=1)
    assert "Zq7canary" not in team.card()


async def test_what_is_said_after_a_channel_became_private_is_private_however_soon_after(
    kit: Kit, team: Team, slack: FakeSlack, work: Work
) -> None:
    before = await team.file("the VPN drops every hour", by=ANA, channel=BACKEND, private=True, lift=True)
    await work()
    slack.channels[BACKEND].private = True
    after = [await team.file(f"{WORDS} {number}", by=ANA, channel=BACKEND, private=True, lift=True) for number in "12"]
    await work()
    await work(seconds=5)
    async with kit.database.reading() as session:
        stand = await storage.reports.by_ids(session, TEAM, [each.id or 0 for each in (before, *after)])
    assert [report.visibility for report in stand] == ["public", "private", "private"]
    assert len(slack.called("conversations.info")) == 2  # one question is for all that came before it
    assert not any("Zq7canary" in message["text"] for message in slack.posted(CARDS))


async def test_what_its_author_released_stays_shown(kit: Kit, team: Team, slack: FakeSlack, work: Work) -> None:
    report = await team.file(WORDS, by=ANA, channel=SECRET, private=True)
    await correct.release(kit, report.id or 0, ANA, team.clock())
    await audience.look_again(kit, team.clock())
    await work()
    assert "Zq7canary" in team.card()


async def test_an_export_holds_private_words_only_when_they_are_asked_for(kit: Kit, team: Team) -> None:
    await team.file(WORDS, by=ANA, channel=SECRET, private=True)
    for private in (False, True):
        rows = await export.rows(
            kit.database, kit.house.workspace_id, "reports", leads=(), now=team.clock(), private=private
        )
        assert [row["text"] for row in rows] == [WORDS if private else ""]
