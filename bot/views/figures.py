"""Numbers as people read them: impacts, hours, and a trend as a line of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.rules.time_lost import Lost, Rate
    from bot.rules.trend import Trend

_BARS = "▁▂▃▄▅▆▇█"


def impact(hundredths: int) -> str:
    """`13.47`."""
    sign = "−" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}"


def change(hundredths: int) -> str:
    """`+3.00`, `−0.92`."""
    return impact(hundredths) if hundredths < 0 else f"+{impact(hundredths)}"


def spark(counts: Sequence[int]) -> str:
    """`▁▁▂▃▅`: nobody is the lowest bar, and only nobody. Up to seven, each is a step; beyond, it is scaled."""
    peak = max([*counts, len(_BARS) - 1])
    return "".join(_BARS[-(-(len(_BARS) - 1) * count // peak)] for count in counts)


def trend(of: Trend | None) -> list[str]:
    """`▁▁▂▃▅`, and `rising: 5 now, 1.2 before` in words; nothing where there is no trend."""
    if of is None:
        return []
    before = "" if of.word == "new" else f": {of.counts[-1]} now, {f'{of.usual:.1f}'.removesuffix('.0')} before"
    return [spark(of.counts), f"{of.word}{before}"]


def cost(lost: Lost | None) -> list[str]:
    """`6 h lost (9 of 19 said; 4–11 h)`, with money where an hour has a price; nothing where nobody said.

    Where too few said, it says so instead of a range; of one or two people it does not say how much.
    """
    if lost is None or not lost.answered:
        return []
    said = f"{lost.answered} of {lost.people} said"
    if lost.minutes is None:
        return [f"time lost: {said}, too few to say"]
    total = [spent(lost.minutes), *_money(lost, lost.minutes)]
    if lost.low is None or lost.high is None:
        return [f"{', '.join(total)} lost ({said}; too few to say more)"]
    ranges = [spent_between(lost.low, lost.high), *_money(lost, lost.low, lost.high)]
    return [f"{', '.join(total)} lost ({said}; {', '.join(ranges)})"]


def spent(minutes: float) -> str:
    """`40 min`, `6 h`."""
    return f"{minutes:.0f} min" if minutes < 59.5 else f"{minutes / 60:,.0f} h"


def spent_between(low: float, high: float) -> str:
    """`4–9 h`, `40 min – 2 h`."""
    first, last = spent(low), spent(high)
    if first == last:
        return first
    if first.split()[1] == last.split()[1]:
        return f"{first.split()[0]}–{last}"
    return f"{first} – {last}"


def _money(lost: Lost, *minutes: float) -> list[str]:
    """`510 EUR`, `340–765 EUR`: the same minutes at what an hour costs; nothing where nobody said what it does."""
    return [] if lost.rate is None else [money(lost.rate, *minutes)]


def money(rate: Rate, *minutes: float) -> str:
    """`510 EUR`, `340–765 EUR`."""
    amounts = dict.fromkeys(f"{each / 60 * rate.amount:,.0f}" for each in minutes)
    return f"{'–'.join(amounts)} {rate.currency}".strip()


def listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def ordinal(number: int) -> str:
    """`first` … `fifth`, then `6th`, `21st`."""
    if 1 <= number <= 5:
        return ("first", "second", "third", "fourth", "fifth")[number - 1]
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def times(number: int) -> str:
    """`one` … `twelve`, then `13`: a small count as it stands in a sentence."""
    names = "no one two three four five six seven eight nine ten eleven twelve".split()
    return names[number] if 0 <= number < len(names) else str(number)
