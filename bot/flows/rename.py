"""A cluster gets a name, or an area, from somebody who looks after it; then it is theirs."""

from __future__ import annotations

import datetime as dt

from bot import rules, views
from bot.flows import decide, triage
from bot.flows.kit import Kit
from bot.flows.triage import Done, Refused, called

#: Characters of a title that people may write; what is longer is no title.
TITLE = 120


async def rename(kit: Kit, cluster_id: int, title: str, person: str, now: dt.datetime, *, was: str) -> Done:
    """Who looks after a cluster names it; with nothing, its reports do so again. Raises Refused, Changed.

    `was`: the name they saw when they began.
    """
    masked, secrets = rules.secrets.mask(" ".join(rules.text.clean(title).split()))
    if len(masked) > TITLE:
        raise Refused(f"At most {TITLE} characters, please.")
    wanted = triage.new_fact(kit, "title", person, now, value=masked)
    here, fact, _ = await decide.state(kit, cluster_id, wanted, now, was=was)
    news = f"{called(here)} is called “{masked}” now." if masked else f"{called(here)} is called by its reports again."
    news += f" {views.report.rotate(secrets)}" if secrets else ""
    return Done(news, fact.id if fact else None, here.id or 0)


async def retag(kit: Kit, cluster_id: int, area: str, person: str, now: dt.datetime, *, was: str) -> Done:
    """Who looks after a cluster says which area it belongs to. Raises Refused, Changed."""
    if area not in (*kit.house.areas, rules.areas.UNSORTED):
        raise Refused("There is no such area any more.")
    wanted = triage.new_fact(kit, "area", person, now, value=area)
    here, fact, _ = await decide.state(kit, cluster_id, wanted, now, was=was)
    return Done(f"{called(here)} belongs to {area} now.", fact.id if fact else None, here.id or 0)
