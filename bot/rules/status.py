"""Statuses: what becomes of a cluster, since when, and what may be said with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from bot.rules import secrets

if TYPE_CHECKING:
    from storage.models import Fact

#: Every status, in the order in which most clusters have them. Any may follow any.
ALL = ("new", "acknowledged", "planned", "in_progress", "shipped", "declined")

#: What a cluster is while nobody has said anything.
NEW = ALL[0]

#: Nobody works on it any more: it is done, or will not be.
CLOSED = frozenset({"shipped", "declined"})

#: Whoever reported it or voted for it is told of these.
TOLD = frozenset({"planned", "shipped", "declined"})

#: Characters of a reason and of a link.
REASON, LINK = 500, 1000

#: What an address is made of; whatever else somebody typed is spelled out.
_ADDRESS = "!#$%&'()*+,/:;=?@[]~"


def since(stated: Iterable[Fact]) -> dt.datetime | None:
    """From when a cluster has had its status. `stated`: the standing facts that gave it one, oldest first.

    Saying the same again, in better words, does not make it later. None: nobody ever gave it one.
    """
    began: Fact | None = None
    for fact in stated:
        if began is None or fact.value != began.value:
            began = fact
    return began.made_at if began else None


def link(typed: str) -> str:
    """An address as it may be linked to, from what somebody typed; empty for nothing. Raises ValueError."""
    address = typed.strip()
    if not address:
        return ""
    try:
        parts = urlsplit(address)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise ValueError("That is no address that anybody could open.") from error
    if parts.scheme.lower() not in ("http", "https") or not named or any(each.isspace() for each in address):
        raise ValueError("A whole address, please: https://…")
    if parts.username is not None or parts.password is not None or secrets.mask(address)[1]:
        raise ValueError("That address has a secret in it. Give one that everybody may read.")
    # A bar or an angle bracket would end a link in Slack's markup.
    spelled = quote(address, safe=_ADDRESS)
    if len(spelled) > LINK:
        raise ValueError(f"At most {LINK} characters, please.")
    return spelled
