"""The digest: one message to one TPM, read in half a minute."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.views import blocks, cluster, figures, hearing, reasons, receipt, report, status, subscription, triage, verdict
from bot.views import chart as charts
from bot.views.blocks import Block, Message
from bot.views.card import Card, place, quoted, seen_to, title
from bot.views.words import cut

if TYPE_CHECKING:
    from bot.rules.digest import Reason
    from bot.rules.receipt import Receipt

#: Characters of the plain summary; escaped they are five times as many at most, and Slack takes forty thousand.
SPOKEN = 7500

#: Verdicts that one digest tells; the rest is counted.
FIXED = 3
#: Clusters that reports joined overnight, the most reports first; the rest is counted.
JOINED = 3


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
class Closed:
    """A cluster that was shipped or declined lately: the reason, and the name of who said so."""

    card: Card
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What is in it. `reader`: a person's or a channel's id; `since` and `until` are in its own zone; `areas`: None for
    all.

    `length`: how many clusters there are in it at most; `reasons`: why it was sent, none when it was asked for;
    `handles`: of the clusters they name; `fixed`: verdicts that are new, or another than before; `chart`: None when
    there was no report in all its weeks; `resting`: how many clusters it leaves out because they rest; `closed`: what
    was shipped or declined, and how many more were; `key`: the digest's own id, empty while it is only looked at.
    """

    reader: str
    areas: tuple[str, ...] | None
    since: dt.datetime
    until: dt.datetime
    lines: tuple[cluster.Line, ...]
    more: int
    length: int
    reasons: tuple[Reason, ...] = ()
    handles: Mapping[int, str] = field(default_factory=dict)
    chart: charts.Chart | None = None
    suggested: tuple[Suggested, ...] = ()
    joined: tuple[Joined, ...] = ()
    fixed: tuple[verdict.Fixed, ...] = ()
    resting: int = 0
    closed: tuple[Closed, ...] = ()
    more_closed: int = 0
    key: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not self.lines and not self.closed and not self.fixed


def message(digest: Digest, *, native: bool = True) -> Message:
    """The direct message: at most five clusters, each of the same height, and what else there is.

    `native`: with a chart as Slack draws it; otherwise as text.
    """
    heading, why = _heading(digest), because(digest)
    layout = [blocks.heading(heading), blocks.small(why)]
    spoken = [f"{heading}. {why}"]
    for number, line in enumerate(digest.lines, 1):
        layout += _cluster(number, line, digest.key)
        said = " · ".join(_numbers(line, spoken=True))
        where = " · ".join([place(line.card), *cluster.state(line)])
        spoken.append(f"{number}. {line.card.handle} {title(line.card)}: {where} · {said}.")
        spoken += [f"{owner}."] if (owner := seen_to(line.card)) else []
    layout.append(blocks.rule())
    for each in digest.suggested:
        layout += _asked(each)
        spoken.append(each.decided or each.text)
    for joined in digest.joined[:JOINED]:
        layout.append(blocks.words(_joined(joined), blocks.button("Show", "cluster_show", str(joined.cluster_id))))
        spoken.append(_joined(joined))
    if others := _others(digest.joined[JOINED:]):
        layout.append(blocks.small(others))
        spoken.append(others)
    for closed in digest.closed:
        told = over(closed)
        layout.append(blocks.words(told, blocks.button("Show", "cluster_show", str(closed.card.cluster_id))))
        spoken.append(told)
    if digest.more_closed:
        layout.append(blocks.small(f"and {digest.more_closed} more that were shipped or declined"))
    for fixed in digest.fixed[:FIXED]:
        layout.append(blocks.words(verdict.news(fixed), blocks.button("Show", "cluster_show", str(fixed.cluster_id))))
        spoken.append(verdict.news(fixed))
    if left := _left(digest):
        layout.append(blocks.small(left))
        spoken.append(left)
    if digest.chart is not None:
        layout.append(charts.native(digest.chart) if native else charts.table(digest.chart))
        spoken.append(charts.spoken(digest.chart))
    if rest := _rest(digest, "your"):
        layout.append(blocks.small(f"{rest}: the Home tab has them, and `/friction top`."))
        spoken.append(f"{rest}.")
    layout.append(blocks.row(subscription.controls(digest.reader)))
    return Message(blocks.escape(cut(" ".join(spoken), SPOKEN)), layout)


