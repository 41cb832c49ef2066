"""What every test may ask for: a real database (two, in turn), a fake Slack, and our own parts put together on them."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import shutil
import tempfile
import threading
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from fakes import slack as fakes
from sqlalchemy import select, text
from sqlmodel import SQLModel

from bot import clock as clocks
from bot import rules
from bot import slack as slacks
from bot.flows import learn, outbox, vote
from bot.flows import report as reports
from bot.flows.inbox import Inbox
from bot.flows.kit import Classifier, Groups, House, Kit, Leads
from bot.slack import Slack
from classifiers import areas, grouping, train
from classifiers import learn as learning
from classifiers.area import AreaClassifier
from storage import models, workspaces
from storage.database import Database
from storage.models import Report

#: A Monday morning in Berlin.
MONDAY = dt.datetime(2026, 11, 2, 8, 0, tzinfo=dt.UTC)

#: The friction channel, an ordinary one, one that is private, and one that the bot was never asked into.
CARDS, BACKEND, SECRET, ELSEWHERE = "C0CARDS", "C0BACKEND", "C0SECRET", "C0ELSEWHERE"

#: Two who say the same, and one who does not.
DOCS = "the deploy docs still show the old flag"
DOCS_TOO = "deploy docs show an old flag"
VPN = "VPN access takes three days for new people"

#: Engineers, a lead, a TPM and an admin.
ANA, BEN, CEM, DORA, LEA, TIM, ADA = "U0ANA", "U0BEN", "U0CEM", "U0DORA", "U0LEA", "U0TIM", "U0ADA"
PEOPLE = {ANA: "Ana", BEN: "Ben", CEM: "Cem", DORA: "Dora", LEA: "Lea", TIM: "Tim", ADA: "Ada"}

POSTGRES = os.environ.get("TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")  # noqa: TID251
REQUIRED = os.environ.get("REQUIRE_POSTGRES") == "1"  # noqa: TID251


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="the long form of what takes minutes: chaos, malformed requests, pauses"
    )


@pytest.fixture(autouse=True)
async def no_thread_outlives_its_loop() -> AsyncIterator[None]:
    """Let SQLite's threads end while the loop that they answer to is still there.

    A connection that is dropped in the middle of something is closed by its thread in its own time, and aiosqlite then
    reports to a loop that may be closed: an error in whichever test comes next.
    """
    yield
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 2)


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: dt.datetime = MONDAY) -> None:
        self.now = at

    def __call__(self) -> dt.datetime:
        return self.now

    def forward(self, **by: float) -> dt.datetime:
        self.now += dt.timedelta(**by)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


# Databases


@pytest.fixture(scope="session")
def memory() -> Iterator[Path]:
    """A folder that is quick to write to: every commit waits for the disk, where there is one."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="friction-", dir=shared if shared.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def embedded(memory: Path) -> Path:
    """A SQLite file at head, to be copied."""
    path = memory / "friction.db"
    _apart(_migrated(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def without_postgres() -> str:
    """Why there is no PostgreSQL to be tested on; empty when there is one."""
    try:
        _apart(on_server("SELECT 1"))
    except (OSError, asyncpg.PostgresError) as error:
        return f"PostgreSQL does not answer at {POSTGRES}: {error}"
    return ""


@pytest.fixture(scope="session")
def server(without_postgres: str) -> Iterator[str]:
    """The address of a throwaway PostgreSQL database at head."""
    if without_postgres:
        if REQUIRED:
            pytest.fail(f"REQUIRE_POSTGRES=1, and {without_postgres}")
        pytest.skip(without_postgres)
    name = f"friction_test_{uuid.uuid4().hex[:12]}"
    _apart(on_server(f'CREATE DATABASE "{name}"'))
    address = POSTGRES.rpartition("/")[0] + f"/{name}"
    try:
        _apart(on_server(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
        _apart(_migrated(address))
        yield address
    finally:
        _apart(on_server(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
async def database_url(backend: str, request: pytest.FixtureRequest) -> str:
    """The address of an empty database at head."""
    if backend == "sqlite":
        empty: Path = request.getfixturevalue("embedded")
        path = empty.with_name(f"{uuid.uuid4().hex}.db")
        shutil.copy(empty, path)
        return f"sqlite+aiosqlite:///{path}"
    address: str = request.getfixturevalue("server")
    await emptied(address)
    return address


async def emptied(address: str) -> None:
    """Empty a PostgreSQL database at head; its numbers begin again."""
    connection = await asyncpg.connect(address)
    tables = list(reversed(SQLModel.metadata.sorted_tables))
    cleared = [f'DELETE FROM "{table}"' for table in tables]  # many times faster than TRUNCATE when there is little
    numbered = [table for table in tables if table.autoincrement_column is not None]
    counted = [f"SELECT setval('\"{table}_id_seq\"', 1, false)" for table in numbered]
    await connection.execute("; ".join(cleared + counted))
    await connection.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def workspace(database: Database) -> str:
    """A workspace that has its row."""
    async with database.transaction() as session:
        await workspaces.ensure(session, fakes.TEAM, "Acme")
    return fakes.TEAM


async def _migrated(url: str) -> None:
    database = Database(url)
    await database.migrate()
    await database.close()


async def on_server(statement: str) -> None:
    connection = await asyncpg.connect(POSTGRES, timeout=5)
    await connection.execute(statement)
    await connection.close()


def _apart(work: Any) -> None:
    """Run it on a loop of its own, which no test ever sees."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


# Slack


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[fakes.FakeSlack]:
    """A workspace with a few people in a few channels."""
    async with inhabited(clock) as slack:
        yield slack


@contextlib.asynccontextmanager
async def inhabited(clock: Clock, team: str = fakes.TEAM) -> AsyncIterator[fakes.FakeSlack]:
    slack = fakes.FakeSlack(clock, team)
    for id_, name in PEOPLE.items():
        slack.person(id_, name)
    slack.channel("C0GENERAL", "general", *PEOPLE)
    slack.channel(ELSEWHERE, "elsewhere", *PEOPLE)
    slack.channel(BACKEND, "backend", fakes.BOT, *PEOPLE)
    slack.channel(SECRET, "secret", fakes.BOT, *PEOPLE, private=True)
    slack.channel(CARDS, "friction", fakes.BOT, *PEOPLE)
    await slack.start()
    try:
        yield slack
    finally:
        await slack.stop()


# Our own parts


@pytest.fixture(scope="session")
def cache() -> Path:
    """Where the trained classifier is kept between runs of the tests."""
    folder = Path(tempfile.gettempdir()) / f"friction-tests-{train.corpus_hash()[:12]}"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def classifier(cache: Path) -> AreaClassifier:
    return train.load_or_fit(cache / "area.npz")[0]


@pytest.fixture(scope="session")
def likeness() -> grouping.Space:
    return grouping.Space.from_texts([report for report, _ in train.corpus()])


@pytest.fixture
def small_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """A corpus that is learned in tenths of a second, in a thread rather than in a process of its own. The real ones
    are used in `test_a_process_of_its_own_fits` and in the local Slack."""
    whole = train._lines
    monkeypatch.setattr(train, "_lines", lambda label: whole(label)[:40])

    async def beside(task: learning.Task) -> learning.Outcome:
        return await asyncio.to_thread(learning.do, learning.read(learning.written(task)))

    monkeypatch.setattr(learn, "_apart", beside)


@pytest.fixture
async def client(slack: fakes.FakeSlack) -> AsyncIterator[Slack]:
    """Our side of Slack."""
    async with slacks.connect(fakes.BOT_TOKEN, slack.api_url) as client:
        yield client


@pytest.fixture
def kit_on(
    client: Slack, classifier: AreaClassifier, likeness: grouping.Space, cache: Path
) -> Callable[[Database], Kit]:
    """The parts as `bot.app` puts them together, on a database of one's choice: one more process, so to say."""
    return lambda database: put_together(database, client, classifier, likeness, cache)


def put_together(
    database: Database,
    client: Slack,
    classifier: AreaClassifier,
    likeness: grouping.Space,
    cache: Path,
    team: str = fakes.TEAM,
) -> Kit:
    house = House(
        workspace_id=team,
        bot_user_id=fakes.BOT,
        channel=CARDS,
        capture=frozenset(rules.reactions.listed("triangular_flag_on_post")),
        upvote=("+1", "arrow_up", "heavy_plus_sign", "raised_hands"),
        about=areas.BUILT_IN,
        admins=frozenset({ADA}),
        secret="only the tests know",
    )
    return Kit(
        database,
        client,
        house,
        Classifier(classifier, cache / "area.npz"),
        Groups(likeness, team, cache),
        Leads((LEA,)),
        inbox=Inbox(patience=30),
    )


@pytest.fixture
def kit(database: Database, workspace: str, kit_on: Callable[[Database], Kit]) -> Kit:
    return kit_on(database)


@pytest.fixture
def workers(kit: Kit, clock: Clock) -> outbox.Workers:
    return outbox.Workers(kit, clock=clock, of_message=clocks.of_message)


@pytest.fixture
def work(workers: outbox.Workers, clock: Clock, database: Database) -> Callable[..., Awaitable[None]]:
    """Let the bot do what is due after a while (default: at once). What is our own fault fails the test."""

    async def until_settled(**after: float) -> None:
        clock.forward(**after)
        await workers.until_settled()
        async with database.reading() as session:
            for row in (await session.execute(select(models.Outbox))).scalars():
                assert "our own fault" not in row.error, f"{row.key} failed; see the log"

    return until_settled


class Team:
    """People who use Friction. What they do is kept short here; a test names what matters to it."""

    def __init__(self, kit: Kit, slack: fakes.FakeSlack, clock: Clock) -> None:
        self.kit, self.slack, self.clock = kit, slack, clock
        self._count = 0

    async def file(self, words: str = DOCS, by: str | None = ANA, **more: Any) -> Report:
        """Somebody types `/friction words`, a second after whatever came before."""
        self._count += 1
        now = self.clock.forward(seconds=1)
        told = {"key": f"command:{self._count}", "source": "command", "said_at": now} | more
        outcome = await reports.file(self.kit, reports.Said(text=words, reporter=by, **told), now)
        assert outcome is not None
        return outcome.report

    async def react(
        self,
        by: str,
        channel: str,
        ts: str,
        emoji: str = "+1",
        *,
        author: str = "",
        on: bool = True,
        event_ts: str = "",
    ) -> None:
        """Somebody puts a reaction on a message, or takes it off."""
        found = [message for message in self.slack.channels[channel].messages if message["ts"] == ts]
        await vote.reacted(
            self.kit,
            channel=channel,
            message_ts=ts,
            author=author or (str(found[0].get("user") or "") if found else ""),
            person=by,
            emoji=emoji,
            given=on,
            event_ts=event_ts or self.slack.ts(),
            now=self.clock.forward(seconds=1),
        )

    async def vote(self, by: str, emoji: str = "+1", *, card: int = 0, on: bool = True) -> None:
        """Somebody reacts to a card, the first unless another is named."""
        await self.react(by, CARDS, self.slack.posted(CARDS)[card]["ts"], emoji, on=on)

    async def flag(self, by: str, channel: str, ts: str, **more: Any) -> None:
        await self.react(by, channel, ts, "triangular_flag_on_post", **more)

    def card(self, number: int = 0) -> str:
        """What a card says now."""
        return str(self.slack.posted(CARDS)[number]["text"])


@pytest.fixture
def team(kit: Kit, slack: fakes.FakeSlack, clock: Clock) -> Team:
    return Team(kit, slack, clock)


async def stored(database: Database) -> str:
    """Everything in every table, as one long text to search in."""
    found = []
    async with database.reading() as session:
        for table in SQLModel.metadata.sorted_tables:
            rows = await session.execute(text(f'SELECT * FROM "{table.name}"'))
            found += [f"{table.name}: {tuple(row)!r}" for row in rows]
    return "\n".join(found)
