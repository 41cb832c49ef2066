"""What was shipped is looked at every week, until a verdict is final; and what was found is told."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Sequence

import storage.clusters
import storage.verdicts
from bot import rules, views
from bot.flows.card import cards
from bot.flows.kit import Kit
from storage.database import Session
from storage.verdicts import Verdict

log = logging.getLogger(__name__)

DAY = dt.timedelta(days=1)


async def weigh_due(kit: Kit, now: dt.datetime) -> int:
    """Look at everything shipped that is due for it. Gives back how many looks were taken here.

    A look takes what was said up to its own week's end, whenever it happens: two processes find the same, and the first
    to write it down is the one that counts. Weeks that passed while nobody was there are not made up for.
    """
    async with kit.database.reading() as session:
        waiting = await storage.verdicts.open(session, kit.house.workspace_id, rules.verdict.WEEKS)
    taken = 0
    for cluster_id, shipped_at, last in waiting:
        week = rules.verdict.looks(shipped_at, now)
        if week > last:
            taken += await _look(kit, cluster_id, shipped_at, week, now)
    return taken


async def _look(kit: Kit, cluster_id: int, shipped_at: dt.datetime, week: int, now: dt.datetime) -> bool:
    until = shipped_at + week * rules.verdict.WEEK
    async with kit.database.reading() as session:
        counted = await count(session, kit, cluster_id, shipped_at, until)
    found = rules.verdict.of(counted)
    given = Verdict(
        workspace_id=kit.house.workspace_id,
        cluster_id=cluster_id,
        shipped_at=shipped_at,
        week=week,
        until=until,
        word=found.word,
        before=sum(counted.before),
        days_before=counted.days_before,
        after=sum(counted.after),
        days_after=counted.days_after,
        ratio=found.ratio.value if found.ratio else None,
        low=found.ratio.low if found.ratio else None,
        high=found.ratio.high if found.ratio else None,
        others=found.others,
        made_at=now,
    )
    async with kit.database.transaction() as session:
        new = await storage.verdicts.give(session, given)
    if new:
        log.info("verdict given", extra={"cluster": cluster_id, "week": week, "word": found.word})
    return new


async def count(
    session: Session, kit: Kit, cluster_id: int, shipped_at: dt.datetime, until: dt.datetime
) -> rules.verdict.Counted:
    """What was reported of a cluster, and of everything else, before it was shipped and since.

    It is observed from the first report of it on; that one is what began it, and counts for nothing. For whom it was
    over before the shipping is left out: they would not have reported it since, and make any fix look better. For whom
    it is over since had it until then, and most of them because of the fix. The same goes for everything else.
    """
    workspace_id = kit.house.workspace_id
    seen = await storage.verdicts.first_said(session, workspace_id, cluster_id, shipped_at)
    start = min(rules.verdict.begins(shipped_at, *filter(None, seen)), shipped_at)
    here, others = await storage.verdicts.said(session, workspace_id, cluster_id, start, until, shipped_at=shipped_at)
    before, after = rules.verdict.by_day(here, start, shipped_at, until)
    others_before, others_after = rules.verdict.by_day(others, start, shipped_at, until)
    return rules.verdict.Counted(
        before, after, others_before, others_after, (shipped_at - start) / DAY, (until - shipped_at) / DAY
    )


async def standing(kit: Kit, cluster_ids: Collection[int]) -> dict[int, views.verdict.Given]:
    """The verdicts on these clusters, as far as there are any and they are still shipped."""
    async with kit.database.reading() as session:
        found = await storage.verdicts.standing(session, kit.house.workspace_id, cluster_ids)
        clusters = await storage.clusters.by_ids(session, kit.house.workspace_id, list(found))
    return {
        cluster_id: given(verdict)
        for cluster_id, verdict in found.items()
        if clusters[cluster_id].status == "shipped" and clusters[cluster_id].status_at == verdict.shipped_at
    }


async def news(
    kit: Kit, areas: Sequence[str] | None, since: dt.datetime, until: dt.datetime
) -> tuple[views.verdict.Fixed, ...]:
    """The clusters of these areas on which there is another verdict at `until` than there was at `since`."""
    async with kit.database.reading() as session:
        looked = await storage.verdicts.looked_at(session, kit.house.workspace_id, since, until, areas)
        now = await storage.verdicts.standing(session, kit.house.workspace_id, looked, until)
        before = await storage.verdicts.standing(session, kit.house.workspace_id, looked, since)
        clusters = await storage.clusters.by_ids(session, kit.house.workspace_id, looked)
    changed = [each for each in looked if _is_news(now[each], before.get(each))]
    drawn = await cards(kit, [clusters[each] for each in changed], until)
    return tuple(
        views.verdict.Fixed(card.cluster_id, card.handle, views.card.title(card), given(now[card.cluster_id]))
        for card in drawn
    )


def _is_news(now: Verdict, before: Verdict | None) -> bool:
    known = before.word if before and before.shipped_at == now.shipped_at else rules.verdict.TOO_EARLY
    return now.word != known


def given(verdict: Verdict) -> views.verdict.Given:
    """A verdict as it is told."""
    return views.verdict.Given(
        word=verdict.word,
        before=verdict.before,
        days_before=verdict.days_before,
        after=verdict.after,
        days_after=verdict.days_after,
        ratio=None
        if verdict.ratio is None or verdict.low is None or verdict.high is None
        else (verdict.ratio, verdict.low, verdict.high),
        others=verdict.others,
        final=verdict.week >= rules.verdict.WEEKS,
    )
