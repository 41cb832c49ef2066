"""Digests: which are due, what is in them, and sending each once."""

from __future__ import annotations

import datetime as dt
import logging

import storage.outbox
import storage.subscriptions
from bot import rules, views
from bot.flows import cluster as clusters
from bot.flows import questions
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit
from bot.flows.post import post_once
from bot.slack import Posted, SlackRefused
from bot.views.blocks import keyed
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
            begun += await _open(kit, subscription, now, rules.schedule.turn(begun))
        except Exception:
            # Whatever is wrong with one, the others are due too.
            log.exception("digest not begun", extra={"subscription": subscription.id})
    if begun:
        kit.wake.set()
    return begun


async def _open(kit: Kit, subscription: Subscription, now: dt.datetime, turn: dt.timedelta) -> bool:
    """Claim one subscription's moment and begin its digest, to be sent in its turn. False: another process did."""
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
        digest = await begin(session, kit, subscription, subscription.next_due_at)
        await _want(session, kit, digest, now + turn)
    return True


async def send_now(kit: Kit, person: str, now: dt.datetime) -> int:
    """Want a subscriber's digest sent at once, quiet or not. Gives back its id. Raises Unknown."""
    async with kit.database.transaction() as session:
        subscription = await storage.subscriptions.get(session, kit.house.workspace_id, person)
        if subscription is None:
            raise Unknown(f"{person} is not subscribed. Subscribe them first: friction subscribe {person}")
        digest_id = await _want(session, kit, await begin(session, kit, subscription, now), now, asked=True)
    kit.wake.set()
    return digest_id


async def state(kit: Kit, digest_id: int) -> str:
    """What became of a digest: due, sent, quiet or dropped."""
    async with kit.database.reading() as session:
        digest = await storage.subscriptions.get_digest(session, kit.house.workspace_id, digest_id)
    return digest.state if digest else "due"


async def _want(session: Session, kit: Kit, digest: Digest | None, now: dt.datetime, *, asked: bool = False) -> int:
    """Want a digest sent. Gives back its id; 0 when there is none, as its moment had one already."""
    if digest is None or digest.id is None:
        return 0
    payload = {"digest": digest.id, "asked": asked}
    await storage.outbox.once(session, kit.house.workspace_id, "digest", str(digest.id), payload, now)
    return digest.id


async def begin(session: Session, kit: Kit, subscription: Subscription, due_at: dt.datetime) -> Digest | None:
    """Begin one digest. None: there is one of that moment already."""
    assert subscription.id is not None
    return await storage.subscriptions.open_digest(
        session,
        Digest(
            workspace_id=kit.house.workspace_id,
            subscription_id=subscription.id,
            due_at=due_at,
            since=await _since(session, subscription, due_at),
        ),
    )


async def _since(session: Session, subscription: Subscription, due_at: dt.datetime) -> dt.datetime:
    """From when a digest tells: since its reader was last told. The first tells of a period, or since they subscribed
    when that is longer ago: it may have been paused.
    """
    told = await storage.subscriptions.told_until(session, subscription.id or 0)
    return told or min(due_at - rules.schedule.period(subscription.every), subscription.created_at)


async def send(kit: Kit, row: Outbox, now: dt.datetime) -> None:
    """Compose a digest and send it; a quiet period sends nothing, unless it was asked for. Raises SlackRefused."""
    async with kit.database.reading() as session:
        digest = await storage.subscriptions.get_digest(session, row.workspace_id, row.payload["digest"])
        subscription = await storage.subscriptions.by_id(session, digest.subscription_id) if digest else None
    if digest is None or digest.state != "due":
        return
    asked = bool(row.payload.get("asked"))
    if subscription is None or (subscriptions.is_paused(subscription, now) and not asked):
        await note(kit, digest, "dropped", now)
        return
    message = await _message(kit, subscription, digest.since, now, asked=asked)
    if message is None:
        await note(kit, digest, "quiet", now)
        log.info("quiet digest", extra={"digest": digest.id})
        return
    try:
        place = await _place(kit, row, subscription)
        posted = await post_once(kit, row, place, message, block_id=f"digest-{digest.id}")
    except SlackRefused as refusal:
        if not refusal.unreachable:
            raise
        # Nobody is there to read it. Tried again, it would be refused again, until somebody sets that right.
        log.warning("digest stopped", extra={"digest": digest.id, "code": refusal.code})
        await note(kit, digest, "dropped", now, stopped=refusal.code)
        return
    await note(kit, digest, "sent", now, posted)
    log.info("digest sent", extra={"digest": digest.id})


