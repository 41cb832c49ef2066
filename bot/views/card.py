"""The card: the one message that stands for a cluster in the friction channel."""

from __future__ import annotations

from dataclasses import dataclass

from bot.views import blocks, status, triage, words
from bot.views.blocks import Message

#: Characters of a title that was made from a report; people may write longer ones.
TITLE = 90


@dataclass(frozen=True, slots=True)
class Card:
    """A cluster as everybody may see it.

    `words`: what was said in public, oldest first; `wordless`: the address of a public message that says nothing, such
    as a screenshot; `reports` counts all. `speaker`: what names it until people do, empty for the oldest words.
    `owner`: the name of who sees to it; `resting`: how long it rests, in words.
    """

    cluster_id: int
    handle: str
    title: str
    area: str
    status: str
    words: tuple[str, ...]
    wordless: str
    reports: int
    developers: int
    leads: int
    new: int
    speaker: str = ""
    owner: str = ""
    resting: str = ""


def title(card: Card) -> str:
    """What people named it, or its first words, or what can be said of it when all of it is private."""
    if card.title:
        return words.cut(card.title, 150)
    if card.words:
        return words.title(card.speaker or card.words[0], TITLE)
    if card.reports == 0:
        return "Withdrawn by the people who reported it"
    if card.wordless:
        return "A message without words"
    about = "" if card.area == "unsorted" else f" about {card.area}"
    return f"{blocks.count(card.reports, 'private report')}{about}"


def quoted(card: Card) -> str:
    """The latest words that the title does not say already; empty when there are none."""
    shown = title(card)
    return next((said for said in reversed(card.words) if words.cut(said, blocks.QUOTED) != shown), "")


def numbers(card: Card) -> str:
    """Who has it: `8 developers · backed by 2 leads · 3 new this week`."""
    parts = [blocks.count(card.developers, "developer")]
    if card.leads:
        parts.append(f"backed by {blocks.count(card.leads, 'lead')}")
    if 0 < card.new < card.developers:
        parts.append(f"{card.new} new this week")
    return " · ".join(parts)


def seen_to(card: Card) -> str:
    """`Tina sees to it`; empty when nobody does."""
    return f"{words.cut(card.owner, 80)} sees to it" if card.owner else ""


def place(card: Card, *, new: bool = False) -> str:
    """Where it belongs, and what is being done: `docs`, `docs · planned`; with `new`, also that nothing is yet."""
    return card.area if card.status == "new" and not new else f"{card.area} · {status.called(card.status)}"


def message(card: Card, *, upvote: str) -> Message:
    """The card as posted and redrawn. `upvote`: the emoji to vote with."""
    name = title(card)
    quote = quoted(card)
    named_by = "" if card.title else card.speaker or next(iter(card.words), "")
    said_here = len({named_by, quote} - {""})
    others = card.reports - said_here if said_here else 0
    show = blocks.button("Show", "cluster_show", str(card.cluster_id))
    layout = [
        blocks.heading(f"{card.handle} {name}"),
        blocks.line(f"{place(card)} · {numbers(card)}"),
    ]
    if quote:
        layout.append(blocks.quote(quote))
    if card.reports:
        more = f"and {blocks.count(others, 'more report')} · " if others > 0 else ""
        more += f"<{card.wordless}|the message> · " if card.wordless and not card.words else ""
        layout.append(blocks.small(f"{more}React :{upvote}: if it hits you too.", seen_to(card)))
        layout.append(blocks.row([show, triage.desk(card.cluster_id)]))
    spoken = [f"{card.handle} {name}", place(card), numbers(card), seen_to(card), blocks.quoted(quote) if quote else ""]
    return Message(". ".join(blocks.escape(part) for part in spoken if part), layout)


def moved(handle: str, into: Card, link: str) -> Message:
    """The last that a merged cluster’s card says. `into`, `link`: what it is a part of now, and where that stands."""
    where = f"<{link}|{into.handle}>" if link else into.handle
    name = title(into)
    return Message(
        f"{handle} is part of {into.handle} now. {blocks.escape(name)}.",
        [blocks.line(f"{handle} is part of {where} now."), blocks.words(name)],
    )
