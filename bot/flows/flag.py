"""Somebody flags a message: it is filed for its author, and the flag is a vote."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass, replace
from typing import Any

import storage.clusters
import storage.facts
import storage.outbox
import storage.people
import storage.reports
import storage.votes
from bot import rules, views
from bot.flows import card as cards
from bot.flows import report as reports
from bot.flows.kit import Kit
from bot.flows.post import post_once
from bot.slack import Channel, SlackRefused
from storage.models import Outbox, Report, Vote

log = logging.getLogger(__name__)

GONE = "That message is gone, so there is nothing to file."
TAKEN_BACK = "Its author has taken that back, so I leave it alone."
UNWANTED = "Its author does not want their messages flagged, so I leave it alone."
UNREADABLE = (
    "I cannot read that message. Invite me to the channel and flag it again, "
    "or choose Save as friction in the message’s menu: that works everywhere."
)


NOT_GRANTED = (
    "I may not read messages there: whoever installed me left that out. "
    "Choose Save as friction in the message’s menu: that works everywhere."
)


async def flag(kit: Kit, vote: Vote, author: str, now: dt.datetime) -> None:
    """Note the flag. The first one makes a report that is still to be read, so that votes may follow at once."""
    key = message_key(vote.channel, vote.message_ts)
    payload = {
        "channel": vote.channel,
        "ts": vote.message_ts,
        "flagger": vote.person,
        "emoji": vote.emoji,
        "event_ts": vote.event_ts,
    }
    heard = f"{vote.channel}:{vote.message_ts}:{vote.person}:{vote.event_ts}"
    async with kit.database.transaction() as session:
        stands = await storage.votes.record(session, vote)
        known = await storage.reports.by_key(session, vote.workspace_id, key)
        # That it was taken off may be heard first: the message was flagged all the same.
        if not stands and known is not None:
            return
        new = await storage.outbox.once(session, vote.workspace_id, "read", heard, payload, now)
        if known is None and new:
            pending = Report(
                workspace_id=vote.workspace_id,
                key=key,
                source="emoji",
                reporter=author or None,
                channel=vote.channel,
                message_ts=vote.message_ts,
                visibility="private",
                said_at=now,
                created_at=now,
            )
            await storage.reports.add(session, pending)
        elif known is not None and known.cluster_id is not None:
            card = {"cluster": known.cluster_id}
            await storage.outbox.again(session, vote.workspace_id, "card", str(known.cluster_id), card, now)
    kit.wake.set()


async def read(kit: Kit, row: Outbox, now: dt.datetime, said_at: dt.datetime) -> None:
    """Read a flagged message, file it, and tell who flagged it what became of it. Raises SlackRefused."""
    channel, ts = row.payload["channel"], row.payload["ts"]
    by = reports.Flag(row.payload["flagger"], row.payload["emoji"], row.payload["event_ts"])
    try:
        message = await kit.slack.message(channel, ts)
    except SlackRefused as refusal:
        if not refusal.permanent:
            raise
        log.warning("flagged message cannot be read", extra={"channel": channel, "code": refusal.code})
        await _drop(kit, channel, ts)
        direct = await kit.slack.direct_channel(by.person)
        why = NOT_GRANTED if refusal.code == "missing_scope" else UNREADABLE
        await post_once(kit, row, direct, views.report.sentence(why), block_id=f"unreadable-{row.id}")
        return
    if message is None or rules.message.is_gone(message):
        await _drop(kit, channel, ts)
        await _whisper(kit, channel, by.person, views.report.sentence(GONE))
        return
    if await _unwanted(kit, message, by.person):
        await _drop(kit, channel, ts)
        await _whisper(kit, channel, by.person, views.report.sentence(UNWANTED))
        return
    place, link = await _whereabouts(kit, channel, ts, row.created_at, now)
    said = replace(
        _said(channel, message, by.person, said_at),
        source="emoji",
        permalink=link,
        private=place is None or place.private,
        lift=place is not None and not place.private,
    )
    author = said.reporter or by.person
    outcome = await reports.file(kit, said, now, flag=by)
    assert outcome is not None
    await _whisper(kit, channel, by.person, await _told(kit, outcome, author, by.person))


async def _told(kit: Kit, outcome: reports.Outcome, author: str, flagger: str) -> views.blocks.Message:
    """What to tell somebody who flagged a message."""
    if outcome.filed is None:
        return views.report.sentence(TAKEN_BACK)
    if not outcome.new:
        return _known(outcome.filed)
    if author == flagger:
        return views.report.filed(outcome.filed)
    try:
        name = (await kit.slack.person(author)).name
    except SlackRefused as refusal:
        # It is filed by now; a retry would find it known, and say so instead.
        log.warning("no name for an author", extra={"person": author, "code": refusal.code})
        name = "a colleague"
    return views.report.flag_taken(outcome.filed, name)


@dataclass(frozen=True, slots=True)
class Saved:
    """What to tell somebody who saved a message: `news`, or about their own report."""

    news: str
    report_id: int | None


async def save_message(
    kit: Kit, channel: str, message: dict[str, Any], by: reports.Flag, now: dt.datetime, said_at: dt.datetime
) -> Saved:
    """The message shortcut: the message came along, so it is filed at once."""
    ts = str(message["ts"])
    if message.get("user") == kit.house.bot_user_id:
        return Saved(await _back(kit, channel, ts, by, now), None)
    if await _unwanted(kit, message, by.person):
        return Saved(UNWANTED, None)
    # Whether everybody may read it is looked up; until then nobody else does.
    said = replace(_said(channel, message, by.person, said_at), source="shortcut", private=True, lift=True)
    outcome = await reports.file(kit, said, now, flag=by)
    assert outcome is not None
    if outcome.filed is None:
        return Saved(TAKEN_BACK, None)
    if outcome.new and said.reporter == by.person:
        return Saved("", outcome.report.id)
    told = views.report.flag_taken(outcome.filed, "") if outcome.new else _known(outcome.filed)
    return Saved(told.text, None)


async def _back(kit: Kit, channel: str, message_ts: str, by: reports.Flag, now: dt.datetime) -> str:
    """Our own message was saved: a card is no report about itself, but who saves it has the problem too."""
    vote = by.vote(kit, channel, message_ts, now)
    async with kit.database.transaction() as session:
        cluster_id = await storage.votes.cluster_of(session, vote.workspace_id, channel, message_ts)
        if cluster_id is None:
            return "That is a message of mine, not a report."
        if await storage.votes.record(session, vote):
            await cards.changed(session, kit, cluster_id, now)
        cluster = await storage.clusters.get(session, vote.workspace_id, cluster_id)
        signals = await storage.votes.signals(session, vote.workspace_id, [cluster_id])
    kit.wake.set()
    assert cluster is not None
    standing = rules.impact.standings(signals, leads=kit.leads.people, now=now, since=now)[cluster_id]
    return views.report.flag_known(cards.handle(cluster.number), standing.developers).text


def _known(filed: views.report.Filed) -> views.blocks.Message:
    return views.report.flag_known(filed.handle, filed.developers)


async def look_up(kit: Kit, row: Outbox, now: dt.datetime) -> None:
    """Find out whether everybody may read where a report was said, and its message's address. Raises SlackRefused."""
    async with kit.database.reading() as session:
        report = await storage.reports.get(session, row.workspace_id, row.payload["report"])
    if report is None or report.cluster_id is None:
        return
    place, link = await _whereabouts(kit, report.channel, report.message_ts, row.created_at, now)
    async with kit.database.transaction() as session:
        stored = await storage.reports.get(session, row.workspace_id, report.id or 0)
        if stored is None or stored.cluster_id is None:
            return
        stored.permalink = link
        # What its author let be shown stays shown.
        if not await storage.facts.stated(session, stored.id or 0, "audience"):
            stored.visibility = (
                "public" if row.payload["lift"] and place is not None and not place.private else "private"
            )
        await cards.want_card(session, kit, stored.cluster_id, now)
    kit.wake.set()


