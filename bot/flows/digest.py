"""Digests: who wants them, which are due, and sending each once."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import replace

import storage.outbox
import storage.subscriptions
from bot import rules, views
from bot.flows import cluster as clusters
from bot.flows.kit import Kit
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
        following = rules.schedule.next_due(
            now,
            every=subscription.every,
            weekday=subscription.weekday,
            at=subscription.at,
            tz=subscription.tz,
            last=subscription.next_due_at,
        )
        async with kit.database.transaction() as session:
            if await storage.subscriptions.claim(session, subscription, next_due_at=following):
                await _begin(session, kit, subscription, subscription.next_due_at, now)
                begun += 1
    if begun:
        kit.wake.set()
    return begun


async def send_now(kit: Kit, person: str, now: dt.datetime) -> None:
    """Send a subscriber's digest at once, whatever their schedule says. Raises Unknown."""
    async with kit.database.transaction() as session:
        subscription = await storage.subscriptions.get(session, kit.house.workspace_id, person)
        if subscription is None:
            raise Unknown(f"{person} is not subscribed. Subscribe them first: friction subscribe {person}")
        await _begin(session, kit, subscription, now, now)
    kit.wake.set()


async def _begin(
    session: Session,
    kit: Kit,
    subscription: Subscription,
    due_at: dt.datetime,
    now: dt.datetime,
) -> None:
    assert subscription.id is not None
    since = await storage.subscriptions.last_period(session, subscription.id)
    digest = await storage.subscriptions.open_digest(
        session,
        Digest(
            workspace_id=kit.house.workspace_id,
            subscription_id=subscription.id,
            due_at=due_at,
            since=since or due_at - rules.schedule.period(subscription.every),
        ),
    )
    if digest is not None:
        await storage.outbox.once(session, kit.house.workspace_id, "digest", str(digest.id), {"digest": digest.id}, now)


async def send(kit: Kit, row: Outbox, now: dt.datetime) -> None:
    """Compose a digest and send it; a quiet period sends nothing. Raises SlackRefused."""
    async with kit.database.reading() as session:
        digest = await storage.subscriptions.get_digest(session, row.workspace_id, row.payload["digest"])
        if digest is None or digest.state != "due":
            return
        subscription = await storage.subscriptions.by_id(session, digest.subscription_id)
    if subscription is None:
        return
    composed = await compose(kit, subscription, since=digest.since, now=now)
    if composed is None:
        await _note(kit, digest, state="quiet", now=now)
        log.info("quiet digest", extra={"digest": digest.id})
        return
    message = views.digest.message(replace(composed, digest_id=digest.id or 0))
    posted = None
    try:
        if row.attempts > 1:
            posted = await _posted_before(kit, subscription.person, digest, row)
        posted = posted or await kit.slack.post(subscription.person, message.text, message.blocks)
    except SlackRefused as refusal:
        if refusal.permanent:
            async with kit.database.transaction() as session:
                await storage.subscriptions.pause(session, digest.subscription_id, refusal.code)
        raise
    await _note(kit, digest, state="sent", now=now, channel=posted.channel, ts=posted.ts)
    log.info("digest sent", extra={"digest": digest.id})


async def _posted_before(kit: Kit, person: str, digest: Digest, row: Outbox) -> Posted | None:
    """The message, if an earlier try got it to Slack and did not live to say so."""
    try:
        return await kit.slack.posted_with(person, views.digest.block_id(digest.id or 0), row.created_at)
    except SlackRefused as refusal:
        if refusal.code != "missing_scope":
            raise
        # Without im:history nobody can look. A digest twice is a nuisance, a digest lost is a week unseen.
        log.warning("cannot look for a digest: im:history is not granted", extra={"digest": digest.id})
        return None


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
        digest_id=0,
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
        since = await storage.subscriptions.last_period(session, subscription.id)
    since = since or now - rules.schedule.period(subscription.every)
    composed = await compose(kit, subscription, since=since, now=now, asked=True)
    if composed is None:
        return views.digest.nothing(since.astimezone(rules.schedule.zone(subscription.tz))).text
    return views.digest.plain(composed)


async def _note(kit: Kit, digest: Digest, *, state: str, now: dt.datetime, channel: str = "", ts: str = "") -> None:
    async with kit.database.transaction() as session:
        stored = await storage.subscriptions.get_digest(session, digest.workspace_id, digest.id or 0)
        if stored is not None:
            stored.state, stored.channel, stored.message_ts = state, channel, ts
            stored.sent_at = now if state == "sent" else None


def in_words(subscription: Subscription | None) -> str:
    """`docs, errors · every week, Monday 09:00 (Europe/Berlin)`; empty for nobody."""
    if subscription is None:
        return ""
    areas: Sequence[str] = rules.digest.areas(subscription.areas) or ("all areas",)
    when = views.form.CADENCES[subscription.every].lower()
    day = "" if subscription.every == "day" else f", {views.form.WEEKDAYS[subscription.weekday]}"
    paused = f" · paused: {subscription.paused_because}" if subscription.paused_because else ""
    return f"Your digest: {', '.join(areas)} · {when}{day} {subscription.at} ({subscription.tz}){paused}"
