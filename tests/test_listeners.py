"""Slack's own payloads through the whole app, signed over HTTP and as Socket Mode hands them over."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from aiohttp.test_utils import TestClient, TestServer
from conftest import (
    ADA,
    ANA,
    BACKEND,
    BEN,
    CARDS,
    CEM,
    DOCS,
    DOCS_TOO,
    LEA,
    SECRET,
    TIM,
    VPN,
    Clock,
    Team,
    stored,
)
from fakes import slack as fakes
from fakes.slack import FakeSlack
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from bot import app
from bot import clock as clocks
from bot.flows import digest as digests
from bot.flows import export, outbox
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit
from bot.listeners import http
from bot.settings import Settings
from bot.slack import Identity
from classifiers import areas
from storage.database import Database

Work = Callable[..., Awaitable[None]]
Json = dict[str, Any]

SECRET_KEY = "signing-secret"

#: A report as Slack hands it over, and as it was typed.
LOUD = "docs ping <!channel> <@U1> <https://evil|https://good> &lt;!here&gt;"
LOUD_TYPED = "docs ping <!channel> <@U1> <https://evil|https://good> <!here>"


class Door:
    """The app, and both ways into it. What Slack would see of an answer is its status and its body."""

    def __init__(self, bolt: AsyncApp, slack: FakeSlack, *, socket: bool) -> None:
        self.bolt, self.slack, self.socket = bolt, slack, socket
        self._count = 0

    # What Slack sends

    async def command(self, typed: str, by: str = ANA, **more: str) -> Json:
        """`/friction typed`; gives back what the person sees."""
        status, body = await self.send(self.a_command(typed, by, **more))
        assert status == 200
        return body

    def a_command(self, typed: str, by: str = ANA, **more: str) -> Json:
        return {
            "token": "legacy",
            "team_id": self.slack.team,
            "team_domain": "acme",
            "channel_id": BACKEND,
            "channel_name": "backend",
            "user_id": by,
            "user_name": by.lower(),
            "command": "/friction",
            "text": typed,
            "api_app_id": "A0APP",
            "is_enterprise_install": "false",
            "response_url": self.slack.response_url(),
            "trigger_id": self.slack.trigger(),
        } | more

    def _gesture(self, type_: str, by: str) -> Json:
        return {
            "type": type_,
            "token": "legacy",
            "team": {"id": self.slack.team, "domain": "acme"},
            "user": {"id": by, "username": by.lower(), "team_id": self.slack.team},
            "api_app_id": "A0APP",
            "is_enterprise_install": False,
            "enterprise": None,
            "trigger_id": self.slack.trigger(),
        }

    def a_click(
        self, action_id: str, value: str, by: str = ANA, *, menu: bool = False, channel: str = "backend"
    ) -> Json:
        self._count += 1
        chosen: Json = {"type": "button", "value": value}
        if menu:
            chosen = {"type": "static_select", "selected_option": _option(value)}
        action = {"action_id": action_id, "block_id": "b", "action_ts": f"1548426417.{self._count:06}", **chosen}
        return self._gesture("block_actions", by) | {
            "container": {"type": "message", "message_ts": "1.1", "channel_id": BACKEND, "is_ephemeral": True},
            "channel": {"id": BACKEND, "name": channel},
            "state": {"values": {}},
            "response_url": self.slack.response_url(),
            "actions": [action],
        }

    async def click(self, action_id: str, value: str, by: str = ANA, **more: Any) -> None:
        status, _ = await self.send(self.a_click(action_id, value, by, **more))
        assert status == 200

    def a_submission(self, by: str = ANA, **filled: Any) -> Json:
        """The form that was opened last, filled in and sent."""
        opened = self.slack.views[-1]
        values: Json = {}
        for block in opened["blocks"]:
            if block["type"] != "input":
                continue
            given = filled.get(block["block_id"])
            element: Json = {"type": block["element"]["type"]}
            match element["type"]:
                case "plain_text_input":
                    element["value"] = given
                case "datepicker":
                    element["selected_date"] = given
                case "checkboxes":
                    element["selected_options"] = [_option(each) for each in given or ()]
                case _:
                    element["selected_option"] = _option(given) if given else None
            values[block["block_id"]] = {"value": element}
        view = {**opened, "hash": "156772938.1827394", "state": {"values": values}, "team_id": self.slack.team}
        del view["trigger_id"]
        return self._gesture("view_submission", by) | {"view": view, "response_urls": []}

    async def submit(self, by: str = ANA, **filled: Any) -> Json:
        status, body = await self.send(self.a_submission(by, **filled))
        assert status == 200
        return body

    def a_shortcut(self, by: str = ANA) -> Json:
        return self._gesture("shortcut", by) | {"callback_id": "friction_report_global", "action_ts": self.slack.ts()}

    def a_message_shortcut(self, message: Json, by: str, channel: str = BACKEND, name: str = "backend") -> Json:
        return self._gesture("message_action", by) | {
            "callback_id": "friction_report_message",
            "action_ts": self.slack.ts(),
            "message_ts": message["ts"],
            "message": message,
            "channel": {"id": channel, "name": name},
            "response_url": self.slack.response_url(),
        }

    def an_event(self, **event: Any) -> Json:
        self._count += 1
        return {
            "token": "legacy",
            "team_id": self.slack.team,
            "api_app_id": "A0APP",
            "event": {"event_ts": self.slack.ts(), **event},
            "type": "event_callback",
            "event_id": f"Ev{self._count:08}",
            "event_time": 1548426417,
            "authorizations": [
                {"enterprise_id": None, "team_id": self.slack.team, "user_id": fakes.BOT, "is_bot": True}
            ],
            "is_ext_shared_channel": False,
        }

    def a_reaction(self, by: str, channel: str, ts: str, emoji: str, author: str, *, on: bool = True) -> Json:
        return self.an_event(
            type="reaction_added" if on else "reaction_removed",
            user=by,
            reaction=emoji,
            item_user=author,
            item={"type": "message", "channel": channel, "ts": ts},
        )

    async def react(self, by: str, channel: str, ts: str, emoji: str = "+1", *, author: str, on: bool = True) -> None:
        status, _ = await self.send(self.a_reaction(by, channel, ts, emoji, author, on=on))
        assert status == 200

    async def confirm(self, by: str = ANA, **filled: Any) -> Json:
        """Fill in the form that was opened last, and send the one too that comes in its place and asks once more."""
        told = await self.submit(by, **filled)
        assert "view" in told, told
        self.slack.views[-1] = self.slack.views[-1] | told["view"]
        return await self.submit(by)

    async def event(self, **event: Any) -> None:
        status, _ = await self.send(self.an_event(**event))
        assert status == 200

    # How it comes in

    async def send(self, body: Json, **headers: str) -> tuple[int, Json]:
        """One request; gives back the status and what was answered."""
        if self.socket:
            answer = await self.bolt.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body, headers={}))
            return answer.status, _read(answer.body)
        if "command" in body:
            raw, kind = urlencode(body), "application/x-www-form-urlencoded"
        elif "event" in body:
            raw, kind = json.dumps(body), "application/json"
        else:
            raw, kind = urlencode({"payload": json.dumps(body)}), "application/x-www-form-urlencoded"
        web = http.server(self.bolt, SignatureVerifier(SECRET_KEY).is_valid, _ready)
        async with TestClient(TestServer(web)) as client:
            sent = signed(raw) | {"content-type": kind} | headers
            async with client.post("/slack/events", data=raw.encode(), headers=sent) as response:
                return response.status, _read(await response.text())


async def _ready() -> tuple[bool, str]:
    return True, "ok"


def _read(body: str) -> Json:
    return json.loads(body) if body.startswith("{") else {}


def signed(raw: str) -> dict[str, str]:
    timestamp = str(int(clocks.unix()))
    signature = SignatureVerifier(SECRET_KEY).generate_signature(timestamp=timestamp, body=raw)
    return {"x-slack-request-timestamp": timestamp, "x-slack-signature": signature or ""}


def _option(value: str) -> Json:
    return {"text": {"type": "plain_text", "text": value, "emoji": False}, "value": value}


@pytest.fixture(params=["http", "socket"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def backend(way: str, without_postgres: str) -> str:
    """Each way in is tried on another database, where there are two."""
    return "postgresql" if way == "socket" and not without_postgres else "sqlite"


@pytest.fixture
def clock() -> Clock:
    """The gestures' own time is the real one; whatever follows from them is done an hour later."""
    clock = Clock(clocks.now())
    clock.forward(hours=1)
    return clock


