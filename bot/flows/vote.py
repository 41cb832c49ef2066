"""Somebody reacts, or takes a reaction off."""

from __future__ import annotations

import datetime as dt
import logging

from prometheus_client import Counter

import storage.outbox
import storage.reports
import storage.votes
from bot import rules
from bot.flows import flag, workaround
from bot.flows.kit import Kit
from storage.models import Vote

log = logging.getLogger(__name__)

VOTES = Counter("friction_votes_total", "Reactions that changed a vote", ["given"])


async def reacted(
    kit: Kit,
    *,
    channel: str,
    message_ts: str,
    author: str,
    person: str,
    emoji: str,
    given: bool,
    event_ts: str,
    now: dt.datetime,
) -> None:
    """One reaction was put on or taken off. `author`: who wrote the message, empty when Slack does not say."""
    meaning = rules.reactions.meaning(emoji, capture=kit.house.capture, upvote=kit.house.upvote)
    if meaning is rules.reactions.Meaning.NOTHING or person == kit.house.bot_user_id:
        return
    vote = Vote(
        workspace_id=kit.house.workspace_id,
        channel=channel,
        message_ts=message_ts,
        person=person,
        emoji=emoji,
        given=given,
        event_ts=event_ts,
        voted_at=now,
    )
    capturing = meaning is rules.reactions.Meaning.CAPTURE
    ours = author == kit.house.bot_user_id
    if capturing and given and not ours:
        await flag.flag(kit, vote, author, now)
        return
    # A card's row may learn where the card stands only after somebody has reacted to it: the vote waits there for it.
    # A flag that is taken off may be heard of before it was put on. Any other message is none of our business, and
    # what people do to it is not even stored.
    if not ours and not capturing and not await _tracked(kit, vote):
        return
    async with kit.database.transaction() as session:
        if not await storage.votes.record(session, vote):
            return
        cluster = await storage.votes.cluster_of(session, vote.workspace_id, channel, message_ts)
        if cluster is not None:
            await storage.outbox.again(session, vote.workspace_id, "card", str(cluster), {"cluster": cluster}, now)
            if given:
                await workaround.offer(session, kit, cluster, person, now)
    VOTES.labels(str(given).lower()).inc()
    log.info("vote heard", extra={"cluster": cluster, "given": given})
    kit.wake.set()


async def _tracked(kit: Kit, vote: Vote) -> bool:
    async with kit.database.reading() as session:
        if await storage.votes.cluster_of(session, vote.workspace_id, vote.channel, vote.message_ts) is not None:
            return True
        known = await storage.reports.by_message(session, vote.workspace_id, vote.channel, vote.message_ts)
    return known is not None and known.withdrawn_at is None
