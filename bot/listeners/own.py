"""What somebody does with what is held about them. It is theirs alone: whose it is, is who presses the button."""

from __future__ import annotations

import datetime as dt
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.flows import correct, home, own
from bot.flows.kit import Kit
from bot.flows.triage import Refused
from bot.listeners.actions import answer, number, person, value

FINE = "Thank you. It stays filed as yours."


async def held(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody wants all that is held about them."""
    key = str(body["actions"][0].get("action_ts") or body.get("trigger_id"))
    await answer(body, kit, now, await own.want_held(kit, person(body), key, now))
    await ack()


async def delete_all(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody wants it all deleted; they were asked whether they are sure."""
    await answer(body, kit, now, await own.delete_all(kit, person(body), now))
    await ack()


async def delete_report(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody wants one report of theirs deleted, from the list of them."""
    try:
        news = await correct.withdraw(kit, number(value(body)), person(body), now)
    except Refused as refused:
        news = str(refused)
    if (body.get("view") or {}).get("type") == "home":
        await home.want(kit, person(body), now)
    else:
        await answer(body, kit, now, news)
    await ack()


async def fine(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The author of a flagged message lets it stand."""
    try:
        await correct.detail_of(kit, number(value(body)), person(body))
    except Refused as refused:
        await answer(body, kit, now, str(refused))
    else:
        await answer(body, kit, now, FINE, report_id=number(value(body)))
    await ack()


async def unflagged(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody does not want their messages flagged."""
    await answer(body, kit, now, await own.set_unflagged(kit, person(body), now, wanted=True))
    await ack()


async def flaggable(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody lets their messages be flagged again."""
    await answer(body, kit, now, await own.set_unflagged(kit, person(body), now, wanted=False))
    await ack()