@pytest.fixture
def door_to(slack: FakeSlack, way: str) -> Callable[[Kit], Door]:
    return lambda kit: door_into(kit, slack, socket=way == "socket")


def door_into(kit: Kit, slack: FakeSlack, *, socket: bool) -> Door:
    settings = Settings(slack_bot_token=fakes.BOT_TOKEN, slack_signing_secret=SECRET_KEY)
    identity = Identity(slack.team, "Acme", fakes.BOT, fakes.BOT_ID, fakes.SCOPES)
    return Door(app.bolt_app(settings, kit, identity), slack, socket=socket)


@pytest.fixture
def door(door_to: Callable[[Kit], Door], kit: Kit) -> Door:
    return door_to(kit)


async def rows(kit: Kit, what: str = "reports") -> list[dict[str, Any]]:
    return await export.rows(kit.database, kit.house.workspace_id, what, leads=kit.leads.people, now=clocks.now())


def buttons(message: Json) -> dict[str, Any]:
    """The buttons and menus of a message: action → value or choices."""
    found: dict[str, Any] = {}
    for block in message["blocks"]:
        for element in block.get("elements", ()):
            if "action_id" in element:
                chosen = [option["value"] for option in element.get("options", ())]
                found[element["action_id"]] = element.get("value") or chosen
    return found


# /friction words


async def test_friction_and_a_few_words_file_a_report_and_say_what_became_of_it(
    door: Door, kit: Kit, team: Team, work: Work
) -> None:
    told = await door.command(DOCS)
    assert told["response_type"] == "ephemeral"
    assert told["text"] == f"Filed as F-1 · docs · you are the first to report it “{DOCS}”"
    costs = {f"report_cost_{minutes}" for minutes in (5, 30, 120, 480)}
    assert set(buttons(told)) == {"report_area", "report_detail", "report_undo"} | costs
    await work()
    assert team.card() == f"F-1 {DOCS}. docs. 1 developer"
    told = await door.command(DOCS_TOO, by=BEN)
    assert "Filed in F-1 · docs · 2 developers have this now" in told["text"]
    assert "report_apart" in buttons(told)
    assert [row["source"] for row in await rows(kit)] == ["command", "command"]


async def test_a_command_told_twice_is_one_report(door: Door, kit: Kit) -> None:
    body = door.a_command(DOCS)
    first = await door.send(body)
    assert await door.send(body) == first
    assert len(await rows(kit)) == 1


async def test_who_is_not_sure_asks_with_one_tap(door: Door, kit: Kit, team: Team, work: Work) -> None:
    told = await door.command("my chair squeaks")
    assert "Which part of the platform is it?" in told["text"]
    choices = buttons(told)
    likeliest = kit.area.answer("my chair squeaks").ranked
    asked = [name for name in choices if name.startswith("report_area_")]
    assert asked == [f"report_area_{area}" for area in (*likeliest, "unsorted")]
    assert set(likeliest) == set(kit.house.areas)
    await work()
    await door.click("report_area_docs", choices["report_area_docs"])
    await work(minutes=1)
    assert ". docs. " in team.card()


async def test_why_an_area_is_told_in_a_form_that_also_moves_the_report(
    door: Door, kit: Kit, team: Team, slack: FakeSlack, work: Work
) -> None:
    await door.command(DOCS)
    await work()
    await door.click("report_area", "1:?", menu=True)
    form = slack.views[-1]
    assert form["callback_id"] == "why_form"
    told = json.dumps(form["blocks"], ensure_ascii=False)
    assert DOCS in told
    assert "I put it in docs, because of its words. “" in told
    assert "% sure." in told
    assert [row["area_by"] for row in await rows(kit)] == ["model"]  # to ask changes nothing

    for _ in range(2):
        status, body = await door.send(door.a_submission(area="errors"))
        assert (status, body) == (200, {})
    await work(minutes=1)
    assert [(row["area"], row["area_by"]) for row in await rows(kit)] == [("errors", "reporter")]
    assert ". errors. " in team.card()
    await door.click("report_area", "1:?", menu=True)
    assert "You said errors. By its words alone I would say docs, for “" in json.dumps(
        slack.views[-1]["blocks"], ensure_ascii=False
    )


async def test_why_an_area_is_told_to_nobody_who_may_not_move_the_report(
    door: Door, slack: FakeSlack, work: Work
) -> None:
    await door.command(DOCS)
    await work()
    await door.click("report_area", "1:?", by=CEM, menu=True)
    assert slack.views == []
    await door.click("report_area", "1:?", menu=True)
    status, body = await door.send(door.a_submission(by=CEM, area="errors"))
    assert "Only the person who reported it can change that." in json.dumps(body)
    status, body = await door.send(door.a_submission(area="astrology"))
    assert "There is no such area any more." in json.dumps(body)
    assert status == 200


async def test_what_was_filed_in_an_area_that_is_no_longer_there_stays_readable(
    kit: Kit, door_to: Callable[[Kit], Door], slack: FakeSlack, work: Work
) -> None:
    yaks = areas.Area("yaks", "Yaks", "shaving them", "", ("yak",) * 10)
    before = door_to(replace(kit, house=replace(kit.house, about=(*kit.house.about, yaks))))
    told = await before.command("my chair squeaks")
    await work()
    await before.click("report_area", "1:yaks", menu=True)
    await work(minutes=1)
    assert (await before.command("top yaks"))["text"].startswith("What hurts most in yaks")

    door = door_to(kit)
    for typed in ("top", "top yaks", "show F-1", "mine", "find chair squeaks"):
        told = await door.command(typed)
        assert "my chair squeaks" in told["text"], typed
    await door.click("report_area_yaks", "1:yaks")  # from an old answer
    await work()
    assert "There is no such area any more." in slack.answers[-1].text
    await door.click("report_area", "1:docs", menu=True)
    await work(minutes=1)
    assert [row["area"] for row in await rows(kit)] == ["docs"]


