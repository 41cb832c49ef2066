"""How clusters become parts of others and come apart again. What it takes is all here; why, is said by the facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import storage.clusters
import storage.facts
import storage.reports
from bot import rules
from bot.flows import triage
from bot.flows.card import want_card
from bot.flows.kit import Kit
from bot.flows.triage import Contradicted, Refused, called
from storage.database import Session
from storage.models import Cluster, Fact, Report, Workspace


def unless_seen(contrary: Collection[int], despite: Collection[int]) -> None:
    """Raise Contradicted if there are facts to the contrary that whoever decides has not been shown."""
    if not set(contrary) <= set(despite):
        raise Contradicted(contrary)


async def put_together(
    session: Session,
    kit: Kit,
    workspace: Workspace,
    one: Cluster,
    other: Cluster,
    person: str | None,
    now: dt.datetime,
    *,
    despite: Collection[int] = (),
    kind: str = "same_as",
) -> Fact:
    """Make the younger of two clusters part of the older. Workspace locked. Raises Refused, Contradicted."""
    older, younger = sorted((one, other), key=lambda each: each.number)
    assert older.id is not None and younger.id is not None
    reports = await storage.reports.in_cluster(session, workspace.id, younger.id)
    for each in (older, younger):
        if not await storage.reports.count_in(session, each.id or 0):
            raise Refused(f"Nothing is left in {called(each)}.")
    sides = [await storage.clusters.parts(session, id_) for id_ in (older.id, younger.id)]
    pairs = await storage.facts.told_apart(session, workspace.id, sides[0] | sides[1])
    contrary = rules.facts.between(pairs, *sides)
    unless_seen(contrary, despite)
    fact = triage.new_fact(kit, kind, person, now, cluster_id=younger.id, other_id=older.id)
    fact = await storage.facts.state(session, fact)
    await storage.facts.end(session, contrary, now, person or "", fact.id or 0)
    await join(session, kit, workspace, fact, reports, younger, older, now)
    return fact


async def join(
    session: Session,
    kit: Kit,
    workspace: Workspace,
    fact: Fact,
    reports: Collection[Report],
    younger: Cluster,
    older: Cluster,
    now: dt.datetime,
) -> None:
    """Carry out what a fact says: reports, alias, cards and the votes on them. Raises Contradicted."""
    assert older.id is not None and younger.id is not None
    await storage.facts.move(session, fact, list(reports), older.id, workspace.revision)
    younger.merged_into = older.id
    session.add(younger)
    await session.flush()
    await storage.clusters.count_cards(session, await storage.clusters.parts(session, younger.id), older.id)
    await triage.settle(session, kit, older, now)
    await want_card(session, kit, younger.id, now)
    await triage.uphold(session, kit, older)


async def separate(session: Session, kit: Kit, workspace: Workspace, fact: Fact, person: str, now: dt.datetime) -> None:
    """Undo a merge: what came with it goes back, and what it ended stands again. Raises Refused, Contradicted."""
    younger = await storage.clusters.get(session, workspace.id, fact.cluster_id or 0)
    older = await storage.clusters.get(session, workspace.id, fact.other_id or 0)
    assert younger is not None and older is not None and younger.id is not None and older.id is not None
    await nothing_since(session, kit, fact, older)
    moves = await storage.facts.moves(session, fact.id or 0)
    reports = await storage.reports.by_ids(session, workspace.id, [move.report_id for move in moves])
    await storage.facts.take_back(session, fact, now, person)
    younger.merged_into = None
    session.add(younger)
    put_back(
        [each for each in reports if each.cluster_id == older.id],
        {move.report_id: younger.id for move in moves},
        workspace,
    )
    await session.flush()
    await storage.clusters.count_cards(session, await storage.clusters.parts(session, younger.id), younger.id)
    for each in (younger, older):
        await triage.settle(session, kit, each, now)
    await triage.uphold(session, kit, younger, older)


async def close(session: Session, kit: Kit, workspace: Workspace, fact: Fact, person: str, now: dt.datetime) -> None:
    """Undo a split: what left comes back, and the new handle leads to the old one. Raises Refused, Contradicted."""
    child = await storage.clusters.get(session, workspace.id, fact.cluster_id or 0)
    parent = await storage.clusters.get(session, workspace.id, fact.other_id or 0)
    assert child is not None and parent is not None and child.id is not None and parent.id is not None
    await nothing_since(session, kit, fact, parent)
    left = {move.report_id for move in await storage.facts.moves(session, fact.id or 0)}
    here = await storage.reports.in_cluster(session, workspace.id, child.id)
    if any(report.id not in left for report in here):
        raise Refused(f"Other reports have come to {called(child)} since. Merge it into {called(parent)} instead.")
    await storage.facts.take_back(session, fact, now, person)
    child.merged_into = parent.id
    session.add(child)
    put_back(here, dict.fromkeys(left, parent.id), workspace)
    await session.flush()
    await storage.clusters.count_cards(session, await storage.clusters.parts(session, child.id), parent.id)
    await triage.settle(session, kit, parent, now)
    await want_card(session, kit, child.id, now)
    await triage.uphold(session, kit, parent)


async def nothing_since(session: Session, kit: Kit, fact: Fact, kept: Cluster) -> None:
    """Make sure that no later decision builds on a fact. `kept`: the cluster that it left standing. Raises Refused."""
    later = await storage.facts.since(session, fact)
    if kept.merged_into is not None:
        merging = await storage.facts.merging(session, kept.id or 0)
        later = [*later, *([merging] if merging else [])]
        if merging is None:
            raise Refused(f"{called(kept)} is part of another cluster by now.")
    if later:
        raise triage.Depends(later[-1].id or 0)


def put_back(reports: Sequence[Report], where: dict[int, int], workspace: Workspace) -> None:
    """Let reports be where they were."""
    for report in reports:
        report.cluster_id, report.revision = where[report.id or 0], workspace.revision


async def parting(session: Session, leaving: Sequence[Report], cluster_id: int) -> tuple[list[int], list[int]]:
    """What people said that brought these reports here, and which of it has nothing left here once they leave."""
    ids = {report.id or 0 for report in leaving}
    brought, over = await storage.facts.brought(session, ids), []
    for fact in brought:
        came = {move.report_id for move in await storage.facts.moves(session, fact.id or 0)} - ids
        stay = await storage.reports.by_ids(session, fact.workspace_id, came)
        if fact.report_id is not None or not any(report.cluster_id == cluster_id for report in stay):
            over.append(fact.id or 0)
    return [fact.id or 0 for fact in brought], over


async def again(
    session: Session, kit: Kit, workspace: Workspace, fact: Fact, instead: Fact, person: str, now: dt.datetime
) -> None:
    """Carry out again a merge that a later fact had overruled, which is undone now. Raises Refused, Contradicted."""
    younger = await triage.cluster(session, kit, fact.cluster_id or 0)
    older = await triage.cluster(session, kit, fact.other_id or 0)
    await storage.facts.take_back(session, instead, now, person)
    sides = [await storage.clusters.parts(session, each.id or 0) for each in (younger, older)]
    pairs = await storage.facts.told_apart(session, workspace.id, sides[0] | sides[1])
    await storage.facts.end(session, rules.facts.between(pairs, *sides), now, person, fact.id or 0)
    known = {move.report_id for move in await storage.facts.moves(session, fact.id or 0)}
    reports = await storage.reports.in_cluster(session, workspace.id, younger.id or 0)
    put_back([each for each in reports if each.id in known], dict.fromkeys(known, older.id or 0), workspace)
    new = [each for each in reports if each.id not in known]
    await join(session, kit, workspace, fact, new, younger, older, now)
