"""Who may read what: a private report its author, and whoever Slack says is in that conversation, as it is now."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Sequence

import storage.reports
import storage.workspaces
from bot.flows import forget, news
from bot.flows.card import want_card
from bot.flows.kit import Kit
from bot.slack import SlackRefused
from storage.models import Report

log = logging.getLogger(__name__)

#: How long to wait for Slack to say who is where (seconds): somebody looks at a cluster, and waits.
PATIENCE = 1.5

#: How long an answer of Slack's is good for.
GOOD_FOR = dt.timedelta(minutes=5)

#: Conversations that are asked about for one reader; in the others they read only what is public.
ASKED = 20

#: How often everybody's channels are looked at again, and how many a minute: Slack may be asked fifty times a minute,
#: and whoever reports something or looks at a cluster comes first.
EVERY, A_MINUTE = dt.timedelta(hours=1), 20


async def readable(kit: Kit, reports: Sequence[Report], reader: str, now: dt.datetime) -> set[int]:
    """The ids of those reports whose words this person may read."""
    own = {report.id or 0 for report in reports if report.reporter == reader}
    others = [report for report in reports if report.id not in own]
    places = list(dict.fromkeys(report.channel for report in others if report.channel))[-ASKED:]
    asked = await asyncio.gather(*(_state(kit, place, reader, now) for place in places))
    states = dict(zip(places, asked, strict=True))
    for place in {report.channel for report in others if report.visibility == "public"} & states.keys():
        if (states[place] or (False, False))[0]:
            await _hide(kit, place, now)
    async with kit.database.reading() as session:
        # As it is after that: what its author released is still public.
        stand = await storage.reports.by_ids(session, kit.house.workspace_id, [report.id or 0 for report in others])
    return own | {report.id or 0 for report in stand if _may(report, states.get(report.channel))}


def _may(report: Report, state: tuple[bool, bool] | None) -> bool:
    """`state`: whether the conversation is private, and whether the reader is in it; None where nobody says."""
    return report.visibility == "public" or (state is not None and state[1])


async def _state(kit: Kit, channel: str, reader: str, now: dt.datetime) -> tuple[bool, bool] | None:
    known = kit.rooms.get((channel, reader))
    if known is not None and known[0] > now:
        return known[1]
    try:
        async with asyncio.timeout(PATIENCE):
            place = await kit.slack.channel(channel)
            state = (place.private, place.private and await kit.slack.is_in(reader, channel))
    except (SlackRefused, TimeoutError):
        # A conversation that we cannot see, such as a direct message: only its author reads it.
        return None
    if len(kit.rooms) > 10_000:
        kit.rooms.clear()
    kit.rooms[channel, reader] = (now + GOOD_FOR, state)
    return state


async def look_again(kit: Kit, now: dt.datetime) -> None:
    """Conversations become private, or are shared with others: what was said there is private from then on.

    Once a minute: it looks at some of those that were not looked at within the hour, and then at others.
    """
    async with kit.database.reading() as session:
        places = await storage.reports.public_channels(session, kit.house.workspace_id)
    looked = {channel: at for channel in places if (at := kit.looked.get(channel))}
    kit.looked.clear()
    kit.looked.update(looked)
    due = [channel for channel in places if channel not in looked or now - looked[channel] >= EVERY]
    # Those that were never looked at, then those whose last look is longest ago.
    for channel in sorted(due, key=lambda channel: (channel in looked, looked.get(channel, now)))[:A_MINUTE]:
        try:
            private = (await kit.slack.channel(channel)).private
        except SlackRefused as refusal:
            if refusal.retry_after is not None or refusal.unknown or refusal.installation:
                # That says nothing of this channel: the next minute goes on with it.
                log.info("looking at channels put off", extra={"channel": channel, "code": refusal.code})
                return
            # Slack tells us nothing of a channel that has become private and that we are not in.
            private = refusal.code == "channel_not_found"
        if private:
            await _hide(kit, channel, now)
        kit.looked[channel] = now


async def _hide(kit: Kit, channel: str, now: dt.datetime) -> None:
    kit.whereabouts.forget(channel)
    async with kit.database.transaction() as session:
        await storage.workspaces.lock(session, kit.house.workspace_id)
        hidden = await storage.reports.hide(session, kit.house.workspace_id, channel)
        for cluster_id in hidden:
            await want_card(session, kit, cluster_id, now)
            await news.want_redrawn(session, kit, cluster_id, now)
        if hidden:
            await forget.homes(session, kit, now)
    if hidden:
        log.info("a channel is private now", extra={"channel": channel})
    kit.wake.set()
