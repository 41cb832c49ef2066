"""A Slack that is told what to do wrong: a real web server that speaks the part of the Web API that Friction uses.

It keeps the rules of a workspace: who is in which channel, what a trigger or a response_url is good for, what a scope
allows. `slack.next(method, …)` scripts the next answers of one method; what is not scripted goes well.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import slack_limits
from aiohttp import WSMsgType, web

from fakes.limits import Limits

BOT, BOT_ID, TEAM = "U0BOT", "B0BOT", "T0TEAM"
BOT_TOKEN, APP_TOKEN = "xoxb-fake", "xapp-fake"

SCOPES = frozenset(
    """commands chat:write reactions:read channels:read users:read im:write usergroups:read
    channels:history groups:history groups:read im:history""".split()
)

#: How long a trigger and a response_url are good for, and how often the latter.
TRIGGER, ANSWERS, ANSWER = dt.timedelta(seconds=3), 5, dt.timedelta(minutes=30)


class Refusal(Exception):
    """Slack says `ok: false`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Scripted:
    """One answer that does not go well."""

    code: str = ""
    status: int = 200
    retry_after: int = 0
    drop: bool = False
    hold: str = ""


DROPPED = Scripted(drop=True)  # Slack does it; the connection goes before it can say so
BAD_GATEWAY = Scripted(status=502)  # a web page, and nothing was done


def refused(code: str) -> Scripted:
    return Scripted(code=code)


#: Slack takes the request and gets no further while `held` is not let go; it has done it by then, or it has not.
HELD_BEFORE, HELD_AFTER = Scripted(hold="before"), Scripted(hold="after")


def later(seconds: int) -> Scripted:
    return Scripted(status=429, retry_after=seconds)


@dataclass
class Channel:
    id: str
    name: str
    private: bool = False
    archived: bool = False
    shared: bool = False
    im: bool = False
    members: set[str] = field(default_factory=set)
    messages: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Person:
    id: str
    name: str
    tz: str = "Europe/Berlin"
    deleted: bool = False
    guest: bool = False
    stranger: bool = False


@dataclass
class Whisper:
    channel: str
    person: str
    text: str
    blocks: list[dict[str, Any]]


@dataclass
class Answer:
    """What came to a response_url."""

    url: str
    body: dict[str, Any]

    @property
    def text(self) -> str:
        return str(self.body["text"])


