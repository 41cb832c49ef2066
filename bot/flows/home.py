"""The App Home: what I reported and what became of it, what a lead backs, and the ranked list for who decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace

import storage.clusters
import storage.facts
import storage.homes
import storage.outbox
import storage.reports
import storage.votes
from bot import rules, views
from bot.flows import affected, history, learn, people, seal, visitor
from bot.flows import cluster as clusters
from bot.flows import subscription as subscriptions
from bot.flows.card import WEEK, handle
from bot.flows.kit import Kit
from bot.flows.moment import Moment
from storage.database import Session
from storage.models import Cluster, Report

#: Clusters: at the top for everybody, that a lead backs, of each of a lead's areas, and on one page for who decides.
TOP, BACKED, OF_AREA, PAGE = 5, 5, 3, 10

#: Areas of a lead, and reports of one's own.
AREAS, MINE = 3, 5

#: How long one's own last decision is shown, with its Undo.
LATELY = dt.timedelta(hours=2)


async def draw(kit: Kit, person: str, now: dt.datetime) -> None:
    """Draw somebody's Home as things stand. Raises SlackRefused."""
    moment = await kit.moments.current(kit, now)
    found, _ = await moment.sort(None, moment.at - WEEK)
    guest = await visitor.barred(kit, person, theirs=False)  # who reads only what is theirs
    digests = await subscriptions.all_of(kit, person, now)
    decides = not guest and (bool(digests) or person in kit.house.admins)
    news, undo = await _news(kit, person, now)
    theirs = await affected.concerns(kit, person, now)
    mine = await _mine(kit, person, {each.cluster_id for each in theirs if each.left})
    view = views.home.home(
        digests,
        mine,
        desk=await _desk(kit, moment, found, person, _yours(digests)) if decides else None,
        lead=await _lead(kit, moment, found.open, person) if person in kit.leads.people and not guest else None,
        top=() if decides or guest else await clusters.worst(kit, moment, found.open[:TOP]),
        record=list((await learn.record(kit, now)).values()) if decides else (),
        hidden=await seal.news_of(kit, person, now),
        also=[each for each in theirs if each.cluster_id not in {one.cluster_id for one in mine}],
        twice=await seal.counted_twice(kit, person),
        news=news,
        undo=undo,
    )
    await kit.slack.publish_home(person, view)


async def want(kit: Kit, person: str, now: dt.datetime) -> None:
    """Somebody opened their Home, or pressed something in it: want it drawn."""
    async with kit.database.transaction() as session:
        await _want(session, kit, person, now)
    kit.wake.set()


async def _want(session: Session, kit: Kit, person: str, now: dt.datetime) -> None:
    opened = {"person": person, "opened": now.astimezone(dt.UTC).isoformat()}
    await storage.outbox.again(session, kit.house.workspace_id, "home", person, opened, now)


async def choose(kit: Kit, person: str, what: str, value: str, now: dt.datetime) -> None:
    """Somebody chose what to see of the ranked list; what cannot be meant changes nothing.

    `what`: area, status, owner or age, of which the list begins at its first page; or page, its number.
    """
    if what == "page":
        chosen: dict[str, str | int] = {"page": int(value) if value.isdigit() and len(value) < 7 else 0}
    elif value not in {"status": rules.home.STATUSES, "age": rules.home.AGES}.get(what, (value,)):
        return
    else:
        nothing = rules.home.YOURS if what == "area" else rules.home.ALL
        chosen = {what: "" if value == nothing else value[:100], "page": 0}
    async with kit.database.transaction() as session:
        await storage.homes.choose(session, kit.house.workspace_id, person, **chosen)
        await _want(session, kit, person, now)
    kit.wake.set()


def _yours(digests: Sequence[views.subscription.Subscribed]) -> tuple[str, ...] | None:
    """The areas of one's own digest, which comes first; None when that is all of them, or there is none."""
    own = [each for each in digests[:1] if not each.channel]
    return rules.digest.areas(own[0].areas) if own else None


