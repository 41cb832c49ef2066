"""Numbers as people read them: impacts, hours, and a trend as a line of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    """`▁▁▂▃▅`, and `rising: 5, 1.2 before` in words; nothing where there is no trend."""
    if of is None:
        return []
    before = "" if of.word == "new" else f": {of.counts[-1]}, {of.usual:.1f} before"
    return [spark(of.counts), f"{of.word}{before}"]


def cost(lost: tuple[int, int]) -> list[str]:
    """`6 h lost (5 said)`; nothing where nobody said."""
    minutes, said = lost
    if not said:
        return []
    spent = f"{minutes} min" if minutes < 60 else f"{minutes / 60:.0f} h"
    return [f"{spent} lost ({said} said)"]


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