async def test_markup_in_a_report_pings_nobody_and_reads_as_typed(
    door: Door, kit: Kit, slack: FakeSlack, work: Work
) -> None:
    told = [await door.command(LOUD)]
    await work()
    for typed in ("top", "mine", "show F-1", f"find {LOUD}"):
        told.append(await door.command(typed))
    told += slack.posted(CARDS)
    for message in told:
        for ping in ("<!", "<@", "<https://evil"):
            assert ping not in message["text"]
            assert ping not in json.dumps(_marked(message["blocks"]))
        assert LOUD_TYPED in json.dumps(message["blocks"])
        assert "&lt;!channel&gt; &lt;@U1&gt; &lt;https://evil|https://good&gt; &lt;!here&gt;" in message["text"]
    assert [row["text"] for row in await rows(kit)] == [LOUD_TYPED]


def _marked(block: Any) -> list[str]:
    """Every text that Slack reads as markup."""
    if isinstance(block, list):
        return [text for each in block for text in _marked(each)]
    if not isinstance(block, dict):
        return []
    if block.get("type") == "mrkdwn":
        return [str(block["text"])]
    return [text for each in block.values() for text in _marked(each)]


@pytest.mark.parametrize("typed", ["🔥🔥🔥", ":fire: :fire::skin-tone-2:", "!!! ???", "…"])
async def test_what_has_not_a_word_in_it_is_handed_back_with_a_sentence(door: Door, kit: Kit, typed: str) -> None:
    told = await door.command(typed)
    assert "I need a few words" in told["text"]
    assert typed in json.dumps(told["blocks"], ensure_ascii=False)
    assert await rows(kit) == []


@pytest.mark.parametrize("typed", ["", "   ", "\n\t ", "\u200b\u202e\x00"])
async def test_nothing_at_all_opens_the_form(door: Door, slack: FakeSlack, typed: str) -> None:
    assert await door.command(typed) == {}
    assert [view["callback_id"] for view in slack.views] == ["report_form"]


async def test_fifty_thousand_characters_are_filed_to_the_last(door: Door, kit: Kit, work: Work) -> None:
    typed = "the deploy docs are wrong " * 2000
    told = await door.command(typed)
    assert "F-1" in told["text"]
    await work()
    assert [row["text"] for row in await rows(kit)] == [typed.strip()]


async def test_control_characters_are_dropped_and_the_words_stay(door: Door, kit: Kit, work: Work) -> None:
    told = await door.command("the deploy\x00 docs \u202eare\u202c wrong")
    assert "the deploy docs are wrong" in told["text"]
    await work()
    assert [row["text"] for row in await rows(kit)] == ["the deploy docs are wrong"]


@pytest.mark.parametrize("name", ["directmessage", "privategroup", "mpdm-ana--ben--cem-1"])
async def test_what_is_typed_in_a_private_place_is_shown_to_nobody_else(
    door: Door, kit: Kit, team: Team, work: Work, name: str
) -> None:
    told = await door.command(DOCS, channel_name=name)
    assert "its words are shown to nobody else" in json.dumps(told["blocks"])
    await work()
    assert DOCS not in team.card()
    await door.click("report_release", "1")
    await work(minutes=1)
    assert DOCS in team.card()


# The other forms of the command


async def test_help_names_every_gesture(door: Door, slack: FakeSlack) -> None:
    told = await door.command("help")
    for gesture in ("/friction", ":triangular_flag_on_post:", "Save as friction", ":+1:", "digest", "find"):
        assert gesture in told["text"]


async def test_help_is_given_also_where_no_emoji_captures(kit: Kit, door_to: Callable[[Kit], Door]) -> None:
    door = door_to(replace(kit, house=replace(kit.house, capture=frozenset())))
    for typed in ("help", "settings"):
        assert "I could not" not in (await door.command(typed))["text"]


async def test_settings_say_how_the_house_is_set_up(door: Door) -> None:
    told = await door.command("settings")
    assert "1 team lead, 1 admin" in told["text"]
    assert "docs, errors, onboarding, debugging" in told["text"]


async def test_only_exact_forms_are_commands(door: Door, kit: Kit) -> None:
    for typed in ("help me, the docs are wrong", "top of the docs page is broken", "show me the deploy docs"):
        assert "F-" in (await door.command(typed))["text"]
    assert len(await rows(kit)) == 3


async def test_a_handle_that_does_not_exist_is_said(door: Door) -> None:
    assert (await door.command("show F-99"))["text"] == "There is no F-99."


async def test_lists_are_answered_when_there_is_nothing_yet(door: Door) -> None:
    assert "Nothing has been reported yet" in (await door.command("top"))["text"]
    assert "Nothing has been reported in docs yet" in (await door.command("top docs"))["text"]
    assert "You have not reported anything yet" in (await door.command("mine"))["text"]
    assert "Nothing like" in (await door.command("find zanzibar"))["text"]


async def test_what_was_looked_for_can_be_filed_instead(door: Door, kit: Kit, slack: FakeSlack, work: Work) -> None:
    await door.command(VPN, by=BEN)
    found = await door.command("find VPN access for new people")
    assert "1. F-1" in found["text"]
    await door.click("find_file", buttons(found)["find_file"])
    await work()
    assert [row["text"] for row in await rows(kit)] == [VPN, "VPN access for new people"]
    assert "Filed in F-1" in slack.answers[-1].text


async def test_what_was_looked_for_is_filed_to_the_last_word(door: Door, kit: Kit, work: Work) -> None:
    words = "the deploy docs are wrong " * 60 + "\nand so is the runbook"
    found = await door.command(f"find {words}")
    await door.click("find_file", buttons(found)["find_file"])
    await work()
    assert [row["text"] for row in await rows(kit)] == [words]


async def test_a_report_with_the_word_payload_in_it_is_a_report_like_any_other(door: Door, kit: Kit) -> None:
    # Bolt takes any body with that word in it for a button's, and answers 404.
    told = await door.command("the docs of POST /tasks say `payload: object`, which object")
    assert "F-1" in told["text"]
    assert len(await rows(kit)) == 1


async def test_whoever_types_pages_after_find_has_something_to_tell(door: Door, kit: Kit, work: Work) -> None:
    words = "find " + "the page that the deploy docs mention " * 100
    assert "F-1" in (await door.command(words))["text"]
    await work()
    assert [row["text"] for row in await rows(kit)] == [words.strip()]


async def test_words_from_a_restricted_place_are_never_posted_whatever_slack_calls_it(
    door: Door, slack: FakeSlack, work: Work
) -> None:
    await door.command("the zanzibar docs are wrong", channel_id=SECRET, channel_name="secret")
    await work()
    await work(seconds=10)
    assert slack.posted(CARDS)
    assert not [call for call in slack.calls if "zanzibar" in json.dumps(call)]


