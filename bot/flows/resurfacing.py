"""What was shipped and is there again is noticed, and whoever looks after it is told once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import storage.affected
import storage.clusters
from bot import rules
from bot.flows import hearing, news
from bot.flows.card import want_card
from bot.flows.kit import Kit


async def back(kit: Kit, cluster_ids: Collection[int] | None = None) -> list[int]:
    """Which shipped clusters (of these, or all) are back."""
    async with kit.database.reading() as session:
        found = await storage.affected.after_shipping(session, kit.house.workspace_id, cluster_ids)
    return [each.cluster_id for each in found if rules.resurfacing.is_back(each.before, each.since)]


async def look(kit: Kit, now: dt.datetime) -> int:
    """Tell who looks after a problem, or else who shipped it, that it is back. Gives back how many were told of."""
    told = 0
    for cluster_id in await back(kit):
        async with kit.database.transaction() as session:
            here = await storage.clusters.get(session, kit.house.workspace_id, cluster_id)
            if here is None or here.status != "shipped":
                continue
            _, run = await news.status_of(session, here)
            # By the first that said so: said again in better words, it is the same fix, and no news.
            if run and await hearing.tell_of_return(session, kit, here, run[0], now):
                await want_card(session, kit, cluster_id, now)
                told += 1
    return told
