"""What becomes of a cluster, by Slack's own gestures: its status, who sees to it and how long it rests."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import ADA, BEN, CEM, DORA, LEA, TIM, Team
from fakes.slack import FakeSlack
from test_desk import on_a_card, open_form, send_form, subscribe, two
from test_listeners import (  # noqa: F401
    Door,
    Work,
    backend,
    clock,
    door,
    door_to,
    rows,
    way,
)

import storage.clusters
from bot import clock as clocks
from bot.flows import assign, snooze, status
from bot.flows import digest as digests
from bot.flows.kit import Kit
from storage.models import Cluster


async def cluster(kit: Kit, cluster_id: int = 1) -> Cluster:
    async with kit.database.reading() as session:
        found = await storage.clusters.get(session, kit.house.workspace_id, cluster_id)
    assert found is not None
    return found


def said(slack: FakeSlack) -> str:
    """What stands in the form that is open."""
    return json.dumps(slack.views[-1], ensure_ascii=False)


async def test_a_status_is_set_by_a_form_that_shows_what_people_will_read_and_how_many(
    door: Door, kit: Kit, team: Team, slack: FakeSlack, work: Work
) -> None:
    await two(door, work)
    for by in (LEA, DORA):
        await team.vote(by)
    await open_form(door, "status:1", **on_a_card(slack))
    for filled, field, complaint in (
        ({"status": "planned"}, "reason", "People will be told: a sentence why, please."),
        ({"status": "planned", "reason": "soon", "link": "nowhere"}, "link", "A whole address, please: https://…"),
        ({"status": "new", "reason": "a" * 501}, "reason", "At most 500 characters, please."),
    ):
        assert (await send_form(door, slack, **filled))["errors"] == {field: complaint}
    why = "use --token abcdef123456 until then"
    await send_form(door, slack, status="planned", reason=why, link="https://tickets.example/1")
    assert "“F-1 is planned: use --token ‹secret removed› until then. (Ada)”" in said(slack)
    assert "3 people who reported it or voted for it will read:" in said(slack)
    assert "<https://tickets.example/1|Ticket>" in said(slack)
    assert (await cluster(kit)).status == "new"
    for _ in range(2):  # a double click
        await send_form(door, slack)
    await work()
    (answer,) = slack.answers
    assert answer.text.startswith("F-1 is planned now. I removed a secret before saving.")
    assert "docs · planned" in team.card()
    undoing = answer.body["blocks"][0]["accessory"]
    await door.click(undoing["action_id"], undoing["value"], by=ADA)
    await work(minutes=1)
    assert slack.answers[-1].text == "Undone. F-1 is open again."
    assert "planned" not in team.card()


async def test_a_status_chosen_in_a_digest_opens_the_form_with_it_and_the_digest_is_drawn_anew(
    door: Door, kit: Kit, slack: FakeSlack, work: Work
) -> None:
    await subscribe(kit, "all")
    await two(door, work)
    await digests.send_now(kit, TIM, clocks.now())
    await work()
    (sent,) = slack.posted(f"D{TIM}")
    menus = [
        each
        for block in sent["blocks"]
        for each in block.get("elements", [])
        if each.get("action_id") == "cluster_status"
    ]
    assert [menu["initial_option"]["value"] for menu in menus] == ["status:1:new", "status:2:new"]
    place = {"container": {"type": "message", "message_ts": sent["ts"], "channel_id": f"D{TIM}"}}
    await door.send(door.a_click("cluster_status", "status:1:acknowledged", TIM, menu=True) | place)
    (chosen,) = [block["element"] for block in slack.views[-1]["blocks"] if block.get("block_id") == "status"]
    assert chosen["initial_option"]["value"] == "acknowledged"
    await send_form(door, slack, TIM, status="acknowledged", reason="We look into it.")
    assert "Nobody is sent a message." in said(slack)
    await send_form(door, slack, TIM)
    await work(minutes=1)
    (drawn,) = slack.posted(f"D{TIM}")
    assert "docs · acknowledged" in drawn["text"]
    answer = slack.answers[-1]
    assert answer.text == "F-1 is acknowledged now."
    undoing = answer.body["blocks"][0]["accessory"]
    await door.click(undoing["action_id"], undoing["value"], by=TIM)
    await work(minutes=1)
    (drawn,) = slack.posted(f"D{TIM}")
    assert "acknowledged" not in drawn["text"]


async def test_who_is_slower_is_told_in_the_form_and_keeps_their_words(
    door: Door, kit: Kit, slack: FakeSlack, work: Work
) -> None:
    await subscribe(kit, "all")
    await two(door, work)
    await open_form(door, "status:1")
    await send_form(door, slack, status="declined", reason="Not ours.")
    await status.set_status(kit, 1, "planned", "soon", "", TIM, clocks.now(), was="new")
    await send_form(door, slack)
    assert "Tim has set it to planned meanwhile" in said(slack) and "Not ours." in said(slack)
    await send_form(door, slack, status="declined", reason="Not ours.")
    await send_form(door, slack)
    assert (await cluster(kit)).status == "declined"
    await open_form(door, "status:1")
    assert "Not ours." in said(slack)  # the words that stand are there to be put better


async def test_assigning_opens_with_oneself_and_show_has_a_shortcut(
    door: Door, kit: Kit, slack: FakeSlack, work: Work
) -> None:
    await two(door, work)
    await open_form(door, "assign:1")
    await send_form(door, slack)
    assert (await cluster(kit)).owner == ADA
    await open_form(door, "assign:1")
    await send_form(door, slack, nobody=["yes"])
    assert (await cluster(kit)).owner == ""
    shown = json.dumps(await door.command("show F-1", by=ADA))
    assert "cluster_take" in shown
    assert "cluster_take" not in json.dumps(await door.command("show F-1", by=CEM))
    await door.click("cluster_take", "1:", by=CEM)
    await work()
    assert "Only who looks after docs can change that. Ask Ada" in slack.answers[-1].text
    for _ in range(2):
        await door.click("cluster_take", "1:", by=ADA)
        await work()
    assert (await cluster(kit)).owner == ADA
    answer = slack.answers[-1]
    assert answer.body["replace_original"] is True
    assert answer.text.startswith("You see to F-1 now.")
    assert "You took this on" in answer.text
    assert "Assign to me" not in json.dumps(answer.body)


async def test_a_rest_is_given_by_a_form_and_somebody_slower_is_told(
    door: Door, kit: Kit, slack: FakeSlack, work: Work
) -> None:
    await subscribe(kit, "all")
    await two(door, work)
    await open_form(door, "snooze:1")
    assert "Until 2 developers have it; 1 have now" in said(slack)
    await assign.assign(kit, 1, BEN, TIM, clocks.now(), was="")
    await snooze.snooze(kit, 1, "4", TIM, clocks.now(), was="")
    await send_form(door, slack, rest="doubles")
    assert "Tim has let it rest until" in said(slack) and "Not any more" in said(slack)
    await send_form(door, slack, rest="wake")
    assert (await cluster(kit)).snoozed_at is None
    await open_form(door, "assign:1")
    await assign.assign(kit, 1, CEM, TIM, clocks.now(), was=BEN)
    await send_form(door, slack, owner=ADA)
    assert "Tim has given it to Cem meanwhile" in said(slack)
    await send_form(door, slack, owner=ADA)
    assert (await cluster(kit)).owner == ADA


@pytest.mark.parametrize("action", ["cluster_status", "cluster_take"])
async def test_a_value_that_we_never_gave_sets_nothing(door: Door, kit: Kit, work: Work, action: str) -> None:
    await two(door, work)
    before = await rows(kit, "clusters")
    values: list[Any] = ["", "status", "status:1", "status:1:wontfix", "status:99:planned", "9" * 40, "x:", "99:", "::"]
    for value in values:
        await door.click(action, value, by=ADA)
    await work()
    assert await rows(kit, "clusters") == before
