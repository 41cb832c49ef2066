"""Digests: which are due, what is in them, and sending each once."""

from __future__ import annotations

import datetime as dt
import logging

import storage.outbox
import storage.subscriptions
from bot import rules, views
from bot.flows import cluster as clusters
from bot.flows.kit import Kit
from bot.flows.post import post_once
from bot.slack import Posted, SlackRefused
from storage.database import Session
from storage.models import Digest, Outbox, Subscription

log = logging.getLogger(__name__)


class Unknown(Exception):
    """Somebody or something was named that there is not; the message says so."""


async def open_due(kit: Kit, now: dt.datetime) -> int:
    """Begin every digest whose time has come, and move its schedule on. Gives back how many were begun here.

    What fell due more than once while nobody was there is made up for by one digest.
    """
    begun = 0
    async with kit.database.reading() as session:
        waiting = await storage.subscriptions.due(session, kit.house.workspace_id, now)
    for subscription in waiting:
        try:
            begun += await _open(kit, subscription, now)
        except Exception:
            # Whatever is wrong with one, the others are due too.
            log.exception("digest not begun", extra={"subscription": subscription.id})
    if begun:
        kit.wake.set()
    return begun


async def _open(kit: Kit, subscription: Subscription, now: dt.datetime) -> bool:
    """Claim one subscription's moment and begin its digest. False: another process did."""
    following = rules.schedule.next_due(
        now,
        every=subscription.every,
        weekday=subscription.weekday,
        at=subscription.at,
        tz=subscription.tz,
        last=subscription.next_due_at,
    )
    async with kit.database.transaction() as session:
        if not await storage.subscriptions.claim(session, subscription, next_due_at=following):
            return False
        await _begin(session, kit, subscription, subscription.next_due_at, now)
    return True


async def send_now(kit: Kit, person: str, now: dt.datetime) -> int:
    """Want a subscriber's digest sent at once, quiet or not. Gives back its id. Raises Unknown."""
    async with kit.database.transaction() as session:
        subscription = await storage.subscriptions.get(session, kit.house.workspace_id, person)
        if subscription is None:
            raise Unknown(f"{person} is not subscribed. Subscribe them first: friction subscribe {person}")
        digest_id = await _begin(session, kit, subscription, now, now, asked=True)
    kit.wake.set()
    return digest_id


async def state(kit: Kit, digest_id: int) -> str:
    """What became of a digest: due, sent or quiet."""
    async with kit.database.reading() as session:
        digest = await storage.subscriptions.get_digest(session, kit.house.workspace_id, digest_id)
    return digest.state if digest else "due"


async def _begin(
    session: Session,
    kit: Kit,
    subscription: Subscription,
    due_at: dt.datetime,
    now: dt.datetime,
    *,
    asked: bool = False,
) -> int:
    assert subscription.id is not None
    since = await storage.subscriptions.told_until(session, subscription.id)
    digest = await storage.subscriptions.open_digest(
        session,
        Digest(
            workspace_id=kit.house.workspace_id,
            subscription_id=subscription.id,
            due_at=due_at,
            since=since or due_at - rules.schedule.period(subscription.every),
        ),
    )
    if digest is None or digest.id is None:
        return 0
    payload = {"digest": digest.id, "asked": asked}
    await storage.outbox.once(session, kit.house.workspace_id, "digest", str(digest.id), payload, now)
    return digest.id


async def send(kit: Kit, row: Outbox, now: dt.datetime) -> None:
    """Compose a digest and send it; a quiet period sends nothing, unless it was asked for. Raises SlackRefused."""
    async with kit.database.reading() as session:
        digest = await storage.subscriptions.get_digest(session, row.workspace_id, row.payload["digest"])
        subscription = await storage.subscriptions.by_id(session, digest.subscription_id) if digest else None
    if digest is None or digest.state != "due" or subscription is None:
        return
    message = await _message(kit, subscription, digest.since, now, asked=bool(row.payload.get("asked")))
    if message is None:
        await _note(kit, digest, "quiet", now)
        log.info("quiet digest", extra={"digest": digest.id})
        return
    try:
        channel = await kit.slack.direct_channel(subscription.person)
        posted = await post_once(kit, row, channel, message, block_id=f"digest-{digest.id}")
    except SlackRefused as refusal:
        if refusal.unreachable:
            async with kit.database.transaction() as session:
                await storage.subscriptions.pause(session, digest.subscription_id, refusal.code)
        raise
    await _note(kit, digest, "sent", now, posted)
    log.info("digest sent", extra={"digest": digest.id})


async def _message(
    kit: Kit, subscription: Subscription, since: dt.datetime, now: dt.datetime, *, asked: bool
) -> views.blocks.Message | None:
    composed = await compose(kit, subscription, since=since, now=now, asked=asked)
    if composed is not None:
        return views.digest.message(composed)
    return views.digest.nothing(since.astimezone(rules.schedule.zone(subscription.tz))) if asked else None


async def compose(
    kit: Kit, subscription: Subscription, *, since: dt.datetime, now: dt.datetime, asked: bool = False
) -> views.digest.Digest | None:
    """One person's digest of the time from `since` to `now`. None: it was quiet."""
    areas = rules.digest.areas(subscription.areas)
    standings = await clusters.ranked(kit, areas, now, since)
    contents = rules.digest.compose({each.cluster_id: each for each in standings}, since=since, until=now, asked=asked)
    if contents is None or not contents.top:
        return None
    place = rules.schedule.zone(subscription.tz)
    return views.digest.Digest(
        areas=areas,
        since=since.astimezone(place),
        until=now.astimezone(place),
        lines=tuple(await clusters.lines(kit, [each.cluster_id for each in contents.top], now, since)),
        more=contents.more,
        new_developers=contents.new_developers,
    )


async def preview(kit: Kit, person: str, now: dt.datetime) -> str:
    """A subscriber's digest as text; it counts as sent to nobody. Raises Unknown."""
    async with kit.database.reading() as session:
        subscription = await storage.subscriptions.get(session, kit.house.workspace_id, person)
        if subscription is None or subscription.id is None:
            raise Unknown(f"{person} is not subscribed. Subscribe them first: friction subscribe {person}")
        since = await storage.subscriptions.told_until(session, subscription.id)
    since = since or now - rules.schedule.period(subscription.every)
    composed = await compose(kit, subscription, since=since, now=now, asked=True)
    if composed is None:
        return views.digest.nothing(since.astimezone(rules.schedule.zone(subscription.tz))).text
    return views.digest.plain(composed)


async def _note(kit: Kit, digest: Digest, state: str, now: dt.datetime, posted: Posted | None = None) -> None:
    async with kit.database.transaction() as session:
        stored = await storage.subscriptions.get_digest(session, digest.workspace_id, digest.id or 0)
        if stored is not None:
            stored.state, stored.until = state, now
            stored.sent_at = now if posted else None
            stored.channel, stored.message_ts = (posted.channel, posted.ts) if posted else ("", "")
