"""The web server: Slack's requests in HTTP mode, and in both modes what those who run the bot want to ask."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import parse_qs

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from bot import rules

#: Slack's largest payloads are far below this (bytes).
BODY = 1024 * 1024

#: Headers with which anybody could steer Bolt past our listeners; Slack does not sign them.
_STEERING = "x-slack-bolt-"


def server(app: AsyncApp | None, ready: Callable[[], Awaitable[str]]) -> web.Application:
    """The routes. `app`: None in Socket Mode. `ready`: what keeps us from serving, empty when nothing does."""

    async def alive(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def readiness(_: web.Request) -> web.Response:
        missing = await ready()
        return web.Response(text=missing or "ok", status=503 if missing else 200)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def slack_events(request: web.Request) -> web.Response:
        assert app is not None
        return await _dispatch(app, request)

    routes = web.Application(client_max_size=BODY)
    routes.router.add_get("/healthz", alive)
    routes.router.add_get("/readyz", readiness)
    routes.router.add_get("/metrics", metrics)
    if app is not None:
        routes.router.add_post("/slack/events", slack_events)
    return routes


async def _dispatch(app: AsyncApp, request: web.Request) -> web.Response:
    headers: dict[str, str | Sequence[str]] = {
        name: value for name, value in request.headers.items() if not name.lower().startswith(_STEERING)
    }
    try:
        body = (await request.read()).decode("utf-8")
    except UnicodeDecodeError:
        return web.Response(status=400, text="body is not UTF-8")
    form = parse_qs(body) if request.content_type == "application/x-www-form-urlencoded" else {}
    # Slack's own check of the address; it is the one request that need not be signed.
    if "ssl_check" not in form:
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        # Bolt turns a timestamp that is no number, or a signature that is no ASCII, into an error of ours.
        if not (
            timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12 and signature and signature.isascii()
        ):
            return web.Response(status=401, text="signature missing or malformed")
        if not _sound(body, form):
            return web.Response(status=400, text="this is not what Slack sends")
    answer = await app.async_dispatch(AsyncBoltRequest(body=body, query=request.query_string, headers=headers))
    response = web.Response(status=answer.status, text=answer.body)
    for name, values in answer.headers.items():
        if name.lower() == "content-type":
            response.headers["Content-Type"] = values[0]
    return response


def _sound(body: str, form: dict[str, list[str]]) -> bool:
    try:
        if "payload" in form:
            return rules.payload.sound(json.loads(form["payload"][0]))
        return rules.payload.sound({key: values[0] for key, values in form.items()} if form else json.loads(body))
    except (ValueError, RecursionError):
        return False
