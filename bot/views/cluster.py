"""Clusters in lists, and one of them with everything that was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.views import blocks, figures, triage
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
    """One report as its reader may see it: `words` is empty when it is not theirs to read; `report_id` is 0 when it is
    not theirs to delete."""

    words: str
    day: str
    area: str
    handle: str = ""
    report_id: int = 0


@dataclass(frozen=True, slots=True)
class Kin:
    """How a cluster is related to others, by handle. `asked`: the alias by which it was asked for."""

    asked: str = ""
    parts: tuple[str, ...] = ()
    parent: str = ""
    children: tuple[str, ...] = ()


def handle(line: Line) -> str:
    """`F-12`, as a link to its card when there is one."""
    return f"<{line.link}|{line.card.handle}>" if line.link else line.card.handle


def row(line: Line, number: int, *, status: bool = False) -> list[Block]:
    """Two lines: what it is, and who has it. `status`: say also of a new one that it is new."""
    about = [handle(line), place(line.card, new=status), numbers(line.card), *figures.trend(line.trend)]
    return [
        blocks.words(f"{number}. {title(line.card)}", why(line) if line.card.reports else None),
        blocks.small(" · ".join(about)),
    ]


def why(line: Line, since: str = "") -> Block:
    """The button that shows the receipt. `since`: the digest it stands in."""
    value = f"{line.card.cluster_id}:{since}"
    return blocks.button("Why?", "cluster_why", value, accessibility_label=f"Why {line.card.handle} stands here")


def ranking(
    headline: str,
    lines: Sequence[Line],
    *,
    empty: str,
    controls: Sequence[Block] = (),
    status: bool = False,
    note: str = "",
) -> Message:
    """A list of clusters. `empty`: what to say when there are none; `status`: say the status of each; `note`: last."""
    layout = [blocks.words(headline if lines else empty)]
    for number, line in enumerate(lines, 1):
        layout += row(line, number, status=status)
    if note:
        layout.append(blocks.small(note))
    if controls:
        layout.append(blocks.row(controls))
    spoken = [
        f"{number}. {line.card.handle} {title(line.card)}: "
        + (f"{place(line.card, new=True)} · " if status else "")
        + f"{' · '.join([numbers(line.card), *figures.trend(line.trend)[-1:]])}."
        for number, line in enumerate(lines, 1)
    ]
    return Message(blocks.escape(" ".join([headline if lines else empty, *spoken, *filter(None, [note])])), layout)


def whole(
    line: Line,
    said: Sequence[Said],
    receipt: str = "",
    *,
    kin: Kin = Kin(),
    decisions: Sequence[str] = (),
    may: bool = False,
    news: str = "",
    undo: int | None = None,
) -> Message:
    """One cluster with the words of everybody, newest first.

    `receipt`: its impact on one line; `decisions`: what people decided about it; `may`: whether its reader may, too;
    `news`: what they just decided, and `undo` the decision.
    """
    card = line.card
    about = [handle(line), place(card, new=True), numbers(card), *figures.cost(line.lost), *figures.trend(line.trend)]
    state = " · ".join(about)
    related = _related(card.handle, kin)
    layout = [] if not news else triage.outcome(news, undo, show=card.cluster_id)
    layout.append(blocks.heading(f"{card.handle} {title(card)}"))
    layout.append(blocks.line(state, triage.desk(card.cluster_id)) if may else blocks.small(state))
    if receipt:
        layout.append(blocks.small(receipt))
    if related:
        layout.append(blocks.small(related))
    for each in said[:LISTED]:
        layout.append(blocks.quote(each.words) if each.words else blocks.words("A private report"))
        layout.append(blocks.small(f"{each.day} · {each.area}"))
    if len(said) > LISTED:
        layout.append(blocks.small(f"and {len(said) - LISTED} more"))
    if decisions:
        layout.append(blocks.small_plain("\n".join(decisions)))
    spoken = [news, f"{card.handle} {title(card)}. {numbers(card)}.", receipt, related]
    spoken += [blocks.quoted(each.words) for each in said[:LISTED] if each.words]
    spoken += [f"{each}." for each in decisions]
    return Message(blocks.escape(cut(" ".join(filter(None, spoken)), 3000)), layout)


def _related(here: str, kin: Kin) -> str:
    """`F-31 is part of F-9 now. Split off: F-40.`"""
    sentences = []
    if kin.asked:
        sentences.append(f"{kin.asked} is part of {here} now.")
    if parts := [part for part in kin.parts if part != kin.asked]:
        sentences.append(f"Also part of it: {', '.join(parts)}.")
    if kin.parent:
        sentences.append(f"Split off from {kin.parent}.")
    if kin.children:
        sentences.append(f"Split off from it: {', '.join(kin.children)}.")
    return " ".join(sentences)


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
        layout.append(blocks.quote(each.words, _delete(each) if each.report_id else None))
        layout.append(blocks.small(f"{each.handle} · {each.area} · {each.day}"))
    spoken = ["What you reported, newest first."] + [f"{each.handle}: {each.words}" for each in said[:LISTED]]
    return Message(blocks.escape(cut(" ".join(spoken), 3000)), layout)


def _delete(said: Said) -> Block:
    sure = blocks.confirm("Delete this report?", "Its words are deleted for good, and it counts no longer.", "Delete")
    label = f"Delete what you reported on {said.day}"
    return blocks.button("Delete", "report_delete", str(said.report_id), confirm=sure, accessibility_label=label)
