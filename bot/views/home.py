"""The App Home: for everybody what they reported and what hurts most; for leads and for who decides, what they need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.views import area, blocks, cluster, figures, hearing, status, subscription, triage
from bot.views.blocks import Block
from bot.views.card import numbers, place, seen_to, title

#: Digests of channels that the Home lists.
CHANNELS = 4

#: What became of reports without a name that the Home shows; Slack takes a hundred blocks in all.
HIDDEN = 2

#: Areas or owners to choose from; Slack takes a hundred options.
CHOICES = 90

AGES = {
    "all": "Any age",
    "week": "New this week",
    "month": "New in 30 days",
    "older": "Older than 30 days",
    "old": "Older than 90 days",
}


@dataclass(frozen=True, slots=True)
class Mine:
    """One's own report, and what became of it: `status` with the `reason` that was given, `by` somebody.

    `handle`, `link` and `cluster_id` are those of its cluster, empty before it is in one; `left`: its author says that
    the problem is none of theirs any more.
    """

    report_id: int
    words: str
    day: str
    handle: str
    link: str
    area: str
    status: str
    reason: str = ""
    by: str = ""
    cluster_id: int = 0
    left: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """One page of the ranked list: `lines` from number `first` on, of `count` clusters, in pages of `size`.

    `yours`: the areas of one's own digest, none when it tells of all; `owners`: the names of those who see to a
    cluster; `chosen`: area, status, owner and age, each empty for all, but for the area, which is then `yours`.
    """

    lines: tuple[cluster.Line, ...]
    first: int
    count: int
    size: int
    areas: tuple[str, ...]
    yours: tuple[str, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lead:
    """The worst of the `count` clusters that a lead backs, and the worst of each of their areas."""

    backed: tuple[cluster.Line, ...]
    count: int
    tops: tuple[tuple[str, tuple[cluster.Line, ...]], ...]


def home(
    digests: Sequence[subscription.Subscribed],
    mine: Sequence[Mine],
    *,
    desk: Desk | None = None,
    lead: Lead | None = None,
    top: Sequence[cluster.Line] = (),
    record: Sequence[area.Record] = (),
    hidden: Sequence[hearing.News] = (),
    also: Sequence[hearing.Concern] = (),
    twice: Sequence[str] = (),
    news: str = "",
    undo: int | None = None,
) -> dict[str, Any]:
    """One person's home. `digests`: their own if they get one, and those of channels that they wanted; `top`: for who
    has no list of what hurts most yet; `record`: how often each area was right; `hidden`: what became of what they
    reported without their name, `twice`: the handles of what they vote for as well; `also`: what else they are counted
    in; `news`: what they decided just now, and `undo` the decision.
    """
    layout = triage.outcome(news, undo) if news else []
    fixed = blocks.button("What we fixed this quarter", "home_quarter", "quarter")
    layout.append(blocks.row([blocks.button("Report friction", "home_report", "form", style="primary"), fixed]))
    if desk is not None:
        layout += _desk(desk)
    if lead is not None:
        layout += _lead(lead)
    layout += [*_reported(mine, hidden, twice), *hearing.leaving_by_menu(also)]
    if desk is None and not (lead and lead.tops):
        layout += _list("What hurts most", top, "Nothing has been reported yet.")
    layout.append(blocks.heading("Your digests"))
    if not digests or digests[0].channel:
        layout.append(blocks.line("You get no digest.", blocks.button("Subscribe", "digest_settings", "form")))
    for each in digests[: CHANNELS + 1]:
        layout += subscription.state(each)
    if record:
        layout.append(blocks.heading("How often I get the area right"))
        layout.append(blocks.small("\n".join(area.record(each) for each in record[:CHOICES])[:2900]))
    return {"type": "home", "blocks": layout}


def _reported(mine: Sequence[Mine], hidden: Sequence[hearing.News], twice: Sequence[str]) -> list[Block]:
    """One's own reports."""
    layout = [blocks.heading("What you reported"), *hearing.unnamed(hidden[:HIDDEN])]
    layout += [blocks.small(each) for each in hearing.counted_twice(twice)]
    layout += [block for each in mine for block in _mine(each)]
    return [*layout, blocks.small("`/friction mine` has all of it.") if mine else blocks.words("Nothing yet.")]


