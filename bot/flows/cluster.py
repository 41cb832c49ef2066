"""Clusters are shown: in lists, one by one, explained, and found by words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

import storage.clusters
import storage.developers
import storage.reports
import storage.subscriptions
from bot import rules, views
from bot.flows import affected, history, standing, status, triage, why
from bot.flows import subscription as subscriptions
from bot.flows import verdict as verdicts
from bot.flows.card import WEEK, cards, handle, want_card
from bot.flows.kit import Kit
from storage.database import Session
from storage.models import Cluster, Report, Subscription

DAY = dt.timedelta(days=1)

#: Clusters in the answer to `top`, and to `find`.
TOP, FOUND = 10, 5

#: What is found is at least this like the words, beside the best one found: the rest only fills the screen.
LIKE = 0.4


async def lines(
    kit: Kit,
    cluster_ids: Sequence[int],
    now: dt.datetime,
    standings: Mapping[int, rules.impact.Standing] | None = None,
    period: dt.timedelta = WEEK,
) -> list[views.cluster.Line]:
    """These clusters for a list, in this order, each with a link to its card and its trend by the `period`."""
    stand = await standing.of(kit, cluster_ids, now, now - WEEK) if standings is None else standings
    bounds = rules.trend.bounds(now, period)
    async with kit.database.reading() as session:
        found = await storage.clusters.by_ids(session, kit.house.workspace_id, cluster_ids)
        counts = await storage.developers.active(session, kit.house.workspace_id, cluster_ids, bounds)
        lost = await storage.reports.lost(session, kit.house.workspace_id, cluster_ids)
    fixed, again = await affected.after_fixes(kit, cluster_ids), await standing.returned(kit, cluster_ids, now)
    clusters = [found[cluster_id] for cluster_id in cluster_ids if cluster_id in found]
    return [
        views.cluster.Line(
            card,
            cluster.card_link,
            trend=rules.trend.of(counts[card.cluster_id], first_seen=known.first_seen, now=now, period=period)
            if (known := stand.get(card.cluster_id))
            else None,
            lost=rules.time_lost.of(
                [rules.time_lost.Told(*each) for each in lost.get(card.cluster_id, ())],
                card.developers,
                kit.house.rate,
            ),
            fixed=fixed.get(card.cluster_id, (0, 0, None)),
            back=cluster.status_at if known and rules.attention.is_back(cluster, known, now, again) else None,
        )
        for cluster, card in zip(clusters, await cards(kit, clusters, now, stand), strict=True)
    ]


async def top(kit: Kit, area: str | None, now: dt.datetime) -> views.blocks.Message:
    """What hurts most, in one area or in all."""
    standings = await standing.ranked(kit, None if area is None else [area], now, now - WEEK)
    listed = await worst(kit, standings[:TOP], now)
    where = "" if area is None else f" in {area}"
    return views.cluster.ranking(f"What hurts most{where}", listed, empty=f"Nothing has been reported{where} yet.")


async def worst(
    kit: Kit, standings: Sequence[rules.impact.Standing], now: dt.datetime, period: dt.timedelta = WEEK
) -> list[views.cluster.Line]:
    """Clusters whose standing is known, for a list."""
    by_id = {each.cluster_id: each for each in standings}
    return await lines(kit, list(by_id), now, by_id, period)


async def areas(kit: Kit) -> frozenset[str]:
    """The areas that clusters are in, also those that are no longer there."""
    async with kit.database.reading() as session:
        return frozenset(await storage.clusters.areas(session, kit.house.workspace_id))


async def find(kit: Kit, words: str, now: dt.datetime) -> views.blocks.Message:
    """The clusters most like these words; and the words can be filed instead."""
    async with kit.database.reading() as session:
        index = await kit.groups.current(session)
    sought, secrets = rules.secrets.mask(words)
    candidates = index.candidates(sought, limit=FOUND)
    near = [each.cluster for each in candidates if each.score >= LIKE * candidates[0].score]
    listed = await lines(kit, near, now)
    shown = views.words.cut(sought, 100)
    return views.cluster.ranking(
        f"Most like “{shown}”",
        listed,
        empty=f"Nothing like “{shown}” has been reported.",
        status=True,
        note=views.report.rotate(secrets) if secrets else "",
        # With secrets masked, a text may have outgrown what a button carries.
        controls=[views.blocks.button("File it as a report instead", "find_file", sought)]
        if len(sought) < 2000
        else (),
    )


async def show(kit: Kit, number: int, reader: str, now: dt.datetime) -> views.blocks.Message | None:
    """One cluster with everything that was said in public, and what who reads it can decide. None: no such handle."""
    async with kit.database.reading() as session:
        cluster = await storage.clusters.by_number(session, kit.house.workspace_id, number)
    return None if cluster is None else await _show(kit, cluster, reader, now)


async def show_by_id(
    kit: Kit,
    cluster_id: int,
    reader: str,
    now: dt.datetime,
    *,
    news: str = "",
    undo: int | None = None,
    decide: bool = True,
) -> views.blocks.Message | None:
    """The same, for a button. `news`: what its reader just decided, and `undo` the decision; `decide`: whether it is
    shown where they can."""
    async with kit.database.reading() as session:
        cluster = await storage.clusters.get(session, kit.house.workspace_id, cluster_id)
    return None if cluster is None else await _show(kit, cluster, reader, now, news=news, undo=undo, decide=decide)


async def _show(
    kit: Kit,
    named: Cluster,
    reader: str,
    now: dt.datetime,
    *,
    news: str = "",
    undo: int | None = None,
    decide: bool = True,
) -> views.blocks.Message:
    async with kit.database.reading() as session:
        cluster = await storage.clusters.whole(session, named)
        reports = await storage.reports.in_cluster(session, kit.house.workspace_id, cluster.id or 0)
        parts = await storage.clusters.parts(session, cluster.id or 0)
        children = await storage.clusters.split_off(session, parts)
        relatives = await storage.clusters.by_ids(
            session, kit.house.workspace_id, {*parts, *filter(None, [cluster.split_from])} - {cluster.id or 0}
        )
        may = decide and await triage.may(session, kit, reader, [cluster])
    line = (await lines(kit, [cluster.id or 0], now))[0]
    judged = (await verdicts.standing(kit, [cluster.id or 0])).get(cluster.id or 0)
    told, ticket = await status.told(kit, cluster.id or 0)
    closed = cluster.status in rules.status.CLOSED and line.back is None
    kin = views.cluster.Kin(
        asked=handle(named.number) if named.id != cluster.id else "",
        parts=tuple(sorted((handle(each.number) for id_, each in relatives.items() if id_ in parts), key=len)),
        parent=handle(relatives[cluster.split_from].number) if cluster.split_from in relatives else "",
        children=tuple(handle(each.number) for each in children if each.merged_into is None),
    )
    return views.cluster.whole(
        line,
        [_said(report, line.card.handle) for report in reversed(reports)],
        verdict=views.verdict.sentence(judged) if judged else "",
        receipt="" if closed else await why.short(kit, cluster.id or 0, now),
        kin=kin,
        decisions=await history.of(kit, cluster, reader),
        status=told,
        link=ticket,
        may=may,
        take=None if cluster.owner == reader else cluster.owner,
        news=news,
        undo=undo,
    )


async def explain(
    kit: Kit, person: str, cluster_id: int, now: dt.datetime, *, digest_id: int | None = None
) -> views.blocks.Message | None:
    """The receipt of a cluster, as things stand. None: it has no report (any more).

    `digest_id`: the digest in which somebody asked; what moved is told since the one that was received before it.
    """
    async with kit.database.reading() as session:
        subscription = await _asked_in(session, kit, person, digest_id)
        last = None
        if subscription is not None:
            last = await storage.subscriptions.received(session, subscription.id or 0, digest_id)
        named = await storage.clusters.get(session, kit.house.workspace_id, cluster_id)
        cluster = await storage.clusters.whole(session, named) if named is not None else None
    if cluster is None or cluster.id is None:
        return None
    # In a digest the rank is that of the digest, in a list it is that among all.
    areas = rules.digest.areas(subscription.areas) if subscription is not None and digest_id else None
    if areas is not None and cluster.area not in areas:
        areas = None
    ranked = await standing.ranked(kit, areas, now, now - WEEK)
    receipt = (await why.receipts(kit, ranked, [cluster.id], last, now)).get(cluster.id)
    if receipt is None:
        return None
    async with kit.database.reading() as session:
        others = await storage.clusters.by_ids(session, kit.house.workspace_id, why.mentioned([receipt]))
    line = (await lines(kit, [cluster.id], now))[0]
    handles = {id_: handle(each.number) for id_, each in others.items() if id_ is not None}
    name = f"{line.card.handle} {views.card.title(line.card)}"
    return views.receipt.message(receipt, name, handles, cost=views.figures.cost(line.lost))


async def _asked_in(session: Session, kit: Kit, person: str, digest_id: int | None) -> Subscription | None:
    """The subscription of the digest that somebody looks at, which may be a channel's; otherwise their own."""
    if digest_id is not None:
        digest = await storage.subscriptions.get_digest(session, kit.house.workspace_id, digest_id)
        found = await storage.subscriptions.by_id(session, digest.subscription_id) if digest else None
        if found is not None and (found.reader == person or subscriptions.is_channel(found.reader)):
            return found
    return await storage.subscriptions.get(session, kit.house.workspace_id, person)


