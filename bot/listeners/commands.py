"""`/friction …`: a command in its exact form, a report in any other."""

from __future__ import annotations

import datetime as dt
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot import clock, rules, views
from bot.flows import affected, learn, links, own, seal
from bot.flows import cluster as clusters
from bot.flows import digest as digests
from bot.flows import reader as readers
from bot.flows import report as reports
from bot.flows.capture import capture
from bot.flows.card import handle
from bot.flows.kit import Kit
from bot.listeners import windows

#: Where it stands is told a moment later.
SAVED = "Saved. One moment."

NO_CHANNEL = "I cannot tell which channel that is. Type # and choose it from the list; I must be in it."


async def friction(ack: AsyncAck, command: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Everything that begins with /friction."""
    message = await _answer(command, kit, now)
    if message is None:
        await ack()
    else:
        await ack(text=message.text, blocks=message.blocks, response_type="ephemeral")


async def _answer(command: dict[str, Any], kit: Kit, now: dt.datetime) -> views.blocks.Message | None:
    """What to say; None where a form opens instead."""
    person, typed = str(command["user_id"]), rules.text.received(str(command.get("text") or ""))
    match rules.commands.parse(typed, await _areas(kit, typed)):
        case rules.commands.Form():
            return await _window(command, kit, windows.report(kit, answer=str(command.get("response_url") or "")), now)
        case rules.commands.DigestForm():
            return await _window(command, kit, await windows.digest(kit, person, person, now), now)
        case rules.commands.DigestNow():
            return await _digest_now(kit, person, now)
        case rules.commands.ChannelDigestForm():
            return await _channel_digest(command, kit, rules.commands.channel(str(command["text"])), now)
        case rules.commands.Help():
            return views.help.commands(_capture(kit), kit.house.upvote[0])
        case rules.commands.Settings():
            return views.help.settings(
                views.help.House(
                    channel=kit.house.channel,
                    capture=_capture(kit),
                    upvotes=kit.house.upvote,
                    leads=len(kit.leads.people),
                    admins=len(kit.house.admins),
                    areas=kit.house.about,
                    record=await learn.record(kit, now),
                    grouping=await links.record(kit, now),
                    retention=kit.house.retention,
                    unflagged=await own.is_unflagged(kit, person),
                    muted=await affected.muted(kit, person),
                )
            )
        case rules.commands.Top(area):
            return await clusters.top(kit, area, now)
        case rules.commands.Mine():
            said = views.cluster.mine(await clusters.mine(kit, person))
            return views.hearing.mine(
                said,
                await affected.concerns(kit, person, now),
                await seal.news_of(kit, person, now),
                await seal.counted_twice(kit, person),
            )
        case rules.commands.Find(words):
            return await clusters.find(kit, words, now)
        case rules.commands.Show(number):
            shown = await clusters.show(kit, number, person, now)
            return shown or views.report.sentence(f"There is no {handle(number)}.")
        case rules.commands.ReportText(text):
            return await _file(command, kit, text, now)


async def _file(command: dict[str, Any], kit: Kit, text: str, now: dt.datetime) -> views.blocks.Message:
    said = reports.Said(
        key=f"command:{command['trigger_id']}",
        text=text,
        source="command",
        reporter=str(command["user_id"]),
        said_at=now,
        channel=str(command.get("channel_id") or ""),
        private=True,
        lift=not rules.message.private_place(str(command.get("channel_name") or "")),
    )
    if (said := reports.cleaned(said)).wordless:
        return views.report.handed_back(reports.NO_WORDS, text)
    url = str(command.get("response_url") or "")
    outcome = await capture(kit, said, now, clock.now, answer=url, in_ack=True)
    if outcome is None:
        return views.report.sentence(SAVED)
    if outcome.filed is None:
        return views.report.sentence(reports.TAKEN_BACK)
    return views.report.filed(outcome.filed)


async def _channel_digest(
    command: dict[str, Any], kit: Kit, channel: str, now: dt.datetime
) -> views.blocks.Message | None:
    if not channel:
        return views.report.sentence(NO_CHANNEL)
    try:
        await readers.permit(kit, str(command["user_id"]), channel)
    except readers.Refused as refused:
        return views.subscription.told(str(refused), channel)
    return await _window(command, kit, await windows.digest(kit, str(command["user_id"]), channel, now), now)


async def _digest_now(kit: Kit, person: str, now: dt.datetime) -> views.blocks.Message:
    try:
        await digests.send_now(kit, person, now)
    except digests.Unknown:
        return views.report.sentence("You get no digest yet. /friction digest says of which areas, and when.")
    return views.report.sentence("Your digest comes in a moment, as a direct message.")


async def _window(
    command: dict[str, Any], kit: Kit, view: dict[str, Any], now: dt.datetime
) -> views.blocks.Message | None:
    shown = await windows.show(kit, command, view, now)
    return None if shown else views.report.sentence(windows.NO_FORM)


async def _areas(kit: Kit, typed: str) -> frozenset[str]:
    """The areas that can be asked for: those there are, and those that something was once filed in."""
    there = frozenset(kit.house.areas)
    return there | await clusters.areas(kit) if typed.lower().startswith("top ") else there


def _capture(kit: Kit) -> str:
    """The emoji that captures, by name; empty where none does."""
    return min(kit.house.capture, default="")
