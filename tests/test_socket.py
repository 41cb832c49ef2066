"""Slack's socket, whatever becomes of it: it is noticed, said, and made anew."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest
from conftest import ANA, BACKEND, DOCS, Clock
from fakes import slack as fakes
from fakes.slack import FakeSlack, later
from prometheus_client import generate_latest

from bot import app
from bot.clock import LastCall
from bot.flows.kit import Kit
from bot.listeners import socket as sockets
from bot.listeners.socket import DEAF, Socket
from bot.settings import CannotStart, Settings
from bot.slack import Identity

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def backend() -> str:
    return "sqlite"


@pytest.fixture
def bolt(kit: Kit) -> Any:
    settings = Settings(_env_file=None, slack_bot_token=fakes.BOT_TOKEN, slack_app_token=fakes.APP_TOKEN)
    return app.bolt_app(settings, kit, Identity(fakes.TEAM, "Acme", fakes.BOT, fakes.BOT_ID, fakes.SCOPES))


@pytest.fixture
async def socket(bolt: Any, kit: Kit, slack: FakeSlack, clock: Clock) -> AsyncIterator[Socket]:
    """Our end, connected and greeted; the SDK tries again every fifth of a second."""
    socket = Socket(bolt, fakes.APP_TOKEN, kit.slack.client_for(fakes.APP_TOKEN), clock, ping=0.2)
    async with asyncio.timeout(5):
        await socket.greeted()
    yield socket
    await socket.close(LastCall(5))


async def turns(socket: Socket, *, well: bool) -> None:
    """Wait until the socket is so."""
    async with asyncio.timeout(5):
        while await socket.well() is not well:  # noqa: ASYNC110 # the SDK tells nobody
            await asyncio.sleep(0.01)


def a_command(slack: FakeSlack) -> dict[str, Any]:
    return {
        "type": "slash_commands",
        "envelope_id": "e1",
        "accepts_response_payload": True,
        "payload": {
            "command": "/friction",
            "text": DOCS,
            "user_id": ANA,
            "team_id": fakes.TEAM,
            "channel_id": BACKEND,
            "channel_name": "backend",
            "trigger_id": slack.trigger(),
            "response_url": slack.response_url(),
        },
    }


async def test_a_ticket_that_leads_nowhere_is_given_up_for_another_after_a_minute(
    socket: Socket, slack: FakeSlack, clock: Clock
) -> None:
    slack.sockets.dead = 1
    await slack.sockets.refresh()
    await turns(socket, well=False)
    await socket.look()
    clock.forward(seconds=DEAF.total_seconds() - 1)
    await socket.look()
    assert len(slack.sockets.given) == 2  # the SDK knows no better than to try the dead one
    clock.forward(seconds=1)
    await socket.look()
    await turns(socket, well=True)
    assert len(slack.sockets.given) == 3
    ack = await slack.sockets.send(a_command(slack))
    assert "F-1" in ack["payload"]["text"]


async def test_a_connection_that_never_says_hello_is_given_up(socket: Socket, slack: FakeSlack, clock: Clock) -> None:
    slack.sockets.mute = 1
    await slack.sockets.refresh()
    await turns(socket, well=False)
    await slack.until(lambda: len(slack.sockets.given) == 2 and slack.sockets.mute == 0)
    assert not await socket.well()
    for _ in range(2):
        await socket.look()
        clock.now += DEAF
    await turns(socket, well=True)
    assert len(slack.sockets.open) == 1


async def test_a_connection_that_is_renewed_as_it_should_be_is_left_alone(
    socket: Socket, slack: FakeSlack, clock: Clock
) -> None:
    await slack.sockets.refresh("warning")
    await slack.until(lambda: len(slack.sockets.given) == 2)
    await turns(socket, well=True)
    for _ in range(5):
        await socket.look()
        clock.now += MINUTE
    assert len(slack.sockets.given) == 2


async def test_slack_away_for_an_hour_is_asked_once_a_minute_for_a_new_socket_and_heard_again(
    socket: Socket, slack: FakeSlack, clock: Clock
) -> None:
    slack.sockets.dead = 60
    slack.sockets.cut()
    await turns(socket, well=False)
    for _ in range(60 * 12):
        await socket.look()
        clock.forward(seconds=5)
        await asyncio.sleep(0)
    assert len(slack.sockets.given) <= 62
    slack.sockets.dead = 0
    clock.now += DEAF
    await socket.look()
    await turns(socket, well=True)


async def test_it_is_told_how_long_ago_slack_said_what(socket: Socket, slack: FakeSlack, clock: Clock) -> None:
    clock.forward(seconds=90)
    await slack.sockets.send(a_command(slack))
    clock.forward(seconds=7)
    told = socket.told()
    assert "last envelope 7 s ago" in told
    assert "last hello 97 s ago" in told
    assert "last pong" in told
    await socket.look()
    assert 'friction_socket_age_seconds{what="hello"} 97.0' in generate_latest().decode()


async def test_what_was_heard_is_answered_before_the_socket_closes(
    bolt: Any, kit: Kit, slack: FakeSlack, clock: Clock
) -> None:
    socket = Socket(bolt, fakes.APP_TOKEN, kit.slack.client_for(fakes.APP_TOKEN), clock)
    await socket.greeted()
    async with kit.database.transaction():  # the command has to wait for whoever writes here
        answer = asyncio.create_task(slack.sockets.send(a_command(slack)))
        while "envelope" not in socket.last:  # noqa: ASYNC110 # nobody tells
            await asyncio.sleep(0.01)
        closing = asyncio.create_task(socket.close(LastCall(5)))
        await asyncio.sleep(0.05)
        assert not closing.done()
    assert "F-1" in (await answer)["payload"]["text"]
    await closing
    await slack.until(lambda: slack.sockets.open == [])


async def test_a_slack_that_opens_no_socket_keeps_us_from_starting(
    bolt: Any, kit: Kit, slack: FakeSlack, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "PATIENCE", dt.timedelta(seconds=0.2))
    client = kit.slack.client_for(fakes.APP_TOKEN)
    for wrong in ("dead", "mute"):
        setattr(slack.sockets, wrong, 100)
        with pytest.raises(CannotStart, match="Slack opens no socket"):
            async with sockets.connected(bolt, fakes.APP_TOKEN, client, clock, LastCall(1)):
                pass
        setattr(slack.sockets, wrong, 0)
    slack.next("apps.connections.open", later(1))  # and one that puts us off is waited for
    monkeypatch.setattr(sockets, "PATIENCE", dt.timedelta(seconds=10))
    async with sockets.connected(bolt, fakes.APP_TOKEN, client, clock, LastCall(1)) as socket:
        assert await socket.well()
