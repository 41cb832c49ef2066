"""Whom a problem hits says so: whether it is gone, that it is none of theirs any more, that they have heard enough."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import storage.affected
import storage.clusters
import storage.facts
import storage.notices
import storage.outbox
import storage.reports
import storage.votes
import storage.workspaces
from bot import rules, views
from bot.flows import news, triage
from bot.flows.card import cards, changed
from bot.flows.kit import Kit
from bot.flows.triage import Refused
from storage.database import Session
from storage.models import Cluster
from storage.notices import Answer, Mute

#: Problems that one person is shown as theirs.
CONCERNS = 8

NOT_YOURS = "That is not about anything that you reported or voted for."


async def answer(kit: Kit, fact_id: int, person: str, said: str, event_ts: str, now: dt.datetime) -> None:
    """Somebody says whether it is gone for them after a fix; their last word counts. Raises Refused.

    `event_ts`: Slack's own moment of it.
    """
    async with kit.database.transaction() as session:
        await storage.workspaces.lock(session, kit.house.workspace_id)
        fact = await storage.facts.get(session, kit.house.workspace_id, fact_id)
        if fact is None or fact.kind != "status" or fact.value != "shipped" or fact.cluster_id is None:
            raise Refused(NOT_YOURS)
        here = await triage.cluster(session, kit, fact.cluster_id)
        await _require(session, kit, here, person)
        given = Answer(
            workspace_id=kit.house.workspace_id,
            fact_id=fact_id,
            cluster_id=fact.cluster_id,
            person=person,
            said=said if said in (rules.hearing.GONE, rules.hearing.STILL) else "",
            event_ts=event_ts,
            made_at=now,
        )
        await storage.notices.answer(session, given)


async def leave(kit: Kit, cluster_id: int, person: str, now: dt.datetime) -> Cluster:
    """From now on it is no problem of theirs, and they are not counted. Gives back the cluster. Raises Refused."""
    return await _move(kit, cluster_id, person, now, leaving=True)


async def come_back(kit: Kit, cluster_id: int, person: str, now: dt.datetime) -> Cluster:
    """It is one all the same, and all that they said counts again. Raises Refused."""
    return await _move(kit, cluster_id, person, now, leaving=False)


async def _move(kit: Kit, cluster_id: int, person: str, now: dt.datetime, *, leaving: bool) -> Cluster:
    async with kit.database.transaction() as session:
        await storage.workspaces.lock(session, kit.house.workspace_id)
        here = await triage.cluster(session, kit, cluster_id)
        await _require(session, kit, here, person)
        workspace, here_id = kit.house.workspace_id, here.id or 0
        if leaving:
            moved = await storage.affected.leave(session, workspace, here_id, person, now)
        else:
            moved = await storage.affected.come_back(session, workspace, here_id, person)
        if moved:
            await changed(session, kit, here.id, now)
    kit.wake.set()
    return here


async def _require(session: Session, kit: Kit, here: Cluster, person: str) -> None:
    """Make sure that somebody has, or had, to do with a cluster: an id in a button proves nothing. Raises Refused."""
    workspace, parts = kit.house.workspace_id, await storage.clusters.parts(session, here.id or 0)
    signals = await storage.votes.signals(session, workspace, [here.id or 0])
    if any(signal.person == person for signal in signals):
        return
    if await storage.affected.left(session, workspace, here.id or 0, person):
        return
    if not await storage.notices.concerns(session, workspace, person, parts):
        raise Refused(NOT_YOURS)


async def mute(kit: Kit, cluster_id: int, person: str, event_ts: str, *, muted: bool) -> None:
    """Somebody wants to hear no more of a cluster and of all that was merged into it, or again. Raises Refused."""
    async with kit.database.transaction() as session:
        here = await triage.cluster(session, kit, cluster_id)
        parts = await storage.clusters.parts(session, here.id or 0) if not muted else {here.id or 0}
        await storage.notices.mute(
            session, [_mute(kit, person, news.of_cluster(part), event_ts, muted=muted) for part in sorted(parts)]
        )


async def choose(kit: Kit, person: str, kinds: Collection[str], event_ts: str) -> None:
    """Somebody wants to hear of these kinds, and of no other."""
    async with kit.database.transaction() as session:
        await storage.notices.mute(
            session, [_mute(kit, person, kind, event_ts, muted=kind not in kinds) for kind in rules.hearing.KINDS]
        )


async def muted(kit: Kit, person: str) -> frozenset[str]:
    """What somebody does not want to hear of."""
    async with kit.database.reading() as session:
        return await storage.notices.muted(session, kit.house.workspace_id, person)


def _mute(kit: Kit, person: str, what: str, event_ts: str, *, muted: bool) -> Mute:
    return Mute(workspace_id=kit.house.workspace_id, person=person, what=what, muted=muted, event_ts=event_ts)


async def want_redrawn(kit: Kit, person: str, channel: str, message_ts: str, now: dt.datetime) -> bool:
    """Want a message that told this person something drawn anew. False: it is none of theirs, or no message."""
    if not message_ts:
        return False  # pressed in a Home; of a workaround that was given nobody notes by which message
    async with kit.database.transaction() as session:
        told = await storage.notices.in_message(session, kit.house.workspace_id, channel, message_ts)
        if not any(each.person == person for each in told):
            return False
        await news.again(session, kit, channel, message_ts, now)
    kit.wake.set()
    return True


async def concerns(kit: Kit, person: str, now: dt.datetime) -> list[views.hearing.Concern]:
    """What somebody reported or voted for, the latest first, each problem once; and whether it still is theirs."""
    workspace = kit.house.workspace_id
    async with kit.database.reading() as session:
        reports = await storage.reports.by_person(session, workspace, person, CONCERNS)
        voted = await storage.affected.voted_for(session, workspace, person, CONCERNS)
        ids = list(
            dict.fromkeys([*(each.cluster_id for each in reports if each.cluster_id), *(each for each, _ in voted)])
        )
        found = await storage.clusters.by_ids(session, workspace, ids[:CONCERNS])
        left = {each for each in found if each and await storage.affected.left(session, workspace, each, person)}
    drawn = await cards(kit, [found[each] for each in ids if each in found], now)
    return [
        views.hearing.Concern(card.cluster_id, f"{card.handle} {views.card.title(card)}", card.cluster_id in left)
        for card in drawn
    ]


async def after_fixes(kit: Kit, cluster_ids: Collection[int]) -> dict[int, tuple[int, int, int | None]]:
    """Of each of these clusters that was shipped: how many were asked whether it is gone, answered, and said so.

    With what was shipped and became a part of it since; without whoever says that it is none of theirs any more.
    """
    found: dict[int, tuple[int, int, int | None]] = {}
    async with kit.database.reading() as session:
        clusters = await storage.clusters.by_ids(session, kit.house.workspace_id, cluster_ids)
        for cluster_id, cluster in clusters.items():
            if cluster.status != "shipped" or cluster_id is None:
                continue
            left = await storage.affected.leavers(session, kit.house.workspace_id, cluster_id)
            fixes = await news.fixes(session, cluster)
            said = sorted(await storage.notices.answers(session, fixes), key=lambda each: each.made_at)
            asked = {person for _, person in await storage.notices.asked(session, fixes)} - left
            answers = {each.person: each.said for each in said if each.person not in left}
            found[cluster_id] = rules.hearing.answered(asked, answers)
    return found
