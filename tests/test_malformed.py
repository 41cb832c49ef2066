"""Whatever is thrown at the web server is refused or taken: nothing of ours breaks, grows, or keeps others waiting."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import logging
import random
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from conftest import ANA, BEN
from fakes import slack as fakes
from fakes.delivery import signed, written
from fakes.slack import FakeSlack
from slack_sdk.signature import SignatureVerifier
from sqlmodel import col, select
from test_listeners import SECRET_KEY, Door

from bot import app
from bot import clock as clocks
from bot.clock import LastCall
from bot.flows.kit import Kit
from bot.listeners import http
from bot.settings import Settings
from bot.slack import Identity
from storage.models import Report

FORM, JSON = "application/x-www-form-urlencoded", "application/json"

#: Every so many requests a valid one comes.
BETWEEN = 50

#: What may be kept of ten thousand refused requests, in bytes: nothing, but for caches that fill up.
GROWTH = 3_000_000

Request = tuple[bytes, dict[str, str]]


@pytest.fixture
def backend() -> str:
    return "sqlite"


@pytest.fixture
def clock() -> Any:
    return clocks.now


@pytest.fixture
async def web(kit: Kit) -> AsyncIterator[aiohttp.ClientSession]:
    """The way to the bot's own web server."""
    settings = Settings(_env_file=None, slack_bot_token=fakes.BOT_TOKEN, slack_signing_secret=SECRET_KEY)
    bolt = app.bolt_app(settings, kit, Identity(fakes.TEAM, "Acme", fakes.BOT, fakes.BOT_ID, fakes.SCOPES))
    ready = app.readiness(kit, None, [], clocks.now)
    routes = http.server(bolt, SignatureVerifier(SECRET_KEY).is_valid, ready)
    async with http.serving(routes, "127.0.0.1", 0, LastCall(5)) as port:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
            yield client


class Vandal:
    """Makes requests that no Slack would send, from a seed."""

    def __init__(self, seed: int, door: Door, slack: FakeSlack) -> None:
        self.random = random.Random(seed)
        self.door, self.slack = door, slack
        self.kinds = (
            self.badly_signed,
            self.stale,
            self.truncated,
            self.wrong_types,
            self.missing,
            self.enormous,
            self.deep,
            self.unknown,
            self.not_text,
            self.headers,
        )

    def requests(self, count: int) -> Iterator[tuple[str, Request]]:
        for number in range(count):
            kind = self.kinds[number % len(self.kinds)]
            yield kind.__name__, kind()

    def genuine(self) -> dict[str, Any]:
        """Some payload of Slack's, whole."""
        self.slack.views[:] = [
            {"id": "V1", "trigger_id": "t", "callback_id": "report_form", "blocks": [], "type": "modal"}
        ]
        message = {"type": "message", "user": BEN, "text": "x", "ts": "1.1"}
        return self.random.choice(
            [
                lambda: self.door.a_command("mine"),
                lambda: self.door.a_click("report_undo", "987654"),
                lambda: self.door.a_submission(),
                lambda: self.door.a_shortcut(),
                lambda: self.door.a_message_shortcut(message, ANA),
                lambda: self.door.a_reaction(BEN, "C0CARDS", "1.1", "+1", fakes.BOT),
                lambda: self.door.an_event(type="message", subtype="message_changed", channel="C1", message=message),
            ]
        )()

    def sign(self, raw: bytes, kind: str) -> Request:
        return raw, {"Content-Type": kind, **signed(raw.decode(errors="replace"), SECRET_KEY, clocks.unix())}

    def badly_signed(self) -> Request:
        raw, headers = self.whole()
        wrong = self.random.choice(["v0=" + "0" * 64, "v1=", "", "v0=ünicode", "v0=" + "f" * 5000, "null"])
        return raw, headers | {"X-Slack-Signature": wrong}

    def stale(self) -> Request:
        raw, headers = self.whole()
        when = self.random.choice([str(int(clocks.unix()) - 301), "0", "-1", "1e9", "nan", "9" * 30, "", "٣", " "])
        return raw, headers | {"X-Slack-Request-Timestamp": when}

    def whole(self) -> Request:
        raw, kind = written(self.genuine())
        return self.sign(raw.encode(), kind)

    def truncated(self) -> Request:
        raw, kind = written(self.genuine())
        return self.sign(raw[: self.random.randrange(len(raw))].encode(), kind)

    def wrong_types(self) -> Request:
        body = self.genuine()
        place, key = self.random.choice(list(places(body)))
        place[key] = self.thing()
        return self.sign(*_encoded(body))

    def missing(self) -> Request:
        body = self.genuine()
        place, key = self.random.choice(list(places(body)))
        del place[key]
        return self.sign(*_encoded(body))

    def thing(self) -> Any:
        return self.random.choice(
            [None, True, -1, 1e308, 10**40, "", "\0", "\ud800", "x" * 10_000, [], [[]], {}, {"": None}, [1, {"a": []}]]
        )

    def enormous(self) -> Request:
        size = self.random.choice([http.BODY + 1, http.BODY - 100, 200_000])
        body = self.door.a_reaction(BEN, "C0CARDS", "1.1", "x" * size, fakes.BOT)
        return self.sign(json.dumps(body).encode(), JSON)

    def deep(self) -> Request:
        depth = self.random.choice([100, 1_000, 100_000])
        opening, closing = self.random.choice([("[", "]"), ('{"a":', "}")])
        nested = opening * depth + "1" + closing * depth
        if self.random.random() < 0.5:  # from the seed
            nested = '{"type":"event_callback","event":{"type":"reaction_added","item":' + nested + "}}"
        return self.sign(nested.encode(), JSON)

    def unknown(self) -> Request:
        body = self.random.choice(
            [
                {"type": "event_callback", "event": {"type": "weather_changed"}},
                {"type": "block_suggestion", "action_id": "x", "value": "y"},
                {"type": "block_actions", "user": {"id": ANA}, "actions": [{"action_id": "nobody's"}]},
                {"type": "view_closed", "user": {"id": ANA}, "view": {"callback_id": "?"}},
                {"type": "workflow_step_edit"},
                {"type": "event_callback", "event": {"type": "message", "subtype": "unheard_of", "channel": 7}},
                {"command": "/other", "user_id": ANA, "trigger_id": "1", "text": "x"},
                {"type": "app_rate_limited", "minute_rate_limited": 1},
                {"": ""},
                {"payload": "{}"},
            ]
        )
        return self.sign(*_encoded(body))

    def not_text(self) -> Request:
        noise = self.random.randbytes(self.random.randrange(1, 2_000))
        return self.sign(noise, self.random.choice([FORM, JSON, "text/plain", "multipart/form-data", "image/png"]))

    def headers(self) -> Request:
        raw, headers = self.whole()
        more = {
            "X-Slack-Bolt-Lazy-Only": "1",
            "X-Slack-Bolt-Lazy-Function-Name": "friction",
            "X-Slack-Retry-Num": "one",
            "Content-Encoding": self.random.choice(["gzip", "identity", "deflate"]),
        }
        return raw, headers | {self.random.choice(list(more)): self.random.choice(list(more.values()))} | more


