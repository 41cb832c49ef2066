"""What there is in a workspace."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

BOT, BOT_ID, TEAM = "U0BOT", "B0BOT", "T0TEAM"


@dataclass
class Channel:
    id: str
    name: str
    private: bool = False
    archived: bool = False
    shared: bool = False
    im: bool = False
    members: set[str] = field(default_factory=set)
    messages: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Person:
    id: str
    name: str
    tz: str = "Europe/Berlin"
    deleted: bool = False
    kind: str = ""  # is_bot, is_restricted, is_ultra_restricted, is_stranger


@dataclass
class Whisper:
    channel: str
    person: str
    text: str
    blocks: list[dict[str, Any]]


@dataclass
class Answer:
    """What came to a response_url."""

    url: str
    body: dict[str, Any]

    @property
    def text(self) -> str:
        return str(self.body["text"])
