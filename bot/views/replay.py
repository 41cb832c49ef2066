"""What would have been sent, for a terminal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Period:
    """What became of one period: `moment`, when its digest was due, is in the reader's zone; `why`: or why not."""

    moment: dt.datetime
    sent: bool
    why: str
    handles: tuple[str, ...]


def whole(period: Period, text: str) -> str:
    """One digest, and whether it would have been sent."""
    would = "this would have been sent" if period.sent else f"nothing would have been sent. {period.why} Asked for"
    return f"On {_when(period.moment)} {would}:\n\n{text}"


def listed(reader: str, periods: Sequence[Period]) -> str:
    """All periods of one reader, a line each."""
    lines = [reader]
    for period in periods:
        handles = f" {', '.join(period.handles)}." if period.handles else ""
        lines.append(f"  {_when(period.moment)}  {'sent  ' if period.sent else 'silent'}  {period.why}{handles}")
    if not periods:
        lines.append("  Nothing was due in those days.")
    return "\n".join(lines)


def _when(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
