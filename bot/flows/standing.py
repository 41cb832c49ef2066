"""How a few clusters stand, by themselves. Where all of them stand, a moment knows: bot.flows.moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import storage.clusters
import storage.developers
from bot import rules
from bot.flows.kit import Kit


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
            leads=kit.leads.people,
            now=now,
            since=since,
        )
    return {each.cluster_id: rules.impact.Standing(*each) for each in sums}
