"""Where a new report goes: into a cluster, or into one of its own."""

from __future__ import annotations

from collections.abc import Sequence, Set

from classifiers import grouping


def place(
    candidates: Sequence[grouping.Candidate], *, report_id: int = 0, not_same: Set[tuple[int, int]] = frozenset()
) -> int | None:
    """The cluster to join, or None to start one. `not_same`: (report, cluster) pairs that a human has kept apart."""
    allowed = [candidate for candidate in candidates if (report_id, candidate.cluster) not in not_same]
    joined = grouping.join(allowed)
    return None if joined is None else joined.cluster
