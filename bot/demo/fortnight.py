"""Plays the script: each event through the gesture a person would use, each vote on the card that person would see."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Awaitable, Callable, Sequence

from bot.demo import company, script
from bot.demo.stage import Stage

CAPTURE_EMOJI = "triangular_flag_on_post"

_HANDLE = re.compile(r"\bF-\d+\b")
_PATIENCE = 5.0
"""Seconds for a private reply, or a card, that is on its way."""


class PlayStopped(Exception):
    """The bot did not do what the play waits for; the message is a sentence for the visitor."""


async def play(
    stage: Stage,
    *,
    advance: Callable[[dt.timedelta], None],
    settled: Callable[[], Awaitable[None]],
    progress: Callable[[int, int], None],
    events: Sequence[script.Event] = script.EVENTS,
) -> None:
    """Play the fortnight.

    `advance` moves the bot's clock to the start plus an offset, `settled` returns once the bot has nothing left to do,
    and `progress` hears how many events of how many are done. Raises PlayStopped.
    """
    play = _Play(stage, settled)
    day = 0
    for done, event in enumerate(events):
        if event.day != day:
            day = event.day
            await settled()
        advance(event.offset)
        await play.perform(event)
        progress(done + 1, len(events))
    await settled()


class _Play:
    """What has been said and filed so far, and where."""

    def __init__(self, stage: Stage, settled: Callable[[], Awaitable[None]]) -> None:
        self._stage = stage
        self._settled = settled
        self._said: dict[str, tuple[str, str]] = {}
        self._filed: dict[str, str] = {}

    async def perform(self, event: script.Event) -> None:
        stage, user = self._stage, event.person.id
        match event:
            case script.Says(channel=channel, text=text, ref=ref):
                self._said[ref] = (channel.id, await stage.message(channel.id, user, text))
            case script.Reports(channel=channel, text=text, ref=ref):
                before = len(await self._replies(channel.id, user))
                await stage.command(channel.id, user, text)
                self._filed[ref] = await self._handle(channel.id, user, before)
            case script.Flags(ref=ref):
                await stage.react(*self._said[ref], user, CAPTURE_EMOJI)
            case script.Backs(ref=ref, emoji=emoji):
                await stage.react(*await self._votable(ref), user, emoji)
            case script.Withdraws(ref=ref, emoji=emoji):
                await stage.react(*await self._votable(ref), user, emoji, present=False)

    async def _votable(self, ref: str) -> tuple[str, str]:
        """Channel and `ts` of the message to react to."""
        return self._said.get(ref) or (company.FRICTION.id, await self._card(self._filed[ref]))

    async def _card(self, handle: str) -> str:
        if ts := await self._posted(handle):
            return ts
        await self._settled()
        return await _soon(lambda: self._posted(handle), f"No card for {handle} in #{company.FRICTION.name}.")

    async def _posted(self, handle: str) -> str | None:
        for message in await self._stage.messages(company.FRICTION.id):
            by_bot = message.get("bot_id") and not message.get("ephemeral_to")
            if by_bot and str(message.get("text", "")).startswith(f"{handle} "):
                return str(message["ts"])
        return None

    async def _handle(self, channel: str, user: str, before: int) -> str:
        async def answered() -> str | None:
            return next(iter((await self._replies(channel, user))[before:]), None)

        return await _soon(answered, f"The bot did not tell {user} where the report was filed.")

    async def _replies(self, channel: str, user: str) -> list[str]:
        """The handles this person was privately told in this channel, one a reply."""
        messages = await self._stage.messages(channel)
        texts = [str(message.get("text", "")) for message in messages if message.get("ephemeral_to") == user]
        return [handle[0] for text in texts if (handle := _HANDLE.search(text))]


async def _soon(look: Callable[[], Awaitable[str | None]], otherwise: str) -> str:
    end = asyncio.get_running_loop().time() + _PATIENCE
    while (found := await look()) is None:
        if asyncio.get_running_loop().time() > end:
            raise PlayStopped(otherwise)
        await asyncio.sleep(0.05)
    return found
