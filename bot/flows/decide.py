"""Something is said of a cluster that holds until somebody says otherwise: its name, area, status, owner or rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable

import storage.clusters
import storage.facts
import storage.workspaces
from bot import rules, views
from bot.flows import history, triage
from bot.flows.kit import Kit
from storage.database import Session
from storage.models import Cluster, Fact

#: What a cluster is, of each kind, while nobody has said anything. Its area always follows from something.
UNSAID = {"title": "", "status": rules.status.NEW, "owner": "", "snooze": rules.snooze.AWAKE, "workaround": ""}

#: What follows from a decision about a cluster, in the transaction that it is made in.
Follow = Callable[[Session, Kit, Cluster, Fact, dt.datetime], Awaitable[None]]


class Changed(Exception):
    """Somebody else was quicker, while the form was open; the message says who, and what."""


async def settled(session: Session, kit: Kit, here: Cluster, fact: Fact, now: dt.datetime) -> None:
    """What follows from any decision: the cluster is as the facts say, and its card is drawn anew."""
    await triage.settle(session, kit, here, now)


async def state(
    kit: Kit, cluster_id: int, fact: Fact, now: dt.datetime, *, was: str, follow: Follow = settled
) -> tuple[Cluster, Fact | None, Fact | None]:
    """State a fact about a cluster, unless it is so already; then the fact is the one that says so.

    Gives back the cluster, that fact, and what stood before it. `was`: what whoever decides saw when they began;
    `follow`: what follows from it. Raises Refused, Changed.
    """
    person = fact.made_by or ""
    await triage.require(kit, person, cluster_id)
    async with kit.database.transaction() as session:
        await storage.workspaces.lock(session, kit.house.workspace_id)
        here = await triage.cluster(session, kit, cluster_id)
        before = await storage.facts.latest(session, {here.id or 0}, fact.kind)
        current = await _current(session, here, fact.kind)
        quicker = _quicker(before, current, fact, was)
        if quicker is None and not _is_so(before, current, fact):
            fact.cluster_id = here.id
            stated: Fact | None = await storage.facts.state(session, fact)
            await follow(session, kit, here, fact, now)
        else:
            stated = before
    triage.noted(kit, fact if stated is fact else None)
    if quicker is not None:
        who = await triage.name(kit, quicker.made_by)
        named = await triage.names(kit, [quicker.value]) if quicker.kind == "owner" and quicker.value else {}
        did = views.history.did(history.kind(quicker), history.worded(quicker, named))
        raise Changed(
            f"{who} has {did} meanwhile, {views.digest.day(quicker.made_at)}. Save again to decide otherwise."
        )
    return here, stated, before


async def _current(session: Session, here: Cluster, kind: str) -> str:
    """What holds of a cluster now, whoever or whatever says so."""
    if kind == "area":
        return here.area
    facts = await storage.facts.about(session, await storage.clusters.parts(session, here.id or 0))
    said = rules.facts.standing(facts, here.id or 0).get(kind)
    return said[-1].value if said else UNSAID[kind]


def _quicker(before: Fact | None, current: str, wanted: Fact, was: str) -> Fact | None:
    """What somebody else decided since whoever decides now looked; not when it says the same."""
    if before is None or before.made_by == wanted.made_by or current == was:
        return None
    return before if _words(before) != _words(wanted) else None


def _is_so(before: Fact | None, current: str, wanted: Fact) -> bool:
    if current != wanted.value:
        return False
    return _words(before) == _words(wanted) if before else wanted.value == UNSAID.get(wanted.kind)


def _words(fact: Fact) -> tuple[str, str, str]:
    return fact.value, fact.reason, fact.link
