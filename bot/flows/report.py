"""A report comes in: it is tagged, grouped, stored, answered; and its author may set it right or take it back."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from typing import Any

from prometheus_client import Counter

import storage.clusters
import storage.outbox
import storage.reports
import storage.votes
import storage.workspaces
from bot import rules, views
from bot.flows.kit import Kit
from storage.database import Session
from storage.models import Fact, Report, Vote, Workspace

log = logging.getLogger(__name__)

CAPTURED = Counter("friction_reports_total", "Reports stored", ["source", "area"])

NO_WORDS = "I need a few words to go on, such as: /friction the deploy docs still show the old flag."


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said, and where. `text` is what they typed; `area` is empty unless they chose one."""

    key: str
    text: str
    source: str
    reporter: str | None
    said_at: dt.datetime
    channel: str = ""
    message_ts: str = ""
    private: bool = False
    area: str = ""
    severity: int | None = None
    minutes_lost: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it: the stored report, whether this call stored it, and how many secrets were masked."""

    report: Report
    new: bool
    masked: int


async def file(kit: Kit, said: Said, now: dt.datetime, *, flagger: str = "", event_ts: str = "") -> Outcome | None:
    """Store a report, tagged and grouped, with what follows from it; or find the one this gesture made before.

    None: there is not a word in it (a captured message may be without). `flagger`: who captured somebody's message.
    """
    words, masked = _clean(said.text)
    if not rules.text.has_words(words) and not said.message_ts:
        return None
    answer = kit.area.answer(words)
    report = Report(
        workspace_id=kit.house.workspace_id,
        key=said.key,
        text=words,
        area=said.area or answer.area,
        area_by="reporter" if said.area else "model",
        confidence=answer.confidence,
        source=said.source,
        reporter=said.reporter,
        channel=said.channel,
        message_ts=said.message_ts,
        visibility="private" if said.private else "public",
        severity=said.severity,
        minutes_lost=said.minutes_lost,
        said_at=said.said_at,
        created_at=now,
    )
    async with kit.database.transaction() as session:
        workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
        stored = await storage.reports.add(session, report)
        if stored is None:
            stored = await storage.reports.by_key(session, kit.house.workspace_id, said.key)
            assert stored is not None
            if pending := stored.cluster_id is None and stored.withdrawn_at is None:
                # Flagged with the emoji a moment ago and not read yet; here it is.
                stored.text, stored.reporter, stored.said_at = report.text, report.reporter, report.said_at
                stored.area, stored.confidence = report.area, report.confidence
            new = pending
        else:
            new = True
        if new:
            await place(session, kit, workspace, stored, now)
        if flagger:
            await _vote_for(session, kit, stored, flagger, "shortcut", event_ts, now)
    kit.wake.set()
    if new:
        CAPTURED.labels(said.source, stored.area).inc()
        log.info("report filed", extra={"report": stored.id, "cluster": stored.cluster_id, "source": said.source})
    return Outcome(stored, new, masked)


async def place(session: Session, kit: Kit, workspace: Workspace, report: Report, now: dt.datetime) -> None:
    """Give a stored report its cluster, and want the card drawn. The workspace must be locked."""
    assert report.id is not None
    index = await kit.groups.current(session)
    candidates = index.candidates(report.text, exclude=frozenset({report.id})) if report.text else []
    cluster_id = rules.placement.place(candidates)
    if cluster_id is None:
        cluster_id = (await storage.clusters.start(session, workspace, area=report.area, now=now)).id
    elif report.area == rules.areas.UNSORTED:
        # The words alone do not say which area it is; the reports that it is near-certainly one of do.
        joined = await storage.clusters.get(session, kit.house.workspace_id, cluster_id)
        report.area = joined.area if joined else rules.areas.UNSORTED
    report.cluster_id = cluster_id
    report.revision = workspace.revision
    session.add(report)
    await session.flush()
    await _changed(session, kit, cluster_id, now)


async def retag(kit: Kit, report_id: int, area: str, person: str, now: dt.datetime) -> str:
    """The reporter (or an admin) says which area it is. Gives back what to tell them."""
    if area not in (*kit.house.areas, rules.areas.UNSORTED):
        return "There is no such area any more."
    async with kit.database.transaction() as session:
        workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
        report = await storage.reports.get(session, kit.house.workspace_id, report_id)
        if refused := _refused(kit, report, person):
            return refused
        assert report is not None
        if report.area != area or report.area_by == "model":
            report.area, report.area_by = area, "reporter" if report.reporter == person else "triage"
            report.revision = workspace.revision
            await storage.clusters.state_fact(
                session,
                Fact(
                    workspace_id=kit.house.workspace_id,
                    kind="area",
                    report_id=report.id,
                    cluster_id=report.cluster_id,
                    value=area,
                    made_by=person,
                    made_at=now,
                ),
            )
            await _changed(session, kit, report.cluster_id, now)
    kit.wake.set()
    return "Moved to none of the areas." if area == rules.areas.UNSORTED else f"Moved to {area}."


async def set_apart(kit: Kit, report_id: int, person: str, now: dt.datetime) -> str:
    """The reporter says it is another problem: it gets a cluster of its own, and never goes back by itself."""
    async with kit.database.transaction() as session:
        workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
        report = await storage.reports.get(session, kit.house.workspace_id, report_id)
        if refused := _refused(kit, report, person):
            return refused
        assert report is not None and report.id is not None and report.cluster_id is not None
        old = report.cluster_id
        if len(await storage.reports.in_cluster(session, kit.house.workspace_id, old)) == 1:
            return "It stands by itself already."
        new = await storage.clusters.start(session, workspace, area=report.area, now=now)
        report.cluster_id, report.revision = new.id, workspace.revision
        await storage.clusters.state_fact(
            session,
            Fact(
                workspace_id=kit.house.workspace_id,
                kind="not_same_as",
                report_id=report.id,
                cluster_id=old,
                made_by=person,
                made_at=now,
            ),
        )
        await _changed(session, kit, old, now)
        await _changed(session, kit, new.id, now)
    kit.wake.set()
    return "Taken out; it has a place of its own now."


async def add_detail(
    kit: Kit, report_id: int, person: str, *, words: str, severity: int | None, minutes: int | None, now: dt.datetime
) -> str:
    """The reporter adds to what they said."""
    detail, _ = _clean(words)
    async with kit.database.transaction() as session:
        report = await storage.reports.get(session, kit.house.workspace_id, report_id)
        if refused := _refused(kit, report, person):
            return refused
        assert report is not None
        report.detail = detail
        report.severity = report.severity if severity is None else severity
        report.minutes_lost = report.minutes_lost if minutes is None else minutes
        await _changed(session, kit, report.cluster_id, now)
    kit.wake.set()
    return "Added, thank you."


async def release(kit: Kit, report_id: int, person: str, now: dt.datetime) -> str:
    """The author of a private report lets its words be shown."""
    async with kit.database.transaction() as session:
        report = await storage.reports.get(session, kit.house.workspace_id, report_id)
        if refused := _refused(kit, report, person):
            return refused
        assert report is not None
        report.visibility = "public"
        await _changed(session, kit, report.cluster_id, now)
    kit.wake.set()
    return "Your words are on the card now."


async def withdraw(kit: Kit, report_id: int, person: str, now: dt.datetime) -> str:
    """The author takes the report back; its words are deleted."""
    async with kit.database.transaction() as session:
        workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
        report = await storage.reports.get(session, kit.house.workspace_id, report_id)
        if report is not None and report.withdrawn_at is not None:
            return TAKEN_BACK
        if refused := _refused(kit, report, person):
            return refused
        assert report is not None
        await _take_back(session, kit, report, workspace, now)
    kit.wake.set()
    return TAKEN_BACK


TAKEN_BACK = "Taken back. Your words are deleted here, and the counts no longer include you."


async def message_deleted(kit: Kit, channel: str, message_ts: str, now: dt.datetime) -> None:
    """A message that may have been captured is gone from Slack: so is what we kept of it."""
    async with kit.database.transaction() as session:
        report = await storage.reports.by_message(session, kit.house.workspace_id, channel, message_ts)
        if report is None or report.withdrawn_at is not None:
            return
        workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
        await _take_back(session, kit, report, workspace, now)
    kit.wake.set()


async def message_edited(kit: Kit, channel: str, message: dict[str, Any], now: dt.datetime) -> None:
    """A captured message says something else now: so does its report. It stays in its cluster."""
    words, _ = _clean(rules.text.received(rules.message.words(message)))
    async with kit.database.transaction() as session:
        report = await storage.reports.by_message(session, kit.house.workspace_id, channel, str(message.get("ts")))
        if report is None or report.cluster_id is None or report.text == words:
            return
        workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
        report.text, report.revision = words, workspace.revision
        await _changed(session, kit, report.cluster_id, now)
    kit.wake.set()


async def tell(kit: Kit, outcome: Outcome, now: dt.datetime) -> views.report.Filed:
    """What there is to say of a report just now, for `views.report.filed`."""
    report = outcome.report
    async with kit.database.reading() as session:
        fresh = await storage.reports.get(session, kit.house.workspace_id, report.id or 0)
        assert fresh is not None and fresh.cluster_id is not None
        cluster = await storage.clusters.get(session, kit.house.workspace_id, fresh.cluster_id)
        signals = await storage.votes.signals(session, kit.house.workspace_id, [fresh.cluster_id])
    assert cluster is not None and fresh.id is not None
    standing = rules.impact.standings(signals, leads=kit.leads.people, now=now, since=now)[fresh.cluster_id]
    unsure = fresh.area == rules.areas.UNSORTED and fresh.area_by == "model"
    ranked = kit.area.answer(fresh.text).ranked if unsure else kit.house.areas
    return views.report.Filed(
        report_id=fresh.id,
        handle=handle(cluster.number),
        area=fresh.area,
        areas=tuple(ranked),
        unsure=unsure,
        developers=standing.developers,
        alone=standing.reports == 1,
        words=fresh.text,
        length=len(fresh.text),
        masked=outcome.masked,
        private=fresh.visibility == "private",
    )


async def answer(
    kit: Kit, report_id: int, now: dt.datetime, *, news: str = "", flagged_by: str = "", masked: int = 0
) -> views.blocks.Message:
    """The private answer about a report as it stands now."""
    async with kit.database.reading() as session:
        report = await storage.reports.get(session, kit.house.workspace_id, report_id)
    if report is None or report.cluster_id is None:
        return views.report.sentence(news or TAKEN_BACK)
    filed = await tell(kit, Outcome(report, new=False, masked=masked), now)
    return views.report.filed(filed, news=news, flagged_by=flagged_by)


async def belongs_to(kit: Kit, report_id: int, person: str) -> bool:
    """Whether this person reported it, or took back what they had reported."""
    async with kit.database.reading() as session:
        report = await storage.reports.get(session, kit.house.workspace_id, report_id)
    return report is not None and (report.reporter == person or report.withdrawn_at is not None)


async def detail_of(kit: Kit, report_id: int, person: str) -> str | None:
    """What this person has added to their report so far. None: it is not theirs."""
    async with kit.database.reading() as session:
        report = await storage.reports.get(session, kit.house.workspace_id, report_id)
    return None if report is None or report.reporter != person else report.detail


def handle(number: int) -> str:
    """12 → `F-12`."""
    return f"F-{number}"


def _clean(typed: str) -> tuple[str, int]:
    return rules.secrets.mask(rules.text.clean(typed))


def _refused(kit: Kit, report: Report | None, person: str) -> str:
    if report is None or report.cluster_id is None:
        return "That report was taken back."
    if person != report.reporter and person not in kit.house.admins:
        return "Only the person who reported it can change that."
    return ""


async def _take_back(session: Session, kit: Kit, report: Report, workspace: Workspace, now: dt.datetime) -> None:
    cluster_id = report.cluster_id
    storage.reports.withdraw(report, now=now, revision=workspace.revision)
    session.add(report)
    await _changed(session, kit, cluster_id, now)


async def _vote_for(
    session: Session, kit: Kit, report: Report, person: str, emoji: str, event_ts: str, now: dt.datetime
) -> None:
    vote = Vote(
        workspace_id=kit.house.workspace_id,
        channel=report.channel,
        message_ts=report.message_ts,
        person=person,
        emoji=emoji,
        given=True,
        event_ts=event_ts,
        voted_at=now,
    )
    await storage.votes.record(session, vote)
    await _changed(session, kit, report.cluster_id, now)


async def _changed(session: Session, kit: Kit, cluster_id: int | None, now: dt.datetime) -> None:
    """What follows from any change in a cluster: its area is taken from its reports anew, and its card redrawn."""
    if cluster_id is None:
        return
    await session.flush()
    cluster = await storage.clusters.get(session, kit.house.workspace_id, cluster_id)
    assert cluster is not None
    cluster.area = rules.areas.of_cluster(await storage.reports.areas_in(session, cluster_id), cluster.area)
    await storage.outbox.again(session, kit.house.workspace_id, "card", str(cluster_id), {"cluster": cluster_id}, now)
