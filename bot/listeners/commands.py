"""`/friction …`: a command in its exact form, a report in any other."""

from __future__ import annotations

import datetime as dt
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot import rules, views
from bot.flows import cluster as clusters
from bot.flows import report as reports
from bot.flows.kit import Kit
from bot.listeners import open
from bot.slack import SlackRefused

NO_FORM = "I could not open the form just now. A line does as well: /friction and a few words."


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
    match rules.commands.parse(typed, frozenset(kit.house.areas)):
        case rules.commands.Form():
            return await _form(open.report_form(kit, command, answer=str(command.get("response_url") or "")))
        case rules.commands.DigestForm():
            return await _form(open.digest_form(kit, command, person))
        case rules.commands.Help():
            return views.help.commands(min(kit.house.capture), kit.house.upvote[0])
        case rules.commands.Settings():
            return views.help.settings(
                views.help.House(
                    channel=kit.house.channel,
                    capture=min(kit.house.capture),
                    upvotes=kit.house.upvote,
                    leads=len(kit.leads.people),
                    admins=len(kit.house.admins),
                    areas=kit.house.areas,
                )
            )
        case rules.commands.Top(area):
            return await clusters.top(kit, area, now)
        case rules.commands.Mine():
            return views.cluster.mine(await clusters.mine(kit, person))
        case rules.commands.Find(words):
            return await clusters.find(kit, words, now)
        case rules.commands.Show(number):
            shown = await clusters.show(kit, number, now)
            return shown or views.report.sentence(f"There is no {reports.handle(number)}.")
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
        private=rules.message.private_place(str(command.get("channel_name") or "")),
    )
    outcome = await reports.file(kit, said, now)
    if outcome is None:
        return views.report.handed_back(reports.NO_WORDS, text)
    return await reports.answer(kit, outcome.report.id or 0, now, masked=outcome.masked)


async def _form(opening: Any) -> views.blocks.Message | None:
    try:
        await opening
    except SlackRefused:
        return views.report.sentence(NO_FORM)
    return None
