"""The App Home: what I reported, and what hurts most just now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.views import area, blocks, cluster, hearing, subscription

#: Digests of channels that the Home lists.
CHANNELS = 10


def home(
    mine: Sequence[cluster.Said],
    top: Sequence[cluster.Line],
    digests: Sequence[subscription.Subscribed],
    record: Sequence[area.Record],
    hidden: Sequence[hearing.News] = (),
) -> dict[str, Any]:
    """One person's home. `digests`: their own if they get one, and those of channels that they wanted; `record`: how
    the areas do; `hidden`: what became of what they reported without their name."""
    fixed = blocks.button("What we fixed this quarter", "home_quarter", "quarter")
    layout = [blocks.row([blocks.button("Report friction", "home_report", "form", style="primary"), fixed])]
    if not digests or digests[0].channel:
        layout.append(
            blocks.line("You get no digest.", blocks.button("Subscribe", "digest_settings", "form")),
        )
    for each in digests[: CHANNELS + 1]:
        layout += subscription.state(each)
    layout.append(blocks.heading("What hurts most"))
    if not top:
        layout.append(blocks.words("Nothing has been reported yet."))
    for number, line in enumerate(top, 1):
        layout += cluster.row(line, number)
    if record:
        layout.append(blocks.heading("How often I get the area right"))
        layout += [blocks.small(area.record(each)) for each in record]
    layout.append(blocks.heading("What you reported"))
    layout += hearing.unnamed(hidden)
    layout += cluster.mine(mine).blocks[1:] if mine else [blocks.words("Nothing yet.")]
    return {"type": "home", "blocks": layout[:100]}
