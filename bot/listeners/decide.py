"""What becomes of a cluster, by forms: its status, who sees to it, how long it rests."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot import rules, views
from bot.flows import assign, desk, snooze, status
from bot.flows.decide import Changed
from bot.flows.kit import Kit
from bot.flows.triage import Refused
from bot.listeners import answers, windows
from bot.listeners.actions import number, person, value


async def form(
    kit: Kit, gesture: str, chosen: str, here: desk.Seen, who: str, carried: dict[str, Any], now: dt.datetime
) -> dict[str, Any]:
    """The form for one of these. `chosen`: the status that was chosen already. Raises Refused."""
    match gesture:
        case "status":
            became = chosen if chosen in rules.status.ALL else here.status
            reason, link = await status.said(kit, here.cluster_id) if became == here.status else ("", "")
            again = json.dumps(carried | {"was": here.status, "chosen": became})
            return views.decide.status_form(here.named, became, again, reason=reason, link=link)
        case "assign":
            chosen = here.owner or who
            again = json.dumps(carried | {"was": here.owner, "chosen": chosen})
            return views.decide.assign_form(here.handle, here.owner, chosen, again)
        case "snooze":
            choices = await snooze.choices(kit, here.cluster_id, now)
            return views.decide.snooze_form(here.handle, choices, json.dumps(carried | {"was": here.snooze}))
        case "more":
            return views.triage.more_form(here.named, json.dumps(carried))
    raise Refused("I do not know how to do that.")


async def status_set(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The form for a status: first what is to be said, then, once it is shown who will read what, whether."""
    carried, given, who = windows.carried(view), views.form.values(view), person(body)
    cluster_id = int(carried.get("cluster") or 0)
    if "status" not in carried:
        became, reason, link = _left_alone(given, carried, "status"), given.get("reason", ""), given.get("link", "")
        try:
            seen = await status.preview(kit, cluster_id, became, reason, link, who)
        except status.Unfit as unfit:
            await ack(response_action="errors", errors={unfit.field: str(unfit)})
            return
        except Refused as refused:
            await ack(response_action="update", view=answers.told(str(refused), "Status"))
            return
        carried |= {"status": became, "reason": seen.reason, "link": seen.link}
        # Spelled out, five hundred letters of some scripts would not fit into what Slack lets a form carry.
        check = views.decide.status_check(seen.told, seen.link, seen.who, json.dumps(carried, ensure_ascii=False))
        await ack(response_action="update", view=check)
        return
    became, reason, link = (str(carried.get(field) or "") for field in ("status", "reason", "link"))
    was = str(carried.get("was") or "")
    try:
        deciding = status.set_status(kit, cluster_id, became, reason, link, who, now, was=was)
        await answers.by_form(ack, kit, view, body, now, deciding, "Status")
    except Changed as changed:
        here = await desk.seen(kit, cluster_id, who, now)
        kept = {field: carried[field] for field in carried if field not in ("status", "reason", "link")}
        again = json.dumps(kept | {"was": here.status, "chosen": became})
        form = views.decide.status_form(here.named, became, again, reason=reason, link=link, note=str(changed))
        await ack(response_action="update", view=form)


async def assigned(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The form for an owner."""
    carried, given, who = windows.carried(view), views.form.values(view), person(body)
    cluster_id, was = int(carried.get("cluster") or 0), str(carried.get("was") or "")
    owner = "" if given.get("nobody") else _left_alone(given, carried, "owner")
    try:
        deciding = assign.assign(kit, cluster_id, owner, who, now, was=was)
        await answers.by_form(ack, kit, view, body, now, deciding, "Assign")
    except Changed as changed:
        here = await desk.seen(kit, cluster_id, who, now)
        again = json.dumps(carried | {"was": here.owner, "chosen": owner})
        form = views.decide.assign_form(here.handle, here.owner, owner, again, note=str(changed))
        await ack(response_action="update", view=form)


async def snoozed(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The form for a rest."""
    carried, how_long, who = windows.carried(view), views.form.values(view).get("rest", ""), person(body)
    cluster_id, was = int(carried.get("cluster") or 0), str(carried.get("was") or "")
    try:
        deciding = snooze.snooze(kit, cluster_id, how_long, who, now, was=was)
        await answers.by_form(ack, kit, view, body, now, deciding, "Let it rest")
    except Changed as changed:
        here, choices = await desk.seen(kit, cluster_id, who, now), await snooze.choices(kit, cluster_id, now)
        again = json.dumps(carried | {"was": here.snooze})
        form = views.decide.snooze_form(here.handle, choices, again, chosen=how_long, note=str(changed))
        await ack(response_action="update", view=form)


async def taken(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody says that they see to it."""
    cluster_id, _, was = value(body).partition(":")
    who = person(body)
    try:
        done = await assign.assign(kit, number(cluster_id), who, who, now, was=was)
    except (Refused, Changed) as refused:
        await answers.answer(kit, body, now, str(refused))
    else:
        await answers.redraw(kit, body, now, done, cluster_id)
    await ack()


def _left_alone(given: dict[str, str], carried: dict[str, Any], field: str) -> str:
    """What was chosen; not every client sends back what a menu opened with."""
    return given.get(field) or str(carried.get("chosen") or "")
