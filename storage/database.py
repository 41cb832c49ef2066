"""The database: one engine, its two kinds of transaction, and where its schema stands."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.ext.asyncio import AsyncSession as SQLAlchemySession
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import triggers


class Session(AsyncSession):
    """SQLModel's session: `exec` for questions, and SQLAlchemy's own `execute` for everything that changes rows."""

    execute = SQLAlchemySession.execute  # SQLModel warns at each use of its own


MIGRATIONS = Path(__file__).parent / "migrations"

#: How long a writer waits for SQLite's lock (milliseconds). Below Slack's three seconds, so that a person is told.
BUSY_MS = 800


#: How long to wait for PostgreSQL to connect, for a pooled connection and for a lock (seconds). For the same reason.
PATIENCE = 2

#: How long a statement on PostgreSQL may take (seconds), whoever waits for it; those of a migration excepted.
LONGEST: float = 30

#: How long a writer waits for SQLite whom nobody waits for (seconds).
LONG = 30

_hurry: ContextVar[bool] = ContextVar("hurry", default=False)


@contextlib.contextmanager
def hurried() -> Iterator[None]:
    """While somebody at Slack waits: what is written here comes before all else, and waits no longer than they do."""
    token = _hurry.set(True)
    try:
        yield
    finally:
        _hurry.reset(token)


class DatabaseUnusable(Exception):
    """The database cannot be used as it is; the message says what to type."""


def driver_url(url: str) -> URL:
    """`DATABASE_URL` as people write it → the URL of the async driver. Raises DatabaseUnusable for others."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise DatabaseUnusable(f"DATABASE_URL is not a database address: {error}") from error
    match parsed.get_backend_name():
        case "postgresql" | "postgres":
            # What libpq calls sslmode, and hosted databases hand out, asyncpg calls ssl.
            query = {("ssl" if name == "sslmode" else name): value for name, value in parsed.query.items()}
            return parsed.set(drivername="postgresql+asyncpg", query=query)
        case "sqlite":
            return parsed.set(drivername="sqlite+aiosqlite")
        case other:
            raise DatabaseUnusable(
                f"DATABASE_URL names {other!r}; use sqlite+aiosqlite:///friction.db or postgresql://…"
            )


class DatabaseGone(Exception):
    """The database did not answer, or not in time. Nothing of the transaction was kept; later it may work."""


