"""What the model suggests to people, and would not do by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

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
