"""Whoever reported something sets it right, adds to it, or takes it back; so does editing or deleting the message."""

from __future__ import annotations

import datetime as dt
from typing import Any

import storage.facts
import storage.outbox
import storage.reports
import storage.workspaces
from bot import rules, views
from bot.flows import forget, news, triage
from bot.flows.card import changed
from bot.flows.kit import Kit
from bot.flows.report import TAKEN_BACK
from storage.database import Session
from storage.models import Fact, Report, Workspace


async def retag(kit: Kit, report_id: int, area: str, person: str, now: dt.datetime) -> str:
    """The reporter, or who looks after its cluster, says which area it is. Gives back what to say. Raises Refused."""
    if area not in (*kit.house.areas, rules.areas.UNSORTED):
        raise triage.Refused("There is no such area any more.")
    fact = None
    async with kit.database.transaction() as session:
        workspace, report = await _locked(session, kit, report_id, person, triagers=True)
        if report.area != area or report.area_by == "model":
            report.area, report.area_by = area, "reporter" if report.reporter == person else "triage"
            report.revision = workspace.revision
            fact = await _state(session, report, "area", area, person, now)
            await changed(session, kit, report.cluster_id, now)
    triage.noted(kit, fact)
    return "Moved to none of the areas." if area == rules.areas.UNSORTED else f"Moved to {area}."


async def explain(kit: Kit, report_id: int, person: str) -> views.area.Reason:
    """Why a report is in its area, for whoever may move it. Raises Refused."""
    async with kit.database.reading() as session:
        report = await _theirs(session, kit, report_id, person, triagers=True)
    tag = kit.area.answer(report.text)
    return views.area.Reason(
        words=report.text,
        area=report.area,
        by=report.area_by,
        yours=report.reporter == person,
        inherited=report.area_by == "model" and not report.answered,
        guess=tag.area,
        likeliest=tag.ranked[0],
        sure=min(99, round(100 * tag.confidence)),
        spoke=tag.why,
    )


async def add_detail(
    kit: Kit, report_id: int, person: str, *, words: str, severity: int | None, minutes: int | None, now: dt.datetime
) -> str:
    """The reporter adds to what they said. Raises Refused."""
    detail, _ = rules.secrets.mask(rules.text.clean(words))
    async with kit.database.transaction() as session:
        _, report = await _locked(session, kit, report_id, person)
        report.detail = detail
        report.severity = report.severity if severity is None else severity
        report.minutes_lost = report.minutes_lost if minutes is None else minutes
        await changed(session, kit, report.cluster_id, now)
    kit.wake.set()
    return "Added, thank you."


async def cost(kit: Kit, report_id: int, minutes: int, person: str, now: dt.datetime) -> str:
    """The reporter says what it cost them. Gives back what to say. Raises Refused."""
    async with kit.database.transaction() as session:
        _, report = await _locked(session, kit, report_id, person)
        report.minutes_lost = minutes
    return "Noted, thank you."


async def detail_of(kit: Kit, report_id: int, person: str) -> str:
    """What this person has added to their report so far. Raises Refused."""
    async with kit.database.reading() as session:
        return (await _theirs(session, kit, report_id, person)).detail


async def release(kit: Kit, report_id: int, person: str, now: dt.datetime) -> str:
    """The author of a private report lets its words be shown. Raises Refused."""
    async with kit.database.transaction() as session:
        _, report = await _locked(session, kit, report_id, person)
        report.visibility = "public"
        fact = await _state(session, report, "audience", "public", person, now)
        await changed(session, kit, report.cluster_id, now)
    triage.noted(kit, fact)
    return "Your words are on the card now."


async def withdraw(kit: Kit, report_id: int, person: str, now: dt.datetime) -> str:
    """The author takes the report back; its words are deleted. Raises Refused."""
    async with kit.database.transaction() as session:
        workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
        report = await storage.reports.get(session, kit.house.workspace_id, report_id)
        if report is None or report.withdrawn_at is None:
            await take_back(session, kit, triage.theirs(report, person), workspace, now)
    kit.wake.set()
    return TAKEN_BACK


