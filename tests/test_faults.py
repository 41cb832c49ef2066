"""The database is locked, full, restarting, or drops us in the middle: everybody is told, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from conftest import ANA, BEN, CARDS, CEM, DOCS, DOCS_TOO, VPN, Clock, Team
from fakes import slack as fakes
from fakes import troubles
from fakes.delivery import Carry, Delivery, over_http, signed, written
from fakes.slack import FakeSlack
from slack_sdk.signature import SignatureVerifier
from test_listeners import SECRET_KEY, Door

from bot import app
from bot import clock as clocks
from bot.flows import export, outbox
from bot.flows.kit import Kit
from bot.listeners import http
from bot.settings import Settings
from bot.slack import Identity
from storage.database import Database, DatabaseGone

Work = Callable[..., Awaitable[None]]

#: So much that a full disk has no room for it.
LONG = " ".join(f"step {number} of the deploy docs is wrong" for number in range(900))


@pytest.fixture(params=[each for kinds in troubles.OF.values() for each in kinds], ids=lambda each: each.__name__)
def trouble(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def backend(trouble: troubles.Trouble) -> str:
    return next(backend for backend, kinds in troubles.OF.items() if trouble in kinds)


@pytest.fixture
def clock() -> Clock:
    return Clock(clocks.now())


@pytest.fixture
async def web(kit: Kit, workers: outbox.Workers) -> AsyncIterator[TestClient[Any, Any]]:
    """The bot's web server over its own readiness."""
    settings = Settings(_env_file=None, slack_bot_token=fakes.BOT_TOKEN, slack_signing_secret=SECRET_KEY)
    bolt = app.bolt_app(settings, kit, Identity(fakes.TEAM, "Acme", fakes.BOT, fakes.BOT_ID, fakes.SCOPES))
    ready = app.readiness(kit, None, [], clocks.now)
    async with TestClient(TestServer(http.server(bolt, SignatureVerifier(SECRET_KEY).is_valid, ready))) as client:
        yield client


class Person:
    """Somebody at Slack, who sees what Slack shows of our answers."""

    def __init__(self, web: TestClient[Any, Any], door: Door) -> None:
        self.web, self.door = web, door
        self.carry: Carry = over_http(web, SECRET_KEY, clocks.unix)  # type: ignore[arg-type] # which has post, too

    async def sees(self, body: dict[str, Any]) -> dict[str, Any]:
        raw, kind = written(body)
        headers = {"Content-Type": kind, **signed(raw, SECRET_KEY, clocks.unix())}
        async with self.web.post("/slack/events", data=raw, headers=headers) as response:
            assert response.status == 200
            said = await response.text()
            return dict(json.loads(said)) if said.startswith("{") else {}


@pytest.fixture
def person(web: TestClient[Any, Any], kit: Kit, slack: FakeSlack) -> Person:
    return Person(web, Door(None, slack, socket=False))  # type: ignore[arg-type] # it only writes payloads here


async def reports(kit: Kit) -> list[str]:
    return [
        row["text"]
        for row in await export.rows(kit.database, kit.house.workspace_id, "reports", leads=(), now=clocks.now())
    ]


async def test_while_it_lasts_everybody_is_told_and_afterwards_everything_is_there_once(
    trouble: troubles.Trouble,
    person: Person,
    web: TestClient[Any, Any],
    kit: Kit,
    team: Team,
    database: Database,
    slack: FakeSlack,
    clock: Clock,
    work: Work,
) -> None:
    door = person.door
    await person.sees(door.a_command(DOCS))
    await work(seconds=5)
    card = slack.posted(CARDS)[0]["ts"]
    await person.sees(door.a_command(""))
    delivery = Delivery(clock, person.carry)
    async with trouble(database):
        told = await person.sees(door.a_command(LONG, BEN))
        assert "I could not save this just now" in told["text"]
        assert "step 899" in json.dumps(told["blocks"])
        if trouble is not troubles.full:  # the last page may have room for as little as a form or a vote
            told = await person.sees(door.a_submission(CEM, words=VPN))
            assert told["response_action"] == "errors"
            assert "I could not save this" in next(iter(told["errors"].values()))
            vote = delivery.post(slack.reacted(BEN, CARDS, card))
            assert not await delivery.deliver(vote)
            assert vote.reason == "http_error"
        if trouble is troubles.restarting:
            async with web.get("/readyz") as response:
                assert (response.status, await response.text()) == (503, "the database does not answer")
        async with web.get("/healthz") as response:
            assert response.status == 200
    assert await reports(kit) == [DOCS]
    async with web.get("/readyz") as response:
        assert response.status == 200
    clock.forward(minutes=1)
    await delivery.due()
    assert all(parcel.delivered for parcel in delivery.parcels)
    await person.sees(door.a_command(DOCS_TOO, BEN))
    await person.sees(door.a_submission(CEM, words=VPN))
    await work(seconds=10)
    assert await reports(kit) == [DOCS, DOCS_TOO, VPN]
    assert len(slack.posted(CARDS)) == 2
    assert "2 developers" in team.card()


async def test_the_outbox_goes_on_by_itself_and_says_nothing_twice(
    trouble: troubles.Trouble,
    kit: Kit,
    team: Team,
    database: Database,
    slack: FakeSlack,
    workers: outbox.Workers,
    clock: Clock,
    work: Work,
) -> None:
    await team.file(DOCS)
    async with trouble(database):
        if trouble is troubles.restarting:
            with pytest.raises(DatabaseGone):  # which the worker logs, and looks again a second later
                await workers.one()
            assert workers.in_hand == set()
    await work(minutes=2)
    await work(minutes=2)
    assert len(slack.posted(CARDS)) == 1


@pytest.mark.parametrize("trouble", [troubles.restarting], ids=["cut"])
async def test_every_connection_cut_between_posting_and_noting_it_posts_nothing_twice(
    trouble: troubles.Trouble,
    kit: Kit,
    team: Team,
    database: Database,
    slack: FakeSlack,
    workers: outbox.Workers,
    clock: Clock,
    work: Work,
) -> None:
    await team.file(DOCS)
    async with trouble(database):
        pass  # the pool is full of dead connections now
    await work(minutes=2)
    await team.file(DOCS_TOO, by=ANA)
    await troubles.cut_all(database)
    await work(minutes=2)
    assert len(slack.posted(CARDS)) == 1
