"""What was closed lately, for a digest to report once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import storage.clusters
import storage.facts
from bot import rules, views
from bot.flows import people
from bot.flows.card import cards
from bot.flows.kit import Kit

#: Closed clusters that one digest names, the latest; the rest is counted.
SHOWN = 5


async def lately(
    kit: Kit, closed: Iterable[storage.clusters.SetAside], since: dt.datetime, until: dt.datetime
) -> tuple[list[views.digest.Closed], int]:
    """Those of `closed` that got there after `since`, the latest first, and how many more there are."""
    new = sorted(
        (each for each in closed if each.status_at and since < each.status_at <= until),
        key=lambda each: (each.status_at, each.cluster_id),
        reverse=True,
    )
    ids = [each.cluster_id for each in new[:SHOWN]]
    async with kit.database.reading() as session:
        found = await storage.clusters.by_ids(session, kit.house.workspace_id, ids)
        said = {}
        for cluster_id in ids:
            facts = await storage.facts.about(session, await storage.clusters.parts(session, cluster_id))
            said[cluster_id] = rules.facts.standing(facts, cluster_id)["status"][-1]
    called = await people.names(kit, {fact.made_by for fact in said.values() if fact.made_by})
    drawn = await cards(kit, [found[cluster_id] for cluster_id in ids], until)
    return [
        views.digest.Closed(card, said[card.cluster_id].reason, called.get(said[card.cluster_id].made_by or "", ""))
        for card in drawn
    ], max(len(new) - SHOWN, 0)
