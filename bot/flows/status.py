"""A cluster gets a status from somebody who looks after it, with a reason that people will read."""

from __future__ import annotations

import datetime as dt

from bot import rules, views
from bot.flows import decide, triage
from bot.flows.kit import Kit
from bot.flows.triage import Done, Refused, called
from storage.database import Session
from storage.models import Cluster, Fact


async def set_status(
    kit: Kit,
    cluster_id: int,
    status: str,
    reason: str,
    link: str,
    person: str,
    now: dt.datetime,
    *,
    was: str,
) -> Done:
    """Who looks after a cluster says what becomes of it. Raises Refused, Changed.

    `reason` and `link`: what people read with it, both may be empty; `was`: the status they saw when they began.
    """
    if status not in rules.status.ALL:
        raise Refused("There is no such status.")
    masked, _ = rules.secrets.mask(" ".join(rules.text.clean(reason).split()))
    if len(masked) > rules.status.REASON:
        raise Refused(f"At most {rules.status.REASON} characters, please.")
    try:
        address = rules.status.link(link)
    except ValueError as error:
        raise Refused(str(error)) from error
    wanted = triage.new_fact(kit, "status", person, now, value=status, reason=masked, link=address)
    here, fact, before = await decide.state(kit, cluster_id, wanted, now, was=was, follow=after_setting)
    news = f"{called(here)} is {views.status.called(status)} now."
    if before is not None and fact is wanted and before.value == status and before.made_by != person:
        who, said = await triage.name(kit, before.made_by), views.words.cut(before.reason, 80)
        news += f" {who} had said why, {views.digest.day(before.made_at)}: “{said}”" if said else ""
    return Done(news, fact.id if fact else None, here.id or 0)


async def after_setting(session: Session, kit: Kit, here: Cluster, fact: Fact, now: dt.datetime) -> None:
    """All that follows from a new status, in the transaction that gives it. `fact`: the one that does."""
    await triage.settle(session, kit, here, now)


async def after_undoing(session: Session, kit: Kit, here: Cluster, fact: Fact, now: dt.datetime) -> None:
    """All that follows when a status is taken back, in the transaction that does. `fact`: the one that had given it."""
    await triage.settle(session, kit, here, now)
