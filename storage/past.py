"""The database as it was at a moment, as far as that can be known: to ask what would have been said then."""

from __future__ import annotations

import contextlib
import datetime as dt
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert, select, update
from sqlmodel import SQLModel

from storage.database import Database, Session
from storage.developers import Developer
from storage.homes import Home
from storage.models import Card, Cluster, Digest, Fact, Fit, Model, Outbox, Report, Subscription, Workspace
from storage.notices import Answer, Mute, Notice, Seal

Row = dict[str, Any]

#: Since when a row was known, by the first of these columns that its table has; a row without one is as old as what it
#: belongs to.
_KNOWN = ("made_at", "voted_at", "created_at")


#: What nobody asks of the past: what Slack or people were to be told, what they answered or chose to see, and models of
#: the classifier; and what the copy derives by itself.
_LEFT_OUT = tuple(table.__tablename__ for table in (Developer, Home, Outbox, Fit, Model, Notice, Mute, Answer, Seal))


class Past:
    """A copy of one workspace that moves forward in time. `database` is asked, and written to, as the real one is.

    A row is in it when it was made by then. What was decided afterwards is taken back: which cluster a report went to,
    what a cluster was merged into, who may read a report, and its area when people had given it another before. The
    facts are as they stood; that a cluster is what they say (title, area, status, owner, rest), whoever asks sees to.

    What cannot be taken back, because nothing remembers how it was: words that were withdrawn since are missing, and so
    is their count; words that were edited, and what was added to a report (detail, severity, minutes), are as they are
    now; so is an area that nobody but the model had given before; a vote that was given anew or taken back since is
    missing. A report without a name is known from the beginning of its day. Digests are those that were sent before the
    first moment asked for.
    """

    def __init__(self, database: Database, rows: dict[str, list[Row]]) -> None:
        """`database`: empty, at head; `rows`: everything there is now, by table."""
        self.database = database
        self._rows = rows
        self._there: dict[str, dict[int, Row]] = {name: {} for name in rows}
        self._begun = False
        self._decided = _by(rows["fact"], "report_id")
        self._of_cluster = _by([fact for fact in rows["fact"] if fact["report_id"] is None], "cluster_id")
        self._moved = _moves(rows["move"], rows["fact"])

    async def at(self, moment: dt.datetime) -> None:
        """Let it be `moment`, which is not before the last one."""
        async with self.database.transaction() as session:
            for table in SQLModel.metadata.sorted_tables:
                # From the first moment on, digests of the copy's own time are added by whoever asks.
                if table.name in self._rows and not (self._begun and table.name == Digest.__tablename__):
                    await self._forward(session, table, moment)
        self._begun = True

    async def _forward(self, session: Session, table: Table, moment: dt.datetime) -> None:
        there, new = self._there[table.name], []
        for now in self._rows[table.name]:
            if not _is_known(table, now, moment):
                continue
            then = self._linked(table, self._undecided(table, now, moment))
            known = there.get(now["id"])
            if then is None or then == known:
                continue
            if known is None:
                new.append(then)
            else:
                await session.execute(update(table).where(table.c.id == now["id"]).values(then))
            there[now["id"]] = then
        if new:
            await session.execute(insert(table), new)

    def _undecided(self, table: Table, row: Row, moment: dt.datetime) -> Row:
        """A row without what was decided about it after `moment`."""
        if row.get("over_at") is not None and row["over_at"] > moment:
            row = row | {"over_at": None}
        match table.name:
            case Report.__tablename__:
                return self._report(dict(row), moment)
            case Cluster.__tablename__:
                return row | {"merged_into": self._merged(row["id"], moment)}
            case Card.__tablename__:
                return row | {"cluster_id": self._whole(row["home_id"], moment)}
            case Fact.__tablename__ if row["undone_at"] is not None and row["undone_at"] > moment:
                return row | {"undone_at": None, "undone_by": None, "overruled_by": None}
        return row

    def _report(self, then: Row, moment: dt.datetime) -> Row:
        for when, came_from in self._moved.get(then["id"], ()):  # the latest first
            if when > moment and then["cluster_id"] is not None:
                then["cluster_id"] = came_from
        said = self._decided.get(then["id"], ())
        if any(fact["kind"] == "audience" and fact["made_at"] > moment for fact in said):
            then["visibility"] = "private"
        areas = [fact for fact in said if fact["kind"] == "area"]
        before = [fact for fact in areas if fact["made_at"] <= moment]
        if before and len(before) < len(areas):
            then["area"] = before[-1]["value"]
        return then

    def _merged(self, cluster_id: int, moment: dt.datetime) -> int | None:
        """What a cluster was a part of."""
        stood = {fact["kind"]: fact for fact in self._of_cluster.get(cluster_id, ()) if _stood(fact, moment)}
        merged = stood.get("same_as") or stood.get("joined")
        return merged["other_id"] if merged else None

    def _whole(self, cluster_id: int, moment: dt.datetime) -> int:
        """The cluster that this one was a part of, in the end."""
        while (into := self._merged(cluster_id, moment)) is not None:
            cluster_id = into
        return cluster_id

    def _linked(self, table: Table, row: Row) -> Row | None:
        """A row that refers to nothing that was not there yet; None when it could not be without."""
        for key in table.foreign_keys:
            name, target = key.parent.name, key.column.table.name
            if row[name] is None or target not in self._there or row[name] in self._there[target]:
                continue
            if not key.parent.nullable:
                return None
            row = row | {name: None}
        return row


