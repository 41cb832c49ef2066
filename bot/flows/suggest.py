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
from storage.models import Cluster, Report
from storage.suggestions import Suggestion


@dataclass(frozen=True, slots=True)
class Open:
    """A suggestion that nobody has answered, and the two clusters as they are now."""

    suggestion: Suggestion
    one: Cluster
    other: Cluster


async def about(session: Session, kit: Kit, report_id: int, cluster_id: int) -> list[Open]:
    """What is suggested of a report that is in this cluster now, as far as nobody has said anything of it."""
    found = []
    for each in await _made(session, kit, report_id, cluster_id):
        parts = [await storage.clusters.parts(session, side.id or 0) for side in (each.one, each.other)]
        pairs = await storage.facts.told_apart(session, kit.house.workspace_id, parts[0] | parts[1])
        if not rules.facts.between(pairs, *parts) and await storage.reports.count_in(session, each.other.id or 0):
            found.append(each)
    return found


async def _made(session: Session, kit: Kit, report_id: int, cluster_id: int) -> list[Open]:
    """What was suggested of a report, answered or not; nothing once it is one of them.

    Clusters that became one meanwhile are one suggestion.
    """
    found: dict[int | None, Open] = {}
    one = await triage.cluster(session, kit, cluster_id)
    for suggestion in await storage.suggestions.about(session, kit.house.workspace_id, report_id):
        other = await triage.cluster(session, kit, suggestion.other_id)
        if one.id == other.id:
            return []
        found.setdefault(other.id, Open(suggestion, one, other))
    return list(found.values())


async def alike(session: Session, kit: Kit, report: Report, now: dt.datetime) -> tuple[views.report.Alike, ...]:
    """What a report may be the same as, if nobody has said so yet; the likeliest first."""
    found = await about(session, kit, report.id or 0, report.cluster_id or 0)
    signals = await storage.votes.signals(session, kit.house.workspace_id, [each.other.id or 0 for each in found])
    standings = rules.impact.standings(signals, leads=kit.leads.people, now=now, since=now)
    told = []
    for each in found:
        other = each.other.id or 0
        reports = await storage.reports.in_cluster(session, kit.house.workspace_id, other)
        card = cards.card_of(each.other, reports, standings.get(other))
        title = views.card.title(card)
        told.append(views.report.Alike(each.suggestion.id or 0, card.handle, title, card.developers))
    return tuple(told)


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


async def none_of_them(kit: Kit, report_id: int, person: str, now: dt.datetime) -> Done:
    """Whoever reported something says that it is nothing of what was suggested. Raises Refused.

    What was answered before stays as it is, so that pressing it twice says it once.
    """
    async with kit.database.reading() as session:
        report = triage.theirs(await storage.reports.get(session, kit.house.workspace_id, report_id), person)
        asked = await _made(session, kit, report_id, report.cluster_id or 0)
    if not asked:
        raise Refused("That question is not open any more.")
    done = [await merge.tell_own_apart(kit, report_id, each.other.id or 0, person, now) for each in asked]
    if len(done) == 1:
        return done[0]
    here, others = triage.called(asked[0].one), [triage.called(each.other) for each in asked]
    news = f"{here} is none of {', '.join(others[:-1])} and {others[-1]}. I will not ask again."
    return Done(news, done[0].fact_id, done[0].cluster_id)


async def leaving(kit: Kit, suggestion_id: int) -> list[int]:
    """The reports that are suggested to leave their cluster."""
    async with kit.database.reading() as session:
        suggestion = await storage.suggestions.get(session, kit.house.workspace_id, suggestion_id)
    return suggestion.leaving if suggestion else []
