"""Each digest that is due is there once: whenever we die, however many we are, and however much is due at once."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import gc
import itertools
import signal
import sys
import threading
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator
from pathlib import Path
from typing import Any

import pytest
from conftest import CARDS, DOCS, MONDAY, TIM, Clock, Team
from fakes import slack as fakes
from fakes.limits import Limits
from fakes.slack import HELD_AFTER, HELD_BEFORE, FakeSlack
from sqlalchemy import func, select, text, update

import storage.outbox
from bot import clock as clocks
from bot import rules
from bot.flows import digest as digests
from bot.flows import outbox
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit
from storage.database import Database
from storage.models import Digest, Outbox, Subscription

Work = Callable[..., Awaitable[None]]

WEEK = dt.timedelta(weeks=1)
MONDAYS = {"areas": "all", "every": "week", "weekday": "mon", "at": "09:00", "tz": "Europe/Berlin"}


# Killed at every await, in this process


class Killed:
    """Awaited, it lets `work` go on until the pause number `at`, where it ends as if the process did.

    A pause is every moment at which the work waits for the database or for Slack. `midway`: what it waits for is cut
    off, too; otherwise it comes about, and nobody is there to learn of it (SQLite's work is done or not, never
    midway). What is thrown then passes every `except Exception`, and what runs on its way out can only roll
    back, as the database does when a process is gone. True: the work came to its end before.
    """

    def __init__(self, work: Coroutine[Any, Any, Any], at: int, *, midway: bool) -> None:
        self._work, self._at, self._midway = work, at, midway

    def __await__(self) -> Generator[Any, Any, bool]:
        thrown: BaseException | None = None
        for pause in itertools.count(1):
            try:
                waiting = self._work.throw(thrown) if thrown else self._work.send(None)
            except StopIteration:
                return True
            except asyncio.CancelledError:
                return False
            thrown = None
            if pause == self._at and self._midway and waiting is not None:
                waiting.cancel()
            try:
                yield waiting
            except BaseException as error:  # noqa: BLE001 # whatever it was waiting for ended so
                thrown = error
            if pause == self._at:
                thrown = asyncio.CancelledError()
        raise AssertionError


@contextlib.asynccontextmanager
async def process(database: Database, kit_on: Callable[[Database], Kit]) -> AsyncIterator[Kit]:
    """One more process on the same database."""
    before = threading.enumerate()
    gc.freeze()  # what is there now need not be looked through below
    own = Database(database.url.render_as_string(hide_password=False))
    yield kit_on(own)
    await own.close()
    if own.embedded:
        # A dead process holds no lock; here a connection that was cut off holds SQLite's until it is collected.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()
            gc.unfreeze()
        for thread in threading.enumerate():
            if "_connection_worker_thread" in thread.name and thread not in before:
                await asyncio.to_thread(thread.join, 2)


async def test_a_digest_is_there_once_wherever_its_sending_was_cut_off(
    request: pytest.FixtureRequest,
    team: Team,
    kit: Kit,
    kit_on: Callable[[Database], Kit],
    database: Database,
    slack: FakeSlack,
    clock: Clock,
    work: Work,
) -> None:
    await subscriptions.subscribe(kit, TIM, now=clock(), **MONDAYS)

    async def send(own: Kit) -> None:
        await digests.open_due(own, clock())
        await outbox.Workers(own, clock=clock, of_message=clocks.of_message).until_settled()

    # Every pause takes minutes, because each life has more to tell of; every third is enough to be told of a mistake.
    pauses = itertools.count(1, 1 if request.config.getoption("--long") else 3)
    for step, pause in enumerate(pauses, 1):
        for number in range(rules.digest.NEWS):  # so many new people that there is something to tell
            await team.file(DOCS, by=f"U{step:05}{number}")
        await work(seconds=10)
        clock.now = MONDAY + step * WEEK
        async with process(database, kit_on) as dying:
            ended = await Killed(send(dying), pause, midway=not database.embedded)
        clock.forward(minutes=2)  # the claims of the dead end by themselves, but for SQLite's at a start
        if database.embedded:
            async with database.transaction() as session:
                await storage.outbox.release(session)
        await send(kit)
        assert len(slack.told(TIM)) == step, f"killed at pause {pause}"
        if ended:
            break
    assert pause > 30
    async with database.reading() as session:
        states = (await session.execute(select(Digest.state, func.count()).group_by(Digest.state))).all()
    assert states == [("sent", step)]


# Killed as a process, by SIGKILL


class Bot:
    """`friction run`, as a process of its own against the fake Slack."""

    def __init__(self, slack: FakeSlack, database: Database, cache: Path, folder: Path) -> None:
        self._environment = {
            "PATH": "/usr/bin:/bin",
            "SLACK_BOT_TOKEN": fakes.BOT_TOKEN,
            "SLACK_SIGNING_SECRET": "signing-secret",
            "SLACK_API_URL": slack.api_url,
            "DATABASE_URL": database.url.render_as_string(hide_password=False),
            "FRICTION_CHANNEL": CARDS,
            "FRICTION_CACHE": str(cache),
            "HOST": "127.0.0.1",
            "PORT": "0",
            "LOG_LEVEL": "WARNING",
        }
        self._folder = folder
        self.process: asyncio.subprocess.Process

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Started, and at the end killed if it still lives."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=self._folder, env=self._environment
        )
        try:
            yield
        finally:
            await self.dies()

    async def dies(self) -> None:
        """SIGKILL: nothing of it goes on."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def stops(self) -> None:
        """Asked to stop, it ends what is in hand."""
        self.process.send_signal(signal.SIGTERM)
        await self.process.wait()


