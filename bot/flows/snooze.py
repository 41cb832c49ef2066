"""A cluster rests: digests leave it out for a while, or until it has grown."""

from __future__ import annotations

import datetime as dt

from bot import rules, views
from bot.flows import decide, standing, triage
from bot.flows.kit import Kit
from bot.flows.triage import Done, Refused, called

#: What may be chosen instead of a number of weeks.
DOUBLES, WAKE = "doubles", "wake"


async def snooze(kit: Kit, cluster_id: int, how_long: str, person: str, now: dt.datetime, *, was: str) -> Done:
    """Who looks after a cluster lets it rest, or wakes it. Raises Refused, Changed.

    `how_long`: weeks, one of rules.snooze.WEEKS, or DOUBLES, or WAKE; `was`: what they saw when they began, as the fact
    has it.
    """
    await triage.require(kit, person, cluster_id)
    if how_long == WAKE:
        value = rules.snooze.AWAKE
    elif how_long == DOUBLES:
        value = rules.snooze.doubled(await developers(kit, cluster_id, now))
    elif how_long in map(str, rules.snooze.WEEKS):
        value = rules.snooze.until(int(how_long), now)
    else:
        raise Refused("It cannot rest as long as that.")
    wanted = triage.new_fact(kit, "snooze", person, now, value=value)
    here, fact, _ = await decide.state(kit, cluster_id, wanted, now, was=was)
    return Done(told(called(here), value), fact.id if fact else None, here.id or 0)


async def choices(kit: Kit, cluster_id: int, now: dt.datetime) -> list[tuple[str, str]]:
    """How long it may rest, each with what it is called. Raises Refused."""
    count = await developers(kit, cluster_id, now)
    async with kit.database.reading() as session:
        here = await triage.cluster(session, kit, cluster_id)
    weeks = [(str(each), f"{views.figures.times(each).capitalize()} weeks") for each in rules.snooze.WEEKS]
    doubled = rules.snooze.read(rules.snooze.doubled(count))[1]
    grown = (DOUBLES, f"Until {doubled} developers have it; {count} have now")
    return [*weeks, grown, *([(WAKE, "Not any more")] if here.snoozed_at else [])]


async def developers(kit: Kit, cluster_id: int, now: dt.datetime) -> int:
    """How many developers have it now. Raises Refused."""
    async with kit.database.reading() as session:
        here = await triage.cluster(session, kit, cluster_id)
    found = (await standing.of(kit, [here.id or 0], now, now)).get(here.id or 0)
    return found.developers if found else 0


def told(handle: str, value: str) -> str:
    """`F-12 rests until 8 December.`"""
    until, below = rules.snooze.read(value)
    if until is None and not below:
        return f"{handle} is awake: digests have it."
    return f"{handle} rests {views.snooze.rest(until, below)}: digests leave it out."
