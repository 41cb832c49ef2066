"""Before any gesture: whether whoever makes it may, as far as that can be said without knowing what it is about."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from slack_bolt.response import BoltResponse

from bot import rules, views
from bot.flows import outbox, visitor
from bot.flows.kit import Kit

#: Gestures that only touch what is somebody's own; a guest may make them. An action's name may go on after these.
THEIRS = (
    "report_",
    "own_",
    "hearing_",
    "suggest_none",
    "home_report",
    "detail_form",
    "why_form",
    "fact_undo",
    "leave",
    "insist",
)

#: Commands that do so.
_THEIRS = (
    rules.commands.Form,
    rules.commands.Help,
    rules.commands.Mine,
    rules.commands.Settings,
    rules.commands.ReportText,
)


async def refusal(kit: Kit, body: dict[str, Any], now: dt.datetime) -> BoltResponse | None:
    """What to answer instead of doing it, said privately where the gesture was made; None: go on."""
    if "event" in body:
        return None
    user = body.get("user") or {}
    person = str(body.get("user_id") or user.get("id") or "")
    workspace = str(body.get("team_id") or (body.get("team") or {}).get("id") or "")
    organised = bool(body.get("enterprise") or body.get("enterprise_id"))
    why = visitor.belongs(kit, workspace, str(user.get("team_id") or ""), organised=organised)
    if not why and not _files(body):
        why = await visitor.barred(kit, person, theirs=_is_theirs(kit, body))
    return await _said(kit, body, why, person, now) if why else None


def _files(body: dict[str, Any]) -> bool:
    """Whether it is words to be filed: these are stored before anything is asked of Slack."""
    return "command" in body and isinstance(_command(body, frozenset()), rules.commands.ReportText)


def _is_theirs(kit: Kit, body: dict[str, Any]) -> bool:
    if "command" in body:
        return isinstance(_command(body, frozenset(kit.house.areas)), _THEIRS)
    if body.get("type") in ("shortcut", "message_action"):
        return True
    actions = body.get("actions") or [{}]
    name = str(actions[0].get("action_id") or (body.get("view") or {}).get("callback_id") or "")
    return name.startswith(THEIRS)


def _command(body: dict[str, Any], areas: frozenset[str]) -> rules.commands.Command:
    return rules.commands.parse(rules.text.received(str(body.get("text") or "")), areas)


async def _said(kit: Kit, body: dict[str, Any], why: str, person: str, now: dt.datetime) -> BoltResponse:
    told = views.report.sentence(why)
    if "command" in body:
        return _json({"text": told.text, "blocks": told.blocks, "response_type": "ephemeral"})
    if body.get("type") == "view_submission":
        return _json({"response_action": "update", "view": views.cluster.window(told, "Not yours")})
    key = f"refused:{body.get('trigger_id')}:{person}"
    await outbox.answer(kit, str(body.get("response_url") or ""), key, now, news=why, replace=False)
    return BoltResponse(status=200)


def _json(body: dict[str, Any]) -> BoltResponse:
    return BoltResponse(status=200, body=json.dumps(body), headers={"Content-Type": ["application/json"]})
