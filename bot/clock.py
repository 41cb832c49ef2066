"""The time, in UTC. The only file that reads the clock, and the only place where a demonstration may bend it."""

from __future__ import annotations

import datetime as dt
import time

_shift = dt.timedelta()


def now() -> dt.datetime:
    """This moment."""
    return dt.datetime.now(dt.UTC) + _shift


def of_message(ts: str) -> dt.datetime:
    """When a Slack message was written, by its own timestamp. Raises ValueError for what is none."""
    seconds = float(ts)
    if not 0 < seconds < 2**33:
        raise ValueError(f"{ts!r} is not a Slack timestamp")
    return dt.datetime.fromtimestamp(seconds, dt.UTC) + _shift


def unix() -> float:
    """Seconds since 1970, unbent: for signatures, whose other side has a clock of its own."""
    return time.time()


def unbent() -> dt.datetime:
    """This moment as every other clock shows it."""
    return dt.datetime.now(dt.UTC)


def shift(by: dt.timedelta) -> None:
    """Bend time: from here on it is `by` later than it is. For the demo, which lives a fortnight in a minute."""
    global _shift
    _shift = by


class LastCall:
    """How long is left to finish what is in hand: so many seconds for all together, from when the first one asks."""

    def __init__(self, seconds: float) -> None:
        """`seconds`: for everybody together."""
        self._seconds = seconds
        self._ends: float | None = None

    def left(self) -> float:
        """Seconds that are left."""
        if self._ends is None:
            self._ends = time.monotonic() + self._seconds
        return max(0.0, self._ends - time.monotonic())
