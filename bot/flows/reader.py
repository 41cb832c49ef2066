"""Who reads a digest: who may say what becomes of it, where it may go, and what Slack says of people."""

from __future__ import annotations

import asyncio
import datetime as dt

import storage.outbox
import storage.subscriptions
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit
from bot.slack import Channel, SlackRefused

#: How long to wait for Slack to say who is in a channel (seconds): somebody has pressed a button, and waits.
PATIENCE = 2.0

#: Slack's words for somebody who is not there any more.
GONE = ("user_disabled", "user_not_found", "users_not_found")

UNSAID = "Slack does not say who is in that channel just now. Please try again."


class Refused(Exception):
    """It is not theirs to change, or cannot be had; the message says so."""


async def permit(kit: Kit, person: str, reader: str) -> None:
    """Raise Refused unless this person may say what becomes of that digest: their own, or one of a channel they are in.

    A channel must also be one that we can post to, and that nobody from outside reads.
    """
    if reader == person:
        return
    if not subscriptions.is_channel(reader):
        raise Refused("That is somebody else’s digest.")
    try:
        async with asyncio.timeout(PATIENCE):
            channel, inside = await asyncio.gather(kit.slack.channel(reader), kit.slack.is_in(person, reader))
    except TimeoutError as error:
        raise Refused(UNSAID) from error
    except SlackRefused as refusal:
        if refusal.unreachable:
            raise Refused(f"I cannot see <#{reader}>. Type there: /invite @friction") from refusal
        raise Refused(UNSAID) from refusal
    if not inside and person not in kit.house.admins:
        raise Refused(f"Only people in <#{reader}> can change its digest.")
    if why := cannot_be_read_in(channel):
        raise Refused(why)


def cannot_be_read_in(channel: Channel) -> str:
    """Why no digest can go to this channel; empty when one can."""
    if channel.archived:
        return f"<#{channel.id}> is archived."
    if not channel.member:
        return f"I am not in <#{channel.id}>. Type there: /invite @friction"
    if channel.shared:
        return f"People from outside can read <#{channel.id}>, so no digest goes there."
    return ""


# What Slack says of people


async def noticed(kit: Kit, person: str, now: dt.datetime) -> None:
    """Something about somebody changed. Slack tells us of everybody; of subscribers we look what it is.

    It is looked up rather than taken from the event, as two events may come in any order.
    """
    kit.slack.forget(person)
    if await subscriptions.current(kit, person) is None:
        return
    async with kit.database.transaction() as session:
        told = {"person": person}
        await storage.outbox.again(session, kit.house.workspace_id, "follow", person, told, now)
    kit.wake.set()


async def follow(kit: Kit, person: str, now: dt.datetime) -> None:
    """Take somebody's zone, and whether they are there at all, from Slack as it is now. Raises SlackRefused."""
    kit.slack.forget(person)
    try:
        found = await kit.slack.person(person)
        gone = found.gone
    except SlackRefused as refusal:
        if not refusal.unreachable:
            raise
        found, gone = None, True
    async with kit.database.transaction() as session:
        subscription = await storage.subscriptions.hold(session, kit.house.workspace_id, person)
        if subscription is None or subscription.ended_at is not None:
            return
        if gone:
            subscription.paused_because = GONE[0]
        elif subscription.paused_because in GONE:
            subscriptions.restart(subscription, now)
        if found is not None and not subscription.tz_chosen and found.tz != subscription.tz:
            subscriptions.move(subscription, found.tz, now)
