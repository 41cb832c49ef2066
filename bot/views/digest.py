"""The digest: one message to one TPM, read in half a minute."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from bot.views import blocks, cluster, report, subscription, triage
from bot.views.blocks import Block, Message
from bot.views.card import Card, quoted, title


@dataclass(frozen=True, slots=True)
class Suggested:
    """Something to decide: `text` says it. `suggestion`: what is answered; `leaving`: the cluster that some reports may
    leave; `decided` and `undo`: what was answered since."""

    text: str
    suggestion: int
    leaving: int | None = None
    decided: str = ""
    undo: int | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """What the machine put together overnight: how many reports joined which cluster."""

    cluster_id: int
    handle: str
    reports: int


@dataclass(frozen=True, slots=True)
class Digest:
    """What is in it. `reader`: a person's or a channel's id; `since` and `until` are in its own zone; `areas`: None for
    all.
    """

    reader: str
    areas: tuple[str, ...] | None
    since: dt.datetime
    until: dt.datetime
    lines: tuple[cluster.Line, ...]
    more: int
    new_developers: int
    suggested: tuple[Suggested, ...] = ()
    joined: tuple[Joined, ...] = ()


def message(digest: Digest) -> Message:
    """The direct message: at most five clusters, each of the same height, and what else there is."""
    heading = f"{_named(digest.areas)} · {span(digest.since, digest.until)}"
    because = why(digest)
    layout = [blocks.heading(heading), blocks.small(because)]
    spoken = [f"{heading}. {because}"]
    for number, line in enumerate(digest.lines, 1):
        card = line.card
        who = _who(card)
        layout += [
            blocks.rule(),
            blocks.words(f"{number}. {title(card)}"),
            blocks.line(f"{cluster.handle(line)} · {card.area} · {who}", triage.desk(card.cluster_id)),
        ]
        said = quoted(card)
        layout.append(blocks.small_words(said) if said else blocks.small("Said in the words above."))
        spoken.append(f"{number}. {card.handle} {title(card)}: {card.area}, {who}.")
    layout.append(blocks.rule())
    for each in digest.suggested:
        layout += _asked(each)
        spoken.append(each.decided or each.text)
    for joined in digest.joined:
        layout.append(blocks.words(_joined(joined), blocks.button("Show", "cluster_show", str(joined.cluster_id))))
        spoken.append(_joined(joined))
    if digest.more:
        more = f"{digest.more} more in your areas: `/friction top`, or the Home tab."
        layout.append(blocks.small(more))
        spoken.append(f"{digest.more} more in your areas.")
    layout.append(blocks.row(subscription.controls(digest.reader)))
    return Message(blocks.escape(" ".join(spoken)), layout)


def plain(digest: Digest) -> str:
    """The same for a terminal."""
    heading = f"{_named(digest.areas)} · {span(digest.since, digest.until)}"
    out = [heading, why(digest), ""]
    for number, line in enumerate(digest.lines, 1):
        out.append(f"{number}. {line.card.handle}  {title(line.card)}")
        out.append(f"   {line.card.area} · {_who(line.card)}")
        if said := quoted(line.card):
            out.append(f"   {blocks.quoted(said)}")
    out += [each.decided or each.text for each in digest.suggested]
    out += [_joined(joined) for joined in digest.joined]
    if digest.more:
        out.append(f"{digest.more} more in these areas.")
    return "\n".join(out)


def nothing(since: dt.datetime) -> Message:
    """An explicit nothing, for who asked."""
    text = f"Nothing was reported in your areas since {day(since)}."
    return Message(text, [blocks.words(text)])


def day(moment: dt.datetime) -> str:
    """`3 November`."""
    return subscription.date(moment.date())


def span(since: dt.datetime, until: dt.datetime) -> str:
    """`10–16 November`, `27 October – 2 November`: the days of a period. A morning does not make a day."""
    first, last = since, max(since, until - dt.timedelta(hours=12))
    if (first.year, first.month, first.day) == (last.year, last.month, last.day):
        return day(last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last)}"
    return f"{day(first)} – {day(last)}"


def _asked(suggested: Suggested) -> list[Block]:
    """A question with its answers, or what was answered."""
    if suggested.decided:
        return triage.outcome(suggested.decided, suggested.undo)
    if suggested.leaving is not None:
        value = f"split:{suggested.leaving}:{suggested.suggestion}"
        return [blocks.words(suggested.text, blocks.button("Look", "suggest_split", value))]
    return [blocks.words(suggested.text), blocks.row(report.answers(str(suggested.suggestion)))]


def looks_like(one: Card, other: Card) -> str:
    """`Suggested: F-31 “502 from the gateway” (2 reports) looks like F-9 “Gateway answers 500”.`"""
    reports = blocks.count(one.reports, "report")
    return f"Suggested: {one.handle} “{title(one)}” ({reports}) looks like {other.handle} “{title(other)}”."


def looks_mixed(card: Card, leaving: int, reports: int) -> str:
    """`Suggested: 3 of the 8 reports in F-9 “Gateway answers 500” look like another problem.`"""
    return f"Suggested: {leaving} of the {reports} reports in {card.handle} “{title(card)}” look like another problem."


def _joined(joined: Joined) -> str:
    """`3 reports joined F-9 overnight.`"""
    return f"{blocks.count(joined.reports, 'report')} joined {joined.handle} overnight."


def _named(areas: Sequence[str] | None) -> str:
    if areas is None:
        return "All areas"
    listed = " and ".join(filter(None, [", ".join(areas[:-1]), areas[-1]]))
    return listed[:1].upper() + listed[1:]


def why(digest: Digest) -> str:
    """In one sentence, why it was sent, or that nothing speaks for it."""
    if digest.new_developers == 0:
        return f"Nobody new was hit since {day(digest.since)}."
    verb = "was" if digest.new_developers == 1 else "were"
    who = blocks.count(digest.new_developers, "developer")
    return f"{who} {verb} newly hit since {day(digest.since)}. The worst first."


def _who(card: Card) -> str:
    parts = [blocks.count(card.developers, "developer") + (f", {card.new} new" if card.new else "")]
    if card.leads:
        parts.append(blocks.count(card.leads, "lead"))
    return " · ".join(parts)
