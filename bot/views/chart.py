"""One picture in a digest: reports a week by area, drawn by Slack itself, or as lines of text where it cannot."""

from __future__ import annotations

from dataclasses import dataclass

from bot.views import blocks, figures
from bot.views.blocks import Block
from bot.views.words import cut

TITLE = "Reports a week by area"

#: What Slack takes: lines in one chart, and characters of a name.
SERIES, NAME = 6, 20


@dataclass(frozen=True, slots=True)
class Chart:
    """How many reports came in each week: `weeks` say when each began, `areas` count, the busiest first."""

    weeks: tuple[str, ...]
    areas: tuple[tuple[str, tuple[int, ...]], ...]


def native(chart: Chart) -> Block:
    """Slack's own chart. There are workspaces that it has not come to yet, and they refuse the whole message."""
    series = []
    for name, counts in _drawn(chart):
        points = [{"label": week, "value": count} for week, count in zip(chart.weeks, counts, strict=True)]
        series.append({"name": name, "data": points})
    axes = {"categories": list(chart.weeks), "x_label": "Week of", "y_label": "Reports"}
    return {
        "type": "data_visualization",
        "title": TITLE,
        "chart": {"type": "line", "series": series, "axis_config": axes},
    }


def lines(chart: Chart) -> list[str]:
    """The same as text, a line for each area."""
    return [f"{name} {figures.spark(counts)} {' '.join(map(str, counts))}" for name, counts in _drawn(chart)]


def table(chart: Chart) -> Block:
    """The same for people to look at."""
    weeks = f"{TITLE}, {chart.weeks[0]} to {chart.weeks[-1]}"
    return blocks.small("\n".join([weeks, *lines(chart)]))


def spoken(chart: Chart) -> str:
    """The same for a screen reader, which reads bars one by one."""
    counted = [f"{name} {', '.join(map(str, counts))}" for name, counts in _drawn(chart)]
    return f"{TITLE}, from the week of {chart.weeks[0]}: {'; '.join(counted)}."


def _drawn(chart: Chart) -> list[tuple[str, tuple[int, ...]]]:
    """As many areas as can be drawn; the quietest are one line."""
    named = list(chart.areas)
    if len(named) > SERIES:
        rest = [counts for _, counts in named[SERIES - 1 :]]
        named = [*named[: SERIES - 1], ("others", tuple(map(sum, zip(*rest, strict=True))))]
    drawn: dict[str, tuple[int, ...]] = {}
    for number, (name, counts) in enumerate(named, 1):
        label = cut(name, NAME)
        drawn[cut(f"{number} {name}", NAME) if label in drawn else label] = counts
    return list(drawn.items())
