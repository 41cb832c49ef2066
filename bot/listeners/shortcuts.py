"""The two shortcuts: a form from anywhere, and a message from its menu."""

from __future__ import annotations

import datetime as dt
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot import clock
from bot.flows import flag, outbox
from bot.flows import report as reports
from bot.flows.kit import Kit
from bot.listeners import windows

#: What stands for the emoji when a message was saved from its menu.
SHORTCUT = "shortcut"


async def report(ack: AsyncAck, shortcut: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """`Report friction`, from anywhere."""
    await windows.show(kit, shortcut, windows.report(kit), now)
    await ack()


async def save_message(ack: AsyncAck, shortcut: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """`Save as friction`, on a message: it came along, so it is filed before Slack is answered."""
    message, channel = shortcut["message"], str(shortcut["channel"]["id"])
    by = reports.Flag(str(shortcut["user"]["id"]), SHORTCUT, str(shortcut.get("action_ts") or message["ts"]))
    url, key = str(shortcut.get("response_url") or ""), f"shortcut:{shortcut['trigger_id']}"
    saved = await flag.save_message(kit, channel, message, by, now, clock.of_message(str(message["ts"])))
    await outbox.answer(kit, url, key, now, news=saved.news, report_id=saved.report_id, replace=False)
    await ack()
