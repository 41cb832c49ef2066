"""Buttons and menus. Who may press them is decided where they act; an id in a button proves nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot import views
from bot.flows import cluster as clusters
from bot.flows import outbox
from bot.flows import report as reports
from bot.flows.kit import Kit
from bot.listeners import open


async def change_area(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The reporter says which area it is."""
    report_id, _, area = _value(body).partition(":")
    if number := _number(report_id):
        await _answer(body, kit, now, number, await reports.retag(kit, number, area, _person(body), now))
    await ack()


async def set_apart(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The reporter says it is another problem."""
    if number := _number(_value(body)):
        await _answer(body, kit, now, number, await reports.set_apart(kit, number, _person(body), now))
    await ack()


async def release(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The author of a private report lets its words be shown."""
    if number := _number(_value(body)):
        await _answer(body, kit, now, number, await reports.release(kit, number, _person(body), now))
    await ack()


async def undo(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The author takes it back."""
    if number := _number(_value(body)):
        await _answer(body, kit, now, number, await reports.withdraw(kit, number, _person(body), now))
    await ack()


async def ask_for_detail(ack: AsyncAck, body: dict[str, Any], kit: Kit) -> None:
    """The reporter wants to add something."""
    if number := _number(_value(body)):
        added = await reports.detail_of(kit, number, _person(body))
        if added is not None:
            await open.detail_form(kit, body, number, added)
    await ack()


async def show_cluster(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody wants to read what is behind a card."""
    shown = await clusters.show_by_id(kit, _number(_value(body)), now)
    if shown is not None:
        await kit.slack.open_view(str(body["trigger_id"]), views.cluster.window(shown, "Reports"))
    await ack()


async def file_sought(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """What was looked for is filed instead."""
    said = reports.Said(
        key=f"find:{body['trigger_id']}", text=_value(body), source="command", reporter=_person(body), said_at=now
    )
    outcome = await reports.file(kit, said, now)
    if outcome is not None:
        await _answer(body, kit, now, outcome.report.id or 0, "")
    await ack()


async def digest_settings(ack: AsyncAck, body: dict[str, Any], kit: Kit) -> None:
    """Somebody wants to change their digest."""
    await open.digest_form(kit, body, _person(body))
    await ack()


async def open_form(ack: AsyncAck, body: dict[str, Any], kit: Kit) -> None:
    """The button in the App Home."""
    await open.report_form(kit, body)
    await ack()


async def _answer(body: dict[str, Any], kit: Kit, now: dt.datetime, report_id: int, news: str) -> None:
    action = body["actions"][0]
    key = f"{action.get('action_ts')}:{action.get('action_id')}:{_person(body)}"
    if url := str(body.get("response_url") or ""):
        shown = report_id if await reports.belongs_to(kit, report_id, _person(body)) else None
        await outbox.answer(kit, url, key, now, news=news, report_id=shown, replace=shown is not None)


def _value(body: dict[str, Any]) -> str:
    action = body["actions"][0]
    return str(action.get("value") or (action.get("selected_option") or {}).get("value") or "")


def _number(value: str) -> int:
    """An id in a button; 0, which nothing has, for what is none."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0


def _person(body: dict[str, Any]) -> str:
    return str(body["user"]["id"])
