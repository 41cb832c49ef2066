"""A subscription in words, with what can be pressed: who gets which digest, and when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.views import blocks
from bot.views.blocks import Block, Message

WEEKDAYS = dict(
    zip(
        ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
        strict=True,
    )
)
CADENCES = {"week": "Every week", "two-weeks": "Every two weeks", "day": "Every day"}
#: How many problems a digest lists at most.
LENGTHS = {"5": "The worst five", "3": "The worst three"}
#: For how many weeks a digest can be paused with one tap.
PAUSES = {"1": "for a week", "2": "for two weeks", "4": "for four weeks"}
#: Months as people read them, whatever the machine's locale.
MONTHS = "January February March April May June July August September October November December".split()

#: What is in the way, by Slack's word for it.
_STOPS = {
    "user_disabled": "the account is deactivated",
    "messages_tab_disabled": "direct messages to me are off",
    "is_archived": "the channel is archived",
    "not_in_channel": "I am not in the channel any more",
    "channel_not_found": "I cannot see the channel any more",
    "shared": "people from outside can read the channel now",
}


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription as people see it. `reader`: a person's or a channel's id; `areas`: listed, or `all`.

    `paused_until` and `next_on` are days in its own zone; `stopped` is Slack's word for what is in the way.
    """

    reader: str
    areas: str
    every: str
    weekday: str
    at: str
    tz: str
    length: int
    paused_until: dt.date | None = None
    next_on: dt.date | None = None
    stopped: str = ""

    @property
    def channel(self) -> bool:
        """Whether a channel reads it, rather than one person."""
        return self.reader[:1] in ("C", "G")


def words(subscribed: Subscribed, name: str) -> str:
    """`Your digest: docs, errors · every week, Monday 09:00 (Europe/Berlin)`. `name`: whose it is."""
    areas = "all areas" if subscribed.areas == "all" else ", ".join(subscribed.areas.split(","))
    day = "" if subscribed.every == "day" else f", {WEEKDAYS[subscribed.weekday]}"
    when = f"{CADENCES[subscribed.every].lower()}{day} {subscribed.at} ({subscribed.tz})"
    parts = [f"{name}: {areas}", when]
    if subscribed.length == 3:
        parts.append("the worst three")
    if subscribed.stopped:
        parts.append(f"stopped: {_STOPS.get(subscribed.stopped, f'Slack refuses it ({subscribed.stopped})')}")
    elif subscribed.paused_until:
        parts.append(f"paused until {date(subscribed.paused_until)}")
    return " · ".join(parts)


def whose(reader: str) -> str:
    """What a digest is called, for Slack to read: a channel is shown by its name."""
    return f"The digest of <#{reader}>" if reader[:1] in ("C", "G") else "Your digest"


def following(subscribed: Subscribed) -> str:
    """When the next one comes; empty when none does."""
    if subscribed.next_on is None or subscribed.stopped:
        return ""
    weekday = tuple(WEEKDAYS.values())[subscribed.next_on.weekday()]
    return f"The next one comes on {weekday}, {date(subscribed.next_on)}."


def paused(subscribed: Subscribed) -> str:
    """What is said when it was paused."""
    until = f" until {date(subscribed.paused_until)}" if subscribed.paused_until else ""
    return f"{whose(subscribed.reader)} is paused{until}. {following(subscribed)}".strip()


def ended(reader: str) -> str:
    """What is said when there is no digest any more."""
    if reader[:1] in ("C", "G"):
        return f"<#{reader}> gets no more digests. `/friction digest #channel` brings them back."
    return "You get no more digests. `/friction digest` brings them back."


def short_day(moment: dt.date) -> str:
    """`3 Nov`."""
    return f"{moment.day} {MONTHS[moment.month - 1][:3]}"


def date(day: dt.date) -> str:
    """`8 December`."""
    return f"{day.day} {MONTHS[day.month - 1]}"


def controls(reader: str) -> list[Block]:
    """What can be done about a digest, in the digest itself."""
    pauses = [blocks.option(label, f"{reader}:{weeks}") for weeks, label in PAUSES.items()]
    return [
        blocks.button("Settings", "digest_settings", reader),
        blocks.menu("Pause", "digest_pause", pauses),
        blocks.button("Unsubscribe", "digest_unsubscribe", reader),
    ]


def told(news: str, reader: str, *, undo: str = "") -> Message:
    """What was done about a digest. `undo`: the action that takes it back, if it can be taken back."""
    layout = [blocks.line(news)]
    if undo:
        label = "Undo" if undo == "digest_undo" else "Resume"
        layout.append(blocks.row([blocks.button(label, undo, reader)]))
    return Message(news, layout)


def state(subscribed: Subscribed) -> list[Block]:
    """A digest in the App Home: how it stands, and what can be done about it."""
    halted = subscribed.paused_until or subscribed.stopped
    settings, pause, _ = controls(subscribed.reader)
    change = blocks.button("Resume", "digest_resume", subscribed.reader) if halted else pause
    said = [f"{words(subscribed, whose(subscribed.reader))}.", following(subscribed)]
    return [blocks.line(" ".join(filter(None, said))), blocks.row([settings, change])]
