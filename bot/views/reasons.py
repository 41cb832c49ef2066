"""Why a digest was sent, in one line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bot.views import blocks, figures, status, subscription, verdict

if TYPE_CHECKING:
    from bot.rules.digest import Reason

#: Things that happened, in the line that says why it was sent; the rest is counted.
REASONS = 3


def sentence(reasons: Sequence[Reason], since: dt.datetime, handles: Mapping[int, str], length: int) -> str:
    """`Sent because F-12 entered your top five and F-9 has 4 new developers.`

    `since`: from when it tells; `handles`: of the clusters that the reasons name; `length`: how many are shown.
    """
    if not reasons:
        return f"Nothing changed since {subscription.date(since.date())}."
    if any(reason.kind == "first" for reason in reasons):
        return "This is your first digest. The next comes when something changes."
    kinds = list(dict.fromkeys(reason.kind for reason in reasons))
    happened = []
    for kind in kinds:
        happened += _happened(kind, [each for each in reasons if each.kind == kind], handles, length)
    left_out = len(happened) - REASONS
    more = f", and {blocks.count(left_out, 'more thing')} changed" if left_out > 0 else ""
    return f"Sent because {figures.listed(happened[:REASONS])}{more}."


def _happened(kind: str, reasons: Sequence[Reason], handles: Mapping[int, str], length: int) -> list[str]:
    named = [handles.get(reason.cluster_id, "one") for reason in reasons]
    together = f"{figures.listed(named[:REASONS])}{f' and {len(named) - REASONS} more' if len(named) > REASONS else ''}"
    match kind:
        case "suggestions":
            waiting = blocks.count(reasons[0].number, "suggestion")
            return [f"{waiting} {'waits' if reasons[0].number == 1 else 'wait'} for your answer"]
        case "entered":
            return [f"{together} entered your top {figures.times(length)}"]
        case "back":
            return [f"{together} {'is' if len(named) == 1 else 'are'} back"]
        case "woke":
            return [f"{together} {'has' if len(named) == 1 else 'have'} rested long enough"]
        case "doubled":
            return [f"{together} {'has' if len(named) == 1 else 'have'} doubled since it was let rest"]
        case "status":
            return [status.became(handle, each.status) for handle, each in zip(named, reasons, strict=True)]
        case "verdict":
            return [
                f"{handle} {verdict.BECAME.get(each.status, 'is too early to judge')} since it was shipped"
                for handle, each in zip(named, reasons, strict=True)
            ]
        case "developers":
            return [f"{handle} has {each.number} new developers" for handle, each in zip(named, reasons, strict=True)]
        case _:
            return [
                f"{handle} rose to {figures.ordinal(each.number)}" for handle, each in zip(named, reasons, strict=True)
            ]
