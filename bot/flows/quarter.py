"""What was fixed in a quarter, and what did not work."""

from __future__ import annotations

import datetime as dt

import storage.clusters
import storage.reports
import storage.verdicts
import storage.votes
from bot import rules, views
from bot.flows import verdict as verdicts
from bot.flows.card import cards
from bot.flows.kit import Kit
from storage.verdicts import Verdict


async def compose(kit: Kit, name: str, now: dt.datetime) -> views.quarter.Quarter:
    """The page for a quarter, `2026Q3`. Raises ValueError for what is none.

    A cluster is in it by the last time it was shipped in that quarter, and by the verdict that there is on that. What
    was merged since is told of as what it is part of now; what nobody has any more is left out.
    """
    begins, ends = rules.quarter.bounds(name)
    async with kit.database.reading() as session:
        said = await storage.verdicts.shipped(session, kit.house.workspace_id, begins, ends)
        named = await storage.clusters.by_ids(session, kit.house.workspace_id, {each for each, _ in said})
        wholes = {id_: await storage.clusters.whole(session, cluster) for id_, cluster in named.items()}
        shipped = {wholes[each].id or 0: at for each, at in said}
        clusters = {cluster.id or 0: cluster for cluster in wholes.values()}
        # Said again, with another reason, it is shipped since the first time.
        for id_, cluster in clusters.items():
            if cluster.status == "shipped" and cluster.status_at is not None:
                shipped[id_] = cluster.status_at
        found = await storage.verdicts.of_shipping(session, kit.house.workspace_id, shipped)
        signals = await storage.votes.signals(session, kit.house.workspace_id, list(shipped))
        told = await storage.reports.lost(session, kit.house.workspace_id, list(shipped))
    in_it = {id_: at for id_, at in shipped.items() if begins <= at < ends}
    fixes, backs = [], []
    for card in await cards(kit, [clusters[id_] for id_ in sorted(in_it, key=lambda each: in_it[each])], now):
        if not card.reports:
            continue
        verdict = found.get(card.cluster_id)
        back = await _given_back(kit, verdict, [rules.time_lost.Told(*each) for each in told.get(card.cluster_id, ())])
        here = clusters[card.cluster_id]
        fixes.append(
            views.quarter.Fix(
                handle=card.handle,
                title=views.card.title(card),
                area=card.area,
                shipped_on=in_it[card.cluster_id].date(),
                developers=card.developers,
                given=verdicts.given(verdict) if verdict else None,
                reopened=here.status != "shipped",
                back=back if here.status == "shipped" else None,
            )
        )
        if back is not None and here.status == "shipped":
            backs.append(back)
    people = {signal.person or f"unnamed {signal.report_id}" for signal in signals if signal.cluster_id in in_it}
    return views.quarter.Quarter(begins, ends, tuple(fixes), len(people), rules.given_back.total(backs), kit.house.rate)


async def _given_back(
    kit: Kit, verdict: Verdict | None, told: list[rules.time_lost.Told]
) -> rules.given_back.Back | None:
    if verdict is None or verdict.word != rules.verdict.BETTER:
        return None
    async with kit.database.reading() as session:
        counted = await verdicts.count(session, kit, verdict.cluster_id, verdict.shipped_at, verdict.until)
    return rules.given_back.of(counted, told, verdict.word, seed=verdict.cluster_id)
