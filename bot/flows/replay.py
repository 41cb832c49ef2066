"""What would have been sent, and why or why not: digests composed again from what was known at the time."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterator, Sequence
from dataclasses import replace

import storage.clusters
import storage.facts
import storage.past
import storage.reports
import storage.subscriptions
from bot import rules, views
from bot.flows import digest as digests
from bot.flows import digest_contents, triage
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit
from bot.views.replay import Period
from storage.models import Fact, Subscription


async def as_of(kit: Kit, reader: str, when: str, now: dt.datetime) -> str:
    """The digest that this reader would have been sent at a moment, as text. Raises Unknown, and Wrong for no moment.

    `when`: a day, for their hour of it, or a moment in their zone. It is composed from what was known then, by today's
    rules and as they are subscribed today; `storage.past.Past` says which changes since cannot be taken back.
    """
    subscription = await digests.subscriber(kit, reader)
    try:
        moment = rules.schedule.moment(when, at=subscription.at, tz=subscription.tz, now=now)
    except ValueError as error:
        raise subscriptions.Wrong({"as_of": str(error)}) from error
    async with storage.past.opened(kit.database, kit.house.workspace_id) as past:
        then = replace(kit, database=past.database)
        await _go_to(past, then, moment)
        text = await digests.preview(then, reader, moment)
        return views.replay.whole(await _period(then, subscription, moment), text)


async def between(kit: Kit, reader: str, first: str, last: str, now: dt.datetime) -> list[tuple[str, list[Period]]]:
    """For each reader (empty: for all), every period from one day to another. Raises Unknown, and Wrong for no day.

    Each is composed from what was known at its end, as `as_of` says, and from what was told in the period before it:
    what this same replay sent, and before its first day what was really sent. When somebody paused is not remembered.
    """
    wanted = [await digests.subscriber(kit, reader)] if reader else await _everybody(kit)
    periods: dict[str, list[Period]] = {each.reader: [] for each in wanted}
    async with storage.past.opened(kit.database, kit.house.workspace_id) as past:
        then = replace(kit, database=past.database)
        by_reader = {each.reader: each for each in wanted}
        moments = [_moments(each, first, last, now) for each in wanted]
        for moment, each in heapq.merge(*moments):
            await _go_to(past, then, moment)
            period = await _period(then, by_reader[each], moment)
            periods[each].append(period)
    return list(periods.items())


async def _everybody(kit: Kit) -> Sequence[Subscription]:
    async with kit.database.reading() as session:
        return await storage.subscriptions.everything(session, kit.house.workspace_id)


def _moments(subscription: Subscription, first: str, last: str, now: dt.datetime) -> Iterator[tuple[dt.datetime, str]]:
    """When this reader's digests were due on those days, the weeks of two being the same as today. Raises Wrong."""
    try:
        start = rules.schedule.moment(first, at="00:00", tz=subscription.tz, now=now)
        end = rules.schedule.moment(last, at="23:59", tz=subscription.tz)
    except ValueError as error:
        raise subscriptions.Wrong({"days": str(error)}) from error
    if end < start:
        raise subscriptions.Wrong({"days": f"{last} is before {first}."})
    return _due(subscription, start - dt.timedelta(seconds=1), min(end, now))


def _due(subscription: Subscription, after: dt.datetime, end: dt.datetime) -> Iterator[tuple[dt.datetime, str]]:
    due = after
    while True:
        due = rules.schedule.next_due(
            due,
            every=subscription.every,
            weekday=subscription.weekday,
            at=subscription.at,
            tz=subscription.tz,
            last=subscription.next_due_at,
        )
        if due > end:
            return
        yield due, subscription.reader


async def _go_to(past: storage.past.Past, then: Kit, moment: dt.datetime) -> None:
    """Let it be `moment` in the copy; what each cluster was follows from what had been said by then, as ever."""
    await past.at(moment)
    async with then.database.transaction() as session:
        tags = await storage.reports.areas(session, then.house.workspace_id)
        known = rules.facts.Lineage(await storage.clusters.lineage(session, then.house.workspace_id))
        said: dict[int, list[Fact]] = {}
        for fact in await storage.facts.everything(session, then.house.workspace_id):
            if fact.undone_at is None and fact.cluster_id is not None:
                said.setdefault(known.whole(fact.cluster_id), []).append(fact)
        for cluster in await storage.clusters.in_areas(session, then.house.workspace_id, None):
            if cluster.merged_into is None:
                triage.apply(cluster, said.get(cluster.id or 0, ()), tags.get(cluster.id or 0, ()))


async def _period(then: Kit, subscription: Subscription, moment: dt.datetime) -> Period:
    """Compose one digest, and remember in the copy what it told: the next one follows from that."""
    async with then.database.transaction() as session:
        digest = await digests.begin(session, then, subscription, moment)
    assert digest is not None
    composed = await digest_contents.compose(then, subscription, moment, digest=digest)
    await digests.remember(then, digest, composed)
    sent, view = bool(composed.view.reasons), composed.view
    why = views.digest.because(view) if view.lines or sent else views.digest.nothing(view.since).text
    if not sent and await digests.is_sign_of_life(then, subscription, composed):
        why = f"Only one line: {digest_contents.alive(composed).text}"
    await digests.note(then, digest, "sent" if sent else "quiet", moment)
    return Period(
        moment=view.until,
        sent=sent,
        why=why,
        handles=tuple(line.card.handle for line in view.lines) if sent else (),
    )
