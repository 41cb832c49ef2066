"""What was decided about a cluster is told to who reads it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import storage.clusters
import storage.facts
from bot import rules, views
from bot.flows import triage
from bot.flows.card import handle
from bot.flows.kit import Kit
from storage.models import Cluster, Fact

#: Decisions that one cluster is shown with.
TOLD = 5


async def of(kit: Kit, cluster: Cluster, reader: str) -> list[str]:
    """The last decisions about a cluster and what was merged into it, latest first. `reader`: who is “you”."""
    async with kit.database.reading() as session:
        parts = await storage.clusters.parts(session, cluster.id or 0)
        facts = await storage.facts.history(session, cluster.workspace_id, parts, TOLD)
    return await _sentences(kit, facts, reader, handle(cluster.number))


async def told(kit: Kit, fact_ids: Collection[int], reader: str) -> list[str]:
    """These decisions as sentences, latest first."""
    async with kit.database.reading() as session:
        facts = await storage.facts.by_ids(session, kit.house.workspace_id, fact_ids)
    return await _sentences(kit, facts, reader, "")


def kind(fact: Fact) -> str:
    """What kind of decision a fact is, as people tell it: to give something to oneself is to take it."""
    return "taken" if fact.kind == "owner" and fact.value and fact.value == fact.made_by else fact.kind


def worded(fact: Fact, named: Mapping[str, str]) -> str:
    """What a fact says, for people to read. `named`: how owners are called."""
    match fact.kind:
        case "owner" if fact.value:
            return named.get(fact.value, triage.SOMEBODY)
        case "snooze" if fact.value:
            return views.snooze.rest(*rules.snooze.read(fact.value))
    return fact.value


async def _sentences(kit: Kit, facts: Sequence[Fact], reader: str, here: str) -> list[str]:
    people = {person for fact in facts for person in (fact.made_by, fact.undone_by) if person}
    owners = {fact.value for fact in facts if fact.kind == "owner" and fact.value}
    called = {None: triage.SOMEBODY} | await triage.names(kit, people | owners)
    named = {owner: called[owner] for owner in owners}
    if reader in called:
        called[reader] = "You"
    async with kit.database.reading() as session:
        ids = {each for fact in facts for each in (fact.cluster_id, fact.other_id) if each is not None}
        clusters = await storage.clusters.by_ids(session, kit.house.workspace_id, ids)
        moved = {fact.id: len(await storage.facts.moves(session, fact.id or 0)) for fact in facts}
    handles = {None: ""} | {cluster_id: handle(cluster.number) for cluster_id, cluster in clusters.items()}
    return [
        views.history.sentence(
            views.history.Decision(
                kind=kind(fact),
                who=called.get(fact.made_by, triage.SOMEBODY),
                at=fact.made_at,
                cluster=handles.get(fact.cluster_id, ""),
                other=handles.get(fact.other_id, ""),
                value=worded(fact, named),
                reason=fact.reason,
                link=fact.link,
                reports=moved[fact.id],
                ended=(
                    called.get(fact.undone_by, triage.SOMEBODY),
                    "undid that" if fact.overruled_by is None else "decided otherwise",
                    fact.undone_at,
                )
                if fact.undone_at
                else None,
            ),
            here,
        )
        for fact in facts
    ]
