"""Whoever reported something without their name may ask to see what becomes of it; nothing says who that was.

Nothing is sent to them, and nothing notes when they looked: a message, or a moment, would tell. Whenever they open
their Home, or ask for what is theirs, their reports are found anew among all that are marked.
"""

from __future__ import annotations

import datetime as dt

import storage.clusters
import storage.notices
import storage.votes
from bot import rules, views
from bot.flows import news, triage
from bot.flows.card import handle
from bot.flows.kit import Kit
from storage.database import Session
from storage.models import Report
from storage.notices import Seal

#: Reports without a name that one person is shown.
SHOWN = 5


async def keep(kit: Kit, key: str, person: str) -> None:
    """Let the author of a report without a name be known again. `key`: the report's, which is filed after this."""
    made = rules.seal.mark(kit.house.secret, key, person)
    async with kit.database.transaction() as session:
        await storage.notices.seal(session, Seal(workspace_id=kit.house.workspace_id, key=key, mark=made))


async def forget(session: Session, kit: Kit, person: str) -> None:
    """Let this person be known again by nothing. Their reports without a name stay: they name nobody."""
    secret, kept = kit.house.secret, await storage.notices.seals(session, kit.house.workspace_id)
    theirs = [each.id or 0 for each in kept if rules.seal.is_of(secret, each.mark, each.key, person)]
    await storage.notices.unseal(session, theirs)


async def news_of(kit: Kit, person: str, now: dt.datetime) -> list[views.hearing.News]:
    """What became of what this person reported without their name and wanted to see, the latest first."""
    found = []
    async with kit.database.reading() as session:
        for report in await _theirs(session, kit, person):
            cluster = await storage.clusters.get(session, kit.house.workspace_id, report.cluster_id or 0)
            assert cluster is not None
            here = await storage.clusters.whole(session, cluster)
            _, run = await news.status_of(session, here)
            if run and run[-1].value in rules.status.TOLD:
                found.append((report, here, run[-1]))
    shown = found[:SHOWN]
    names = await triage.names(kit, {fact.made_by for _, _, fact in shown if fact.made_by})
    return [
        views.hearing.News(
            kind="status",
            fact_id=fact.id or 0,
            cluster_id=here.id or 0,
            handle=handle(here.number),
            title="",
            status=fact.value,
            reason=fact.reason,
            link=fact.link,
            by=names.get(fact.made_by or "", "").replace(triage.SOMEBODY, ""),
            day=views.digest.day(fact.made_at),
            words=report.text,
            said_on=views.digest.day(report.said_at),
        )
        for report, here, fact in shown
    ]


async def counted_twice(kit: Kit, person: str) -> list[str]:
    """The handles of what this person reported without their name and votes for as well, oldest first.

    The vote counts: everybody sees who reacts to a card, and a count that did not move with it would tell who it was
    that did not want to be named. Only they themselves are told, by nothing that is stored.
    """
    async with kit.database.reading() as session:
        reported = {report.cluster_id for report in await _theirs(session, kit, person)}
        twice = reported & await storage.votes.backed(session, kit.house.workspace_id, person) if reported else set()
        found = await storage.clusters.by_ids(session, kit.house.workspace_id, [each for each in twice if each])
    return [handle(number) for number in sorted(cluster.number for cluster in found.values())]


async def _theirs(session: Session, kit: Kit, person: str) -> list[Report]:
    sealed = await storage.notices.sealed(session, kit.house.workspace_id)
    return [report for mark, report in sealed if rules.seal.is_of(kit.house.secret, mark, report.key, person)]
