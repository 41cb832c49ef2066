"""When to try again what Slack did not take."""

from __future__ import annotations

import datetime as dt

#: Tries before a message is parked. With the delays below the last one is made about a day after the first.
LAST_ATTEMPT = 14
_LONGEST = dt.timedelta(hours=3)


def delay(attempt: int, retry_after: float | None) -> dt.timedelta | None:
    """How long to wait after failed attempt number `attempt` (the first is 1). None: give up.

    Slack's own `Retry-After` (seconds) is obeyed and never shortened.
    """
    if attempt >= LAST_ATTEMPT:
        return None
    waited = min(dt.timedelta(seconds=2**attempt), _LONGEST)
    return max(waited, dt.timedelta(seconds=retry_after or 0))
