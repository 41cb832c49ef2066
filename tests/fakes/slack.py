"""A Slack that is told what to do wrong: a real web server that speaks the part of the Web API that Friction uses.

It keeps the rules of a workspace: who is in which channel, what a trigger or a response_url is good for, what a scope
allows. `slack.next(method, …)` scripts the next answers of one method; what is not scripted goes well.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import defaultdict, deque
from collections.abc import Callable
from email.utils import format_datetime
from typing import Any

import slack_limits
from aiohttp import web

from fakes import scopes
from fakes.limits import Limits
from fakes.methods import Methods
from fakes.scripted import BAD_GATEWAY as BAD_GATEWAY
from fakes.scripted import DROPPED as DROPPED
from fakes.scripted import HELD_AFTER as HELD_AFTER
from fakes.scripted import HELD_BEFORE as HELD_BEFORE
from fakes.scripted import Refusal, Scripted
from fakes.scripted import later as later
from fakes.scripted import refused as refused
from fakes.sockets import Sockets
from fakes.world import BOT as BOT
from fakes.world import BOT_ID as BOT_ID
from fakes.world import TEAM as TEAM
from fakes.world import Answer, Channel, Person, Whisper

BOT_TOKEN, APP_TOKEN = "xoxb-fake", "xapp-fake"

SCOPES = frozenset(
    """commands chat:write reactions:read channels:read users:read im:write usergroups:read
    channels:history groups:history groups:read im:history""".split()
)

#: How often a response_url is good for an answer, and how long [D interactivity/handling-user-interaction].
ANSWERS, ANSWER = 5, dt.timedelta(minutes=30)


class FakeSlack(Methods):
    """One workspace. `clock` is Slack's own."""

    def __init__(self, clock: Callable[[], dt.datetime], team: str = TEAM) -> None:
        self.clock = clock
        self.team = team
        self.scopes = SCOPES
        self.charts = True  # whether Slack has brought them to this workspace yet
        self.channels: dict[str, Channel] = {}
        self.people: dict[str, Person] = {}
        self.groups: dict[str, list[str]] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.whispers: list[Whisper] = []
        self.answers: list[Answer] = []
        self.views: list[dict[str, Any]] = []
        self.homes: dict[str, dict[str, Any]] = {}
        self.sockets = Sockets()
        self.reactions: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(dict)
        self.limits: Limits | None = None
        self._forgotten = False
        self.held, self.let_go = asyncio.Event(), asyncio.Event()
        self._scripted: dict[str, deque[Scripted]] = defaultdict(deque)
        self._triggers: dict[str, dt.datetime] = {}
        self._urls: dict[str, tuple[dt.datetime, int]] = {}
        self._count = 0
        self._happened = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.root = ""

    async def start(self) -> None:
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_post("/answer/{number}", self._answer)
        app.router.add_get("/socket", self._socket)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.root = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        return f"{self.root}/api/"

    # What a workspace has

    def person(self, id_: str, name: str = "", **more: Any) -> Person:
        self.people[id_] = Person(id_, name or id_, **more)
        return self.people[id_]

    def channel(self, id_: str, name: str, *members: str, **more: Any) -> Channel:
        self.channels[id_] = Channel(id_, name, members=set(members), **more)
        return self.channels[id_]

    def dm(self, person: str) -> Channel:
        """The direct message between the bot and somebody."""
        return self.channels.setdefault(f"D{person}", Channel(f"D{person}", "", im=True, members={BOT, person}))

    def said(self, channel: str, person: str, text: str, **more: Any) -> str:
        """Somebody writes a message; gives back its ts."""
        ts = self.ts()
        self.channels[channel].messages.append({"type": "message", "user": person, "text": text, "ts": ts, **more})
        return ts

    def delete(self, channel: str, ts: str) -> None:
        kept = [message for message in self.channels[channel].messages if message["ts"] != ts]
        self.channels[channel].messages = kept

    def trigger(self) -> str:
        """A gesture's trigger_id, given out just now."""
        self._count += 1
        trigger = f"{self._count}.trigger"
        self._triggers[trigger] = self.clock()
        return trigger

    def response_url(self) -> str:
        """A gesture's response_url, given out just now."""
        self._count += 1
        url = f"{self.root}/answer/{self._count}"
        self._urls[url] = (self.clock(), 0)
        return url

    def ticket(self) -> str:
        return f"{self.root.replace('http://', 'ws://')}/socket?ticket={self.sockets.ticket()}"

    def ts(self) -> str:
        """A message's timestamp: never the same twice."""
        self._count += 1
        return f"{self.clock().timestamp() + self._count / 1_000_000:.6f}"

    def reacted(self, person: str, channel: str, ts: str, emoji: str = "+1", *, on: bool = True) -> dict[str, Any]:
        """Somebody puts a reaction on a message, or takes it off; gives back the payload that tells the app."""
        message = next(message for message in self.channels[channel].messages if message["ts"] == ts)
        people = self.reactions[channel, ts].setdefault(emoji, [])
        people[:] = [each for each in people if each != person] + ([person] if on else [])
        self._count += 1
        return {
            "type": "event_callback",
            "team_id": self.team,
            "event_id": f"Ev{self._count}",
            "event_time": int(self.clock().timestamp()),
            "event": {
                "type": "reaction_added" if on else "reaction_removed",
                "user": person,
                "reaction": emoji,
                "item_user": message["user"],
                "item": {"type": "message", "channel": channel, "ts": ts},
                "event_ts": self.ts(),
            },
        }

    # What a test asks

    def next(self, method: str, *answers: Scripted) -> None:
        """Script the next answers of a method, or of `response_url`."""
        self._scripted[method].extend(answers)

    def scripted_no_more(self) -> None:
        """From here on everything goes well."""
        self._scripted.clear()

    def forgets_what_is_held(self) -> None:
        """A request that is held never reached Slack."""
        self._forgotten = True

    def called(self, method: str) -> list[dict[str, Any]]:
        """The arguments of every call of a method."""
        return [arguments for name, arguments in self.calls if name == method]

    def posted(self, channel: str) -> list[dict[str, Any]]:
        """What the bot's messages in a channel say now."""
        found = self.channels.get(channel)
        return [message for message in found.messages if message.get("user") == BOT] if found else []

    def told(self, person: str) -> list[str]:
        """Everything one person was told in private, by direct message or only visible to them."""
        direct = [str(message["text"]) for message in self.posted(f"D{person}")]
        return direct + [whisper.text for whisper in self.whispers if whisper.person == person]

    async def until(self, true: Callable[[], bool]) -> None:
        """Let a running bot get on with it until something is so here."""
        async with asyncio.timeout(10):
            while not true():
                self._happened.clear()
                await self._happened.wait()

    # The wire

    async def _call(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._answered(request)
        finally:
            self._happened.set()

    async def _answered(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments: dict[str, Any] = dict(request.query)
        if request.content_type == "application/json":
            arguments |= await request.json()
        else:
            arguments |= dict(await request.post())
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.calls.append((method, arguments))
        scripted = self._scripted[method].popleft() if self._scripted[method] else Scripted()
        wait = scripted.retry_after
        if self.limits is not None and not wait:
            wait = self.limits.wait(method, str(arguments.get("channel") or ""), self.clock())
        if wait or scripted.status == 429:
            refusal = {"ok": False, "error": "ratelimited"}
            return web.json_response(refusal, status=429, headers={"Retry-After": str(wait)})
        if scripted.hold == "before":
            await self._hold()
        if scripted.status != 200:
            page = "<html><body>Bad Gateway</body></html>"
            return web.Response(status=scripted.status, text=page, content_type="text/html")
        try:
            if scripted.code:
                raise Refusal(scripted.code)
            if method in scopes.NEEDED and not scopes.NEEDED[method] & self.scopes:
                raise Refusal("missing_scope")
            if token != (APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN):
                raise Refusal("invalid_auth" if token else "not_authed")
            perform = getattr(self, "_" + method.replace(".", "_"), None)
            if perform is None:
                raise Refusal("unknown_method")
            answer = {"ok": True, **perform(arguments)}
        except Refusal as refused:
            answer = {"ok": False, "error": refused.code}
        if scripted.hold == "after":
            await self._hold()
        if scripted.drop:
            assert request.transport is not None
            request.transport.close()
        told = {"x-oauth-scopes": ",".join(sorted(self.scopes)), "Date": format_datetime(self.clock(), usegmt=True)}
        return web.json_response(answer, headers=told)

    async def _hold(self) -> None:
        self.held.set()
        await self.let_go.wait()
        if self._forgotten:
            raise web.HTTPServiceUnavailable

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        return await self.sockets.serve(request, self._happened.set)

    async def _answer(self, request: web.Request) -> web.Response:
        url = str(request.url)
        scripted = self._scripted["response_url"].popleft() if self._scripted["response_url"] else Scripted()
        if scripted.status != 200:
            return web.Response(status=scripted.status, headers={"Retry-After": str(scripted.retry_after)})
        given, used = self._urls.get(url, (None, 0))
        if given is None or used >= ANSWERS or self.clock() - given > ANSWER:
            return web.json_response({"ok": False, "error": "used_url" if given else "expired_url"}, status=404)
        self._urls[url] = (given, used + 1)
        body = await request.json()
        if slack_limits.of_message(str(body.get("text") or "-"), body.get("blocks") or []):
            return web.json_response({"ok": False, "error": "invalid_blocks"}, status=400)
        self.answers.append(Answer(url, body))
        return web.json_response({"ok": True})
