"""Verdicts: what was shipped and is still to be looked at, what is counted for it, and what was found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, Index, UniqueConstraint, or_
from sqlmodel import Field, SQLModel, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Cluster, Fact, Report
from storage.moments import moment
from storage.upsert import insert, values


class Verdict(SQLModel, table=True):
    """One weekly look at whether something that was shipped helped; only ever added, and the last one holds.

    `week`: after how many it looked, `until` which moment; `word`: better, no change, worse or too early. Of the
    reports `before` and `after`, in so many days, it says how many a week; `ratio` with `low` and `high`: what is left,
    had everything else stayed as it was, empty where there were too few; `others`: what became of everything else.
    """

    __table_args__ = (
        UniqueConstraint("cluster_id", "shipped_at", "week"),
        Index("ix_verdict_made", "workspace_id", "made_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    cluster_id: int = Field(foreign_key="cluster.id")
    shipped_at: dt.datetime = moment()
    week: int
    until: dt.datetime = moment()
    word: str
    before: int
    days_before: float
    after: int
    days_after: float
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    others: float = 1.0
    made_at: dt.datetime = moment()


async def open(session: AsyncSession, workspace_id: str, last: int) -> list[tuple[int, dt.datetime, int]]:
    """The shipped clusters not looked at after `last` weeks: (cluster, when it was shipped, weeks of its last look)."""
    looked = (
        select(Verdict.cluster_id, Verdict.shipped_at, func.max(Verdict.week).label("week"))
        .group_by(col(Verdict.cluster_id), col(Verdict.shipped_at))
        .subquery()
    )
    mine = (looked.c.cluster_id == Cluster.id) & (looked.c.shipped_at == Cluster.status_at)
    week = func.coalesce(looked.c.week, 0)
    wanted = (
        select(Cluster.id, Cluster.status_at, week)
        .join(looked, mine, isouter=True)
        .where(
            Cluster.workspace_id == workspace_id,
            Cluster.status == "shipped",
            col(Cluster.status_at).is_not(None),
            col(Cluster.merged_into).is_(None),
            week < last,
        )
        .order_by(col(Cluster.id))
    )
    return [(id_ or 0, at, weeks) for id_, at, weeks in (await session.exec(wanted)).all() if at is not None]


async def first_said(
    session: AsyncSession, workspace_id: str, cluster_id: int, shipped_at: dt.datetime
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """When anything that counts of this cluster was first said, and when anything at all was."""
    everywhere = select(func.min(col(Report.said_at))).where(*_counts(workspace_id, shipped_at))
    here = everywhere.where(Report.cluster_id == cluster_id)
    return (await session.exec(here)).one(), (await session.exec(everywhere)).one()


async def said(
    session: AsyncSession,
    workspace_id: str,
    cluster_id: int,
    since: dt.datetime,
    until: dt.datetime,
    *,
    shipped_at: dt.datetime,
) -> tuple[list[dt.datetime], list[dt.datetime]]:
    """When each report of this cluster was said after `since` and up to `until`, and when each of all others was."""
    wanted = select(Report.cluster_id, Report.said_at).where(
        *_counts(workspace_id, shipped_at), col(Report.said_at) > since, col(Report.said_at) <= until
    )
    here: list[dt.datetime] = []
    others: list[dt.datetime] = []
    for placed, at in (await session.exec(wanted)).all():
        (here if placed == cluster_id else others).append(at)
    return here, others


def _counts(workspace_id: str, shipped_at: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    """Neither what was taken back counts, nor what was over for who said it before the shipping."""
    return (
        col(Report.workspace_id) == workspace_id,
        col(Report.cluster_id).is_not(None),
        or_(col(Report.over_at).is_(None), col(Report.over_at) > shipped_at),
    )


async def give(session: AsyncSession, verdict: Verdict) -> bool:
    """Write down what a look found. False: somebody looked already."""
    row = insert(session, Verdict).values(**values(verdict))
    added = row.on_conflict_do_nothing(index_elements=["cluster_id", "shipped_at", "week"]).returning(Verdict.id)
    return (await session.execute(added)).scalar_one_or_none() is not None


async def standing(
    session: AsyncSession, workspace_id: str, cluster_ids: Collection[int], until: dt.datetime | None = None
) -> dict[int, Verdict]:
    """The last look at what each of these clusters shipped last. `until`: as it was then."""
    wanted = select(Verdict).where(Verdict.workspace_id == workspace_id, col(Verdict.cluster_id).in_(cluster_ids))
    if until is not None:
        wanted = wanted.where(col(Verdict.made_at) <= until)
    ordered = wanted.order_by(col(Verdict.shipped_at), col(Verdict.week))
    return {verdict.cluster_id: verdict for verdict in (await session.exec(ordered)).all()}


async def looked_at(
    session: AsyncSession, workspace_id: str, since: dt.datetime, until: dt.datetime, areas: Sequence[str] | None
) -> list[int]:
    """The clusters of these areas (None: of all), still shipped, looked at after `since` and up to `until`."""
    wanted = (
        select(Verdict.cluster_id)
        .join(Cluster, (col(Cluster.id) == Verdict.cluster_id) & (col(Cluster.status_at) == Verdict.shipped_at))
        .where(
            Verdict.workspace_id == workspace_id,
            col(Verdict.made_at) > since,
            col(Verdict.made_at) <= until,
            Cluster.status == "shipped",
            col(Cluster.merged_into).is_(None),
        )
        .distinct()
        .order_by(col(Verdict.cluster_id))
    )
    if areas is not None:
        wanted = wanted.where(col(Cluster.area).in_(areas))
    return list((await session.exec(wanted)).all())


async def shipped(
    session: AsyncSession, workspace_id: str, since: dt.datetime, until: dt.datetime
) -> list[tuple[int, dt.datetime]]:
    """What was said to be shipped from `since` to before `until`, and not taken back: (cluster, when), oldest first."""
    wanted = (
        select(Fact.cluster_id, Fact.made_at)
        .where(
            Fact.workspace_id == workspace_id,
            Fact.kind == "status",
            Fact.value == "shipped",
            col(Fact.cluster_id).is_not(None),
            col(Fact.undone_at).is_(None),
            col(Fact.made_at) >= since,
            col(Fact.made_at) < until,
        )
        .order_by(col(Fact.made_at), col(Fact.id))
    )
    return [(cluster_id or 0, at) for cluster_id, at in (await session.exec(wanted)).all()]


async def of_shipping(
    session: AsyncSession, workspace_id: str, shipped: Mapping[int, dt.datetime]
) -> dict[int, Verdict]:
    """The last look at each of these clusters, as it was shipped at that moment."""
    wanted = select(Verdict).where(Verdict.workspace_id == workspace_id, col(Verdict.cluster_id).in_(list(shipped)))
    found = (await session.exec(wanted.order_by(col(Verdict.week)))).all()
    return {each.cluster_id: each for each in found if each.shipped_at == shipped[each.cluster_id]}
