"""Bolt, with a shorter way for what must be quick."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot import clock, rules
from bot.flows.kit import Kit
from bot.listeners import commands

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
        body = req.body
        straight = req.mode == "socket_mode" and body.get("command") == "/friction" and rules.payload.sound(body)
        if not straight:
            return await super().async_dispatch(req)
        ack = AsyncAck()  # type: ignore[no-untyped-call] # Bolt gives it no types
        try:
            await commands.friction(ack, body, self._kit, clock.now())
        except Exception as error:  # noqa: BLE001 # as Bolt does it
            return await self._in_words(error, body)
        return ack.response or BoltResponse(status=200)
