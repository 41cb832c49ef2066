"""How long Slack waits for us; after three seconds it takes no answer for one."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from prometheus_client import Histogram

from bot import rules

TOOK = Histogram(
    "friction_acknowledgement_seconds",
    "From hearing of something to acknowledging it",
    ["kind"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3),
)


def timed(body: Any) -> AbstractContextManager[Any]:
    """The time that a payload takes, while this is open."""
    return TOOK.labels(rules.payload.kind(body)).time()
