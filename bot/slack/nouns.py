"""What Slack tells us of, as we need it."""

from __future__ import annotations

from dataclasses import dataclass
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
    """Somebody in the workspace. `tz` is a zone's name; `gone`: their account is deactivated; `guest`: they see only
    some channels; `stranger`: they are of another workspace that shares a channel with this one."""

    id: str
    name: str
    tz: str
    gone: bool
    guest: bool = False
    stranger: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """A conversation. `private`: not everybody in the workspace may read it; `shared`: people from outside may."""

    id: str
    name: str
    private: bool
    shared: bool
    member: bool
    archived: bool


def person(id_: str, user: dict[str, Any]) -> Person:
    """Somebody, from what `users.info` says of them."""
    profile = user.get("profile", {})
    shown = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name")
    return Person(
        id=id_,
        name=shown or id_,
        tz=user.get("tz") or "UTC",
        gone=bool(user.get("deleted", False)),
        guest=any(user.get(key) for key in ("is_restricted", "is_ultra_restricted")),
        stranger=bool(user.get("is_stranger", False)),
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