async def test_words_that_their_author_released_at_once_stay_released(door: Door, team: Team, work: Work) -> None:
    await door.command(DOCS, channel_id=SECRET, channel_name="privategroup")
    await door.click("report_release", "1")
    await work()
    assert DOCS in team.card()


async def test_what_slack_means_for_others_is_acknowledged(door: Door) -> None:
    renamed = {"type": "channel_rename", "channel": {"id": BACKEND, "name": "new"}, "event_ts": "1.1"}
    body = {"type": "event_callback", "team_id": fakes.TEAM, "event_id": "Ev1", "event": renamed}
    assert (await door.send(body))[0] == 200


async def test_being_told_to_slow_down_is_acknowledged(door_to: Callable[[Kit], Door], kit: Kit) -> None:
    door = door_to(kit)
    door.socket = False  # Slack says it over HTTP alone
    limited = {"type": "app_rate_limited", "team_id": fakes.TEAM, "event": {}, "minute_rate_limited": 1}
    assert (await door.send(limited))[0] == 200


async def test_what_was_looked_for_in_a_private_place_stays_private_when_it_is_filed(door: Door, kit: Kit) -> None:
    found = await door.command("find zanzibar", channel_name="privategroup")
    await door.click("find_file", buttons(found)["find_file"], channel="privategroup")
    assert [row["visibility"] for row in await rows(kit)] == ["private"]


async def test_mine_shows_my_reports_and_nobody_elses(door: Door) -> None:
    await door.command(DOCS, by=ANA)
    await door.command(VPN, by=BEN)
    told = await door.command("mine", by=ANA)
    assert DOCS in told["text"]
    assert VPN not in told["text"]


# The form


async def test_the_form_files_a_report_and_answers_where_it_was_opened(
    door: Door, kit: Kit, slack: FakeSlack, work: Work
) -> None:
    await door.command("")
    assert await door.submit(words=DOCS, area="errors", severity="3", minutes="30") == {}
    await work()
    (row,) = await rows(kit)
    assert (row["area"], row["area_by"], row["severity"], row["minutes_lost"]) == ("errors", "reporter", 3, 30)
    assert (row["source"], row["reporter"]) == ("form", ANA)
    assert "Filed as F-1 · errors" in slack.answers[-1].text
    assert len(slack.posted(CARDS)) == 1


async def test_a_form_that_is_sent_twice_is_one_report_and_one_answer(
    door: Door, kit: Kit, slack: FakeSlack, work: Work
) -> None:
    await door.command("")
    body = door.a_submission(words=DOCS)
    for _ in range(2):
        assert (await door.send(body))[0] == 200
    await work()
    assert len(await rows(kit)) == 1
    assert len(slack.answers) == 1


async def test_the_form_from_the_global_shortcut_is_answered_by_direct_message(
    door: Door, slack: FakeSlack, work: Work
) -> None:
    assert (await door.send(door.a_shortcut()))[0] == 200
    await door.submit(words=DOCS)
    await work()
    assert ["Filed as F-1" in told for told in slack.told(ANA)] == [True]


async def test_a_form_without_words_stays_open_with_an_error_at_the_field(door: Door, kit: Kit) -> None:
    await door.command("")
    told = await door.submit(words="🔥")
    assert told["response_action"] == "errors"
    assert list(told["errors"]) == ["words"]
    assert await rows(kit) == []
    assert await door.submit(words=DOCS) == {}
    assert len(await rows(kit)) == 1


async def test_a_form_sent_without_a_name_stores_none_and_answers_in_itself(
    door: Door, kit: Kit, database: Database, slack: FakeSlack, work: Work
) -> None:
    await door.command("", by=TIM)
    told = await door.submit(TIM, words=DOCS, anonymous=["yes"])
    assert told["response_action"] == "update"
    assert "Your name is not stored" in json.dumps(told["view"], ensure_ascii=False)
    assert "report_undo" not in json.dumps(told["view"], ensure_ascii=False)
    await work()
    assert TIM not in await stored(database)
    assert slack.told(TIM) == []
    assert slack.answers == []
    assert [row["reporter"] for row in await rows(kit)] == [None]


async def test_a_form_sent_without_a_name_does_not_store_the_minute(door: Door, kit: Kit, team: Team) -> None:
    await door.command("")
    await door.submit(words=DOCS, anonymous=["yes"])
    (row,) = await rows(kit)
    assert row["created_at"].endswith("T00:00:00Z")


async def test_a_report_without_a_name_is_news_in_the_next_digest(
    door: Door, kit: Kit, slack: FakeSlack, work: Work
) -> None:
    await subscriptions.subscribe(
        kit, TIM, areas="all", every="day", weekday="mon", at="09:00", tz="UTC", now=clocks.now()
    )
    await digests.send_now(kit, TIM, clocks.now())
    await work()
    assert "Nothing was reported" in str(slack.told(TIM)[-1])
    await door.command("")
    await door.submit(words=DOCS, anonymous=["yes"])
    await digests.send_now(kit, TIM, clocks.now())
    await work()
    assert "1 developer, 1 new" in str(slack.told(TIM)[-1])


async def test_a_form_that_slack_does_not_open_is_said_with_another_way(
    door: Door, clock: Clock, slack: FakeSlack
) -> None:
    body = door.a_command("")
    clock.forward(seconds=10)
    status, told = await door.send(body)
    assert status == 200
    assert "I could not open that just now" in told["text"]


async def test_a_gesture_whose_form_comes_too_late_is_acknowledged_all_the_same(
    door: Door, clock: Clock, slack: FakeSlack
) -> None:
    await door.command(DOCS)
    late = [
        door.a_shortcut(),
        door.a_click("report_detail", "1"),
        door.a_click("cluster_show", "1"),
        door.a_click("cluster_why", "1:"),
        door.a_click("digest_settings", "form"),
        door.a_click("home_report", "form"),
    ]
    clock.forward(seconds=10)
    assert [(await door.send(body))[0] for body in late] == [200] * len(late)


# Buttons


async def test_the_area_is_changed_with_one_tap(door: Door, kit: Kit, slack: FakeSlack, work: Work) -> None:
    told = await door.command(DOCS)
    await door.click("report_area", "1:errors", menu=True)
    await work()
    assert "Moved to errors" in slack.answers[-1].text + json.dumps(slack.answers[-1].body)
    assert slack.answers[-1].body["replace_original"] is True
    assert "1:errors" in buttons(told)["report_area"]
    assert [row["area"] for row in await rows(kit)] == ["errors"]


async def test_not_the_same_problem_gives_it_a_place_of_its_own_however_often_it_is_pressed(
    door: Door, kit: Kit, slack: FakeSlack, work: Work
) -> None:
    await door.command(DOCS, by=BEN)
    told = await door.command(DOCS_TOO)
    for _ in range(2):
        await door.click("report_apart", buttons(told)["report_apart"])
    await work()
    assert [row["cluster"] for row in await rows(kit)] == ["F-1", "F-2"]
    assert ["F-2" in answer.text for answer in slack.answers] == [True, True]


