"""Slack's end of Socket Mode. Sources, as in slack-facts: D = docs.slack.dev, SDK = slack_sdk as installed."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

#: Connections that one app may have open [D 55116013857]; one more is told to go [SDK socket_mode/aiohttp].
CONNECTIONS = 10


class Sockets:
    """Connections by ticket: each is good once, and each payload goes down one connection only [D 55116013857].

    `dead`: so many of the next tickets lead nowhere; `mute`: so many of the next connections never say hello. `acks`:
    every acknowledgement; those that somebody waits for in `send` are taken out by it.
    """

    def __init__(self) -> None:
        self.open: list[web.WebSocketResponse] = []
        self.acks: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.dead = self.mute = 0
        self.given: list[str] = []
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._tickets: deque[str] = deque()

    def ticket(self) -> str:
        """A new ticket, as `apps.connections.open` gives it out."""
        ticket = f"ticket-{len(self.given) + 1}"
        self.given.append(ticket)
        if self.dead:
            self.dead -= 1
        else:
            self._tickets.append(ticket)
        return ticket

    async def serve(self, request: web.Request, happened: Callable[[], None]) -> web.StreamResponse:
        """One connection, until either side closes it."""
        if request.query.get("ticket") not in self._tickets:
            return web.Response(status=404)
        self._tickets.remove(request.query["ticket"])
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.open.append(socket)
        happened()
        if len(self.open) > CONNECTIONS:
            await socket.send_str(json.dumps({"type": "disconnect", "reason": "too_many_websockets"}))
        elif self.mute:
            self.mute -= 1
        else:
            told = {
                "type": "hello",
                "num_connections": len(self.open),
                "debug_info": {"approximate_connection_time": 3600},
            }
            await socket.send_str(json.dumps(told))
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    self._acknowledged(json.loads(message.data))
                    happened()
        finally:
            self.open.remove(socket)
            happened()
        return socket

    def _acknowledged(self, ack: dict[str, Any]) -> None:
        waiting = self._waiting.get(str(ack.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(ack)
        else:
            self.acks.put_nowait(ack)

    async def send(self, envelope: dict[str, Any], *, within: float = 5, to: int = -1) -> dict[str, Any]:
        """Send an envelope down one connection (the newest, or number `to`), and wait for its acknowledgement.

        Raises TimeoutError when there is none in time, and ConnectionError when there is no connection.
        """
        if not self.open:
            raise ConnectionError("nobody is connected")
        socket = self.open[to % len(self.open)]
        waiting = self._waiting[envelope["envelope_id"]] = asyncio.get_running_loop().create_future()
        try:
            await socket.send_str(json.dumps(envelope))
            async with asyncio.timeout(within):
                return await waiting
        finally:
            del self._waiting[envelope["envelope_id"]]

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to be made anew, as Slack does every few hours [D 55116013857]."""
        for socket in list(self.open):
            await socket.send_str(json.dumps({"type": "disconnect", "reason": reason}))

    def cut(self) -> None:
        """Every connection drops, and nobody says so."""
        for socket in list(self.open):
            transport = socket._req.transport if socket._req is not None else None
            if transport is not None:
                transport.abort()
