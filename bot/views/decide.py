"""The forms for what becomes of a cluster: its status, who sees to it, and how long it may rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.views import blocks
from bot.views.blocks import Block
from bot.views.status import CALLED, called

#: As in the rules: characters of a reason and of a link.
REASON, LINK = 500, 1000


def status_form(
    here: str, status: str, carried: str, *, reason: str = "", link: str = "", note: str = ""
) -> dict[str, Any]:
    """What becomes of a cluster, and why. `here`: its handle and name; `note`: what somebody else did meanwhile."""
    options = [blocks.option(called(each).capitalize(), each) for each in CALLED]
    why = blocks.text_field("The pages are generated from the CLI now.", reason, most=REASON)
    fields = [
        blocks.words(note or here),
        blocks.input("status", "Status", blocks.menu("Choose", "value", options, status)),
        blocks.input(
            "reason", "Why, in a sentence", why, optional=True, hint="Whoever reported it or voted for it reads this."
        ),
        blocks.input("link", "Ticket", blocks.text_field("https://…", link, lines=1, most=LINK), optional=True),
    ]
    return blocks.form("status_form", "Status", "Go on", carried, fields)


def status_check(told: str, link: str, who: str, carried: str) -> dict[str, Any]:
    """What people will read, and how many. `who`: that, in a sentence."""
    fields = [blocks.words(who), blocks.quote(told)]
    if link:
        fields.append(blocks.small(blocks.link(link, "Ticket"), link))
    return blocks.form("status_form", "Status", "Set it", carried, fields, "Leave it")


def assign_form(here: str, owner: str, chosen: str, carried: str, *, note: str = "") -> dict[str, Any]:
    """Who sees to a cluster. `owner`: who does, empty for nobody; `chosen`: whom the form opens with."""
    menu: Block = {"type": "users_select", "action_id": "value", "placeholder": blocks.plain("Choose", 150)}
    menu |= {"initial_user": chosen} if chosen else {}
    fields = [*_noted(note), blocks.input("owner", f"Who sees to {here}?", menu, optional=True)]
    if owner:
        boxes = {
            "type": "checkboxes",
            "action_id": "value",
            "options": [blocks.option("Nobody sees to it any more", "yes")],
        }
        fields.append(blocks.input("nobody", "Or", boxes, optional=True))
    return blocks.form("assign_form", "Assign", "Save", carried, fields)


def snooze_form(
    here: str, choices: Sequence[tuple[str, str]], carried: str, *, chosen: str = "", note: str = ""
) -> dict[str, Any]:
    """How long a cluster rests. `choices`: values and what they are called; the first is chosen unless another is."""
    options = [blocks.option(label, value) for value, label in choices]
    initial = next((each for each in options if each["value"] == chosen), options[0])
    radio = {"type": "radio_buttons", "action_id": "value", "options": options, "initial_option": initial}
    field = blocks.input("rest", f"{here} rests", radio, hint="Digests leave it out. It stays in the lists.")
    return blocks.form("snooze_form", "Let it rest", "Save", carried, [*_noted(note), field])


def _noted(note: str) -> list[Block]:
    return [blocks.words(note)] if note else []
