"""The workbench: what can be decided about a cluster, what was decided just now, and what stands against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.views import blocks
from bot.views.blocks import Block, Message
from bot.views.status import CALLED, called

#: What can be decided about a cluster. Slack puts no more than five behind ⋯, so the rarer ones are a step further.
GESTURES = {
    "status": "Status…",
    "assign": "Assign…",
    "snooze": "Let it rest…",
    "merge": "Merge into…",
    "more": "Split, rename, area, workaround…",
}
RARER = {
    "split": "Split: some reports are another problem",
    "rename": "Rename",
    "area": "Change its area",
    "workaround": "Workaround: what helps until it is fixed",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One cluster or report that can be chosen in a form."""

    key: int
    words: str


def desk(cluster_id: int) -> Block:
    """What can be decided about a cluster, behind ⋯."""
    options = [blocks.option(label, f"{gesture}:{cluster_id}") for gesture, label in GESTURES.items()]
    return blocks.overflow("cluster_desk", options)


def statuses(cluster_id: int, status: str) -> Block:
    """A cluster's status as a menu; what is chosen is asked in the form for it."""
    options = [blocks.option(called(each).capitalize(), f"status:{cluster_id}:{each}") for each in CALLED]
    return blocks.menu("Status", "cluster_status", options, f"status:{cluster_id}:{status}")


def controls(cluster_id: int, status: str, take: str | None) -> list[Block]:
    """The status, and the shortcut to see to it oneself. `take`: who does now, by id; None where it is who reads it."""
    button = blocks.button("Assign to me", "cluster_take", f"{cluster_id}:{take}")
    return [statuses(cluster_id, status), *([] if take is None else [button])]


def outcome(news: str, undo: int | None, *, show: int | None = None) -> list[Block]:
    """What was decided just now, and how to undo it. `show`: the cluster whose message it stands in."""
    where = "" if show is None else f":{show}"
    button = blocks.button("Undo", "fact_undo", f"{undo}{where}") if undo is not None else None
    return [blocks.words(news, button)]


def decided(news: str, undo: int | None) -> Message:
    """The same as a message of its own."""
    return Message(blocks.escape(news), outcome(news, undo))


def contradicted(decisions: Sequence[str], value: str) -> Message:
    """What stands against a decision, and both choices. `value`: comes back with the button."""
    told = _against(decisions)
    buttons = [blocks.button("Do it anyway", "insist", value), blocks.button("Leave it", "leave", "-")]
    return Message(blocks.escape(told), [blocks.words(told), blocks.row(buttons)])


def merge_form(
    here: str, choices: Sequence[Choice], carried: str, *, typed: str = "", note: str = ""
) -> dict[str, Any]:
    """Which cluster is the same as this one? `here`: its handle and name; `choices`: the likeliest others.

    `note`: why it is asked again.
    """
    fields: list[Block] = [blocks.words(note or f"{here} is the same problem as:")]
    if choices:
        radio = {
            "type": "radio_buttons",
            "action_id": "value",
            "options": [blocks.option(each.words, str(each.key)) for each in choices],
        }
        fields.append(blocks.input("choice", "The likeliest", radio, optional=True))
    field = blocks.text_field("F-9, or a few words", typed, lines=1, most=200)
    fields.append(blocks.input("words", "Another", field, optional=True, hint="A handle, or words to look for."))
    return blocks.form("merge_form", "Merge", "Go on", carried, fields)


def merge_check(consequences: Sequence[str], against: Sequence[str], carried: str) -> dict[str, Any]:
    """What a merge will do, before it does. `against`: decisions that say otherwise."""
    fields = [blocks.words(each) for each in consequences]
    if against:
        fields.append(blocks.words(_against(against)))
    return blocks.form("merge_form", "Merge", "Merge anyway" if against else "Merge", carried, fields, "Leave it")


def split_form(
    here: str, reports: Sequence[Choice], carried: str, *, more: int, chosen: Sequence[int]
) -> dict[str, Any]:
    """Which reports are another problem? `more`: how many older ones the form has no room for."""
    fields: list[Block] = [blocks.words(f"Choose the reports that are not {here}. They get a handle of their own.")]
    # Slack takes no more than ten boxes at once.
    for start in range(0, len(reports), 10):
        options = [blocks.option(each.words, str(each.key)) for each in reports[start : start + 10]]
        ticked = [each for each in options if int(each["value"]) in chosen]
        boxes: Block = {"type": "checkboxes", "action_id": "value", "options": options}
        label = "Reports, newest first" if start == 0 else "And before"
        boxes |= {"initial_options": ticked} if ticked else {}
        fields.append(blocks.input(f"reports{start}", label, boxes, optional=True))
    if more:
        fields.append(blocks.small(f"{blocks.count(more, 'older report')} not shown."))
    fields.append(blocks.small("Votes on a report go with it. Votes on the card stay with the card."))
    return blocks.form("split_form", "Split", "Split", carried, fields)


def split_check(reports: int, against: Sequence[str], carried: str) -> dict[str, Any]:
    """What stands against a split, and both choices."""
    fields = [
        blocks.words(_against(against)),
        blocks.words(f"Split {blocks.count(reports, 'report')} off all the same?"),
    ]
    return blocks.form("split_form", "Split", "Split anyway", carried, fields, "Leave it")


def name_form(here: str, title: str, carried: str, *, note: str = "") -> dict[str, Any]:
    """What a cluster is called."""
    field = blocks.text_field("Deploy docs show removed flags", title, lines=1, most=120)
    named = blocks.input("title", f"{here} is called", field, optional=True, hint="Empty: by its reports again.")
    return blocks.form("name_form", "Rename", "Save", carried, [*_noted(note), named])


def area_form(here: str, areas: Sequence[str], area: str, carried: str, *, note: str = "") -> dict[str, Any]:
    """Which part of the platform a cluster belongs to."""
    menu = blocks.menu("Choose", "value", [blocks.option(each, each) for each in (*areas, "unsorted")], area)
    chosen = blocks.input("area", f"{here} belongs to", menu)
    return blocks.form("area_form", "Change area", "Save", carried, [*_noted(note), chosen])


def more_form(here: str, carried: str) -> dict[str, Any]:
    """What else is to be done with a cluster?"""
    options = [blocks.option(label, gesture) for gesture, label in RARER.items()]
    radio = {"type": "radio_buttons", "action_id": "value", "options": options}
    return blocks.form("more_form", "Decide", "Go on", carried, [blocks.input("gesture", here, radio)])


def workaround_form(here: str, words: str, carried: str, *, note: str = "") -> dict[str, Any]:
    """What helps until a cluster is fixed. `words`: what is said of it now."""
    field = blocks.text_field("Use deploy --confirm instead.", words, most=500)
    hint = "Whoever reports it or votes for it from now on is told this, with your name. Empty: there is none."
    said = blocks.input("words", f"Until {here} is fixed", field, optional=True, hint=hint)
    return blocks.form("workaround_form", "Workaround", "Save", carried, [*_noted(note), said])


def _noted(note: str) -> list[Block]:
    return [blocks.words(note)] if note else []


def _against(decisions: Sequence[str]) -> str:
    told = " ".join(f"{each}." for each in decisions[:3])
    more = f" And {len(decisions) - 3} more like that." if len(decisions) > 3 else ""
    return f"{told}{more} You say otherwise. If you go on, yours stands."
