"""What can be wrong with a database, for a while."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlmodel import SQLModel

from storage.database import Database

Trouble = Callable[[Database], AbstractAsyncContextManager[None]]


@contextlib.asynccontextmanager
async def locked(database: Database) -> AsyncIterator[None]:
    """Another program holds SQLite's write lock, and does not let go."""
    other = sqlite3.connect(str(database.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextlib.asynccontextmanager
async def full(database: Database) -> AsyncIterator[None]:
    """SQLite's file cannot grow by a page. SQLite says then what it says of a full disk: SQLITE_FULL."""

    def fill(connection: Any) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def empty(connection: Any) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")

    engine = database.engine.sync_engine
    event.listen(engine, "begin", fill)
    try:
        yield
    finally:
        event.remove(engine, "begin", fill)
        event.listen(engine, "begin", empty)


@contextlib.asynccontextmanager
async def restarting(database: Database) -> AsyncIterator[None]:
    """PostgreSQL is going down: every connection is cut, and no new one is taken."""
    name = database.url.database
    async with _beside(database) as other:
        await other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await other.execute(CUT, name)
        try:
            yield
        finally:
            await other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


@contextlib.asynccontextmanager
async def dropping(database: Database) -> AsyncIterator[None]:
    """Every connection drops in the middle of the transaction: the moment that something is inserted anywhere."""
    async with _inside(database) as inside:
        await inside.execute(
            "CREATE FUNCTION drop_connection() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$"
        )
        tables = [table.name for table in SQLModel.metadata.sorted_tables]
        for table in tables:
            await inside.execute(
                f'CREATE TRIGGER drop_connection BEFORE INSERT ON "{table}" EXECUTE FUNCTION drop_connection()'
            )
        try:
            yield
        finally:
            await inside.execute("DROP FUNCTION drop_connection() CASCADE")


@contextlib.asynccontextmanager
async def held(database: Database) -> AsyncIterator[None]:
    """Somebody holds every table of PostgreSQL's, as a migration by hand might."""
    async with _inside(database) as inside, inside.transaction():
        for table in SQLModel.metadata.sorted_tables:
            await inside.execute(f'LOCK TABLE "{table.name}" IN ACCESS EXCLUSIVE MODE')
        yield


#: Everybody's connection to a database goes, as when the server restarts or a standby takes over.
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"


async def cut_all(database: Database) -> None:
    """Cut every connection once; new ones are taken."""
    async with _beside(database) as other:
        await other.execute(CUT, database.url.database)


@contextlib.asynccontextmanager
async def _beside(database: Database) -> AsyncIterator[Any]:
    """A connection to the same server, but to another database."""
    async with _connected(database.url.set(drivername="postgresql", database="postgres")) as connection:
        yield connection


@contextlib.asynccontextmanager
async def _inside(database: Database) -> AsyncIterator[Any]:
    async with _connected(database.url.set(drivername="postgresql")) as connection:
        yield connection


@contextlib.asynccontextmanager
async def _connected(url: Any) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url.render_as_string(hide_password=False))
    try:
        yield connection
    finally:
        await connection.close()


OF = {"sqlite": (locked, full), "postgresql": (restarting, dropping, held)}
