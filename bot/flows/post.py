"""Posting once, although Slack has no way to say "once"."""

from __future__ import annotations

import logging

from bot.flows.kit import Kit
from bot.slack import Posted, SlackRefused
from bot.views.blocks import Message, keyed
from storage.models import Outbox

log = logging.getLogger(__name__)


async def post_once(
    kit: Kit, row: Outbox, channel: str, message: Message, *, block_id: str, thread: str = ""
) -> Posted:
    """Post a message that carries `block_id`, unless an earlier try got it there already. Raises SlackRefused."""
    before = await posted_before(kit, row, channel, block_id, thread=thread)
    return before or await kit.slack.post(channel, keyed(message, block_id), thread=thread)


async def posted_before(kit: Kit, row: Outbox, channel: str, block_id: str, *, thread: str = "") -> Posted | None:
    """Where the message stands, if an earlier try got it to Slack and did not live, or hear, to say so."""
    if not row.uncertain:
        return None
    try:
        return await kit.slack.posted_with(channel, block_id, row.created_at, thread=thread)
    except SlackRefused as refusal:
        if not refusal.permanent:
            raise
        # Nobody may look. Something said twice is a nuisance; something never said is lost.
        log.warning("cannot look whether it was posted", extra={"row": row.id, "code": refusal.code})
        return None
