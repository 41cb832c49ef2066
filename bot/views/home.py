"""The App Home: what I reported, and what hurts most just now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.views import area, blocks, cluster


def home(
    mine: Sequence[cluster.Said], top: Sequence[cluster.Line], record: Sequence[area.Record], *, subscribed: str
) -> dict[str, Any]:
    """One person's home. `subscribed`: their digest in words, empty when they get none; `record`: how the areas do."""
    layout = [
        blocks.row(
            [
                blocks.button("Report friction", "home_report", "form", style="primary"),
                blocks.button("My digest", "digest_settings", "form"),
            ]
        ),
        blocks.small(subscribed or "You get no digest."),
        blocks.heading("What hurts most"),
    ]
    if not top:
        layout.append(blocks.words("Nothing has been reported yet."))
    for number, line in enumerate(top, 1):
        layout += cluster.row(line, number)
    if record:
        layout.append(blocks.heading("How often I get the area right"))
        layout += [blocks.small(area.record(each)) for each in record]
    layout.append(blocks.heading("What you reported"))
    layout += cluster.mine(mine).blocks[1:] if mine else [blocks.words("Nothing yet.")]
    return {"type": "home", "blocks": layout[:100]}