class Database:
    """One engine. `transaction()` writes, `reading()` reads; both hand out a session that loads nothing by itself."""

    def __init__(self, url: str) -> None:
        """`url`: as in `DATABASE_URL`. Nothing is opened yet."""
        self.url = driver_url(url)
        self.embedded = self.url.get_backend_name() == "sqlite"
        self.engine = _engine(self.url, embedded=self.embedded, longest=LONGEST)
        # SQLite has one writer. Queueing here, in order, beats colliding there and waiting by turns of luck.
        self._writer = asyncio.Lock() if self.embedded else None
        self._hurried = 0
        if self.embedded:
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """A writing transaction: committed at the end, rolled back on any error. Raises DatabaseGone."""
        with _translated():
            async with contextlib.AsyncExitStack() as stack:
                yield await self._begun(stack)

    async def _begun(self, stack: contextlib.AsyncExitStack) -> Session:
        """A transaction in its turn, which `stack` ends. Where somebody else holds SQLite, it is asked for again."""
        now = asyncio.get_running_loop().time
        first = _hurry.get()
        until = now() + (PATIENCE if first else LONG)
        while True:
            try:
                async with contextlib.AsyncExitStack() as begun:
                    await begun.enter_async_context(self._turn(until, first=first))
                    session = await begun.enter_async_context(self._session(writing=True))
                    await begun.enter_async_context(session.begin())
                    if self.embedded:
                        await session.connection()  # the lock is taken here, and nothing is lost where it is not given
                    stack.push_async_exit(begun.pop_all())
                    return session
            except OperationalError as error:
                if not _is_busy(error) or first or now() > until:
                    raise

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[Session]:
        """A session for questions; what it changed would be forgotten. Raises DatabaseGone."""
        with _translated():
            async with self._session(writing=False) as session:
                yield session

    @contextlib.asynccontextmanager
    async def _turn(self, until: float, *, first: bool) -> AsyncIterator[None]:
        """Wait for one's turn to write, and not for ever: `until` then, by the loop's clock."""
        if self._writer is None:
            yield
            return
        self._hurried += first
        try:
            async with asyncio.timeout_at(until):
                await self._writer.acquire()
                while self._hurried and not first:
                    self._writer.release()
                    await self._writer.acquire()  # behind all who wait already
        finally:
            self._hurried -= first
        try:
            yield
        finally:
            self._writer.release()

    def _session(self, *, writing: bool) -> Session:
        bind = self.engine.execution_options(friction_writing=writing)
        return Session(bind, expire_on_commit=False)

    async def close(self) -> None:
        """Give every connection back."""
        await self.engine.dispose()

    async def prepare(self) -> None:
        """At start: bring an embedded database to head; refuse a PostgreSQL that is behind. Raises DatabaseUnusable."""
        try:
            async with self.engine.connect() as connection:
                current = await connection.run_sync(_revision)
        except (DBAPIError, OSError, TypeError) as error:
            raise DatabaseUnusable(f"The database at {self.name} does not answer: {_first_line(error)}") from error
        if current == head():
            return
        if current is not None and current not in known():
            raise DatabaseUnusable(f"The database at {self.name} is newer than this program. Update the program.")
        if not self.embedded:
            raise DatabaseUnusable(f"The database at {self.name} is behind this version. Run `friction migrate` first.")
        await self.migrate()

    async def migrate(self) -> None:
        """Bring the schema to head. Raises DatabaseUnusable when the database does not let us."""
        # An index over millions of rows takes its time, and so may the other replica that is at it.
        engine = self.engine if self.embedded else _engine(self.url, embedded=False, longest=None)
        try:
            async with engine.execution_options(friction_migrating=True).begin() as connection:
                await connection.run_sync(_upgrade)
        except (DBAPIError, OSError, TypeError) as error:
            raise DatabaseUnusable(f"The database at {self.name} cannot be migrated: {_first_line(error)}") from error
        finally:
            await engine.dispose()  # the connection that did not look at foreign keys is used for nothing else

    @property
    def missing(self) -> bool:
        """Whether it is a file that there is not yet; opening it would make one."""
        return self.embedded and not (self.url.database and Path(self.url.database).exists())

    @property
    def name(self) -> str:
        """The address without its password, for people to read."""
        return self.url.render_as_string(hide_password=True)


def _engine(url: URL, *, embedded: bool, longest: float | None) -> AsyncEngine:
    """An engine that never waits longer than a person at Slack can, and never prints what people wrote.

    `longest`: seconds that a statement may take on a server; None: as many as it needs.
    """
    if embedded:
        return create_async_engine(url, hide_parameters=True)
    waiting = {
        "timeout": PATIENCE,
        "command_timeout": longest,
        "server_settings": {"lock_timeout": str(PATIENCE * 1000)},
    }
    return create_async_engine(
        url, hide_parameters=True, pool_pre_ping=True, pool_size=10, pool_timeout=PATIENCE, connect_args=waiting
    )


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout, OSError) as error:
        raise DatabaseGone(_first_line(error)) from error
    except DBAPIError as error:
        # What goes wrong while asyncpg connects arrives as a bare DBAPIError.
        if error.connection_invalidated or type(error) is DBAPIError:
            raise DatabaseGone(_first_line(error)) from error
        raise


def head() -> str | None:
    """The newest revision that this code knows."""
    return ScriptDirectory.from_config(_alembic()).get_current_head()


def known() -> set[str]:
    """Every revision that this code knows."""
    return {script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions()}


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: Connection) -> None:
    config = _alembic()
    config.attributes["connection"] = connection
    if connection.dialect.name == "postgresql":
        # Replicas that start together migrate one after the other; the later one finds nothing left to do.
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('friction migrate'))"))
    triggers.drop(connection)
    command.upgrade(config, "head")
    triggers.install(connection)
    if connection.dialect.name == "sqlite" and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
        raise OSError(f"{len(broken)} rows would refer to nothing")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not open transactions of its own, or BEGIN IMMEDIATE below would come too late.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # FULL: in WAL, NORMAL may forget the last commits when the power goes, and we have told Slack "ok" by then.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE takes the write lock at once: a transaction that reads, then writes, cannot be refused half-way.
    options = connection.get_execution_options()
    if options.get("friction_migrating"):
        # SQLite changes a table by making it anew, and would not let go of one that others refer to.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    writing = options.get("friction_writing", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _is_busy(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return str(cause).splitlines()[0] if str(cause) else type(cause).__name__
