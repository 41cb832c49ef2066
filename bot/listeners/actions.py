"""Buttons and menus. Who may press them is decided where they act; an id in a button proves nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot import rules, views
from bot.flows import cluster as clusters
from bot.flows import correct, outbox
from bot.flows import report as reports
from bot.flows.kit import Kit
from bot.listeners import windows


async def change_area(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The reporter says which area it is."""
    report_id, _, area = _value(body).partition(":")
    await _correct(body, kit, now, _number(report_id), correct.retag(kit, _number(report_id), area, _person(body), now))
    await ack()


async def set_apart(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The reporter says it is another problem."""
    number = _number(_value(body))
    await _correct(body, kit, now, number, correct.set_apart(kit, number, _person(body), now))
    await ack()


async def release(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The author of a private report lets its words be shown."""
    number = _number(_value(body))
    await _correct(body, kit, now, number, correct.release(kit, number, _person(body), now))
    await ack()


async def undo(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The author takes it back."""
    number = _number(_value(body))
    await _correct(body, kit, now, number, correct.withdraw(kit, number, _person(body), now))
    await ack()


async def ask_for_detail(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The reporter wants to add something."""
    number = _number(_value(body))
    try:
        added = await correct.detail_of(kit, number, _person(body))
    except correct.Refused as refused:
        await _answer(body, kit, now, str(refused))
    else:
        await windows.show(kit, body, windows.detail(body, number, added), now)
    await ack()


async def show_cluster(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody wants to read what is behind a card."""
    shown = await clusters.show_by_id(kit, _number(_value(body)), now)
    if shown is not None:
        await windows.show(kit, body, views.cluster.window(shown, "Reports"), now)
    await ack()


async def explain(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody wants to know why a cluster stands where it stands."""
    cluster_id, _, digest_id = _value(body).partition(":")
    told = await clusters.explain(kit, _person(body), _number(cluster_id), now, digest_id=_number(digest_id) or None)
    shown = told or views.report.sentence("Nobody has it any more: every report of it was taken back.")
    await windows.show(kit, body, views.cluster.window(shown, "Why?"), now)
    await ack()


async def file_sought(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """What was looked for is filed instead, once for each answer that offers it."""
    place, container = body.get("channel") or {}, body.get("container") or {}
    said = reports.Said(
        key=f"find:{place.get('id')}:{container.get('message_ts')}:{_person(body)}",
        text=_value(body),
        source="command",
        reporter=_person(body),
        said_at=now,
        channel=str(place.get("id") or ""),
        private=True,
        lift=not rules.message.private_place(str(place.get("name") or "")),
    )
    outcome = await reports.file(kit, said, now)
    if outcome is not None:
        await _answer(body, kit, now, "", report_id=outcome.report.id)
    await ack()


async def digest_settings(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody wants to change their digest."""
    await windows.show(kit, body, await windows.digest(kit, _person(body)), now)
    await ack()


async def open_form(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The button in the App Home."""
    await windows.show(kit, body, windows.report(kit), now)
    await ack()


async def _correct(
    body: dict[str, Any], kit: Kit, now: dt.datetime, report_id: int, correction: Awaitable[str]
) -> None:
    """Correct a report and redraw the answer that the button stands in; or say why not, beside it."""
    try:
        news = await correction
    except correct.Refused as refused:
        await _answer(body, kit, now, str(refused))
    else:
        await _answer(body, kit, now, news, report_id=report_id)


async def _answer(body: dict[str, Any], kit: Kit, now: dt.datetime, news: str, *, report_id: int | None = None) -> None:
    action = body["actions"][0]
    key = f"{action.get('action_ts')}:{action.get('action_id')}:{_person(body)}"
    url = str(body.get("response_url") or "")
    await outbox.answer(kit, url, key, now, news=news, report_id=report_id, replace=report_id is not None)


def _value(body: dict[str, Any]) -> str:
    action = body["actions"][0]
    return str(action.get("value") or (action.get("selected_option") or {}).get("value") or "")


def _number(value: str) -> int:
    """An id in a button; 0, which nothing has, for what is none."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def _person(body: dict[str, Any]) -> str:
    return str(body["user"]["id"])
