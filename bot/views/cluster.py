"""Clusters in lists, and one of them with everything that was said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.views import blocks, figures, hearing, triage
from bot.views import status as statuses
from bot.views.blocks import Block, Message
from bot.views.card import Card, numbers, place, seen_to, title
from bot.views.subscription import short_day
from bot.views.words import cut

if TYPE_CHECKING:
    from bot.rules.time_lost import Lost
    from bot.rules.trend import Trend

#: Reports that one form or message lists; Slack draws no more than fifty blocks in a message.
LISTED = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One cluster in a list. `link`: where its card stands, empty before it is posted.

    `trend`: None when it has no report any more; `lost`: the time that it cost, as far as it was said; `fixed`: how
    many were asked after a fix whether it is gone, answered, and said so; `back`: when it was shipped, if it was and
    is spoken of again.
    """

    card: Card
    link: str
    trend: Trend | None = None
    lost: Lost | None = None
    back: dt.datetime | None = None
    fixed: tuple[int, int, int | None] = (0, 0, None)


@dataclass(frozen=True, slots=True)
class Said:
    """One report as its reader may see it: `words` is empty when it is not theirs to read.

    `handle`, `status`: of the cluster it is in, where that is not clear anyway.
    `report_id`: 0 when what it says can help nobody, as it is private or says nothing.
    """

    words: str
    day: str
    area: str
    handle: str = ""
    status: str = "new"
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
    about = [handle(line), place(line.card, new=status), *state(line), numbers(line.card), *figures.trend(line.trend)]
    return [
        blocks.words(f"{number}. {title(line.card)}", why(line) if line.card.reports else None),
        blocks.small(" · ".join(about), seen_to(line.card)),
    ]


def state(line: Line) -> list[str]:
    """That it is back, or rests; nothing of most."""
    return [*filter(None, [f"back since the fix of {short_day(line.back)}" if line.back else "", line.card.resting])]


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
        + f"{' · '.join([*state(line), numbers(line.card), *figures.trend(line.trend)[-1:]])}."
        + (f" {owner}." if (owner := seen_to(line.card)) else "")
        for number, line in enumerate(lines, 1)
    ]
    return Message(blocks.escape(" ".join([headline if lines else empty, *spoken, *filter(None, [note])])), layout)


def whole(
    line: Line,
    said: Sequence[Said],
    receipt: str = "",
    *,
    verdict: str = "",
    kin: Kin = Kin(),
    decisions: Sequence[str] = (),
    status: str = "",
    link: str = "",
    may: bool = False,
    take: str | None = None,
    news: str = "",
    undo: int | None = None,
) -> Message:
    """One cluster with the words of everybody, newest first.

    `receipt`: its impact on one line; `verdict`: whether what was shipped helped; `decisions`: what people decided
    about it; `status` and `link`: what they were told of it last, and the ticket; `may`: whether its reader may decide,
    too; `take`: who sees to it now, by id, when its reader can take it; `news`: what they just decided, and `undo` the
    decision.
    """
    card = line.card
    about = [handle(line), place(card, new=True), *state(line), numbers(card), *figures.cost(line.lost)]
    stands = " · ".join([*about, *figures.trend(line.trend), *hearing.gone(line.fixed)])
    related = _related(card.handle, kin)
    layout = [] if not news else triage.outcome(news, undo, show=card.cluster_id)
    layout.append(blocks.heading(f"{card.handle} {title(card)}"))
    layout.append(blocks.line(stands, triage.desk(card.cluster_id)) if may else blocks.small(stands))
    if status or seen_to(card):
        ticket = blocks.link(link, "Ticket") if link else ""
        layout.append(blocks.small(ticket, " ".join(filter(None, [status, seen_to(card)]))))
    if may:
        layout.append(blocks.row(triage.controls(card.cluster_id, card.status, take)))
    if receipt:
        layout.append(blocks.small(receipt))
    if verdict:
        layout.append(blocks.small(verdict))
    if related:
        layout.append(blocks.small(related))
    for each in said[:LISTED]:
        helps = _marking(card.cluster_id, each) if may else None
        layout.append(blocks.quote(each.words, helps) if each.words else blocks.words("A private report"))
        layout.append(blocks.small(f"{each.day} · {each.area}"))
    if len(said) > LISTED:
        layout.append(blocks.small(f"and {len(said) - LISTED} more"))
    if decisions:
        layout.append(blocks.small_plain("\n".join(decisions)))
    told = [f"{card.handle} {title(card)}. {numbers(card)}.", f"{' Â· '.join([place(card, new=True), *state(line)])}."]
    spoken = [news, *told, status, f"{owner}." if (owner := seen_to(card)) else "", receipt, verdict, related]
    spoken += [blocks.quoted(each.words) for each in said[:LISTED] if each.words]
    spoken += [f"{each}." for each in decisions]
    return Message(blocks.escape(cut(" ".join(filter(None, spoken)), 3000)), layout)


def _marking(cluster_id: int, said: Said) -> Block | None:
    """The button by which what somebody wrote becomes the workaround for everybody."""
    if not said.report_id or not said.words:
        return None
    value = f"{cluster_id}:{said.report_id}"
    return blocks.button("Use as workaround", "workaround_mark", value)


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
        layout.append(blocks.quote(each.words))
        layout.append(blocks.small(" · ".join([each.handle, each.area, statuses.called(each.status), each.day])))
    spoken = ["What you reported, newest first."]
    spoken += [f"{each.handle}, {statuses.called(each.status)}: {each.words}" for each in said[:LISTED]]
    return Message(blocks.escape(cut(" ".join(spoken), 3000)), layout)
