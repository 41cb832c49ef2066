"""What the demo needs of a Slack: the gestures people have, and a look at what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from bot.demo import company

Message = dict[str, Any]
"""A message as Slack's history shows it; a private reply also has `ephemeral_to`."""


class Stage(Protocol):
    """A Slack to play in. Gestures return once the bot has acknowledged what Slack told it."""

    mode: company.Mode
    api_url: str
    """Ends with `/api/`, as slack-sdk wants its `base_url`."""
    web_url: str
    """Where a visitor can look; empty where there is nothing to see."""
    bot_token: str
    app_token: str
    """Empty where Slack calls the bot (`mode` is `events`)."""
    signing_secret: str

    async def message(self, channel: str, user: str, text: str) -> str:
        """Somebody writes in a channel. Returns the message's `ts`."""
        ...

    async def command(self, channel: str, user: str, text: str) -> None:
        """Somebody types `/friction text`."""
        ...

    async def react(self, channel: str, ts: str, user: str, name: str, present: bool = True) -> None:
        """Somebody puts an emoji on a message, or takes it off again."""
        ...

    async def press(self, channel: str, ts: str, user: str, action: Mapping[str, Any]) -> None:
        """Somebody uses a button or a menu of a message; `action` as Slack would send it."""
        ...

    async def messages(self, channel: str) -> list[Message]:
        """Everything in a channel, oldest first, private replies included."""
        ...

    async def direct_messages(self, user: str) -> list[Message]:
        """What the bot and this person wrote to each other, oldest first."""
        ...

    async def close(self) -> None:
        """Take the stage down."""
        ...
