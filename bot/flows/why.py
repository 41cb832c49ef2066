"""Why a cluster stands where it stands: its receipt."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence

import storage.developers
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
    """The receipts of those clusters that have a report, among the `ranked`, where what is closed is not. `last`: since
    when."""
    seen = rules.digest.read(last.shown).clusters if last else {}
    stand = {each.cluster_id: each for each in ranked if each.cluster_id in cluster_ids}
    if closed := [each for each in cluster_ids if each not in stand]:
        stand |= await standing.of(kit, closed, now, now)
    found = {}
    for cluster_id in cluster_ids:
        if cluster_id in stand:
            cells = seen[cluster_id].cells if cluster_id in seen else None
            until = last.until if last and cells is not None else None
            people = await crowd(kit, cluster_id, now, until)
            if people.people:
                found[cluster_id] = rules.receipt.of(
                    ranked, stand[cluster_id], people, now=now, seen=cells, until=until
                )
    return found


async def crowd(kit: Kit, cluster_id: int, now: dt.datetime, until: dt.datetime | None) -> rules.receipt.Crowd:
    """The people of a cluster now, beside the moment `until` if there is one."""
    before: rules.receipt.Cells = {}
    async with kit.database.reading() as session:
        counted = await storage.developers.crowd(session, cluster_id, now=now, until=until or now)
        if until is not None:
            before = await storage.developers.before(session, kit.house.workspace_id, cluster_id, until)
    people: Counter[tuple[int | None, int]] = Counter()
    new: Counter[tuple[int | None, int]] = Counter()
    again: Counter[tuple[int | None, int]] = Counter()
    this_week = 0
    for severity, day, came, spoke, lately, count in counted:
        people[severity, day] += count
        this_week += count if lately else 0
        if until is not None and spoke:
            (new if came else again)[severity, day] += count
    return rules.receipt.Crowd(people, this_week, new, again, before)


def mentioned(receipts: Iterable[rules.receipt.Receipt]) -> list[int]:
    """The other clusters that these receipts speak of."""
    return [receipt.change.other for receipt in receipts if receipt.change]


async def short(kit: Kit, cluster_id: int, now: dt.datetime) -> str:
    """A cluster's receipt among all, on one line; empty when it has no report any more."""
    moment = await kit.moments.current(kit, now)
    found = await receipts(kit, await moment.ranked(None), [cluster_id], None, moment.at)
    return views.receipt.short(found[cluster_id]) if cluster_id in found else ""
