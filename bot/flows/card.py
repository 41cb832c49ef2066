"""The card of a cluster: what it says, when it is wanted, and how it is posted once and redrawn."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

import storage.clusters
import storage.outbox
import storage.reports
import storage.votes
import storage.workspaces
from bot import rules, views
from bot.flows import people, standing
from bot.flows.kit import Kit
from bot.flows.post import post_once, posted_before
from bot.slack import Posted, SlackRefused
from bot.views.blocks import keyed
from storage.database import Session
from storage.models import Cluster, Outbox, Report

log = logging.getLogger(__name__)

WEEK = dt.timedelta(weeks=1)

#: The latest reports of a cluster among which a card looks for words that its title does not say.
GLIMPSE = 5


async def draw(kit: Kit, row: Outbox, now: dt.datetime) -> None:
    """Post a cluster's card, or redraw it as things stand. Raises SlackRefused."""
    async with kit.database.reading() as session:
        cluster = await storage.clusters.get(session, row.workspace_id, row.payload["cluster"])
    if cluster is None:
        return
    message, empty = await _message(kit, cluster, now)
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
        if empty:
            return
        stands = await post_once(kit, row, kit.house.channel, message, block_id=key)
    if (stands.channel, stands.ts) != (cluster.card_channel, cluster.card_ts):
        await _remember(kit, row, cluster, stands, now)


async def _message(kit: Kit, cluster: Cluster, now: dt.datetime) -> tuple[views.blocks.Message, bool]:
    """What a cluster's card says, and whether there is too little to it for posting one."""
    if cluster.merged_into is None:
        card = (await cards(kit, [cluster], now))[0]
        return views.card.message(card, upvote=kit.house.upvote[0]), card.reports == 0
    async with kit.database.transaction() as session:
        whole = await storage.clusters.whole(session, cluster)
        # A vote on this card may have come between the merge and now.
        await want_card(session, kit, whole.id or 0, now)
    card = (await cards(kit, [whole], now))[0]
    return views.card.moved(handle(cluster.number), card, whole.card_link), True


async def _remember(kit: Kit, row: Outbox, cluster: Cluster, stands: Posted, now: dt.datetime) -> None:
    """Note where the card stands; what happened between its drawing and this line is drawn by another redraw."""
    try:
        link = await kit.slack.permalink(stands.channel, stands.ts)
    except SlackRefused as refusal:
        log.warning("no link to a card", extra={"cluster": cluster.id, "code": refusal.code})
        link = ""
    async with kit.database.transaction() as session:
        await storage.workspaces.lock(session, row.workspace_id)
        before = await storage.votes.signals(session, row.workspace_id, [cluster.id or 0])
        merged = await storage.clusters.remember_card(session, cluster, channel=stands.channel, ts=stands.ts, link=link)
        after = await storage.votes.signals(session, row.workspace_id, [cluster.id or 0])
        if merged != cluster.merged_into or before != after:
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
    named = await people.names(kit, {cluster.owner for cluster in clusters if cluster.owner})
    drawn = []
    for cluster in clusters:
        stands = stand.get(cluster.id or 0)
        card = card_of(cluster, reports.get(cluster.id or 0, []), stands)
        if stands and rules.attention.rests(cluster, stands, now):
            resting = views.snooze.resting(cluster.snoozed_until, cluster.snoozed_below)
        else:
            resting = ""
        drawn.append(replace(card, owner=named.get(cluster.owner, ""), resting=resting))
    return drawn


def card_of(cluster: Cluster, reports: Sequence[Report], stands: rules.impact.Standing | None) -> views.card.Card:
    """A cluster as everybody may see it; one whose last report was taken back hurts nobody, whoever voted for it."""
    counted = stands if stands and stands.reports else None
    public = [report for report in reports if report.visibility == "public"]
    return views.card.Card(
        cluster_id=cluster.id or 0,
        handle=handle(cluster.number),
        title=cluster.title,
        area=cluster.area,
        status=cluster.status,
        words=tuple(report.text for report in public if report.text),
        wordless=next((report.permalink for report in public if not report.text), ""),
        reports=counted.reports if counted else 0,
        developers=counted.developers if counted else 0,
        leads=counted.leads if counted else 0,
        new=counted.new if counted else 0,
        speaker=next((report.text for report in public if report.id == cluster.speaker_id), ""),
    )


async def changed(session: Session, kit: Kit, cluster_id: int | None, now: dt.datetime) -> None:
    """What follows from any change in a cluster: its area is taken from its reports anew, and its card redrawn."""
    if cluster_id is not None:
        await settle_area(session, kit, cluster_id)
        await want_card(session, kit, cluster_id, now)


async def settle_area(session: Session, kit: Kit, cluster_id: int) -> None:
    """Take a cluster's area from its reports, unless somebody who looks after it said which it is."""
    await session.flush()
    cluster = await storage.clusters.get(session, kit.house.workspace_id, cluster_id)
    assert cluster is not None
    if cluster.area_by == "reports":
        cluster.area = rules.areas.of_cluster(await storage.reports.areas_in(session, cluster_id))


async def want_card(session: Session, kit: Kit, cluster_id: int, now: dt.datetime) -> None:
    """Want the cluster's card drawn as things stand."""
    await storage.outbox.again(session, kit.house.workspace_id, "card", str(cluster_id), {"cluster": cluster_id}, now)


def handle(number: int) -> str:
    """12 → `F-12`."""
    return f"F-{number}"
