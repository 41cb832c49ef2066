"""How people stand in clusters, one by one and summed. The rows follow from what was said: storage.triggers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    String,
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
from storage.moments import UtcDateTime, moment


class Developer(SQLModel, table=True):
    """One person in one cluster, derived by the database from all they reported and voted (storage.triggers).

    `last_at`: their latest signal; `severity`: the latest that they said; `reports`: how many of the signals are
    reports. Somebody `unnamed` is a person of their own for each report.
    """

    # Laid out by its key: what is summed by cluster is read in one go, and a row is written in one place.
    __table_args__ = {"sqlite_with_rowid": False}

    cluster_id: int = Field(primary_key=True)
    person: str = Field(primary_key=True)
    workspace_id: str
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
    clusters: Collection[int] | None = None,
    freshness: Sequence[int],
    unsaid: int,
    few: int,
    leads: Collection[str],
    now: dt.datetime,
    since: dt.datetime,
) -> list[Sum]:
    """How clusters stand at `now`, all of them or those with these ids; one without a report does not stand.

    `freshness`: what a signal is worth by its age in days, and nothing beyond; `unsaid`: the severity when nobody said
    one; of fewer than `few` people, none is counted as a lead; people are new when they came after `since`.
    """
    postgresql = session.get_bind().dialect.name == "postgresql"
    fresh = _fresh(freshness, now, postgresql)
    last, first = col(Developer.last_at), col(Developer.first_at)
    day = _day(_seen(now), postgresql)
    severity = func.coalesce(Developer.severity, unsaid)
    weight = severity * func.coalesce(fresh.c.worth, 0)
    a_lead = col(Developer.person).in_(leads)
    reports = func.sum(Developer.reports)
    wanted = (
        columns(
            col(Developer.cluster_id),
            func.count(),
            case((func.count() < few, 0), else_=func.count().filter(a_lead)),
            func.count().filter(_is_new(since)),
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
        found[cluster_id][severity, _number(said)] = count
    return found


async def newcomers(session: AsyncSession, workspace_id: str, since: dt.datetime) -> dict[int, int]:
    """How many people each cluster has who came after `since`; those that have any."""
    wanted = (
        columns(col(Developer.cluster_id), func.count())
        .where(col(Developer.workspace_id) == workspace_id, _is_new(since))
        .group_by(col(Developer.cluster_id))
    )
    return {cluster_id: count for cluster_id, count in (await session.execute(wanted)).all()}


async def crowd(
    session: AsyncSession, cluster_id: int, *, now: dt.datetime, until: dt.datetime
) -> list[tuple[int | None, int, bool, bool, bool, int]]:
    """The people of a cluster, counted: (severity, day of their latest signal by its number in UTC, whether they came
    after `until`, whether they spoke after it, whether they spoke in the last seven days, how many)."""
    day = _day(_seen(now), session.get_bind().dialect.name == "postgresql")
    first, last = col(Developer.first_at), col(Developer.last_at)
    kinds = (col(Developer.severity), day, first > until, last > until, last > now - dt.timedelta(weeks=1))
    wanted = columns(*kinds, func.count()).where(col(Developer.cluster_id) == cluster_id).group_by(*kinds)
    rows_ = (await session.execute(wanted)).all()
    return [
        (severity, _number(said), bool(came), bool(spoke), bool(lately), n)
        for severity, said, came, spoke, lately, n in rows_
    ]


async def before(
    session: AsyncSession, workspace_id: str, cluster_id: int, until: dt.datetime
) -> dict[tuple[int | None, int], int]:
    """How those of a cluster who spoke before `until` and again after it stood then: how many said last how bad it is
    on which day."""
    said = votes.union(workspace_id, [cluster_id]).subquery()
    latest = func.max(said.c.at).filter(said.c.severity.is_not(None))
    severity = case(
        *((func.max(said.c.at).filter(said.c.severity == level) == latest, level) for level in (3, 2, 1, 0))
    )
    stood = (
        columns(func.max(said.c.at, type_=UtcDateTime).label("at"), severity.label("severity"))
        .join(Developer, and_(col(Developer.cluster_id) == said.c.cluster_id, col(Developer.person) == said.c.person))
        .where(col(Developer.first_at) <= until, col(Developer.last_at) > until, said.c.at <= until)
        .group_by(said.c.person)
        .subquery()
    )
    day = _day(stood.c.at, session.get_bind().dialect.name == "postgresql")
    wanted = columns(stood.c.severity, day, func.count()).group_by(stood.c.severity, day)
    return {(level, _number(at)): count for level, at, count in (await session.execute(wanted)).all()}


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


def _is_new(since: dt.datetime) -> ColumnElement[bool]:
    """Whether somebody came after `since`. Whoever was not named has only a day, and its beginning stands for it."""
    begins = since.replace(hour=0, minute=0, second=0, microsecond=0)
    first = col(Developer.first_at)
    return or_(first > since, and_(col(Developer.unnamed), first >= begins))


def _number(day: Any) -> int:
    """The number of a day, as either database writes it."""
    return dt.date.fromisoformat(str(day)).toordinal()


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
