"""What the model suggests to people, and would not do by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Suggestion
from storage.upsert import insert, values


async def make(session: AsyncSession, suggestion: Suggestion) -> bool:
    """Write a suggestion down. False: it was made before, whatever was answered."""
    row = insert(session, Suggestion).values(**values(suggestion))
    added = row.on_conflict_do_nothing(index_elements=["workspace_id", "kind", "cluster_id", "other_id"])
    return (await session.execute(added.returning(Suggestion.id))).scalar_one_or_none() is not None


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
