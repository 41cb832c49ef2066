"""What people answered, same or different, makes grouping better: fitted at night, and the same in every process."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Collection, Sequence

import storage.clusters
import storage.facts
import storage.links
import storage.suggestions
from bot import rules, views
from bot.flows.kit import Kit
from classifiers import answers, grouping, link, pair
from storage.database import Session
from storage.links import LinkFit
from storage.reports import Placed

log = logging.getLogger(__name__)

#: What grouping did longer ago says little about how it does now.
RECENT = dt.timedelta(days=90)


async def told(
    session: Session, kit: Kit, reports: Sequence[Placed], apart: Collection[frozenset[int]]
) -> list[answers.Answer]:
    """What stands of what people said, as reports that are or are not the same problem. `apart`: pairs of clusters."""
    members: dict[int, list[int]] = {}
    for report in reports:
        if report.text:
            members.setdefault(report.cluster_id, []).append(report.report_id)
    homes = {report: cluster for cluster, keys in members.items() for report in keys}
    facts = await storage.facts.everything(session, kit.house.workspace_id)
    stand = [fact.id or 0 for fact in facts if fact.kind == "same_as" and fact.undone_at is None]
    said = []
    moved: dict[tuple[int, int], set[int]] = {}
    for move in await storage.facts.all_moves(session, stand):
        if move.report_id in homes:
            moved.setdefault((move.fact_id, homes[move.report_id]), set()).add(move.report_id)
    for (_, home), some in sorted(moved.items()):
        others = tuple(key for key in members[home] if key not in some)
        if others:
            said.append(answers.Answer(tuple(sorted(some)), others, True))
    for one, other in sorted(sorted(each) for each in apart):
        if one in members and other in members:
            said.append(answers.Answer(tuple(members[one]), tuple(members[other]), False))
    return said


async def learn(kit: Kit, index: grouping.Index, said: Sequence[answers.Answer], now: dt.datetime) -> LinkFit | None:
    """Fit the link on what was said, and take it if it is no worse on what was held back. None: too little was said."""
    learned = await asyncio.to_thread(answers.learn, index, said, kit.groups.model)
    if learned is None:
        return None
    fit = LinkFit(
        workspace_id=kit.house.workspace_id,
        fitted_at=now,
        figures=" ".join(pair.FIGURES),
        answers=learned.answers,
        held_back=learned.held_back,
        old_loss=learned.old_loss,
        new_loss=learned.new_loss,
        precision=learned.precision,
        recall=learned.recall,
        weights=[learned.link.bias, *learned.link.weights],
        taken=learned.no_worse,
    )
    async with kit.database.transaction() as session:
        latest = await storage.links.latest(session, kit.house.workspace_id)
        if latest is not None and latest.weights == fit.weights:
            return latest
        await storage.links.add(session, fit)
    log.info("link fitted", extra={"fit": fit.id, "answers": fit.answers, "taken": fit.taken})
    await take_up(kit, now)
    return fit


async def take_up(kit: Kit, _now: dt.datetime) -> None:
    """Group by the link that is in use in this workspace. One that was fitted on other figures is passed over."""
    async with kit.database.reading() as session:
        fit = await storage.links.in_use(session, kit.house.workspace_id)
    if fit is not None and fit.figures == " ".join(pair.FIGURES):
        bias, *weights = fit.weights
        kit.groups.take(link.Link(bias, tuple(weights)))


def in_words(fit: LinkFit) -> str:
    """`57 answers learned, 12 held back: of these 83 % of what was asked was the same, and 90 % of it was asked.`"""
    held = f"{fit.answers - fit.held_back} answers learned, {fit.held_back} held back"
    of_these = (
        f"of these {fit.precision:.0%} of what it would ask was the same, and it would ask {fit.recall:.0%} of that"
    )
    return f"{held}: {of_these}. {'It is in use.' if fit.taken else 'It was worse, so the old one stays.'}"


async def record(kit: Kit, now: dt.datetime) -> views.help.Grouping | None:
    """How grouping did in the last 90 days. None: it neither asked nor joined anything.

    A question is answered with yes when what it was about is one by now, whoever said so. One that named three clusters
    is one question.
    """
    since = now - RECENT
    async with kit.database.reading() as session:
        outcomes = await storage.suggestions.outcomes(session, kit.house.workspace_id, since)
        joined, undone = await storage.suggestions.joined(session, kit.house.workspace_id, since)
        whole = rules.facts.Lineage(await storage.clusters.lineage(session, kit.house.workspace_id)).whole
    answers: dict[tuple[int | None, int], bool] = {}
    for report_id, here, other in outcomes:
        question = (report_id, 0 if report_id else here)
        answers[question] = answers.get(question, False) or whole(here) == whole(other)
    if not answers and not joined:
        return None
    return views.help.Grouping(len(answers), sum(answers.values()), joined, undone)
