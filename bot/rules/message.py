"""What a Slack message says, wherever in it that stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

#: Subtypes of messages that say nothing of anybody's: joins, topics, tombstones.
_SILENT = frozenset({"channel_join", "channel_leave", "channel_topic", "channel_purpose", "tombstone", "bot_add"})

#: Names that Slack gives instead of a conversation's own when it is not public.
_PRIVATE_NAMES = ("directmessage", "privategroup", "mpdm-")


def words(message: Mapping[str, Any]) -> str:
    """A message's text; without one what its blocks, attachments and files say. Still escaped as Slack sent it."""
    if text := str(message.get("text") or "").strip():
        return text
    return "\n".join(part for part in _parts(message) if part).strip()


def author(message: Mapping[str, Any]) -> str | None:
    """Who wrote it; None when no person did."""
    if message.get("bot_id") or message.get("subtype") == "bot_message":
        return None
    return message.get("user") or None


def is_gone(message: Mapping[str, Any]) -> bool:
    """Whether the message is only the trace of one, or a notice of Slack's own."""
    return message.get("subtype") in _SILENT


def private_place(channel_name: str) -> bool:
    """Whether a command or shortcut came from where not everybody can read, by the name Slack gave that place."""
    return not channel_name or channel_name.startswith(_PRIVATE_NAMES)


def _parts(message: Mapping[str, Any]) -> Iterator[str]:
    for block in message.get("blocks") or ():
        yield " ".join(_texts(block))
    for attachment in message.get("attachments") or ():
        yield " ".join(_texts(attachment.get("blocks"))) or str(
            attachment.get("text") or attachment.get("fallback") or ""
        )
    for file in message.get("files") or ():
        yield str(file.get("title") or file.get("name") or "")


def _texts(block: Any, depth: int = 0) -> Iterator[str]:
    """Every `text` that is a string, in the order it is read. Deeper than Slack nests anything, there is nothing."""
    if depth > 12:
        return
    if isinstance(block, Mapping):
        for key, value in block.items():
            if key == "text" and isinstance(value, str):
                yield value
            elif isinstance(value, (Mapping, list)):
                yield from _texts(value, depth + 1)
    elif isinstance(block, list):
        for each in block:
            yield from _texts(each, depth + 1)
