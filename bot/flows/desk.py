"""What somebody who decides about a cluster is shown before: what it may be merged with, and what that will do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import storage.clusters
import storage.facts
import storage.reports
import storage.votes
from bot import rules, views
from bot.flows import triage
from bot.flows.card import cards, handle
from bot.flows.kit import Kit
from bot.flows.triage import Refused
from bot.views.triage import Choice
from storage.models import Cluster

#: Clusters that the form for merging offers.
OFFERED = 5

#: Reports that the form for splitting offers, the newest.
LISTED = 50


@dataclass(frozen=True, slots=True)
class Seen:
    """A cluster as a form shows it: `named` is its handle and what it is called; `title` only what people called it.

    `owner`: a person's id; `snooze`: how long it rests, as the fact has it.
    """

    cluster_id: int
    handle: str
    named: str
    title: str
    area: str
    status: str
    owner: str
    snooze: str


async def seen(kit: Kit, cluster_id: int, person: str, now: dt.datetime) -> Seen:
    """A cluster that somebody may decide about. Raises Refused."""
    await triage.require(kit, person, cluster_id)
    async with kit.database.reading() as session:
        found = await triage.cluster(session, kit, cluster_id)
        rest = await storage.facts.latest(session, {found.id or 0}, "snooze")
    card = (await cards(kit, [found], now))[0]
    named = f"{card.handle} “{views.words.cut(views.card.title(card), 60)}”"
    return Seen(
        cluster_id=found.id or 0,
        handle=card.handle,
        named=named,
        title=found.title,
        area=found.area,
        status=found.status,
        owner=found.owner,
        snooze=rest.value if rest else rules.snooze.AWAKE,
    )


async def likely(kit: Kit, cluster_id: int, now: dt.datetime, words: str = "") -> list[Choice]:
    """The clusters most like this one, or most like some words."""
    async with kit.database.reading() as session:
        index = await kit.groups.current(session)
        here = await triage.cluster(session, kit, cluster_id)
        reports = await storage.reports.in_cluster(session, kit.house.workspace_id, here.id or 0)
        speaker = next((each for each in reports if each.id == here.speaker_id), reports[0] if reports else None)
        sought = words or (speaker.text if speaker else "")
        own = frozenset(report.id or 0 for report in reports)
        found = [each.cluster for each in index.candidates(sought, limit=OFFERED, exclude=own)] if sought else []
        clusters = await storage.clusters.by_ids(session, kit.house.workspace_id, found)
    drawn = await cards(kit, [clusters[each] for each in found if each in clusters], now)
    return [Choice(card.cluster_id, f"{card.handle} {views.card.title(card)}") for card in drawn]


async def meant(kit: Kit, typed: str) -> int | None:
    """The cluster whose handle was typed, as it is now. None: that is no handle. Raises Refused for an unknown one."""
    number = rules.commands.handle(typed)
    if number is None:
        return None
    async with kit.database.reading() as session:
        found = await storage.clusters.by_number(session, kit.house.workspace_id, number)
        if found is None:
            raise Refused(f"There is no {handle(number)}.")
        return (await storage.clusters.whole(session, found)).id


async def consequences(
    kit: Kit, one_id: int, other_id: int, person: str, now: dt.datetime
) -> tuple[list[str], list[int]]:
    """What merging two clusters will do, in sentences; and the facts that say otherwise. Raises Refused."""
    await triage.require(kit, person, one_id, other_id)
    async with kit.database.reading() as session:
        pair = [await triage.cluster(session, kit, each) for each in (one_id, other_id)]
        older, younger = sorted(pair, key=lambda each: each.number)
        if older.id == younger.id:
            raise Refused(f"That is {handle(older.number)} itself.")
        sides = [await storage.clusters.parts(session, each.id or 0) for each in (older, younger)]
        pairs = await storage.facts.told_apart(session, kit.house.workspace_id, sides[0] | sides[1])
        signals = await storage.votes.signals(session, kit.house.workspace_id, [older.id or 0, younger.id or 0])
    return _will_be(older, younger, await cards(kit, [older, younger], now), signals), rules.facts.between(
        pairs, *sides
    )


def _will_be(
    older: Cluster, younger: Cluster, drawn: Sequence[views.card.Card], signals: Sequence[storage.votes.Signal]
) -> list[str]:
    kept, part = drawn
    for empty in (card for card in drawn if card.reports == 0):
        raise Refused(f"Nothing is left in {empty.handle}.")
    people = len({signal.person or f"unnamed {signal.report_id}" for signal in signals})
    return [
        f"{part.handle} “{views.card.title(part)}” becomes part of {kept.handle} “{views.card.title(kept)}”.",
        f"{kept.handle} then has {views.blocks.count(kept.reports + part.reports, 'report')} and "
        f"{views.blocks.count(people, 'developer')}, each counted once.",
        f"{part.handle} leads to {kept.handle} from now on. You can undo this.",
    ]


async def reports(kit: Kit, cluster_id: int) -> tuple[list[Choice], int]:
    """The reports of a cluster that may leave it, newest first, and how many older ones there are."""
    async with kit.database.reading() as session:
        here = await triage.cluster(session, kit, cluster_id)
        found = await storage.reports.in_cluster(session, kit.house.workspace_id, here.id or 0)
    if len(found) < 2:
        raise Refused(f"{handle(here.number)} has one report: there is nothing to split.")
    shown = list(reversed(found))[:LISTED]
    return [
        Choice(
            report.id or 0,
            report.text
            if report.visibility == "public" and report.text
            else f"{'A private report' if report.visibility != 'public' else 'A message without words'}, "
            f"{views.digest.day(report.said_at)}",
        )
        for report in shown
    ], len(found) - len(shown)