async def test_detail_is_added_in_a_form(door: Door, kit: Kit, slack: FakeSlack, work: Work) -> None:
    await door.command(DOCS)
    await door.click("report_detail", "1")
    await door.submit(words="since the last release", severity="2")
    await work()
    assert [row["severity"] for row in await rows(kit)] == [2]
    assert "Added, thank you." in slack.answers[-1].text
    await door.click("report_detail", "1")
    assert "since the last release" in json.dumps(slack.views[-1])


async def test_undo_takes_it_back_however_often_it_is_pressed(
    door: Door, kit: Kit, database: Database, slack: FakeSlack, work: Work
) -> None:
    told = await door.command("the zanzibar runbook is outdated")
    await work()
    for _ in range(2):
        await door.click("report_undo", buttons(told)["report_undo"])
    await work(minutes=1)
    assert ["Taken back" in answer.text for answer in slack.answers] == [True, True]
    assert await rows(kit) == []
    assert "zanzibar" not in await stored(database)
    assert "zanzibar" not in json.dumps(slack.posted(CARDS))


async def test_the_same_click_told_twice_is_answered_once(door: Door, slack: FakeSlack, work: Work) -> None:
    await door.command(DOCS)
    body = door.a_click("report_undo", "1")
    for _ in range(2):
        assert (await door.send(body))[0] == 200
    await work()
    assert len(slack.answers) == 1


async def test_what_it_cost_is_said_with_one_tap_once_or_twice_and_more_opens_the_form(
    door: Door, kit: Kit, slack: FakeSlack, work: Work
) -> None:
    told = await door.command(DOCS)
    body = door.a_click("report_cost_120", buttons(told)["report_cost_120"])
    for _ in range(2):
        assert (await door.send(body))[0] == 200
    await work()
    (answer,) = slack.answers
    assert answer.text.startswith("Noted, thank you.") and "It cost you 2 hours." in answer.text
    assert not any(action.startswith("report_cost") for action in buttons(answer.body))
    await door.click("report_cost_5", "1:7")  # no answer that was offered
    await door.click("report_cost_30", "1:30", by=CEM)
    await work()
    assert "Only the person who reported it can change that." in slack.answers[-1].text
    assert [row["minutes_lost"] for row in await rows(kit)] == [120]
    await door.click("report_detail", "1")
    assert slack.views[-1]["callback_id"] == "detail_form"


async def test_the_home_opens_what_was_fixed_this_quarter(door: Door, slack: FakeSlack) -> None:
    await door.click("home_quarter", "quarter")
    assert "What we fixed, October–December 2026" in json.dumps(slack.views[-1], ensure_ascii=False)


@pytest.mark.parametrize("action", ["report_area", "report_apart", "report_release", "report_undo"])
async def test_a_click_that_is_not_ones_own_is_refused_in_private_and_changes_nothing(
    door: Door, kit: Kit, slack: FakeSlack, work: Work, action: str
) -> None:
    await door.command(DOCS_TOO, by=BEN)
    await door.command(DOCS)
    await work()
    before = await rows(kit)
    await door.click(action, "2:errors" if action == "report_area" else "2", by=CEM)
    await work()
    (answer,) = slack.answers
    others = "Only who looks after docs can change that. Ask Ada, who looks after it."
    assert answer.text == (others if action == "report_apart" else "Only the person who reported it can change that.")
    assert answer.body["response_type"] == "ephemeral"
    assert answer.body["replace_original"] is False
    assert await rows(kit) == before


async def test_nobody_sees_or_changes_what_another_has_added(
    door: Door, kit: Kit, slack: FakeSlack, work: Work
) -> None:
    await door.command(DOCS)
    await door.click("report_detail", "1", by=CEM)
    assert slack.views == []
    await door.click("report_detail", "1")
    await door.submit(CEM, words="forged", severity="3")
    await work()
    assert [row["severity"] for row in await rows(kit)] == [None]
    assert "Only the person who reported it" in slack.answers[-1].text


@pytest.mark.parametrize("action", ["report_area", "report_undo", "cluster_show", "cluster_why"])
async def test_a_button_with_a_value_we_never_gave_it_does_nothing(
    door: Door, kit: Kit, work: Work, action: str
) -> None:
    await door.command(DOCS, by=BEN)
    await work()
    before = await rows(kit)
    for value in ("", "abc", "-1", "999999", "1e3", "9" * 40, "٣", "1:astrology", "::"):
        await door.click(action, value)
    await work()
    assert await rows(kit) == before


async def test_show_on_a_card_opens_what_was_said(door: Door, slack: FakeSlack, work: Work) -> None:
    await door.command(DOCS)
    await work()
    value = slack.posted(CARDS)[0]["blocks"][-1]["elements"][0]["value"]
    await door.click("cluster_show", value, by=BEN)
    assert DOCS in json.dumps(slack.views[-1])


# Flags, votes and what happens to messages


async def test_a_flag_files_the_message_and_votes_are_counted(
    door: Door, kit: Kit, team: Team, slack: FakeSlack, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, DOCS)
    await door.react(CEM, BACKEND, ts, "triangular_flag_on_post", author=BEN)
    await work()
    assert "2 developers" in team.card()
    card = slack.posted(CARDS)[0]["ts"]
    await door.react(LEA, CARDS, card, "+1::skin-tone-4", author=fakes.BOT)
    await door.react(LEA, CARDS, card, "arrow_up", author=fakes.BOT)
    await work(minutes=1)
    assert "3 developers · backed by 1 lead" in team.card()
    await door.react(LEA, CARDS, card, "+1::skin-tone-4", author=fakes.BOT, on=False)
    await door.react(LEA, CARDS, card, "arrow_up", author=fakes.BOT, on=False)
    await work(minutes=1)
    assert "2 developers" in team.card()
    assert "lead" not in team.card()


async def test_an_event_that_slack_sends_again_counts_once(
    door: Door, kit: Kit, team: Team, slack: FakeSlack, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, DOCS)
    body = door.a_reaction(CEM, BACKEND, ts, "triangular_flag_on_post", BEN)
    for number in range(4):
        retry = {"x-slack-retry-num": str(number), "x-slack-retry-reason": "http_timeout"} if number else {}
        assert (await door.send(body, **retry))[0] == 200
        await work(minutes=1)
    assert len(await rows(kit)) == 1
    assert len(await rows(kit, "votes")) == 1
    assert len(slack.told(CEM)) == 1
    assert len(slack.told(BEN)) == 1


async def test_a_reaction_on_a_message_without_an_author_or_on_a_file_is_no_trouble(
    door: Door, database: Database, kit: Kit
) -> None:
    before = await stored(database)
    item = {"type": "message", "channel": BACKEND, "ts": "1.1"}
    await door.event(type="reaction_added", user=CEM, reaction="+1", item=item)
    await door.event(type="reaction_added", user=CEM, reaction="+1", item={"type": "file", "file": "F1"})
    await door.event(type="reaction_added", user=CEM, reaction="+1")
    assert await stored(database) == before


async def test_a_message_without_an_author_can_be_flagged(door: Door, kit: Kit, slack: FakeSlack, work: Work) -> None:
    ts = slack.said(BACKEND, "", "deploy docs build failed", subtype="bot_message", bot_id="B9")
    await door.event(
        type="reaction_added",
        user=CEM,
        reaction="triangular_flag_on_post",
        item={"type": "message", "channel": BACKEND, "ts": ts},
    )
    await work()
    assert [row["reporter"] for row in await rows(kit)] == [CEM]


