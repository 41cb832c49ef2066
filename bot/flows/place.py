"""A new report finds its place: in a cluster, or in one of its own, perhaps with a question."""

from __future__ import annotations

import datetime as dt

import storage.clusters
import storage.facts
import storage.suggestions
from bot import rules
from bot.flows import card as cards
from bot.flows.kit import Kit
from classifiers import grouping
from storage.database import Session
from storage.models import Report, Workspace
from storage.suggestions import Suggestion


async def place(
    session: Session, kit: Kit, workspace: Workspace, index: grouping.Index, report: Report, now: dt.datetime
) -> rules.placement.Decision:
    """Give a stored report its cluster, and say why that one. Workspace locked; `index`: what it is compared with."""
    assert report.id is not None
    decision = await _decide(session, kit, index, report)
    report.revision = workspace.revision
    session.add(report)
    if isinstance(decision, rules.placement.Join):
        cluster = await storage.clusters.get(session, kit.house.workspace_id, decision.cluster)
        assert cluster is not None
        # The words alone may not say which area it is; the reports that it is near-certainly one of do.
        report.area = cluster.area if report.area == rules.areas.UNSORTED else report.area
        report.cluster_id = decision.cluster
        await cards.settle_area(session, kit, decision.cluster)
        return decision
    cluster = await storage.clusters.start(session, workspace, area=report.area, now=now, speaker_id=report.id)
    assert cluster.id is not None
    report.cluster_id = cluster.id
    if isinstance(decision, rules.placement.Suggest):
        asked = [
            Suggestion(
                workspace_id=workspace.id,
                kind="merge",
                cluster_id=cluster.id,
                other_id=each.cluster,
                report_id=report.id,
                score=each.score,
                made_at=now,
            )
            for each in decision.likely
        ]
        await storage.suggestions.make(session, asked)
    return decision


async def _decide(session: Session, kit: Kit, index: grouping.Index, report: Report) -> rules.placement.Decision:
    candidates = index.candidates(report.text, exclude=frozenset({report.id or 0})) if report.text else []
    if len(rules.placement.certain(candidates)) < 2:
        return rules.placement.decide(candidates)
    pairs = await storage.facts.told_apart(session, kit.house.workspace_id)
    known = rules.facts.Lineage(await storage.clusters.lineage(session, kit.house.workspace_id))
    return rules.placement.decide(candidates, rules.facts.kept_apart(pairs, known))
