"""The Slack teams we serve, and the lock under which each one's reports are placed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import func, or_, update
from sqlalchemy import select as columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Fact, Vote, Workspace
from storage.upsert import insert


async def ensure(session: AsyncSession, workspace_id: str, name: str) -> None:
    """Make sure the workspace has its row."""
    row = insert(session, Workspace).values(id=workspace_id, name=name, last_handle=0, revision=0)
    # Slack has just told us who we are there: if it was gone, it is back.
    back = {"name": name, "gone_at": None}
    await session.execute(row.on_conflict_do_update(index_elements=["id"], set_=back))


async def leave(session: AsyncSession, workspace_id: str, now: dt.datetime) -> None:
    """Note that we are not installed there any more; told twice, it is so since the first time."""
    left = update(Workspace).where(col(Workspace.id) == workspace_id, col(Workspace.gone_at).is_(None))
    await session.execute(left.values(gone_at=now).execution_options(synchronize_session=False))


async def gone_since(session: AsyncSession, workspace_id: str) -> dt.datetime | None:
    """Since when we are not installed there any more; None while we are."""
    return (await session.exec(select(Workspace.gone_at).where(Workspace.id == workspace_id))).one_or_none()


async def lock(session: AsyncSession, workspace_id: str) -> Workspace:
    """Hold the workspace until this transaction ends, and move its revision on by one.

    Two replicas that are told of the same problem at the same moment thereby place it one after the other, and the
    second one sees the first one's cluster.
    """
    moved = (
        update(Workspace)
        .where(col(Workspace.id) == workspace_id)
        .values(revision=Workspace.revision + 1)
        .returning(Workspace)
        .execution_options(populate_existing=True)
    )
    workspace: Workspace = (await session.execute(moved)).scalar_one()
    return workspace


async def begin_night(session: AsyncSession, workspace_id: str, night: dt.datetime, now: dt.datetime) -> bool:
    """Begin the work of the night that began at `night`. False: somebody has."""
    begun = (
        update(Workspace)
        .where(
            col(Workspace.id) == workspace_id,
            or_(col(Workspace.regrouped_at).is_(None), col(Workspace.regrouped_at) < night),
        )
        .values(regrouped_at=now)
        .returning(col(Workspace.id))
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(begun)).scalar_one_or_none() is not None


async def next_handle(session: AsyncSession, workspace: Workspace) -> int:
    """Give out the next cluster number. The workspace must be locked."""
    given = (
        update(Workspace)
        .where(col(Workspace.id) == workspace.id)
        .values(last_handle=Workspace.last_handle + 1)
        .returning(col(Workspace.last_handle))
        .execution_options(synchronize_session=False)
    )
    return int((await session.execute(given)).scalar_one())


async def revision(session: AsyncSession, workspace_id: str) -> int:
    """How often something was placed, moved, edited or withdrawn so far."""
    return (await session.exec(select(Workspace.revision).where(Workspace.id == workspace_id))).one()


async def claim_sweep(session: AsyncSession, workspace_id: str, now: dt.datetime, every: dt.timedelta) -> bool:
    """Take the next sweep of votes, by compare-and-set. False: the last one was less than `every` ago."""
    due = update(Workspace).where(
        col(Workspace.id) == workspace_id,
        or_(col(Workspace.swept_at).is_(None), col(Workspace.swept_at) <= now - every),
    )
    taken = due.values(swept_at=now).execution_options(synchronize_session=False).returning(col(Workspace.id))
    return (await session.execute(taken)).scalar_one_or_none() is not None


async def version(session: AsyncSession, workspace_id: str) -> tuple[int, ...]:
    """Numbers that are others as soon as anybody has said, decided, voted or taken back anything."""

    def of(counted: Any, *where: Any) -> Any:
        return columns(func.coalesce(counted, 0)).where(*where).scalar_subquery()

    votes, facts = col(Vote.workspace_id) == workspace_id, col(Fact.workspace_id) == workspace_id
    gone, undone = col(Vote.given).is_(False), col(Fact.undone_at).is_not(None)
    wanted = columns(
        of(func.max(Workspace.revision), col(Workspace.id) == workspace_id),
        of(func.max(Vote.id), votes),
        # A vote is one row, given or taken back: which ones are taken back tells of every change.
        of(func.count(), votes, gone),
        of(func.sum(Vote.id), votes, gone),
        of(func.max(Fact.id), facts),
        of(func.sum(Fact.id), facts, undone),
    )
    return tuple((await session.execute(wanted)).one())
