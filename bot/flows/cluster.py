"""Clusters are shown: as cards, in lists, one by one, and found by words."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence

import storage.clusters
import storage.outbox
import storage.reports
import storage.subscriptions
import storage.votes
from bot import rules, views
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
    kit: Kit, clusters: Sequence[Cluster], now: dt.datetime, since: dt.datetime | None = None
) -> list[views.card.Card]:
    """These clusters as everybody may see them. `since`: after when people count as new (default: a week ago)."""
    ids = [cluster.id for cluster in clusters if cluster.id is not None]
    async with kit.database.reading() as session:
        signals = await storage.votes.signals(session, kit.house.workspace_id, ids)
        reports = await storage.reports.in_clusters(session, kit.house.workspace_id, ids)
    standings = rules.impact.standings(signals, leads=kit.leads.people, now=now, since=since or now - WEEK)
    said: dict[int | None, list[Report]] = {}
    for report in reports:
        said.setdefault(report.cluster_id, []).append(report)
    return [card_of(cluster, said.get(cluster.id, []), standings.get(cluster.id or 0)) for cluster in clusters]


async def ranked(
    kit: Kit, areas: Sequence[str] | None, now: dt.datetime, since: dt.datetime
) -> list[rules.impact.Standing]:
    """The clusters of these areas (None: of all), the worst first."""
    async with kit.database.reading() as session:
        clusters = await storage.clusters.in_areas(session, kit.house.workspace_id, areas)
        signals = await storage.votes.signals(session, kit.house.workspace_id)
    wanted = {cluster.id for cluster in clusters}
    concerned = [signal for signal in signals if signal.cluster_id in wanted]
    standings = rules.impact.standings(concerned, leads=kit.leads.people, now=now, since=since)
    # A cluster whose last report was taken back hurts nobody, whoever voted for it.
    return rules.impact.rank({key: standing for key, standing in standings.items() if standing.reports})


async def lines(
    kit: Kit, cluster_ids: Sequence[int], now: dt.datetime, since: dt.datetime | None = None
) -> list[views.cluster.Line]:
    """These clusters for a list, in this order, each with a link to its card."""
    async with kit.database.reading() as session:
        found = await storage.clusters.by_ids(session, kit.house.workspace_id, cluster_ids)
    clusters = [found[cluster_id] for cluster_id in cluster_ids if cluster_id in found]
    return [
        views.cluster.Line(card, cluster.card_link)
        for cluster, card in zip(clusters, await cards(kit, clusters, now, since), strict=True)
    ]


async def top(kit: Kit, area: str | None, now: dt.datetime) -> views.blocks.Message:
    """What hurts most, in one area or in all."""
    standings = await ranked(kit, None if area is None else [area], now, now - WEEK)
    listed = await lines(kit, [standing.cluster_id for standing in standings[:TOP]], now)
    where = "" if area is None else f" in {area}"
    return views.cluster.ranking(f"What hurts most{where}", listed, empty=f"Nothing has been reported{where} yet.")


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
    return views.cluster.whole(line, [_said(report, line.card.handle) for report in reversed(reports)])


async def show_by_id(kit: Kit, cluster_id: int, now: dt.datetime) -> views.blocks.Message | None:
    """The same, for a button on the card."""
    async with kit.database.reading() as session:
        cluster = await storage.clusters.get(session, kit.house.workspace_id, cluster_id)
    return None if cluster is None else await show(kit, cluster.number, now)


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
    standings = await ranked(kit, None, now, now - WEEK)
    aged = [standing for standing in standings if now - WEEK - 2 * DAY < standing.last_seen <= now - DAY]
    for standing in aged:
        async with kit.database.transaction() as session:
            await want_card(session, kit, standing.cluster_id, now)
    kit.wake.set()


async def channel_moved(kit: Kit, old: str, new: str) -> None:
    """Slack gave a channel another id: everything that stands there stands in the new one."""
    async with kit.database.transaction() as session:
        await storage.reports.move_channel(session, kit.house.workspace_id, old, new)
        await storage.subscriptions.move_channel(session, kit.house.workspace_id, old, new)


def card_of(cluster: Cluster, reports: Sequence[Report], standing: rules.impact.Standing | None) -> views.card.Card:
    """A cluster as everybody may see it; one whose last report was taken back hurts nobody, whoever voted for it."""
    counted = standing if reports else None
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
        reports=len(reports),
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