async def mine(kit: Kit, person: str) -> list[views.cluster.Said]:
    """What this person reported, newest first, with the handle it went to."""
    async with kit.database.reading() as session:
        reports = await storage.reports.by_person(session, kit.house.workspace_id, person, views.cluster.LISTED)
        ids = {report.cluster_id for report in reports if report.cluster_id is not None}
        found = await storage.clusters.by_ids(session, kit.house.workspace_id, ids)
    handles = {cluster_id: handle(cluster.number) for cluster_id, cluster in found.items()}
    return [
        replace(_said(report, handles.get(report.cluster_id, ""), own=True), status=found[report.cluster_id].status)
        for report in reports
        if report.cluster_id in found
    ]


async def refresh(kit: Kit, now: dt.datetime) -> None:
    """Redraw the cards on which somebody was new this week and is so no longer."""
    found, _ = await standing.sort(kit, None, now, now - WEEK)
    aged = [each for each in found.every if now - WEEK - 2 * DAY < each.last_seen <= now - DAY]
    for each in aged:
        async with kit.database.transaction() as session:
            await want_card(session, kit, each.cluster_id, now)
    kit.wake.set()


async def channel_moved(kit: Kit, old: str, new: str) -> None:
    """Slack gave a channel another id: everything that stands there stands in the new one."""
    async with kit.database.transaction() as session:
        await storage.reports.move_channel(session, kit.house.workspace_id, old, new)
        await storage.subscriptions.move_channel(session, kit.house.workspace_id, old, new)


def _said(report: Report, its_handle: str, *, own: bool = False) -> views.cluster.Said:
    readable = own or report.visibility == "public"
    said = "\n".join(filter(None, (report.text or report.permalink, report.detail)))
    return views.cluster.Said(
        words=said if readable else "",
        day=views.digest.day(report.said_at),
        area=report.area,
        handle=its_handle,
        report_id=(report.id or 0) if report.visibility == "public" and report.text else 0,
    )
