"""The whole bot: what it says when it cannot start, what its web server lets through, and that it works."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from conftest import ANA, BACKEND, BEN, CARDS, DOCS
from fakes import slack as fakes
from fakes.slack import FakeSlack, refused
from slack_sdk.signature import SignatureVerifier

from bot import app
from bot import clock as clocks
from bot.app import CannotStart
from bot.flows import export
from bot.flows.kit import Kit
from bot.listeners import http
from bot.settings import Settings, SettingsWrong
from bot.slack import Identity
from storage.database import Database, DatabaseUnusable

SECRET_KEY = "signing-secret"
FORM = "application/x-www-form-urlencoded"

Make = Callable[..., Settings]


@pytest.fixture
def backend() -> str:
    return "sqlite"


@pytest.fixture
def clock() -> Any:
    """The real one: here the bot runs by it."""
    return clocks.now


@pytest.fixture
def settings(slack: FakeSlack, database_url: str, cache: Path) -> Make:
    """Settings that work; a test says what is wrong with them."""

    def build(**wrong: Any) -> Settings:
        right = {
            "slack_bot_token": fakes.BOT_TOKEN,
            "slack_signing_secret": SECRET_KEY,
            "slack_api_url": slack.api_url,
            "database_url": database_url,
            "friction_channel": "friction",
            "friction_cache": str(cache),
            "host": "127.0.0.1",
            "port": 0,
        }
        return Settings(**right | wrong)

    return build


# Starting


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"slack_bot_token": ""}, "SLACK_BOT_TOKEN is missing"),
        ({"slack_bot_token": "xoxp-somebody"}, "SLACK_BOT_TOKEN must begin with xoxb-"),
        ({"slack_bot_token": "xoxb-wrong"}, r"Slack does not accept SLACK_BOT_TOKEN \(invalid_auth\)"),
        ({"slack_app_token": "xoxb-fake"}, "SLACK_APP_TOKEN must begin with xapp-"),
        ({"slack_app_token": "xapp-wrong"}, r"Slack does not accept SLACK_APP_TOKEN \(invalid_auth\)"),
        ({"slack_signing_secret": ""}, "Set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP"),
        ({"friction_channel": ""}, "FRICTION_CHANNEL is missing"),
        ({"friction_channel": "astrology"}, "there is no channel 'astrology'"),
        ({"friction_channel": "C0NOWHERE"}, "there is no channel 'C0NOWHERE'"),
        ({"friction_channel": "#elsewhere"}, "I am not in #elsewhere"),
        ({"friction_channel": "C0ELSEWHERE"}, "I am not in #elsewhere"),
        ({"database_url": "mysql://root@localhost/friction"}, "use sqlite"),
        ({"database_url": "sqlite+aiosqlite:////nowhere/friction.db"}, "does not answer"),
        ({"slack_api_url": "http://127.0.0.1:1/api/"}, "Slack does not answer at http://127.0.0.1:1/api/"),
    ],
)
async def test_what_only_a_person_can_set_right_is_said_in_one_sentence(
    settings: Make, wrong: dict[str, str], said: str
) -> None:
    with pytest.raises((CannotStart, SettingsWrong, DatabaseUnusable), match=said) as stopped:
        async with app.running(settings(**wrong)):
            pass
    assert "\n" not in str(stopped.value)
    assert not [token for token in ("somebody", "fake", "wrong") if token in str(stopped.value)]


async def test_an_archived_channel_is_said(settings: Make, slack: FakeSlack) -> None:
    slack.channels[CARDS].archived = True
    with pytest.raises(CannotStart, match="#friction is archived"):
        async with app.running(settings(friction_channel=CARDS)):
            pass


async def test_a_port_that_is_taken_is_said(settings: Make) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=f"Port {port} cannot be opened"):
            async with app.running(settings(port=port)):
                pass


async def test_the_channel_is_found_by_its_name_without_the_scope_for_private_ones(
    settings: Make, slack: FakeSlack
) -> None:
    slack.scopes = fakes.SCOPES - {"groups:read"}
    async with app.put_together(settings(friction_channel="friction")) as (_, _, channel):
        assert channel.id == CARDS


async def test_the_channel_is_found_by_name_by_hash_and_by_id(settings: Make) -> None:
    for named in ("friction", "#friction", CARDS, " friction "):
        async with app.put_together(settings(friction_channel=named)) as (_, _, channel):
            assert (channel.id, channel.name) == (CARDS, "friction")


# The web server


@pytest.fixture
async def web(kit: Kit, settings: Make) -> AsyncIterator[TestClient[Any, Any]]:
    """Our web server in front of our app."""
    bolt = app.bolt_app(settings(), kit, Identity(fakes.TEAM, "Acme", fakes.BOT, fakes.BOT_ID, fakes.SCOPES))

    async def ready() -> tuple[bool, str]:
        return True, "ok"

    async with TestClient(TestServer(http.server(bolt, SignatureVerifier(SECRET_KEY).is_valid, ready))) as client:
        yield client


def signed(raw: str, kind: str = FORM, *, age: int = 0, key: str = SECRET_KEY) -> dict[str, str]:
    timestamp = str(int(clocks.unix()) - age)
    signature = SignatureVerifier(key).generate_signature(timestamp=timestamp, body=raw)
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature or "",
        "Content-Type": kind,
    }


def a_command(slack: FakeSlack, typed: str = DOCS) -> str:
    return urlencode(
        {
            "command": "/friction",
            "text": typed,
            "user_id": ANA,
            "team_id": fakes.TEAM,
            "channel_id": BACKEND,
            "channel_name": "backend",
            "trigger_id": slack.trigger(),
            "response_url": slack.response_url(),
        }
    )


async def post(web: TestClient[Any, Any], raw: str | bytes | io.BytesIO, headers: dict[str, str]) -> tuple[int, str]:
    async with web.post("/slack/events", data=raw, headers=headers) as response:
        return response.status, await response.text()


async def reported(kit: Kit) -> int:
    return len(await export.rows(kit.database, kit.house.workspace_id, "reports", leads=(), now=clocks.now()))


async def test_a_signed_command_is_answered(web: TestClient[Any, Any], slack: FakeSlack, kit: Kit) -> None:
    raw = a_command(slack)
    status, answer = await post(web, raw, signed(raw))
    assert status == 200
    assert "F-1" in json.loads(answer)["text"]
    assert await reported(kit) == 1


async def test_what_slack_did_not_sign_just_now_is_refused(
    web: TestClient[Any, Any], slack: FakeSlack, kit: Kit
) -> None:
    raw = a_command(slack)
    right = signed(raw)
    forged = [
        signed(raw, key="another secret"),
        signed(raw, age=301),
        signed(raw, age=-301),
        right | {"X-Slack-Request-Timestamp": "yesterday"},
        right | {"X-Slack-Request-Timestamp": "1e9"},
        right | {"X-Slack-Request-Timestamp": "-1"},
        right | {"X-Slack-Request-Timestamp": "9" * 40},
        right | {"X-Slack-Request-Timestamp": "٣٣٣"},
        right | {"X-Slack-Signature": "v0=ünsigned"},
        right | {"X-Slack-Signature": ""},
        {"Content-Type": FORM},
    ]
    assert [(await post(web, raw, headers))[0] for headers in forged] == [401] * len(forged)
    assert (await post(web, raw + "&more=1", right))[0] == 401
    assert await reported(kit) == 0


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("{not json", "application/json"),
        ("[1, 2]", "application/json"),
        ("null", "application/json"),
        ("", "application/json"),
        ("[" * 100_000, "application/json"),
        ("payload=%7Bnot", FORM),
        ("payload=null", FORM),
    ],
)
async def test_a_signed_body_that_is_not_what_its_type_says_is_a_bad_request(
    web: TestClient[Any, Any], raw: str, kind: str
) -> None:
    status, _ = await post(web, raw, signed(raw, kind))
    assert status == 400


async def test_a_body_that_is_not_utf_8_is_a_bad_request(web: TestClient[Any, Any]) -> None:
    assert (await post(web, b"text=\xff\xfe", signed("")))[0] == 400


@pytest.mark.parametrize("raw", ["{}", '{"type": "event_callback"}', '{"type": 7, "event": 7}', '{"payload": 1}'])
async def test_a_signed_body_without_anything_in_it_is_no_fault_of_ours(web: TestClient[Any, Any], raw: str) -> None:
    status, _ = await post(web, raw, signed(raw, "application/json"))
    assert status < 500


async def test_a_body_over_one_mebibyte_is_too_large(web: TestClient[Any, Any]) -> None:
    raw = "text=" + "x" * http.BODY
    assert (await post(web, io.BytesIO(raw.encode()), signed(raw)))[0] == 413


async def test_nobody_can_steer_the_app_past_its_listeners(
    web: TestClient[Any, Any], slack: FakeSlack, kit: Kit
) -> None:
    raw = a_command(slack)
    steering = {"X-Slack-Bolt-Lazy-Only": "1", "x-slack-bolt-lazy-function-name": "friction"}
    status, answer = await post(web, raw, signed(raw) | steering)
    assert status == 200
    assert "F-1" in answer
    assert await reported(kit) == 1


async def test_slacks_own_checks_are_answered(web: TestClient[Any, Any]) -> None:
    raw = "ssl_check=1&token=legacy"
    assert (await post(web, raw, signed(raw)))[0] == 200
    raw = json.dumps({"type": "url_verification", "token": "legacy", "challenge": "3eZbrw1aB"})
    status, answer = await post(web, raw, signed(raw, "application/json"))
    assert status == 200
    assert "3eZbrw1aB" in answer


async def test_health_readiness_and_metrics_are_told(web: TestClient[Any, Any], slack: FakeSlack, kit: Kit) -> None:
    await post(web, raw := a_command(slack), signed(raw))
    for path, told in (("/healthz", "ok"), ("/readyz", "ok"), ("/metrics", "friction_reports_total{")):
        async with web.get(path) as response:
            assert response.status == 200
            assert told in await response.text()


async def test_it_is_alive_but_not_ready_while_the_database_does_not_answer(settings: Make, kit: Kit) -> None:
    dead = replace(kit, database=Database("sqlite+aiosqlite:////nowhere/friction.db"))
    ready = app.readiness(dead, None, [], clocks.now)
    async with TestClient(TestServer(http.server(None, lambda *_: False, ready))) as client:
        async with client.get("/readyz") as response:
            assert (response.status, await response.text()) == (503, "the database does not answer")
        async with client.get("/healthz") as response:
            assert response.status == 200
        async with client.post("/slack/events", data=b"") as response:
            assert response.status == 404  # in Socket Mode nobody is to call us
    await dead.database.close()


# All of it at once


async def test_the_bot_runs_over_http_from_a_command_to_a_card_and_a_counted_vote(
    settings: Make, slack: FakeSlack
) -> None:
    async with app.running(settings()) as bot, aiohttp.ClientSession(f"http://127.0.0.1:{bot.port}") as session:
        raw = a_command(slack)
        async with session.post("/slack/events", data=raw, headers=signed(raw)) as response:
            assert response.status == 200
            assert "F-1" in (await response.json())["text"]
        await slack.until(lambda: len(slack.posted(CARDS)) == 1)
        async with session.get("/readyz") as response:
            assert response.status == 200
        vote = a_vote(slack)
        async with session.post("/slack/events", data=vote, headers=signed(vote, "application/json")) as response:
            assert response.status == 200
        await slack.until(lambda: "2 developers" in slack.posted(CARDS)[0]["text"])


async def test_areas_of_one_s_own_are_there_from_the_start_and_a_bad_file_stops_it(
    settings: Make, tmp_path: Path
) -> None:
    example = Path(__file__).parent.parent / "docs" / "areas.toml"
    async with app.put_together(settings(areas_file=str(example), friction_cache=str(tmp_path))) as (kit, _, _):
        assert kit.house.areas[-1] == "builds"
        assert set(kit.area.answer("the build queue is long").ranked) == set(kit.house.areas)
    with pytest.raises(SettingsWrong, match=r"AREAS_FILE: .* cannot be read: No such file or directory"):
        async with app.running(settings(areas_file=str(tmp_path / "none.toml"))):
            pass


async def test_the_bot_runs_over_a_socket_from_a_command_to_a_card(settings: Make, slack: FakeSlack) -> None:
    wanted = settings(slack_app_token=fakes.APP_TOKEN, slack_signing_secret="")
    async with app.running(wanted) as bot, aiohttp.ClientSession(f"http://127.0.0.1:{bot.port}") as session:
        await slack.until(lambda: len(slack.sockets.open) > 0)
        command = dict(parse_qsl(a_command(slack)))
        ack = await slack.sockets.send(
            {"type": "slash_commands", "envelope_id": "e1", "payload": command, "accepts_response_payload": True}
        )
        assert ack["envelope_id"] == "e1"
        assert "F-1" in ack["payload"]["text"]
        await slack.until(lambda: len(slack.posted(CARDS)) == 1)
        envelope = {"type": "events_api", "payload": json.loads(a_vote(slack)), "accepts_response_payload": False}
        for number in (2, 3):  # the second time as Slack sends it again
            ack = await slack.sockets.send(envelope | {"envelope_id": f"e{number}", "retry_attempt": number - 2})
            assert ack["envelope_id"] == f"e{number}"
        await slack.until(lambda: "2 developers" in slack.posted(CARDS)[0]["text"])
        async with session.get("/readyz") as response:
            assert response.status == 200
        async with session.post("/slack/events", data=b"x") as response:
            assert response.status == 404


def a_vote(slack: FakeSlack) -> str:
    event = {
        "type": "reaction_added",
        "user": BEN,
        "reaction": "+1",
        "item_user": fakes.BOT,
        "item": {"type": "message", "channel": CARDS, "ts": slack.posted(CARDS)[0]["ts"]},
        "event_ts": slack.ts(),
    }
    return json.dumps(
        {"type": "event_callback", "team_id": fakes.TEAM, "event_id": "Ev1", "event_time": 1, "event": event}
    )


async def test_a_bot_that_is_stopped_leaves_what_it_did_not_do_to_the_next(settings: Make, slack: FakeSlack) -> None:
    slack.next("chat.postMessage", *[refused("service_unavailable")] * 2)
    async with app.running(settings()) as bot, aiohttp.ClientSession(f"http://127.0.0.1:{bot.port}") as session:
        raw = a_command(slack)
        async with session.post("/slack/events", data=raw, headers=signed(raw)) as response:
            assert response.status == 200
        await slack.until(lambda: len(slack.called("chat.postMessage")) == 1)
    assert slack.posted(CARDS) == []
    slack._scripted.clear()
    async with app.running(settings()):
        await slack.until(lambda: len(slack.posted(CARDS)) == 1)
