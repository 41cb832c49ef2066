"""Whether a fix helped, in words: what it was, what it is, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

from bot.views import blocks
from bot.views.words import cut

#: What a digest calls it, before the handle.
_NEWS = {"better": "Fixed", "no change": "Shipped, but no change", "worse": "Shipped, but worse"}

#: The same where a digest says why it was sent, after the handle.
BECAME = {"better": "is better", "no change": "shows no change", "worse": "is worse"}

_SINCE = {
    "better": "Better since it was shipped",
    "no change": "No change since it was shipped",
    "worse": "Worse since it was shipped",
    "too early": "Too early to say whether it helped",
}
#: The same once nobody will look again.
TOO_FEW = "Too few reports to say whether it helped"

#: What became of everything else is said when it is so much less, or more.
_ELSEWHERE = (0.8, 1.25)


@dataclass(frozen=True, slots=True)
class Given:
    """A verdict. `before` and `after`: reports, in so many days; `ratio`: what is left of it, and what that lies
    between (None: too few to say); `others`: what became of everything else; `final`: nobody looks again.
    """

    word: str
    before: int
    days_before: float
    after: int
    days_after: float
    ratio: tuple[float, float, float] | None
    others: float
    final: bool


@dataclass(frozen=True, slots=True)
class Fixed:
    """A cluster that was shipped, and what is said of it since."""

    cluster_id: int
    handle: str
    title: str
    given: Given


def news(fixed: Fixed) -> str:
    """`Fixed: F-4 “VPN setup page missing” — 6.1 reports a week before, 0.7 after: …`"""
    called = _NEWS.get(fixed.given.word, _SINCE["too early"])
    return f"{called}: {fixed.handle} “{cut(fixed.title, 90)}” — {numbers(fixed.given)}"


def sentence(given: Given) -> str:
    """`Better since it was shipped: 6.1 reports a week before, 0.7 after: …`"""
    return f"{since(given)}: {numbers(given)}"


def since(given: Given) -> str:
    """`Better since it was shipped`."""
    return TOO_FEW if given.word == "too early" and given.final else _SINCE[given.word]


def numbers(given: Given) -> str:
    """`6.1 reports a week before, 0.7 after: 12 % of before, 90 % interval 4–31 %.`"""
    if given.ratio is None:
        before, after = _weeks(given.days_before), _weeks(given.days_after)
        return f"{blocks.count(given.before, 'report')} in {before} before, {given.after} in {after} after."
    was, now = (
        f"{7 * count / days:.1f}"
        for count, days in ((given.before, given.days_before), (given.after, given.days_after))
    )
    left, low, high = (round(100 * each) for each in given.ratio)
    told = f"{was} reports a week before, {now} after: {left} % of before, 90 % interval {low}–{high} %."
    if not _ELSEWHERE[0] <= given.others <= _ELSEWHERE[1]:
        told += f" The comparison takes into account that everything else came to {round(100 * given.others)} %."
    return told


def _weeks(days: float) -> str:
    return blocks.count(round(days), "day") if days < 13.5 else f"{days / 7:.0f} weeks"
