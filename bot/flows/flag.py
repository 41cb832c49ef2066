"""Somebody flags a message: it is filed for its author, and the flag is a vote."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import storage.clusters
import storage.outbox
import storage.reports
import storage.votes
import storage.workspaces
from bot import rules, views
from bot.flows import report as reports
from bot.flows.kit import Kit
from bot.slack import SlackRefused
from storage.database import Session
from storage.models import Outbox, Report, Vote

log = logging.getLogger(__name__)

GONE = "That message is gone, so there is nothing to file."
TAKEN_BACK = "Its author has taken that report back, so I leave it alone."
UNREADABLE = (
    "I cannot read that message. Invite me to the channel and flag it again, "
    "or choose Save as friction in the message’s menu: that works everywhere."
)


async def flag(kit: Kit, channel: str, message_ts: str, author: str, vote: Vote, now: dt.datetime) -> None:
    """Note the flag. The first one makes a report that is still to be read; every one is a vote."""
    async with kit.database.transaction() as session:
        if not await storage.votes.record(session, vote):
            return
        known = await storage.reports.by_message(session, vote.workspace_id, channel, message_ts)
        if known is None:
            await storage.reports.add(
                session,
                Report(
                    workspace_id=vote.workspace_id,
                    key=message_key(channel, message_ts),
                    source="emoji",
                    reporter=author or None,
                    channel=channel,
                    message_ts=message_ts,
                    visibility="private",
                    said_at=now,
                    created_at=now,
                ),
            )
        elif known.cluster_id is not None:
            await storage.outbox.again(
                session, vote.workspace_id, "card", str(known.cluster_id), {"cluster": known.cluster_id}, now
            )
        await storage.outbox.once(
            session,
            vote.workspace_id,
            "read",
            f"{channel}:{message_ts}:{vote.person}:{vote.event_ts}",
            {"channel": channel, "ts": message_ts, "flagger": vote.person},
            now,
        )
    kit.wake.set()


async def read(kit: Kit, row: Outbox, now: dt.datetime, said_at: dt.datetime) -> None:
    """Read a flagged message, file it, and tell its author and who flagged it. Raises SlackRefused."""
    channel, ts, flagger = row.payload["channel"], row.payload["ts"], row.payload["flagger"]
    async with kit.database.reading() as session:
        report = await storage.reports.by_message(session, row.workspace_id, channel, ts)
    if report is None:
        return
    if report.withdrawn_at is not None:
        await _whisper(kit, channel, flagger, views.report.sentence(TAKEN_BACK))
        return
    if report.cluster_id is not None:
        filed = await reports.tell(kit, reports.Outcome(report, new=False, masked=0), now)
        if flagger != report.reporter:
            await _whisper(kit, channel, flagger, views.report.flag_known(filed.handle, filed.developers))
        return
    try:
        message = await kit.slack.message(channel, ts)
        place = await kit.slack.channel(channel)
        link = await kit.slack.permalink(channel, ts) if message is not None else ""
    except SlackRefused as refusal:
        if not refusal.permanent:
            raise
        log.warning("flagged message cannot be read", extra={"channel": channel, "code": refusal.code})
        await _drop(kit, report)
        await kit.slack.post(flagger, UNREADABLE, views.report.sentence(UNREADABLE).blocks)
        return
    if message is None or rules.message.is_gone(message):
        await _drop(kit, report)
        await _whisper(kit, channel, flagger, views.report.sentence(GONE))
        return
    # A bot is not a developer: what it wrote hits the person who flagged it.
    author = rules.message.author(message) or flagger
    await _file(
        kit,
        report,
        rules.message.words(message),
        author,
        flagger,
        link,
        private=place.private,
        said_at=said_at,
        now=now,
    )


async def look_up(kit: Kit, row: Outbox, now: dt.datetime) -> None:
    """A message was saved by its menu: find out whether everybody may read it, and where it stands."""
    channel, ts = row.payload["channel"], row.payload["ts"]
    try:
        place = await kit.slack.channel(channel)
        link = await kit.slack.permalink(channel, ts)
    except SlackRefused as refusal:
        if refusal.permanent:
            return  # a place that is closed to us is private, and stays so
        raise
    async with kit.database.transaction() as session:
        report = await storage.reports.by_message(session, row.workspace_id, channel, ts)
        if report is None or report.cluster_id is None:
            return
        report.permalink = link
        report.visibility = "private" if place.private else "public"
        await storage.outbox.again(
            session, row.workspace_id, "card", str(report.cluster_id), {"cluster": report.cluster_id}, now
        )
    kit.wake.set()


async def save_message(
    kit: Kit,
    channel: str,
    channel_name: str,
    message: dict[str, Any],
    flagger: str,
    event_ts: str,
    said_at: dt.datetime,
    now: dt.datetime,
) -> tuple[reports.Outcome, str]:
    """The message shortcut: the message came along, so it is filed at once. Gives the outcome and its author."""
    ts = str(message["ts"])
    author = rules.message.author(message) or flagger
    outcome = await reports.file(
        kit,
        reports.Said(
            key=message_key(channel, ts),
            text=rules.text.received(rules.message.words(message)),
            source="shortcut",
            reporter=author,
            said_at=said_at,
            channel=channel,
            message_ts=ts,
            private=True,
        ),
        now,
        flagger=flagger,
        event_ts=event_ts,
    )
    assert outcome is not None
    async with kit.database.transaction() as session:
        coordinates = {"channel": channel, "ts": ts}
        if outcome.new and not rules.message.private_place(channel_name):
            await storage.outbox.once(session, kit.house.workspace_id, "look_up", f"{channel}:{ts}", coordinates, now)
        if outcome.new and author != flagger:
            await _tell_author(session, kit, outcome.report, flagger, now)
    kit.wake.set()
    return outcome, author


def message_key(channel: str, message_ts: str) -> str:
    """The key of a report that is a message, by whichever gesture it was captured."""
    return f"message:{channel}:{message_ts}"


async def _file(
    kit: Kit,
    pending: Report,
    raw: str,
    author: str,
    flagger: str,
    link: str,
    *,
    private: bool,
    said_at: dt.datetime,
    now: dt.datetime,
) -> None:
    words, masked = rules.secrets.mask(rules.text.received(raw))
    tag = kit.area.answer(words)
    async with kit.database.transaction() as session:
        workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
        report = await storage.reports.get(session, kit.house.workspace_id, pending.id or 0)
        if report is None or report.cluster_id is not None or report.withdrawn_at is not None:
            return
        report.text, report.reporter, report.permalink, report.said_at = words, author, link, said_at
        report.area, report.confidence = tag.area, tag.confidence
        report.visibility = "private" if private else "public"
        await reports.place(session, kit, workspace, report, now)
        if author != flagger:
            await _tell_author(session, kit, report, flagger, now)
    kit.wake.set()
    reports.CAPTURED.labels("emoji", report.area).inc()
    log.info("report filed", extra={"report": report.id, "cluster": report.cluster_id, "source": "emoji"})
    outcome = reports.Outcome(report, new=True, masked=masked)
    filed = await reports.tell(kit, outcome, now)
    if author == flagger:
        await _whisper(kit, pending.channel, flagger, views.report.filed(filed))
    else:
        name = (await kit.slack.person(author)).name
        await _whisper(kit, pending.channel, flagger, views.report.flag_taken(filed, name))


async def _tell_author(session: Session, kit: Kit, report: Report, flagger: str, now: dt.datetime) -> None:
    payload = {"report": report.id, "person": report.reporter, "flagger": flagger}
    await storage.outbox.once(session, kit.house.workspace_id, "tell", f"author:{report.id}", payload, now)


async def _drop(kit: Kit, report: Report) -> None:
    """Forget a report that was never read, so that the message can be flagged again."""
    async with kit.database.transaction() as session:
        stored = await storage.reports.get(session, report.workspace_id, report.id or 0)
        if stored is not None and stored.cluster_id is None:
            await session.delete(stored)


async def _whisper(kit: Kit, channel: str, person: str, message: views.blocks.Message) -> None:
    try:
        await kit.slack.whisper(channel, person, message.text, message.blocks)
    except SlackRefused as refusal:
        # Told is told: saying it twice is worse than not saying it, and the report itself is safe.
        log.warning("private answer not shown", extra={"channel": channel, "code": refusal.code})
