"""The forms, and what their fields are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.views import blocks
from bot.views.blocks import Block
from bot.views.subscription import CADENCES, LENGTHS, WEEKDAYS, Subscribed

#: How bad it is, as said to people, worst last.
SEVERITIES = {"0": "Nice to know", "1": "Slows me down a little", "2": "Slows me down a lot", "3": "I am blocked"}
#: What it cost, in minutes.
LOSSES = {"5": "5 minutes", "30": "half an hour", "120": "2 hours", "480": "a day", "960": "more than a day"}

#: What ends a subscription, in the menu of cadences.
NEVER = "never"


def report(areas: Sequence[str], carried: str) -> dict[str, Any]:
    """The form for a report. `carried` comes back with it: a key of ours, so that it is filed once."""
    return _form(
        "report_form",
        "Report friction",
        "Report",
        carried,
        [
            _input("words", "What slowed you down?", _text_field("A sentence is enough.", "")),
            _input(
                "area",
                "Part of the platform",
                blocks.menu("I let you guess", "value", [blocks.option(area, area) for area in areas]),
                optional=True,
            ),
            *_how_bad(),
            _input(
                "anonymous",
                "Your name",
                {
                    "type": "checkboxes",
                    "action_id": "value",
                    "options": [blocks.option("File it without my name", "yes")],
                },
                optional=True,
                hint="Your name is not stored with the report then. Slack itself still knows that you used this form.",
            ),
        ],
    )


def detail(carried: str, words: str) -> dict[str, Any]:
    """The form that adds to a report. `carried` comes back with it; `words`: what was added before."""
    return _form(
        "detail_form",
        "Add detail",
        "Save",
        carried,
        [
            _input(
                "words", "Anything to add?", _text_field("Steps, versions, what you expected", words), optional=True
            ),
            *_how_bad(),
        ],
    )


def subscription(areas: Sequence[str], current: Subscribed, carried: str, *, subscribed: bool) -> dict[str, Any]:
    """The form of `/friction digest`. `carried` comes back with it."""
    chosen = set(current.areas.split(","))
    options = [blocks.option(area, area) for area in (*areas, "unsorted")]
    initial = [each for each in options if each["value"] in chosen]
    field: Block = {"type": "checkboxes", "action_id": "value", "options": options}
    hours = {f"{hour:02d}:00": f"{hour:02d}:00" for hour in range(24)}
    hours.setdefault(current.at, current.at)
    cadences = CADENCES | ({NEVER: "Not at all any more"} if subscribed else {})
    until: Block = {"type": "datepicker", "action_id": "value", "placeholder": blocks.plain("Not paused", 150)}
    if current.paused_until:
        until["initial_date"] = current.paused_until.isoformat()
    whose = f"For <#{current.reader}>." if current.channel else "For a channel: type `/friction digest #channel`."
    return _form(
        "digest_form",
        "Digest of a channel" if current.channel else "Your digest",
        "Save" if subscribed else "Subscribe",
        carried,
        [
            _input(
                "areas",
                "Areas",
                field | {"initial_options": initial} if initial else field,
                optional=True,
                hint="None ticked: all of them, and those to come.",
            ),
            _input("every", "How often", _menu_of(cadences, current.every), optional=True),
            _input("weekday", "On", _menu_of(WEEKDAYS, current.weekday), optional=True, hint="Not for every day."),
            _input("at", f"At, in {current.tz}", _menu_of(dict(sorted(hours.items())), current.at), optional=True),
            _input("length", "How much", _menu_of(LENGTHS, str(current.length)), optional=True),
            _input(
                "paused_until",
                "Paused until",
                until,
                optional=True,
                hint="From that day on it comes again, by itself.",
            ),
            blocks.small(whose),
        ],
    )


def values(view: dict[str, Any]) -> dict[str, str]:
    """What was filled in: field → value, several joined by commas, empty when left alone."""
    given = {}
    for field, elements in view.get("state", {}).get("values", {}).items():
        element = next(iter(elements.values()), None) or {}
        given[field] = _value(element)
    return given


def _value(element: dict[str, Any]) -> str:
    if isinstance(text := element.get("value"), str):
        return text
    if isinstance(day := element.get("selected_date"), str):
        return day
    if isinstance(option := element.get("selected_option"), dict):
        return str(option.get("value", ""))
    if isinstance(options := element.get("selected_options"), list):
        return ",".join(str(option.get("value", "")) for option in options)
    return ""


def _how_bad() -> list[Block]:
    return [
        _input("severity", "How bad is it?", _menu_of(SEVERITIES, ""), optional=True),
        _input("minutes", "What did it cost you?", _menu_of(LOSSES, ""), optional=True),
    ]


def _menu_of(choices: dict[str, str], chosen: str) -> Block:
    return blocks.menu("Choose", "value", [blocks.option(label, value) for value, label in choices.items()], chosen)


def _text_field(placeholder: str, initial: str) -> Block:
    field: Block = {
        "type": "plain_text_input",
        "action_id": "value",
        "multiline": True,
        "max_length": 3000,
        "placeholder": blocks.plain(placeholder, 150),
    }
    return field | {"initial_value": initial[:3000]} if initial else field


def _input(block_id: str, label: str, element: Block, *, optional: bool = False, hint: str = "") -> Block:
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": blocks.plain(label, 2000),
        "element": element,
        "optional": optional,
    }
    return block | {"hint": blocks.plain(hint, 2000)} if hint else block


def _form(callback_id: str, title: str, submit: str, carried: str, fields: Sequence[Block]) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": carried,
        "title": blocks.plain(title, 24),
        "submit": blocks.plain(submit, 24),
        "close": blocks.plain("Cancel", 24),
        "blocks": list(fields),
    }
