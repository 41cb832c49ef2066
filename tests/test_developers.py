"""How people stand in clusters: what the database keeps by itself is what the rules say, whatever happens to whom."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections import Counter
from dataclasses import astuple
from typing import Any

import pytest
from conftest import MONDAY
from sqlalchemy import delete, text, update
from sqlmodel import col, select
from test_receipt import crowd

from bot import rules
from bot.flows import why
from bot.flows.kit import Kit
from storage import developers, reports, triggers, votes
from storage.database import Database
from storage.developers import Developer
from storage.models import Card, Cluster, Report, Vote

WEEK = dt.timedelta(weeks=1)
LEADS = frozenset({"U1", "U2"})
MESSAGES = tuple(f"1.00000{number}" for number in range(6))


def a_report(workspace: str, number: int, at: dt.datetime, **more: Any) -> Report:
    told = {"text": "the docs are wrong", "source": "command", "reporter": "U1"} | more
    return Report(workspace_id=workspace, key=f"command:{number}", said_at=at, created_at=at, **told)


def a_vote(workspace: str, number: int, at: dt.datetime, **more: Any) -> Vote:
    return Vote(workspace_id=workspace, event_ts=f"{number:06}", voted_at=at, **more)


async def derived(database: Database) -> dict[int, list[rules.impact.Developer]]:
    """What the database keeps."""
    kept: dict[int, list[rules.impact.Developer]] = {}
    async with database.reading() as session:
        for row in (await session.exec(select(Developer))).all():
            person = rules.impact.Developer(
                row.person, row.unnamed, row.first_at, row.last_at, row.severity, row.reports
            )
            kept.setdefault(row.cluster_id, []).append(person)
    return {cluster: sorted(people, key=lambda each: each.person) for cluster, people in kept.items()}


async def said(database: Database, workspace: str) -> dict[int, list[rules.impact.Developer]]:
    """What follows from everything that was said."""
    async with database.reading() as session:
        people = rules.impact.developers(await votes.signals(session, workspace))
    return {cluster: sorted(found, key=lambda each: each.person) for cluster, found in people.items()}


async def happens(database: Database, workspace: str, chance: random.Random, step: int) -> None:
    """One of all the things that can change who stands where."""
    at = MONDAY - dt.timedelta(hours=chance.randrange(3000))
    message = {"channel": chance.choice(["C1", "C2"]), "message_ts": chance.choice(["", *MESSAGES])}
    person, cluster = chance.choice(["U1", "U2", "U3", "U4", None]), chance.choice([1, 2, 3, None])
    severity = chance.choice([None, None, 0, 1, 2, 3])
    what = chance.choice("report report vote vote vote card place severity withdraw move merge delete".split())
    async with database.transaction() as session:
        some = col(Report.id) % chance.randint(2, 5) == 0
        match what:
            case "report":
                told = {"reporter": person, "severity": severity, "cluster_id": cluster, "minutes_lost": severity}
                session.add(a_report(workspace, step, at, **told, **message))
            case "vote":
                told = {"given": chance.random() < 0.7, "emoji": chance.choice(["+1", "arrow_up"])}
                await votes.record(session, a_vote(workspace, step, at, person=person or "U5", **told, **message))
            case "card" if message["message_ts"] and cluster:
                there = select(Card).where(Card.channel == message["channel"], Card.message_ts == message["message_ts"])
                card = (await session.exec(there)).first() or Card(
                    workspace_id=workspace, cluster_id=cluster, home_id=cluster, **message
                )
                card.cluster_id = cluster
                session.add(card)
            case "place":
                await session.execute(update(Report).where(some).values(cluster_id=cluster))
            case "severity":
                await session.execute(update(Report).where(some).values(severity=severity, said_at=at))
            case "withdraw":
                for report in (await session.exec(select(Report).where(some).limit(1))).all():
                    reports.withdraw(report, now=at, revision=step)
            case "move":
                await reports.move_channel(session, workspace, "C1", f"C{step}")
                await reports.move_channel(session, workspace, f"C{step}", "C1")
            case "merge":
                for table in (Report, Card):
                    await session.execute(update(table).where(col(table.cluster_id) == 2).values(cluster_id=1))
            case "delete":
                await session.execute(delete(Vote).where(col(Vote.id) % 7 == step % 7))


async def busy(database: Database, workspace: str, seed: int, steps: int = 60) -> None:
    async with database.transaction() as session:
        for number, area in ((1, "docs"), (2, "errors"), (3, "docs")):
            new = Cluster(id=number, workspace_id=workspace, number=number, area=area, created_at=MONDAY)
            session.add(new)
    chance = random.Random(seed)
    for step in range(steps):
        await happens(database, workspace, chance, step)


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_happens_the_database_keeps_how_people_stand(
    database: Database, workspace: str, seed: int
) -> None:
    await busy(database, workspace, seed)
    kept = await derived(database)
    assert kept == await said(database, workspace)
    assert len(kept) > 1
    await database.migrate()  # derives everything anew
    assert await derived(database) == kept


@pytest.mark.parametrize("seed", range(10, 13))
async def test_the_database_sums_as_the_rules_do(database: Database, workspace: str, seed: int) -> None:
    await busy(database, workspace, seed)
    now = MONDAY - dt.timedelta(days=20)  # some of it is still to come
    since = now - WEEK
    async with database.reading() as session:
        signals = await votes.signals(session, workspace)
        expected = [
            each for each in rules.impact.standings(signals, leads=LEADS, now=now, since=since).values() if each.reports
        ]
        counting = {"freshness": rules.impact.FRESHNESS, "unsaid": rules.impact.UNSAID, "leads": LEADS, "few": 3}
        for wanted, clusters in (({}, {1, 2, 3}), ({"clusters": [2]}, {2})):
            summed = await developers.summed(session, workspace, now=now, since=since, **wanted, **counting)  # type: ignore[arg-type]
            assert sorted(summed) == sorted(astuple(each) for each in expected if each.cluster_id in clusters)


async def test_the_database_counts_what_a_receipt_remembers_as_the_rules_do(database: Database, workspace: str) -> None:
    await busy(database, workspace, 20)
    now = MONDAY - dt.timedelta(days=20)
    async with database.reading() as session:
        people = rules.impact.developers(await votes.signals(session, workspace))
        cells = await developers.cells(session, [1, 2, 3], now, len(rules.impact.FRESHNESS))
    assert cells == {cluster: rules.receipt.cells(people.get(cluster, []), now) for cluster in (1, 2, 3)}


async def test_the_database_counts_the_crowd_of_a_receipt_as_the_rules_do(
    database: Database, kit: Kit, workspace: str
) -> None:
    await busy(database, workspace, 50, steps=120)
    now = MONDAY - dt.timedelta(days=20)
    async with database.reading() as session:
        signals = await votes.signals(session, workspace)
    for cluster in (1, 2, 3):
        here = [each for each in signals if each.cluster_id == cluster]
        for until in (now - WEEK, now - 10 * WEEK):
            counted = await why.crowd(kit, cluster, now, until)
            assert counted == crowd(here, now, until)
            assert sum(counted.people.values()) == len({each.person or each.report_id for each in here})


async def test_who_is_new_is_counted_as_the_rules_do(database: Database, workspace: str) -> None:
    await busy(database, workspace, 60)
    since = MONDAY - dt.timedelta(days=50, hours=3)
    async with database.reading() as session:
        people = rules.impact.developers(await votes.signals(session, workspace))
        counted = await developers.newcomers(session, workspace, since)
    new = {cluster: sum(rules.impact.is_new(each, since) for each in found) for cluster, found in people.items()}
    assert counted == {cluster: count for cluster, count in new.items() if count}


async def test_people_are_counted_once_in_each_period(database: Database, workspace: str) -> None:
    await busy(database, workspace, 30)
    bounds = rules.trend.bounds(MONDAY, WEEK)
    async with database.reading() as session:
        signals = await votes.signals(session, workspace)
        active = await developers.active(session, workspace, [1, 2, 3], bounds)
    for cluster in (1, 2, 3):
        spoke = {
            (next(ago for ago, begins in enumerate(bounds) if each.at > begins), each.person or each.report_id)
            for each in signals
            if each.cluster_id == cluster and each.at > bounds[-1]
        }
        counts = Counter(ago for ago, _ in spoke)
        assert active[cluster] == [counts[ago] for ago in reversed(range(len(bounds)))]


async def test_reports_are_counted_by_area_and_week_and_their_cost_by_cluster(
    database: Database, workspace: str
) -> None:
    await busy(database, workspace, 40)
    bounds = rules.trend.bounds(MONDAY, WEEK, 12)
    async with database.reading() as session:
        placed = [each for each in (await session.exec(select(Report))).all() if each.cluster_id]
        counted = await reports.per_area(session, workspace, None, bounds)
        only = await reports.per_area(session, workspace, ["errors"], bounds)
        lost = await reports.lost(session, workspace, [1, 2, 3])
    areas = {1: "docs", 2: "errors", 3: "docs"}
    for area, counts in counted.items():
        here = [each.said_at for each in placed if areas[each.cluster_id or 0] == area]
        for place, begins in enumerate(reversed(bounds)):
            assert counts[place] == sum(begins < at <= begins + WEEK for at in here)
    assert only == {area: counts for area, counts in counted.items() if area == "errors"}
    for cluster in (1, 2, 3):
        minutes = [each.minutes_lost for each in placed if each.cluster_id == cluster and each.minutes_lost is not None]
        told = lost.get(cluster, [])
        assert sum(each * people for each, _, people in told) == sum(minutes)
        assert sum(reports * people for _, reports, people in told) == len(minutes)
        said = [each for each in placed if each.cluster_id == cluster and each.minutes_lost is not None]
        assert sum(people for *_, people in told) == len({each.reporter or each.id for each in said})


async def test_a_glimpse_of_a_cluster_is_its_first_words_and_its_latest(database: Database, workspace: str) -> None:
    async with database.transaction() as session:
        session.add(Cluster(id=1, workspace_id=workspace, number=1, created_at=MONDAY))
        await session.flush()
        for number in range(20):
            at, seen = MONDAY + dt.timedelta(hours=number), "private" if number == 19 else "public"
            text = "" if number == 0 else f"words {number}"
            session.add(a_report(workspace, number, at, cluster_id=1, text=text, visibility=seen))
    async with database.reading() as session:
        found = await reports.glimpse(session, workspace, [1, 2], 3)
    assert [each.text for each in found[1]] == ["", "words 1", "words 16", "words 17", "words 18"]
    assert 2 not in found


async def test_two_reactions_of_one_person_at_once_both_count(database: Database, workspace: str) -> None:
    async with database.transaction() as session:
        session.add(Cluster(id=1, workspace_id=workspace, number=1, created_at=MONDAY))
        await session.flush()
        session.add(Card(workspace_id=workspace, channel="C1", message_ts="1.1", cluster_id=1, home_id=1))

    async def react(emoji: str, hours: int) -> None:
        told = {"channel": "C1", "message_ts": "1.1", "person": "U1", "emoji": emoji, "given": True}
        async with database.transaction() as session:
            await votes.record(session, a_vote(workspace, 1, MONDAY + dt.timedelta(hours=hours), **told))
            await asyncio.sleep(0.02)  # both are here before either is committed

    await asyncio.gather(*(react(f"emoji_{hours}", hours) for hours in range(5)))
    assert await derived(database) == await said(database, workspace)
    assert (await derived(database))[1][0].last_at == MONDAY + dt.timedelta(hours=4)


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_however_many_reports_came_without_a_message_those_with_one_are_found_by_it(
    database: Database, workspace: str
) -> None:
    async with database.transaction() as session:
        session.add_all(a_report(workspace, number, MONDAY) for number in range(500))
    async with database.transaction() as session:
        await session.execute(text("ANALYZE"))  # from here on, the planner knows how alike reports without one are
        plan = (await session.execute(text(f"EXPLAIN QUERY PLAN {triggers.everybody()}"))).all()
    steps = [step for *_, step in plan if "ix_report_message" in step]
    assert steps == ["SEARCH report USING INDEX ix_report_message (workspace_id=? AND channel=? AND message_ts=?)"]
