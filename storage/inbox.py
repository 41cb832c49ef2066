"""The inbox: what people were told is saved, and is still to be filed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Column, Index, Text, UniqueConstraint, delete, func, or_, update
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.moments import moment
from storage.upsert import insert

#: How long a report is left to the process that it came to, which may have somebody waiting for the answer. Who has
#: not filed it by then is dead, or has so much to do that others may help.
GRACE = dt.timedelta(seconds=2)


class Inbox(SQLModel, table=True):
    """A report that was acknowledged and is not filed yet; gone in the transaction that files it.

    `answer`: where Slack takes an answer to the gesture; `taker`: the process that it came to, and that files it unless
    it dies. `attempts` and `error`: of filing it.
    """

    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index("ix_inbox_reporter", "workspace_id", "reporter"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    key: str
    text: str = Field(default="", sa_column=Column(Text, nullable=False))
    source: str
    reporter: str | None = None
    said_at: dt.datetime = moment()
    channel: str = ""
    private: bool = False
    lift: bool = False
    area: str = ""
    severity: int | None = None
    minutes_lost: int | None = None
    answer: str = ""
    taker: str = ""
    arrived_at: dt.datetime = moment()
    due_at: dt.datetime = moment()
    attempts: int = 0
    error: str = Field(default="", sa_column=Column(Text, nullable=False))


@dataclass(frozen=True, slots=True)
class Arrival:
    """The same as it comes in: a plain thing, as making a row costs as much as all the rest of taking it in."""

    workspace_id: str
    key: str
    text: str
    source: str
    reporter: str | None
    said_at: dt.datetime
    channel: str
    private: bool
    lift: bool
    area: str
    severity: int | None
    minutes_lost: int | None
    answer: str
    taker: str
    arrived_at: dt.datetime


_GIVEN = tuple(given.name for given in fields(Arrival))


async def add(session: AsyncSession, arrivals: Sequence[Arrival]) -> None:
    """Store what came in, in this order; what came before, and is not filed yet, is there already."""
    new = insert(session, Inbox).on_conflict_do_nothing(index_elements=["workspace_id", "key"])
    rows = [
        {name: getattr(arrival, name) for name in _GIVEN} | {"due_at": arrival.arrived_at, "attempts": 0, "error": ""}
        for arrival in arrivals
    ]
    await (await session.connection()).execute(new, rows)


async def due(
    session: AsyncSession, workspace_id: str, taker: str, now: dt.datetime, limit: int, *, alone: bool
) -> Sequence[Inbox]:
    """What a process is to file next, in the order it came: its own, and what nobody else files. `alone`: all of it."""
    wanted = select(Inbox).where(Inbox.workspace_id == workspace_id, Inbox.due_at <= now)
    if not alone:
        wanted = wanted.where(or_(col(Inbox.taker) == taker, col(Inbox.arrived_at) < now - GRACE))
    return (await session.exec(wanted.order_by(col(Inbox.id)).limit(limit))).all()


async def hold(session: AsyncSession, row_ids: Collection[int]) -> set[int]:
    """Which of these rows are still there, to be filed in this transaction: nobody else files or erases them now."""
    there = select(Inbox.id).where(col(Inbox.id).in_(row_ids)).order_by(col(Inbox.id)).with_for_update()
    return {row_id for row_id in (await session.exec(there)).all() if row_id is not None}


async def remove(session: AsyncSession, row_ids: Collection[int]) -> None:
    """Take rows out, in the transaction that files them."""
    gone = delete(Inbox).where(col(Inbox.id).in_(row_ids))
    await session.execute(gone.execution_options(synchronize_session=False))


async def postpone(session: AsyncSession, row_id: int, *, until: dt.datetime, error: str) -> None:
    """File a row later: it could not be done, for this reason."""
    later = update(Inbox).where(col(Inbox.id) == row_id)
    changed: dict[str, Any] = {"due_at": until, "attempts": Inbox.attempts + 1, "error": error}
    await session.execute(later.values(**changed).execution_options(synchronize_session=False))


async def depth(session: AsyncSession, workspace_id: str) -> tuple[int, dt.datetime | None]:
    """How many reports are still to be filed, and when the first of them came."""
    wanted = select(func.count(), func.min(Inbox.arrived_at)).where(Inbox.workspace_id == workspace_id)
    count, first = (await session.exec(wanted)).one()
    return count, first


async def failing(session: AsyncSession, workspace_id: str) -> Sequence[Inbox]:
    """What could not be filed so far, oldest first."""
    wanted = select(Inbox).where(Inbox.workspace_id == workspace_id, Inbox.attempts > 0).order_by(col(Inbox.id))
    return (await session.exec(wanted)).all()


async def by_person(session: AsyncSession, workspace_id: str, person: str) -> Sequence[Inbox]:
    """What one person said that is not filed yet, oldest first."""
    wanted = select(Inbox).where(Inbox.workspace_id == workspace_id, Inbox.reporter == person)
    return (await session.exec(wanted.order_by(col(Inbox.id)))).all()


async def erase(session: AsyncSession, workspace_id: str, person: str) -> int:
    """Forget what one person said that is not filed yet; gives back how many reports that were."""
    gone = delete(Inbox).where(col(Inbox.workspace_id) == workspace_id, col(Inbox.reporter) == person)
    erased = await session.execute(gone.returning(col(Inbox.id)).execution_options(synchronize_session=False))
    return len(erased.all())
