"""What the model suggests when a report comes, and what people answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import storage.clusters
import storage.facts
import storage.reports
import storage.suggestions
import storage.votes
from bot import rules, views
from bot.flows import card as cards
from bot.flows import merge, split, triage
from bot.flows.kit import Kit
from bot.flows.triage import Done, Refused
from storage.database import Session
from storage.models import Cluster, Report, Suggestion


@dataclass(frozen=True, slots=True)
class Open:
    """A suggestion that nobody has answered, and the two clusters as they are now."""

    suggestion: Suggestion
    one: Cluster
    other: Cluster


async def about(session: Session, kit: Kit, report_id: int, cluster_id: int) -> Open | None:
    """What is suggested of a report that is in this cluster now, if it is still open."""
    suggestion = await storage.suggestions.about(session, kit.house.workspace_id, report_id)
    if suggestion is None:
        return None
    one = await triage.cluster(session, kit, cluster_id)
    other = await triage.cluster(session, kit, suggestion.other_id)
    parts = [await storage.clusters.parts(session, each.id or 0) for each in (one, other)]
    pairs = await storage.facts.told_apart(session, kit.house.workspace_id, parts[0] | parts[1])
    settled = one.id == other.id or rules.facts.between(pairs, *parts)
    if settled or not await storage.reports.count_in(session, other.id or 0):
        return None
    return Open(suggestion, one, other)


async def alike(session: Session, kit: Kit, report: Report, now: dt.datetime) -> views.report.Alike | None:
    """What a report may be the same as, if nobody has said so yet."""
    found = await about(session, kit, report.id or 0, report.cluster_id or 0)
    if found is None or found.suggestion.id is None:
        return None
    other = found.other.id or 0
    reports = await storage.reports.in_cluster(session, kit.house.workspace_id, other)
    signals = await storage.votes.signals(session, kit.house.workspace_id, [other])
    standing = rules.impact.standings(signals, leads=kit.leads.people, now=now, since=now).get(other)
    card = cards.card_of(found.other, reports, standing)
    return views.report.Alike(found.suggestion.id, card.handle, views.card.title(card), card.developers)


async def answer(
    kit: Kit,
    suggestion_id: int,
    same: bool,
    person: str,
    now: dt.datetime,
    *,
    own: bool = False,
    despite: Iterable[int] = (),
) -> Done:
    """Somebody says whether two clusters are the same. `own`: of their own report. Raises Refused, Contradicted."""
    async with kit.database.reading() as session:
        suggestion = await storage.suggestions.get(session, kit.house.workspace_id, suggestion_id)
        if suggestion is None or suggestion.kind != "merge":
            raise Refused("That question is not open any more.")
        one = await triage.cluster(session, kit, suggestion.cluster_id)
        other = await triage.cluster(session, kit, suggestion.other_id)
        report = await storage.reports.get(session, kit.house.workspace_id, suggestion.report_id or 0)
        theirs = report is not None and report.reporter == person
    seen = tuple(despite)
    one_id, other_id = suggestion.cluster_id, suggestion.other_id
    if not (theirs and own):
        decide = merge.merge if same else merge.tell_apart
        return await decide(kit, one_id, other_id, person, now, despite=seen)
    assert report is not None and report.id is not None
    if same:
        return await merge.move_own(kit, report.id, other_id, person, now, despite=seen)
    if one.id == other.id:
        return await split.set_apart(kit, report.id, person, now, despite=seen)
    return await merge.tell_own_apart(kit, report.id, other_id, person, now)


async def leaving(kit: Kit, suggestion_id: int) -> list[int]:
    """The reports that are suggested to leave their cluster."""
    async with kit.database.reading() as session:
        suggestion = await storage.suggestions.get(session, kit.house.workspace_id, suggestion_id)
    return suggestion.leaving if suggestion else []
