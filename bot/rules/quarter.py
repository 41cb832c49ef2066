"""Quarters of a year: `2026Q3`."""

from __future__ import annotations

import datetime as dt
import re

_NAMED = re.compile(r"(\d{4})-?Q([1-4])", re.IGNORECASE)


def of(now: dt.datetime) -> str:
    """The quarter that a moment is in: `2026Q3`."""
    return f"{now.year}Q{(now.month + 2) // 3}"


def bounds(name: str) -> tuple[dt.datetime, dt.datetime]:
    """Where a quarter begins, and where the next one does. Raises ValueError for what is none."""
    named = _NAMED.fullmatch(name.strip())
    if named is None or not 1 <= int(named[1]) < dt.MAXYEAR:
        raise ValueError(f"{name!r} is not a quarter. Write it like 2026Q3.")
    year, first = int(named[1]), 3 * int(named[2]) - 2
    begins = dt.datetime(year, first, 1, tzinfo=dt.UTC)
    ends = dt.datetime(year + first // 10, first % 12 + 3 if first < 10 else 1, 1, tzinfo=dt.UTC)
    return begins, ends
