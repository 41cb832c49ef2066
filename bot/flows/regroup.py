"""At night, everything is looked at anew: what was left single may join, and what else was found is asked."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import storage.clusters
import storage.facts
import storage.reports
import storage.suggestions
import storage.workspaces
from bot import rules
from bot.flows import lineage, links, triage
from bot.flows.card import want_card
from bot.flows.kit import Kit
from bot.flows.triage import Contradicted, Refused
from classifiers import grouping, regroup, speaker
from storage.database import Session
from storage.reports import Placed
from storage.suggestions import Suggestion

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Night:
    """What one night changed: how many reports joined, questions there are more, and clusters are named anew."""

    joined: int
    suggested: int
    named: int


async def nightly(kit: Kit, now: dt.datetime) -> Night | None:
    """Look at everything anew, once a night however many processes there are. None: it is done, or not yet time."""
    async with kit.database.transaction() as session:
        if not await storage.workspaces.begin_night(session, kit.house.workspace_id, rules.schedule.night(now), now):
            return None
    return await look(kit, now)


async def look(kit: Kit, now: dt.datetime) -> Night:
    """Look at everything anew, and do or ask what follows. A second look at the same changes nothing."""
    async with kit.database.reading() as session:
        revision = await storage.workspaces.revision(session, kit.house.workspace_id)
        reports = await storage.reports.placed(session, kit.house.workspace_id)
        known = await _known(session, kit, reports)
        said = await links.told(session, kit, reports, known.kept_apart)
    index = await asyncio.to_thread(_indexed, kit.groups.space, reports)
    await links.learn(kit, index, said, now)
    index.model = kit.groups.model
    found = await asyncio.to_thread(regroup.regroup, index, known.together, known.apart, known.touched)
    async with kit.database.reading() as session:
        await kit.groups.renew(session, index, revision)
    joined = [each for each in found.attached if await _join(kit, each, now)]
    suggested = await _suggest(kit, found, now)
    named = await _name(kit, now)
    kit.wake.set()
    night = Night(len(joined), suggested, named)
    for each in joined:
        log.info("joined overnight", extra={"report": each.key, "cluster": each.into})
    log.info("regrouped", extra={"joined": night.joined, "suggested": night.suggested, "named": night.named})
    return night


@dataclass(frozen=True, slots=True)
class _Known:
    """What people said, as pairs of reports; and the clusters that they decided something about."""

    together: list[tuple[int, int]]
    apart: list[tuple[int, int]]
    touched: set[int]
    kept_apart: frozenset[frozenset[int]]  # the same as `apart`, of clusters


async def _known(session: Session, kit: Kit, reports: Sequence[Placed]) -> _Known:
    workspace = kit.house.workspace_id
    whole = rules.facts.Lineage(await storage.clusters.lineage(session, workspace))
    members: dict[int, list[int]] = {}
    homes = {report.report_id: report.cluster_id for report in reports}
    for report in reports:
        members.setdefault(report.cluster_id, []).append(report.report_id)
    apart = rules.facts.kept_apart(await storage.facts.told_apart(session, workspace), whole)
    pairs = [sorted(pair) for pair in apart]
    facts = [fact for fact in await storage.facts.everything(session, workspace) if fact.kind != "joined"]
    moves = await storage.facts.all_moves(session, [fact.id or 0 for fact in facts])
    about = {each for fact in facts for each in (fact.cluster_id, fact.other_id) if each is not None}
    concerned = {fact.report_id for fact in facts} | {move.report_id for move in moves}
    here = {homes[report] for report in concerned if report in homes}
    stand = {fact.id for fact in facts if fact.kind == "same_as" and fact.undone_at is None}
    return _Known(
        together=[
            (move.report_id, other)
            for move in moves
            if move.fact_id in stand and move.report_id in homes
            for other in members[homes[move.report_id]][:1]
        ],
        apart=[(members[one][0], members[other][0]) for one, other in pairs if one in members and other in members],
        kept_apart=frozenset(apart),
        touched={whole.whole(each) for each in about} | here,
    )


def _indexed(space: grouping.Space, reports: Sequence[Placed]) -> grouping.Index:
    """An index of all reports, weighed anew."""
    index = grouping.Index(space)
    for report in reports:
        if report.text:
            index.put(report.report_id, report.cluster_id, report.text)
    index.reweigh()
    return index


async def _join(kit: Kit, found: regroup.Attachment, now: dt.datetime) -> bool:
    """Let a report join a cluster, if everything is still as it was when that was found."""
    try:
        async with kit.database.transaction() as session:
            workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
            report = await storage.reports.get(session, workspace.id, found.key)
            if report is None or report.cluster_id is None:
                return False
            here = await triage.cluster(session, kit, report.cluster_id)
            into = await triage.cluster(session, kit, found.into)
            alone = await storage.reports.count_in(session, here.id or 0) == 1
            decided = await storage.facts.decided(session, workspace.id, here.id or 0, found.key)
            if here.id == into.id or into.number > here.number or not alone or decided or here.status != "new":
                return False
            await lineage.put_together(session, kit, workspace, here, into, None, now, kind="joined")
    except (Refused, Contradicted):
        return False
    return True


async def _suggest(kit: Kit, found: regroup.Regrouping, now: dt.datetime) -> int:
    """Ask what can only be asked; what was asked before is not asked again."""

    def suggestions() -> Iterable[Suggestion]:
        for merge in found.merges:
            yield _suggestion(kit, "merge", merge.cluster, merge.into, merge.score, now)
        for split in found.splits:
            asked = _suggestion(kit, "split", split.cluster, split.cluster, 0.0, now)
            asked.leaving = list(split.keys)
            yield asked

    async with kit.database.transaction() as session:
        return await storage.suggestions.make(session, list(suggestions()))


def _suggestion(kit: Kit, kind: str, one: int, other: int, score: float, now: dt.datetime) -> Suggestion:
    return Suggestion(
        workspace_id=kit.house.workspace_id, kind=kind, cluster_id=one, other_id=other, score=score, made_at=now
    )


async def _name(kit: Kit, now: dt.datetime) -> int:
    """Let the most representative public report speak for each cluster, where another one is clearly better by now."""
    async with kit.database.reading() as session:
        reports = await storage.reports.placed(session, kit.house.workspace_id)
        speaking = await storage.clusters.speakers(session, kit.house.workspace_id)
    public: dict[int, list[tuple[int, str]]] = {}
    for report in reports:
        if report.visibility == "public":
            public.setdefault(report.cluster_id, []).append((report.report_id, report.text))

    def choose() -> dict[int, int | None]:
        several = {each: said for each, said in public.items() if len(said) > 1}
        chosen = {each: speaker.choose(said, kit.groups.space, speaking[each]) for each, said in several.items()}
        return {each: report_id for each, report_id in chosen.items() if report_id != speaking[each]}

    chosen = await asyncio.to_thread(choose)
    async with kit.database.transaction() as session:
        await storage.workspaces.lock(session, kit.house.workspace_id)
        for cluster_id, report_id in chosen.items():
            await storage.clusters.speak(session, cluster_id, report_id)
            await want_card(session, kit, cluster_id, now)
    return len(chosen)
