"""What one digest says: how things stand for its reader, and what changed since they last received one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import storage.clusters
import storage.facts
import storage.subscriptions
from bot import rules, views
from bot.flows import closed as closing
from bot.flows import cluster as clusters
from bot.flows import questions, why
from bot.flows import verdict as verdicts
from bot.flows.card import handle
from bot.flows.kit import Kit
from bot.flows.moment import Moment
from storage.database import Session
from storage.models import Digest, Subscription

#: Weeks in the picture.
WEEKS = 12


@dataclass(frozen=True, slots=True)
class Composed:
    """A digest of the time from `since` to `until`, and what is kept of it. `last`: the one received before it.

    `drawn`: whether Slack may draw its chart.
    """

    view: views.digest.Digest
    shown: rules.digest.Shown
    ranked: Sequence[rules.impact.Standing]
    last: Digest | None
    since: dt.datetime
    until: dt.datetime
    drawn: bool


async def since(session: Session, subscription: Subscription, at: dt.datetime) -> dt.datetime:
    """From when a digest tells: since its reader last received one. The first tells of a period, or since they
    subscribed when that is longer ago: it may have been paused.
    """
    last = await storage.subscriptions.received(session, subscription.id or 0)
    first = min(at - rules.schedule.period(subscription.every), subscription.created_at)
    return last.until if last and last.until else first


async def compose(
    kit: Kit,
    subscription: Subscription,
    moment: Moment,
    *,
    digest: Digest | None = None,
    pending: Collection[str] | None = None,
) -> Composed:
    """What there is to tell a reader at a moment. `digest`: the one to be sent; `pending`: the suggestions that it was
    sent because of, when it was sent already (None: those that wait)."""
    areas, period = rules.digest.areas(subscription.areas), rules.schedule.period(subscription.every)
    before, now = digest.id if digest else None, moment.at
    async with kit.database.reading() as session:
        last = await storage.subscriptions.received(session, subscription.id or 0, before)
        begins = digest.since if digest else await since(session, subscription, now)
    if last and last.until:
        begins = last.until
    seen = rules.digest.read(last.shown) if last else None
    suggested = await questions.suggested(kit, areas, subscription.person, since=begins, until=now)
    if pending is None:
        pending = [str(each.suggestion) for each in suggested if not each.decided]
    found, aside = await moment.sort(areas, begins)
    ranked = found.awake
    lines = await clusters.worst(kit, moment, ranked[: subscription.length], period)
    fixed = await verdicts.news(kit, areas, begins, now)
    shown = await _shown(kit, moment, areas, found, seen, pending)
    there = {each.cluster_id for each in found.open}
    over = [each for each in aside.values() if each.status in rules.status.CLOSED and each.cluster_id not in there]
    closed, more_closed = await closing.lately(kit, over, begins, now)
    reasons = rules.digest.reasons(
        ranked,
        seen,
        evidence=shown.evidence,
        statuses=shown.statuses,
        by_reader=await _by(kit, subscription.reader, shown.statuses),
        back=_back(found, lines, begins),
        woken=found.woken,
        pending=pending,
        verdicts={each.cluster_id: each.given.word for each in fixed},
        length=subscription.length,
    )
    place = rules.schedule.zone(subscription.tz)
    view = views.digest.Digest(
        reader=subscription.reader,
        areas=areas,
        since=begins.astimezone(place),
        until=now.astimezone(place),
        lines=tuple(lines),
        more=max(len(ranked) - subscription.length, 0),
        resting=len(found.open) - len(ranked),
        length=subscription.length,
        reasons=reasons,
        handles=await _handles(kit, [reason.cluster_id for reason in reasons if reason.cluster_id]),
        chart=_chart(await moment.per_area(areas, WEEKS), now.astimezone(place)),
        suggested=tuple(suggested),
        fixed=fixed,
        joined=tuple(await questions.joined(kit, areas, begins)),
        closed=tuple(closed),
        more_closed=more_closed,
        key=str(before or ""),
    )
    return Composed(view, shown, ranked, last, begins, now, kit.house.drawn)


def messages(composed: Composed) -> list[views.blocks.Message]:
    """The digest as it is best, and the same for a workspace that refuses that."""
    if composed.view.is_empty:
        return [views.digest.nothing(composed.view.since)]
    as_text = views.digest.message(composed.view, native=False)
    drawn = composed.drawn and composed.view.chart is not None
    return [views.digest.message(composed.view), as_text] if drawn else [as_text]


def alive(composed: Composed) -> views.blocks.Message:
    """The one line after a long silence."""
    first = next(iter(composed.view.lines), None)
    return views.digest.alive(composed.view.since, first, len(composed.ranked))


async def plain(kit: Kit, composed: Composed, now: dt.datetime) -> str:
    """The digest as text, with its receipts."""
    if composed.view.is_empty:
        return views.digest.nothing(composed.view.since).text
    top = [line.card.cluster_id for line in composed.view.lines]
    receipts = await why.receipts(kit, composed.ranked, top, composed.last, now)
    handles = await _handles(kit, why.mentioned(receipts.values()))
    return views.digest.plain(composed.view, receipts, handles)


async def _shown(
    kit: Kit,
    moment: Moment,
    areas: Sequence[str] | None,
    found: rules.attention.Sorted,
    seen: rules.digest.Shown | None,
    pending: Collection[str],
) -> rules.digest.Shown:
    top = [each.cluster_id for each in found.awake[: rules.digest.TOP]]
    known = seen.statuses if seen else {}
    async with kit.database.reading() as session:
        statuses = await storage.clusters.statuses(session, kit.house.workspace_id, areas, known)
    cells = await moment.cells(top)
    return rules.digest.Shown(
        clusters={cluster_id: rules.digest.Seen(rank, cells[cluster_id]) for rank, cluster_id in enumerate(top, 1)},
        statuses=statuses,
        pending=frozenset(pending),
        # Of all that there is: what is closed or rests leaves the list, and that alone lets nothing else rise.
        evidence=await moment.evidence(areas),
    )


async def _by(kit: Kit, person: str, cluster_ids: Collection[int]) -> set[int]:
    """The clusters whose status this person set themselves."""
    async with kit.database.reading() as session:
        made = await storage.facts.decided_by(session, kit.house.workspace_id, cluster_ids, "status")
    return {cluster_id for cluster_id, by in made.items() if by == person}


def _back(found: rules.attention.Sorted, lines: Sequence[views.cluster.Line], since: dt.datetime) -> set[int]:
    """Those that were fixed, or silent for long if they are in the top, until somebody spoke of them just now."""
    spoken = {each.cluster_id for each in found.awake if each.last_seen > since}
    silent = {line.card.cluster_id for line in lines if line.trend and line.trend.word == "back"}
    return (silent | found.back) & spoken


def _chart(counts: Mapping[str, Sequence[int]], now: dt.datetime) -> views.chart.Chart | None:
    if not counts:
        return None
    bounds = rules.trend.bounds(now, dt.timedelta(weeks=1), WEEKS)
    busiest = sorted(counts.items(), key=lambda each: (-sum(each[1]), each[0]))
    weeks = tuple(views.subscription.short_day(begins) for begins in reversed(bounds))
    return views.chart.Chart(weeks, tuple((area, tuple(each)) for area, each in busiest))


async def _handles(kit: Kit, cluster_ids: Collection[int]) -> Mapping[int, str]:
    async with kit.database.reading() as session:
        found = await storage.clusters.by_ids(session, kit.house.workspace_id, cluster_ids)
    return {cluster_id: handle(cluster.number) for cluster_id, cluster in found.items() if cluster_id is not None}
