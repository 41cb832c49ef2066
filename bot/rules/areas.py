"""The parts of the platform, and which of them a cluster belongs to."""

from __future__ import annotations

from collections.abc import Iterable

UNSORTED = "unsorted"

#: Answers from which on a share of right ones says something; below it one more wrong one moves it by five points.
ENOUGH = 20

#: Whose word on a report's area outranks whose.
_RANK = {"model": 0, "reporter": 1, "triage": 2}


def of_cluster(tags: Iterable[tuple[str, str, int, int]]) -> str:
    """The area of a cluster whose reports are tagged so: (area, by model|reporter|triage, how many, the first's id).

    People outrank the model whatever their number, triage outranks reporters; among equals the most frequent area wins,
    and on a tie the one that was there first. `unsorted` counts only when there is nothing else. Nothing but the
    reports decides, so that whatever is undone leaves no trace.
    """
    by_rank: dict[int, list[tuple[int, int, str]]] = {}
    for area, by, count, first in tags:
        if area != UNSORTED:
            by_rank.setdefault(_RANK.get(by, 0), []).append((count, -first, area))
    return max(by_rank[max(by_rank)])[2] if by_rank else UNSORTED


def share(right: int, answered: int) -> int | None:
    """How many percent were right, rounded down so that 100 means all; None when there are too few to say."""
    return 100 * right // answered if answered >= ENOUGH else None
