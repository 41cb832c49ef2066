"""The parts of the platform, and which of them a cluster belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

UNSORTED = "unsorted"

#: Answers from which on a share of right ones says something; below it one more wrong one moves it by five points.
ENOUGH = 20

#: Whose word on a report's area outranks whose.
_RANK = {"model": 0, "reporter": 1, "triage": 2}


def of_cluster(tags: Iterable[tuple[str, str, int]], current: str) -> str:
    """The area of a cluster whose reports are tagged so: (area, by model|reporter|triage, how many).

    People outrank the model whatever their number, triage outranks reporters; among equals the most frequent area wins,
    and on a tie the cluster stays where it is. `unsorted` counts only when there is nothing else.
    """
    by_rank: dict[int, Counter[str]] = {}
    for area, by, count in tags:
        if area != UNSORTED:
            by_rank.setdefault(_RANK.get(by, 0), Counter())[area] += count
    if not by_rank:
        return UNSORTED
    counts = by_rank[max(by_rank)]
    most = max(counts.values())
    leading = sorted(area for area, count in counts.items() if count == most)
    return current if current in leading else leading[0]


def share(right: int, answered: int) -> int | None:
    """How many percent were right, rounded down so that 100 means all; None when there are too few to say."""
    return 100 * right // answered if answered >= ENOUGH else None
