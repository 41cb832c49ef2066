"""The bricks. A person's words go into `words`, `quote` and `heading`; `line` and `small` are for our own alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.views.words import cut, excerpt, parts

Block = dict[str, Any]

#: Characters of a report that a message shows; all of it is kept.
QUOTED = 300


@dataclass(frozen=True, slots=True)
class Message:
    """Blocks for the eye, and the same in plain `text` for notifications and screen readers."""

    text: str
    blocks: list[Block]


def keyed(message: Message, block_id: str) -> Message:
    """The same message, to be known again by the id of its first block."""
    first, *rest = message.blocks
    return Message(message.text, [first | {"block_id": block_id}, *rest])


def escape(words: str) -> str:
    """A person's words for a message's `text`, which Slack reads as markup: its three signs are spelled out."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(words: str, limit: int) -> dict[str, Any]:
    """A text object that Slack shows as it is; `:smile:` stays `:smile:`."""
    return {"type": "plain_text", "text": cut(words, limit) or "…", "emoji": False}


def heading(words: str) -> Block:
    """A large line."""
    return {"type": "header", "text": plain(words, 150)}


def words(text: str, accessory: Block | None = None) -> Block:
    """A person's words on one line."""
    block: Block = {"type": "section", "text": plain(text, 2900)}
    return block | {"accessory": accessory} if accessory else block


def whole(text: str) -> list[Block]:
    """All of a person's words, in as many blocks as that takes; Slack draws no more than fifty of them."""
    shown = parts(text or "…", 2900)[:48]
    return [{"type": "section", "text": {"type": "plain_text", "text": part, "emoji": False}} for part in shown]


def quote(text: str, accessory: Block | None = None) -> Block:
    """A person's words, as said by somebody else: in their own lines, and cut."""
    shown = f"“{excerpt(text, QUOTED)}”"
    block: Block = {"type": "section", "text": {"type": "plain_text", "text": shown, "emoji": False}}
    return block | {"accessory": accessory} if accessory else block


def quoted(text: str) -> str:
    """“…”, at most QUOTED characters of it."""
    return f"“{cut(text, QUOTED)}”"


def line(markup: str, accessory: Block | None = None) -> Block:
    """Our own words, with markup."""
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": markup, "verbatim": True}}
    return block | {"accessory": accessory} if accessory else block


def link(address: str, label: str) -> str:
    """Markup for an address that is known to have no bar and no angle bracket in it. `label`: our own word."""
    return f"<{escape(address)}|{label}>"


def small(markup: str, words: str = "") -> Block:
    """Our own words, small, with markup; and after them `words` that hold a person's, such as their name, as they are.

    One of the two may be empty.
    """
    ours = [{"type": "mrkdwn", "text": markup, "verbatim": True}] if markup else []
    return {"type": "context", "elements": [*ours, *([plain(words, 2900)] if words else [])]}


def small_words(text: str, more: str = "") -> Block:
    """A person's words, as said by somebody else, small; and `more` that is no part of them."""
    return {"type": "context", "elements": [plain(quoted(text), 2900), *([plain(more, 300)] if more else [])]}


def small_plain(text: str) -> Block:
    """Words that hold a person's, such as their name, small, and as they are."""
    return {"type": "context", "elements": [{"type": "plain_text", "text": parts(text, 2900)[0], "emoji": False}]}


def row(elements: Sequence[Block]) -> Block:
    """Buttons and menus side by side."""
    return {"type": "actions", "elements": list(elements)}


def rule() -> Block:
    """A line across."""
    return {"type": "divider"}


def button(label: str, action_id: str, value: str, **more: Any) -> Block:
    """A button. `more`: `style`, `url`, `confirm`."""
    return {"type": "button", "text": plain(label, 75), "action_id": action_id, "value": value, **more}


def confirm(title: str, text: str, yes: str) -> Block:
    """Are you sure?"""
    return {"title": plain(title, 100), "text": plain(text, 300), "confirm": plain(yes, 30), "deny": plain("Keep", 30)}


def option(label: str, value: str) -> Block:
    """One choice of a menu."""
    return {"text": plain(label, 75), "value": value}


def menu(placeholder: str, action_id: str, options: Sequence[Block], chosen: str = "") -> Block:
    """A menu with one choice. `chosen`: the value it opens with."""
    element: Block = {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": plain(placeholder, 150),
        "options": list(options),
    }
    initial = next((each for each in options if each["value"] == chosen), None)
    return element | {"initial_option": initial} if initial else element


def overflow(action_id: str, options: Sequence[Block]) -> Block:
    """What can be chosen behind ⋯."""
    return {"type": "overflow", "action_id": action_id, "options": list(options)}


def text_field(placeholder: str, initial: str = "", *, lines: int = 2, most: int = 3000) -> Block:
    """Where somebody types; `lines`: one, or more. `initial`: what stands there already."""
    field: Block = {
        "type": "plain_text_input",
        "action_id": "value",
        "multiline": lines > 1,
        "max_length": most,
        "placeholder": plain(placeholder, 150),
    }
    return field | {"initial_value": parts(initial, most)[0]} if initial else field


def input(block_id: str, label: str, element: Block, *, optional: bool = False, hint: str = "") -> Block:
    """A field of a form."""
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, 2000),
        "element": element,
        "optional": optional,
    }
    return block | {"hint": plain(hint, 2000)} if hint else block


def form(
    callback_id: str, title: str, submit: str, carried: str, fields: Sequence[Block], close: str = "Cancel"
) -> dict[str, Any]:
    """A form. `carried` comes back with it."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": carried,
        "title": plain(title, 24),
        "submit": plain(submit, 24),
        "close": plain(close, 24),
        "blocks": list(fields),
    }


def count(number: int, one: str, many: str = "") -> str:
    """`1 developer`, `8 developers`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
