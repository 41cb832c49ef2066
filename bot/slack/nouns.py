"""What Slack tells us of, as we need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

Block = dict[str, Any]


class Message(Protocol):
    """What can be posted: blocks for the eye, and the same in plain `text`."""

    @property
    def text(self) -> str:
        """For notifications and screen readers."""

    @property
    def blocks(self) -> list[Block]:
        """For everybody else."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are: what `auth.test` said at start."""

    workspace_id: str
    workspace: str
    bot_user_id: str
    bot_id: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message stands."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the workspace. `tz` is a zone's name; `gone`: their account is deactivated.

    `member`: neither a guest nor a bot, nor somebody of another workspace.
    """

    id: str
    name: str
    tz: str
    gone: bool
    member: bool


@dataclass(frozen=True, slots=True)
class Channel:
    """A conversation. `private`: not everybody in the workspace may read it; `shared`: people from outside may."""

    id: str
    name: str
    private: bool
    shared: bool
    member: bool
    archived: bool


@dataclass(frozen=True, slots=True)
class Reactions:
    """Who has put which emoji on a message. `partly`: emoji of which Slack did not list everybody.

    `as_of`: when that was so by Slack's own clock, as an `event_ts`; "0" when it does not say.
    """

    people: Mapping[str, frozenset[str]]
    partly: frozenset[str]
    as_of: str


def person(id_: str, user: dict[str, Any]) -> Person:
    """Somebody, from what `users.info` says of them."""
    profile = user.get("profile", {})
    shown = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name")
    # Slack's own robot says of itself that it is none.
    other = any(
        user.get(key) for key in ("is_bot", "is_workflow_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
    )
    return Person(
        id=id_,
        name=shown or id_,
        tz=user.get("tz") or "UTC",
        gone=bool(user.get("deleted", False)),
        member=not other and id_ != "USLACKBOT",
    )


def channel(found: dict[str, Any]) -> Channel:
    """A conversation, from what `conversations.info` or `conversations.list` say of it."""
    private = any(found.get(key) for key in ("is_private", "is_im", "is_mpim", "is_ext_shared", "is_group"))
    return Channel(
        id=found["id"],
        name=found.get("name", ""),
        private=private,
        shared=any(found.get(key) for key in ("is_ext_shared", "is_pending_ext_shared")),
        member=bool(found.get("is_member", False)),
        archived=bool(found.get("is_archived", False)),
    )


def reactions(message: dict[str, Any], headers: Mapping[str, str]) -> Reactions:
    """What `reactions.get` says. The count of an emoji is right; its people may not be all [REF events/message]."""
    listed = message.get("reactions", [])
    date = headers.get("Date")
    return Reactions(
        people={each["name"]: frozenset(each["users"]) for each in listed},
        partly=frozenset(each["name"] for each in listed if len(set(each["users"])) < each["count"]),
        as_of=f"{parsedate_to_datetime(date).timestamp():.6f}" if date else "0",
    )
