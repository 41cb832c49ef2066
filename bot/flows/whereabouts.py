"""Where something was said, as Slack knows it: asked once for all who want to know at about the same time."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import defaultdict

from bot.slack import Channel, Slack, SlackRefused

#: How long an answer of Slack's is good for that keeps something private.
GOOD_FOR = dt.timedelta(seconds=15)

#: How far apart one conversation is asked about. Slack may be asked fifty times a minute, and every report wants to
#: know: those that are made in between wait, and the next answer is for all of them.
APART = dt.timedelta(seconds=3)


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
            ago = now - asked_at
            public = isinstance(said, Channel) and not said.private
            if said is None or not dt.timedelta() <= ago < GOOD_FOR or (public and asked_at < made_at):
                if said is not None and dt.timedelta() <= ago < APART:
                    raise SlackRefused("ratelimited", retry_after=(APART - ago).total_seconds())
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
