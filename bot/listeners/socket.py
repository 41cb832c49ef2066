"""Slack's socket: the other way in, where nobody outside can call us. It is watched, and made anew when it is deaf."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

from prometheus_client import Counter, Gauge
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import LastCall
from bot.listeners import acknowledged
from bot.settings import CannotStart

log = logging.getLogger(__name__)

#: The SDK's own lines have a traceback for each failed try, and the ticket of the socket in them.
_silent = logging.getLogger(f"{__name__}.sdk")
_silent.setLevel(logging.CRITICAL)

AGE = Gauge("friction_socket_age_seconds", "Seconds since Slack's socket last said something", ["what"])
REPLACED = Counter("friction_socket_replaced_total", "Sockets that were given up and made anew")

#: How long Slack may take to open its socket at the start.
PATIENCE = dt.timedelta(seconds=20)

#: A socket is made anew after so long without a connection, or on a connection that has not said hello: the SDK tries
#: a dead ticket for ever, and never asks for another [slack-facts 2.9].
DEAF = dt.timedelta(seconds=60)

#: How often the watchdog looks (seconds).
LOOK = 5.0

#: How long a socket that is half gone may take to close (seconds); the SDK would wait for ever.
CLOSING = 5.0

#: How often to look whether what was heard is dealt with (seconds).
_MOMENT = 0.02


class Socket:
    """One socket after another. `last`: when something was last heard: hello, pong or an envelope."""

    def __init__(
        self, bolt: AsyncApp, token: str, client: AsyncWebClient, clock: Callable[[], dt.datetime], *, ping: float = 10
    ) -> None:
        """`token`: the app-level one; `clock`: unbent, as Slack's; `ping`: seconds between two. Nothing is opened."""
        self._bolt, self._token, self._client, self._clock, self._ping = bolt, token, client, clock, ping
        self.last: dict[str, dt.datetime] = {}
        self._in_hand = 0
        self._greeted: object = None
        self._ponged: float | None = None
        self._greeting = asyncio.Event()
        self._dial()

    def _dial(self) -> None:
        handler = AsyncSocketModeHandler(
            self._bolt, self._token, logger=_silent, web_client=self._client, ping_interval=self._ping
        )
        handler.client.message_listeners.append(self._heard)
        handler.client.socket_mode_request_listeners[:] = [self._taken]
        self._handler = handler
        self._lost_at: dt.datetime | None = self._clock()
        self._dialling = asyncio.create_task(handler.connect_async())  # type: ignore[no-untyped-call] # Bolt has none

    async def greeted(self) -> None:
        """Wait for the first hello."""
        await self._greeting.wait()

    async def well(self) -> bool:
        """Whether we are connected, and Slack has greeted us on this very connection."""
        client = self._handler.client
        return await client.is_connected() and client.current_session is self._greeted

    async def look(self) -> None:
        """The watchdog looks once: a socket that has been deaf for too long is given up for a new one."""
        now = self._clock()
        self._note_pong(now)
        for what, at in self.last.items():
            AGE.labels(what).set((now - at).total_seconds())
        if await self.well():
            self._lost_at = None
        elif self._lost_at is None:
            self._lost_at = now
        elif now - self._lost_at >= DEAF:
            log.warning("socket replaced", extra={"seconds": (now - self._lost_at).total_seconds()})
            REPLACED.inc()
            await self._hang_up()
            self._dial()

    async def watch(self) -> None:
        """Look again and again."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.look()
            except Exception:
                # A watchdog that died of one bad look would leave a deaf socket for good; the next look is soon.
                log.exception("watchdog failed")

    def told(self) -> str:
        """When Slack last said what, in words."""
        now = self._clock()
        self._note_pong(now)
        ages = [f"last {what} {(now - at).total_seconds():.0f} s ago" for what, at in sorted(self.last.items())]
        return ", ".join(ages)

    async def close(self, last_call: LastCall) -> None:
        """Hear no more, finish what was heard, and hang up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(last_call.left()):
                await self._finished()
        await self._hang_up()

    async def _finished(self) -> None:
        client = self._handler.client
        if client.message_receiver is not None:
            client.message_receiver.cancel()
        while True:
            await asyncio.sleep(_MOMENT)  # what was read just now is on its way to us, and the SDK tells nobody
            if client.message_queue.empty() and not self._in_hand:
                return

    async def _hang_up(self) -> None:
        client = self._handler.client
        try:
            async with asyncio.timeout(CLOSING):
                await self._handler.close_async()  # type: ignore[no-untyped-call] # Bolt has none
        except Exception as error:  # noqa: BLE001 # whatever a half-gone socket says, it is given up
            log.warning("socket did not close", extra={"error": type(error).__name__})
        tasks = (self._dialling, client.message_processor, client.current_session_monitor, client.message_receiver)
        left = [task for task in tasks if task is not None]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await client.aiohttp_client_session.close()

    async def _heard(self, client: Any, message: dict[str, Any], _raw: str | None) -> None:
        if message.get("type") == "hello":
            self.last["hello"] = self._clock()
            self._greeted = client.current_session
            self._greeting.set()

    async def _taken(self, client: Any, request: Any) -> None:
        self.last["envelope"] = self._clock()
        self._in_hand += 1
        try:
            with acknowledged.timed(request.payload):
                await self._handler.handle(client, request)
        finally:
            self._in_hand -= 1

    def _note_pong(self, now: dt.datetime) -> None:
        """The SDK keeps the moment of the last pong by a clock of its own: that it changed is what we see."""
        ponged = self._handler.client.last_ping_pong_time
        if ponged is not None and ponged != self._ponged:
            self._ponged, self.last["pong"] = ponged, now


@contextlib.asynccontextmanager
async def connected(
    bolt: AsyncApp, token: str, client: AsyncWebClient, clock: Callable[[], dt.datetime], last_call: LastCall
) -> AsyncIterator[Socket]:
    """A socket to Slack that is watched, from its first hello to its end. Raises CannotStart."""
    socket = Socket(bolt, token, client, clock)
    watching = None
    try:
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await socket.greeted()
        except TimeoutError as error:
            raise CannotStart("Slack opens no socket for us.") from error
        watching = asyncio.create_task(socket.watch())
        yield socket
    finally:
        if watching is not None:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        await socket.close(last_call)
