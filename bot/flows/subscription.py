"""Subscriptions: who wants digests, of what, when, and not just now."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from typing import Any

import storage.subscriptions
from bot import rules, views
from bot.flows.kit import Kit
from bot.views.subscription import Subscribed
from storage.models import Subscription

log = logging.getLogger(__name__)

#: What ended subscriptions are kept for: until nobody wants to undo it any more.
KEPT = dt.timedelta(days=14)

TOO_LATE = "That was too long ago to be undone. /friction digest subscribes you anew."


class Wrong(ValueError):
    """What was chosen cannot be meant. `fields` has a sentence for each field of the form; the message is the first."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        """`fields`: at least one."""
        super().__init__(next(iter(fields.values())))
        self.fields = dict(fields)


def is_channel(reader: str) -> bool:
    """Whether a digest goes to a channel of this id, rather than to one person."""
    return reader[:1] in ("C", "G")


async def subscribe(
    kit: Kit,
    reader: str,
    *,
    areas: str,
    every: str,
    weekday: str,
    at: str,
    tz: str,
    now: dt.datetime,
    length: str = "5",
    paused_until: str = "",
    tz_chosen: bool = False,
    person: str | None = None,
) -> Subscription:
    """Subscribe a person or a channel, or change how they are. `person`: who wants it, if not the reader. Raises Wrong.

    `paused_until`: a day, or empty; `tz_chosen`: the zone was named, and stays when the person goes elsewhere.
    """
    asked: dict[str, Callable[[], Any]] = {
        "areas": lambda: _areas(kit, areas),
        "every": lambda: rules.schedule.cadence(every),
        "weekday": lambda: rules.schedule.weekday(weekday),
        "at": lambda: rules.schedule.at(at),
        "length": lambda: rules.schedule.length(length),
        "tz": lambda: rules.schedule.zone(tz).key,
    }
    chosen = _meant(asked)
    async with kit.database.transaction() as session:
        before = await storage.subscriptions.hold(session, kit.house.workspace_id, reader)
        there = before is not None and before.ended_at is None
        wanted = Subscription(
            workspace_id=kit.house.workspace_id,
            reader=reader,
            person=before.person if before and there else reader if person is None else person,
            **chosen,
            tz_chosen=tz_chosen,
            next_due_at=now,
            paused_until=_pause(paused_until, before, tz, now),
            created_at=now,
        )
        # What is due this very minute is not lost because somebody changes how they want it.
        due = before.next_due_at if before and there and _is_due(before, now) else _next(wanted, now, before)
        return await storage.subscriptions.put(session, wanted.model_copy(update={"next_due_at": due}))


def _meant(asked: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """What each field means. Raises Wrong with all that cannot be meant."""
    chosen, wrong = {}, {}
    for field, read in asked.items():
        try:
            chosen[field] = read()
        except ValueError as error:
            wrong[field] = str(error)
    if wrong:
        raise Wrong(wrong)
    return chosen


def _areas(kit: Kit, listed: str) -> str:
    chosen = rules.digest.areas(listed)
    for area in chosen or ():
        if area not in (*kit.house.areas, rules.areas.UNSORTED):
            raise ValueError(f"{area!r} is not an area here. There are {', '.join(kit.house.areas)}, and all.")
    return ",".join(chosen) if chosen else "all"


def _pause(until: str, before: Subscription | None, tz: str, now: dt.datetime) -> dt.datetime | None:
    if not until:
        return None
    if before and (paused := _paused(before, now)) and _day(paused, before.tz).isoformat() == until:
        return paused  # the form came back with the day that it was opened with
    chosen: dt.datetime = _meant({"paused_until": lambda: rules.schedule.pause(until, now=now, tz=tz)})["paused_until"]
    return chosen


async def unsubscribe(kit: Kit, reader: str, now: dt.datetime) -> bool:
    """Send this person or channel no more digests; it can be undone for a while. False: they got none."""
    async with kit.database.transaction() as session:
        subscription = await storage.subscriptions.hold(session, kit.house.workspace_id, reader)
        if subscription is None or subscription.ended_at is not None:
            return False
        subscription.ended_at = now
        return True


async def end(kit: Kit, reader: str, now: dt.datetime) -> str:
    """The same, for a button. Gives back what to say."""
    await unsubscribe(kit, reader, now)
    return views.subscription.ended(reader)


async def undo(kit: Kit, reader: str, now: dt.datetime) -> str:
    """Who unsubscribed is subscribed as before. Gives back what to say."""
    async with kit.database.transaction() as session:
        subscription = await storage.subscriptions.hold(session, kit.house.workspace_id, reader)
        if subscription is None:
            return TOO_LATE
        subscription.ended_at = None
        return in_words(subscription, now)


async def pause(kit: Kit, reader: str, weeks: int, now: dt.datetime) -> str:
    """Send no digest for so many weeks; afterwards they come again by themselves. Gives back what to say."""
    async with kit.database.transaction() as session:
        subscription = await storage.subscriptions.hold(session, kit.house.workspace_id, reader)
        if subscription is None or subscription.ended_at is not None:
            return views.subscription.ended(reader)
        subscription.paused_until = rules.schedule.weeks_on(now, weeks, subscription.tz)
        subscription.next_due_at = _next(subscription, now, subscription)
        return views.subscription.paused(seen(subscription, now))


async def resume(kit: Kit, reader: str, now: dt.datetime) -> str:
    """Digests come again: nothing pauses or stops them any more. Gives back what to say."""
    async with kit.database.transaction() as session:
        subscription = await storage.subscriptions.hold(session, kit.house.workspace_id, reader)
        if subscription is None or subscription.ended_at is not None:
            return views.subscription.ended(reader)
        if is_paused(subscription, now):
            restart(subscription, now)
        return in_words(subscription, now)


async def forget(kit: Kit, now: dt.datetime) -> None:
    """Forget those who unsubscribed so long ago that nobody undoes it any more, with all their digests."""
    async with kit.database.transaction() as session:
        await storage.subscriptions.forget_ended(session, kit.house.workspace_id, now - KEPT)


# What people are told


def in_words(subscription: Subscription, now: dt.datetime) -> str:
    """`Your digest: docs, errors · every week, Monday 09:00 (Europe/Berlin). The next one comes on …`."""
    shown = seen(subscription, now)
    said = f"{views.subscription.words(shown, views.subscription.whose(shown.reader))}."
    return f"{said} {views.subscription.following(shown)}".strip()


async def current(kit: Kit, reader: str) -> Subscription | None:
    """How this person or channel is subscribed."""
    async with kit.database.reading() as session:
        return await storage.subscriptions.get(session, kit.house.workspace_id, reader)


async def all_of(kit: Kit, person: str, now: dt.datetime) -> list[Subscribed]:
    """This person's own digest, and those of channels that they wanted, as people see them."""
    async with kit.database.reading() as session:
        found = await storage.subscriptions.of_person(session, kit.house.workspace_id, person)
    return [seen(each, now) for each in found]


