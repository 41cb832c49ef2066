"""A decision about clusters is undone: exactly what was, is again."""

from __future__ import annotations

import datetime as dt
import logging

import storage.clusters
import storage.facts
import storage.reports
import storage.workspaces
from bot import rules, views
from bot.flows import decide, lineage, snooze, status, triage
from bot.flows.kit import Kit
from bot.flows.triage import Contradicted, Depends, Done, Refused, called
from storage.database import Session
from storage.models import Cluster, Fact, Workspace

log = logging.getLogger(__name__)

NOTHING = "There is nothing to undo."


async def undo(kit: Kit, fact_id: int, person: str, now: dt.datetime) -> Done:
    """Who decided it, or looks after the cluster, takes a decision back. Raises Refused.

    If a later decision builds on it, that is said, and nothing is done.
    """
    async with kit.database.reading() as session:
        fact = await storage.facts.get(session, kit.house.workspace_id, fact_id)
    if fact is None or (fact.kind in ("area", "audience") and fact.cluster_id is None):
        raise Refused(NOTHING)
    if fact.made_by != person:
        await triage.require(kit, person, *filter(None, (fact.cluster_id, fact.other_id)))
    try:
        here = await _take_back(kit, fact_id, person, now)
    except (Depends, Contradicted) as later:
        ids = [later.fact_id] if isinstance(later, Depends) else list(later.fact_ids)
        raise Refused(f"{await _named(kit, ids[0])} Undo that first.") from later
    kit.wake.set()
    if here is None:
        return await _undone_before(kit, fact_id, person)
    log.info("undone", extra={"kind": fact.kind, "person": person, "fact": fact_id, "cluster": here[0].id})
    news = here[1] or await _seen_to(kit, here[0])
    return Done(f"Undone. {news}", None, here[0].id or 0)


async def _seen_to(kit: Kit, here: Cluster) -> str:
    """Who sees to a cluster again."""
    return f"{await triage.name(kit, here.owner) if here.owner else 'Nobody'} sees to {called(here)} again."


async def _take_back(kit: Kit, fact_id: int, person: str, now: dt.datetime) -> tuple[Cluster, str] | None:
    """The cluster that it was about, and how it is now. None: it is undone already."""
    async with kit.database.transaction() as session:
        workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
        fact = await storage.facts.get(session, kit.house.workspace_id, fact_id)
        if fact is None or fact.undone_at is not None:
            return None
        match fact.kind:
            case "same_as" | "joined" if fact.report_id is None:
                return await _unmerge(session, kit, workspace, fact, person, now)
            case "same_as":
                return await _send_back(session, kit, workspace, fact, person, now)
            case "not_same_as" if await storage.facts.moves(session, fact_id):
                await lineage.close(session, kit, workspace, fact, person, now)
                here = await triage.cluster(session, kit, fact.other_id or 0)
                return here, f"The reports are in {called(here)} again."
            case "not_same_as":
                return await _ask_again(session, kit, workspace, fact, person, now)
            case "title" | "area" | "owner" | "snooze" | "workaround":
                return await _forget(session, kit, fact, person, now, decide.settled)
            case "status":
                return await _forget(session, kit, fact, person, now, status.after_undoing)
    raise Refused(NOTHING)


async def _unmerge(
    session: Session, kit: Kit, workspace: Workspace, fact: Fact, person: str, now: dt.datetime
) -> tuple[Cluster, str]:
    await lineage.separate(session, kit, workspace, fact, person, now)
    younger = await triage.cluster(session, kit, fact.cluster_id or 0)
    older = await triage.cluster(session, kit, fact.other_id or 0)
    if fact.kind == "joined":
        # What the machine did by itself, it would do again tonight.
        apart = triage.new_fact(kit, "not_same_as", person, now, cluster_id=younger.id, other_id=older.id)
        await storage.facts.state(session, apart)
    return older, f"{called(younger)} stands by itself again."


