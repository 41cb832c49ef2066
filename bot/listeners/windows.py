"""Opening a form. Slack's trigger is good for three seconds, so little may come before."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import logging
import uuid
from typing import Any

from bot import rules, views
from bot.flows import correct, home, outbox
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit
from bot.slack import SlackRefused
from bot.views.subscription import Subscribed

log = logging.getLogger(__name__)

#: How long to wait for somebody's time zone before opening their form without it (seconds).
PATIENCE = 1.0

NO_FORM = "I could not open that just now. Please try again; for a report, /friction and a few words do as well."


async def show(kit: Kit, body: dict[str, Any], view: dict[str, Any], now: dt.datetime) -> bool:
    """Open a window. False: Slack refused, and the person is told where they pressed, if that place can be answered."""
    try:
        await kit.slack.open_view(str(body["trigger_id"]), view)
    except SlackRefused as refusal:
        log.warning("window not opened", extra={"code": refusal.code})
        url = "" if "command" in body else str(body.get("response_url") or "")
        await outbox.answer(kit, url, f"window:{body['trigger_id']}", now, news=NO_FORM, report_id=None, replace=False)
        return False
    return True


async def in_home(kit: Kit, body: dict[str, Any], news: str, now: dt.datetime) -> bool:
    """Answer a gesture in an App Home, which has no place for answers: it is drawn anew, and `news` that it will not
    show by itself opens in a window. False: the gesture was made elsewhere."""
    if (body.get("view") or {}).get("type") != "home":
        return False
    who = str(body["user"]["id"])
    await home.want(kit, who, now)
    if news:
        await show(kit, body, views.cluster.window(views.report.sentence(news), "Friction"), now)
    return True


def report(kit: Kit, *, answer: str = "") -> dict[str, Any]:
    """The form for a report. `answer`: where to answer once it is sent."""
    return views.form.report(kit.house.about, json.dumps({"key": uuid.uuid4().hex, "answer": answer}))


def detail(body: dict[str, Any], report_id: int, words: str) -> dict[str, Any]:
    """The form that adds to a report. `words`: what was added before."""
    return views.form.detail(json.dumps({"report": report_id, "answer": str(body.get("response_url") or "")}), words)


async def area(kit: Kit, body: dict[str, Any], report_id: int, person: str) -> dict[str, Any]:
    """The form that says why a report is in its area, and moves it. Raises Refused."""
    carried = json.dumps({"report": report_id, "answer": str(body.get("response_url") or "")})
    return views.area.form(await correct.explain(kit, report_id, person), kit.house.about, carried)


async def digest(kit: Kit, person: str, reader: str, now: dt.datetime) -> dict[str, Any]:
    """The form for a digest, this person's own or a channel's: in its own time zone, which at first is the person's."""
    subscription = await subscriptions.current(kit, reader)
    if subscription is None:
        current = Subscribed(reader, "all", "week", "mon", "09:00", await _zone(kit, person), length=5)
    else:
        current = subscriptions.seen(subscription, now)
    carried = {name: getattr(current, name) for name in ("reader", "every", "weekday", "at", "tz")}
    # A channel has no zone of its own, so it keeps the one that it was given.
    carried["chosen"] = subscription.tz_chosen if subscription else current.channel
    carried["length"] = str(current.length)
    return views.form.subscription(kit.house.about, current, json.dumps(carried), subscribed=subscription is not None)


def carried(view: dict[str, Any]) -> dict[str, Any]:
    """What a form brought back that we gave it."""
    try:
        brought = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return {}
    return brought if isinstance(brought, dict) else {}


async def _zone(kit: Kit, person: str) -> str:
    """Somebody's time zone as Slack has it now; UTC, which the form shows, when it does not say so in time."""
    kit.slack.forget(person)
    try:
        async with asyncio.timeout(PATIENCE):
            tz = (await kit.slack.person(person)).tz
        rules.schedule.zone(tz)
    except (TimeoutError, SlackRefused, ValueError):
        return "UTC"
    return tz