class Due:
    """One digest that is due now, and everything else told already."""

    def __init__(self, database: Database, slack: FakeSlack) -> None:
        self.database, self.slack = database, slack

    async def becomes(self, state: str) -> None:
        """Wait until the digest is so."""
        async with asyncio.timeout(60):
            while await self.state() != state:  # noqa: ASYNC110 # another process changes it
                await asyncio.sleep(0.05)

    async def state(self) -> str:
        async with self.database.reading() as session:
            return (await session.execute(select(Digest.state))).scalar_one_or_none() or ""

    async def lease_ends(self) -> None:
        """A minute passes, for the claims of those who died. SQLite's are freed at the next start."""
        if not self.database.embedded:
            async with self.database.transaction() as session:
                ended = clocks.now() - dt.timedelta(seconds=1)
                held = update(Outbox).where(Outbox.claimed_until.is_not(None))  # type: ignore[union-attr]
                await session.execute(held.values(claimed_until=ended))


@pytest.fixture
async def due(team: Team, kit: Kit, database: Database, slack: FakeSlack, work: Work, clock: Clock) -> Due:
    clock.now = clocks.now()
    await subscriptions.subscribe(kit, TIM, now=clock(), **MONDAYS)
    await team.file(DOCS)
    await work()
    async with database.transaction() as session:
        await session.execute(update(Subscription).values(next_due_at=clocks.now() - dt.timedelta(seconds=1)))
    slack.clock = clocks.now
    return Due(database, slack)


@pytest.fixture
def bot(slack: FakeSlack, database: Database, cache: Path, classifier: object) -> Bot:
    return Bot(slack, database, cache, Path(__file__).parent.parent)


@pytest.mark.parametrize("point", ["before Slack has it", "when Slack has it", "after Slack said so"])
async def test_a_process_that_is_killed_leaves_one_digest(bot: Bot, due: Due, slack: FakeSlack, point: str) -> None:
    slack.next("chat.postMessage", HELD_AFTER if point == "when Slack has it" else HELD_BEFORE)
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(bot.running())
        async with asyncio.timeout(60):
            await slack.held.wait()
        if point == "after Slack said so":
            # What the process wants to write down now has to wait, and it dies waiting.
            async with due.database.transaction() as session:
                await session.execute(text("UPDATE digest SET state = state"))
                slack.let_go.set()
                await slack.until(lambda: slack.told(TIM) != [])
                await asyncio.sleep(0.3)
                await bot.dies()
        await bot.dies()
    if point == "before Slack has it":
        slack.forgets_what_is_held()
    slack.let_go.set()
    assert await due.state() == "due"
    for _ in range(2):
        await due.lease_ends()
        async with bot.running():
            await due.becomes("sent")
            await bot.stops()
    assert len(slack.told(TIM)) == 1


