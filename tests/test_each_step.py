"""Killed between any two steps of anything that people do, and done again: in the end all is as if nobody had died."""

from __future__ import annotations

import copy
import itertools
import shutil
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from conftest import ADA, ANA, BACKEND, BEN, CARDS, CEM, DOCS, DOCS_TOO, PEOPLE, TIM, VPN, Clock, Team
from fakes.slack import FakeSlack
from sqlalchemy import select
from sqlmodel import col
from test_inbox import an_arrival
from test_sending import Killed, process

import storage.inbox
import storage.outbox
from bot import clock as clocks
from bot.flows import assign, capture, correct, hearing, merge, outbox, rename, snooze, split, status, undo, vote
from bot.flows import report as reports
from bot.flows.kit import Kit
from storage.database import Database
from storage.models import Cluster, Fact, Outbox, Report, Vote

Work = Callable[..., Awaitable[None]]
Step = Coroutine[Any, Any, Any]

ERRORS = "the payment gateway answers 500 with an empty body"

#: Every so many pauses somebody is killed; in the long form at each of them.
APART = 29

#: What there is of a Slack, so that everybody can die in the same.
THERE = ("channels", "people", "reactions", "whispers", "answers", "_count", "_urls", "_triggers")


@pytest.fixture
def backend() -> str:
    return "sqlite"


class Scene:
    """Three problems, each with its card: Ana's, Ben's, and a message of Cem's that somebody flagged."""

    def __init__(self, slack: FakeSlack, clock: Clock, said: str, plain: str) -> None:
        self.slack, self.clock, self.said, self.plain = slack, clock, said, plain
        self.card = slack.posted(CARDS)[0]["ts"]

    def react(self, kit: Kit, channel: str, ts: str, emoji: str) -> Step:
        return vote.reacted(
            kit,
            channel=channel,
            message_ts=ts,
            author=CEM,
            person=BEN,
            emoji=emoji,
            given=True,
            event_ts="1800000000.000001",
            now=self.clock(),
        )

    def message(self) -> dict[str, Any]:
        return {"type": "message", "user": CEM, "text": f"{ERRORS} since noon", "ts": self.said}


def filed(kit: Kit, scene: Scene) -> Step:
    said = reports.Said(key="form:1", text=DOCS_TOO, source="form", reporter=CEM, said_at=scene.clock.now)
    return reports.file(kit, said, scene.clock())


async def saved(kit: Kit, scene: Scene) -> None:
    """Commands that are stored; what is told twice is one."""
    words = (DOCS_TOO, "my chair squeaks", "my chair squeaks again")
    for number, each in enumerate(words):
        arrival = an_arrival(f"each {number}", scene.clock.now, text=each, taker=kit.inbox.taker)
        async with kit.database.transaction() as session:
            if not await storage.reports.by_key(session, arrival.workspace_id, arrival.key):
                await storage.inbox.add(session, [arrival])
    await capture._file(kit, scene.clock)


async def undone(kit: Kit, scene: Scene) -> None:
    done = await assign.assign(kit, 1, TIM, ADA, scene.clock(), was="")
    await undo.undo(kit, done.fact_id or 0, ADA, scene.clock())


async def told(kit: Kit, scene: Scene) -> None:
    await status.set_status(kit, 1, "shipped", "it is generated now", "", ADA, scene.clock(), was="new")
    await hearing.open_due(kit, scene.clock.now.replace(hour=15))


GESTURES: dict[str, Callable[[Kit, Scene], Step]] = {
    "commands": saved,
    "a form": filed,
    "a flag": lambda kit, scene: scene.react(kit, BACKEND, scene.plain, "triangular_flag_on_post"),
    "a vote": lambda kit, scene: scene.react(kit, CARDS, scene.card, "+1"),
    "an edit": lambda kit, scene: correct.message_edited(kit, BACKEND, scene.message(), scene.clock()),
    "a deletion": lambda kit, scene: correct.message_deleted(kit, BACKEND, scene.said, scene.clock()),
    "a withdrawal": lambda kit, scene: correct.withdraw(kit, 1, ANA, scene.clock()),
    "a correction": lambda kit, scene: correct.retag(kit, 1, "errors", ANA, scene.clock()),
    "a status and its notices": told,
    "an owner and none again": undone,
    "a name": lambda kit, scene: rename.rename(kit, 1, "Old docs", ADA, scene.clock(), was=""),
    "a rest": lambda kit, scene: snooze.snooze(kit, 1, "2", ADA, scene.clock(), was=""),
    "a merge": lambda kit, scene: merge.merge(kit, 1, 2, ADA, scene.clock()),
    "a split": lambda kit, scene: split.split(kit, 1, [4], ADA, scene.clock()),
}


