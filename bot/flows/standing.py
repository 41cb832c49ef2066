"""How a few clusters stand, by themselves. Where all of them stand, a moment knows: bot.flows.moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import storage.affected
import storage.clusters
import storage.developers
from bot import rules

if TYPE_CHECKING:
    from bot.flows.kit import Kit


async def returned(kit: Kit, cluster_ids: Collection[int] | None, now: dt.datetime) -> frozenset[int]:
    """Which shipped clusters (of these, or all) enough people have again."""
    if cluster_ids is not None and not cluster_ids:
        return frozenset()
    async with kit.database.reading() as session:
        found = await storage.affected.after_shipping(session, kit.house.workspace_id, now, cluster_ids)
    return frozenset(each.cluster_id for each in found if rules.resurfacing.is_back(each.before, each.since))


async def of(
    kit: Kit, cluster_ids: Sequence[int], now: dt.datetime, since: dt.datetime
) -> dict[int, rules.impact.Standing]:
    """How each of these clusters stands; people are new when they came after `since`."""
    async with kit.database.reading() as session:
        sums = await storage.developers.summed(
            session,
            kit.house.workspace_id,
            clusters=cluster_ids,
            freshness=rules.impact.FRESHNESS,
            unsaid=rules.impact.UNSAID,
            few=rules.impact.FEW,
            leads=kit.leads.people,
            now=now,
            since=since,
        )
    return {each.cluster_id: rules.impact.Standing(*each) for each in sums}
