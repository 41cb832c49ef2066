"""Who sees to a cluster and how long it rests: shown by name, decided by who may, and exactly undone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from conftest import ADA, ANA, BEN, CARDS, CEM, DOCS, TIM, VPN, Clock, Team
from fakes.slack import FakeSlack, refused

import storage.clusters
from bot.flows import assign, decide, merge, snooze, status, undo
from bot.flows import cluster as clusters
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit
from bot.flows.triage import Refused
from storage.models import Cluster

Work = Callable[..., Awaitable[None]]


async def subscribe(kit: Kit, clock: Clock, areas: str) -> None:
    """Let Tim get digests of these areas, and so look after them."""
    await subscriptions.subscribe(kit, TIM, areas=areas, every="week", weekday="mon", at="09:00", tz="UTC", now=clock())


async def cluster(kit: Kit, cluster_id: int = 1) -> Cluster:
    async with kit.database.reading() as session:
        found = await storage.clusters.get(session, kit.house.workspace_id, cluster_id)
    assert found is not None
    return found


async def read(kit: Kit, clock: Clock) -> str:
    shown = await clusters.show(kit, 1, ANA, clock())
    assert shown is not None
    return shown.text


# Who sees to it


async def test_who_sees_to_it_is_named_wherever_it_is_shown_and_nobody_is_called(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS)
    await work()
    done = await assign.assign(kit, 1, BEN, ADA, clock(), was="")
    assert done.news == "Ben sees to F-1 now."
    await work(minutes=1)
    for shown in (team.card(), await read(kit, clock), (await clusters.top(kit, None, clock())).text):
        assert "Ben sees to it." in f"{shown}."
        assert BEN not in shown
    assert "Ada gave this to Ben, 2 November" in await read(kit, clock)
    assert BEN not in json.dumps(slack.posted(CARDS)[0]["blocks"])
    assert (await assign.assign(kit, 1, "", ADA, clock(), was=BEN)).news == "Nobody sees to F-1 now."
    assert "sees to it" not in await read(kit, clock)
    assert (await undo.undo(kit, 2, ADA, clock())).news == "Undone. Ben sees to F-1 again."
    assert (await undo.undo(kit, 1, ADA, clock())).news == "Undone. Nobody sees to F-1 again."


@pytest.mark.parametrize("kind", ["deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger"])
async def test_only_members_who_are_there_see_to_anything(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, kind: str
) -> None:
    await team.file(DOCS)
    slack.person("U0EVE", "Eve", **({"deleted": True} if kind == "deleted" else {"kind": kind}))
    why = "is not in this workspace any more" if kind == "deleted" else "Only a member can see to it"
    for somebody, message in (("U0EVE", f"Eve .*{why}"), ("U0NOBODY", "Slack does not know who that is")):
        with pytest.raises(Refused, match=message):
            await assign.assign(kit, 1, somebody, ADA, clock(), was="")
    slack.next("users.info", refused("internal_error"))
    with pytest.raises(Refused, match="just now"):
        await assign.assign(kit, 1, BEN, ADA, clock(), was="")
    assert (await cluster(kit)).owner == ""


async def test_who_sees_to_it_may_decide_about_it_and_is_the_first_whom_others_are_sent_to(
    team: Team, kit: Kit, clock: Clock
) -> None:
    await subscribe(kit, clock, "docs")
    await team.file(DOCS)
    with pytest.raises(Refused, match=r"Ask Tim or Ada, who look after it"):
        await status.set_status(kit, 1, "planned", "", "", BEN, clock(), was="new")
    await assign.assign(kit, 1, BEN, ADA, clock(), was="")
    with pytest.raises(Refused, match=r"Ask Ben, Tim or Ada, who look after it"):
        await assign.assign(kit, 1, CEM, CEM, clock(), was=BEN)
    await status.set_status(kit, 1, "planned", "", "", BEN, clock(), was="new")
    assert (await cluster(kit)).status == "planned"


async def test_two_who_assign_at_once_are_told_of_each_other(team: Team, kit: Kit, clock: Clock) -> None:
    await subscribe(kit, clock, "docs")
    await team.file(DOCS)
    same = await asyncio.gather(*(assign.assign(kit, 1, BEN, TIM, clock(), was="") for _ in range(3)))
    assert {done.fact_id for done in same} == {1}
    with pytest.raises(decide.Changed, match="Tim has given it to Ben meanwhile, 2 November"):
        await assign.assign(kit, 1, CEM, ADA, clock(), was="")
    await assign.assign(kit, 1, CEM, ADA, clock(), was=BEN)
    with pytest.raises(Refused, match=r"Ada gave F-1 to Cem, 2 November since. Undo that first."):
        await undo.undo(kit, 1, TIM, clock())


# How long it rests


async def test_a_rest_is_said_shown_and_undone(team: Team, kit: Kit, clock: Clock) -> None:
    await team.file(DOCS)
    untouched = (await cluster(kit)).model_dump()
    for fact, how_long, was, news, decision in (
        (1, "2", "", "F-1 rests until 16 November: digests leave it out.", "rest until 16 November"),
        (2, "doubles", "until:2026-11-16", "F-1 rests until 2 developers have it:", "rest until 2 developers have it"),
        (3, "wake", "developers:2", "F-1 is awake: digests have it.", "Ada woke this"),
    ):
        for _ in range(2):  # a double click
            done = await snooze.snooze(kit, 1, how_long, ADA, clock(), was=was)
            assert done.fact_id == fact and done.news.startswith(news)
        assert decision in await read(kit, clock)
        assert ("resting until" in await read(kit, clock)) == (how_long != "wake")
    assert (await undo.undo(kit, 3, ADA, clock())).news.startswith("Undone. F-1 rests until 2 developers have it")
    assert (await undo.undo(kit, 2, ADA, clock())).news.startswith("Undone. F-1 rests until 16 November")
    assert (await undo.undo(kit, 1, ADA, clock())).news == "Undone. F-1 is awake: digests have it."
    assert (await cluster(kit)).model_dump() == untouched


async def test_what_rests_does_not_silence_what_it_is_merged_into(team: Team, kit: Kit, clock: Clock) -> None:
    await team.file(DOCS)
    await team.file(VPN, by=BEN)
    await snooze.snooze(kit, 2, "4", ADA, clock(), was="")
    done = await merge.merge(kit, 1, 2, ADA, clock())
    assert (await cluster(kit)).snoozed_at is None
    await undo.undo(kit, done.fact_id or 0, ADA, clock())
    assert (await cluster(kit, 2)).snoozed_at is not None


async def test_a_rest_that_nobody_offers_or_that_is_not_theirs_to_give_is_refused(
    team: Team, kit: Kit, clock: Clock
) -> None:
    await team.file(DOCS)
    for how_long in ("", "3", "-2", "until:2030-01-01"):
        with pytest.raises(Refused, match="cannot rest as long"):
            await snooze.snooze(kit, 1, how_long, ADA, clock(), was="")
    with pytest.raises(Refused, match="Ask Ada, who looks after it"):
        await snooze.snooze(kit, 1, "2", BEN, clock(), was="")
    await snooze.snooze(kit, 1, "2", ADA, clock(), was="")
    await subscribe(kit, clock, "all")
    with pytest.raises(decide.Changed, match="Ada has let it rest until 16 November meanwhile"):
        await snooze.snooze(kit, 1, "4", TIM, clock(), was="")
