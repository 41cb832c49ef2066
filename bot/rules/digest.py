"""What goes into a digest, and when there is none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from bot.rules import impact

#: Clusters in one message. The rest is counted, and stands in the App Home.
TOP = 5


@dataclass(frozen=True, slots=True)
class Contents:
    """The clusters of one digest, worst first; `more` is how many others there are in the same areas.

    `new_developers`: distinct people whom one of these areas' problems hit for the first time.
    """

    top: tuple[impact.Standing, ...]
    more: int
    new_developers: int
    since: dt.datetime
    until: dt.datetime


def compose(
    standings: Mapping[int, impact.Standing],
    *,
    since: dt.datetime,
    until: dt.datetime,
    asked: bool = False,
    length: int = TOP,
) -> Contents | None:
    """Keep the first few. None means: a quiet period, send nothing. `asked`: somebody wants it now, quiet or not."""
    ranked = impact.rank(standings)
    newcomers = frozenset[str]().union(*(standing.newcomers for standing in ranked))
    if not newcomers and not asked:
        return None
    return Contents(
        top=tuple(ranked[:length]),
        more=max(len(ranked) - length, 0),
        new_developers=len(newcomers),
        since=since,
        until=until,
    )


def areas(chosen: str) -> tuple[str, ...] | None:
    """`docs,errors` → its areas; `all` → None."""
    keys = tuple(dict.fromkeys(key.strip().lower() for key in chosen.split(",") if key.strip()))
    return None if not keys or "all" in keys else keys
