"""Whether what arrived has the shape that Slack gives it. What has not, Slack did not mean, and nobody need guess."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_HALF = re.compile("[\ud800-\udfff]")
_TYPED = ("text", "value")
_TS = re.compile(r"\d{1,10}\.\d{1,6}")

#: Keys that must hold an object, and keys that must hold text, by the payload's type.
_OBJECTS = {
    "event_callback": ("event",),
    "block_actions": ("user",),
    "view_submission": ("user", "view", "view.state", "view.state.values"),
    "view_closed": ("user", "view"),
    "shortcut": ("user",),
    "message_action": ("user", "message", "channel"),
}
_TEXTS = {
    "event_callback": ("event.type",),
    "block_actions": ("user.id",),
    "view_submission": ("user.id", "view.id", "view.callback_id"),
    "view_closed": ("user.id", "view.callback_id"),
    "shortcut": ("user.id", "trigger_id", "callback_id"),
    "message_action": ("user.id", "trigger_id", "callback_id", "message.ts", "channel.id"),
}
_KINDS = {
    "event_callback": "event",
    "block_actions": "action",
    "view_submission": "view",
    "view_closed": "view",
    "shortcut": "shortcut",
    "message_action": "shortcut",
}
#: The events that we listen to. Others may look as they like.
_HEARD = frozenset(
    """reaction_added reaction_removed app_home_opened message user_change channel_id_changed
    subteam_members_changed""".split()
)

#: Keys of events that, where they are there, must hold an object or text.
_EVENT_OBJECTS = ("event.item", "event.message", "event.previous_message")
_EVENT_TEXTS = ("event.item.channel", "event.item.ts", "event.reaction", "event.event_ts", "event.channel")


def kind(body: Any) -> str:
    """What a payload is of, in a word that is one of a few."""
    if not isinstance(body, Mapping):
        return "other"
    if "command" in body:
        return "command"
    told = body.get("type")
    return _KINDS.get(told, "other") if isinstance(told, str) else "other"


def sound(body: Any) -> bool:
    """Whether a payload, already read from JSON or a form, can be worked with."""
    if not isinstance(body, Mapping) or not _storable(body):
        return False
    if "command" in body:
        return all(_is(body, key, str) for key in ("user_id", "trigger_id", "command"))
    kind = body.get("type")
    if not isinstance(kind, str):
        return False
    if not all(_is(body, key, Mapping) for key in _OBJECTS.get(kind, ())):
        return False
    if not all(_is(body, key, str) for key in _TEXTS.get(kind, ())):
        return False
    match kind:
        case "event_callback":
            return _event(body)
        case "block_actions":
            actions = body.get("actions")
            return isinstance(actions, list) and bool(actions) and all(_action(each) for each in actions)
        case "view_submission":
            return all(isinstance(each, Mapping) for each in body["view"]["state"]["values"].values())
        case "message_action":
            written = isinstance(_at(body, "message.user"), (str, type(None)))
            return written and _TS.fullmatch(body["message"]["ts"]) is not None
    return True


def _action(action: Any) -> bool:
    """Whether a button or a menu says which it is and, in text, what it stands for."""
    if not isinstance(action, Mapping) or not _is(action, "action_id", str):
        return False
    return all(
        isinstance(_at(action, key), (str, type(None))) for key in ("value", "selected_option.value", "action_ts")
    )


def _event(body: Mapping[str, Any]) -> bool:
    if body["event"]["type"] not in _HEARD:
        return True
    there = [key for key in (*_EVENT_OBJECTS, *_EVENT_TEXTS) if _at(body, key) is not None]
    if not all(_is(body, key, Mapping if key in _EVENT_OBJECTS else str) for key in there):
        return False
    ts = _at(body, "event.item.ts")
    user = _at(body, "event.user")
    # `user_change` brings a whole person, everything else an id.
    return (ts is None or _TS.fullmatch(ts) is not None) and isinstance(user, (str, Mapping, type(None)))


def _is(body: Mapping[str, Any], path: str, kind: type) -> bool:
    return isinstance(_at(body, path), kind)


def _storable(body: Mapping[str, Any]) -> bool:
    """Whether every string can be kept: no database takes half a character, and PostgreSQL takes no NUL.

    What somebody typed is cleaned before it is kept, and may have one in it.
    """
    left: list[tuple[Any, Any]] = [("", body)]
    while left:
        key, each = left.pop()
        if isinstance(each, str) and (_HALF.search(each) or ("\0" in each and key not in _TYPED)):
            return False
        if isinstance(each, (Mapping, list)):
            left.extend(each.items() if isinstance(each, Mapping) else enumerate(each))
    return True


def _at(body: Mapping[str, Any], path: str) -> Any:
    found: Any = body
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found
