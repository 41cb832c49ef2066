"""Where a new report goes: into a cluster, or into one of its own."""

from __future__ import annotations

from collections.abc import Sequence

from classifiers import grouping


def place(candidates: Sequence[grouping.Candidate]) -> int | None:
    """The cluster to join, because it is near-certainly the same problem; or None, to start one."""
    joined = grouping.join(candidates)
    return None if joined is None else joined.cluster
