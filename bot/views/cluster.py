"""Clusters in lists, and one of them with everything that was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.views import blocks, figures
from bot.views.blocks import Block, Message
from bot.views.card import Card, numbers, place, title
from bot.views.words import cut

if TYPE_CHECKING:
    from bot.rules.trend import Trend

#: Reports that one form or message lists; Slack draws no more than fifty blocks in a message.
LISTED = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One cluster in a list. `link`: where its card stands, empty before it is posted.

    `trend`: None when it has no report any more; `lost`: the minutes it cost, and how many reports said so.
    """

    card: Card
    link: str
    trend: Trend | None = None
    lost: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Said:
    """One report as its reader may see it: `words` is empty when it is not theirs to read."""

    words: str
    day: str
    area: str
    handle: str = ""


def handle(line: Line) -> str:
    """`F-12`, as a link to its card when there is one."""
    return f"<{line.link}|{line.card.handle}>" if line.link else line.card.handle


def row(line: Line, number: int) -> list[Block]:
    """Two lines: what it is, and who has it."""
    about = [handle(line), place(line.card), numbers(line.card), *figures.trend(line.trend)]
    return [
        blocks.words(f"{number}. {title(line.card)}", why(line) if line.card.reports else None),
        blocks.small(" · ".join(about)),
    ]


def why(line: Line, since: str = "") -> Block:
    """The button that shows the receipt. `since`: the digest it stands in."""
    value = f"{line.card.cluster_id}:{since}"
    return blocks.button("Why?", "cluster_why", value, accessibility_label=f"Why {line.card.handle} stands here")


def ranking(headline: str, lines: Sequence[Line], *, empty: str, controls: Sequence[Block] = ()) -> Message:
    """A list of clusters. `empty`: what to say when there are none."""
    layout = [blocks.words(headline if lines else empty)]
    for number, line in enumerate(lines, 1):
        layout += row(line, number)
    if controls:
        layout.append(blocks.row(controls))
    spoken = [
        f"{number}. {line.card.handle} {title(line.card)}: "
        f"{' · '.join([numbers(line.card), *figures.trend(line.trend)[-1:]])}."
        for number, line in enumerate(lines, 1)
    ]
    return Message(blocks.escape(" ".join([headline if lines else empty, *spoken])), layout)


def whole(line: Line, said: Sequence[Said], receipt: str = "") -> Message:
    """One cluster with the words of everybody, newest first. `receipt`: its impact on one line."""
    status = line.card.status.replace("_", " ")
    about = [handle(line), line.card.area, status, numbers(line.card), *figures.cost(line.lost)]
    layout = [
        blocks.heading(f"{line.card.handle} {title(line.card)}"),
        blocks.small(" · ".join([*about, *figures.trend(line.trend)])),
    ]
    if receipt:
        layout.append(blocks.small(receipt))
    for each in said[:LISTED]:
        layout.append(blocks.quote(each.words) if each.words else blocks.words("A private report"))
        layout.append(blocks.small(f"{each.day} · {each.area}"))
    if len(said) > LISTED:
        layout.append(blocks.small(f"and {len(said) - LISTED} more"))
    spoken = [f"{line.card.handle} {title(line.card)}. {numbers(line.card)}."] + ([receipt] if receipt else [])
    spoken += [blocks.quoted(each.words) for each in said[:LISTED] if each.words]
    return Message(blocks.escape(cut(" ".join(spoken), 3000)), layout)


def window(message: Message, heading: str) -> dict[str, Any]:
    """A message as a form that can only be read."""
    return {
        "type": "modal",
        "callback_id": "reading",
        "title": blocks.plain(heading, 24),
        "close": blocks.plain("Close", 24),
        "blocks": message.blocks,
    }


def mine(said: Sequence[Said]) -> Message:
    """What one person has reported."""
    if not said:
        return Message("You have not reported anything yet.", [blocks.words("You have not reported anything yet.")])
    layout = [blocks.words("What you reported, newest first")]
    for each in said[:LISTED]:
        layout.append(blocks.quote(each.words))
        layout.append(blocks.small(f"{each.handle} · {each.area} · {each.day}"))
    spoken = ["What you reported, newest first."] + [f"{each.handle}: {each.words}" for each in said[:LISTED]]
    return Message(blocks.escape(cut(" ".join(spoken), 3000)), layout)