def places(thing: Any) -> Iterator[tuple[Any, Any]]:
    """Every key of every object and list in it."""
    found = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ()
    for key, value in list(found):
        yield thing, key
        yield from places(value)


def _encoded(body: dict[str, Any]) -> tuple[bytes, str]:
    if "command" in body:
        plain = {key: value if isinstance(value, str) else json.dumps(value) for key, value in body.items()}
        return urlencode(plain, errors="surrogatepass").encode(), FORM
    if body.get("type") == "event_callback":
        return json.dumps(body).encode(), JSON
    return urlencode({"payload": json.dumps(body)}).encode(), FORM


async def test_nothing_malformed_breaks_anything_or_keeps_what_is_valid_waiting(
    web: aiohttp.ClientSession,
    kit: Kit,
    slack: FakeSlack,
    caplog: pytest.LogCaptureFixture,
    request: pytest.FixtureRequest,
) -> None:
    count = 10_000 if request.config.getoption("--long") else 600
    door = Door(None, slack, socket=False)  # type: ignore[arg-type] # it only writes payloads here
    caplog.set_level(logging.WARNING)
    statuses: Counter[tuple[str, int]] = Counter()
    valid: list[str] = []
    loop = asyncio.get_running_loop()
    slowest = 0.0

    async def send(raw: bytes, headers: dict[str, str]) -> int:
        async with web.post("/slack/events", data=io.BytesIO(raw), headers=headers) as response:
            await response.read()
            return response.status

    before = 0
    for number, (kind, (raw, headers)) in enumerate(Vandal(20261124, door, slack).requests(count)):
        statuses[kind, await send(raw, headers)] += 1
        if number % BETWEEN == BETWEEN - 1:
            body, form = written(door.a_command(f"the queue number {number} is long"))
            begun = loop.time()
            assert await send(body.encode(), {"Content-Type": form, **signed(body, SECRET_KEY, clocks.unix())}) == 200
            slowest = max(slowest, loop.time() - begun)
            valid.append(body)
        if number == count // 3:  # caches are full by now
            gc.collect()
            tracemalloc.start()
            before = tracemalloc.get_traced_memory()[0]
    gc.collect()
    growth = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    slack._urls.clear()
    assert sorted({(kind, status) for kind, status in statuses if status >= 500}) == []
    assert {status for kind, status in statuses if kind in ("badly_signed", "stale")} == {401}
    assert [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR] == []
    async with kit.database.reading() as session:
        words = (
            await session.execute(select(Report.text).where(col(Report.text).startswith("the queue number")))
        ).all()
    assert len(words) == len(valid)
    assert slowest < 3
    assert growth < GROWTH, f"{growth} bytes more after {count * 2 // 3} requests"
