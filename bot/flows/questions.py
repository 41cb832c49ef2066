"""What a digest asks its reader, and what the machine did overnight that they should know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import storage.clusters
import storage.facts
import storage.reports
import storage.suggestions
from bot import rules, views
from bot.flows import history
from bot.flows.card import cards, handle
from bot.flows.kit import Kit
from storage.models import Cluster, Fact
from storage.suggestions import Suggestion

#: Questions in one digest.
SHOWN = 3

#: How probable a merge has to be for a reader to be asked; whoever reported it was asked of less probable ones.
LIKELY = 0.5

#: How long a question is asked; what nobody cared to answer for so long, nobody misses.
ASKED = dt.timedelta(days=90)


async def suggested(
    kit: Kit, areas: Collection[str] | None, reader: str, *, since: dt.datetime, until: dt.datetime
) -> list[views.digest.Suggested]:
    """What was open at `until` in these areas (None: in all), the surest first; and what was answered since.

    Merges are asked until somebody answers; a split, to which there is no “no”, only in the digest after it was found.
    """
    async with kit.database.reading() as session:
        made = [
            each
            for each in await storage.suggestions.since(session, kit.house.workspace_id, until - ASKED)
            if each.made_at <= until and _to_ask(each, since)
        ]
        known = rules.facts.Lineage(await storage.clusters.lineage(session, kit.house.workspace_id))
        pairs = await storage.facts.told_apart(session, kit.house.workspace_id)
        facts = {fact.id: fact for fact in await storage.facts.everything(session, kit.house.workspace_id)}
        ids = {known.whole(each) for one in made for each in (one.cluster_id, one.other_id)}
        clusters = await storage.clusters.by_ids(session, kit.house.workspace_id, ids)
        held: dict[int | None, set[int]] = {}
        for report in await storage.reports.in_clusters(session, kit.house.workspace_id, sorted(ids)):
            held.setdefault(report.cluster_id, set()).add(report.id or 0)
    apart = rules.facts.kept_apart(pairs, known)
    found: dict[tuple[str, frozenset[int]], tuple[Suggestion, Fact | None]] = {}
    for each in made:
        one, other = known.whole(each.cluster_id), known.whole(each.other_id)
        if areas is not None and not {clusters[one].area, clusters[other].area} & set(areas):
            continue
        answer = _answer(each, one, other, facts.values())
        if answer is None and not _is_open(each, one, other, apart, held):
            continue
        if answer is None or answer.made_at > until:
            pair = frozenset((each.cluster_id, each.other_id)) if answer else frozenset((one, other))
            found.setdefault((each.kind, pair), (each, answer))
    return await _in_words(kit, list(found.values())[:SHOWN], clusters, known, held, reader, until)


async def joined(kit: Kit, areas: Collection[str] | None, since: dt.datetime) -> list[views.digest.Joined]:
    """What the machine put together after `since`, the most reports first."""
    async with kit.database.reading() as session:
        counts = await storage.facts.joined_since(session, kit.house.workspace_id, since)
        known = rules.facts.Lineage(await storage.clusters.lineage(session, kit.house.workspace_id))
        ids = {known.whole(cluster) for cluster, _ in counts}
        clusters = await storage.clusters.by_ids(session, kit.house.workspace_id, ids)
    reports: dict[int, int] = {}
    for cluster, count in counts:
        reports[known.whole(cluster)] = reports.get(known.whole(cluster), 0) + count
    return [
        views.digest.Joined(cluster, handle(clusters[cluster].number), count)
        for cluster, count in sorted(reports.items(), key=lambda each: (-each[1], each[0]))
        if areas is None or clusters[cluster].area in areas
    ]


def _to_ask(made: Suggestion, since: dt.datetime) -> bool:
    """Whether a reader is asked. What nights find is little, and nobody else is asked of it."""
    if made.kind == "split":
        return made.made_at > since
    return made.report_id is None or made.score >= LIKELY


def _answer(made: Suggestion, one: int, other: int, facts: Collection[Fact]) -> Fact | None:
    """The last standing fact that answers a suggestion."""
    named = {made.cluster_id, made.other_id, one, other}
    kind = ("same_as" if one == other else "not_same_as") if made.kind == "merge" else "not_same_as"
    return next(
        (
            fact
            for fact in reversed(list(facts))
            if fact.undone_at is None
            and fact.kind == kind
            and {fact.cluster_id, fact.other_id} - {None} <= named
            and (made.kind == "merge" or fact.made_at > made.made_at)
        ),
        None,
    )


def _is_open(
    made: Suggestion, one: int, other: int, apart: Collection[frozenset[int]], held: dict[int | None, set[int]]
) -> bool:
    if made.kind == "merge":
        return one != other and frozenset((one, other)) not in apart and bool(held.get(one)) and bool(held.get(other))
    return set(made.leaving) < held.get(made.cluster_id, set())


async def _in_words(
    kit: Kit,
    found: Collection[tuple[Suggestion, Fact | None]],
    clusters: dict[int | None, Cluster],
    known: rules.facts.Lineage,
    held: dict[int | None, set[int]],
    reader: str,
    now: dt.datetime,
) -> list[views.digest.Suggested]:
    drawn = {card.cluster_id: card for card in await cards(kit, list(clusters.values()), now)}
    said = []
    for made, answer in found:
        one, other = drawn[known.whole(made.cluster_id)], drawn[known.whole(made.other_id)]
        told = (await history.told(kit, [answer.id or 0], reader))[0] if answer else ""
        if made.kind == "merge":
            text = views.digest.looks_like(one, other)
        else:
            text = views.digest.looks_mixed(one, len(made.leaving), len(held.get(made.cluster_id, ())))
        said.append(
            views.digest.Suggested(
                text=text,
                suggestion=made.id or 0,
                leaving=made.cluster_id if made.kind == "split" else None,
                decided=f"{told}." if told else "",
                undo=answer.id if answer else None,
            )
        )
    return said
