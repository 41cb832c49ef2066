"""The App Home: what somebody chooses to see of the ranked list there. It is drawn anew a moment later."""

from __future__ import annotations

import datetime as dt
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.flows import home
from bot.flows.kit import Kit
from bot.listeners.actions import person, value


async def sift(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """By area, status, owner or age."""
    what = str(body["actions"][0]["action_id"]).removeprefix("home_")
    await home.choose(kit, person(body), what, value(body), now)
    await ack()


async def turn(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """To another page."""
    await home.choose(kit, person(body), "page", value(body), now)
    await ack()
