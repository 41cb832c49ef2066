"""What was fixed in a quarter: one page to be pasted where managers read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.views import blocks, figures, subscription
from bot.views.blocks import Message
from bot.views.verdict import Given, numbers, since
from bot.views.words import cut

if TYPE_CHECKING:
    from bot.rules.given_back import Back
    from bot.rules.time_lost import Rate

#: With fewer people than this, how many it were is not said.
FEW = 3

HEADING = "What we fixed"


@dataclass(frozen=True, slots=True)
class Fix:
    """One cluster that was shipped. `title`: what everybody may read; `given`: None before the first look; `reopened`:
    it is not shipped any more; `back`: what it gave back, None where it is too few to say.
    """

    handle: str
    title: str
    area: str
    shipped_on: dt.date
    developers: int
    given: Given | None
    reopened: bool = False
    back: Back | None = None


@dataclass(frozen=True, slots=True)
class Quarter:
    """What is on the page. `people`: who reported or backed any of it, each once; `back`: what all of it gave back."""

    begins: dt.datetime
    ends: dt.datetime
    fixes: tuple[Fix, ...]
    people: int
    back: Back | None = None
    rate: Rate | None = None


def text(quarter: Quarter) -> str:
    """The page."""
    when = span(quarter)
    if not quarter.fixes:
        return f"{HEADING}, {when}\n\nNothing was shipped."
    better = [fix for fix in quarter.fixes if _word(fix) == "better"]
    failed = [fix for fix in quarter.fixes if _word(fix) in ("no change", "worse", "reopened")]
    unknown = [fix for fix in quarter.fixes if _word(fix) == "too early"]
    out = [f"{HEADING}, {when}", "", _summary(quarter, better, failed, unknown)]
    for heading, fixes in (("Better", better), ("What did not work", failed), ("Too early to say", unknown)):
        if fixes:
            out += ["", heading]
        for fix in fixes:
            out += _fix(fix, quarter.rate)
    return "\n".join([*out, "", *_back(quarter, better)])


def message(quarter: Quarter) -> Message:
    """The page as a message, with people's words as they are."""
    page = text(quarter)
    return Message(blocks.escape(cut(page, 3000)), blocks.whole(page))


def window(quarter: Quarter) -> dict[str, Any]:
    """The page as a form that can only be read, and copied."""
    return {
        "type": "modal",
        "callback_id": "reading",
        "title": blocks.plain(HEADING, 24),
        "close": blocks.plain("Close", 24),
        "blocks": message(quarter).blocks,
    }


def span(quarter: Quarter) -> str:
    """`July–September 2026`."""
    last = quarter.ends - dt.timedelta(days=1)
    return f"{subscription.MONTHS[quarter.begins.month - 1]}–{subscription.MONTHS[last.month - 1]} {last.year}"


def _word(fix: Fix) -> str:
    if fix.reopened:
        return "reopened"
    return fix.given.word if fix.given else "too early"


def _summary(quarter: Quarter, better: Sequence[Fix], failed: Sequence[Fix], unknown: Sequence[Fix]) -> str:
    shipped = blocks.count(len(quarter.fixes), "problem was shipped", "problems were shipped")
    found = [
        f"{len(fixes)} {words}"
        for fixes, words in ((better, "better"), (failed, "not"), (unknown, "too early to say"))
        if fixes
    ]
    return f"{shipped}; {_people(quarter.people)} had reported or backed them. Since then: {figures.listed(found)}."


def _people(count: int) -> str:
    return "fewer than three people" if count < FEW else f"{count} people"


def _fix(fix: Fix, rate: Rate | None) -> list[str]:
    title = " ".join(fix.title.split())
    lines = [f"- {fix.handle} {title} ({fix.area}), shipped {subscription.date(fix.shipped_on)}"]
    about = [_people(fix.developers)]
    if fix.reopened:
        about.append("open again")
    if fix.given is None:
        about.append("shipped less than a week ago")
    elif fix.developers >= FEW:
        about.append(f"{since(fix.given).lower()}: {numbers(fix.given).removesuffix('.')}")
    else:
        about.append(since(fix.given).lower())
    lines.append(f"  {' · '.join(about)}")
    if fix.given and _word(fix) == "better":
        lines.append(f"  {_given_back(fix.back, rate)}")
    return lines


def _given_back(back: Back | None, rate: Rate | None) -> str:
    """`About 14 h given back (6–31 h).`"""
    if back is None:
        return "Time given back: too few to say."
    most, between = [figures.spent(back.minutes)], [figures.spent_between(back.low, back.high)]
    if rate is not None:
        most.append(figures.money(rate, back.minutes))
        between.append(figures.money(rate, back.low, back.high))
    return f"About {', '.join(most)} given back (90 % interval {', '.join(between)})."


def _back(quarter: Quarter, better: Sequence[Fix]) -> list[str]:
    known = f"{sum(fix.back is not None for fix in better)} of {blocks.count(len(better), 'fix', 'fixes')}"
    if quarter.back is None:
        return ["Time given back in all: too few to say."]
    told = _given_back(quarter.back, quarter.rate).removesuffix(".")
    return [
        f"In all: {told[:1].lower()}{told[1:]}, from {known} that helped.",
        "Counted are only reports that did not come any more, at what each cost those who said so, in the twelve weeks "
        "after shipping at most. Whoever did not say what it cost them is not in it.",
    ]
