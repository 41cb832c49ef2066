"""What people decided about a cluster, as sentences."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.views import blocks, status
from bot.views.digest import day
from bot.views.words import cut


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision. `cluster` and `other` are handles, `cluster` empty when it was about one report.

    `value`: a title, an area, a status, an owner's name or how long it rests; `reason` and `link`: what a status was
    given with; `reports`: how many it moved; `ended`: who ended it, how and when.
    """

    kind: str
    who: str
    at: dt.datetime
    cluster: str
    other: str
    value: str = ""
    reason: str = ""
    link: str = ""
    reports: int = 0
    ended: tuple[str, str, dt.datetime] | None = None


def sentence(decision: Decision, here: str = "") -> str:
    """`Tina merged F-31 into this, 3 November`. `here`: the handle of the cluster that it is read in."""
    ending = ""
    if decision.ended:
        who, did, at = decision.ended
        ending = f" · {who} {did}, {day(at)}"
    return f"{_said(decision, here)}, {day(decision.at)}{ending}"


def did(kind: str, value: str) -> str:
    """What somebody did to one cluster, after their name and “has”: `moved it to docs`. `value`: as in a Decision."""
    match kind:
        case "title" if value:
            return f"named it “{cut(value, 80)}”"
        case "title":
            return "taken its name back"
        case "status":
            return f"set it to {status.called(value)}"
        case "workaround":
            return "written another workaround"
        case "taken":
            return "taken it on"
        case "owner":
            return f"given it to {value}" if value else "left it to nobody"
        case "snooze":
            return f"let it rest {value}" if value else "woken it"
    return f"moved it to {value}"


def _said(decision: Decision, here: str) -> str:
    who = decision.who
    cluster = "this" if decision.cluster == here else decision.cluster
    other = "this" if decision.other == here else decision.other
    match decision.kind:
        case "joined":
            return f"{decision.cluster} joined {other} overnight"
        case "same_as" if not decision.cluster:
            return f"{who} moved a report of theirs to {other}"
        case "same_as":
            return f"{who} merged {cluster} into {other}"
        case "not_same_as" if decision.reports:
            return f"{who} split {cluster} off {other}, with {blocks.count(decision.reports, 'report')}"
        case "not_same_as":
            return f"{who} said that {cluster or 'a report of theirs'} is not the same as {other}"
        case "title" if decision.value:
            return f"{who} called {cluster} “{cut(decision.value, 80)}”"
        case "title":
            return f"{who} took the name of {cluster} back"
        case "area":
            return f"{who} moved {cluster} to {decision.value}"
        case "workaround" if decision.value.startswith("report "):
            return f"{who} marked a report as the workaround of {cluster}"
        case "workaround" if decision.value:
            return f"{who} wrote a workaround for {cluster}: “{cut(decision.value, 200)}”"
        case "workaround":
            return f"{who} took the workaround of {cluster} back"
        case "status":
            said = f": “{cut(decision.reason, 200)}”" if decision.reason else ""
            at = f" · {decision.link}" if decision.link else ""
            return f"{who} set {cluster} to {status.called(decision.value)}{said}{at}"
        case "taken":
            return f"{who} took {cluster} on"
        case "owner":
            return f"{who} gave {cluster} to {decision.value}" if decision.value else f"{who} left {cluster} to nobody"
        case "snooze":
            return f"{who} let {cluster} rest {decision.value}" if decision.value else f"{who} woke {cluster}"
    return f"{who} decided"
