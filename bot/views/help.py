"""What `/friction help` and `/friction settings` answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.views import area, blocks, hearing
from bot.views.blocks import Message
from classifiers.areas import Area


@dataclass(frozen=True, slots=True)
class House:
    """How this workspace is set up, in words for people. `record`: how the areas do, for those with enough answers;
    `muted`: what who reads it does not want to hear of."""

    channel: str
    capture: str
    upvotes: tuple[str, ...]
    leads: int
    admins: int
    areas: tuple[Area, ...]
    record: Mapping[str, area.Record]
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
        "The rest is set by whoever runs this bot.",
    )
    about = area.listing(house.areas, house.record)
    layout = [blocks.line(each) for each in lines]
    layout[-1:-1] = [blocks.small(each) for each in about]
    layout += hearing.choice(house.muted)
    return Message(" ".join([*lines[:-1], *(f"{each}." for each in about), lines[-1]]), layout)
