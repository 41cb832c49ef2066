"""Subscriptions: who wants digests, of what, and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import storage.subscriptions
from bot import rules, views
from bot.flows.kit import Kit
from storage.models import Subscription


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


def in_words(subscription: Subscription | None) -> str:
    """`docs, errors · every week, Monday 09:00 (Europe/Berlin)`; empty for nobody."""
    if subscription is None:
        return ""
    areas: Sequence[str] = rules.digest.areas(subscription.areas) or ("all areas",)
    when = views.form.CADENCES[subscription.every].lower()
    day = "" if subscription.every == "day" else f", {views.form.WEEKDAYS[subscription.weekday]}"
    paused = f" · paused: {subscription.paused_because}" if subscription.paused_because else ""
    return f"Your digest: {', '.join(areas)} · {when}{day} {subscription.at} ({subscription.tz}){paused}"
