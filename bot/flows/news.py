"""The messages by which people hear what became of it: composed when they are sent, and drawn anew when answered."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass

import storage.affected
import storage.clusters
import storage.facts
import storage.notices
import storage.outbox
import storage.votes
from bot import rules, views
from bot.flows import triage
from bot.flows.card import cards, handle
from bot.flows.kit import Kit
from bot.flows.post import post_once, posted_before
from bot.slack import Posted, SlackRefused
from bot.views.blocks import keyed
from storage.database import Session
from storage.models import Cluster, Fact, Outbox, Report
from storage.notices import Notice

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Seen:
    """One notice with all that decides about it: `here`, what its cluster is a part of now; `run`, the facts by which
    that is what it is; `fixes`, those by which it is shipped; `own`, its person's latest report in it; `silenced`, what
    they do not want to hear of; `counted`, whether it is a problem of theirs."""

    notice: Notice
    fact: Fact
    here: Cluster
    parts: frozenset[int]
    run: tuple[Fact, ...]
    fixes: frozenset[int]
    own: Report | None
    silenced: frozenset[str]
    answer: str
    left: bool
    counted: bool

    @property
    def muted(self) -> bool:
        """Whether they want to hear no more of this problem; a mute goes along when it is merged."""
        return any(of_cluster(part) in self.silenced for part in self.parts)


def of_cluster(cluster_id: int) -> str:
    """What a mute of one cluster is called."""
    return f"F-{cluster_id}"


async def send(kit: Kit, row: Outbox, now: dt.datetime) -> None:
    """Tell one person what there is still reason to tell, in one message. Raises SlackRefused."""
    person, ids, key = row.payload["person"], row.payload["notices"], f"hear-{row.id}"
    try:
        channel = await kit.slack.direct_channel(person)
        posted = await posted_before(kit, row, channel, key)
        if posted is None:
            told = await _still_to_tell(kit, person, ids, now)
            if not told:
                return
            posted = await kit.slack.post(channel, keyed(views.hearing.message(await _news(kit, told, now)), key))
    except SlackRefused as refusal:
        if not refusal.unreachable:
            raise
        log.info("nobody there to hear", extra={"person": person, "code": refusal.code})
        await _end(kit, ids, "dropped", now)
        return
    await _end(kit, ids, "told", now, posted)


async def _end(kit: Kit, ids: Sequence[int], state: str, now: dt.datetime, posted: Posted | None = None) -> None:
    """Note what became of those that were being sent; what was dropped before stays so."""
    async with kit.database.transaction() as session:
        sending = [each.id or 0 for each in await _sending(session, kit, ids)]
        where = {"channel": posted.channel, "message_ts": posted.ts} if posted else {}
        await storage.notices.end(session, sending, state, now, **where)


async def _sending(session: Session, kit: Kit, ids: Sequence[int]) -> list[Notice]:
    found = await storage.notices.by_ids(session, kit.house.workspace_id, ids)
    return [each for each in found if each.state == "sending"]


async def _still_to_tell(kit: Kit, person: str, ids: Sequence[int], now: dt.datetime) -> list[_Seen]:
    """What to tell now. The rest is dropped; outside of decent hours all of it waits for the next."""
    hour = rules.hearing.allowed(now, (await kit.slack.person(person)).tz)
    async with kit.database.transaction() as session:
        notices = await _sending(session, kit, ids)
        if hour > now:
            # We were not running, or Slack did not answer, until it was too late for today.
            await storage.notices.put_off(session, [each.id or 0 for each in notices], hour, state="sending")
            return []
        seen = [await _look(session, kit, each) for each in notices]
        wanted = [each for each in seen if await _is_wanted(session, kit, each)]
        last = rules.hearing.latest([(each.notice.id or 0, each.here.id or 0, each.notice.kind) for each in wanted])
        told = [each for each in wanted if each.notice.id in last]
        dropped = {each.id or 0 for each in notices} - {each.notice.id for each in told}
        await storage.notices.end(session, dropped, "dropped", now)
    return told


async def _look(session: Session, kit: Kit, notice: Notice) -> _Seen:
    fact = await storage.facts.get(session, kit.house.workspace_id, notice.fact_id)
    cluster = await storage.clusters.get(session, kit.house.workspace_id, notice.cluster_id)
    assert fact is not None and cluster is not None
    here = await storage.clusters.whole(session, cluster)
    parts, run = await status_of(session, here)
    words = await storage.affected.latest_words(session, kit.house.workspace_id, [here.id or 0], notice.person)
    ids = await fixes(session, here)
    answers = await storage.notices.answers(session, ids or [notice.fact_id], notice.person)
    signals = await storage.votes.signals(session, kit.house.workspace_id, [here.id or 0])
    return _Seen(
        notice=notice,
        fact=fact,
        here=here,
        parts=parts,
        run=run,
        fixes=ids,
        own=words.get(here.id or 0),
        silenced=await storage.notices.muted(session, kit.house.workspace_id, notice.person),
        answer=max(answers, key=lambda each: each.made_at).said if answers else "",
        left=await storage.affected.left(session, kit.house.workspace_id, here.id or 0, notice.person),
        counted=any(signal.person == notice.person for signal in signals),
    )


async def status_of(session: Session, here: Cluster) -> tuple[frozenset[int], tuple[Fact, ...]]:
    """What was merged into a cluster, itself included; and the facts by which it has the status that it has."""
    parts = await storage.clusters.parts(session, here.id or 0)
    said = rules.facts.standing(await storage.facts.about(session, parts), here.id or 0)
    return frozenset(parts), tuple(rules.hearing.run(said.get("status", ())))


async def fixes(session: Session, here: Cluster) -> frozenset[int]:
    """The facts by which a cluster is shipped, and those by which what became a part of it since was."""
    parts, last = await status_of(session, here)
    merged = [(await _joined(session, part, here), part) for part in sorted(parts - {here.id or 0})]
    stated = [fact for fact in await storage.facts.about(session, parts) if fact.kind == "status"]
    return rules.hearing.fixes(last, [(at, [f for f in stated if f.cluster_id == part]) for at, part in merged])


async def _joined(session: Session, part: int, here: Cluster) -> dt.datetime:
    """When something became a part of a cluster: by itself, or with what it was a part of already."""
    at = here.created_at
    while part != here.id:
        merging = await storage.facts.merging(session, part)
        if merging is None or merging.other_id is None:
            break  # it had been split off, and that was undone: it counts as never having been apart
        at, part = max(at, merging.made_at), merging.other_id
    return at


async def _is_wanted(session: Session, kit: Kit, seen: _Seen) -> bool:
    notice = seen.notice
    others = seen.fixes - {seen.fact.id or 0}
    asked = any([notice.person in await storage.notices.hearers(session, each, "gone") for each in others])
    case = rules.hearing.Case(
        kind=notice.kind,
        fact=seen.fact,
        run=seen.run,
        fixes=seen.fixes,
        affected=seen.here.owner in ("", notice.person) if notice.kind == "back" else seen.counted,
        silenced=seen.silenced,
        heard=await storage.notices.last_heard(session, notice.person, seen.parts),
        asked=bool(seen.answer) or asked or (seen.own is not None and seen.own.said_at > seen.fact.made_at),
    )
    return not seen.muted and rules.hearing.is_to_be_told(case)


async def _news(kit: Kit, seen: Sequence[_Seen], now: dt.datetime) -> list[views.hearing.News]:
    drawn = await cards(kit, [each.here for each in seen], now)
    names = await triage.names(kit, {each.fact.made_by for each in seen if each.fact.made_by})
    async with kit.database.reading() as session:
        again = {
            each.cluster_id: each.since
            for each in await storage.affected.after_shipping(
                session, kit.house.workspace_id, now, [each.here.id or 0 for each in seen if each.notice.kind == "back"]
            )
        }
    return [
        views.hearing.News(
            kind=each.notice.kind,
            fact_id=each.fact.id or 0,
            cluster_id=each.here.id or 0,
            handle=handle(each.here.number),
            title="" if card.reports == 0 else views.card.title(card),
            status=each.fact.value,
            reason=each.fact.reason,
            link=each.fact.link,
            by=names.get(each.fact.made_by or "", "").replace(triage.SOMEBODY, ""),
            day=views.digest.day(each.fact.made_at),
            words=each.own.text if each.own and each.notice.kind != "back" else "",
            said_on=views.digest.day(each.own.said_at) if each.own else "",
            now=each.here.status,
            people=again.get(each.here.id or 0, 0),
            answer=each.answer,
            muted=each.muted,
            left=each.left,
            taken_back=each.own is None and not each.counted and not each.left,
        )
        for each, card in zip(seen, drawn, strict=True)
    ]


async def want_redrawn(session: Session, kit: Kit, cluster_id: int | None, now: dt.datetime) -> None:
    """Want what told anybody of a cluster drawn anew: words in it are others now, or nobody's to read.

    Not only for their author: to those who voted, and who look after it, the cluster is called by them.
    """
    if cluster_id is None:
        return
    parts = await storage.clusters.parts(session, cluster_id)
    for channel, ts in await storage.notices.messages_about(session, kit.house.workspace_id, parts):
        await again(session, kit, channel, ts, now)


async def again(session: Session, kit: Kit, channel: str, ts: str, now: dt.datetime) -> None:
    """Want one such message drawn anew."""
    where = {"channel": channel, "ts": ts}
    await storage.outbox.again(session, kit.house.workspace_id, "reheard", f"{channel}:{ts}", where, now)


async def redraw(kit: Kit, row: Outbox, now: dt.datetime) -> None:
    """Draw a message anew after something in it was answered, or is said otherwise. Raises SlackRefused."""
    at = Posted(row.payload["channel"], row.payload["ts"])
    async with kit.database.reading() as session:
        notices = await storage.notices.in_message(session, row.workspace_id, at.channel, at.ts)
        seen = [await _look(session, kit, each) for each in notices]
    # None is left when its person has deleted all of theirs.
    message = views.hearing.message(await _news(kit, seen, now)) if seen else views.hearing.deleted()
    await kit.slack.update(at, message)


async def thread(kit: Kit, row: Outbox, now: dt.datetime) -> None:
    """Say in a card's thread what its cluster became, unless it is so no more. Raises SlackRefused."""
    undone = bool(row.payload.get("undone"))
    async with kit.database.reading() as session:
        fact = await storage.facts.get(session, row.workspace_id, row.payload["fact"])
        assert fact is not None and fact.cluster_id is not None
        cluster = await storage.clusters.get(session, row.workspace_id, fact.cluster_id)
        assert cluster is not None
        here = await storage.clusters.whole(session, cluster)
        _, run = await status_of(session, here)
    before = fact.made_at - rules.hearing.WINDOW
    known = any(each.made_at <= before for each in run[:-1])
    is_so = fact.undone_at is None and bool(run) and run[-1].id == fact.id and not known
    if not here.card_ts or (not is_so and not undone):
        return
    called, by = handle(here.number), (await triage.name(kit, fact.made_by)).replace(triage.SOMEBODY, "")
    message = (
        views.hearing.undone(called, fact.value, here.status)
        if undone
        else views.hearing.line(called, fact.value, fact.reason, fact.link, by)
    )
    try:
        await post_once(kit, row, here.card_channel, message, block_id=f"thread-{row.id}", thread=here.card_ts)
    except SlackRefused as refusal:
        if refusal.code not in ("thread_not_found", "message_not_found"):
            raise
        log.info("no card to say it under", extra={"fact": fact.id, "code": refusal.code})
