"""Areas: why a report is in one, moving it to another, and how often the classifier was right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.views import blocks
from bot.views.blocks import Block
from classifiers.areas import Area

UNSORTED = "unsorted"

#: Choices that Slack shows side by side; more of them go into a menu.
SIDE_BY_SIDE = 10


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a report is where it is. `by`: who said so last: model, reporter or triage; `yours`: it is who asks that
    reported it; `inherited`: the model did not know, and took the area of the reports that it was filed with.

    `guess`: what the words alone would make of it, `unsorted` for nothing; `likeliest`, `sure` (percent) and `spoke`:
    what they point to, how much, and which of them.
    """

    words: str
    area: str
    by: str
    yours: bool
    inherited: bool
    guess: str
    likeliest: str
    sure: int
    spoke: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """How often people let an area stand, in percent of so many answers."""

    area: str
    right: int
    answered: int


def called(area: Area) -> str:
    """`docs`, or `builds (Builds and CI)` where the name says more."""
    return area.key if area.name.lower() == area.key else f"{area.key} ({area.name})"


def option(area: Area) -> Block:
    """An area as one choice of several, with what it is for."""
    choice = blocks.option(called(area), area.key)
    return choice | {"description": blocks.plain(area.description, 75)} if area.description else choice


def choose(areas: Sequence[Area], chosen: str) -> Block:
    """All areas and none of them, to choose one from."""
    options = [*map(option, areas), blocks.option("none of these", UNSORTED)]
    if len(options) > SIDE_BY_SIDE:
        return blocks.menu("Choose", "value", options, chosen)
    initial = next((each for each in options if each["value"] == chosen), None)
    element: Block = {"type": "radio_buttons", "action_id": "value", "options": options}
    return element | {"initial_option": initial} if initial else element


def because(reason: Reason) -> str:
    """Two sentences: who says that it belongs there, and what its words say."""
    return f"{_who(reason)} {_what_it_reads_like(reason)}"


def _who(reason: Reason) -> str:
    area = "that it is none of the areas" if reason.area == UNSORTED else reason.area
    if reason.by == "reporter":
        return f"{'You' if reason.yours else 'Whoever reported it'} said {area}."
    if reason.by == "triage":
        return f"Somebody who triages said {area}."
    if reason.inherited:
        return f"It is in {area} because the reports that it was filed with are."
    if reason.guess == reason.area:
        return f"I put it in {area}, because of its words."
    return f"I put it in {area} when it came, and have learned since."


def _what_it_reads_like(reason: Reason) -> str:
    spoke = _listed([f"“{word}”" for word in reason.spoke])
    if reason.guess == UNSORTED:
        close = f": closest to {reason.likeliest}" + (f", for {spoke}" if spoke else "") + f", at {reason.sure} %"
        return f"Its words alone leave me unsure{close}."
    if reason.guess == reason.area:
        return f"{spoke or 'All of them together'} spoke for it; I am {reason.sure} % sure."
    return f"By its words alone I would say {reason.guess}" + (f", for {spoke}" if spoke else "") + "."


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def form(reason: Reason, areas: Sequence[Area], carried: str) -> dict[str, Any]:
    """The form that says why, and moves a report to another area. `carried` comes back with it."""
    current = next((area for area in areas if area.key == reason.area), None)
    owner = [blocks.small(f"<@{current.owner}> looks after {current.key}.")] if current and current.owner else []
    return {
        "type": "modal",
        "callback_id": "why_form",
        "private_metadata": carried,
        "title": blocks.plain("Why this area?", 24),
        "submit": blocks.plain("Move", 24),
        "close": blocks.plain("Leave it", 24),
        "blocks": [
            *([blocks.quote(reason.words)] if reason.words else []),
            blocks.words(because(reason)),
            *owner,
            {
                "type": "input",
                "block_id": "area",
                "label": blocks.plain("Which part of the platform is it?", 2000),
                "element": choose(areas, reason.area),
                "optional": False,
            },
        ],
    }


def record(each: Record) -> str:
    """`docs: right 93 % of 120 answered in the last 90 days`."""
    return f"{each.area}: right {each.right} % of {each.answered} answered in the last 90 days"


def listing(areas: Sequence[Area], records: Mapping[str, Record]) -> list[str]:
    """A line for each area, for people who run the bot: what it is for, who looks after it, how often it is right."""
    lines = []
    for area in areas:
        about = f"{called(area)}: {area.description}" if area.description else called(area)
        parts = [blocks.escape(about)]
        parts += [f"<@{area.owner}> looks after it"] if area.owner else []
        known = records.get(area.key)
        parts += [record(known).partition(": ")[2]] if known else []
        lines.append(" · ".join(parts))
    return lines
