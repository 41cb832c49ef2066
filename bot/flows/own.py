"""What somebody may do with what is held about them: have it, delete it, and keep others from flagging them."""

from __future__ import annotations

import datetime as dt
import json

import storage.notices
import storage.outbox
import storage.people
import storage.reports
import storage.workspaces
from bot import views
from bot.flows import correct, news, seal
from bot.flows.card import want_card
from bot.flows.kit import Kit
from bot.flows.post import post_once
from storage.models import Outbox

COMING = "It comes in a moment, as a direct message."
DELETED = (
    "Deleted: {}, your votes, your digest and your settings. Cards and digests are drawn anew within a minute, "
    "Homes and what I told people soon after."
)
UNFLAGGED = "Nobody can flag your messages from now on. What was flagged before stays, until you take it back."
FLAGGED = "Others can flag your messages again. You are told each time, and can withdraw it."


async def want_held(kit: Kit, person: str, key: str, now: dt.datetime) -> str:
    """Want somebody sent all that is held about them. Gives back what to say. `key`: the gesture's, to do it once."""
    async with kit.database.transaction() as session:
        told = {"person": person, "at": now.isoformat()}
        await storage.outbox.once(session, kit.house.workspace_id, "held", f"{key}:{person}", told, now)
    kit.wake.set()
    return COMING


async def send_held(kit: Kit, row: Outbox) -> None:
    """Send it, in as many messages as that takes. Raises SlackRefused.

    As text rather than a file: to send files the bot would need a scope with which it could read everybody's.
    """
    person = str(row.payload["person"])
    channel = await kit.slack.direct_channel(person)
    messages = views.own.held(await held(kit, person))
    for number, message in enumerate(messages):
        await post_once(kit, row, channel, message, block_id=f"held-{row.id}-{number}")


async def held(kit: Kit, person: str) -> str:
    """All that is held about somebody, as JSON: every row that names them, by table."""
    async with kit.database.reading() as session:
        found = await storage.people.held(session, kit.house.workspace_id, person)
    return json.dumps(found, ensure_ascii=False, indent=1)


async def delete_all(kit: Kit, person: str, now: dt.datetime) -> str:
    """Delete what is held about somebody. Gives back what to say. What they decided for others stays, without them."""
    workspace_id = kit.house.workspace_id
    async with kit.database.transaction() as session:
        workspace = await storage.workspaces.lock(session, workspace_id)
        counted = await storage.people.clusters_of(session, workspace_id, person)
        mine = await storage.people.reports_of(session, workspace_id, person)
        for report in await storage.reports.by_ids(session, workspace_id, mine):
            await correct.take_back(session, kit, report, workspace, now)
        for channel, ts in await storage.notices.messages_to(session, workspace_id, person):
            await news.again(session, kit, channel, ts, now)
        await session.flush()
        await storage.people.forget(session, workspace_id, person)
        await seal.forget(session, kit, person)
        for cluster_id in counted:
            await want_card(session, kit, cluster_id, now)
    async with kit.database.reading() as session:
        await kit.groups.current(session)  # and with that no file holds their words any more
    kit.wake.set()
    return DELETED.format(views.blocks.count(len(mine), "report"))


async def set_unflagged(kit: Kit, person: str, now: dt.datetime, *, wanted: bool) -> str:
    """Somebody does not want their messages flagged, or does again. Gives back what to say."""
    async with kit.database.transaction() as session:
        await storage.people.set_unflagged(session, kit.house.workspace_id, person, now, wanted=wanted)
    return UNFLAGGED if wanted else FLAGGED


async def is_unflagged(kit: Kit, person: str) -> bool:
    """Whether somebody does not want their messages flagged."""
    async with kit.database.reading() as session:
        return await storage.people.is_unflagged(session, kit.house.workspace_id, person)
