"""When to try again what Slack did not take."""

from __future__ import annotations

import datetime as dt

#: Tries before a message is parked: with the delays below, the last is made about a day after the first.
LAST_ATTEMPT = 20
LONGEST = dt.timedelta(hours=3)


def delay(attempt: int) -> dt.timedelta | None:
    """How long to wait after failed attempt number `attempt` (the first is 1). None: give up."""
    if attempt >= LAST_ATTEMPT:
        return None
    return min(dt.timedelta(seconds=2**attempt), LONGEST)
