"""Forms that were sent. What cannot be taken is said at the field, and the form stays open with all that was typed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot import clock, views
from bot.flows import correct, home, outbox, seal
from bot.flows import reader as readers
from bot.flows import report as reports
from bot.flows import subscription as subscriptions
from bot.flows.capture import capture
from bot.flows.kit import Kit
from bot.flows.triage import Refused
from bot.listeners import windows


async def report(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The form for a report."""
    given, carried = views.form.values(view), windows.carried(view)
    person = str(body["user"]["id"])
    anonymous = given.get("anonymous", "").split(",")
    unnamed = "yes" in anonymous
    said = reports.Said(
        key=f"form:{carried.get('key') or view['id']}",
        text=given.get("words", ""),
        source="form",
        reporter=None if unnamed else person,
        # Without a name the exact minute is left out too: it would tell who had the form open.
        said_at=now.replace(hour=0, minute=0, second=0, microsecond=0) if unnamed else now,
        area=given.get("area", "") if given.get("area") in kit.house.areas else "",
        severity=_among(given.get("severity"), views.form.SEVERITIES),
        minutes_lost=_among(given.get("minutes"), views.form.LOSSES),
    )
    if (said := reports.cleaned(said)).wordless:
        await ack(response_action="errors", errors={"words": "A few words, please: what slowed you down?"})
        return
    if not unnamed:
        await capture(kit, said, now, clock.now, answer=str(carried.get("answer") or ""))
        await ack()
        return
    if "hear" in anonymous:
        await seal.keep(kit, said.key, person)
    # Nothing may remember whom to answer, so the answer is the form itself.
    outcome = await capture(kit, said, now, clock.now, in_ack=True)
    filed = outcome.filed if outcome else None
    shown = views.report.filed_unnamed(filed) if filed else views.report.sentence("Saved. It is filed in a moment.")
    await ack(response_action="update", view=views.cluster.window(shown, "Filed" if filed else "Saved"))


async def area(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The form that moves a report to another area."""
    given, carried = views.form.values(view), windows.carried(view)
    report_id = int(carried.get("report") or 0)
    try:
        news = await correct.retag(kit, report_id, given.get("area", ""), str(body["user"]["id"]), now)
    except Refused as refused:
        shown = views.cluster.window(views.report.sentence(str(refused)), "Why this area?")
        await ack(response_action="update", view=shown)
        return
    url = str(carried.get("answer") or "")
    await outbox.answer(kit, url, f"area:{view['id']}", now, news=news, report_id=report_id, replace=True)
    await ack()


async def detail(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The form that adds to a report."""
    given, carried = views.form.values(view), windows.carried(view)
    report_id = int(carried.get("report") or 0)
    try:
        news = await correct.add_detail(
            kit,
            report_id,
            str(body["user"]["id"]),
            words=given.get("words", ""),
            severity=_among(given.get("severity"), views.form.SEVERITIES),
            minutes=_among(given.get("minutes"), views.form.LOSSES),
            now=now,
        )
    except Refused as refused:
        shown = views.cluster.window(views.report.sentence(str(refused)), "Add detail")
        await ack(response_action="update", view=shown)
        return
    url, who = str(carried.get("answer") or ""), str(body["user"]["id"])
    if not url:  # it was asked for in the App Home
        await home.want(kit, who, now)
    await outbox.answer(kit, url, f"detail:{view['id']}", now, news=news, report_id=report_id, replace=True)
    await ack()


async def digest(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The form of `/friction digest`. What is wrong is said at its field; who may not, in the form's place."""
    given, shown, person = views.form.values(view), windows.carried(view), str(body["user"]["id"])
    reader = str(shown.get("reader") or person)
    try:
        await readers.permit(kit, person, reader)
        if given.get("every") == views.form.NEVER:
            told = await subscriptions.end(kit, reader, now)
        else:
            subscription = await subscriptions.subscribe(
                kit,
                reader,
                areas=given.get("areas") or "all",
                every=given.get("every") or shown.get("every", "week"),
                weekday=given.get("weekday") or shown.get("weekday", "mon"),
                at=given.get("at") or shown.get("at", "09:00"),
                tz=shown.get("tz", "UTC"),
                length=given.get("length") or shown.get("length", "5"),
                paused_until=given.get("paused_until", ""),
                tz_chosen=bool(shown.get("chosen")),
                person=person,
                now=now,
            )
            told = subscriptions.in_words(subscription, now)
    except subscriptions.Wrong as wrong:
        fields = {field: said for field, said in wrong.fields.items() if field in given}
        await ack(response_action="errors", errors=fields or {"at": str(wrong)})
        return
    except readers.Refused as refused:
        told = str(refused)
    await ack(response_action="update", view=views.cluster.window(views.subscription.told(told, reader), "Your digest"))


def _among(value: str | None, choices: dict[str, str]) -> int | None:
    return int(value) if value in choices and value is not None else None
