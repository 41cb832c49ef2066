"""Why a cluster stands where it stands: its receipt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import storage.votes
from bot import rules, views
from bot.flows import standing
from bot.flows.kit import Kit
from storage.models import Digest


async def receipts(
    kit: Kit,
    ranked: Sequence[rules.impact.Standing],
    cluster_ids: Sequence[int],
    last: Digest | None,
    now: dt.datetime,
) -> dict[int, rules.receipt.Receipt]:
    """The receipts of those clusters that have a report, among `ranked`. `last`: since when."""
    seen = rules.digest.read(last.shown).clusters if last else {}
    async with kit.database.reading() as session:
        signals = await storage.votes.signals(session, kit.house.workspace_id, cluster_ids)
    found = {}
    for cluster_id in cluster_ids:
        own = [signal for signal in signals if signal.cluster_id == cluster_id]
        if any(signal.report_id is not None for signal in own):
            found[cluster_id] = rules.receipt.of(
                ranked,
                cluster_id,
                own,
                leads=kit.leads.people,
                now=now,
                seen=seen[cluster_id].cells if cluster_id in seen else None,
                until=last.until if last else None,
            )
    return found


def mentioned(receipts: Iterable[rules.receipt.Receipt]) -> list[int]:
    """The other clusters that these receipts speak of."""
    return [receipt.change.other for receipt in receipts if receipt.change]


async def short(kit: Kit, cluster_id: int, now: dt.datetime) -> str:
    """A cluster's receipt among all, on one line; empty when it has no report any more."""
    ranked = await standing.ranked(kit, None, now, now)
    found = await receipts(kit, ranked, [cluster_id], None, now)
    return views.receipt.short(found[cluster_id]) if cluster_id in found else ""
