"""What people answer to what they hear: that it is gone or not, none of theirs any more, and that they had enough."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot import views
from bot.flows import affected, workaround
from bot.flows.decide import Changed
from bot.flows.kit import Kit
from bot.flows.triage import Refused, called
from bot.listeners import answers
from bot.listeners.actions import number, person, value
from storage.models import Cluster


async def gone(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """It is gone for them."""
    await _answered(ack, body, kit, now, "gone")


async def still(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """It is still there."""
    await _answered(ack, body, kit, now, "still")


async def _answered(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime, said: str) -> None:
    fact_id, _, _ = value(body).partition(":")
    await _do(ack, body, kit, now, affected.answer(kit, number(fact_id), person(body), said, _when(body), now))


async def leave(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """It is no problem of theirs any more."""
    await _moved(ack, body, kit, now, affected.leave(kit, number(value(body)), person(body), now), left=True)


async def come_back(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """It is one all the same."""
    await _moved(ack, body, kit, now, affected.come_back(kit, number(value(body)), person(body), now), left=False)


async def _moved(
    ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime, moving: Awaitable[Cluster], *, left: bool
) -> None:
    """Draw the message anew in which the button stands; where it stands in a list, say it beside."""
    try:
        here = await moving
    except Refused as refused:
        await answers.answer(kit, body, now, str(refused))
    else:
        if not await _redrawn(body, kit, now):
            replaces = body["actions"][0].get("block_id") == views.hearing.ALONE
            told = (called(here), str(here.id), left)
            await answers.answer(kit, body, now, "", left=told, replace=replaces)
    await ack()


async def mute(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """They want to hear no more of it."""
    muting = affected.mute(kit, number(value(body)), person(body), _when(body), muted=True)
    await _do(ack, body, kit, now, muting)


async def unmute(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """They do want to."""
    muting = affected.mute(kit, number(value(body)), person(body), _when(body), muted=False)
    await _do(ack, body, kit, now, muting)


async def choose(ack: AsyncAck, body: dict[str, Any], kit: Kit) -> None:
    """They ticked what they want to hear of: the boxes stay as they are, there is nothing to say."""
    ticked = body["actions"][0].get("selected_options") or []
    await affected.choose(kit, person(body), {str(each.get("value")) for each in ticked}, _when(body))
    await ack()


async def use(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Who looks after a cluster lets what one report says help everybody."""
    cluster_id, _, report_id = value(body).partition(":")
    try:
        done = await workaround.mark(kit, number(cluster_id), number(report_id), person(body), now)
    except (Refused, Changed) as refused:
        await answers.answer(kit, body, now, str(refused))
    else:
        await answers.answer(
            kit, body, now, done.news, undo=done.fact_id, show=(done.cluster_id, person(body)), replace=True
        )
    await ack()


async def _do(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime, doing: Awaitable[None]) -> None:
    try:
        await doing
    except Refused as refused:
        await answers.answer(kit, body, now, str(refused))
    else:
        await _redrawn(body, kit, now)
    await ack()


async def _redrawn(body: dict[str, Any], kit: Kit, now: dt.datetime) -> bool:
    """Want the message drawn anew in which the button stands. False: it is none that told them something."""
    where = answers.where_from(body)
    return await affected.want_redrawn(kit, person(body), where["channel"], where["ts"], now)


def _when(body: dict[str, Any]) -> str:
    """Slack's own moment of a gesture: the last word counts, in whatever order words arrive."""
    return str(body["actions"][0].get("action_ts") or "")