async def _desk(
    kit: Kit, moment: Moment, found: rules.attention.Sorted, person: str, yours: tuple[str, ...] | None
) -> views.home.Desk:
    """One page of the ranked list, as this person chose to see it; of `yours` when they chose no area."""
    workspace_id = kit.house.workspace_id
    async with kit.database.reading() as session:
        chosen = await storage.homes.get(session, workspace_id, person)
        owners = await storage.clusters.owners(session, workspace_id)
        sifted, within = None, rules.home.areas(chosen.area, yours)
        if within is not None or chosen.status or chosen.owner:
            sifted = await storage.clusters.sifted(
                session,
                workspace_id,
                areas=within,
                status=chosen.status if chosen.status in rules.status.ALL else "",
                owner={"": None, rules.home.NOBODY: ""}.get(chosen.owner, chosen.owner),
            )
        areas = await storage.clusters.areas(session, workspace_id)
    kept = [
        each
        for each in rules.home.sift(found, chosen.status)
        if (sifted is None or each.cluster_id in sifted)
        and rules.home.is_of_age(chosen.age, each.first_seen, moment.at)
    ]
    page = rules.home.page(chosen.page, len(kept), PAGE)
    lines = await clusters.worst(kit, moment, kept[page * PAGE : (page + 1) * PAGE])
    return views.home.Desk(
        tuple(lines),
        first=page * PAGE + 1,
        count=len(kept),
        size=PAGE,
        areas=tuple(sorted(areas)),
        yours=yours or (),
        owners=await people.names(kit, owners[: views.home.CHOICES]),
        chosen={"area": chosen.area, "status": chosen.status, "owner": chosen.owner, "age": chosen.age},
    )


async def _lead(kit: Kit, moment: Moment, ranked: Sequence[rules.impact.Standing], person: str) -> views.home.Lead:
    """What a lead backs, and what hurts most in the areas that this, and what they reported, is in."""
    async with kit.database.reading() as session:
        backed = await storage.votes.backed(session, kit.house.workspace_id, person)
        reported = await storage.reports.by_person(session, kit.house.workspace_id, person, 50)
        theirs = backed | {report.cluster_id for report in reported if report.cluster_id is not None}
        found = await storage.clusters.by_ids(session, kit.house.workspace_id, theirs)
    counts: dict[str, int] = {}
    for cluster in found.values():
        counts[cluster.area] = counts.get(cluster.area, 0) + (cluster.area != rules.areas.UNSORTED)
    areas = [area for area in sorted(counts, key=lambda each: (-counts[each], each)) if counts[area]][:AREAS]
    tops = []
    for area in areas:
        worst = (await moment.ranked([area], moment.at - WEEK))[:OF_AREA]
        tops.append((area, tuple(await clusters.worst(kit, moment, worst))))
    standing = [each for each in ranked if each.cluster_id in backed]
    return views.home.Lead(
        backed=tuple(await clusters.worst(kit, moment, standing[:BACKED])),
        count=len(standing),
        tops=tuple(tops),
    )


async def _mine(kit: Kit, person: str, left: Collection[int]) -> list[views.home.Mine]:
    """What this person reported, newest first, and what became of each. `left`: what they say is theirs no more."""
    async with kit.database.reading() as session:
        reports = await storage.reports.by_person(session, kit.house.workspace_id, person, MINE)
        ids = {report.cluster_id for report in reports if report.cluster_id is not None}
        found = await storage.clusters.by_ids(session, kit.house.workspace_id, ids)
        said = {
            cluster_id: await storage.facts.latest(
                session, await storage.clusters.parts(session, cluster_id or 0), "status"
            )
            for cluster_id in found
        }
    called = await people.names(kit, {fact.made_by for fact in said.values() if fact and fact.made_by and fact.reason})
    mine = []
    for report in reports:
        cluster, fact = found.get(report.cluster_id), said.get(report.cluster_id)
        mine.append(
            _became(report, cluster, fact.reason if fact else "", called.get(fact.made_by or "", "") if fact else "")
        )
    return [replace(each, left=each.cluster_id in left) for each in mine]


def _became(report: Report, cluster: Cluster | None, reason: str, by: str) -> views.home.Mine:
    return views.home.Mine(
        report_id=report.id or 0,
        words="\n".join(filter(None, (report.text or report.permalink, report.detail))),
        day=views.digest.day(report.said_at),
        handle=handle(cluster.number) if cluster else "",
        link=cluster.card_link if cluster else "",
        area=report.area,
        status=cluster.status if cluster else rules.status.NEW,
        reason=reason,
        by=by,
        cluster_id=cluster.id or 0 if cluster else 0,
    )


async def _news(kit: Kit, person: str, now: dt.datetime) -> tuple[str, int | None]:
    """What this person decided just now, in words, and the decision to undo."""
    async with kit.database.reading() as session:
        fact = await storage.facts.last_of(session, kit.house.workspace_id, person, now - LATELY)
    if fact is None or fact.cluster_id is None:
        return "", None
    told = await history.told(kit, [fact.id or 0], person)
    return f"{told[0]}.", fact.id
