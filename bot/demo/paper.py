"""A Slack of paper, for where no local Slack can be had: gestures reach the bot as signed requests, as from Slack."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from bot.demo import company, paper_api
from bot.demo.stage import Message

_FORM = "application/x-www-form-urlencoded"
_PATIENCE = aiohttp.ClientTimeout(total=30)


async def start(request_url: str, *, seconds: Callable[[], float], say: Callable[[str], None]) -> Paper:
    """Lay out the paper. The bot is called at `request_url`; `seconds` since 1970 sign and date what it is told.

    Each first posting of a card, and each direct message, is `say`'d.
    """
    paper = Paper(request_url, seconds, say)
    await paper.open()
    return paper


class Paper:
    """A Stage inside this process."""

    def __init__(self, request_url: str, seconds: Callable[[], float], say: Callable[[str], None]) -> None:
        """Use `start`, which also opens it."""
        self.mode: company.Mode = "events"
        self.api_url = self.web_url = self.app_token = ""
        self.bot_token = company.BOT_TOKEN
        self.signing_secret = company.SIGNING_SECRET
        self._request_url = request_url
        self._seconds = seconds
        self._sheet = paper_api.Sheet(seconds, say)
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Begin to listen, on a free port of this machine only."""
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_post("/respond/{channel}/{user}/{ts}", self._respond)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.api_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/api/"
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True), timeout=_PATIENCE)

    async def close(self) -> None:
        """As in Stage."""
        if self._session:
            await self._session.close()
        if self._runner:
            await self._runner.cleanup()

    async def message(self, channel: str, user: str, text: str) -> str:
        """As in Stage."""
        ts = self._sheet.write(channel, user, text)
        kind = "im" if channel.startswith("D") else "channel"
        event = {"type": "message", "channel": channel, "user": user, "text": text, "ts": ts, "channel_type": kind}
        await self._deliver_event(event)
        return ts

    async def command(self, channel: str, user: str, text: str) -> None:
        """As in Stage."""
        name = next(c.name for c in company.CHANNELS if c.id == channel)
        answer = await self._deliver(_FORM, urlencode({
            "command": "/friction", "text": text, "user_id": user, "user_name": paper_api.person_object(user)["name"],
            "channel_id": channel, "channel_name": name, "team_id": company.TEAM, "team_domain": company.DOMAIN,
            "api_app_id": company.APP, "trigger_id": self._sheet.id("trigger"), "is_enterprise_install": "false",
            "response_url": self._response_url(channel, user, "none"),
        }))  # fmt: skip
        if answer.get("text") or answer.get("blocks"):
            self._sheet.write_bot(channel, answer, to=user)

    async def react(self, channel: str, ts: str, user: str, name: str, present: bool = True) -> None:
        """As in Stage."""
        if not self._sheet.react(channel, ts, user, name, present):
            return
        author = self._sheet.find(channel, ts)["user"]
        kind = "reaction_added" if present else "reaction_removed"
        item = {"type": "message", "channel": channel, "ts": ts}
        event = {"type": kind, "user": user, "reaction": name, "item": item, "item_user": author}
        await self._deliver_event({**event, "event_ts": self._sheet.ts()})

    async def press(self, channel: str, ts: str, user: str, action: Mapping[str, Any]) -> None:
        """As in Stage."""
        private = "ephemeral_to" in (message := self._sheet.find(channel, ts))
        container = {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": private}
        payload = {
            "type": "block_actions", "team": {"id": company.TEAM, "domain": company.DOMAIN},
            "user": {"id": user, "team_id": company.TEAM}, "api_app_id": company.APP, "container": container,
            "trigger_id": self._sheet.id("trigger"), "channel": {"id": channel}, "message": message,
            "response_url": self._response_url(channel, user, ts), "is_enterprise_install": False,
            "state": {"values": {}},
            "actions": [{"type": "button", "action_ts": self._sheet.ts(), **action}],
        }  # fmt: skip
        await self._deliver(_FORM, urlencode({"payload": json.dumps(payload)}))

    async def messages(self, channel: str) -> list[Message]:
        """As in Stage."""
        return self._sheet.read(channel)

    async def direct_messages(self, user: str) -> list[Message]:
        """As in Stage."""
        return await self.messages(paper_api.direct(user))

    # What the bot is told.

    async def _deliver_event(self, event: Mapping[str, Any]) -> None:
        authorization = {"team_id": company.TEAM, "user_id": company.BOT_USER, "is_bot": True, "enterprise_id": None}
        await self._deliver("application/json", json.dumps({
            "type": "event_callback", "team_id": company.TEAM, "api_app_id": company.APP, "event": event,
            "event_id": self._sheet.id("Ev"), "event_time": int(self._seconds()), "authorizations": [authorization],
        }))  # fmt: skip

    async def _deliver(self, kind: str, body: str) -> dict[str, Any]:
        assert self._session is not None
        timestamp = str(int(self._seconds()))
        signed = hmac.new(self.signing_secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256)
        headers = {
            "content-type": kind,
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": f"v0={signed.hexdigest()}",
        }
        request = self._session.post(self._request_url, data=body.encode(), headers=headers, raise_for_status=True)
        async with request as response:
            if response.content_type != "application/json":
                return {"text": await response.text()}
            answer = await response.json()
            return answer if isinstance(answer, dict) else {}

    # What the bot asks.

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        arguments: dict[str, Any] = dict(request.query)
        if request.content_type == "application/json":
            arguments |= await request.json()
        else:
            arguments |= await request.post()
        if isinstance(blocks := arguments.get("blocks"), str):
            arguments["blocks"] = json.loads(blocks)
        try:
            return web.json_response({"ok": True, **self._sheet.answer(method, arguments)})
        except LookupError as error:
            return web.json_response({"ok": False, "error": error.args[0]})

    async def _respond(self, request: web.Request) -> web.Response:
        """The `response_url`: say it privately, or replace or delete the message it belongs to."""
        given, place = await request.json(), request.match_info
        if given.get("delete_original"):
            self._sheet.erase(place["channel"], place["ts"])
        elif given.get("replace_original"):
            self._sheet.find(place["channel"], place["ts"]).update(
                text=given.get("text", ""), blocks=given.get("blocks", [])
            )
        else:
            self._sheet.write_bot(place["channel"], given, to=place["user"])
        return web.Response(text="ok")

    def _response_url(self, channel: str, user: str, ts: str) -> str:
        return f"{self.api_url.removesuffix('api/')}respond/{channel}/{user}/{ts}"
