"""What happens in Slack: reactions, edits, deletions, and people who change."""

from __future__ import annotations

import datetime as dt
from typing import Any

from bot import rules
from bot.flows import cluster as clusters
from bot.flows import correct, forget, home, outbox, vote
from bot.flows import reader as readers
from bot.flows.kit import Kit


async def reaction_added(event: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """A reaction was put on something."""
    await _reacted(event, kit, now, given=True)


async def reaction_removed(event: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """A reaction was taken off something."""
    await _reacted(event, kit, now, given=False)


async def message_changed(event: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """A message was edited; with replies below it, that is also how a deletion is told."""
    message = event.get("message") or {}
    if rules.message.is_gone(message):
        await correct.message_deleted(kit, str(event.get("channel")), str(message.get("ts")), now)
    else:
        await correct.message_edited(kit, str(event.get("channel")), message, now)


async def message_deleted(event: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """A message was deleted."""
    await correct.message_deleted(kit, str(event.get("channel")), str(event.get("deleted_ts")), now)


async def home_opened(event: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody opened the App Home."""
    if event.get("tab", "home") == "home" and event.get("user"):
        await home.want(kit, str(event["user"]), now)


async def uninstalled(kit: Kit, now: dt.datetime) -> None:
    """The app was taken out of the workspace."""
    await forget.left(kit, now)


async def tokens_revoked(event: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Tokens are good for nothing any more; ours, if one of a bot is among them."""
    if (event.get("tokens") or {}).get("bot"):
        await forget.left(kit, now)


async def person_changed(event: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody's name, zone or account changed."""
    await readers.noticed(kit, str((event.get("user") or {}).get("id")), now)


async def channel_changed(event: dict[str, Any], kit: Kit) -> None:
    """A channel has another id now."""
    old, new = event.get("old_channel_id"), event.get("new_channel_id")
    if old and new:
        await clusters.channel_moved(kit, str(old), str(new))


async def group_changed(kit: Kit, now: dt.datetime) -> None:
    """A user group has other members now; it may be one of leads."""
    await outbox.want(kit, "leads", "members", {}, now)


async def _reacted(event: dict[str, Any], kit: Kit, now: dt.datetime, *, given: bool) -> None:
    item = event.get("item") or {}
    if item.get("type") != "message" or not all(map(event.get, ("user", "reaction", "event_ts"))):
        return
    await vote.reacted(
        kit,
        channel=str(item.get("channel")),
        message_ts=str(item.get("ts")),
        author=str(event.get("item_user") or ""),
        person=str(event["user"]),
        emoji=str(event["reaction"]),
        given=given,
        event_ts=str(event["event_ts"]),
        now=now,
    )
