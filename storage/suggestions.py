"""What the model suggests to people, and would not do by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import JSON, Column, UniqueConstraint, case, exists
from sqlmodel import Field, SQLModel, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Cluster, Fact, Move, Report
from storage.moments import moment
from storage.upsert import insert, values


class Suggestion(SQLModel, table=True):
    """The model believes that two clusters are the same, or that some reports should leave theirs, and asks.

    `kind`: merge or split. Of a merge, `report_id` is the report that gave rise to it: its author may answer, too. Of a
    split, `leaving` are the reports. Whether it is still open, and what was answered, the facts say.
    """

    __table_args__ = (UniqueConstraint("workspace_id", "kind", "cluster_id", "other_id"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    kind: str
    cluster_id: int = Field(foreign_key="cluster.id")
    other_id: int = Field(foreign_key="cluster.id")
    report_id: int | None = Field(default=None, foreign_key="report.id")
    leaving: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    score: float
    made_at: dt.datetime = moment()


async def make(session: AsyncSession, suggestions: Sequence[Suggestion]) -> int:
    """Write suggestions down. Gives back how many are new; the others were made before, whatever was answered."""
    if not suggestions:
        return 0
    new = insert(session, Suggestion)
    added = new.on_conflict_do_nothing(index_elements=["workspace_id", "kind", "cluster_id", "other_id"])
    rows = [values(suggestion) for suggestion in suggestions]
    return len((await (await session.connection()).execute(added.returning(Suggestion.id), rows)).all())


async def get(session: AsyncSession, workspace_id: str, suggestion_id: int) -> Suggestion | None:
    """The suggestion with this id."""
    wanted = select(Suggestion).where(Suggestion.workspace_id == workspace_id, Suggestion.id == suggestion_id)
    return (await session.exec(wanted)).one_or_none()


async def about(session: AsyncSession, workspace_id: str, report_id: int) -> Sequence[Suggestion]:
    """What was suggested when this report came, the likeliest first."""
    wanted = select(Suggestion).where(
        Suggestion.workspace_id == workspace_id, Suggestion.report_id == report_id, Suggestion.kind == "merge"
    )
    return (await session.exec(wanted.order_by(col(Suggestion.id)))).all()


async def since(session: AsyncSession, workspace_id: str, moment: dt.datetime) -> Sequence[Suggestion]:
    """What was suggested after `moment`, the surest first."""
    wanted = select(Suggestion).where(Suggestion.workspace_id == workspace_id, col(Suggestion.made_at) > moment)
    return (await session.exec(wanted.order_by(col(Suggestion.score).desc(), col(Suggestion.id)))).all()


async def outcomes(session: AsyncSession, workspace_id: str, since: dt.datetime) -> list[tuple[int | None, int, int]]:
    """The merges that were suggested after a moment: (the report that gave rise to it, where that report is now, or the
    cluster itself, and the cluster that it may be the same as)."""
    wanted = (
        select(Suggestion.report_id, func.coalesce(Report.cluster_id, Suggestion.cluster_id), Suggestion.other_id)
        .join(Report, col(Report.id) == col(Suggestion.report_id), isouter=True)
        .where(Suggestion.workspace_id == workspace_id, Suggestion.kind == "merge", col(Suggestion.made_at) > since)
        .order_by(col(Suggestion.id))
    )
    return [(report, here, other) for report, here, other in (await session.exec(wanted)).all()]


async def joined(session: AsyncSession, workspace_id: str, since: dt.datetime) -> tuple[int, int]:
    """How many reports joined a cluster unasked after a moment, when they came or overnight, and how many of these
    somebody took out again.

    Whoever joined when it came is in a cluster that was there before it. Of those without a name it is not known when
    that was.
    """
    first = select(Move.from_id).where(Move.report_id == Report.id).order_by(col(Move.id)).limit(1).scalar_subquery()
    taken_out = exists().where(
        col(Move.report_id) == Report.id,
        col(Fact.id) == Move.fact_id,
        col(Fact.kind) == "not_same_as",
        col(Fact.undone_at).is_(None),
    )
    when_they_came = (
        select(func.count(), func.sum(case((taken_out, 1), else_=0)))
        .select_from(Report)
        .join(Cluster, col(Cluster.id) == func.coalesce(first, Report.cluster_id))
        .where(
            Report.workspace_id == workspace_id,
            Report.created_at > since,
            col(Report.reporter).is_not(None),
            col(Cluster.created_at) < Report.created_at,
        )
    )
    overnight = select(func.count(), func.count(col(Fact.undone_at))).where(
        Fact.workspace_id == workspace_id, Fact.kind == "joined", col(Fact.made_at) > since
    )
    counts = [(await session.exec(wanted)).one() for wanted in (when_they_came, overnight)]
    return sum(count for count, _ in counts), sum(int(undone or 0) for _, undone in counts)
