"""Buttons and menus. Who may press them is decided where they act; an id in a button proves nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot import rules, views
from bot.flows import cluster as clusters
from bot.flows import correct, outbox
from bot.flows import quarter as quarters
from bot.flows import reader as readers
from bot.flows import report as reports
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit
from bot.flows.triage import Refused
from bot.listeners import windows


async def change_area(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The reporter says which area it is, or asks why it is that one."""
    report_id, _, area = value(body).partition(":")
    if area == views.report.WHY:
        await _why(body, kit, number(report_id), now)
    else:
        moved = correct.retag(kit, number(report_id), area, person(body), now)
        await _correct(body, kit, now, number(report_id), moved)
    await ack()


async def _why(body: dict[str, Any], kit: Kit, report_id: int, now: dt.datetime) -> None:
    try:
        form = await windows.area(kit, body, report_id, person(body))
    except Refused as refused:
        await _answer(body, kit, now, str(refused))
    else:
        await windows.show(kit, body, form, now)


async def release(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The author of a private report lets its words be shown."""
    report_id = number(value(body))
    await _correct(body, kit, now, report_id, correct.release(kit, report_id, person(body), now))
    await ack()


async def cost(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The reporter says what it cost them."""
    report_id, _, minutes = value(body).partition(":")
    if minutes in views.report.COSTS:
        noted = correct.cost(kit, number(report_id), int(minutes), person(body), now)
        await _correct(body, kit, now, number(report_id), noted)
    await ack()


async def undo(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The author takes it back."""
    report_id = number(value(body))
    await _correct(body, kit, now, report_id, correct.withdraw(kit, report_id, person(body), now))
    await ack()


async def ask_for_detail(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The reporter wants to add something."""
    report_id = number(value(body))
    try:
        added = await correct.detail_of(kit, report_id, person(body))
    except Refused as refused:
        await _answer(body, kit, now, str(refused))
    else:
        await windows.show(kit, body, windows.detail(body, report_id, added), now)
    await ack()


async def show_cluster(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody wants to read what is behind a card."""
    shown = await clusters.show_by_id(kit, number(value(body)), person(body), now, decide=False)
    if shown is not None:
        await windows.show(kit, body, views.cluster.window(shown, "Reports"), now)
    await ack()


async def explain(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody wants to know why a cluster stands where it stands."""
    cluster_id, _, digest_id = value(body).partition(":")
    told = await clusters.explain(kit, person(body), number(cluster_id), now, digest_id=number(digest_id) or None)
    shown = told or views.report.sentence("Nobody has it any more: every report of it was taken back.")
    await windows.show(kit, body, views.cluster.window(shown, "Why?"), now)
    await ack()


async def file_sought(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """What was looked for is filed instead, once for each answer that offers it."""
    place, container = body.get("channel") or {}, body.get("container") or {}
    said = reports.Said(
        key=f"find:{place.get('id')}:{container.get('message_ts')}:{person(body)}",
        text=value(body),
        source="command",
        reporter=person(body),
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
    """Somebody wants to change a digest: their own, or that of a channel."""
    who = person(body)
    try:
        await readers.permit(kit, who, _reader(body))
    except readers.Refused as refused:
        await _tell(body, kit, now, _reader(body), str(refused))
    else:
        await windows.show(kit, body, await windows.digest(kit, who, _reader(body), now), now)
    await ack()


async def pause_digest(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody wants no digest for some weeks."""
    weeks = value(body).partition(":")[2]
    if weeks in views.subscription.PAUSES:
        await _change(body, kit, now, lambda reader: subscriptions.pause(kit, reader, int(weeks), now))
    await ack()


async def resume_digest(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody wants them again."""
    await _change(body, kit, now, lambda reader: subscriptions.resume(kit, reader, now))
    await ack()


async def end_digest(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody wants no digest any more."""
    await _change(body, kit, now, lambda reader: subscriptions.end(kit, reader, now))
    await ack()


async def undo_end_digest(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody did not mean it."""
    await _change(body, kit, now, lambda reader: subscriptions.undo(kit, reader, now))
    await ack()


async def open_form(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The button in the App Home."""
    await windows.show(kit, body, windows.report(kit), now)
    await ack()


async def show_quarter(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody wants to know what was fixed this quarter."""
    page = await quarters.compose(kit, rules.quarter.of(now), now)
    await windows.show(kit, body, views.quarter.window(page), now)
    await ack()


async def _change(body: dict[str, Any], kit: Kit, now: dt.datetime, change: Callable[[str], Awaitable[str]]) -> None:
    """Change a digest for who may, and say what was done: in the Home by redrawing it, elsewhere beside the button."""
    reader = _reader(body)
    try:
        await readers.permit(kit, person(body), reader)
        news = await change(reader)
    except readers.Refused as refused:
        news = str(refused)
    await _tell(body, kit, now, reader, news)


async def _tell(body: dict[str, Any], kit: Kit, now: dt.datetime, reader: str, news: str) -> None:
    if (body.get("view") or {}).get("type") == "home":
        await outbox.want(kit, "home", person(body), {"person": person(body)}, now)
        return
    action, url = body["actions"][0], str(body.get("response_url") or "")
    key = f"{action.get('action_ts')}:{action.get('action_id')}:{person(body)}"
    # The button to undo it stands in the answer to another one, which it then replaces.
    replace = action.get("action_id") in ("digest_resume", "digest_undo")
    await outbox.answer(kit, url, key, now, news=news, reader=reader, replace=replace)


def _reader(body: dict[str, Any]) -> str:
    """Whose digest a button is about; the person's own in one that does not say."""
    reader = value(body).partition(":")[0]
    return person(body) if reader in ("", "form") else reader


async def _correct(
    body: dict[str, Any], kit: Kit, now: dt.datetime, report_id: int, correction: Awaitable[str]
) -> None:
    """Correct a report and redraw the answer that the button stands in; or say why not, beside it."""
    try:
        news = await correction
    except Refused as refused:
        await _answer(body, kit, now, str(refused))
    else:
        await _answer(body, kit, now, news, report_id=report_id)


async def _answer(body: dict[str, Any], kit: Kit, now: dt.datetime, news: str, *, report_id: int | None = None) -> None:
    action = body["actions"][0]
    key = f"{action.get('action_ts')}:{action.get('action_id')}:{person(body)}"
    url = str(body.get("response_url") or "")
    await outbox.answer(kit, url, key, now, news=news, report_id=report_id, replace=report_id is not None)


def value(body: dict[str, Any]) -> str:
    """What a button or a menu brought back."""
    action = body["actions"][0]
    return str(action.get("value") or (action.get("selected_option") or {}).get("value") or "")


def number(text: str) -> int:
    """An id in a button; 0, which nothing has, for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def person(body: dict[str, Any]) -> str:
    """Who pressed it."""
    return str(body["user"]["id"])