async def test_the_bots_own_reactions_are_ignored(door: Door, database: Database, slack: FakeSlack) -> None:
    ts = slack.said(BACKEND, BEN, DOCS)
    before = await stored(database)
    await door.react(fakes.BOT, BACKEND, ts, "triangular_flag_on_post", author=BEN)
    assert await stored(database) == before


async def test_save_as_friction_files_the_message_for_its_author(
    door: Door, kit: Kit, team: Team, slack: FakeSlack, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, "docs are wrong: &lt;!here&gt;")
    message = slack.channels[BACKEND].messages[-1]
    for by in (CEM, CEM, ANA):
        assert (await door.send(door.a_message_shortcut(message, by)))[0] == 200
    await work()
    await work(minutes=1)
    (row,) = await rows(kit)
    assert (row["reporter"], row["text"], row["message_ts"]) == (BEN, "docs are wrong: <!here>", ts)
    assert "3 developers" in team.card()
    assert ["F-1" in answer.text for answer in slack.answers] == [True, True, True]
    assert ["Cem flagged your message" in told for told in slack.told(BEN)] == [True]


async def test_save_as_friction_works_in_a_direct_message_and_keeps_it_private(
    door: Door, kit: Kit, team: Team, slack: FakeSlack, work: Work
) -> None:
    message = {"type": "message", "user": BEN, "text": "the zanzibar docs are wrong", "ts": slack.ts()}
    assert (await door.send(door.a_message_shortcut(message, CEM, "D0BETWEEN", "directmessage")))[0] == 200
    await work()
    assert [row["visibility"] for row in await rows(kit)] == ["private"]
    assert "zanzibar" not in team.card()


async def test_an_edited_and_then_deleted_message_takes_its_report_along(
    door: Door, kit: Kit, database: Database, team: Team, slack: FakeSlack, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, "the zanzibar runbook is outdated")
    await door.react(CEM, BACKEND, ts, "triangular_flag_on_post", author=BEN)
    await work()
    await door.event(
        type="message",
        subtype="message_changed",
        channel=BACKEND,
        hidden=True,
        ts=slack.ts(),
        message={"type": "message", "user": BEN, "text": "the mombasa runbook is outdated", "ts": ts},
        previous_message={"type": "message", "user": BEN, "text": "the zanzibar runbook is outdated", "ts": ts},
    )
    await work(minutes=1)
    assert "mombasa" in team.card()
    await door.event(
        type="message",
        subtype="message_deleted",
        channel=BACKEND,
        hidden=True,
        ts=slack.ts(),
        deleted_ts=ts,
        previous_message={"type": "message", "user": BEN, "text": "the mombasa runbook is outdated", "ts": ts},
    )
    await work(minutes=1)
    assert await rows(kit) == []
    assert "mombasa" not in await stored(database)
    assert "mombasa" not in json.dumps(slack.posted(CARDS))


async def test_a_deleted_message_with_replies_leaves_a_tombstone_and_its_report_goes(
    door: Door, kit: Kit, slack: FakeSlack, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, DOCS)
    await door.react(CEM, BACKEND, ts, "triangular_flag_on_post", author=BEN)
    await work()
    await door.event(
        type="message",
        subtype="message_changed",
        channel=BACKEND,
        hidden=True,
        ts=slack.ts(),
        message={
            "type": "message",
            "subtype": "tombstone",
            "user": "USLACKBOT",
            "text": "This message was deleted.",
            "ts": ts,
        },
    )
    assert await rows(kit) == []


# The Home, people and groups


async def test_opening_the_home_draws_it(door: Door, slack: FakeSlack, work: Work) -> None:
    await door.command(DOCS)
    await door.event(type="app_home_opened", user=ANA, channel="D1", tab="home")
    await door.event(type="app_home_opened", user=BEN, channel="D2", tab="messages")
    await work()
    assert list(slack.homes) == [ANA]
    assert DOCS in json.dumps(slack.homes[ANA])


async def test_who_changes_their_name_is_called_by_it(door: Door, slack: FakeSlack, kit: Kit) -> None:
    assert (await kit.slack.person(CEM)).name == "Cem"
    slack.people[CEM].name = "Cem the Second"
    await door.event(type="user_change", user={"id": CEM, "team_id": fakes.TEAM})
    assert (await kit.slack.person(CEM)).name == "Cem the Second"


async def test_a_channel_with_another_id_and_a_group_with_other_members_are_asked_for_again(
    door: Door, slack: FakeSlack, kit: Kit
) -> None:
    await kit.slack.channel(BACKEND)
    await door.event(type="channel_id_changed", old_channel_id=BACKEND, new_channel_id="C0NEW")
    await door.event(type="subteam_members_changed", subteam_id="S1", team_id=fakes.TEAM)
    await kit.slack.channel(BACKEND)
    assert len(slack.called("conversations.info")) == 2


# Digests


async def test_a_digest_is_subscribed_to_in_a_form_and_in_ones_own_zone(door: Door, kit: Kit, slack: FakeSlack) -> None:
    slack.people[TIM].tz = "Asia/Tokyo"
    await door.command("digest", by=TIM)
    assert "At, in Asia/Tokyo" in json.dumps(slack.views[-1])
    told = await door.submit(TIM, areas=["docs", "errors"], every="week", weekday="thu", at="10:00")
    assert "docs, errors · every week, Thursday 10:00 (Asia/Tokyo)" in json.dumps(told["view"], ensure_ascii=False)
    await door.command("digest", by=TIM)
    told = await door.submit(TIM, every="never")
    assert "no more digests" in json.dumps(told["view"], ensure_ascii=False)
    assert await subscriptions.current(kit, TIM) is None


async def test_who_takes_the_form_as_it_comes_gets_a_digest_of_everything(
    door: Door, kit: Kit, slack: FakeSlack
) -> None:
    await door.command("digest", by=TIM)
    fields = {block["block_id"]: block["element"] for block in slack.views[-1]["blocks"] if block["type"] == "input"}
    ticked = [option["value"] for option in fields["areas"].get("initial_options", ())]
    chosen = {key: fields[key]["initial_option"]["value"] for key in ("every", "weekday", "at")}
    await door.submit(TIM, areas=ticked, **chosen)
    subscription = await subscriptions.current(kit, TIM)
    assert subscription is not None
    assert subscription.areas == "all"  # what is unsorted is part of everything


@pytest.fixture
async def delivered(door: Door, team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work) -> Json:
    """A digest that has come to Tim."""
    wanted = {"areas": "all", "every": "week", "weekday": "mon", "at": "09:00", "tz": "Europe/Berlin"}
    await subscriptions.subscribe(kit, TIM, now=clock(), **wanted)
    await team.file(DOCS)
    await digests.send_now(kit, TIM, clock())
    await work()
    return slack.posted(f"D{TIM}")[-1]


