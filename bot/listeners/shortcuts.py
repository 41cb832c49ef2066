"""The two shortcuts: a form from anywhere, and a message from its menu."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot import clock, views
from bot.flows import flag, outbox
from bot.flows import report as reports
from bot.flows.kit import Kit
from bot.listeners import open

log = logging.getLogger(__name__)


async def report(ack: AsyncAck, shortcut: dict[str, Any], kit: Kit) -> None:
    """`Report friction`, from anywhere."""
    await open.report_form(kit, shortcut)
    await ack()


async def save_message(ack: AsyncAck, shortcut: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """`Save as friction`, on a message: it came along, so it is filed before Slack is answered."""
    message, channel = shortcut["message"], shortcut["channel"]
    person = str(shortcut["user"]["id"])
    outcome, author = await flag.save_message(
        kit,
        channel["id"],
        str(channel.get("name") or ""),
        message,
        person,
        str(shortcut.get("action_ts") or message["ts"]),
        clock.of_message(str(message["ts"])),
        now,
    )
    key = f"shortcut:{shortcut['trigger_id']}"
    url = str(shortcut.get("response_url") or "")
    if outcome.report.withdrawn_at is not None:
        await outbox.answer(kit, url, key, now, news=flag.TAKEN_BACK, report_id=None, replace=False)
    elif author == person:
        await outbox.answer(kit, url, key, now, news="", report_id=outcome.report.id, replace=False)
    else:
        filed = await reports.tell(kit, outcome, now)
        told = views.report.flag_saved(filed, new=outcome.new)
        await outbox.answer(kit, url, key, now, news=told, report_id=None, replace=False)
    await ack()
