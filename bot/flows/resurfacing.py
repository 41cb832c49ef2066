"""What was shipped and is there again is noticed, and whoever looks after it is told once."""

from __future__ import annotations

import datetime as dt

import storage.clusters
from bot.flows import hearing, news, standing
from bot.flows.card import want_card
from bot.flows.kit import Kit


async def look(kit: Kit, now: dt.datetime) -> int:
    """Tell who looks after a problem, or else who shipped it, that it is back. Gives back how many were told of."""
    told = 0
    for cluster_id in sorted(await standing.returned(kit, None, now)):
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
