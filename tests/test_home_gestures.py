"""What is pressed in the App Home, by Slack's own payloads through the whole app: it is answered by drawing it anew."""

from __future__ import annotations

import json
from typing import Any

from conftest import ADA, ANA, BEN, DOCS, VPN, Team
from fakes.slack import FakeSlack
from shown import plain_words
from test_home import numbered
from test_listeners import (  # noqa: F401
    Door,
    Json,
    Work,
    backend,
    clock,
    door,
    door_to,
    rows,
    way,
)

from bot.flows import workaround
from bot.flows.kit import Kit


def from_home(door: Door, action: str, value: str, by: str, *, menu: bool = False) -> Json:
    body = door.a_click(action, value, by, menu=menu)
    del body["response_url"], body["channel"]
    body["container"] = {"type": "view", "view_id": "V1"}
    body["view"] = {"type": "home", "id": "V1", "callback_id": "", "state": {"values": {}}}
    return body


async def test_what_is_chosen_is_drawn(door: Door, slack: FakeSlack, work: Work) -> None:
    for number in range(12):
        await door.command(" ".join(f"{chr(97 + (number + at) % 26) * 7}" for at in range(3)))
    await door.event(type="app_home_opened", user=ADA, channel="D1", tab="home")
    await work()
    await door.send(from_home(door, "home_next", "1", ADA))
    await work(seconds=10)
    assert numbered(slack.homes[ADA]) == [11, 12]
    await door.send(from_home(door, "home_status", "declined", ADA, menu=True))
    await work(seconds=10)
    assert "Nothing is like that." in plain_words(slack.homes[ADA])


async def test_a_report_is_taken_back_from_the_home(door: Door, slack: FakeSlack, work: Work) -> None:
    await door.command(DOCS)
    await door.event(type="app_home_opened", user=ANA, channel="D1", tab="home")
    await work()
    (button,) = (each for each in _elements(slack.homes[ANA]) if each["action_id"] == "report_undo")
    for _ in range(2):
        await door.send(from_home(door, "report_undo", button["value"], ANA))
    await work(seconds=10)
    assert DOCS not in plain_words(slack.homes[ANA])


async def test_what_one_reported_or_voted_for_is_a_problem_no_more_and_again_by_one_tap_in_the_home(
    door: Door, kit: Kit, team: Team, slack: FakeSlack, work: Work
) -> None:
    await door.command(DOCS)
    await door.command(VPN, by=BEN)
    await work()
    # A workaround that she is given is news, too, of which nobody notes where it was told.
    await workaround.write(kit, 2, "ask in the morning", ADA, team.clock(), was="")
    await team.vote(ANA, card=1)
    await door.event(type="app_home_opened", user=ANA, channel="D1", tab="home")
    await work()
    for pressed, counted in (("hearing_leave", [0, 1]), ("hearing_return", [1, 2])):
        button, menu = (each for each in _elements(slack.homes[ANA]) if each["action_id"] == pressed)
        (option,) = menu["options"]
        assert (button["value"], option["value"]) == ("1", "2") and VPN in option["text"]["text"]
        await door.send(from_home(door, pressed, button["value"], ANA))
        await door.send(from_home(door, pressed, option["value"], ANA, menu=True))
        await work(seconds=10)
        assert [row["developers"] for row in await rows(kit, "clusters")] == counted


async def test_what_is_decided_in_the_home_is_shown_there_with_its_undo(
    door: Door, slack: FakeSlack, work: Work
) -> None:
    await door.command(DOCS)
    await door.event(type="app_home_opened", user=ADA, channel="D1", tab="home")
    await work()
    await door.send(from_home(door, "cluster_desk", "rename:1", ADA, menu=True))
    await door.send(door.a_submission(ADA, title="Flags that are gone"))
    await work(seconds=10)
    assert "1. Flags that are gone" in plain_words(slack.homes[ADA])
    (undo,) = (each for each in _elements(slack.homes[ADA]) if each["action_id"] == "fact_undo")
    await door.send(from_home(door, "fact_undo", undo["value"], ADA))
    await work(seconds=10)
    assert f"1. {DOCS}" in plain_words(slack.homes[ADA])
    assert "fact_undo" not in json.dumps(slack.homes[ADA])


async def test_who_may_not_decide_is_told_so_where_they_pressed(door: Door, slack: FakeSlack, work: Work) -> None:
    await door.command(DOCS)
    await work()
    await door.send(from_home(door, "cluster_desk", "rename:1", BEN, menu=True))
    assert "can change that" in plain_words(slack.views[-1])


def _elements(shown: Json) -> list[dict[str, Any]]:
    found = [each for block in shown["blocks"] for each in block.get("elements", []) if "action_id" in each]
    return found + [block["accessory"] for block in shown["blocks"] if "accessory" in block]
