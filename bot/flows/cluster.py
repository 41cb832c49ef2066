"""Clusters are shown: as cards, in lists, one by one, explained, and found by words."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence

import storage.clusters
import storage.developers
import storage.outbox
import storage.reports
import storage.subscriptions
import storage.votes
from bot import rules, views
from bot.flows import standing, why
from bot.flows.kit import Kit
from bot.flows.post import post_once, posted_before
from bot.flows.report import handle, want_card
from bot.slack import Posted, SlackRefused
from bot.views.blocks import keyed
from storage.models import Cluster, Outbox, Report

log = logging.getLogger(__name__)

DAY, WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)

#: Clusters in the answer to `top`, and to `find`.
TOP, FOUND = 10, 5

#: What is found is at least this like the words, beside the best one found: the rest only fills the screen.
LIKE = 0.4

#: The latest reports of a cluster among which a card looks for words that its title does not say.
GLIMPSE = 5


async def draw(kit: Kit, row: Outbox, now: dt.datetime) -> None:
    """Post a cluster's card, or redraw it as things stand. Raises SlackRefused."""
    async with kit.database.reading() as session:
        cluster = await storage.clusters.get(session, row.workspace_id, row.payload["cluster"])
    if cluster is None:
        return
    card = (await cards(kit, [cluster], now))[0]
    message = views.card.message(card, upvote=kit.house.upvote[0])
    key = f"card-{cluster.id}"
    stands = Posted(cluster.card_channel, cluster.card_ts) if cluster.card_ts else None
    if stands is None:
        stands = await posted_before(kit, row, kit.house.channel, key)
    if stands is not None:
        try:
            await kit.slack.update(stands, keyed(message, key))
        except SlackRefused as refusal:
            if refusal.code != "message_not_found":
                raise
            stands = None  # somebody deleted the card; without one nobody can vote
    if stands is None:
        if card.reports == 0:
            return
        stands = await post_once(kit, row, kit.house.channel, message, block_id=key)
    if (stands.channel, stands.ts) != (cluster.card_channel, cluster.card_ts):
        await _remember(kit, row, cluster, stands, now)


async def _remember(kit: Kit, row: Outbox, cluster: Cluster, stands: Posted, now: dt.datetime) -> None:
    """Note where the card stands; whoever voted between its posting and this line is counted by another redraw."""
    try:
        link = await kit.slack.permalink(stands.channel, stands.ts)
    except SlackRefused as refusal:
        log.warning("no link to a card", extra={"cluster": cluster.id, "code": refusal.code})
        link = ""
    async with kit.database.transaction() as session:
        before = await storage.votes.signals(session, row.workspace_id, [cluster.id or 0])
        await storage.clusters.remember_card(session, cluster, channel=stands.channel, ts=stands.ts, link=link)
        if before != await storage.votes.signals(session, row.workspace_id, [cluster.id or 0]):
            await storage.outbox.again(session, row.workspace_id, "card", str(cluster.id), row.payload, now)


