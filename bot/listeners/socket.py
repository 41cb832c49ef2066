"""Slack's socket: the other way in, where nobody outside can call us."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import CannotStart

_log = logging.getLogger(__name__)

#: How long Slack may take to open its socket (seconds).
PATIENCE = 20

#: How long what is in hand may take when the process is asked to stop (seconds).
LAST_CALL = 10


@contextlib.asynccontextmanager
async def connected(bolt: AsyncApp, token: str, client: AsyncWebClient) -> AsyncIterator[AsyncSocketModeHandler]:
    """A socket to Slack, from its opening to its end. Raises CannotStart."""
    handler = AsyncSocketModeHandler(bolt, token, logger=_log, web_client=client)
    try:
        # The SDK would try for ever, with a traceback each time; we say it once, in words.
        _log.setLevel(logging.CRITICAL)
        try:
            async with asyncio.timeout(PATIENCE):
                await handler.connect_async()  # type: ignore[no-untyped-call] # Bolt's own adapter has no types
        except TimeoutError as error:
            raise CannotStart("Slack opens no socket for us.") from error
        finally:
            _log.setLevel(logging.WARNING)
        yield handler
    finally:
        # The SDK may wait for ever on a socket that is half gone.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_CALL):
                await handler.close_async()  # type: ignore[no-untyped-call] # nor here
