"""Who is to hear of a decision is written down with it; when their hour comes, each is told all there is, once."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable

import storage.notices
import storage.outbox
import storage.votes
from bot import rules
from bot.flows import news
from bot.flows.kit import Kit
from bot.slack import SlackRefused
from storage.database import Session
from storage.models import Cluster, Fact
from storage.notices import Notice

log = logging.getLogger(__name__)


async def follow(session: Session, kit: Kit, here: Cluster, fact: Fact, now: dt.datetime) -> None:
    """Let those hear of a new status whom it hits, but for who set it; and who reads the card, in its thread.

    In the transaction that sets it. Whoever comes later reads it on the card, and is not asked whether it is gone: who
    reports what was shipped has just said that it is not, and counts among those who have it since.
    """
    if fact.value not in rules.status.TOLD:
        return
    await session.flush()
    people = await _others(session, kit, here, fact.made_by)
    rested = now + rules.hearing.WINDOW
    notices = _notices(kit, here, fact, "status", people, now, rested)
    if fact.value == "shipped":
        notices += _notices(kit, here, fact, "gone", people, now, now + kit.house.gone_after)
    await storage.notices.add(session, notices)
    await storage.outbox.once(session, kit.house.workspace_id, "thread", str(fact.id), {"fact": fact.id}, rested)


async def count(session: Session, kit: Kit, here: Cluster, became: str, person: str) -> int:
    """How many would be told, did this person set that status now: as `follow` writes down, and `news` sends.

    Who muted it is not, nor who was told the same before. Of whom Slack does not know any more we hear when we write.
    """
    if became not in rules.status.TOLD:
        return 0
    parts, run = await news.status_of(session, here)
    people = await _others(session, kit, here, person)
    people -= await storage.notices.deaf_to(
        session, kit.house.workspace_id, [became, *(news.of_cluster(part) for part in parts)]
    )
    known = {fact.id for fact in run if fact.value == became}
    heard = await storage.notices.heard_last(session, parts)
    return sum(heard.get(each) not in known for each in people)


async def _others(session: Session, kit: Kit, here: Cluster, person: str | None) -> set[str]:
    """Whom a cluster hits, but for who decides about it."""
    signals = await storage.votes.signals(session, kit.house.workspace_id, [here.id or 0])
    return {signal.person for signal in signals if signal.person} - {person or "", kit.house.bot_user_id}


async def taken_back(session: Session, kit: Kit, here: Cluster, fact: Fact, now: dt.datetime) -> None:
    """Let those who heard of a status hear that it was taken back; who had not heard yet hears of neither."""
    people = set(await storage.notices.hearers(session, fact.id or 0, "status")) - {fact.undone_by}
    rested = now + rules.hearing.WINDOW
    await storage.notices.add(session, _notices(kit, here, fact, "undone", people, now, rested))
    key = str(fact.id)
    if people or await storage.outbox.waiting(session, kit.house.workspace_id, "thread", key) is None:
        told = {"fact": fact.id, "undone": True}
        await storage.outbox.once(session, kit.house.workspace_id, "thread", f"{key}:undone", told, rested)


async def tell_of_return(session: Session, kit: Kit, here: Cluster, fact: Fact, now: dt.datetime) -> bool:
    """Let who sees to a problem that is back, or else who shipped it, hear so. False: there is nobody new to tell.

    Of one shipping, each owner hears once; whoever shipped it only if it was never anybody else's to hear.
    """
    person = here.owner
    if not person and not await storage.notices.is_made(session, fact.id or 0, "back"):
        person = fact.made_by or ""
    return bool(await storage.notices.add(session, _notices(kit, here, fact, "back", [person], now, now)))


def _notices(
    kit: Kit,
    here: Cluster,
    fact: Fact,
    kind: str,
    people: Iterable[str | None],
    now: dt.datetime,
    due_at: dt.datetime,
) -> list[Notice]:
    return [
        Notice(
            workspace_id=kit.house.workspace_id,
            fact_id=fact.id or 0,
            cluster_id=here.id or 0,
            person=person,
            kind=kind,
            made_at=now,
            due_at=due_at,
        )
        for person in sorted(filter(None, people))
    ]


async def open_due(kit: Kit, now: dt.datetime) -> int:
    """Begin a message to everybody whose hour has come. Gives back how many were begun here."""
    begun = 0
    async with kit.database.reading() as session:
        people = await storage.notices.due(session, kit.house.workspace_id, now)
    for person in people:
        try:
            begun += await _open(kit, person, now, rules.schedule.turn(begun))
        except SlackRefused as refusal:
            # Where they are is not known, and so neither is their hour. The next minute asks again.
            log.warning("hearing put off", extra={"person": person, "code": refusal.code})
        except Exception:
            # Whatever is wrong with one, the others are to hear too.
            log.exception("hearing not begun", extra={"person": person})
    if begun:
        kit.wake.set()
    return begun


async def _open(kit: Kit, person: str, now: dt.datetime, turn: dt.timedelta) -> bool:
    """Begin the message to one person, if it is their hour. False: it is not, or another process was quicker."""
    try:
        tz = (await kit.slack.person(person)).tz
    except SlackRefused as refusal:
        if not refusal.unreachable:
            raise
        tz = "UTC"  # they are not there any more; whoever sends it is told so, and drops it
    async with kit.database.transaction() as session:
        waiting = await storage.notices.waiting(session, kit.house.workspace_id, person)
        due = [each.id for each in waiting if each.due_at <= now and each.id is not None]
        if not due:
            return False
        hour = rules.hearing.turn([each.due_at for each in waiting], now, tz)
        if hour > now + rules.hearing.WINDOW:
            await storage.notices.put_off(session, due, hour)
        if hour > now:
            return False
        taken = await storage.notices.take(session, due[: rules.hearing.TOGETHER])
        if taken:
            told = {"person": person, "notices": taken}
            key = f"{taken[0]}:{now.isoformat()}"
            await storage.outbox.once(session, kit.house.workspace_id, "hear", key, told, now + turn)
    return bool(taken)