def _desk(desk: Desk) -> list[Block]:
    """The filters, and one page of what they leave."""
    until = desk.first + len(desk.lines) - 1
    layout = [blocks.heading("What hurts most"), blocks.row(_filters(desk))]
    if not desk.lines:
        sifted = desk.yours or any(desk.chosen.values())
        layout.append(blocks.words("Nothing is like that." if sifted else "Nothing has been reported yet."))
    for number, line in enumerate(desk.lines, desk.first):
        about = [cluster.handle(line), place(line.card, new=True), *cluster.state(line), numbers(line.card)]
        owner = f"\n{seen_to(line.card)}" if line.card.owner else ""
        layout.append(blocks.words(f"{number}. {title(line.card)}{owner}", triage.desk(line.card.cluster_id)))
        layout.append(blocks.line(" · ".join([*about, *figures.trend(line.trend)]), cluster.why(line)))
    if desk.count > desk.size:
        page = (desk.first - 1) // desk.size
        turns = [blocks.button("Back", "home_back", str(page - 1))] if page else []
        turns += [blocks.button("Next", "home_next", str(page + 1))] if until < desk.count else []
        layout += [blocks.small(f"{desk.first} to {until} of {desk.count}"), blocks.row(turns)]
    return layout


def _filters(desk: Desk) -> list[Block]:
    """Menus whose choice is remembered."""
    yours = {"yours": f"Yours: {', '.join(desk.yours)}"} if desk.yours else {}
    areas = yours | {"all": "All areas"} | {each: each for each in desk.areas[:CHOICES]}
    statuses = {"all": "Any status", "open": "Open", "resting": "Resting"} | {
        each: name.capitalize() for each, name in status.CALLED.items()
    }
    owners = {"all": "Any owner", "nobody": "Nobody"} | dict(list(desk.owners.items())[:CHOICES])
    menus = (("area", "Area", areas), ("status", "Status", statuses), ("owner", "Owner", owners), ("age", "Age", AGES))
    return [
        blocks.menu(
            label,
            f"home_{name}",
            [blocks.option(words, value) for value, words in choices.items()],
            desk.chosen.get(name) or next(iter(choices)),
        )
        for name, label, choices in menus
    ]


def _lead(lead: Lead) -> list[Block]:
    more = lead.count - len(lead.backed)
    layout = _list("What you back", lead.backed, "None yet: react to a card to say that it hits your team.")
    if more > 0:
        layout.append(blocks.small(f"and {more} more"))
    for name, lines in lead.tops:
        layout += _list(f"What hurts most in {name}", lines, "Nothing just now.")
    return layout


def _list(heading: str, lines: Sequence[cluster.Line], empty: str) -> list[Block]:
    layout = [blocks.heading(heading)]
    for number, line in enumerate(lines, 1):
        layout += cluster.row(line, number)
    return layout if lines else [*layout, blocks.words(empty)]


def _mine(mine: Mine) -> list[Block]:
    """What was said, what became of it, and what its author may do."""
    handle = f"<{mine.link}|{mine.handle}>" if mine.link else mine.handle
    about = [handle, mine.area, *([] if mine.reason else [status.called(mine.status)]), mine.day]
    became = status.told(mine.handle, mine.status, mine.reason, mine.by) if mine.reason else ""
    confirm = {
        "title": blocks.plain("Take it back?", 100),
        "text": blocks.plain("Your words are deleted everywhere, and it counts no more.", 300),
        "confirm": blocks.plain("Take it back", 30),
        "deny": blocks.plain("Leave it", 30),
    }
    buttons = [
        blocks.button("Add detail", "report_detail", str(mine.report_id)),
        blocks.button("Take it back", "report_undo", str(mine.report_id), confirm=confirm),
    ]
    if mine.cluster_id:
        buttons.append(hearing.leaving(str(mine.cluster_id), left=mine.left))
    return [
        blocks.quote(mine.words or "A message without words"),
        blocks.small(" · ".join(filter(None, about)), became),
        blocks.row(buttons),
    ]
