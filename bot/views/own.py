"""What is held about somebody, and what they may do with it."""

from __future__ import annotations

from bot.views import blocks
from bot.views.blocks import Block, Message
from bot.views.words import parts

#: Characters of JSON in one message: Slack takes more, and says nowhere how much.
EACH = 8000


def held(found: str) -> list[Message]:
    """All that is held about somebody, as messages to be put together again. `found`: JSON."""
    shown = parts(found, EACH)
    told = "This is all that is held about you, as JSON"
    return [
        Message(
            f"{told}, {number} of {len(shown)}." if len(shown) > 1 else f"{told}.",
            [blocks.small_plain(f"{told}, {number} of {len(shown)}."), *blocks.whole(part)],
        )
        for number, part in enumerate(shown, 1)
    ]


def controls(*, unflagged: bool) -> list[Block]:
    """The buttons below `/friction settings`."""
    sure = blocks.confirm(
        "Delete all of yours?",
        "Your reports, votes, digest and settings are deleted for good. What you decided stays, without you.",
        "Delete",
    )
    flag = (
        blocks.button("Let others flag my messages", "own_flaggable", "yes")
        if unflagged
        else blocks.button("Nobody may flag my messages", "own_unflagged", "yes")
    )
    return [
        blocks.small(
            "Held about you: your reports and votes, your digest, what you decided. "
            "`/friction mine` deletes a single report."
        ),
        blocks.row(
            [
                blocks.button("Download what is held about me", "own_held", "me"),
                flag,
                blocks.button("Delete all of mine", "own_delete", "me", style="danger", confirm=sure),
            ]
        ),
    ]
