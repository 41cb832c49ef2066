"""A cluster gets a status from somebody who looks after it, with a reason that people will read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import storage.clusters
import storage.facts
from bot import rules, views
from bot.flows import decide, hearing, triage
from bot.flows.kit import Kit
from bot.flows.triage import Done, Refused, called
from storage.database import Session
from storage.models import Cluster, Fact


class Unfit(Refused):
    """What cannot be said with a status; `field` of the form is where."""

    def __init__(self, field: str, message: str) -> None:
        """`message`: what is wrong, for people."""
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Preview:
    """What a status will be stored with, and what people will read. `who`: how many of them, in a sentence."""

    reason: str
    link: str
    told: str
    who: str


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
    masked, address = fit(status, reason, link)
    wanted = triage.new_fact(kit, "status", person, now, value=status, reason=masked, link=address)
    here, fact, before = await decide.state(kit, cluster_id, wanted, now, was=was, follow=after_setting)
    news = f"{called(here)} is {views.status.called(status)} now."
    if before is not None and fact is wanted and before.value == status and before.made_by != person:
        who, said = await triage.name(kit, before.made_by), views.words.cut(before.reason, 80)
        news += f" {who} had said why, {views.digest.day(before.made_at)}: “{said}”" if said else ""
    if secrets := rules.secrets.count(masked):
        news += f" {views.report.rotate(secrets)}"
    return Done(news, fact.id if fact else None, here.id or 0)


def fit(status: str, reason: str, link: str) -> tuple[str, str]:
    """A reason without secrets, and an address that can be opened. Raises Unfit."""
    if status not in rules.status.ALL:
        raise Unfit("status", "There is no such status.")
    masked, _ = rules.secrets.mask(" ".join(rules.text.clean(reason).split()))
    if len(masked) > rules.status.REASON:
        raise Unfit("reason", f"At most {rules.status.REASON} characters, please.")
    try:
        return masked, rules.status.link(link)
    except ValueError as error:
        raise Unfit("link", str(error)) from error


async def preview(kit: Kit, cluster_id: int, status: str, reason: str, link: str, person: str) -> Preview:
    """What people will read of a status before it is set, and how many of them. Raises Refused, Unfit."""
    await triage.require(kit, person, cluster_id)
    masked, address = fit(status, reason, link)
    if status in rules.status.TOLD and not masked:
        raise Unfit("reason", "People will be told: a sentence why, please.")
    async with kit.database.reading() as session:
        here = await triage.cluster(session, kit, cluster_id)
        count = await hearing.count(session, kit, here, status, person)
    told = views.status.told(called(here), status, masked, await triage.name(kit, person))
    return Preview(masked, address, told, views.status.heard(count))


async def said(kit: Kit, cluster_id: int) -> tuple[str, str]:
    """The reason and the ticket of the status that a cluster has; both may be empty. Raises Refused."""
    fact = await _given(kit, cluster_id)
    return (fact.reason, fact.link) if fact else ("", "")


async def told(kit: Kit, cluster_id: int) -> tuple[str, str]:
    """What people were told of a cluster last, and the ticket; empty while nobody gave it a status. Raises Refused."""
    fact = await _given(kit, cluster_id)
    if fact is None:
        return "", ""
    async with kit.database.reading() as session:
        here = await triage.cluster(session, kit, cluster_id)
    return views.status.told(called(here), fact.value, fact.reason, await triage.name(kit, fact.made_by)), fact.link


async def _given(kit: Kit, cluster_id: int) -> Fact | None:
    """What gave a cluster its status."""
    async with kit.database.reading() as session:
        here = await triage.cluster(session, kit, cluster_id)
        facts = await storage.facts.about(session, await storage.clusters.parts(session, here.id or 0))
    stated = rules.facts.standing(facts, here.id or 0).get("status")
    return stated[-1] if stated else None


async def after_setting(session: Session, kit: Kit, here: Cluster, fact: Fact, now: dt.datetime) -> None:
    """All that follows from a new status, in the transaction that gives it. `fact`: the one that does."""
    await triage.settle(session, kit, here, now)
    await hearing.follow(session, kit, here, fact, now)


async def after_undoing(session: Session, kit: Kit, here: Cluster, fact: Fact, now: dt.datetime) -> None:
    """All that follows when a status is taken back, in the transaction that does. `fact`: the one that had given it."""
    await triage.settle(session, kit, here, now)
    await hearing.taken_back(session, kit, here, fact, now)