async def cards(
    kit: Kit,
    clusters: Sequence[Cluster],
    now: dt.datetime,
    standings: Mapping[int, rules.impact.Standing] | None = None,
) -> list[views.card.Card]:
    """These clusters as everybody may see them. `standings`: how they stand, when that is known already."""
    ids = [cluster.id for cluster in clusters if cluster.id is not None]
    stand = await standing.of(kit, ids, now, now - WEEK) if standings is None else standings
    async with kit.database.reading() as session:
        reports = await storage.reports.glimpse(session, kit.house.workspace_id, ids, GLIMPSE)
    return [card_of(cluster, reports.get(cluster.id or 0, []), stand.get(cluster.id or 0)) for cluster in clusters]


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
    clusters = [found[cluster_id] for cluster_id in cluster_ids if cluster_id in found]
    return [
        views.cluster.Line(
            card,
            cluster.card_link,
            trend=rules.trend.of(counts[card.cluster_id], first_seen=known.first_seen, now=now, period=period)
            if (known := stand.get(card.cluster_id))
            else None,
            lost=lost.get(card.cluster_id, (0, 0)),
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


async def find(kit: Kit, words: str, now: dt.datetime) -> views.blocks.Message:
    """The clusters most like these words; and the words can be filed instead."""
    async with kit.database.reading() as session:
        index = await kit.groups.current(session)
    sought, _ = rules.secrets.mask(words)
    candidates = index.candidates(sought, limit=FOUND)
    near = [each.cluster for each in candidates if each.score >= LIKE * candidates[0].score]
    listed = await lines(kit, near, now)
    shown = views.words.cut(sought, 100)
    return views.cluster.ranking(
        f"Most like “{shown}”",
        listed,
        empty=f"Nothing like “{shown}” has been reported.",
        # With secrets masked, a text may have outgrown what a button carries.
        controls=[views.blocks.button("File it as a report instead", "find_file", sought)]
        if len(sought) < 2000
        else (),
    )


async def show(kit: Kit, number: int, now: dt.datetime) -> views.blocks.Message | None:
    """One cluster with everything that was said in public. None: there is no such handle."""
    async with kit.database.reading() as session:
        cluster = await storage.clusters.by_number(session, kit.house.workspace_id, number)
    if cluster is None or cluster.id is None:
        return None
    async with kit.database.reading() as session:
        reports = await storage.reports.in_cluster(session, kit.house.workspace_id, cluster.id)
    line = (await lines(kit, [cluster.id], now))[0]
    receipt = await why.short(kit, cluster.id, now)
    return views.cluster.whole(line, [_said(report, line.card.handle) for report in reversed(reports)], receipt)


async def show_by_id(kit: Kit, cluster_id: int, now: dt.datetime) -> views.blocks.Message | None:
    """The same, for a button on the card."""
    async with kit.database.reading() as session:
        cluster = await storage.clusters.get(session, kit.house.workspace_id, cluster_id)
    return None if cluster is None else await show(kit, cluster.number, now)


async def explain(
    kit: Kit, person: str, cluster_id: int, now: dt.datetime, *, digest_id: int | None = None
) -> views.blocks.Message | None:
    """The receipt of a cluster, as things stand. None: it has no report (any more).

    `digest_id`: the digest in which somebody asked; what moved is told since the one they received before it.
    """
    async with kit.database.reading() as session:
        subscription = await storage.subscriptions.get(session, kit.house.workspace_id, person)
        last = None
        if subscription is not None:
            last = await storage.subscriptions.received(session, subscription.id or 0, digest_id)
        cluster = await storage.clusters.get(session, kit.house.workspace_id, cluster_id)
    if cluster is None:
        return None
    # In a digest the rank is that of the digest, in a list it is that among all.
    areas = rules.digest.areas(subscription.areas) if subscription is not None and digest_id else None
    if areas is not None and cluster.area not in areas:
        areas = None
    ranked = await standing.ranked(kit, areas, now, now - WEEK)
    receipt = (await why.receipts(kit, ranked, [cluster_id], last, now)).get(cluster_id)
    if receipt is None:
        return None
    async with kit.database.reading() as session:
        named = await storage.clusters.by_ids(session, kit.house.workspace_id, why.mentioned([receipt]))
    card = (await cards(kit, [cluster], now))[0]
    handles = {id_: handle(each.number) for id_, each in named.items() if id_ is not None}
    return views.receipt.message(receipt, f"{card.handle} {views.card.title(card)}", handles)


async def mine(kit: Kit, person: str) -> list[views.cluster.Said]:
    """What this person reported, newest first, with the handle it went to."""
    async with kit.database.reading() as session:
        reports = await storage.reports.by_person(session, kit.house.workspace_id, person, views.cluster.LISTED)
        ids = {report.cluster_id for report in reports if report.cluster_id is not None}
        found = await storage.clusters.by_ids(session, kit.house.workspace_id, ids)
    handles = {cluster_id: handle(cluster.number) for cluster_id, cluster in found.items()}
    return [_said(report, handles.get(report.cluster_id, ""), own=True) for report in reports]


async def refresh(kit: Kit, now: dt.datetime) -> None:
    """Redraw the cards on which somebody was new this week and is so no longer."""
    ranked = await standing.ranked(kit, None, now, now - WEEK)
    aged = [each for each in ranked if now - WEEK - 2 * DAY < each.last_seen <= now - DAY]
    for each in aged:
        async with kit.database.transaction() as session:
            await want_card(session, kit, each.cluster_id, now)
    kit.wake.set()


async def channel_moved(kit: Kit, old: str, new: str) -> None:
    """Slack gave a channel another id: everything that stands there stands in the new one."""
    async with kit.database.transaction() as session:
        await storage.reports.move_channel(session, kit.house.workspace_id, old, new)


def card_of(cluster: Cluster, reports: Sequence[Report], stands: rules.impact.Standing | None) -> views.card.Card:
    """A cluster as everybody may see it; one whose last report was taken back hurts nobody, whoever voted for it."""
    counted = stands if stands and stands.reports else None
    return views.card.Card(
        cluster_id=cluster.id or 0,
        handle=handle(cluster.number),
        title=cluster.title,
        area=cluster.area,
        status=cluster.status,
        words=tuple(report.text for report in reports if report.visibility == "public" and report.text),
        wordless=next(
            (report.permalink for report in reports if report.visibility == "public" and not report.text), ""
        ),
        reports=counted.reports if counted else 0,
        developers=counted.developers if counted else 0,
        leads=counted.leads if counted else 0,
        new=counted.new if counted else 0,
    )


def _said(report: Report, its_handle: str, *, own: bool = False) -> views.cluster.Said:
    readable = own or report.visibility == "public"
    said = "\n".join(filter(None, (report.text or report.permalink, report.detail)))
    return views.cluster.Said(
        words=said if readable else "",
        day=views.digest.day(report.said_at),
        area=report.area,
        handle=its_handle,
    )
