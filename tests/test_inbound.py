"""Slack delivers twice, late, out of order, or not at all at first: what is there in the end is always the same."""

from __future__ import annotations

import contextlib
import random
import shutil
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ANA, BACKEND, BEN, CARDS, CEM, DOCS, DOCS_TOO, DORA, PEOPLE, VPN, Clock, emptied
from fakes import slack as fakes
from fakes.delivery import Delivery, Parcel
from fakes.slack import FakeSlack
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from slack_bolt.async_app import AsyncBoltRequest
from sqlmodel import select
from test_listeners import Door

from bot import app
from bot import clock as clocks
from bot import slack as slacks
from bot.flows import outbox
from bot.flows.kit import Kit
from bot.settings import Settings
from bot.slack import Identity
from storage import workspaces
from storage.database import Database
from storage.models import Report, Vote

Fresh = Callable[[], Any]

FLAG = "triangular_flag_on_post"

#: What people wrote, and may flag: by whom, and what. All the same, or all different, in whatever order they come.
WRITTEN = ((BEN, VPN), (CEM, DOCS_TOO), (DORA, VPN))

#: What a message is edited to, and what only Dora says, who has buttons for it: nobody else says anything like it.
EDITED, DORAS = "the payment gateway answers 500 with an empty body", "my chair squeaks"

#: One thing that somebody does: to the card, to a message, with a button, or by a command.
GESTURES = st.one_of(
    st.tuples(
        st.just("vote"), st.sampled_from([BEN, CEM, DORA]), st.sampled_from(["+1", "raised_hands"]), st.booleans()
    ),
    st.tuples(st.just("flag"), st.sampled_from([ANA, BEN, CEM]), st.integers(0, 2), st.booleans()),
    st.tuples(st.sampled_from(["edit", "delete"]), st.just(BEN), st.integers(0, 2), st.just(True)),
    st.tuples(st.just("click"), st.just(DORA), st.sampled_from(["report_area_errors", "report_undo"]), st.just(True)),
    st.tuples(st.just("say"), st.sampled_from([BEN, CEM]), st.sampled_from([DOCS_TOO, VPN]), st.just(True)),
)

#: What becomes of one try: it never came, it came and Slack never knew, or all went well.
FATES = st.lists(st.sampled_from(["lost", "unheard"]), max_size=3)


#: To shrink a failure takes minutes; `--hypothesis-seed` brings it back, and its gestures are few.
SOME = (Phase.explicit, Phase.reuse, Phase.generate)


@pytest.fixture
def fresh(backend: str, request: pytest.FixtureRequest) -> Fresh:
    """An empty database, as often as one is wanted."""

    @contextlib.asynccontextmanager
    async def empty() -> AsyncIterator[Database]:
        if backend == "sqlite":
            original: Path = request.getfixturevalue("embedded")
            path = original.with_name(f"{uuid.uuid4().hex}.db")
            shutil.copy(original, path)
            database = Database(f"sqlite+aiosqlite:///{path}")
        else:
            await emptied(address := request.getfixturevalue("server"))
            database = Database(address)
        async with database.transaction() as session:
            await workspaces.ensure(session, fakes.TEAM, "Acme")
        yield database
        await database.close()

    return empty


class World:
    """A workspace with the bot in it, and everything that people did there."""

    def __init__(self, kit: Kit, slack: FakeSlack, clock: Clock) -> None:
        self.kit, self.slack, self.clock = kit, slack, clock
        wanted = Settings(_env_file=None, slack_bot_token=fakes.BOT_TOKEN, slack_signing_secret="x")
        self.bolt = app.bolt_app(wanted, kit, Identity(fakes.TEAM, "Acme", fakes.BOT, fakes.BOT_ID, fakes.SCOPES))
        self.door = Door(self.bolt, slack, socket=True)
        self.workers = outbox.Workers(kit, clock=clock, of_message=clocks.of_message)
        self.card = ""

    async def told(self, payload: Mapping[str, Any]) -> bool:
        answer = await self.bolt.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=dict(payload), headers={}))
        return answer.status == 200

    async def work(self, **after: float) -> None:
        self.clock.forward(**after)
        await self.workers.until_settled()

    async def happens(self, gestures: list[tuple[str, str, Any, bool]]) -> list[Mapping[str, Any]]:
        """Everything happens in Slack; gives back what the bot is to hear of it, in order."""
        assert await self.told(self.door.a_command(DOCS, ANA))
        await self.work(seconds=5)
        self.card = self.slack.posted(CARDS)[0]["ts"]
        assert await self.told(self.door.a_command(DORAS, DORA))
        await self.work(seconds=5)
        written = [self.slack.said(BACKEND, by, words) for by, words in WRITTEN]
        payloads: list[Mapping[str, Any]] = []
        gone: set[tuple[str, int]] = set()
        for kind, who, what, on in gestures:
            self.clock.forward(seconds=1)
            if kind in ("flag", "edit", "delete") and (("delete", what) in gone or (kind, what) in gone):
                continue  # it is not there any more, or was edited already
            match kind:
                case "edit" | "delete":
                    gone.add((kind, what))
                    payloads.append(self.changed(kind, written[what]))
                case "click":
                    value = "2:errors" if what == "report_area_errors" else "2"
                    payloads.append(self.door.a_click(what, value, who))
                case "vote":
                    payloads.append(self.slack.reacted(who, CARDS, self.card, what, on=on))
                case "flag":
                    payloads.append(self.slack.reacted(who, BACKEND, written[what], FLAG, on=on))
                case _:
                    payloads.append(self.door.a_command(what, who))
        return payloads

    def changed(self, kind: str, ts: str) -> Mapping[str, Any]:
        """A message is edited or deleted; gives back what tells the app."""
        message = next(each for each in self.slack.channels[BACKEND].messages if each["ts"] == ts)
        if kind == "delete":
            self.slack.delete(BACKEND, ts)
            return self.door.an_event(type="message", subtype="message_deleted", channel=BACKEND, deleted_ts=ts)
        message["text"] = EDITED
        return self.door.an_event(
            type="message", subtype="message_changed", channel=BACKEND, message=dict(message), ts=self.slack.ts()
        )

    async def state(self) -> Any:
        """What counts: who said what, which of it is the same problem, and every vote."""
        async with self.kit.database.reading() as session:
            reports = (await session.exec(select(Report).where(Report.withdrawn_at == None))).all()  # noqa: E711
            votes = (await session.exec(select(Vote).where(Vote.given))).all()
        said = sorted((each.reporter or "", each.text, each.source) for each in reports)
        together: dict[Any, list[str]] = defaultdict(list)
        for each in reports:
            together[each.cluster_id].append(each.text)
        return (
            said,
            sorted(sorted(texts) for texts in together.values()),
            sorted((each.message_ts == self.card, each.person, each.emoji) for each in votes),
            sorted(message["text"].partition(" ")[2] for message in self.slack.posted(CARDS)),
        )


