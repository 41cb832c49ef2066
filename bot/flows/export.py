"""What is stored, as rows for other programs. The columns are a promise: others read them by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Any

import storage.clusters
import storage.reports
import storage.votes
from bot import rules, views
from bot.flows.card import card_of, handle
from storage.database import Database
from storage.models import Cluster, Report, Vote

Row = dict[str, Any]

#: What can be exported, and its columns in order.
COLUMNS = {
    "reports": (
        "id cluster area area_by confidence text source reporter channel message_ts visibility severity minutes_lost "
        "created_at"
    ).split(),
    "clusters": (
        "cluster title area status reports developers leads impact first_seen last_seen card_channel card_ts "
        "merged_into"
    ).split(),
    "votes": "cluster person emoji channel message_ts voted_at".split(),
}
WHAT = tuple(COLUMNS)


async def rows(
    database: Database,
    workspace_id: str,
    what: str,
    *,
    leads: Collection[str],
    now: dt.datetime,
    private: bool = False,
) -> list[Row]:
    """The rows of `what` (one of WHAT) of one workspace, oldest first.

    The words of private reports are left out unless they are asked for (`private`); that they were said is not.
    """
    async with database.reading() as session:
        clusters = await storage.clusters.everything(session, workspace_id)
        reports = await storage.reports.everything(session, workspace_id)
        votes = await storage.votes.everything(session, workspace_id) if what == "votes" else ()
        signals = await storage.votes.signals(session, workspace_id)
    handles = {cluster.id: handle(cluster.number) for cluster in clusters}
    match what:
        case "reports":
            return [_report(report, handles, private) for report in reports]
        case "clusters":
            return list(_clusters(clusters, reports, signals, handles, leads, now))
        case "votes":
            return [_vote(vote, handles[cluster_id]) for vote, cluster_id in votes]
        case _:
            raise ValueError(f"{what!r} cannot be exported. Choose one of {', '.join(WHAT)}.")


def _report(report: Report, handles: dict[int | None, str], told: bool) -> Row:
    private = report.visibility == "private" and not told
    return {
        "id": report.id,
        "cluster": handles.get(report.cluster_id),
        "area": report.area,
        "area_by": report.area_by,
        "confidence": round(report.confidence, 3),
        "text": "" if private else report.text,
        "source": report.source,
        "reporter": report.reporter,
        "channel": "" if private else report.channel,
        "message_ts": "" if private else report.message_ts,
        "visibility": report.visibility,
        "severity": report.severity,
        "minutes_lost": report.minutes_lost,
        "created_at": _iso(report.created_at),
    }


def _clusters(
    clusters: Collection[Cluster],
    reports: Collection[Report],
    signals: Collection[storage.votes.Signal],
    handles: dict[int | None, str],
    leads: Collection[str],
    now: dt.datetime,
) -> Iterator[Row]:
    standings = rules.impact.standings(signals, leads=leads, now=now, since=now)
    own: dict[int | None, list[Report]] = {}
    for report in reports:
        own.setdefault(report.cluster_id, []).append(report)
    for cluster in clusters:
        standing = standings.get(cluster.id or 0)
        card = card_of(cluster, own.get(cluster.id, []), standing)
        yield {
            "cluster": card.handle,
            "title": f"Part of {handles[cluster.merged_into]}" if cluster.merged_into else views.card.title(card),
            "area": card.area,
            "status": card.status,
            "reports": card.reports,
            "developers": card.developers,
            "leads": card.leads,
            "impact": round(standing.impact, 3) if standing and card.reports else 0.0,
            "first_seen": _iso(standing.first_seen) if standing else None,
            "last_seen": _iso(standing.last_seen) if standing else None,
            "card_channel": cluster.card_channel,
            "card_ts": cluster.card_ts,
            "merged_into": handles.get(cluster.merged_into),
        }


def _vote(vote: Vote, cluster: str) -> Row:
    return {
        "cluster": cluster,
        "person": vote.person,
        "emoji": vote.emoji,
        "channel": vote.channel,
        "message_ts": vote.message_ts,
        "voted_at": _iso(vote.voted_at),
    }


def _iso(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