async def _whereabouts(
    kit: Kit, channel: str, message_ts: str, made_at: dt.datetime, now: dt.datetime
) -> tuple[Channel | None, str]:
    """The conversation, None where we may not ask about it; and the message's address, empty where there is none."""
    place, link = None, ""
    try:
        place = await kit.whereabouts.of(kit.slack, channel, made_at, now)
        link = await kit.slack.permalink(channel, message_ts) if message_ts else ""
    except SlackRefused as refusal:
        if not refusal.permanent:
            raise
        log.info("not everything is known of a place", extra={"channel": channel, "code": refusal.code})
    return place, link


async def _unwanted(kit: Kit, message: dict[str, Any], flagger: str) -> bool:
    """Whether a message is somebody's who does not want theirs flagged by others."""
    author = rules.message.author(message)
    if author in (None, flagger):
        return False
    async with kit.database.reading() as session:
        return await storage.people.is_unflagged(session, kit.house.workspace_id, author or "")


def _said(channel: str, message: dict[str, Any], flagger: str, said_at: dt.datetime) -> reports.Said:
    """What a message says, as a report of its author's."""
    return reports.Said(
        key=message_key(channel, str(message["ts"])),
        text=rules.text.received(rules.message.words(message)),
        source="",
        # A bot is not a developer: what it wrote hits the person who flagged it.
        reporter=rules.message.author(message) or flagger,
        said_at=said_at,
        channel=channel,
        message_ts=str(message["ts"]),
    )


def message_key(channel: str, message_ts: str) -> str:
    """The key of a report that is a message, by whichever gesture it was captured."""
    return f"message:{channel}:{message_ts}"


async def _drop(kit: Kit, channel: str, message_ts: str) -> None:
    """Forget a report that could not be read, so that the message can be flagged again."""
    async with kit.database.transaction() as session:
        stored = await storage.reports.by_key(session, kit.house.workspace_id, message_key(channel, message_ts))
        if stored is not None and stored.cluster_id is None and stored.withdrawn_at is None:
            await session.delete(stored)


async def _whisper(kit: Kit, channel: str, person: str, message: views.blocks.Message) -> None:
    try:
        await kit.slack.whisper(channel, person, message)
    except SlackRefused as refusal:
        if not refusal.permanent and not refusal.unknown:
            raise
        # It may have been shown. Saying it twice is worse than not saying it, and the report itself is safe.
        log.warning("private answer not shown", extra={"channel": channel, "code": refusal.code})