async def test_a_process_that_is_killed_while_it_looks_whether_it_was_sent_leaves_one_digest(
    bot: Bot, due: Due, slack: FakeSlack
) -> None:
    slack.next("chat.postMessage", HELD_AFTER)
    slack.next("conversations.history", HELD_BEFORE)
    for _ in range(2):
        await due.lease_ends()
        async with bot.running():
            async with asyncio.timeout(60):
                await slack.held.wait()
        slack.held.clear()
    slack.let_go.set()
    await due.lease_ends()
    async with bot.running():
        await due.becomes("sent")
        await bot.stops()
    assert len(slack.told(TIM)) == 1


async def test_what_was_cut_off_at_the_end_is_taken_over_at_once_and_said_once(
    team: Team, kit_on: Callable[[Database], Kit], database: Database, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS)
    slack.next("chat.postMessage", HELD_AFTER)
    async with process(database, kit_on) as stopping:
        workers = outbox.Workers(stopping, clock=clock, of_message=clocks.of_message)
        busy = asyncio.create_task(workers.one())
        async with asyncio.timeout(10):
            await slack.held.wait()
        busy.cancel()
        await asyncio.gather(busy, return_exceptions=True)
        await workers.let_go()
    slack.let_go.set()
    await work()  # the other replica's, in the same moment
    assert len(slack.posted(CARDS)) == 1
    assert slack.called("conversations.history")  # it has looked


# Many at once


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_two_replicas_send_a_hundred_digests_of_one_minute_once_each_within_slack_s_limits(
    team: Team,
    kit: Kit,
    kit_on: Callable[[Database], Kit],
    database: Database,
    slack: FakeSlack,
    clock: Clock,
    work: Work,
) -> None:
    readers = [f"U1{number:03}" for number in range(90)]
    channels = [f"C1{number:03}" for number in range(10)]
    for reader in readers:
        slack.person(reader)
        await subscriptions.subscribe(kit, reader, now=clock(), **MONDAYS)
    for channel in channels:
        slack.channel(channel, channel.lower(), fakes.BOT)
        await subscriptions.subscribe(kit, channel, now=clock(), person=TIM, **MONDAYS)
    await team.file(DOCS)
    await work()
    clock.now = MONDAY + WEEK
    slack.limits = Limits()
    async with process(database, kit_on) as one, process(database, kit_on) as other:
        replicas = [outbox.Workers(each, clock=clock, of_message=clocks.of_message) for each in (one, other)]
        begun = await asyncio.gather(*(digests.open_due(each, clock()) for each in (one, other)))
        assert sum(begun) == 100
        for _ in range(240):  # a minute, in quarters of seconds
            await asyncio.gather(*(each.until_settled() for each in replicas for _ in range(2)))
            clock.forward(seconds=0.25)
    told = {reader: len(slack.told(reader)) for reader in readers} | {
        each: len(slack.posted(each)) for each in channels
    }
    assert set(told.values()) == {1}
    assert slack.limits.refusals == []


async def test_what_slack_puts_off_comes_back_one_by_one(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    slack.limits = Limits()
    for number in range(12):
        # Twelve problems of twelve kinds: twelve cards for one channel, at once.
        await team.file(f"{chr(97 + number) * 9} {chr(98 + number) * 8} {chr(99 + number) * 7}")
    clock.forward(seconds=1)
    for _ in range(40):
        await work(seconds=0.5)
    assert len(slack.posted(CARDS)) == 12
    assert len(slack.limits.refusals) <= 12
