"""A cluster gets a name, or an area, from somebody who looks after it; then it is theirs."""

from __future__ import annotations

import datetime as dt

import storage.facts
import storage.workspaces
from bot import rules, views
from bot.flows import triage
from bot.flows.kit import Kit
from bot.flows.triage import Done, Refused, called
from storage.models import Cluster, Fact

#: Characters of a title that people may write; what is longer is no title.
TITLE = 120


class Changed(Exception):
    """Somebody else was quicker, while the form was open; the message says who, and what."""


async def rename(kit: Kit, cluster_id: int, title: str, person: str, now: dt.datetime, *, was: str) -> Done:
    """Who looks after a cluster names it; with nothing, its reports do so again. Raises Refused, Changed.

    `was`: the name they saw when they began.
    """
    masked, secrets = rules.secrets.mask(" ".join(rules.text.clean(title).split()))
    if len(masked) > TITLE:
        raise Refused(f"At most {TITLE} characters, please.")
    here, fact = await _state(kit, cluster_id, "title", masked, person, now, was)
    news = f"{called(here)} is called “{masked}” now." if masked else f"{called(here)} is called by its reports again."
    news += f" {views.report.rotate(secrets)}" if secrets else ""
    return Done(news, fact.id if fact else None, here.id or 0)


async def retag(kit: Kit, cluster_id: int, area: str, person: str, now: dt.datetime, *, was: str) -> Done:
    """Who looks after a cluster says which area it belongs to. Raises Refused, Changed."""
    if area not in (*kit.house.areas, rules.areas.UNSORTED):
        raise Refused("There is no such area any more.")
    here, fact = await _state(kit, cluster_id, "area", area, person, now, was)
    return Done(f"{called(here)} belongs to {area} now.", fact.id if fact else None, here.id or 0)


async def _state(
    kit: Kit, cluster_id: int, kind: str, value: str, person: str, now: dt.datetime, was: str
) -> tuple[Cluster, Fact | None]:
    """State a fact of this kind, unless it is so already; then the fact is the one that says so."""
    await triage.require(kit, person, cluster_id)
    async with kit.database.transaction() as session:
        await storage.workspaces.lock(session, kit.house.workspace_id)
        here = await triage.cluster(session, kit, cluster_id)
        fact = await storage.facts.latest(session, {here.id or 0}, kind)
        current = here.title if kind == "title" else here.area
        quicker = fact if fact and current not in (was, value) and fact.made_by != person else None
        if quicker is None and not (current == value and (fact or kind == "title")):
            fact = triage.new_fact(kit, kind, person, now, cluster_id=here.id, value=value)
            fact = await storage.facts.state(session, fact)
            await triage.settle(session, kit, here, now)
    kit.wake.set()
    if quicker is not None:
        did = f"named it “{current}”" if kind == "title" else f"moved it to {current}"
        who = await triage.name(kit, quicker.made_by)
        raise Changed(
            f"{who} has {did} meanwhile, {views.digest.day(quicker.made_at)}. Save again to decide otherwise."
        )
    return here, fact
