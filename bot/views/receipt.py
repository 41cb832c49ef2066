"""A receipt: why a cluster stands where it stands, so that anybody can add it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bot.views import blocks, figures
from bot.views.blocks import Message
from bot.views.words import cut

if TYPE_CHECKING:
    from bot.rules.receipt import Receipt, Term

#: What people said of how bad it is, after how many of them said so.
SAID: dict[int | None, str] = {
    3: "blocked",
    2: "slowed down a lot",
    1: "slowed down a little",
    0: "nice to know",
    None: "did not say",
}
_MOVED = {
    "new": ("new person", "new people"),
    "again": ("spoke again", "spoke again"),
    "changed": ("changed how bad it is", "changed how bad it is"),
    "came": ("came from another cluster", "came from another cluster"),
    "gone": ("withdrew or went elsewhere", "withdrew or went elsewhere"),
}
HOW = "How bad it is, 0 to 3, times the people who said so; each counts 1 on the day they speak, half after four weeks."


def message(receipt: Receipt, name: str, handles: Mapping[int, str], *, cost: Sequence[str] = ()) -> Message:
    """The whole receipt. `name`: the handle and title of the cluster; `handles`: of the others that it mentions;
    `cost`: the time that was lost, which stands beside the impact and is no part of it."""
    name = cut(name, 200)
    sums, told = "\n".join(added_up(receipt)), sentences(receipt, handles)
    told += [f"Beside the impact, and not in it: {each}." for each in cost]
    layout = [blocks.words(name), blocks.line(f"```{sums}```"), *(blocks.small(each) for each in [*told, HOW])]
    return Message(blocks.escape("\n".join([name, sums, *told])), layout)


def added_up(receipt: Receipt) -> list[str]:
    """The sum, and below it a line for each term."""
    spoke = f", {receipt.this_week} of them this week" if receipt.terms else ""
    head = f"Impact {figures.impact(receipt.impact)} = {blocks.count(receipt.developers, 'person', 'people')}{spoke}"
    left = [f"{term.people} {SAID[term.severity]}" for term in receipt.terms]
    middle = [_product(term) for term in receipt.terms]
    right = [figures.impact(term.impact) for term in receipt.terms]
    wide = [max(map(len, column), default=0) for column in (left, middle, right)]
    return [head] + [
        f"  {said:<{wide[0]}}  {product:>{wide[1]}} = {part:>{wide[2]}}"
        for said, product, part in zip(left, middle, right, strict=True)
    ]


def sentences(receipt: Receipt, handles: Mapping[int, str]) -> list[str]:
    """What moved it, what would move it, and whether the leads decide."""
    told = [f"{figures.ordinal(receipt.rank).capitalize()} of {receipt.of}."]
    if receipt.before is not None:
        moved = ", ".join(_moved(each.why, each.people, each.impact) for each in receipt.moved)
        told.append(f"{figures.impact(receipt.before)} in your last digest; since then {moved or 'nothing'}.")
    if receipt.change is not None:
        more = (
            f"{figures.times(receipt.change.developers)} more developer{'' if receipt.change.developers == 1 else 's'}"
        )
        other = handles.get(receipt.change.other, "another")
        told.append(
            f"{more.capitalize()} would put it above {other}."
            if receipt.change.rises
            else f"{other} would take its place with {more}."
        )
    if receipt.rank == receipt.rank_by_leads:
        told.append("It stands here whether a lead counts once or three times.")
    elif receipt.rank_by_leads is not None:
        told.append(f"If a lead counted three times, it would be {figures.ordinal(receipt.rank_by_leads)}.")
    return told


def short(receipt: Receipt) -> str:
    """The same on one line."""
    parts = [f"{term.people} {SAID[term.severity]} {figures.impact(term.impact)}" for term in receipt.terms]
    people = blocks.count(receipt.developers, "person", "people")
    rank = f"{figures.ordinal(receipt.rank)} of {receipt.of}"
    return f"Impact {figures.impact(receipt.impact)} = {' + '.join(parts) or people} · {rank}"


def _product(term: Term) -> str:
    return f"{1 if term.severity is None else term.severity} × {figures.impact(term.freshness)}"


def _moved(why: str, people: int, impact: int) -> str:
    if why == "all":
        return figures.change(impact)
    what = "age" if why == "age" else blocks.count(people, *_MOVED[why])
    return f"{what} ({figures.change(impact)})"
