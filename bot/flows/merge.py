"""Two clusters are the same problem, or they are not: somebody says so, and it stays so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import storage.clusters
import storage.facts
import storage.reports
import storage.workspaces
from bot import rules, views
from bot.flows import lineage, triage
from bot.flows.kit import Kit
from bot.flows.triage import Done, Refused, called
from storage.database import Session
from storage.models import Cluster, Fact, Report, Workspace


async def merge(
    kit: Kit, one_id: int, other_id: int, person: str, now: dt.datetime, *, despite: Collection[int] = ()
) -> Done:
    """Who looks after one of two clusters says that they are the same. `despite`: facts to the contrary they have seen.

    The older handle stays, and the younger leads to it for ever. Raises Refused, Contradicted.
    """
    await triage.require(kit, person, one_id, other_id)
    async with kit.database.transaction() as session:
        workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
        one, other = await triage.cluster(session, kit, one_id), await triage.cluster(session, kit, other_id)
        if one.id == other.id:
            known = await _merging(session, one_id, other_id)
        else:
            known = None
            fact = await lineage.put_together(session, kit, workspace, one, other, person, now, despite=despite)
    triage.noted(kit, fact if one.id != other.id else None)
    if one.id == other.id:
        return await _already(kit, one, known, person)
    older, younger = sorted((one, other), key=lambda each: each.number)
    return Done(f"{called(younger)} is part of {called(older)} now.", fact.id, older.id or 0)


async def move_own(
    kit: Kit, report_id: int, other_id: int, person: str, now: dt.datetime, *, despite: Collection[int] = ()
) -> Done:
    """Whoever reported something says which problem it is. Raises Refused, Contradicted.

    Alone in its cluster, the cluster goes along; among reports of others, they speak for their own only.
    """
    fact: Fact | None
    async with kit.database.transaction() as session:
        workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
        report = await _own(session, kit, report_id, person)
        here, other = (
            await triage.cluster(session, kit, report.cluster_id or 0),
            await triage.cluster(session, kit, other_id),
        )
        if here.id == other.id:
            fact = await storage.facts.last_move(session, report_id) or await _merging(session, other_id, other_id)
        elif await _alone(session, here, person):
            fact = await lineage.put_together(session, kit, workspace, here, other, person, now, despite=despite)
        else:
            fact = await _move(session, kit, workspace, report, other, person, now, despite)
    triage.noted(kit, fact if here.id != other.id else None)
    if here.id == other.id:
        return await _already(kit, here, fact, person)
    into = min(here, other, key=lambda each: each.number) if fact and fact.cluster_id else other
    return Done(f"Your report is part of {called(into)} now.", fact.id if fact else None, into.id or 0)


async def tell_apart(
    kit: Kit, one_id: int, other_id: int, person: str, now: dt.datetime, *, despite: Collection[int] = ()
) -> Done:
    """Who looks after one of two clusters says that they are different; that is never suggested again.

    If they are one by now, whoever says it is shown who merged them. Raises Refused, Contradicted.
    """
    await triage.require(kit, person, one_id, other_id)
    async with kit.database.transaction() as session:
        workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
        one, other = await triage.cluster(session, kit, one_id), await triage.cluster(session, kit, other_id)
        before = known = await _told(session, kit, one, other)
        if known is None:
            fact = triage.new_fact(kit, "not_same_as", person, now, cluster_id=one.id, other_id=other.id)
            if one.id == other.id:
                await _separate(session, kit, workspace, fact, one_id, other_id, person, now, despite)
                one, other = await triage.cluster(session, kit, one_id), await triage.cluster(session, kit, other_id)
            else:
                await storage.facts.state(session, fact)
            await triage.uphold(session, kit, one, other)
            known = fact
    triage.noted(kit, known if before is None else None)
    return await _apart(kit, one, other, known, person)


async def tell_own_apart(kit: Kit, report_id: int, other_id: int, person: str, now: dt.datetime) -> Done:
    """Whoever reported something says which problem it is not. Raises Refused, Contradicted."""
    async with kit.database.transaction() as session:
        await storage.workspaces.lock(session, kit.house.workspace_id)
        report = await _own(session, kit, report_id, person)
        one, other = (
            await triage.cluster(session, kit, report.cluster_id or 0),
            await triage.cluster(session, kit, other_id),
        )
        before = known = await _told(session, kit, one, other)
        if known is None:
            fact = triage.new_fact(kit, "not_same_as", person, now, report_id=report.id, other_id=other.id)
            # Among reports of others, they speak for their own only.
            fact.cluster_id = one.id if await _alone(session, one, person) else None
            known = await storage.facts.state(session, fact)
            await triage.uphold(session, kit, one, other)
    triage.noted(kit, known if before is None else None)
    return await _apart(kit, one, other, known, person)


async def _apart(kit: Kit, one: Cluster, other: Cluster, fact: Fact, person: str) -> Done:
    news = f"{called(one)} and {called(other)} stay apart. I will not ask again."
    if fact.made_by != person:
        news = f"{await triage.name(kit, fact.made_by)} has said so already, {views.digest.day(fact.made_at)}."
    return Done(news, fact.id, one.id or 0)


async def _separate(
    session: Session,
    kit: Kit,
    workspace: Workspace,
    fact: Fact,
    one_id: int,
    other_id: int,
    person: str,
    now: dt.datetime,
    despite: Collection[int],
) -> None:
    """Take two clusters apart that somebody had merged, and let the fact that they are different say so."""
    merged = await _merging(session, one_id, other_id)
    if merged is None or merged.id is None:
        raise Refused("They are one cluster by now. Split it: choose the reports that are another problem.")
    lineage.unless_seen([merged.id], despite)
    await lineage.separate(session, kit, workspace, merged, person, now)
    fact.cluster_id, fact.other_id = merged.cluster_id, merged.other_id
    await storage.facts.state(session, fact)
    await storage.facts.end(session, [merged.id], now, person, fact.id or 0)


async def _move(
    session: Session,
    kit: Kit,
    workspace: Workspace,
    report: Report,
    other: Cluster,
    person: str,
    now: dt.datetime,
    despite: Collection[int],
) -> Fact:
    """Move one report by its author's word."""
    left = await triage.cluster(session, kit, report.cluster_id or 0)
    parts = await storage.clusters.parts(session, other.id or 0)
    apart = [each.id or 0 for each in await storage.facts.apart_from(session, report.id or 0) if each.other_id in parts]
    brought, over = await lineage.parting(session, [report], left.id or 0)
    lineage.unless_seen([*apart, *brought], despite)
    fact = triage.new_fact(kit, "same_as", person, now, report_id=report.id, other_id=other.id)
    fact = await storage.facts.state(session, fact)
    await storage.facts.end(session, [*apart, *over], now, person, fact.id or 0)
    await storage.facts.move(session, fact, [report], other.id or 0, workspace.revision)
    for each in (left, other):
        await triage.settle(session, kit, each, now)
    await triage.uphold(session, kit, left, other)
    return fact


