"""Digests: which are due, and sending each once."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Sequence

from prometheus_client import Counter

import storage.outbox
import storage.subscriptions
from bot import rules, views
from bot.flows import digest_contents
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit
from bot.flows.moment import Moment
from bot.flows.post import post_once, posted_before
from bot.slack import Posted, SlackRefused
from bot.views.blocks import keyed
from storage.database import Session
from storage.models import Digest, Outbox, Subscription

log = logging.getLogger(__name__)

DIGESTS = Counter("friction_digests_total", "Digests by what became of them: sent, quiet or dropped", ["state"])


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
            since=await digest_contents.since(session, subscription, due_at),
        ),
    )


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
    key = f"digest-{digest.id}"
    try:
        # What an earlier try may have said stays as it was remembered then.
        posted = await _stands(kit, row, subscription, key) if digest.until else None
        state = "sent"
        if posted is None:
            moment = await _moment(kit, digest, now)
            composed = await digest_contents.compose(kit, subscription, moment, digest=digest)
            await remember(kit, digest, composed)
            if composed.view.reasons or asked:
                posted = await _post(kit, row, subscription, digest_contents.messages(composed), key)
            else:
                state = "quiet"
                if await is_sign_of_life(kit, subscription, composed):
                    posted = await _post(kit, row, subscription, [digest_contents.alive(composed)], key)
    except SlackRefused as refusal:
        if not refusal.unreachable:
            raise
        # Nobody is there to read it. Tried again, it would be refused again, until somebody sets that right.
        log.warning("digest stopped", extra={"digest": digest.id, "code": refusal.code})
        await note(kit, digest, "dropped", now, stopped=refusal.code)
        DIGESTS.labels("dropped").inc()
        return
    await note(kit, digest, state, now, posted)
    DIGESTS.labels(state).inc()
    log.info("digest over", extra={"digest": digest.id, "state": state})


async def _moment(kit: Kit, digest: Digest, now: dt.datetime) -> Moment:
    """The moment that a digest tells of: not from before it was due, nor from before what its reader was told last."""
    async with kit.database.reading() as session:
        last = await storage.subscriptions.received(session, digest.subscription_id, digest.id)
    after = max(filter(None, (digest.due_at, last.until if last else None)))
    return await kit.moments.current(kit, now, after=after)


async def _stands(kit: Kit, row: Outbox, subscription: Subscription, key: str) -> Posted | None:
    """Where an earlier try got it to, if one did."""
    return await posted_before(kit, row, await _place(kit, row, subscription), key) if row.uncertain else None


async def _post(
    kit: Kit, row: Outbox, subscription: Subscription, messages: Sequence[views.blocks.Message], key: str
) -> Posted:
    """Post the first of these messages that the workspace takes."""
    place = await _place(kit, row, subscription)
    for message in messages[:-1]:
        try:
            return await post_once(kit, row, place, message, block_id=key)
        except SlackRefused as refusal:
            _want_simpler(refusal)
    return await post_once(kit, row, place, messages[-1], block_id=key)


def _want_simpler(refusal: SlackRefused) -> None:
    """Blocks that are new to Slack come to one workspace after the other. What it refused, it did not post."""
    if refusal.code != "invalid_blocks":
        raise refusal
    log.info("a workspace without charts")


async def is_sign_of_life(kit: Kit, subscription: Subscription, composed: digest_contents.Composed) -> bool:
    """Whether, after some quiet periods in a row, one line says that it was quiet in this one too."""
    last = composed.last
    async with kit.database.reading() as session:
        quiet = await storage.subscriptions.quiet_periods(session, subscription.id or 0, last.until if last else None)
    return (quiet + 1) % rules.digest.ALIVE == 0


async def _place(kit: Kit, row: Outbox, subscription: Subscription) -> str:
    """Where to post it. Raises SlackRefused, also where people from outside could read it."""
    if not subscriptions.is_channel(subscription.reader):
        # Slack finds the conversation by itself; its id is only needed to look into it.
        return await kit.slack.direct_channel(subscription.reader) if row.uncertain else subscription.reader
    channel = await kit.slack.channel(subscription.reader)
    if channel.shared:
        raise SlackRefused("shared")
    return channel.id


async def redraw(kit: Kit, row: Outbox, now: dt.datetime) -> None:
    """Draw a digest that was sent anew, of the same time, after something in it was decided. Raises SlackRefused."""
    async with kit.database.reading() as session:
        digest = await storage.subscriptions.get_digest(session, row.workspace_id, row.payload["digest"])
        subscription = await storage.subscriptions.by_id(session, digest.subscription_id) if digest else None
    if digest is None or digest.until is None or subscription is None or not digest.message_ts:
        return
    pending = rules.digest.read(digest.shown).pending
    composed = await digest_contents.compose(
        kit, subscription, Moment(kit, digest.until), digest=digest, pending=pending
    )
    posted = Posted(digest.channel, digest.message_ts)
    first, *simpler = [keyed(each, f"digest-{digest.id}") for each in digest_contents.messages(composed)]
    try:
        await kit.slack.update(posted, first)
    except SlackRefused as refusal:
        if not simpler:
            raise
        _want_simpler(refusal)
        await kit.slack.update(posted, simpler[-1])


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


async def want_latest_redrawn(kit: Kit, readers: Collection[str], cluster_id: int, now: dt.datetime) -> None:
    """Want the digest that each of these readers received last drawn anew, where it shows this cluster."""
    workspace_id = kit.house.workspace_id
    async with kit.database.transaction() as session:
        for reader in readers:
            subscription = await storage.subscriptions.get(session, workspace_id, reader)
            latest = subscription and await storage.subscriptions.received(session, subscription.id or 0)
            if latest and latest.message_ts and cluster_id in rules.digest.read(latest.shown).clusters:
                await storage.outbox.again(session, workspace_id, "redraw", str(latest.id), {"digest": latest.id}, now)
    kit.wake.set()


async def subscriber(kit: Kit, reader: str) -> Subscription:
    """How this person or channel is subscribed. Raises Unknown."""
    subscription = await subscriptions.current(kit, reader)
    if subscription is None:
        raise Unknown(f"{reader} is not subscribed. Subscribe them first: friction subscribe {reader}")
    return subscription


async def preview(kit: Kit, reader: str, now: dt.datetime) -> str:
    """A subscriber's digest as text, with its receipts; it counts as sent to nobody. Raises Unknown."""
    subscription = await subscriber(kit, reader)
    return await digest_contents.plain(kit, await digest_contents.compose(kit, subscription, Moment(kit, now)), now)


async def remember(kit: Kit, digest: Digest, composed: digest_contents.Composed) -> None:
    """Keep what is about to be shown: when Slack does not answer, it may be shown all the same."""
    async with kit.database.transaction() as session:
        stored = await storage.subscriptions.get_digest(session, digest.workspace_id, digest.id or 0)
        if stored is not None:
            stored.since, stored.until = composed.since, composed.until
            stored.shown = rules.digest.written(composed.shown)


async def note(
    kit: Kit, digest: Digest, state: str, now: dt.datetime, posted: Posted | None = None, *, stopped: str = ""
) -> None:
    """Note what became of a digest. `stopped`: Slack's word for why its reader gets no more of them."""
    async with kit.database.transaction() as session:
        stored = await storage.subscriptions.get_digest(session, digest.workspace_id, digest.id or 0)
        if stored is not None:
            stored.state, stored.until = state, stored.until or now
            stored.sent_at = now if posted else None
            stored.channel, stored.message_ts = (posted.channel, posted.ts) if posted else ("", "")
        if stopped:
            await storage.subscriptions.stop(session, digest.subscription_id, stopped)
