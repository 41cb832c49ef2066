"""Whoever pastes a secret is told privately to rotate it, by whichever gesture it came; and it is kept nowhere."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from conftest import ADA, ANA, BACKEND, BEN, DOCS, Team, stored
from fakes.slack import FakeSlack
from test_listeners import Door, Work, backend, buttons, clock, door, door_to, way  # noqa: F401

from bot.flows.kit import Kit

TOKEN = "ghp_" + "Zq7aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zab"
LEAKY = f"the deploy docs do not say why {TOKEN} is refused"
ROTATE = "please rotate it"


def write(slack: FakeSlack, words: str) -> dict[str, Any]:
    """Ana writes a message in a channel."""
    slack.said(BACKEND, ANA, words)
    return slack.channels[BACKEND].messages[-1]


async def command(door: Door, slack: FakeSlack, work: Work) -> Any:
    return await door.command(LEAKY)


async def find(door: Door, slack: FakeSlack, work: Work) -> Any:
    return await door.command(f"find {LEAKY}")


async def form(door: Door, slack: FakeSlack, work: Work) -> Any:
    await door.command("")
    await door.submit(words=LEAKY)
    await work()
    return [each.body for each in slack.answers]


async def unnamed_form(door: Door, slack: FakeSlack, work: Work) -> Any:
    await door.command("")
    return await door.submit(words=LEAKY, anonymous=["yes"])


async def detail(door: Door, slack: FakeSlack, work: Work) -> Any:
    told = await door.command(DOCS)
    await door.click("report_detail", buttons(told)["report_detail"])
    await door.submit(words=LEAKY)
    await work()
    return [each.body for each in slack.answers]


async def message_shortcut(door: Door, slack: FakeSlack, work: Work) -> Any:
    await door.send(door.a_message_shortcut(write(slack, LEAKY), ANA))
    await work()
    return [each.body for each in slack.answers]


async def flag_of_ones_own(door: Door, slack: FakeSlack, work: Work) -> Any:
    message = write(slack, LEAKY)
    await door.react(ANA, BACKEND, message["ts"], "triangular_flag_on_post", author=ANA)
    await work()
    return slack.told(ANA)


async def flag_by_somebody_else(door: Door, slack: FakeSlack, work: Work) -> Any:
    message = write(slack, LEAKY)
    await door.react(BEN, BACKEND, message["ts"], "triangular_flag_on_post", author=ANA)
    await work()
    return slack.told(ANA)


async def edit(door: Door, slack: FakeSlack, work: Work) -> Any:
    message = write(slack, DOCS)
    await door.react(BEN, BACKEND, message["ts"], "triangular_flag_on_post", author=ANA)
    await work()
    assert ROTATE not in json.dumps(slack.told(ANA))
    changed = message | {"text": LEAKY, "edited": {"user": ANA, "ts": slack.ts()}}
    await door.event(type="message", subtype="message_changed", channel=BACKEND, message=changed)
    await work(minutes=1)
    return slack.told(ANA)


async def rename(door: Door, slack: FakeSlack, work: Work) -> Any:
    await door.command(DOCS)
    await work()
    await door.send(door.a_click("cluster_desk", "rename:1", ADA, menu=True))
    await door.submit(ADA, title=f"Docs and {TOKEN}")
    await work()
    return [each.body for each in slack.answers]


GESTURES = (command, find, form, unnamed_form, detail, message_shortcut, flag_of_ones_own, flag_by_somebody_else, edit)


@pytest.mark.parametrize("gesture", [*GESTURES, rename], ids=lambda gesture: str(gesture.__name__))
async def test_a_secret_is_kept_nowhere_and_who_pasted_it_is_told_to_rotate_it(
    gesture: Any,
    door: Door,
    kit: Kit,
    slack: FakeSlack,
    team: Team,
    work: Work,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    told = json.dumps(await gesture(door, slack, work))
    await work(minutes=1)
    assert ROTATE in told
    assert TOKEN not in told
    assert TOKEN not in await stored(kit.database)
    assert TOKEN not in "".join(str(vars(record)) for record in caplog.records if record.name.startswith("bot"))
    sent = [message for each in slack.channels.values() for message in each.messages if message.get("bot_id")]
    assert TOKEN not in json.dumps([sent, slack.views, slack.homes, [each.body for each in slack.answers]])
