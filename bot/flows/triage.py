"""What all decisions about clusters have in common: who may, what contradicts them, and what follows from them."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from dataclasses import dataclass

import storage.clusters
import storage.facts
import storage.reports
import storage.subscriptions
from bot import rules
from bot.flows.card import handle, want_card
from bot.flows.kit import Kit
from bot.flows.people import SOMEBODY as SOMEBODY
from bot.flows.people import name as name
from bot.flows.people import names as names
from storage.database import Session
from storage.models import Cluster, Fact, Report

log = logging.getLogger(__name__)


class Refused(Exception):
    """It is not theirs to change, or cannot be changed as things stand; the message says so."""


class Contradicted(Exception):
    """Standing facts say otherwise. Nothing was done: whoever wanted it is shown them, and chooses."""

    def __init__(self, fact_ids: Iterable[int]) -> None:
        """`fact_ids`: the facts, latest first."""
        super().__init__("facts say otherwise")
        self.fact_ids = tuple(fact_ids)


class Depends(Exception):
    """A later decision builds on what is to be undone. Nothing was done."""

    def __init__(self, fact_id: int) -> None:
        """`fact_id`: the later decision."""
        super().__init__("a later decision builds on it")
        self.fact_id = fact_id


@dataclass(frozen=True, slots=True)
class Done:
    """What was decided: in words for who did it, what would undo it, and the cluster to look at now."""

    news: str
    fact_id: int | None
    cluster_id: int


async def cluster(session: Session, kit: Kit, cluster_id: int) -> Cluster:
    """The cluster with this id as it is now: what it was merged into, if it was. Raises Refused."""
    found = await storage.clusters.get(session, kit.house.workspace_id, cluster_id)
    if found is None:
        raise Refused("There is no such cluster any more.")
    return await storage.clusters.whole(session, found)


async def may(session: Session, kit: Kit, person: str, clusters: Iterable[Cluster]) -> bool:
    """Whether somebody may decide about one of these clusters.

    One of them is enough: what belongs together is often filed under two areas, and both sides see who did it.
    """
    subscribed = await storage.subscriptions.areas(session, kit.house.workspace_id)
    return any(
        person == each.owner or rules.facts.may_triage(person, each.area, kit.house.admins, subscribed)
        for each in clusters
    )


async def require(kit: Kit, person: str, *cluster_ids: int) -> None:
    """Make sure that somebody may decide about these clusters. Raises Refused, naming whom to ask."""
    async with kit.database.reading() as session:
        clusters = [await cluster(session, kit, cluster_id) for cluster_id in cluster_ids]
        if await may(session, kit, person, clusters):
            return
        subscribed = await storage.subscriptions.areas(session, kit.house.workspace_id)
    area = clusters[0].area
    owners = [each.owner for each in clusters if each.owner]
    those = list(dict.fromkeys([*owners, *rules.facts.triagers(area, kit.house.admins, subscribed)]))
    what = "what is unsorted" if area == rules.areas.UNSORTED else area
    if not those:
        raise Refused(f"Only somebody who looks after {what} can change that, and nobody does yet.")
    called = list((await names(kit, those[:3])).values())
    listed = " or ".join(filter(None, [", ".join(called[:-1]), called[-1]]))
    verb = "looks" if len(called) == 1 else "look"
    raise Refused(f"Only who looks after {what} can change that. Ask {listed}, who {verb} after it.")


async def settle(session: Session, kit: Kit, changed: Cluster, now: dt.datetime) -> None:
    """What follows for a cluster from its facts and its reports; its card is drawn anew."""
    await session.flush()
    assert changed.id is not None
    facts = await storage.facts.about(session, await storage.clusters.parts(session, changed.id))
    apply(changed, facts, await storage.reports.areas_in(session, changed.id))
    session.add(changed)
    await session.flush()
    await want_card(session, kit, changed.id, now)


def apply(changed: Cluster, facts: Iterable[Fact], areas: Iterable[tuple[str, str, int, int]]) -> None:
    """Let a cluster be what people said of it and of its parts, and what `areas`, its reports', make it."""
    said = rules.facts.standing(facts, changed.id or 0)
    last = {kind: stated[-1] for kind, stated in said.items()}
    changed.title = last["title"].value if "title" in last else ""
    changed.area_by = "triage" if "area" in last else "reports"
    changed.area = last["area"].value if "area" in last else rules.areas.of_cluster(areas)
    changed.status = last["status"].value if "status" in last else rules.status.NEW
    changed.status_at = rules.status.since(said.get("status", ()))
    changed.owner = last["owner"].value if "owner" in last else ""
    resting = "snooze" in last and last["snooze"].value != rules.snooze.AWAKE
    changed.snoozed_at = last["snooze"].made_at if resting else None
    changed.snoozed_until, changed.snoozed_below = rules.snooze.read(last["snooze"].value) if resting else (None, 0)


async def uphold(session: Session, kit: Kit, *clusters: Cluster) -> None:
    """Make sure that no fact is broken. Raises Contradicted, and with that everything is as it was before."""
    await session.flush()
    for each in clusters:
        parts = await storage.clusters.parts(session, each.id or 0)
        apart = await storage.facts.told_apart(session, kit.house.workspace_id, parts)
        same = await storage.facts.told_same(session, kit.house.workspace_id, parts)
        broken = {pair.fact_id for pair in apart if pair.one in parts and pair.other in parts}
        broken |= {pair.fact_id for pair in same if (pair.one in parts) != (pair.other in parts)}
        if broken:
            raise Contradicted(sorted(broken, reverse=True))


def theirs(report: Report | None, person: str) -> Report:
    """The report, if it is this person's and not taken back. Raises Refused."""
    if report is None or report.cluster_id is None:
        raise Refused("That report was taken back.")
    if report.reporter != person:
        raise Refused("Only the person who reported it can change that.")
    return report


def new_fact(
    kit: Kit,
    kind: str,
    person: str | None,
    now: dt.datetime,
    *,
    cluster_id: int | None = None,
    other_id: int | None = None,
    report_id: int | None = None,
    value: str = "",
    reason: str = "",
    link: str = "",
) -> Fact:
    """A fact as somebody states it now."""
    return Fact(
        workspace_id=kit.house.workspace_id,
        kind=kind,
        cluster_id=cluster_id,
        other_id=other_id,
        report_id=report_id,
        value=value,
        reason=reason,
        link=link,
        made_by=person,
        made_at=now,
    )


def noted(kit: Kit, fact: Fact | None) -> None:
    """What is to be done once a decision is committed, if one was made: it is logged, and the outbox has work."""
    if fact is not None:
        ids = {"fact": fact.id, "report": fact.report_id, "cluster": fact.cluster_id, "other": fact.other_id}
        about = {name: id_ for name, id_ in ids.items() if id_ is not None}
        log.info("decided", extra={"kind": fact.kind, "person": fact.made_by, **about})
    kit.wake.set()


def called(cluster: Cluster) -> str:
    """`F-12`."""
    return handle(cluster.number)
