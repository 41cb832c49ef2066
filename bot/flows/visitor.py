"""Who may use the bot at all: people of this workspace who are still there; guests only for what is theirs."""

from __future__ import annotations

import asyncio

from bot.flows.kit import Kit
from bot.slack import Person, SlackRefused

#: How long to wait for Slack to say who somebody is (seconds): they have pressed a button, and wait.
PATIENCE = 1.0

ELSEWHERE = "That belongs to another workspace."
OUTSIDE = "Only people of this workspace can do that."
LEFT = "That account is deactivated, so it can change nothing here."
GUEST = "Guests can report, and change or delete what they reported. The rest is for members of the workspace."


def belongs(kit: Kit, workspace: str, home: str, *, organised: bool) -> str:
    """What to say to somebody by what the gesture itself says of them; empty when nothing is against it.

    `workspace`: where the gesture was made; `home`: the workspace that who made it is of. In an organisation
    (`organised`) people of several workspaces work in one, and Slack says who is a stranger.
    """
    if workspace and workspace != kit.house.workspace_id:
        return ELSEWHERE
    if home and home != kit.house.workspace_id and not organised:
        return OUTSIDE
    return ""


async def barred(kit: Kit, person: str, *, theirs: bool) -> str:
    """What to say to somebody by what Slack knows of them; empty when nothing is against it.

    `theirs`: the gesture only touches what is their own, which a guest may. Where Slack does not answer, nobody is
    kept out: every flow asks again whether the thing itself is theirs.
    """
    found = await _known(kit, person)
    if found is None:
        return ""
    if found.gone:
        return LEFT
    if found.stranger:
        return OUTSIDE
    return "" if theirs or not found.guest else GUEST


async def _known(kit: Kit, person: str) -> Person | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await kit.slack.person(person)
    except (SlackRefused, TimeoutError):
        return None