@contextlib.asynccontextmanager
async def opened(source: Database, workspace_id: str) -> AsyncIterator[Past]:
    """A copy of `source` to move through, gone at the end. `source` is only read."""
    async with source.reading() as session:
        rows = {
            table.name: [dict(row._mapping) for row in await session.execute(_of(table, workspace_id))]
            for table in SQLModel.metadata.sorted_tables
            if table.name not in _LEFT_OUT
        }
    with _folder() as folder:
        copy = Database(f"sqlite+aiosqlite:///{folder / 'past.db'}")
        try:
            await copy.migrate()
            yield Past(copy, rows)
        finally:
            await copy.close()


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="friction-") as folder:
        yield Path(folder)


def _of(table: Table, workspace_id: str) -> Any:
    if table.name == Workspace.__tablename__:
        return select(table).where(table.c.id == workspace_id)
    if "workspace_id" in table.c:
        return select(table).where(table.c.workspace_id == workspace_id).order_by(table.c.id)
    theirs = [
        key.parent.in_(select(key.column).where(key.column.table.c.workspace_id == workspace_id))
        for key in table.foreign_keys
    ]
    return select(table).where(*theirs).order_by(table.c.id)


def _is_known(table: Table, row: Row, moment: dt.datetime) -> bool:
    if table.name == Subscription.__tablename__:
        return True  # what would have been sent to whoever subscribed later
    if table.name == Digest.__tablename__:
        return row["until"] is not None and bool(row["until"] < moment)
    known = next((column for column in _KNOWN if column in table.c), "")
    return not known or bool(row[known] <= moment)


def _stood(fact: Row, moment: dt.datetime) -> bool:
    """Whether a fact had been stated and not been ended."""
    return bool(fact["made_at"] <= moment and (fact["undone_at"] is None or fact["undone_at"] > moment))


def _by(facts: list[Row], column: str) -> dict[int, list[Row]]:
    """Facts by what they are about, in the order they were stated."""
    decided: dict[int, list[Row]] = {}
    for fact in sorted(facts, key=lambda each: (each["made_at"], each["id"])):
        if fact[column] is not None:
            decided.setdefault(fact[column], []).append(fact)
    return decided


def _moves(moves: list[Row], facts: list[Row]) -> dict[int, list[tuple[dt.datetime, int]]]:
    """Whenever a report went to another cluster, and which one it came from; the latest first."""
    by_id = {fact["id"]: fact for fact in facts}
    moved: dict[int, list[tuple[dt.datetime, int]]] = {}
    for move in moves:
        fact, went = by_id[move["fact_id"]], moved.setdefault(move["report_id"], [])
        went.append((fact["made_at"], move["from_id"]))
        if fact["undone_at"] is not None:
            went.append((fact["undone_at"], move["to_id"]))
    return {report: sorted(went, reverse=True) for report, went in moved.items()}
