"""Slack's events are its best effort: once an hour, recent cards are compared with Slack's own reactions."""

from __future__ import annotations

import datetime as dt
import logging

from prometheus_client import Counter

import storage.outbox
import storage.votes
import storage.workspaces
from bot import rules
from bot.flows.kit import Kit
from bot.slack import Posted, SlackRefused
from storage.models import Outbox, Vote

log = logging.getLogger(__name__)

REPAIRED = Counter("friction_votes_repaired_total", "Votes that a sweep set right", ["given"])

#: How often, and how far back.
EVERY, BACK = dt.timedelta(hours=1), dt.timedelta(days=14)


async def begin(kit: Kit, now: dt.datetime) -> int:
    """Want every recent card counted, once an hour over all replicas. Gives back how many there are."""
    workspace = kit.house.workspace_id
    async with kit.database.transaction() as session:
        if not await storage.workspaces.claim_sweep(session, workspace, now, EVERY):
            return 0
        cards = await storage.votes.recent_cards(session, workspace, now - BACK)
        for card in cards:
            where = {"channel": card.channel, "ts": card.message_ts}
            await storage.outbox.again(session, workspace, "count", str(card.id), where, now)
    kit.wake.set()
    return len(cards)


async def count(kit: Kit, row: Outbox, now: dt.datetime) -> None:
    """Set right what we know of one card's reactions. Raises SlackRefused.

    What is set right is written down with Slack's own moment of reading: an event that is later wins, whenever it
    comes, and one that is earlier is in what was read.
    """
    channel, ts = row.payload["channel"], row.payload["ts"]
    try:
        reactions = await kit.slack.reactions(Posted(channel, ts))
    except SlackRefused as refusal:
        if not refusal.permanent:
            raise
        log.info("a card cannot be counted", extra={"row": row.id, "code": refusal.code})
        return
    repaired = []
    async with kit.database.transaction() as session:
        known = {
            (vote.person, vote.emoji): vote.given
            for vote in await storage.votes.on(session, row.workspace_id, channel, ts)
        }
        seen = {emoji: people for emoji, people in reactions.people.items() if _counts(kit, emoji)}
        for person, emoji, given in rules.reactions.repairs(known, seen, reactions.partly):
            vote = Vote(
                workspace_id=row.workspace_id,
                channel=channel,
                message_ts=ts,
                person=person,
                emoji=emoji,
                given=given,
                event_ts=reactions.as_of,
                voted_at=now,
            )
            if person != kit.house.bot_user_id and await storage.votes.record(session, vote):
                repaired.append(vote)
        cluster = await storage.votes.cluster_of(session, row.workspace_id, channel, ts)
        if repaired and cluster is not None:
            await storage.outbox.again(session, row.workspace_id, "card", str(cluster), {"cluster": cluster}, now)
    for vote in repaired:
        REPAIRED.labels(str(vote.given).lower()).inc()
    if repaired:
        log.info("votes repaired", extra={"cluster": cluster, "votes": len(repaired)})
        kit.wake.set()


def _counts(kit: Kit, emoji: str) -> bool:
    meaning = rules.reactions.meaning(emoji, capture=kit.house.capture, upvote=kit.house.upvote)
    return meaning is not rules.reactions.Meaning.NOTHING
