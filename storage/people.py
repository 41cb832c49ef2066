"""What is held about one person, in whichever table, and how it goes; and how a whole workspace does.

The tables are asked what columns they have, so that one which is added later is neither left out nor left behind.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    String,
    Table,
    UniqueConstraint,
    cast,
    delete,
    false,
    func,
    or_,
    select,
    update,
)
from sqlmodel import AutoString, Field, SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.developers import Developer
from storage.models import Cluster, Digest, Fact, Fit, Model, Outbox, Report, Subscription, Workspace
from storage.moments import moment
from storage.upsert import insert, values

#: Of these the row stays without the person: others count on it, or were told.
_STAYS = (Report.__tablename__, Cluster.__tablename__, Fact.__tablename__, Workspace.__tablename__)

#: What follows from other tables by itself.
_DERIVED = Developer.__tablename__

_QUIETLY = {"synchronize_session": False}


class Unflagged(SQLModel, table=True):
    """Somebody who does not want their messages flagged by others."""

    __table_args__ = (UniqueConstraint("workspace_id", "person"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    person: str
    since: dt.datetime = moment()


async def held(session: AsyncSession, workspace_id: str, person: str) -> dict[str, list[dict[str, Any]]]:
    """Every row that names this person, by table, as JSON takes it. What is derived from them is left out."""
    found = {}
    for table in _tables():
        wanted = select(table).where(_here(table, workspace_id), _names(table, person))
        rows = await session.execute(wanted.order_by(*table.primary_key.columns))
        shown = [{key: _plain(value) for key, value in row._mapping.items()} for row in rows]
        if shown:
            found[table.name] = shown
    return found


async def clusters_of(session: AsyncSession, workspace_id: str, person: str) -> list[int]:
    """The clusters that this person counts in."""
    wanted = select(col(Developer.cluster_id)).where(
        col(Developer.workspace_id) == workspace_id, col(Developer.person) == person
    )
    return list((await session.execute(wanted)).scalars())


async def reports_of(session: AsyncSession, workspace_id: str, person: str) -> list[int]:
    """The reports that this person is named in as their author."""
    wanted = select(col(Report.id)).where(col(Report.workspace_id) == workspace_id, col(Report.reporter) == person)
    return [report_id for report_id in (await session.execute(wanted)).scalars() if report_id is not None]


async def forget(session: AsyncSession, workspace_id: str, person: str) -> None:
    """Forget a person everywhere but in their reports, which have to be taken back before. What they decided stays."""
    theirs = select(col(Subscription.id)).where(
        col(Subscription.workspace_id) == workspace_id, col(Subscription.reader) == person
    )
    await session.execute(delete(Digest).where(col(Digest.subscription_id).in_(theirs)).execution_options(**_QUIETLY))
    for table in reversed(_tables()):
        if table.name not in _STAYS:
            gone = delete(table).where(_here(table, workspace_id), _names(table, person))
            await session.execute(gone.execution_options(**_QUIETLY))
    counted = delete(Developer).where(col(Developer.workspace_id) == workspace_id, col(Developer.person) == person)
    await session.execute(counted.execution_options(**_QUIETLY))
    owned = update(Fact).where(col(Fact.workspace_id) == workspace_id, col(Fact.kind) == "owner")
    await session.execute(owned.where(col(Fact.value) == person).values(value="").execution_options(**_QUIETLY))
    for table, column, nobody in ((Fact, "made_by", None), (Fact, "undone_by", None), (Cluster, "owner", "")):
        named = SQLModel.metadata.tables[str(table.__tablename__)].c
        blank = update(table).where(named.workspace_id == workspace_id, named[column] == person)
        await session.execute(blank.values({column: nobody}).execution_options(**_QUIETLY))


async def forget_told(session: AsyncSession, workspace_id: str, report_id: int) -> None:
    """Forget what was said of one report: finished, it is only a copy."""
    about = or_(*(_json(col(Outbox.payload)).like(f'%"report": {report_id}{end}%') for end in (",", "}")))
    done = delete(Outbox).where(col(Outbox.workspace_id) == workspace_id, col(Outbox.wanted) <= col(Outbox.done), about)
    await session.execute(done.execution_options(**_QUIETLY))


async def unlearn(session: AsyncSession, workspace_id: str, report_id: int) -> bool:
    """Forget that a report was learned from. True: the model in use was, and is deleted; the next fit does without."""
    fits = (await session.execute(select(Fit).where(col(Fit.workspace_id) == workspace_id))).scalars().all()
    taught = [fit for fit in fits if str(report_id) in fit.lessons]
    for fit in taught:
        fit.lessons = {key: words for key, words in fit.lessons.items() if key != str(report_id)}
        session.add(fit)
    in_use = delete(Model).where(col(Model.fit_id).in_([fit.id for fit in taught])).returning(col(Model.id))
    return bool((await session.execute(in_use.execution_options(**_QUIETLY))).scalars().all())


async def fade(session: AsyncSession, workspace_id: str, before: dt.datetime, revision: int) -> list[int]:
    """Take the words out of reports that were said before a moment; that they were said still counts.

    Gives back the clusters that they are in. `revision`: the workspace's, which is locked.
    """
    old = (
        update(Report)
        .where(
            col(Report.workspace_id) == workspace_id,
            col(Report.said_at) < before,
            or_(col(Report.text) != "", col(Report.detail) != "", col(Report.permalink) != ""),
        )
        .values(text="", detail="", permalink="", revision=revision)
        .returning(col(Report.cluster_id))
    )
    found = (await session.execute(old.execution_options(**_QUIETLY))).scalars()
    return sorted({cluster_id for cluster_id in found if cluster_id is not None})


async def purge(session: AsyncSession, workspace_id: str) -> None:
    """Forget a workspace: every row of it in every table."""
    for table in reversed(SQLModel.metadata.sorted_tables):
        if "workspace_id" not in table.c and table.name != Workspace.__tablename__:
            # Rows that belong to it by what they refer to.
            for key in table.foreign_keys:
                target = key.column.table
                theirs = select(key.column).where(target.c.workspace_id == workspace_id)
                await session.execute(delete(table).where(key.parent.in_(theirs)).execution_options(**_QUIETLY))
    cut = update(Cluster).where(col(Cluster.workspace_id) == workspace_id)
    await session.execute(cut.values(merged_into=None, split_from=None).execution_options(**_QUIETLY))
    ended = update(Fact).where(col(Fact.workspace_id) == workspace_id)
    await session.execute(ended.values(overruled_by=None).execution_options(**_QUIETLY))
    for table in reversed(SQLModel.metadata.sorted_tables):
        if "workspace_id" in table.c:
            await session.execute(
                delete(table).where(table.c.workspace_id == workspace_id).execution_options(**_QUIETLY)
            )
    await session.execute(delete(Workspace).where(col(Workspace.id) == workspace_id).execution_options(**_QUIETLY))


async def set_unflagged(
    session: AsyncSession, workspace_id: str, person: str, now: dt.datetime, *, wanted: bool
) -> None:
    """Note whether somebody wants their messages left alone."""
    if wanted:
        row = insert(session, Unflagged).values(
            **values(Unflagged(workspace_id=workspace_id, person=person, since=now))
        )
        await session.execute(row.on_conflict_do_nothing(index_elements=["workspace_id", "person"]))
        return
    gone = delete(Unflagged).where(col(Unflagged.workspace_id) == workspace_id, col(Unflagged.person) == person)
    await session.execute(gone.execution_options(**_QUIETLY))


async def is_unflagged(session: AsyncSession, workspace_id: str, person: str) -> bool:
    """Whether somebody wants their messages left alone."""
    wanted = select(func.count()).select_from(Unflagged)
    wanted = wanted.where(col(Unflagged.workspace_id) == workspace_id, col(Unflagged.person) == person)
    return bool((await session.execute(wanted)).scalar_one())


def _tables() -> list[Table]:
    return [table for table in SQLModel.metadata.sorted_tables if "workspace_id" in table.c and table.name != _DERIVED]


def _here(table: Table, workspace_id: str) -> ColumnElement[bool]:
    return table.c.workspace_id == workspace_id


def _names(table: Table, person: str) -> ColumnElement[bool]:
    """Whether a row has this person's id in it: as a value, inside JSON, or at the end or in the middle of a key."""
    found: list[ColumnElement[bool]] = []
    for column in table.c:
        if isinstance(column.type, JSON):
            found.append(_json(column).like(f'%"{person}"%'))
        elif isinstance(column.type, String | AutoString):
            found.append(column == person)
            if column.name == "key":
                found += [
                    column.endswith(f":{person}", autoescape=True),
                    column.contains(f":{person}:", autoescape=True),
                ]
    return or_(false(), *found)


def _json(column: Any) -> ColumnElement[str]:
    return cast(column, String)


def _plain(value: Any) -> Any:
    match value:
        case dt.datetime():
            return value.isoformat()
        case bytes():
            return f"{len(value)} bytes"
    return value
