"""Bolt, with a shorter way for what must be quick."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot import clock, rules
from bot.flows.kit import Kit
from bot.listeners import commands, gate
from storage.database import hurried

#: What goes wrong, and the body it was about → what Slack is answered.
InWords = Callable[[Exception, dict[str, Any]], Awaitable[BoltResponse]]


class App(AsyncApp):
    """Bolt, but `/friction` goes straight to its listener.

    Bolt's middleware does nothing for it: who sent it was looked at before, over HTTP by `http`, over a socket by
    Slack. Going through it took a third of the processor's time of a whole acknowledgement (`bench_capture.py`).
    """

    def __init__(self, kit: Kit, in_words: InWords, **more: Any) -> None:
        """`more`: as Bolt takes it."""
        super().__init__(**more)
        self._kit, self._in_words = kit, in_words
        self.error(in_words)

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Answer one request of Slack's."""
        with hurried():
            return await self._dispatched(req)

    async def _dispatched(self, req: AsyncBoltRequest) -> BoltResponse:
        body = req.body
        straight = req.mode == "socket_mode" and body.get("command") == "/friction" and rules.payload.sound(body)
        if not straight:
            return await super().async_dispatch(req)
        ack, now = AsyncAck(), clock.now()  # type: ignore[no-untyped-call] # Bolt gives it no types
        try:
            if (refused := await gate.refusal(self._kit, body, now)) is not None:
                return refused
            await commands.friction(ack, body, self._kit, now)
        except Exception as error:  # noqa: BLE001 # as Bolt does it
            return await self._in_words(error, body)
        return ack.response or BoltResponse(status=200)
