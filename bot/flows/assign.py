"""Somebody sees to a cluster: they take it, or are given it, by who looks after it."""

from __future__ import annotations

import datetime as dt

from bot.flows import decide, triage
from bot.flows.kit import Kit
from bot.flows.triage import Done, Refused, called
from bot.slack import SlackRefused


async def assign(kit: Kit, cluster_id: int, owner: str, person: str, now: dt.datetime, *, was: str) -> Done:
    """Who looks after a cluster says who sees to it; with nobody, nobody does. Raises Refused, Changed.

    `owner` and `was`, the owner they saw when they began, are people's ids.
    """
    await triage.require(kit, person, cluster_id)
    if owner:
        await _can_own(kit, owner)
    wanted = triage.new_fact(kit, "owner", person, now, value=owner)
    here, fact, _ = await decide.state(kit, cluster_id, wanted, now, was=was)
    who = "You see" if owner == person else f"{await triage.name(kit, owner)} sees" if owner else "Nobody sees"
    return Done(f"{who} to {called(here)} now.", fact.id if fact else None, here.id or 0)


async def _can_own(kit: Kit, person: str) -> None:
    """Only who belongs to the workspace, and is there, can see to anything. Raises Refused."""
    kit.slack.forget(person)
    try:
        found = await kit.slack.person(person)
    except SlackRefused as refusal:
        if refusal.permanent:
            raise Refused("Slack does not know who that is.") from refusal
        raise Refused("Slack does not tell me just now who that is. Please try again.") from refusal
    if found.gone:
        raise Refused(f"{found.name} is not in this workspace any more.")
    if not found.member:
        raise Refused(f"{found.name} is a guest or an app. Only a member can see to it.")