async def message_deleted(kit: Kit, channel: str, message_ts: str, now: dt.datetime) -> None:
    """A message that may have been captured is gone from Slack: so is what we kept of it."""
    if not await _captured(kit, channel, message_ts):
        return
    async with kit.database.transaction() as session:
        workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
        report = await storage.reports.by_message(session, kit.house.workspace_id, channel, message_ts)
        # One that is still to be read, or is being read this moment, is never placed then.
        if report is not None and report.withdrawn_at is None:
            await take_back(session, kit, report, workspace, now)
    kit.wake.set()


async def message_edited(kit: Kit, channel: str, message: dict[str, Any], now: dt.datetime) -> None:
    """A captured message says something else now: so does its report, and the model tags it anew if it did before."""
    message_ts = str(message.get("ts"))
    if not await _captured(kit, channel, message_ts):
        return
    words, secrets = rules.secrets.mask(rules.text.received(rules.message.words(message)))
    tag = kit.area.answer(words)
    async with kit.database.transaction() as session:
        workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
        report = await storage.reports.by_message(session, kit.house.workspace_id, channel, message_ts)
        if report is None or report.cluster_id is None or report.text == words:
            return
        if report.reporter and secrets > rules.secrets.count(report.text):
            told = {"report": report.id, "person": report.reporter}
            await storage.outbox.once(
                session, report.workspace_id, "tell", f"secret:{report.id}:{workspace.revision}", told, now
            )
        report.text, report.revision = words, workspace.revision
        await news.want_redrawn(session, kit, report.cluster_id, now)
        if report.area_by == "model" and tag.area != rules.areas.UNSORTED:
            report.area, report.confidence = tag.area, tag.confidence
            report.likeliest, report.answered = tag.ranked[0], True
        await changed(session, kit, report.cluster_id, now)
        await forget.homes(session, kit, now)
    kit.wake.set()


async def _captured(kit: Kit, channel: str, message_ts: str) -> bool:
    """Asked before anything is locked: Slack tells us of every message that is edited anywhere we are."""
    async with kit.database.reading() as session:
        return await storage.reports.by_message(session, kit.house.workspace_id, channel, message_ts) is not None


async def _locked(
    session: Session, kit: Kit, report_id: int, person: str, *, triagers: bool = False
) -> tuple[Workspace, Report]:
    """The report, read after the workspace was locked: read before, it might be written back over a later change."""
    workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
    return workspace, await _theirs(session, kit, report_id, person, triagers=triagers)


async def _theirs(session: Session, kit: Kit, report_id: int, person: str, *, triagers: bool = False) -> Report:
    """The report, if it is this person's; with `triagers`, also if they look after its cluster. Raises Refused."""
    report = await storage.reports.get(session, kit.house.workspace_id, report_id)
    if triagers and report is not None and report.cluster_id is not None:
        if await triage.may(session, kit, person, [await triage.cluster(session, kit, report.cluster_id)]):
            return report
    return triage.theirs(report, person)


async def _state(session: Session, report: Report, kind: str, value: str, person: str, now: dt.datetime) -> Fact:
    """Write down what a human decided about a report."""
    fact = Fact(
        workspace_id=report.workspace_id, kind=kind, report_id=report.id, value=value, made_by=person, made_at=now
    )
    return await storage.facts.state(session, fact)


async def take_back(session: Session, kit: Kit, report: Report, workspace: Workspace, now: dt.datetime) -> None:
    """Take a report back, with every trace of it."""
    cluster_id = report.cluster_id
    await news.want_redrawn(session, kit, report.cluster_id, now)
    storage.reports.withdraw(report, now=now, revision=workspace.revision)
    session.add(report)
    await forget.traces(session, kit, report, now)
    await changed(session, kit, cluster_id, now)
