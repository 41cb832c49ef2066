"""Some reports of a cluster are another problem: they get a cluster of their own, for good."""

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


async def split(
    kit: Kit,
    cluster_id: int,
    report_ids: Collection[int],
    person: str,
    now: dt.datetime,
    *,
    despite: Collection[int] = (),
) -> Done:
    """Who looks after a cluster chooses the reports that leave it. Raises Refused, Contradicted.

    The votes on those reports go with them; the votes on the card stay with the card.
    """
    await triage.require(kit, person, cluster_id)
    fact: Fact | None = None
    async with kit.database.transaction() as session:
        workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
        here = await triage.cluster(session, kit, cluster_id)
        everybody = await storage.reports.in_cluster(session, workspace.id, here.id or 0)
        leaving = [report for report in everybody if report.id in report_ids]
        gone = sorted(set(report_ids) - {report.id for report in leaving})
        if not gone:
            if len(leaving) == len(everybody):
                raise Refused(f"One report at least has to stay in {called(here)}.")
            fact, new = await _part(session, kit, workspace, here, leaving, person, now, despite)
        else:
            before = await storage.facts.last_move(session, gone[0])
    triage.noted(kit, fact)
    if fact is not None:
        reports = views.blocks.count(len(leaving), "report")
        return Done(f"{reports} moved out of {called(here)}, to {called(new)}.", fact.id, here.id or 0)
    return await _moved_before(kit, here, gone, before, person)


async def set_apart(kit: Kit, report_id: int, person: str, now: dt.datetime, *, despite: Collection[int] = ()) -> Done:
    """The reporter, or who looks after the cluster, says it is another problem. Raises Refused, Contradicted."""
    async with kit.database.reading() as session:
        found = await storage.reports.get(session, kit.house.workspace_id, report_id)
    if found is not None and found.cluster_id is not None and found.reporter != person:
        await triage.require(kit, person, found.cluster_id)
    async with kit.database.transaction() as session:
        workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
        report = await storage.reports.get(session, kit.house.workspace_id, report_id)
        if report is None or report.cluster_id is None:
            raise Refused("That report was taken back.")
        here = await triage.cluster(session, kit, report.cluster_id)
        if await storage.reports.count_in(session, here.id or 0) == 1:
            before = await storage.facts.last_move(session, report_id)
            its = before if before and before.kind == "not_same_as" and before.made_by == person else None
            return Done("It stands by itself already.", its.id if its else None, here.id or 0)
        fact, new = await _part(session, kit, workspace, here, [report], person, now, despite)
    triage.noted(kit, fact)
    return Done("Taken out; it has a place of its own now.", fact.id, new.id or 0)


async def _part(
    session: Session,
    kit: Kit,
    workspace: Workspace,
    here: Cluster,
    leaving: list[Report],
    person: str,
    now: dt.datetime,
    despite: Collection[int],
) -> tuple[Fact, Cluster]:
    brought, over = await lineage.parting(session, leaving, here.id or 0)
    lineage.unless_seen(brought, despite)
    tags = [(report.area, report.area_by, 1, report.id or 0) for report in leaving]
    area = rules.areas.of_cluster(tags)
    new = await storage.clusters.start(session, workspace, area=area, now=now, split_from=here.id)
    assert new.id is not None
    fact = triage.new_fact(kit, "not_same_as", person, now, cluster_id=new.id, other_id=here.id)
    fact = await storage.facts.state(session, fact)
    await storage.facts.end(session, over, now, person, fact.id or 0)
    await storage.facts.move(session, fact, leaving, new.id, workspace.revision)
    for each in (here, new):
        await triage.settle(session, kit, each, now)
    await triage.uphold(session, kit, here, new)
    return fact, new


async def _moved_before(kit: Kit, here: Cluster, gone: list[int], before: Fact | None, person: str) -> Done:
    """What to tell somebody whose reports have left already: by themselves a moment ago, or by somebody else."""
    if before is None:
        return Done(f"Some of these are not in {called(here)} any more. Look again, please.", None, here.id or 0)
    if before.made_by == person:
        return Done("They are moved.", before.id, here.id or 0)
    who, day = await triage.name(kit, before.made_by), views.digest.day(before.made_at)
    reports = views.blocks.count(len(gone), "of these reports", "of these reports")
    return Done(f"{who} has moved {reports} already, {day}. Look again, please.", None, here.id or 0)