class FakeSlack:
    """One workspace. `clock` is Slack's own."""

    def __init__(self, clock: Callable[[], dt.datetime]) -> None:
        self.clock = clock
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
        self.sockets: list[web.WebSocketResponse] = []
        self.limits: Limits | None = None
        self._forgotten = False
        self.held, self.let_go = asyncio.Event(), asyncio.Event()
        self.acks: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
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

    def ts(self) -> str:
        """A message's timestamp: never the same twice."""
        self._count += 1
        return f"{self.clock().timestamp() + self._count / 1_000_000:.6f}"

    # What a test asks

    def next(self, method: str, *answers: Scripted) -> None:
        """Script the next answers of a method, or of `response_url`."""
        self._scripted[method].extend(answers)

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

    async def send(self, envelope: dict[str, Any]) -> dict[str, Any]:
        """Send an envelope down the newest socket, and wait for its acknowledgement."""
        await self.sockets[-1].send_str(json.dumps(envelope))
        async with asyncio.timeout(5):
            return await self.acks.get()

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
        if self.limits is not None:
            wait = self.limits.wait(method, str(arguments.get("channel") or ""), self.clock())
        if wait or scripted.status == 429:
            told = {"ok": False, "error": "ratelimited"}
            return web.json_response(told, status=429, headers={"Retry-After": str(wait)})
        if scripted.hold == "before":
            await self._hold()
        if scripted.status != 200:
            page = "<html><body>Bad Gateway</body></html>"
            return web.Response(status=scripted.status, text=page, content_type="text/html")
        try:
            if scripted.code:
                raise Refusal(scripted.code)
            if token != (APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN):
                raise Refusal("invalid_auth" if token else "not_authed")
            perform = getattr(self, "_" + method.replace(".", "_"), None)
            if perform is None:
                raise Refusal("unknown_method")
            answer = {"ok": True, **perform(arguments)}
        except Refusal as refusal:
            answer = {"ok": False, "error": refusal.code}
        if scripted.hold == "after":
            await self._hold()
        if scripted.drop:
            assert request.transport is not None
            request.transport.close()
        return web.json_response(answer, headers={"x-oauth-scopes": ",".join(sorted(self.scopes))})

    async def _hold(self) -> None:
        self.held.set()
        await self.let_go.wait()
        if self._forgotten:
            raise web.HTTPServiceUnavailable

    async def _answer(self, request: web.Request) -> web.Response:
        url = str(request.url)
        scripted = self._scripted["response_url"].popleft() if self._scripted["response_url"] else Scripted()
        if scripted.status != 200:
            return web.Response(status=scripted.status, headers={"Retry-After": str(scripted.retry_after)})
        given, used = self._urls.get(url, (None, 0))
        if given is None or used >= ANSWERS or self.clock() - given > ANSWER:
            return web.json_response({"ok": False, "error": "used_url" if given else "expired_url"}, status=404)
        self._urls[url] = (given, used + 1)
        self.answers.append(Answer(url, await request.json()))
        return web.json_response({"ok": True})

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        self._happened.set()
        await socket.send_str(json.dumps({"type": "hello", "num_connections": 1}))
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                self.acks.put_nowait(json.loads(message.data))
        return socket

    # The methods

    def _open_to_us(self, id_: str) -> Channel:
        channel = self.channels.get(id_)
        if channel is None or (channel.private and BOT not in channel.members):
            raise Refusal("channel_not_found")
        return channel

    def _inside(self, id_: str) -> Channel:
        channel = self._open_to_us(id_)
        if BOT not in channel.members:
            raise Refusal("not_in_channel")
        return channel

    def _drawable(self, given: dict[str, Any]) -> None:
        blocks = given.get("blocks") or []
        if blocks and slack_limits.of_message(str(given.get("text") or "-"), blocks):
            raise Refusal("invalid_blocks")
        if not self.charts and any(block["type"] == "data_visualization" for block in blocks):
            raise Refusal("invalid_blocks")

    def _need(self, scope: str) -> None:
        if scope not in self.scopes:
            raise Refusal("missing_scope")

    def _auth_test(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"team_id": TEAM, "team": "Acme", "user_id": BOT, "user": "friction", "bot_id": BOT_ID}

    def _apps_connections_open(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"url": self.root.replace("http://", "ws://") + "/socket"}

    def _chat_postMessage(self, given: dict[str, Any]) -> dict[str, Any]:
        target = str(given["channel"])
        if target[:1] in "UW":
            if target not in self.people:
                raise Refusal("channel_not_found")
            if self.people[target].deleted:
                raise Refusal("user_disabled")
            channel = self.dm(target)
        else:
            channel = self._inside(target)
        if channel.archived:
            raise Refusal("is_archived")
        if not given.get("text"):
            raise Refusal("no_text")
        self._drawable(given)
        message = {
            "type": "message",
            "user": BOT,
            "bot_id": BOT_ID,
            "text": given["text"],
            "blocks": given.get("blocks", []),
            "ts": self.ts(),
        }
        channel.messages.append(message)
        return {"channel": channel.id, "ts": message["ts"], "message": message}

    def _chat_update(self, given: dict[str, Any]) -> dict[str, Any]:
        channel = self._inside(str(given["channel"]))
        message = _at(channel, str(given["ts"]))
        if message is None:
            raise Refusal("message_not_found")
        if message["user"] != BOT:
            raise Refusal("cant_update_message")
        self._drawable(given)
        message |= {"text": given["text"], "blocks": given.get("blocks", [])}
        return {"channel": channel.id, "ts": message["ts"], "text": given["text"]}

    def _chat_postEphemeral(self, given: dict[str, Any]) -> dict[str, Any]:
        channel = self._inside(str(given["channel"]))
        if given["user"] not in channel.members:
            raise Refusal("user_not_in_channel")
        self.whispers.append(Whisper(channel.id, str(given["user"]), str(given["text"]), given.get("blocks", [])))
        return {"message_ts": self.ts()}

    def _chat_getPermalink(self, given: dict[str, Any]) -> dict[str, Any]:
        channel = self._open_to_us(str(given["channel"]))
        ts = str(given["message_ts"])
        if _at(channel, ts) is None:
            raise Refusal("message_not_found")
        return {"permalink": f"https://acme.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"}

    def _conversations_info(self, given: dict[str, Any]) -> dict[str, Any]:
        channel = self._open_to_us(str(given["channel"]))
        self._need("groups:read" if channel.private else "channels:read")
        return {"channel": _described(channel)}

    def _conversations_list(self, given: dict[str, Any]) -> dict[str, Any]:
        self._need("channels:read")
        if "private_channel" in str(given.get("types")):
            self._need("groups:read")
        shown = [each for each in self.channels.values() if not each.im and (not each.private or BOT in each.members)]
        shown = [
            each for each in shown if not each.archived or given.get("exclude_archived") not in ("true", "1", True)
        ]
        # Two to a page, so that whoever asks must turn it.
        start = int(given.get("cursor") or 0)
        following = str(start + 2) if start + 2 < len(shown) else ""
        return {
            "channels": [_described(each) for each in shown[start : start + 2]],
            "response_metadata": {"next_cursor": following},
        }

    def _conversations_open(self, given: dict[str, Any]) -> dict[str, Any]:
        if self.people[str(given["users"])].deleted:
            raise Refusal("user_disabled")
        self._need("im:write")
        return {"channel": {"id": self.dm(str(given["users"])).id}}

    def _conversations_history(self, given: dict[str, Any]) -> dict[str, Any]:
        channel = self._inside(str(given["channel"]))
        self._need("im:history" if channel.im else "groups:history" if channel.private else "channels:history")
        latest, oldest = float(given.get("latest") or "inf"), float(given.get("oldest") or 0)
        top = [each for each in channel.messages if each.get("thread_ts", each["ts"]) == each["ts"]]
        found = [each for each in reversed(top) if oldest <= float(each["ts"]) <= latest]
        # Slack may give less than was asked for; here never more than a hundred at once.
        start, most = int(given.get("cursor") or 0), min(int(given.get("limit") or 100), 100)
        following = str(start + most) if start + most < len(found) else ""
        return {
            "messages": found[start : start + most],
            "has_more": bool(following),
            "response_metadata": {"next_cursor": following},
        }

    def _conversations_replies(self, given: dict[str, Any]) -> dict[str, Any]:
        channel = self._inside(str(given["channel"]))
        asked = _at(channel, str(given["ts"]))
        if asked is None:
            raise Refusal("thread_not_found")
        parent = asked.get("thread_ts", asked["ts"])
        return {"messages": [each for each in channel.messages if each.get("thread_ts", each["ts"]) == parent]}

    def _users_info(self, given: dict[str, Any]) -> dict[str, Any]:
        person = self.people.get(str(given["user"]))
        if person is None:
            raise Refusal("user_not_found")
        profile = {"display_name": person.name, "real_name": person.name}
        kind = {"deleted": person.deleted, "is_restricted": person.guest, "is_stranger": person.stranger}
        return {"user": {"id": person.id, "tz": person.tz, "profile": profile, **kind}}

    def _users_conversations(self, given: dict[str, Any]) -> dict[str, Any]:
        self._need("channels:read")
        if "private_channel" in str(given.get("types")):
            self._need("groups:read")
        theirs = [
            each
            for each in self.channels.values()
            if str(given["user"]) in each.members and not each.im and (not each.private or BOT in each.members)
        ]
        return {"channels": [_described(each) for each in theirs], "response_metadata": {"next_cursor": ""}}

    def _usergroups_users_list(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["usergroup"] not in self.groups:
            raise Refusal("no_such_subteam")
        return {"users": self.groups[given["usergroup"]]}

    def _views_open(self, given: dict[str, Any]) -> dict[str, Any]:
        trigger = str(given["trigger_id"])
        if trigger not in self._triggers:
            raise Refusal("invalid_trigger_id")
        if self.clock() - self._triggers[trigger] > TRIGGER:
            raise Refusal("expired_trigger_id")
        if any(view["trigger_id"] == trigger for view in self.views):
            raise Refusal("exchanged_trigger_id")
        view = {"id": f"V{len(self.views) + 1}", "trigger_id": trigger, **_read(given["view"])}
        self.views.append(view)
        return {"view": view}

    def _views_publish(self, given: dict[str, Any]) -> dict[str, Any]:
        self.homes[str(given["user_id"])] = _read(given["view"])
        return {"view": self.homes[str(given["user_id"])]}


def _at(channel: Channel, ts: str) -> dict[str, Any] | None:
    return next((message for message in channel.messages if message["ts"] == ts), None)


def _described(channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.id,
        "name": channel.name,
        "is_private": channel.private,
        "is_im": channel.im,
        "is_member": BOT in channel.members,
        "is_archived": channel.archived,
        "is_ext_shared": channel.shared,
    }


def _read(view: Any) -> dict[str, Any]:
    read = json.loads(view) if isinstance(view, str) else view
    assert isinstance(read, dict)
    return read
