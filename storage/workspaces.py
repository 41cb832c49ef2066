"""The Slack teams we serve, and the lock under which each one's reports are placed."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Workspace
from storage.upsert import insert


async def ensure(session: AsyncSession, workspace_id: str, name: str) -> None:
    """Make sure the workspace has its row."""
    row = insert(session, Workspace).values(id=workspace_id, name=name, last_handle=0, revision=0)
    await session.execute(row.on_conflict_do_update(index_elements=["id"], set_={"name": name}))


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