async def _send_back(
    session: Session, kit: Kit, workspace: Workspace, fact: Fact, person: str, now: dt.datetime
) -> tuple[Cluster, str]:
    """One report goes back to where it was."""
    (move,) = await storage.facts.moves(session, fact.id or 0)
    here = await storage.clusters.get(session, workspace.id, move.to_id)
    assert here is not None
    await lineage.nothing_since(session, kit, fact, here)
    before = await triage.cluster(session, kit, move.from_id)
    await storage.facts.take_back(session, fact, now, person)
    report = await storage.reports.get(session, workspace.id, move.report_id)
    if report is not None and report.cluster_id == here.id:
        lineage.put_back([report], {move.report_id: before.id or 0}, workspace)
    for each in (before, here):
        await triage.settle(session, kit, each, now)
    await triage.uphold(session, kit, before, here)
    return before, f"The report is in {called(before)} again."


async def _ask_again(
    session: Session, kit: Kit, workspace: Workspace, fact: Fact, person: str, now: dt.datetime
) -> tuple[Cluster, str]:
    """Nobody says any more that two clusters are different; if somebody had merged them before, they are merged."""
    merged = [each for each in await storage.facts.overruled(session, fact.id or 0) if each.kind == "same_as"]
    for each in merged:
        if later := await storage.facts.since(session, fact):
            raise Depends(later[-1].id or 0)
        await lineage.again(session, kit, workspace, each, fact, person, now)
    if not merged:
        # "None of these" is one gesture, and so is its undoing.
        for each in await storage.facts.together(session, fact) if fact.report_id is not None else [fact]:
            await storage.facts.take_back(session, each, now, person)
    here = await triage.cluster(session, kit, fact.other_id or 0)
    await triage.uphold(session, kit, here)
    return here, f"They are one again: {called(here)}." if merged else "Nobody says any more that they are different."


async def _forget(
    session: Session, kit: Kit, fact: Fact, person: str, now: dt.datetime, follow: decide.Follow
) -> tuple[Cluster, str]:
    """What somebody said of a cluster is forgotten: a name, an area, a status, an owner, a rest."""
    assert fact.cluster_id is not None
    latest = await storage.facts.latest(session, {fact.cluster_id}, fact.kind)
    if latest is not None and latest.id != fact.id:
        raise Depends(latest.id or 0)
    await storage.facts.take_back(session, fact, now, person)
    here = await triage.cluster(session, kit, fact.cluster_id)
    await follow(session, kit, here, fact, now)
    match fact.kind:
        case "area":
            return here, f"{called(here)} belongs to {here.area} again."
        case "status":
            return here, f"{views.status.again(called(here), here.status)}."
        case "workaround":
            return here, f"The workaround of {called(here)} is as it was before."
        case "snooze":
            stands = await storage.facts.latest(session, {here.id or 0}, "snooze")
            return here, snooze.told(called(here), stands.value if stands else rules.snooze.AWAKE)
        case "owner":
            return here, ""  # who sees to it again, Slack must be asked
    return here, f"{called(here)} is called “{here.title}” again." if here.title else "Its reports name it again."


async def _undone_before(kit: Kit, fact_id: int, person: str) -> Done:
    async with kit.database.reading() as session:
        fact = await storage.facts.get(session, kit.house.workspace_id, fact_id)
        assert fact is not None and fact.undone_at is not None
        here = await triage.cluster(session, kit, fact.other_id or fact.cluster_id or 0)
    if fact.undone_by == person:
        return Done("That is undone.", None, here.id or 0)
    who, day = await triage.name(kit, fact.undone_by), views.digest.day(fact.undone_at)
    did = "undone it already" if fact.overruled_by is None else "decided otherwise since"
    return Done(f"{who} has {did}, {day}.", None, here.id or 0)


async def _named(kit: Kit, fact_id: int) -> str:
    from bot.flows import history

    (told,) = await history.told(kit, [fact_id], reader="")
    return f"{told} since."