async def answer(kit: Kit, reader: str, news: str, now: dt.datetime) -> views.blocks.Message:
    """What was done about a digest, with the button that takes it back."""
    async with kit.database.reading() as session:
        subscription = await storage.subscriptions.ever(session, kit.house.workspace_id, reader)
    undo = ""
    if subscription is not None and subscription.ended_at is not None:
        undo = "digest_undo"
    elif subscription is not None and is_paused(subscription, now):
        undo = "digest_resume"
    return views.subscription.told(news, reader, undo=undo)


def seen(subscription: Subscription, now: dt.datetime) -> Subscribed:
    """A subscription as people see it."""
    paused = _paused(subscription, now)
    return Subscribed(
        reader=subscription.reader,
        areas=subscription.areas,
        every=subscription.every,
        weekday=subscription.weekday,
        at=subscription.at,
        tz=subscription.tz,
        length=subscription.length,
        paused_until=_day(paused, subscription.tz) if paused else None,
        next_on=_day(subscription.next_due_at, subscription.tz),
        stopped=subscription.paused_because,
    )


def is_paused(subscription: Subscription, now: dt.datetime) -> bool:
    """Whether nothing is to be sent just now: somebody said so, or Slack did."""
    return bool(subscription.paused_because) or _paused(subscription, now) is not None


def restart(subscription: Subscription, now: dt.datetime) -> None:
    """The next one comes when it is time again, not at once: nobody asked for what was missed."""
    subscription.paused_until, subscription.paused_because = None, ""
    subscription.next_due_at = _next(subscription, now, subscription)


def move(subscription: Subscription, tz: str, now: dt.datetime) -> None:
    """The person is in another zone: what was due on a day is due on that day there."""
    try:
        due = rules.schedule.moved(subscription.next_due_at, at=subscription.at, old=subscription.tz, new=tz)
    except ValueError:
        log.warning("Slack names a zone that nobody knows", extra={"subscription": subscription.id})
        return
    subscription.tz, subscription.next_due_at = tz, due
    if (paused := _paused(subscription, now)) and due <= paused:
        subscription.next_due_at = _next(subscription, now, subscription)


# When


def _next(subscription: Subscription, now: dt.datetime, before: Subscription | None) -> dt.datetime:
    """When the next one is due, behind any pause. `before`: how it was, so that two weeks stay the same two weeks."""
    return rules.schedule.next_due(
        _paused(subscription, now) or now,
        every=subscription.every,
        weekday=subscription.weekday,
        at=subscription.at,
        tz=subscription.tz,
        last=before.next_due_at if before and before.every == subscription.every else None,
    )


def _is_due(subscription: Subscription, now: dt.datetime) -> bool:
    return subscription.next_due_at <= now and not is_paused(subscription, now)


def _paused(subscription: Subscription, now: dt.datetime) -> dt.datetime | None:
    """Until when it is paused; None when it is not, or not any more."""
    until = subscription.paused_until
    return until if until is not None and until > now else None


def _day(moment: dt.datetime, tz: str) -> dt.date:
    return moment.astimezone(rules.schedule.zone(tz)).date()