async def _place(kit: Kit, row: Outbox, subscription: Subscription) -> str:
    """Where to post it. Raises SlackRefused, also where people from outside could read it."""
    if not subscriptions.is_channel(subscription.reader):
        # Slack finds the conversation by itself; its id is only needed to look into it.
        return await kit.slack.direct_channel(subscription.reader) if row.uncertain else subscription.reader
    channel = await kit.slack.channel(subscription.reader)
    if channel.shared:
        raise SlackRefused("shared")
    return channel.id


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
    by_id = {each.cluster_id: each for each in standings}
    contents = rules.digest.compose(by_id, since=since, until=now, asked=asked, length=subscription.length)
    if contents is None or not contents.top:
        return None
    place = rules.schedule.zone(subscription.tz)
    return views.digest.Digest(
        reader=subscription.reader,
        areas=areas,
        since=since.astimezone(place),
        until=now.astimezone(place),
        lines=tuple(await clusters.lines(kit, [each.cluster_id for each in contents.top], now, since)),
        more=contents.more,
        new_developers=contents.new_developers,
        suggested=tuple(await questions.suggested(kit, areas, subscription.person, since=since, until=now)),
        joined=tuple(await questions.joined(kit, areas, since)),
    )


async def redraw(kit: Kit, row: Outbox, now: dt.datetime) -> None:
    """Draw a digest that was sent anew, of the same time, after something in it was decided. Raises SlackRefused."""
    async with kit.database.reading() as session:
        digest = await storage.subscriptions.get_digest(session, row.workspace_id, row.payload["digest"])
        subscription = await storage.subscriptions.by_id(session, digest.subscription_id) if digest else None
    if digest is None or digest.until is None or subscription is None or not digest.message_ts:
        return
    message = await _message(kit, subscription, digest.since, digest.until, asked=True)
    if message is not None:
        message = keyed(message, f"digest-{digest.id}")
        await kit.slack.update(Posted(digest.channel, digest.message_ts), message)


async def want_redrawn(kit: Kit, person: str, channel: str, message_ts: str, now: dt.datetime) -> bool:
    """Want a digest of this person's, or of a channel, drawn anew. False: that message is none."""
    async with kit.database.transaction() as session:
        digest = await storage.subscriptions.digest_at(session, kit.house.workspace_id, channel, message_ts)
        subscription = await storage.subscriptions.by_id(session, digest.subscription_id) if digest else None
        if digest is None or subscription is None:
            return False
        if subscription.reader != person and not subscriptions.is_channel(subscription.reader):
            return False
        payload = {"digest": digest.id}
        await storage.outbox.again(session, kit.house.workspace_id, "redraw", str(digest.id), payload, now)
    kit.wake.set()
    return True


async def subscriber(kit: Kit, reader: str) -> Subscription:
    """How this person or channel is subscribed. Raises Unknown."""
    subscription = await subscriptions.current(kit, reader)
    if subscription is None:
        raise Unknown(f"{reader} is not subscribed. Subscribe them first: friction subscribe {reader}")
    return subscription


async def preview(kit: Kit, person: str, now: dt.datetime) -> str:
    """A subscriber's digest as text; it counts as sent to nobody. Raises Unknown."""
    subscription = await subscriber(kit, person)
    async with kit.database.reading() as session:
        since = await _since(session, subscription, now)
    composed = await compose(kit, subscription, since=since, now=now, asked=True)
    if composed is None:
        return views.digest.nothing(since.astimezone(rules.schedule.zone(subscription.tz))).text
    return views.digest.plain(composed)


async def note(
    kit: Kit, digest: Digest, state: str, now: dt.datetime, posted: Posted | None = None, *, stopped: str = ""
) -> None:
    """Note what became of a digest. `stopped`: Slack's word for why its reader gets no more of them."""
    async with kit.database.transaction() as session:
        stored = await storage.subscriptions.get_digest(session, digest.workspace_id, digest.id or 0)
        if stored is not None:
            stored.state, stored.until = state, now
            stored.sent_at = now if posted else None
            stored.channel, stored.message_ts = (posted.channel, posted.ts) if posted else ("", "")
        if stopped:
            await storage.subscriptions.stop(session, digest.subscription_id, stopped)
