"""The web server: Slack's requests in HTTP mode, and in both modes what those who run the bot want to ask."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from bot import rules
from bot.clock import LastCall
from bot.listeners import acknowledged
from bot.settings import CannotStart

#: Slack's largest payloads are far below this (bytes).
BODY = 1024 * 1024

#: Whether a body, with this timestamp and this signature, was sent by Slack, and lately.
Genuine = Callable[[str, str, str], bool]


def server(app: AsyncApp | None, genuine: Genuine, ready: Callable[[], Awaitable[tuple[bool, str]]]) -> web.Application:
    """The routes. `app`: None in Socket Mode; `ready`: whether we can serve, and what there is to say of it."""

    async def alive(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def readiness(_: web.Request) -> web.Response:
        well, said = await ready()
        return web.Response(text=said, status=200 if well else 503)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def slack_events(request: web.Request) -> web.Response:
        assert app is not None
        return await _dispatch(app, genuine, request)

    routes = web.Application(client_max_size=BODY)
    routes.router.add_get("/healthz", alive)
    routes.router.add_get("/readyz", readiness)
    routes.router.add_get("/metrics", metrics)
    if app is not None:
        routes.router.add_post("/slack/events", slack_events)
    return routes


@contextlib.asynccontextmanager
async def serving(routes: web.Application, host: str, port: int, last_call: LastCall) -> AsyncIterator[int]:
    """The server at work; gives its port. At the end it finishes what it has, and no more. Raises CannotStart."""
    # Slack compresses nothing. Of what cannot be unpacked, aiohttp would make a traceback and drop the connection.
    runner = web.AppRunner(routes, access_log=None, auto_decompress=False)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise CannotStart(f"Port {port} cannot be opened: {error.strerror}. Set PORT.") from error
        yield int(runner.addresses[0][1])
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(last_call.left()):
                await runner.cleanup()


async def _dispatch(app: AsyncApp, genuine: Genuine, request: web.Request) -> web.Response:
    """Verify and read a request, and hand Bolt what is in it.

    Not the request itself: Bolt takes every command with the word "payload" in it for a button and drops it, raises on
    a signature that is no ASCII, and obeys headers of its own that nobody has signed.
    """
    try:
        raw = (await request.read()).decode("utf-8")
    except UnicodeDecodeError:
        return web.Response(status=400, text="body is not UTF-8")
    form = parse_qs(raw) if request.content_type == "application/x-www-form-urlencoded" else {}
    if "ssl_check" in form:
        return web.Response()  # Slack's check of the address; it is the one request that need not be signed
    if not _signed(genuine, raw, request):
        return web.Response(status=401, text="signature missing, malformed, stale or wrong")
    body = _body(raw, form)
    if not rules.payload.sound(body):
        return web.Response(status=400, text="this is not what Slack sends")
    try:
        with acknowledged.timed(body):
            answer = await app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
    except (KeyError, TypeError, AttributeError, ValueError):
        # Bolt stumbles over what Slack never sends; what goes wrong in a listener of ours does not come out here.
        return web.Response(status=400, text="this is not what Slack sends")
    if answer.status == 404:
        return web.Response()  # some kind that nobody handles; Slack meant it all the same
    response = web.Response(status=answer.status, text=answer.body)
    for name, values in answer.headers.items():
        if name.lower() == "content-type":
            response.headers["Content-Type"] = values[0]
    return response


def _signed(genuine: Genuine, raw: str, request: web.Request) -> bool:
    timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
    signature = request.headers.get("X-Slack-Signature", "")
    plausible = timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12 and signature.isascii()
    return plausible and genuine(raw, timestamp, signature)


def _body(raw: str, form: dict[str, list[str]]) -> Any:
    """What a request says: JSON, JSON in a form, or a form. None for none of them."""
    try:
        if "payload" in form:
            return json.loads(form["payload"][0])
        return {key: values[0] for key, values in form.items()} if form else json.loads(raw)
    except (ValueError, RecursionError):
        return None
