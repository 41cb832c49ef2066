"""What `/friction help` and `/friction settings` answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.views import area, blocks, hearing, own
from bot.views.blocks import Message
from classifiers.areas import Area


@dataclass(frozen=True, slots=True)
class Grouping:
    """How grouping does: how often it asked, how often the answer was yes, how many reports joined unasked, and how
    many of these somebody took out again."""

    asked: int
    yes: int
    joined: int
    undone: int


@dataclass(frozen=True, slots=True)
class House:
    """How this workspace is set up, in words for people. `record`: how the areas do, for those with enough answers;
    `grouping`: how that does, once it did anything; `muted`: what who reads it does not want to hear of; `retention`:
    for how many months words are kept; `unflagged`: whether who reads it wants not to be flagged."""

    channel: str
    capture: str
    upvotes: tuple[str, ...]
    leads: int
    admins: int
    areas: tuple[Area, ...]
    record: Mapping[str, area.Record]
    grouping: Grouping | None = None
    retention: int = 18
    unflagged: bool = False
    muted: Collection[str] = ()


def commands(capture: str, upvote: str) -> Message:
    """All gestures on one screen."""
    flagging = f"React :{capture}: to a message, or choose" if capture else "On a message, choose"
    lines = (
        "`/friction the deploy docs still show the old flag` files a report, at once. Any words will do.",
        "`/friction` alone opens a form, with room for more.",
        f"{flagging} *Save as friction* in its menu, to file it for its author.",
        f"React :{upvote}: to a card or a filed message if it hits you too. Take it off to take it back.",
        "`/friction top` or `top docs` · `mine` · `find words` · `show F-12` · `digest` · `digest now` · `settings`",
    )
    return Message("How to use Friction. " + " ".join(lines), [blocks.line(each) for each in lines])


def settings(house: House) -> Message:
    """How this workspace is set up. Changing it is the business of whoever runs the bot."""
    lines: Sequence[str] = (
        f"Cards go to <#{house.channel}>.",
        (f":{house.capture}: files a message; " if house.capture else "")
        + " ".join(f":{name}:" for name in house.upvotes)
        + " vote.",
        f"{blocks.count(house.leads, 'team lead')}, {blocks.count(house.admins, 'admin')}.",
        f"Areas: {', '.join(each.key for each in house.areas)}.",
        "Your digest: `/friction digest`; a channel’s: `/friction digest #channel`.",
        _kept(house.retention),
        "The rest is set by whoever runs this bot.",
    )
    about = area.listing(house.areas, house.record) + ([grouping(house.grouping)] if house.grouping else [])
    layout = [blocks.line(each) for each in lines]
    layout[-1:-1] = [blocks.small(each) for each in about]
    layout += hearing.choice(house.muted)
    layout += own.controls(unflagged=house.unflagged)
    return Message(" ".join([*lines[:-1], *(f"{each}." for each in about), lines[-1]]), layout)


def grouping(record: Grouping) -> str:
    """`Grouping in the last 90 days: asked 40 times, 21 yes; joined 12 alone, 0 undone`."""
    asked = f"asked {blocks.count(record.asked, 'time')}, {record.yes} yes"
    return f"Grouping in the last 90 days: {asked}; joined {record.joined} alone, {record.undone} undone"


def _kept(months: int) -> str:
    if not months:
        return "What you write is kept until you delete it."
    return f"What you write is kept for {blocks.count(months, 'month')}, or until you delete it. Its count is kept."