@contextlib.asynccontextmanager
async def world(fresh: Fresh, kit_on: Callable[[Database], Kit]) -> AsyncIterator[World]:
    clock = Clock(clocks.now())
    slack = FakeSlack(clock)
    for id_, name in PEOPLE.items():
        slack.person(id_, name)
    slack.channel(BACKEND, "backend", fakes.BOT, *PEOPLE)
    slack.channel(CARDS, "friction", fakes.BOT, *PEOPLE)
    await slack.start()
    try:
        async with fresh() as database, slacks.connect(fakes.BOT_TOKEN, slack.api_url) as client:
            yield World(replace(kit_on(database), slack=client), slack, clock)
    finally:
        await slack.stop()


async def settle(world: World) -> Any:
    for _ in range(4):
        await world.work(seconds=30)
    return await world.state()


@settings(max_examples=4, deadline=None, phases=SOME, suppress_health_check=list(HealthCheck))
@given(
    gestures=st.lists(GESTURES, min_size=1, max_size=10),
    fates=st.lists(FATES, min_size=10, max_size=10),
    twice=st.lists(st.booleans(), min_size=10, max_size=10),
    chance=st.integers(0, 2**32),
)
@example(
    # A message that is flagged, edited and deleted, and a report that is corrected and taken back.
    gestures=[
        ("flag", CEM, 0, True),
        ("edit", BEN, 0, True),
        ("flag", ANA, 1, True),
        ("edit", BEN, 1, True),
        ("delete", BEN, 1, True),
        ("click", DORA, "report_area_errors", True),
        ("click", DORA, "report_undo", True),
    ],
    fates=[["lost"], [], ["unheard"], [], [], [], []],
    twice=[True] * 7,
    chance=2,
)
@example(
    # A flag of which it is heard first that it was taken off.
    gestures=[("flag", CEM, 1, True), ("flag", CEM, 1, False)],
    fates=[["lost"], []],
    twice=[True, True],
    chance=1,
)
async def test_however_it_is_delivered_the_end_is_the_same_as_of_a_clean_run(
    fresh: Fresh,
    kit_on: Callable[[Database], Kit],
    gestures: list[tuple[str, str, Any, bool]],
    fates: list[list[str]],
    twice: list[bool],
    chance: int,
) -> None:
    async with world(fresh, kit_on) as clean:
        for payload in await clean.happens(gestures):
            assert await clean.told(payload)
        wanted = await settle(clean)

    order = random.Random(chance)
    async with world(fresh, kit_on) as messy:
        payloads = await messy.happens(gestures)
        left = {id(payload): list(each) for payload, each in zip(payloads, fates, strict=False)}

        async def carry(payload: Mapping[str, Any], _retry: int, _reason: str) -> str:
            # A command that never came was never made; whoever made it sees that, and makes another.
            event = payload.get("type") == "event_callback"
            fate = left[id(payload)].pop() if event and left[id(payload)] else ""
            if fate == "lost":
                return "connection_failed"
            well = await messy.told(payload)
            if order.randrange(3) == 0:
                await messy.work(seconds=1)
            return "http_timeout" if fate or not well else ""

        def shuffled(parcels: list[Parcel]) -> list[Parcel]:
            return order.sample(parcels, len(parcels))

        delivery = Delivery(messy.clock, carry)
        for payload in payloads:
            delivery.post(payload)
        for minutes in (0, 1, 5):
            messy.clock.forward(minutes=minutes)
            await delivery.due(shuffled)
        assert all(parcel.delivered for parcel in delivery.parcels)
        for payload, again in zip(shuffled(delivery.parcels), twice, strict=False):
            if again:
                assert await messy.told(payload.payload)
        assert await settle(messy) == wanted