async def state(database: Database, slack: FakeSlack) -> Any:
    """What anybody can notice: what is stored, and what Slack shows of it."""
    async with database.reading() as session:
        rows = [
            sorted({repr(row) for row in (await session.execute(wanted)).all()})
            for wanted in (
                select(Report.key, Report.text, Report.area, Report.cluster_id, Report.reporter),
                select(Fact.kind, Fact.cluster_id, Fact.other_id, Fact.value, Fact.undone_by),
                select(Vote.channel, Vote.message_ts, Vote.person, Vote.emoji, Vote.given),
                select(Cluster.number, Cluster.status, Cluster.owner, Cluster.title, Cluster.merged_into),
                select(storage.inbox.Inbox.key),
                select(Outbox.key).where(col(Outbox.wanted) > col(Outbox.done)),
            )
        ]
    shown = {channel: sorted(each["text"] for each in slack.posted(channel)) for channel in sorted(slack.channels)}
    return rows, shown


@pytest.mark.parametrize("gesture", GESTURES)
async def test_whatever_is_done_is_done_once_wherever_it_was_cut_off(
    gesture: str,
    request: pytest.FixtureRequest,
    team: Team,
    kit_on: Callable[[Database], Kit],
    database: Database,
    slack: FakeSlack,
    clock: Clock,
    work: Work,
    tmp_path: Path,
) -> None:
    await team.file(DOCS)
    await team.file(VPN, by=BEN)
    said, plain = slack.said(BACKEND, CEM, ERRORS), slack.said(BACKEND, CEM, "kubernetes pods restart all day")
    await team.flag(ANA, BACKEND, said)
    await team.file(DOCS_TOO, by=BEN)
    await work(seconds=5)
    await work(seconds=5)
    await database.close()
    for person in PEOPLE:
        slack.dm(person)  # our side remembers who has one
    began, there = clock.now, copy.deepcopy({name: getattr(slack, name) for name in THERE})
    scene = Scene(slack, clock, said, plain)

    async def everything(kit: Kit) -> None:
        await GESTURES[gesture](kit, scene)
        await outbox.Workers(kit, clock=clock, of_message=clocks.of_message).until_settled()

    async def lived(dies_at: int) -> tuple[bool, Any]:
        """The same again in a copy of all there was, with a death; and whether there was one."""
        clock.now = began
        for name, value in copy.deepcopy(there).items():
            setattr(slack, name, value)
        copied = tmp_path / f"{dies_at}.db"
        shutil.copy(str(database.url.database), copied)
        own = Database(f"sqlite+aiosqlite:///{copied}")
        async with process(own, kit_on) as dying:
            ended = await Killed(everything(dying), dies_at, midway=False)
        async with own.transaction() as session:
            await storage.outbox.release(session)
        async with process(own, kit_on) as heir:
            if not ended:
                await GESTURES[gesture](heir, scene)  # Slack tells again, or whoever was not answered tries again
            at_work = outbox.Workers(heir, clock=clock, of_message=clocks.of_message)
            for _ in range(3):
                clock.forward(minutes=2)
                await at_work.until_settled()
            found = await state(own, slack)
        await own.close()
        copied.unlink()
        return ended, found

    _, wanted = await lived(100_000)
    apart = 1 if request.config.getoption("--long") else APART
    for pause in itertools.count(1, apart):
        ended, found = await lived(pause)
        assert found == wanted, f"killed at pause {pause}"
        if ended:
            break
    assert pause > 20
