"""What people were told is saved is filed: once, in order, answered, and whoever dies in between."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import pytest
from conftest import ANA, BACKEND, BEN, CARDS, DOCS, DOCS_TOO, VPN, Clock, Team
from fakes import slack as fakes
from fakes import troubles
from fakes.slack import FakeSlack
from sqlalchemy import event, select

import storage.database
import storage.inbox
from bot import app
from bot.flows import capture, doctor, export, outbox
from bot.flows import report as reports
from bot.flows.inbox import Inbox
from bot.flows.kit import Kit
from bot.slack import Identity
from classifiers.area import Answer
from storage.database import Database, DatabaseGone
from storage.models import Report

Work = Callable[..., Awaitable[None]]


def said(words: str, key: str, by: str | None = ANA, *, at: dt.datetime) -> reports.Said:
    return reports.Said(key=f"command:{key}", text=words, source="command", reporter=by, said_at=at, channel=BACKEND)


@pytest.fixture
def hasty(kit: Kit) -> Kit:
    """A process that waits for no answer."""
    return replace(kit, inbox=Inbox(patience=0))


async def filed(kit: Kit) -> None:
    """Wait until nothing is left to be filed."""
    while kit.inbox.busy:  # noqa: ASYNC110 # it says nothing when it is done
        await asyncio.sleep(0)


async def keys(database: Database) -> list[str]:
    async with database.reading() as session:
        return list((await session.execute(select(Report.key).order_by(Report.id))).scalars())  # type: ignore[arg-type]


async def unfiled(database: Database) -> int:
    async with database.reading() as session:
        return (await storage.inbox.depth(session, fakes.TEAM))[0]


async def test_a_hundred_who_speak_at_once_are_stored_in_order_by_a_few_writes_to_the_disk(
    kit: Kit, database: Database, clock: Clock
) -> None:
    kit.inbox.stopping = True  # nothing is filed, and all commits are the inbox's
    commits = []
    event.listen(database.engine.sync_engine, "commit", lambda _: commits.append(1))
    for number in range(4):
        await kit.inbox.put(database, an_arrival(f"{number}", clock()))
    before = len(commits)
    saying = (capture.capture(kit, said(DOCS, f"{number}", at=clock()), clock(), clock) for number in range(4, 104))
    assert set(await asyncio.gather(*saying)) == {None}
    assert len(commits) - before <= 3
    async with database.reading() as session:
        stored = await storage.inbox.due(session, fakes.TEAM, kit.inbox.taker, clock(), 200, alone=True)
    assert [row.key for row in stored] == [f"command:{number}" for number in range(104)]


def an_arrival(key: str, at: dt.datetime, **other: object) -> storage.inbox.Arrival:
    arrival = storage.inbox.Arrival(
        workspace_id=fakes.TEAM,
        key=f"command:{key}",
        text=DOCS,
        source="command",
        reporter=ANA,
        said_at=at,
        channel=BACKEND,
        private=False,
        lift=False,
        area="",
        severity=None,
        minutes_lost=None,
        answer="",
        taker="a process that died",
        arrived_at=at,
    )
    return replace(arrival, **other)  # type: ignore[arg-type]


async def test_what_cannot_be_stored_takes_nobody_with_it(kit: Kit, database: Database, clock: Clock) -> None:
    kit.inbox.stopping = True
    arrivals = [an_arrival("1", clock()), an_arrival("2", clock(), source=None), an_arrival("3", clock())]
    told = await asyncio.gather(*(kit.inbox.put(database, each) for each in arrivals), return_exceptions=True)
    assert [error is None for error in told] == [True, False, True]
    assert await unfiled(database) == 2


async def test_when_the_database_is_gone_nobody_is_told_that_it_is_saved(kit: Kit, clock: Clock) -> None:
    lost = replace(kit, database=Database("sqlite+aiosqlite:////nowhere/friction.db"))
    with pytest.raises(DatabaseGone):
        await capture.capture(lost, said(DOCS, "1", at=clock()), clock(), clock)
    await lost.database.close()


async def test_what_is_told_twice_while_it_waits_is_one_report(kit: Kit, database: Database, clock: Clock) -> None:
    twice = said(DOCS, "1", at=clock())
    outcomes = await asyncio.gather(*(capture.capture(kit, twice, clock(), clock, in_ack=True) for _ in range(2)))
    assert {outcome.report.id for outcome in outcomes if outcome} == {1}
    assert await keys(database) == ["command:1"]
    again = await capture.capture(kit, twice, clock(), clock, in_ack=True)
    assert again is not None
    assert (again.new, again.report.id) == (False, 1)
    assert await unfiled(database) == 0


async def test_whoever_is_not_answered_at_once_is_answered_once_a_moment_later(
    hasty: Kit, database: Database, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    url = slack.response_url()
    spoken = said(f"password=hunter2222 {DOCS}", "1", at=clock())
    assert await capture.capture(hasty, spoken, clock(), clock, answer=url, in_ack=True) is None
    await filed(hasty)
    await work()
    (answer,) = slack.answers
    assert answer.url == url
    assert "Filed as F-1" in answer.text
    assert "I removed a secret" in answer.text
    assert "hunter2222" not in str(slack.answers)


async def test_who_is_answered_in_the_acknowledgement_is_not_answered_again(
    kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    spoken = said(DOCS, "1", at=clock())
    outcome = await capture.capture(kit, spoken, clock(), clock, answer=slack.response_url(), in_ack=True)
    assert outcome is not None and outcome.filed is not None
    await work()
    assert slack.answers == []


async def test_who_still_waits_is_told_though_the_database_goes_before_another_can_be_answered_later(
    kit: Kit, database: Database, clock: Clock
) -> None:
    async with database.transaction() as session:
        await storage.inbox.add(session, [an_arrival("1", clock()), an_arrival("2", clock())])
    clock.forward(seconds=3)
    waiters = []
    with contextlib.ExitStack() as gone, contextlib.ExitStack() as there:

        def arrive(_: object, __: object, statement: str, *___: object) -> None:
            if not waiters and "FROM inbox" in statement and "inbox.id IN" in statement:  # both are being filed
                gone.enter_context(kit.inbox.waiting("command:1", in_ack=True))
                waiters.append(there.enter_context(kit.inbox.waiting("command:2", in_ack=True)))

        def leave(_: object) -> None:
            if waiters:
                gone.close()
                event.listen(engine, "begin", refuse)

        def refuse(_: object) -> None:
            raise ConnectionRefusedError

        engine = database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", arrive)
        event.listen(engine, "commit", leave)
        await capture.take(kit, clock)
        await filed(kit)
        told = waiters[0].told
        assert told.done() and told.result() is not None


@pytest.mark.parametrize("late", [dt.timedelta(minutes=29, seconds=30), dt.timedelta(hours=5)])
async def test_whoever_slack_lets_us_answer_no_more_is_told_by_direct_message(
    hasty: Kit, database: Database, slack: FakeSlack, clock: Clock, work: Work, late: dt.timedelta
) -> None:
    hasty.inbox.stopping = True  # the process dies with it in the inbox
    await capture.capture(hasty, said(DOCS, "1", at=clock()), clock(), clock, answer=slack.response_url(), in_ack=True)
    clock.now += late
    heir = replace(hasty, inbox=Inbox())
    await capture.take(heir, clock)
    await filed(heir)
    await work(minutes=1)
    (told,) = slack.told(ANA)
    assert "Filed as F-1" in told


async def test_an_answer_that_slack_does_not_take_any_more_becomes_a_direct_message(
    hasty: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    url = slack.response_url()
    await capture.capture(hasty, said(DOCS, "1", at=clock()), clock(), clock, answer=url, in_ack=True)
    await filed(hasty)
    await work(minutes=31)  # Slack was away for so long
    (told,) = slack.told(ANA)
    assert "Filed as F-1" in told


async def test_what_a_dead_process_left_is_filed_by_the_next_in_the_order_it_came(
    kit: Kit, database: Database, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    async with database.transaction() as session:
        left = [(DOCS, ANA), (VPN, BEN), (DOCS_TOO, BEN)]
        arrivals = [
            an_arrival(f"{number}", clock(), text=words, reporter=person) for number, (words, person) in enumerate(left)
        ]
        await storage.inbox.add(session, arrivals)
    clock.forward(seconds=3)
    await capture.take(kit, clock)
    await filed(kit)
    assert await keys(database) == ["command:0", "command:1", "command:2"]
    assert await unfiled(database) == 0
    await work()
    rows = await export.rows(database, kit.house.workspace_id, "reports", leads=frozenset(), now=clock())
    assert [row["cluster"] for row in rows] == ["F-1", "F-2", "F-1"]
    assert [len(slack.told(person)) for person in (ANA, BEN)] == [1, 2]


async def test_two_processes_file_each_report_once(
    kit: Kit, kit_on: Callable[[Database], Kit], database: Database, clock: Clock
) -> None:
    async with database.transaction() as session:
        await storage.inbox.add(session, [an_arrival(f"{number}", clock()) for number in range(8)])
    clock.forward(seconds=3)
    other = kit_on(database)
    await asyncio.gather(capture.take(kit, clock), capture.take(other, clock))
    await filed(kit)
    await filed(other)
    assert sorted(await keys(database)) == [f"command:{number}" for number in range(8)]
    assert await unfiled(database) == 0


class Faulty:
    """A classifier that fails over one word."""

    def __init__(self, kit: Kit) -> None:
        self._answers, self.mended = kit.area.answers, False

    def answers(self, texts: Sequence[str]) -> list[Answer]:
        if not self.mended and any("chair" in text for text in texts):
            raise ZeroDivisionError
        return self._answers(texts)


async def test_a_report_that_cannot_be_filed_keeps_nobody_and_is_not_given_up(
    kit: Kit, database: Database, clock: Clock
) -> None:
    faulty = Faulty(kit)
    broken = replace(kit, area=faulty)  # type: ignore[arg-type]
    assert await capture.capture(broken, said("my chair squeaks", "1", at=clock()), clock(), clock) is None
    outcome = await capture.capture(broken, said(DOCS, "2", at=clock()), clock(), clock)
    assert outcome is not None and outcome.new
    identity = Identity(fakes.TEAM, "Acme", fakes.BOT, fakes.BOT_ID, fakes.SCOPES)
    found = {finding.text: finding.well for finding in await doctor.examine(kit, identity, clock())}
    assert found["A report could not be filed yet, after 1 try (our own fault). It is kept, and tried again."] is False
    faulty.mended = True
    clock.forward(minutes=1)
    await capture.take(broken, clock)
    await filed(broken)
    assert await keys(database) == ["command:2", "command:1"]


async def left_by_a_dead_process(database: Database, clock: Clock, *words: str) -> None:
    async with database.transaction() as session:
        arrivals = [an_arrival(f"{number}", clock(), text=each) for number, each in enumerate(words)]
        await storage.inbox.add(session, arrivals)
    clock.forward(seconds=3)


async def grouped(database: Database, clock: Clock) -> list[object]:
    return [
        row["cluster"] for row in await export.rows(database, fakes.TEAM, "reports", leads=frozenset(), now=clock())
    ]


async def test_what_nobody_waits_for_is_filed_several_by_one_write_to_the_disk_and_compared_with_one_another(
    kit: Kit, database: Database, clock: Clock
) -> None:
    await left_by_a_dead_process(database, clock, DOCS, VPN, DOCS_TOO, VPN, DOCS)
    commits = []
    event.listen(database.engine.sync_engine, "commit", lambda _: commits.append(1))
    await capture.take(kit, clock)
    await filed(kit)
    assert len(commits) < 5
    assert await grouped(database, clock) == ["F-1", "F-2", "F-1", "F-2", "F-1"]


async def test_nothing_is_compared_with_what_was_not_kept_after_all(kit: Kit, database: Database, clock: Clock) -> None:
    await left_by_a_dead_process(database, clock, VPN, DOCS, DOCS_TOO, VPN)
    failed = []

    def fail_once(_connection: object) -> None:
        if not failed:
            failed.append(1)
            raise ZeroDivisionError

    event.listen(database.engine.sync_engine, "commit", fail_once)
    await capture.take(kit, clock)
    await filed(kit)
    assert failed
    assert await unfiled(database) == 0
    assert await grouped(database, clock) == ["F-1", "F-2", "F-2", "F-1"]


async def test_whoever_asks_whether_it_is_ready_sees_how_much_is_still_to_be_filed(
    kit: Kit, database: Database, clock: Clock
) -> None:
    ready = app.readiness(kit, None, [], clock)
    assert await ready() == (True, "ok")
    await left_by_a_dead_process(database, clock, DOCS, VPN)
    assert await ready() == (True, "ok; 2 reports still to be filed, the first for 3 s")


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_while_another_program_holds_sqlite_whoever_waits_is_told_and_all_else_waits(
    kit: Kit,
    team: Team,
    database: Database,
    workers: outbox.Workers,
    slack: FakeSlack,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await team.file(VPN)
    await left_by_a_dead_process(database, clock, DOCS)
    monkeypatch.setattr(storage.database, "BUSY_MS", 5)
    monkeypatch.setattr(storage.database, "PATIENCE", 0.05)
    await database.close()  # connections are opened anew, and wait no longer
    refused = []
    event.listen(database.engine.sync_engine, "handle_error", lambda _: refused.append(1))
    async with troubles.locked(database):
        await capture.take(kit, clock)
        working = asyncio.create_task(workers.until_settled())
        while len(refused) < 30 and not working.done():  # noqa: ASYNC110 # SQLite says so, again and again
            await asyncio.sleep(0)
        assert not await workers.settled()
        with pytest.raises(DatabaseGone), storage.database.hurried():
            async with database.transaction():
                pass
    await filed(kit)
    await working
    assert await grouped(database, clock) == ["F-1", "F-2"]
    assert len(slack.posted(CARDS)) > 0


async def test_what_is_erased_before_it_is_filed_never_is(
    hasty: Kit, database: Database, team: Team, clock: Clock
) -> None:
    hasty.inbox.stopping = True
    for number, person in enumerate((ANA, BEN, ANA)):
        await capture.capture(hasty, said(DOCS, f"{number}", person, at=clock()), clock(), clock)
    async with database.transaction() as session:
        theirs = await storage.inbox.by_person(session, fakes.TEAM, ANA)
        assert [row.key for row in theirs] == ["command:0", "command:2"]
        assert await storage.inbox.erase(session, fakes.TEAM, ANA) == 2
    clock.forward(seconds=3)
    heir = replace(hasty, inbox=Inbox())
    await capture.take(heir, clock)
    await filed(heir)
    assert await keys(database) == ["command:1"]


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_what_came_to_another_process_is_left_to_it_for_a_moment(
    kit: Kit, database: Database, clock: Clock
) -> None:
    async with database.transaction() as session:
        await storage.inbox.add(session, [an_arrival("1", clock())])
    await capture.take(kit, clock)
    await filed(kit)
    assert await unfiled(database) == 1
    clock.forward(seconds=3)
    await capture.take(kit, clock)
    await filed(kit)
    assert await unfiled(database) == 0
