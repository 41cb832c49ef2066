"""How clusters stand: all of them in order, or a few by themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import storage.affected
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
    again = await returned(kit, [id_ for id_, each in aside.items() if each.status == "shipped"], now)
    summed = await _summed(kit, now, since, areas=areas)
    return rules.attention.sort(summed, aside, returned=again, since=since, now=now), aside


async def returned(kit: Kit, cluster_ids: Collection[int] | None, now: dt.datetime) -> frozenset[int]:
    """Which shipped clusters (of these, or all) enough people have again."""
    if cluster_ids is not None and not cluster_ids:
        return frozenset()
    async with kit.database.reading() as session:
        found = await storage.affected.after_shipping(session, kit.house.workspace_id, now, cluster_ids)
    return frozenset(each.cluster_id for each in found if rules.resurfacing.is_back(each.before, each.since))


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
