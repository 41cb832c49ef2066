"""Digests: who wants them, which are due, and sending each once."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence

import storage.outbox
import storage.subscriptions
from bot import rules, views
from bot.flows import digest_contents
from bot.flows.kit import Kit
from bot.flows.post import post_once, posted_before
from bot.slack import Posted, SlackRefused
from storage.database import Session
from storage.models import Digest, Outbox, Subscription

log = logging.getLogger(__name__)


class Unknown(Exception):
    """Somebody or something was named that there is not; the message says so."""


async def subscribe(
    kit: Kit, person: str, *, areas: str, every: str, weekday: str, at: str, tz: str, now: dt.datetime
) -> Subscription:
    """Subscribe a person, or change how they are. Raises ValueError with a sentence for what cannot be meant."""
    chosen = rules.digest.areas(areas)
    for area in chosen or ():
        if area not in (*kit.house.areas, rules.areas.UNSORTED):
            raise ValueError(f"{area!r} is not an area here. There are {', '.join(kit.house.areas)}, and all.")
    every, weekday, at = rules.schedule.cadence(every), rules.schedule.weekday(weekday), rules.schedule.at(at)
    due = rules.schedule.next_due(now, every=every, weekday=weekday, at=at, tz=tz)
    async with kit.database.transaction() as session:
        return await storage.subscriptions.put(
            session,
            Subscription(
                workspace_id=kit.house.workspace_id,
                person=person,
                areas=",".join(chosen) if chosen else "all",
                every=every,
                weekday=weekday,
                at=at,
                tz=tz,
                next_due_at=due,
                created_at=now,
            ),
        )


async def unsubscribe(kit: Kit, person: str) -> bool:
    """Send this person no more digests. False: they got none."""
    async with kit.database.transaction() as session:
        return await storage.subscriptions.remove(session, kit.house.workspace_id, person)


async def current(kit: Kit, person: str) -> Subscription | None:
    """How this person is subscribed."""
    async with kit.database.reading() as session:
        return await storage.subscriptions.get(session, kit.house.workspace_id, person)


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
    digest = await storage.subscriptions.open_digest(
        session,
        Digest(
            workspace_id=kit.house.workspace_id,
            subscription_id=subscription.id,
            due_at=due_at,
            since=due_at - rules.schedule.period(subscription.every),
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
    key = f"digest-{digest.id}"
    try:
        # What an earlier try may have said stays as it was remembered then.
        posted = await _standing(kit, row, subscription, key) if digest.until else None
        state = "sent"
        if posted is None:
            composed = await digest_contents.compose(kit, subscription, now, digest=digest)
            await _remember(kit, digest, composed)
            if composed.view.reasons or row.payload.get("asked"):
                posted = await _post(kit, row, subscription, digest_contents.messages(composed), key)
            else:
                state = "quiet"
                posted = await _say_so(kit, row, subscription, composed, key)
    except SlackRefused as refusal:
        if refusal.unreachable:
            async with kit.database.transaction() as session:
                await storage.subscriptions.pause(session, digest.subscription_id, refusal.code)
        raise
    await _note(kit, digest, state, now, posted)
    log.info("digest over", extra={"digest": digest.id, "state": state})


async def _standing(kit: Kit, row: Outbox, subscription: Subscription, key: str) -> Posted | None:
    if not row.uncertain:
        return None
    return await posted_before(kit, row, await kit.slack.direct_channel(subscription.person), key)


async def _post(
    kit: Kit, row: Outbox, subscription: Subscription, messages: Sequence[views.blocks.Message], key: str
) -> Posted:
    """Post the first of these messages that the workspace takes."""
    channel = await kit.slack.direct_channel(subscription.person)
    for message in messages[:-1]:
        try:
            return await post_once(kit, row, channel, message, block_id=key)
        except SlackRefused as refusal:
            # Blocks that are new to Slack come to one workspace after the other. What it refused, it did not post.
            if refusal.code != "invalid_blocks":
                raise
            log.info("a workspace without charts", extra={"row": row.id})
    return await post_once(kit, row, channel, messages[-1], block_id=key)


async def _say_so(
    kit: Kit, row: Outbox, subscription: Subscription, composed: digest_contents.Composed, key: str
) -> Posted | None:
    """After some quiet periods in a row, say in one line that it was quiet."""
    last = composed.last
    async with kit.database.reading() as session:
        quiet = await storage.subscriptions.quiet_periods(session, subscription.id or 0, last.until if last else None)
    if (quiet + 1) % rules.digest.ALIVE:
        return None
    return await _post(kit, row, subscription, [digest_contents.alive(composed)], key)


async def preview(kit: Kit, person: str, now: dt.datetime) -> str:
    """A subscriber's digest as text, with its receipts; it counts as sent to nobody. Raises Unknown."""
    async with kit.database.reading() as session:
        subscription = await storage.subscriptions.get(session, kit.house.workspace_id, person)
    if subscription is None:
        raise Unknown(f"{person} is not subscribed. Subscribe them first: friction subscribe {person}")
    return await digest_contents.plain(kit, await digest_contents.compose(kit, subscription, now), now)


async def _remember(kit: Kit, digest: Digest, composed: digest_contents.Composed) -> None:
    """Keep what is about to be shown: when Slack does not answer, it may be shown all the same."""
    async with kit.database.transaction() as session:
        stored = await storage.subscriptions.get_digest(session, digest.workspace_id, digest.id or 0)
        if stored is not None:
            stored.since, stored.until = composed.since, composed.until
            stored.shown = rules.digest.written(composed.shown)


async def _note(kit: Kit, digest: Digest, state: str, now: dt.datetime, posted: Posted | None) -> None:
    async with kit.database.transaction() as session:
        stored = await storage.subscriptions.get_digest(session, digest.workspace_id, digest.id or 0)
        if stored is not None:
            stored.state = state
            stored.sent_at = now if posted else None
            stored.channel, stored.message_ts = (posted.channel, posted.ts) if posted else ("", "")


def in_words(subscription: Subscription | None) -> str:
    """`docs, errors · every week, Monday 09:00 (Europe/Berlin)`; empty for nobody."""
    if subscription is None:
        return ""
    areas: Sequence[str] = rules.digest.areas(subscription.areas) or ("all areas",)
    when = views.form.CADENCES[subscription.every].lower()
    day = "" if subscription.every == "day" else f", {views.form.WEEKDAYS[subscription.weekday]}"
    paused = f" · paused: {subscription.paused_because}" if subscription.paused_because else ""
    return f"Your digest: {', '.join(areas)} · {when}{day} {subscription.at} ({subscription.tz}){paused}"
