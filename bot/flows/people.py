"""How people are called, for sentences that name them without calling them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from bot.flows.kit import Kit
from bot.slack import SlackRefused

#: How long to wait for people's names (seconds): whoever pressed a button is waiting, too.
PATIENCE = 1.0

SOMEBODY = "Somebody"


async def names(kit: Kit, people: Collection[str]) -> dict[str, str]:
    """How these people are called; somebody whom Slack does not name in time is somebody."""

    async def name(person: str) -> str:
        try:
            async with asyncio.timeout(PATIENCE):
                return (await kit.slack.person(person)).name
        except (SlackRefused, TimeoutError):
            return SOMEBODY

    return dict(zip(people, await asyncio.gather(*map(name, people)), strict=True))


async def name(kit: Kit, person: str | None) -> str:
    """How one person is called, for the beginning of a sentence."""
    return (await names(kit, [person]))[person] if person else SOMEBODY
