"""How people stand in clusters, one by one and summed. The rows follow from what was said: storage.triggers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Index,
    String,
    UniqueConstraint,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    or_,
)
from sqlalchemy import select as columns
from sqlalchemy import values as rows
from sqlmodel import Field, SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import votes
from storage.models import Cluster
from storage.moments import UtcDateTime, moment


class Developer(SQLModel, table=True):
    """One person in one cluster, derived by the database from all they reported and voted (storage.triggers).

    `last_at`: their latest signal; `severity`: the latest that they said; `reports`: how many of the signals are
    reports. Somebody `unnamed` is a person of their own for each report.
    """

    __table_args__ = (
        UniqueConstraint("cluster_id", "person"),
        Index("ix_developer_workspace", "workspace_id", "cluster_id", "last_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    cluster_id: int
    person: str
    unnamed: bool
    first_at: dt.datetime = moment()
    last_at: dt.datetime = moment()
    severity: int | None = None
    reports: int


class Sum(NamedTuple):
    """One cluster, summed over its people. What each number means, the bot's rules say."""

    cluster_id: int
    developers: int
    leads: int
    new: int
    reports: int
    impact: int
    lead_impact: int
    severities: int
    first_seen: dt.datetime
    last_seen: dt.datetime


async def summed(
    session: AsyncSession,
    workspace_id: str,
    *,
    areas: Sequence[str] | None = None,
    clusters: Collection[int] | None = None,
    freshness: Sequence[int],
    unsaid: int,
    leads: Collection[str],
    now: dt.datetime,
    since: dt.datetime,
) -> list[Sum]:
    """How the clusters of these areas, or with these ids, stand at `now`; one without a report does not stand.

    `freshness`: what a signal is worth by its age in days, and nothing beyond; `unsaid`: the severity when nobody said
    one; people are new when they came after `since`.
    """
    postgresql = session.get_bind().dialect.name == "postgresql"
    fresh = _fresh(freshness, now, postgresql)
    last, first = col(Developer.last_at), col(Developer.first_at)
    day = _day(_seen(now), postgresql)
    severity = func.coalesce(Developer.severity, unsaid)
    weight = severity * func.coalesce(fresh.c.worth, 0)
    a_lead = col(Developer.person).in_(leads)
    # Whoever was not named has only a day, and its beginning stands for it.
    begins = since.replace(hour=0, minute=0, second=0, microsecond=0)
    is_new = or_(first > since, and_(col(Developer.unnamed), first >= begins))
    reports = func.sum(Developer.reports)
    wanted = (
        columns(
            col(Developer.cluster_id),
            func.count(),
            func.count().filter(a_lead),
            func.count().filter(is_new),
            reports,
            func.sum(weight),
            func.coalesce(func.sum(weight).filter(a_lead), 0),
            func.sum(severity + 1),
            func.min(first, type_=UtcDateTime),
            func.max(last, type_=UtcDateTime),
        )
        .outerjoin(fresh, fresh.c.day == day)
        .where(col(Developer.workspace_id) == workspace_id)
        .group_by(col(Developer.cluster_id))
        .having(reports > 0)
    )
    if areas is not None:
        within = columns(col(Cluster.id)).where(col(Cluster.workspace_id) == workspace_id, col(Cluster.area).in_(areas))
        wanted = wanted.where(col(Developer.cluster_id).in_(within))
    if clusters is not None:
        wanted = wanted.where(col(Developer.cluster_id).in_(clusters))
    return [Sum(*row) for row in (await session.execute(wanted)).all()]


async def cells(
    session: AsyncSession, cluster_ids: Collection[int], now: dt.datetime, days: int
) -> dict[int, dict[tuple[int | None, int], int]]:
    """How many people of each cluster said last how bad it is on which of the last `days` (by its number, in UTC)."""
    day = _day(_seen(now), session.get_bind().dialect.name == "postgresql")
    oldest = dt.datetime.combine(now.astimezone(dt.UTC).date(), dt.time(), dt.UTC) - dt.timedelta(days=days - 1)
    wanted = (
        columns(col(Developer.cluster_id), col(Developer.severity), day, func.count())
        .where(col(Developer.cluster_id).in_(cluster_ids), col(Developer.last_at) >= oldest)
        .group_by(col(Developer.cluster_id), col(Developer.severity), day)
    )
    found: dict[int, dict[tuple[int | None, int], int]] = {cluster_id: {} for cluster_id in cluster_ids}
    for cluster_id, severity, said, count in (await session.execute(wanted)).all():
        number = dt.date.fromisoformat(str(said)).toordinal()
        found[cluster_id][severity, number] = count
    return found


async def active(
    session: AsyncSession, workspace_id: str, cluster_ids: Collection[int], bounds: Sequence[dt.datetime]
) -> dict[int, list[int]]:
    """How many people spoke of each of these clusters in each period, the oldest first.

    `bounds`: where the periods begin, the latest first; the latest has no end.
    """
    signals = votes.union(workspace_id, cluster_ids).subquery()
    person = func.coalesce(signals.c.person, literal("unnamed ") + cast(signals.c.report_id, String))
    period = case(*((signals.c.at > begins, ago) for ago, begins in enumerate(bounds)))
    wanted = (
        columns(signals.c.cluster_id, period, func.count(person.distinct()))
        .where(signals.c.at > bounds[-1])
        .group_by(signals.c.cluster_id, period)
    )
    counts = {cluster_id: [0] * len(bounds) for cluster_id in cluster_ids}
    for cluster_id, ago, count in (await session.execute(wanted)).all():
        counts[cluster_id][-1 - ago] = count
    return counts


def _seen(now: dt.datetime) -> ColumnElement[dt.datetime]:
    """Somebody's latest signal; one that is still to come counts as now."""
    return case((col(Developer.last_at) > now, literal(now, UtcDateTime)), else_=col(Developer.last_at))


def _day(at: Any, postgresql: bool) -> ColumnElement[Any]:
    return cast(func.timezone("UTC", at), Date) if postgresql else func.substr(at, 1, 10, type_=String)


def _fresh(freshness: Sequence[int], now: dt.datetime, postgresql: bool) -> CTE:
    """The days that still count, and what a signal of each is worth."""
    today = now.astimezone(dt.UTC).date()
    days = [today - dt.timedelta(days=age) for age in range(len(freshness))]
    written: list[Any] = days if postgresql else [day.isoformat() for day in days]
    kind = Date() if postgresql else String()
    listed = rows(column("day", kind), column("worth"), name="listed").data(list(zip(written, freshness, strict=True)))
    return listed.cte("fresh")