async def test_a_digest_is_ended_with_one_tap_and_the_tap_is_undone_with_another(
    door: Door, kit: Kit, slack: FakeSlack, work: Work, delivered: Json
) -> None:
    before = await subscriptions.current(kit, TIM)
    for _ in range(2):
        await door.click("digest_unsubscribe", buttons(delivered)["digest_unsubscribe"], by=TIM)
    await work()
    assert await subscriptions.current(kit, TIM) is None
    assert [answer.text[:28] for answer in slack.answers] == ["You get no more digests. `/f"] * 2
    for _ in range(2):
        await door.click("digest_undo", buttons(slack.answers[0].body)["digest_undo"], by=TIM)
    await work()
    assert await subscriptions.current(kit, TIM) == before
    assert slack.answers[-1].text.startswith("Your digest: all areas · every week, Monday 09:00 (Europe/Berlin).")
    assert slack.answers[-1].body["replace_original"] is True


@pytest.mark.parametrize("weeks", [1, 2, 4])
async def test_a_digest_is_paused_from_the_digest_itself(
    door: Door, kit: Kit, slack: FakeSlack, work: Work, delivered: Json, weeks: int
) -> None:
    before = await subscriptions.current(kit, TIM)
    await door.click("digest_pause", f"{TIM}:{weeks}", by=TIM, menu=True)
    await work()
    paused = await subscriptions.current(kit, TIM)
    assert before is not None and paused is not None and paused.paused_until is not None
    assert paused.next_due_at > paused.paused_until > clocks.now() + dt.timedelta(weeks=weeks, hours=-2)
    assert paused.next_due_at.astimezone(ZoneInfo("Europe/Berlin")).strftime("%a %H:%M") == "Mon 09:00"
    assert slack.answers[-1].text.startswith("Your digest is paused until ")
    assert "The next one comes on Monday, " in slack.answers[-1].text
    await door.click("digest_resume", buttons(slack.answers[-1].body)["digest_resume"], by=TIM)
    await work()
    resumed = await subscriptions.current(kit, TIM)
    assert resumed is not None
    assert (resumed.paused_until, resumed.next_due_at) == (None, before.next_due_at)


async def test_nobody_has_a_say_in_somebody_else_s_digest(
    door: Door, kit: Kit, slack: FakeSlack, work: Work, delivered: Json
) -> None:
    before = await subscriptions.current(kit, TIM)
    for action in ("digest_unsubscribe", "digest_resume", "digest_undo", "digest_settings"):
        await door.click(action, TIM, by=BEN)
    await door.click("digest_pause", f"{TIM}:4", by=BEN, menu=True)
    await work()
    assert {answer.text for answer in slack.answers} == {"That is somebody else’s digest."}
    assert await subscriptions.current(kit, TIM) == before
    assert slack.views == []


async def test_a_person_subscribes_a_channel_that_they_are_in(
    door: Door, team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    slack.people[TIM].tz = "Asia/Kolkata"
    await door.command(f"digest <#{BACKEND}|backend>", by=TIM)
    assert f"For <#{BACKEND}>." in json.dumps(slack.views[-1])
    told = await door.submit(TIM, areas=["docs"], every="day", at="09:00", length="3")
    said = f"The digest of <#{BACKEND}>: docs · every day 09:00 (Asia/Kolkata) · the worst three. The next one comes on"
    assert said in json.dumps(told["view"], ensure_ascii=False)
    await team.file(DOCS)
    await digests.send_now(kit, BACKEND, clock())
    await work()
    (message,) = slack.posted(BACKEND)
    assert DOCS in message["text"]
    await door.click("digest_unsubscribe", buttons(message)["digest_unsubscribe"], by=BEN)
    await work()
    assert slack.answers[-1].text.startswith(f"<#{BACKEND}> gets no more digests.")


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ("<#C0ELSEWHERE|elsewhere>", "I am not in <#C0ELSEWHERE>. Type there: /invite @friction"),
        ("<#C0NOWHERE|nowhere>", "I cannot see <#C0NOWHERE>. Type there: /invite @friction"),
        ("<#C0STAFF|staff>", "Only people in <#C0STAFF> can change its digest."),
        ("<#C0OLD|old>", "<#C0OLD> is archived."),
        ("<#C0GUESTS|guests>", "People from outside can read <#C0GUESTS>, so no digest goes there."),
        ("#backend", "I cannot tell which channel that is."),
    ],
)
async def test_a_channel_that_gets_no_digest_is_answered_in_a_sentence(
    door: Door, kit: Kit, slack: FakeSlack, channel: str, said: str
) -> None:
    slack.channel("C0STAFF", "staff", fakes.BOT, ADA, private=True)
    slack.channel("C0OLD", "old", fakes.BOT, TIM, archived=True)
    slack.channel("C0GUESTS", "guests", fakes.BOT, TIM, shared=True)
    told = await door.command(f"digest {channel}", by=TIM)
    assert told["text"].startswith(said)
    assert slack.views == []


async def test_a_channel_that_slack_does_not_speak_of_is_not_changed(
    door: Door, kit: Kit, slack: FakeSlack, work: Work
) -> None:
    slack.next("users.conversations", *[fakes.BAD_GATEWAY] * 4)
    told = await door.command(f"digest <#{BACKEND}|backend>", by=TIM)
    assert told["text"] == "Slack does not say who is in that channel just now. Please try again."
    assert slack.views == []


async def test_what_is_wrong_in_the_form_is_said_at_its_field(door: Door, kit: Kit, slack: FakeSlack) -> None:
    await door.command("digest", by=TIM)
    yesterday = (clocks.now() - dt.timedelta(days=1)).date().isoformat()
    told = await door.submit(TIM, every="hour", length="40", at="09:00")
    assert told["errors"]["every"].startswith("'hour' is not a cadence.")
    assert told["errors"]["length"].startswith("'40' is not a length.")
    told = await door.submit(TIM, at="09:00", paused_until=yesterday)
    assert told["errors"] == {"paused_until": "That day is not to come. Choose a later one, or none."}
    assert await subscriptions.current(kit, TIM) is None


async def test_somebody_who_moves_gets_their_digest_at_nine_where_they_are(
    door: Door, kit: Kit, slack: FakeSlack, work: Work, delivered: Json
) -> None:
    before = await subscriptions.current(kit, TIM)
    slack.people[TIM].tz = "Pacific/Auckland"
    user = {"id": TIM, "tz": "America/New_York", "deleted": False}  # told late: it was true for a moment
    await door.event(type="user_change", user=user)
    await door.event(type="user_change", user={"id": BEN, "tz": "Asia/Tokyo"})
    await work()
    after = await subscriptions.current(kit, TIM)
    assert before is not None and after is not None
    assert after.tz == "Pacific/Auckland"
    walls = [each.next_due_at.astimezone(ZoneInfo(each.tz)).replace(tzinfo=None) for each in (before, after)]
    assert walls[0] == walls[1]
    assert [call["user"] for call in slack.called("users.info")].count(BEN) == 0


