"""Where something was said, as Slack knows it: asked once for all who want to know at about the same time."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import defaultdict

from bot.slack import Channel, Slack, SlackRefused

#: How long an answer of Slack's is good for that keeps something private.
GOOD_FOR = dt.timedelta(seconds=15)


class Whereabouts:
    """What Slack said last of each conversation, or that it says nothing."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._said: dict[str, tuple[dt.datetime, Channel | SlackRefused]] = {}
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, slack: Slack, channel: str, made_at: dt.datetime, now: dt.datetime) -> Channel:
        """A conversation as it was a moment ago; public only if it was so after `made_at`. Raises SlackRefused."""
        async with self._asking[channel]:
            asked_at, said = self._said.get(channel, (now, None))
            fresh = dt.timedelta() <= now - asked_at < GOOD_FOR
            public = isinstance(said, Channel) and not said.private
            if said is None or not fresh or (public and asked_at < made_at):
                said = await _ask(slack, channel)
                self._said[channel] = (now, said)
        if isinstance(said, SlackRefused):
            raise SlackRefused(said.code)
        return said

    def forget(self, channel: str) -> None:
        """Ask again next time: something else was heard of it."""
        self._said.pop(channel, None)


async def _ask(slack: Slack, channel: str) -> Channel | SlackRefused:
    try:
        return await slack.channel(channel)
    except SlackRefused as refusal:
        if not refusal.permanent:
            raise
        return refusal
