"""How clusters stand: all of them in order, or a few by themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import storage.clusters
import storage.developers
from bot import rules
from bot.flows.kit import Kit


async def sort(
    kit: Kit, areas: Sequence[str] | None, now: dt.datetime, since: dt.datetime
) -> tuple[rules.attention.Sorted, dict[int, storage.clusters.SetAside]]:
    """The clusters of these areas (None: of all), the worst first, and what was decided about those that are not
    plainly open; people are new when they came after `since`.

    A cluster whose last report was taken back hurts nobody, whoever voted for it.
    """
    async with kit.database.reading() as session:
        aside = await storage.clusters.set_aside(session, kit.house.workspace_id, areas)
    return rules.attention.sort(await _summed(kit, now, since, areas=areas), aside, since=since, now=now), aside


async def ranked(
    kit: Kit, areas: Sequence[str] | None, now: dt.datetime, since: dt.datetime
) -> list[rules.impact.Standing]:
    """Those of them that rank: nobody needs to be told of what is closed."""
    found, _ = await sort(kit, areas, now, since)
    return found.open


async def of(
    kit: Kit, cluster_ids: Sequence[int], now: dt.datetime, since: dt.datetime
) -> dict[int, rules.impact.Standing]:
    """How each of a few clusters stands."""
    return {each.cluster_id: each for each in await _summed(kit, now, since, clusters=cluster_ids)}


async def _summed(
    kit: Kit,
    now: dt.datetime,
    since: dt.datetime,
    *,
    areas: Sequence[str] | None = None,
    clusters: Sequence[int] | None = None,
) -> list[rules.impact.Standing]:
    async with kit.database.reading() as session:
        sums = await storage.developers.summed(
            session,
            kit.house.workspace_id,
            areas=areas,
            clusters=clusters,
            freshness=rules.impact.FRESHNESS,
            unsaid=rules.impact.UNSAID,
            leads=kit.leads.people,
            now=now,
            since=since,
        )
    return [rules.impact.Standing(*each) for each in sums]
