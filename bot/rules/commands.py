"""What was typed after `/friction`: a command only in its exact form, a report in every other."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Nobody looks for more than this (characters): who types so much after "find" has something to tell.
SOUGHT = 1900

_HANDLE = re.compile(r"(?:F-)?(\d{1,9})", re.IGNORECASE | re.ASCII)

#: A channel as Slack hands it over when it knows which one is meant.
_CHANNEL = re.compile(r"<#([CG][A-Z0-9]+)(?:\|[^>]*)?>")
_SHOW = re.compile(r"show\s+F-(\d{1,9})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Form:
    """Nothing was typed: open the form."""


@dataclass(frozen=True, slots=True)
class Help:
    """`help`."""


@dataclass(frozen=True, slots=True)
class Top:
    """`top` or `top docs`; `area` is None for all areas."""

    area: str | None


@dataclass(frozen=True, slots=True)
class Mine:
    """`mine`."""


@dataclass(frozen=True, slots=True)
class Find:
    """`find words`."""

    words: str


@dataclass(frozen=True, slots=True)
class Show:
    """`show F-12`."""

    number: int


@dataclass(frozen=True, slots=True)
class DigestForm:
    """`digest`: subscribe, or change the subscription."""


@dataclass(frozen=True, slots=True)
class DigestNow:
    """`digest now`."""


@dataclass(frozen=True, slots=True)
class ChannelDigestForm:
    """`digest #channel`: the form for a channel's digest; `channel` finds out which."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`settings`."""


@dataclass(frozen=True, slots=True)
class ReportText:
    """Anything else is somebody telling us what hurts."""

    text: str


Command = Form | Help | Top | Mine | Find | Show | DigestForm | DigestNow | ChannelDigestForm | Settings | ReportText


def parse(text: str, areas: frozenset[str]) -> Command:
    """`text`: what the person typed after the command, already unescaped; `areas`: the area keys there are."""
    words = text.split()
    lowered = [word.lower() for word in words]
    match lowered:
        case []:
            return Form()
        case ["help"] | ["?"]:
            return Help()
        case ["mine"]:
            return Mine()
        case ["digest"]:
            return DigestForm()
        case ["digest", "now"]:
            return DigestNow()
        case ["digest", place] if place.startswith(("#", "<#")) and len(place) > 1:
            return ChannelDigestForm()
        case ["settings"]:
            return Settings()
        case ["top"]:
            return Top(None)
        case ["top", area] if area in areas:
            return Top(area)
        case ["find", _, *_] if len(text) <= SOUGHT:
            return Find(text.strip()[len("find") :].strip())
        case ["show", _] if handle := _SHOW.fullmatch(text.strip()):
            return Show(int(handle.group(1)))
    return ReportText(text)


def handle(typed: str) -> int | None:
    """`F-12`, `f-12` or `12` → 12; None for what is no handle."""
    found = _HANDLE.fullmatch(typed.strip())
    return int(found.group(1)) if found else None


def channel(raw: str) -> str:
    """The id of the channel named in what Slack sent, still escaped; empty when it names none that Slack knows."""
    found = _CHANNEL.search(raw)
    return found.group(1) if found else ""