async def test_the_home_pauses_and_resumes_a_digest(
    door: Door, kit: Kit, slack: FakeSlack, work: Work, delivered: Json
) -> None:
    await door.event(type="app_home_opened", user=TIM, channel=f"D{TIM}", tab="home")
    await work()
    for action, value in (("digest_pause", f"{TIM}:2"), ("digest_resume", TIM)):
        body = door.a_click(action, value, by=TIM, menu=action == "digest_pause")
        del body["response_url"], body["channel"]
        body["container"] = {"type": "view", "view_id": "V1"}
        body["view"] = {"type": "home", "id": "V1", "callback_id": "", "state": {"values": {}}}
        assert (await door.send(body))[0] == 200
        await work(seconds=10)
        shown = json.dumps(slack.homes[TIM], ensure_ascii=False)
        assert ("paused until" in shown) == (action == "digest_pause")
        assert ("Resume" in shown) == (action == "digest_pause")


async def test_why_a_cluster_stands_where_it_stands_opens_its_receipt(door: Door, slack: FakeSlack) -> None:
    await door.command(DOCS, by=ANA)
    await door.command(DOCS, by=BEN)
    await door.command(DOCS, by=CEM)
    listed = await door.command("top", by=TIM)
    (button,) = [block["accessory"] for block in listed["blocks"] if "accessory" in block]
    await door.click(button["action_id"], button["value"], by=TIM)
    shown = json.dumps(slack.views[-1], ensure_ascii=False)
    assert "Impact 3.00 = 3 people, 3 of them this week" in shown and "3 did not say  1 × 3.00 = 3.00" in shown
    assert "Impact 3.00 = 3 did not say 3.00 · first of 1" in (await door.command("show F-1"))["text"]


@pytest.mark.parametrize("value", ["", ":", "x:y", "99:", "1:99", "-1:-1", "1:1:1", "9" * 30])
async def test_a_receipt_that_cannot_be_is_answered_in_words(door: Door, slack: FakeSlack, value: str) -> None:
    await door.command(DOCS, by=ANA)
    await door.click("cluster_why", value, by=TIM)
    shown = json.dumps(slack.views[-1], ensure_ascii=False)
    assert "every report of it was taken back" in shown or "Impact 1.00" in shown


async def test_digest_now_is_answered_whoever_asks(door: Door, kit: Kit, slack: FakeSlack) -> None:
    assert "/friction digest says" in (await door.command("digest now", by=TIM))["text"]
    await subscriptions.subscribe(
        kit, TIM, areas="all", every="week", weekday="mon", at="09:00", tz="UTC", now=clocks.now()
    )
    assert "direct message" in (await door.command("digest now", by=TIM))["text"]
    await door.command("digest  NOW", by=TIM)
    await outbox.Workers(kit, clock=clocks.now, of_message=clocks.of_message).until_settled()
    assert [message.startswith("Nothing was reported in your areas since") for message in slack.told(TIM)] == [True] * 2


# What nobody handles


async def test_what_nobody_handles_is_acknowledged(door: Door, slack: FakeSlack, database: Database) -> None:
    before = await stored(database)
    view = {"id": "V9", "type": "modal", "callback_id": "unknown", "state": {"values": {}}, "private_metadata": ""}
    unknown: list[Json] = [
        door.a_command("hello", command="/other"),
        door.a_click("unknown", "1"),
        {**door.a_shortcut(), "callback_id": "unknown"},
        {**door.a_message_shortcut({"ts": "1.1", "text": "x", "user": BEN}, CEM), "callback_id": "unknown"},
        door._gesture("view_submission", ANA) | {"view": view},
        door._gesture("view_closed", ANA) | {"view": view, "is_cleared": False},
        door._gesture("block_suggestion", ANA)
        | {"action_id": "unknown", "block_id": "b", "value": "x", "container": {"type": "view"}},
        door.an_event(type="team_join", user={"id": ANA}),
        door.an_event(type="message", channel=BACKEND, user=ANA, text="hello", ts="1.1"),
        door.an_event(type="message", subtype="channel_join", channel=BACKEND, user=ANA, text="joined", ts="1.1"),
        door.an_event(type="team_rename"),
        door.an_event(type="something_slack_adds_next_year"),
    ]
    assert [(body.get("type"), (await door.send(body))[0]) for body in unknown] == [
        (body.get("type"), 200) for body in unknown
    ]
    assert await stored(database) == before


async def test_a_form_whose_carried_data_is_garbage_is_still_filed_once(door: Door, kit: Kit, slack: FakeSlack) -> None:
    await door.command("")
    for garbage in ("not json", "[]", ""):
        slack.views[-1]["private_metadata"] = garbage
        assert await door.submit(words=DOCS) == {}
    assert len(await rows(kit)) == 1


# Nothing is lost when the database is gone


@pytest.fixture
async def nowhere(kit: Kit, door_to: Callable[[Kit], Door], way: str) -> Any:
    """The app in front of a database that does not answer."""
    dead = "postgresql://postgres@127.0.0.1:1/test" if way == "socket" else "sqlite+aiosqlite:////nowhere/friction.db"
    database = Database(dead)
    yield door_to(replace(kit, database=database))
    await database.close()


async def test_a_command_that_cannot_be_stored_is_answered_in_words_with_the_text(nowhere: Door) -> None:
    for typed in (DOCS, "top", "mine", "find zanzibar"):
        told = await nowhere.command(typed)
        assert "I could not save this just now" in told["text"]
        assert typed in json.dumps(told["blocks"])
        assert told["response_type"] == "ephemeral"


async def test_a_long_text_that_cannot_be_stored_is_handed_back_whole(nowhere: Door) -> None:
    typed = " ".join(f"word{number}" for number in range(5000))
    told = await nowhere.command(typed)
    assert "word4999" in json.dumps(told["blocks"])


async def test_markup_that_cannot_be_stored_is_handed_back_without_pinging(nowhere: Door) -> None:
    told = await nowhere.command(LOUD)
    assert "<!channel>" not in told["text"]
    assert LOUD_TYPED in json.dumps(told["blocks"])


async def test_a_form_that_cannot_be_stored_stays_open_with_an_error_at_a_field(nowhere: Door) -> None:
    await nowhere.command("")
    told = await nowhere.submit(words=DOCS)
    assert told["response_action"] == "errors"
    assert "I could not save this" in told["errors"]["words"]


async def test_an_event_that_cannot_be_stored_is_refused_so_that_it_comes_again(
    nowhere: Door, door: Door, team: Team, slack: FakeSlack, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, DOCS)
    body = nowhere.a_reaction(CEM, BACKEND, ts, "triangular_flag_on_post", BEN)
    assert (await nowhere.send(body))[0] == 500
    assert (await door.send(body))[0] == 200  # a minute later, when the database is back
    await work()
    assert "2 developers" in team.card()


async def test_what_cannot_be_stored_is_said_where_it_was_pressed(nowhere: Door, slack: FakeSlack) -> None:
    message = {"type": "message", "user": BEN, "text": DOCS, "ts": slack.ts()}
    for gesture in (nowhere.a_message_shortcut(message, CEM), nowhere.a_click("report_undo", "1")):
        assert (await nowhere.send(gesture))[0] == 200
        assert "I could not save this just now" in slack.answers.pop().text
