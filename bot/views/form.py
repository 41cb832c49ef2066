"""The forms, and what their fields are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.views import area, blocks
from bot.views.blocks import Block
from bot.views.subscription import CADENCES, LENGTHS, WEEKDAYS, Subscribed
from classifiers.areas import Area

#: How bad it is, as said to people, worst last.
SEVERITIES = {"0": "Nice to know", "1": "Slows me down a little", "2": "Slows me down a lot", "3": "I am blocked"}
#: What it cost, in minutes.
LOSSES = {"5": "5 minutes", "30": "half an hour", "120": "2 hours", "480": "a day", "960": "more than a day"}

#: What ends a subscription, in the menu of cadences.
NEVER = "never"


def report(areas: Sequence[Area], carried: str) -> dict[str, Any]:
    """The form for a report. `carried` comes back with it: a key of ours, so that it is filed once."""
    return blocks.form(
        "report_form",
        "Report friction",
        "Report",
        carried,
        [
            blocks.input(
                "words",
                "What slowed you down?",
                blocks.text_field("A sentence is enough.", ""),
                hint="Everybody here can read it on its card, wherever you opened this form.",
            ),
            blocks.input(
                "area",
                "Part of the platform",
                blocks.menu("I let you guess", "value", [area.option(each) for each in areas]),
                optional=True,
            ),
            *_how_bad(),
            blocks.input(
                "anonymous",
                "Your name",
                {
                    "type": "checkboxes",
                    "action_id": "value",
                    "options": [
                        blocks.option("File it without my name", "yes"),
                        blocks.option("And show me in my Home what becomes of it", "hear"),
                    ],
                },
                optional=True,
                hint="Your name is not stored with the report then, and its time is only the day. You count as one "
                "developer; do not vote for it as well: nobody could tell that it is you, and you would count twice. "
                "Slack itself carries what you send and knows that it is yours, and what it lets owners of your "
                "workspace see is up to it. To show you what becomes of it, a mark is kept that your name cannot be "
                "read from; with the bot’s own key, whoever runs it could try out whose it is.",
            ),
        ],
    )


def detail(carried: str, words: str) -> dict[str, Any]:
    """The form that adds to a report. `carried` comes back with it; `words`: what was added before."""
    return blocks.form(
        "detail_form",
        "Add detail",
        "Save",
        carried,
        [
            blocks.input(
                "words",
                "Anything to add?",
                blocks.text_field("Steps, versions, what you expected", words),
                optional=True,
            ),
            *_how_bad(),
        ],
    )


def subscription(areas: Sequence[Area], current: Subscribed, carried: str, *, subscribed: bool) -> dict[str, Any]:
    """The form of `/friction digest`. `carried` comes back with it."""
    chosen = set(current.areas.split(","))
    options = [*map(area.option, areas), blocks.option("unsorted", "unsorted")]
    initial = [each for each in options if each["value"] in chosen]
    field: Block = {"type": "checkboxes", "action_id": "value", "options": options}
    if len(options) > area.SIDE_BY_SIDE:
        field |= {"type": "multi_static_select", "placeholder": blocks.plain("Choose", 150)}
    hours = {f"{hour:02d}:00": f"{hour:02d}:00" for hour in range(24)}
    hours.setdefault(current.at, current.at)
    cadences = CADENCES | ({NEVER: "Not at all any more"} if subscribed else {})
    until: Block = {"type": "datepicker", "action_id": "value", "placeholder": blocks.plain("Not paused", 150)}
    if current.paused_until:
        until["initial_date"] = current.paused_until.isoformat()
    whose = f"For <#{current.reader}>." if current.channel else "For a channel: type `/friction digest #channel`."
    return blocks.form(
        "digest_form",
        "Digest of a channel" if current.channel else "Your digest",
        "Save" if subscribed else "Subscribe",
        carried,
        [
            blocks.input(
                "areas",
                "Areas",
                field | {"initial_options": initial} if initial else field,
                optional=True,
                hint="None ticked: all of them, and those to come.",
            ),
            blocks.input("every", "How often", _menu_of(cadences, current.every), optional=True),
            blocks.input(
                "weekday", "On", _menu_of(WEEKDAYS, current.weekday), optional=True, hint="Not for every day."
            ),
            blocks.input(
                "at", f"At, in {current.tz}", _menu_of(dict(sorted(hours.items())), current.at), optional=True
            ),
            blocks.input("length", "How much", _menu_of(LENGTHS, str(current.length)), optional=True),
            blocks.input(
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
    if isinstance(person := element.get("selected_user"), str):
        return person
    if isinstance(option := element.get("selected_option"), dict):
        return str(option.get("value", ""))
    if isinstance(options := element.get("selected_options"), list):
        return ",".join(str(option.get("value", "")) for option in options)
    return ""


def _how_bad() -> list[Block]:
    return [
        blocks.input("severity", "How bad is it?", _menu_of(SEVERITIES, ""), optional=True),
        blocks.input("minutes", "What did it cost you?", _menu_of(LOSSES, ""), optional=True),
    ]


def _menu_of(choices: dict[str, str], chosen: str) -> Block:
    return blocks.menu("Choose", "value", [blocks.option(label, value) for value, label in choices.items()], chosen)
