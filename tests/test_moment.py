"""Moments: what is asked at the same time is asked once, and nobody is told of what is over."""

from __future__ import annotations

import datetime as dt

import pytest
from conftest import ADA, ANA, BEN, CEM, DOCS, DORA, VPN, Clock, Team
from test_flows import Work

from bot.flows import rename, undo
from bot.flows.kit import Kit
from bot.flows.moment import SHARED


async def test_who_asks_within_half_a_minute_is_told_from_one_moment(team: Team, kit: Kit, clock: Clock) -> None:
    await team.file(DOCS)
    first = await kit.moments.current(kit, clock())
    assert await kit.moments.current(kit, clock() + SHARED) is first
    assert await kit.moments.current(kit, clock() + SHARED + dt.timedelta(seconds=1)) is not first


async def test_who_was_told_of_a_later_moment_is_not_told_of_an_earlier_one(team: Team, kit: Kit, clock: Clock) -> None:
    await team.file(DOCS)
    first = await kit.moments.current(kit, clock())
    later = clock.forward(seconds=10)
    assert await kit.moments.current(kit, later, after=first.at) is first
    assert (await kit.moments.current(kit, later, after=first.at + dt.timedelta(seconds=1))).at == later


@pytest.mark.parametrize("what", ["report", "vote", "withdrawal", "again", "decision", "undo", "leads"])
async def test_whatever_happens_ends_the_moment(team: Team, kit: Kit, clock: Clock, work: Work, what: str) -> None:
    report = await team.file(DOCS, by=ANA)
    await work()
    for by in (BEN, CEM):
        await team.vote(by)
    named = await rename.rename(kit, report.cluster_id or 0, "Flags", ADA, clock(), was="")
    if what == "again":
        await team.vote(BEN, on=False)
    before = await kit.moments.current(kit, clock())
    (stood,) = await before.ranked(None)
    match what:
        case "report":
            await team.file(VPN, by=BEN)
        case "vote":
            await team.vote(DORA)
        case "withdrawal":
            await team.vote(BEN, on=False)
        case "again":
            await team.vote(BEN)
        case "decision":
            await rename.rename(kit, report.cluster_id or 0, "Old flags", ADA, clock(), was="Flags")
        case "undo":
            await undo.undo(kit, named.fact_id or 0, ADA, clock())
        case "leads":
            kit.leads.people = frozenset({BEN})
    after = await kit.moments.current(kit, clock())
    assert after is not before
    now = {each.cluster_id: each for each in await after.ranked(None)}[stood.cluster_id]
    people = {"vote": 1, "withdrawal": -1, "again": 1}.get(what, 0)
    assert now.developers - stood.developers == people
    assert now.leads == (what == "leads")
