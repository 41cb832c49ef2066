"""Deciding about clusters by Slack's own gestures: menus, forms, answers and undo, through the whole app."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import ADA, BEN, CARDS, CEM, DOCS, DOCS_TOO, TIM, VPN, Team
from fakes.slack import FakeSlack
from test_listeners import (  # noqa: F401
    Door,
    Json,
    Work,
    _option,
    backend,
    buttons,
    clock,
    door,
    door_to,
    rows,
    way,
)

import storage.subscriptions
from bot import clock as clocks
from bot.flows import digest as digests
from bot.flows import rename
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit
from classifiers import grouping


async def handles(kit: Kit) -> list[str]:
    return [row["cluster"] for row in await rows(kit)]


async def subscribe(kit: Kit, areas: str) -> None:
    """Let Tim get digests of these areas, and so look after them."""
    now = clocks.now()
    await subscriptions.subscribe(kit, TIM, areas=areas, every="week", weekday="mon", at="09:00", tz="UTC", now=now)


async def open_form(door: Door, gesture: str, by: str = ADA, **more: Any) -> None:
    """Choose from ⋯ on a card, or wherever it stands."""
    await door.send(door.a_click("cluster_desk", gesture, by, menu=True) | more)


def on_a_card(slack: FakeSlack, number: int = 0) -> Json:
    ts = slack.posted(CARDS)[number]["ts"]
    return {"container": {"type": "message", "message_ts": ts, "channel_id": CARDS, "is_ephemeral": False}}


async def send_form(door: Door, slack: FakeSlack, by: str = ADA, **filled: Any) -> Json:
    """Fill the form in and send it; what Slack shows instead of it is what is filled in next."""
    opened = slack.views[-1]
    values: Json = {}
    for block in opened["blocks"]:
        if block["type"] == "input":
            given = filled.get(block["block_id"])
            element: Json = {"type": block["element"]["type"]}
            if element["type"] == "plain_text_input":
                element["value"] = given
            elif element["type"] == "users_select":
                element["selected_user"] = given or block["element"].get("initial_user")
            elif element["type"] == "checkboxes":
                element["selected_options"] = [_option(each) for each in given or ()]
            else:
                element["selected_option"] = _option(given) if given else None
            values[block["block_id"]] = {"value": element}
    view = {key: value for key, value in opened.items() if key != "trigger_id"} | {"state": {"values": values}}
    _, answer = await door.send(door._gesture("view_submission", by) | {"view": view, "response_urls": []})
    if answer.get("response_action") == "update":
        slack.views[-1] = opened | answer["view"]
    return answer


async def two(door: Door, work: Work) -> None:
    await door.command(DOCS)
    await door.command(VPN, by=BEN)
    await work()


async def test_merging_from_the_card_asks_which_then_says_what_will_happen_then_does_it_and_can_be_undone(
    door: Door,
    kit: Kit,
    team: Team,
    slack: FakeSlack,
    work: Work,
) -> None:
    await two(door, work)
    await open_form(door, "merge:2", **on_a_card(slack, 1))
    await send_form(door, slack, words="f-1")
    said = json.dumps(slack.views[-1], ensure_ascii=False)
    assert f"F-2 “{VPN}” becomes part of F-1 “{DOCS}”." in said
    assert "F-1 then has 2 reports and 2 developers, each counted once." in said
    assert await handles(kit) == ["F-1", "F-2"]
    for _ in range(2):  # a double click
        await send_form(door, slack)
    await work()
    assert await handles(kit) == ["F-1", "F-1"]
    (answer,) = slack.answers
    assert answer.text == "F-2 is part of F-1 now."
    assert answer.body["replace_original"] is False  # what everybody sees is no place for one person's answer
    undo = answer.body["blocks"][0]["accessory"]
    await door.click(undo["action_id"], undo["value"], by=ADA)
    await work(minutes=1)
    assert slack.answers[-1].text == "Undone. F-2 stands by itself again."
    assert await handles(kit) == ["F-1", "F-2"]
    assert team.card(1).startswith(f"F-2 {VPN}")


async def test_a_cluster_to_merge_with_is_found_by_words_and_what_is_none_is_said_at_the_field(
    door: Door,
    kit: Kit,
    slack: FakeSlack,
    work: Work,
) -> None:
    await two(door, work)
    await open_form(door, "merge:1")
    for typed, complaint in (
        ("", "Choose one, or say which: F-9, or a few words."),
        ("F-99", "There is no F-99."),
        ("F-1", "That is F-1 itself."),
        ("zanzibar quokka", "Nothing like that has been reported."),
    ):
        assert (await send_form(door, slack, words=typed))["errors"] == {"words": complaint}
    await send_form(door, slack, words="VPN access")
    (choice,) = [block for block in slack.views[-1]["blocks"] if block.get("block_id") == "choice"]
    (option,) = choice["element"]["options"]
    assert option["text"]["text"] == f"F-2 {VPN}"
    await send_form(door, slack, choice=option["value"])
    await send_form(door, slack)
    assert await handles(kit) == ["F-1", "F-1"]


async def test_show_has_the_desk_for_who_may_and_is_drawn_anew_with_what_was_decided(
    door: Door,
    kit: Kit,
    slack: FakeSlack,
    work: Work,
) -> None:
    await two(door, work)
    assert "overflow" not in json.dumps(await door.command("show F-1", by=CEM))
    shown = await door.command("show F-1", by=ADA)
    (menu,) = [block["accessory"] for block in shown["blocks"] if "accessory" in block]
    assert [option["value"] for option in menu["options"]] == ["status:1", "assign:1", "snooze:1", "merge:1", "more:1"]
    await open_form(door, "more:1")
    await send_form(door, slack, gesture="rename")
    await send_form(door, slack, title="Docs show removed flags")
    await work()
    answer = slack.answers[-1]
    assert answer.body["replace_original"] is True
    assert answer.text.startswith(
        "F-1 is called “Docs show removed flags” now. F-1 Docs show removed flags. 1 developer. docs · new."
    )
    assert "You called this “Docs show removed flags”" in answer.text
    undo = answer.body["blocks"][0]["accessory"]
    await door.click(undo["action_id"], undo["value"], by=ADA)
    await work()
    assert slack.answers[-1].body["replace_original"] is True
    assert f"F-1 {DOCS}. 1 developer. docs · new." in slack.answers[-1].text


async def test_splitting_from_the_desk_shows_what_contradicts_it_with_names_and_both_choices(
    door: Door,
    kit: Kit,
    slack: FakeSlack,
    work: Work,
) -> None:
    await two(door, work)
    await open_form(door, "merge:2", TIM)
    assert "Only who looks after onboarding can change that. Ask Ada" in (await _told(slack, work))
    await subscriptions.subscribe(
        kit, TIM, areas="all", every="week", weekday="mon", at="09:00", tz="UTC", now=clocks.now()
    )
    await open_form(door, "merge:2", TIM)
    await send_form(door, slack, TIM, words="F-1")
    await send_form(door, slack, TIM)
    await open_form(door, "split:1")
    assert (await send_form(door, slack))["errors"] == {"reports0": "Choose the reports that are another problem."}
    await send_form(door, slack, reports0=["2"])
    said = json.dumps(slack.views[-1], ensure_ascii=False)
    assert "Tim merged F-2 into F-1" in said
    assert ("Split anyway" in said, "Leave it" in said) == (True, True)
    assert await handles(kit) == ["F-1", "F-1"]
    await send_form(door, slack)
    assert await handles(kit) == ["F-1", "F-3"]


async def _told(slack: FakeSlack, work: Work) -> str:
    await work()
    return slack.answers[-1].text


async def test_a_name_that_somebody_gave_meanwhile_is_shown_in_the_form(
    door: Door,
    kit: Kit,
    slack: FakeSlack,
    work: Work,
) -> None:
    await two(door, work)
    await open_form(door, "rename:1")
    await subscriptions.subscribe(
        kit, TIM, areas="all", every="week", weekday="mon", at="09:00", tz="UTC", now=clocks.now()
    )
    await rename.rename(kit, 1, "Tim’s", TIM, clocks.now(), was="")
    await send_form(door, slack, title="Ada’s")
    assert "Tim has named it “Tim’s” meanwhile" in json.dumps(slack.views[-1], ensure_ascii=False)
    assert (await rows(kit, "clusters"))[0]["title"] == "Tim’s"
    await send_form(door, slack, title="Ada’s")
    assert (await rows(kit, "clusters"))[0]["title"] == "Ada’s"
    await open_form(door, "area:1")
    await send_form(door, slack, area="errors")
    assert (await rows(kit, "clusters"))[0]["area"] == "errors"


@pytest.mark.parametrize("gesture", ["suggest_same", "suggest_different"])
async def test_the_reporter_answers_with_one_tap_and_takes_it_back_with_another(
    door: Door,
    kit: Kit,
    slack: FakeSlack,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
    gesture: str,
) -> None:
    await door.command(DOCS)
    await work()
    monkeypatch.setattr(grouping, "JOIN", 1.1)
    told = await door.command(DOCS_TOO, by=BEN)
    assert f"Same as F-1 “{DOCS}” (1 developer)?" in told["text"]
    for _ in range(2):
        await door.click(gesture, buttons(told)[gesture], by=BEN)
        await work()
    assert await handles(kit) == (["F-1", "F-1"] if gesture == "suggest_same" else ["F-1", "F-2"])
    answer = slack.answers[-1]
    assert answer.body["replace_original"] is True
    assert "Same as" not in answer.text
    undo = answer.body["blocks"][0]["accessory"]
    await door.click(undo["action_id"], undo["value"], by=BEN)
    await work()
    assert await handles(kit) == ["F-1", "F-2"]
    assert "Same as F-1" in slack.answers[-1].text
    await door.click(gesture, buttons(told)[gesture], by=CEM)
    await work()
    assert "Only who looks after docs can change that" in slack.answers[-1].text


async def test_the_reporter_is_asked_of_several_and_answers_all_of_them_with_one_tap(
    door: Door, kit: Kit, slack: FakeSlack, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "JOIN", 1.1)
    await door.command(DOCS)
    await door.command(DOCS_TOO)
    told = await door.command(DOCS, by=BEN)
    assert "Same as one of these: F-1 " in told["text"] and "; F-2 " in told["text"]
    asked = [block["accessory"]["text"]["text"] for block in told["blocks"] if block.get("accessory")]
    assert asked == ["Same", "Same"]
    none = buttons(told)["suggest_none"]
    await door.click("suggest_none", none, by=CEM)
    await work()
    assert slack.answers[-1].body["replace_original"] is False
    for _ in range(2):
        await door.click("suggest_none", none, by=BEN)
        await work()
        answer = slack.answers[-1]
        assert "F-3 is none of F-1 and F-2. I will not ask again." in answer.text
        assert "Same as" not in answer.text
    undo = answer.body["blocks"][0]["accessory"]
    await door.click(undo["action_id"], undo["value"], by=BEN)
    await work()
    assert "Same as one of these: F-1 " in slack.answers[-1].text
    same = [block["accessory"]["value"] for block in told["blocks"] if block.get("accessory")]
    await door.click("suggest_same", same[1], by=BEN)
    await work()
    assert await handles(kit) == ["F-1", "F-2", "F-2"]
    assert "Same as" not in slack.answers[-1].text


async def test_what_contradicts_an_answer_is_shown_with_both_choices(
    door: Door,
    kit: Kit,
    slack: FakeSlack,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await door.command(DOCS)
    await work()
    monkeypatch.setattr(grouping, "JOIN", 1.1)
    told = await door.command(DOCS_TOO, by=BEN)
    value = buttons(told)["suggest_same"].partition(":")[0]
    await door.click("suggest_different", value, by=ADA)
    await door.click("suggest_same", buttons(told)["suggest_same"], by=BEN)
    await work()
    asked = slack.answers[-1]
    assert asked.text.startswith("Ada said that F-2 is not the same as F-1")
    assert asked.body["replace_original"] is False
    assert await handles(kit) == ["F-1", "F-2"]
    choices = buttons(asked.body)
    await door.click("leave", choices["leave"], by=BEN)
    await work()
    assert slack.answers[-1].text == "Left as it is."
    assert await handles(kit) == ["F-1", "F-2"]
    await door.click("insist", choices["insist"], by=CEM)  # somebody else's choice
    await work()
    assert await handles(kit) == ["F-1", "F-2"]
    await door.click("insist", choices["insist"], by=BEN)
    await work()
    assert await handles(kit) == ["F-1", "F-1"]


async def test_a_digest_asks_and_is_drawn_anew_in_place_with_the_answer_and_an_undo(
    door: Door,
    kit: Kit,
    slack: FakeSlack,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await subscriptions.subscribe(
        kit, TIM, areas="docs", every="week", weekday="mon", at="09:00", tz="UTC", now=clocks.now()
    )
    await door.command(DOCS)
    await work()
    monkeypatch.setattr(grouping, "JOIN", 1.1)
    await door.command(DOCS_TOO, by=BEN)
    await digests.send_now(kit, TIM, clocks.now())
    await work()
    (digest,) = slack.posted(f"D{TIM}")
    asked = f"Suggested: F-2 “{DOCS_TOO}” (1 report) looks like F-1 “{DOCS}”."
    assert asked in json.dumps(digest["blocks"], ensure_ascii=False)
    async with kit.database.transaction() as session:
        sent = await storage.subscriptions.get_digest(session, kit.house.workspace_id, 1)
        assert sent is not None
        sent.until = clocks.now()  # the bot's clock is ahead of the gestures' here
    place = {"container": {"type": "message", "message_ts": digest["ts"], "channel_id": f"D{TIM}"}}
    await door.send(door.a_click("suggest_same", buttons(digest)["suggest_same"], TIM) | place)
    await work(minutes=1)
    (digest,) = slack.posted(f"D{TIM}")
    said = json.dumps(digest["blocks"], ensure_ascii=False)
    assert asked not in said
    assert "You merged F-2 into F-1" in said
    assert slack.answers == []
    undo = next(
        block["accessory"] for block in digest["blocks"] if block.get("accessory", {}).get("action_id") == "fact_undo"
    )
    await door.send(door.a_click("fact_undo", undo["value"], TIM) | place)
    await work(minutes=1)
    (digest,) = slack.posted(f"D{TIM}")
    assert asked in json.dumps(digest["blocks"], ensure_ascii=False)
    assert await handles(kit) == ["F-1", "F-2"]


@pytest.mark.parametrize("action", ["cluster_desk", "fact_undo", "suggest_same", "insist", "suggest_split", "leave"])
async def test_a_value_that_we_never_gave_decides_nothing(
    door: Door,
    kit: Kit,
    work: Work,
    action: str,
) -> None:
    await two(door, work)
    before = await rows(kit, "clusters")
    for value in (
        "",
        "abc",
        "merge",
        "merge:99",
        "merge:-1",
        "fly:1",
        "1:1:1",
        "9" * 40,
        "٣",
        "1/2/3/4",
        "/same/1",
        "::",
    ):
        await door.click(action, value, by=ADA)
    await work()
    assert await rows(kit, "clusters") == before
