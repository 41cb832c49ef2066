"""Opening a form. Slack's trigger is good for three seconds, so little may come before."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

from bot import views
from bot.flows import digest as digests
from bot.flows.kit import Kit
from bot.slack import SlackRefused

#: How long to wait for somebody's time zone before opening their form without it (seconds).
PATIENCE = 1.0


async def report_form(kit: Kit, body: dict[str, Any], *, answer: str = "") -> None:
    """The form for a report. `answer`: where to answer once it is sent. Raises SlackRefused."""
    carried = json.dumps({"key": uuid.uuid4().hex, "answer": answer})
    await kit.slack.open_view(str(body["trigger_id"]), views.form.report(kit.house.areas, carried))


async def detail_form(kit: Kit, body: dict[str, Any], report_id: int, words: str) -> None:
    """The form that adds to a report. Raises SlackRefused."""
    carried = json.dumps({"report": report_id, "answer": str(body.get("response_url") or "")})
    await kit.slack.open_view(str(body["trigger_id"]), views.form.detail(carried, words))


async def digest_form(kit: Kit, body: dict[str, Any], person: str) -> None:
    """The form for somebody's digest, in their own time zone. Raises SlackRefused."""
    subscription = await digests.current(kit, person)
    current = views.form.Subscribed(
        areas=subscription.areas if subscription else "all",
        every=subscription.every if subscription else "week",
        weekday=subscription.weekday if subscription else "mon",
        at=subscription.at if subscription else "09:00",
        tz=subscription.tz if subscription else await zone(kit, person),
    )
    form = views.form.subscription(kit.house.areas, current, subscribed=subscription is not None)
    await kit.slack.open_view(str(body["trigger_id"]), form)


async def zone(kit: Kit, person: str) -> str:
    """Somebody's time zone as Slack has it; UTC when it does not say so in time."""
    try:
        async with asyncio.timeout(PATIENCE):
            return (await kit.slack.person(person)).tz
    except (TimeoutError, SlackRefused):
        return "UTC"