async def _merging(session: Session, one_id: int, other_id: int) -> Fact | None:
    """What made two clusters one: what merged the first, unless the second is below it."""
    below = await storage.clusters.parts(session, one_id)
    return await storage.facts.merging(session, other_id if other_id in below else one_id)


async def _told(session: Session, kit: Kit, one: Cluster, other: Cluster) -> Fact | None:
    """What says already that two clusters are different."""
    sides = [await storage.clusters.parts(session, each.id or 0) for each in (one, other)]
    pairs = await storage.facts.told_apart(session, kit.house.workspace_id, sides[0] | sides[1])
    found = rules.facts.between(pairs, *sides) if one.id != other.id else []
    return await storage.facts.get(session, kit.house.workspace_id, found[0]) if found else None


async def _alone(session: Session, cluster: Cluster, person: str) -> bool:
    """Whether a cluster holds this person's reports alone."""
    reports = await storage.reports.in_cluster(session, cluster.workspace_id, cluster.id or 0)
    return all(report.reporter == person for report in reports)


async def _own(session: Session, kit: Kit, report_id: int, person: str) -> Report:
    report = await storage.reports.get(session, kit.house.workspace_id, report_id)
    return triage.theirs(report, person)


async def _already(kit: Kit, cluster: Cluster, fact: Fact | None, person: str) -> Done:
    """What to tell somebody who wants what is so by now: done by themselves a moment ago, or by whom and when."""
    fact_id = fact.id if fact else None
    if fact is None or fact.kind == "joined":
        return Done(f"They are one already: {called(cluster)}.", fact_id, cluster.id or 0)
    if fact.made_by == person:
        return Done(f"They are one now: {called(cluster)}.", fact_id, cluster.id or 0)
    who, day = await triage.name(kit, fact.made_by), views.digest.day(fact.made_at)
    return Done(f"{who} has put them together already, {day}: {called(cluster)}.", fact_id, cluster.id or 0)