def plain(digest: Digest, receipts: Mapping[int, Receipt], handles: Mapping[int, str]) -> str:
    """The same for a terminal, with the receipts that the message keeps behind its buttons, and who they mention."""
    out = [_heading(digest), because(digest), ""]
    for number, line in enumerate(digest.lines, 1):
        out.append(f"{number}. {line.card.handle}  {title(line.card)}")
        out.append(f"   {' · '.join([place(line.card), *cluster.state(line), *_numbers(line)])}")
        if owner := seen_to(line.card):
            out.append(f"   {owner}")
        if said := quoted(line.card):
            out.append(f"   {blocks.quoted(said)}")
        if found := receipts.get(line.card.cluster_id):
            out += [f"     {each}" for each in [*receipt.added_up(found), *receipt.sentences(found, handles)]]
    if digest.suggested or digest.joined:
        out += ["", *(each.decided or each.text for each in digest.suggested), *map(_joined, digest.joined[:JOINED])]
        out += [others] if (others := _others(digest.joined[JOINED:])) else []
    if digest.closed:
        out += ["", *map(over, digest.closed)]
    if digest.more_closed:
        out.append(f"and {digest.more_closed} more that were shipped or declined")
    if digest.fixed:
        out += ["", *map(verdict.news, digest.fixed)]
    if digest.chart is not None:
        out += ["", f"{charts.TITLE}, {digest.chart.weeks[0]} to {digest.chart.weeks[-1]}"]
        out += [f"   {each}" for each in charts.lines(digest.chart)]
    if rest := _rest(digest, "these"):
        out += ["", f"{rest}."]
    return "\n".join(out)


def nothing(since: dt.datetime) -> Message:
    """An explicit nothing, for who asked."""
    text = f"Nothing was reported in your areas since {day(since)}."
    return Message(text, [blocks.words(text)])


def alive(since: dt.datetime, first: cluster.Line | None, count: int) -> Message:
    """One line after a long silence: it was because nothing happened. `first` of `count` clusters is the worst."""
    text = f"Nothing changed in your areas since {day(since)}."
    if first is not None:
        name = f"{first.card.handle} “{cut(title(first.card), 90)}”"
        text += f" {name} is still first of {count}." if count > 1 else f" {name} is still the only one."
    return Message(blocks.escape(text), [blocks.words(text)])


def because(digest: Digest) -> str:
    """Why it was sent."""
    return reasons.sentence(digest.reasons, digest.since, digest.handles, digest.length)


def _cluster(number: int, line: cluster.Line, key: str) -> list[Block]:
    """One cluster, always five blocks: whose height changes, the eye has to find its place anew."""
    said, owner = quoted(line.card), seen_to(line.card)
    return [
        blocks.rule(),
        blocks.heading(f"{number}. {title(line.card)}"),
        blocks.line(
            " · ".join([cluster.handle(line), place(line.card), *cluster.state(line), *_numbers(line)]),
            triage.desk(line.card.cluster_id),
        ),
        blocks.small_words(said, owner) if said else blocks.small("Said in the words above.", owner),
        blocks.row(
            [
                triage.statuses(line.card.cluster_id, line.card.status),
                cluster.why(line, key),
                blocks.button("Show", "cluster_show", str(line.card.cluster_id)),
            ]
        ),
    ]


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


def over(closed: Closed) -> str:
    """`Fixed: F-4 “VPN setup page missing”: the page is back. (Tina)`"""
    word = "Fixed" if closed.card.status == "shipped" else "Declined"
    named = f"{closed.card.handle} “{cut(title(closed.card), 90)}”"
    return f"{word}: {status.because(named, cut(closed.reason, 300), closed.by)}"


def _rest(digest: Digest, whose: str) -> str:
    """`12 more in your areas and 2 at rest`."""
    parts = [f"{digest.more} more in {whose} areas" if digest.more else ""]
    parts += [f"{digest.resting} at rest" if digest.resting else ""]
    return figures.listed([part for part in parts if part])


def _joined(joined: Joined) -> str:
    """`3 reports joined F-9 overnight.`"""
    return f"{blocks.count(joined.reports, 'report')} joined {joined.handle} overnight."


def _left(digest: Digest) -> str:
    """`2 more verdicts: Home has what was fixed this quarter.`"""
    more = len(digest.fixed) - FIXED
    return f"{blocks.count(more, 'more verdict')}: Home has what was fixed this quarter." if more > 0 else ""


def _others(joined: Sequence[Joined]) -> str:
    """`And 12 reports joined 5 others.`"""
    if not joined:
        return ""
    reports = blocks.count(sum(each.reports for each in joined), "report")
    return f"And {reports} joined {blocks.count(len(joined), 'other')} overnight."


def _heading(digest: Digest) -> str:
    named = "All areas" if digest.areas is None else figures.listed(digest.areas)
    return f"{named[:1].upper()}{named[1:]} · {span(digest.since, digest.until)}"


def _numbers(line: cluster.Line, *, spoken: bool = False) -> list[str]:
    """Who has it, what it costs and where it is going; `spoken` leaves out the bars."""
    trend = figures.trend(line.trend)
    return [_who(line.card), *figures.cost(line.lost), *hearing.gone(line.fixed), *(trend[1:] if spoken else trend)]


def _who(card: Card) -> str:
    parts = [blocks.count(card.developers, "developer") + (f", {card.new} new" if card.new else "")]
    if card.leads:
        parts.append(blocks.count(card.leads, "lead"))
    return " · ".join(parts)
