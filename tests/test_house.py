"""The house is as it was drawn: what Slack is told is what is registered, and what people are told is all there is."""

from __future__ import annotations

import ast
import json
import re
import sys
import urllib.parse
from collections.abc import Iterator
from inspect import getmembers, isfunction, signature
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import shown
import slack_limits
import typer
import yaml
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse

from bot import listeners, views
from bot.cli import cli
from bot.flows import doctor
from bot.settings import Settings

HOUSE = Path(__file__).parent.parent
MANIFEST = yaml.safe_load((HOUSE / "bot" / "manifest.yaml").read_text(encoding="utf-8"))
EVENTS = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
HOSTILE = f"Zq7{shown.HOSTILE}"


# The manifest


class Noting(AsyncApp):
    """Bolt itself, and a list of what it was told to listen for."""

    def __init__(self) -> None:
        async def authorize() -> AuthorizeResult:
            return AuthorizeResult(enterprise_id=None, team_id="T1", bot_user_id="U0BOT", bot_token="xoxb-")

        super().__init__(signing_secret="unused", authorize=authorize, process_before_response=True)
        self.told: list[tuple[str, Any]] = []

    def command(self, command: Any, *rest: Any, **more: Any) -> Any:
        self.told.append(("command", command))
        return super().command(command, *rest, **more)

    def shortcut(self, constraints: Any, *rest: Any, **more: Any) -> Any:
        self.told.append(("shortcut", constraints))
        return super().shortcut(constraints, *rest, **more)

    def event(self, event: Any, *rest: Any, **more: Any) -> Any:
        self.told.append(("event", event["type"] if isinstance(event, dict) else event))
        return super().event(event, *rest, **more)

    def names(self, kind: str) -> set[str]:
        """What it listens for by name; the catch-alls, which are patterns, are left out."""
        return {name for which, name in self.told if which == kind and isinstance(name, str)}

    async def takes(self, body: dict[str, Any]) -> str:
        """The name of the first row that takes this payload; empty where only the catch-all does."""
        sent = urllib.parse.urlencode({"payload": json.dumps(body)}) if "event" not in body else json.dumps(body)
        if "command" in body:
            sent = urllib.parse.urlencode(body)
        request = AsyncBoltRequest(body=sent, mode="http")
        for row in self._async_listeners:
            if await row.async_matches(req=request, resp=BoltResponse(status=200)):
                name: str = row.ack_function.__name__
                return "" if name == "_nobody" else name
        raise AssertionError("not even the catch-all takes it")


@pytest.fixture(scope="module")
def app() -> Noting:
    app = Noting()
    listeners.register(app, None)  # type: ignore[arg-type] # nothing is pressed here, so no part is needed
    return app


def test_the_command_of_the_manifest_is_the_one_that_is_registered(app: Noting) -> None:
    assert {each["command"] for each in MANIFEST["features"]["slash_commands"]} == app.names("command")


def test_the_shortcuts_of_the_manifest_are_those_that_are_registered(app: Noting) -> None:
    assert {each["callback_id"] for each in MANIFEST["features"]["shortcuts"]} == app.names("shortcut")


def test_the_events_of_the_manifest_are_those_that_are_registered(app: Noting) -> None:
    assert {event.partition(".")[0] for event in EVENTS} == app.names("event")


async def test_whatever_the_manifest_asks_for_somebody_takes(app: Noting) -> None:
    for command in MANIFEST["features"]["slash_commands"]:
        assert await app.takes({"command": command["command"], "text": "x", "user_id": "U1"})
    for shortcut in MANIFEST["features"]["shortcuts"]:
        kind = "shortcut" if shortcut["type"] == "global" else "message_action"
        assert await app.takes({"type": kind, "callback_id": shortcut["callback_id"]})
    for event in EVENTS:
        name, _, place = event.partition(".")
        for subtype in ("message_changed", "message_deleted") if place else ("",):
            told = {"type": name} | ({"subtype": subtype} if subtype else {})
            assert await app.takes({"type": "event_callback", "event": told}), (event, subtype)


async def test_what_nobody_wants_is_still_taken(app: Noting) -> None:
    bodies: list[dict[str, Any]] = [
        {"type": "event_callback", "event": {"type": "message", "text": "chatter"}},
        {"type": "event_callback", "event": {"type": "emoji_changed"}},
        {"type": "block_actions", "actions": [{"action_id": "of an older version", "block_id": "b"}]},
        {"type": "view_submission", "view": {"type": "modal", "callback_id": "reading"}},
        {"type": "view_closed", "view": {"type": "modal", "callback_id": "report_form"}},
        {"type": "shortcut", "callback_id": "of another app"},
        {"type": "block_suggestion", "action_id": "x"},
        {"command": "/other"},
    ]
    assert [await app.takes(body) for body in bodies] == [""] * len(bodies)


async def test_every_button_menu_and_form_that_is_shown_is_answered_when_used(app: Noting) -> None:
    pressable = set(_action_ids(list(_everything())))
    assert pressable >= {"report_area", "report_area_docs", "report_undo", "cluster_show", "digest_settings"}
    for action_id in pressable:
        body = {"type": "block_actions", "actions": [{"action_id": action_id, "block_id": "b"}]}
        assert await app.takes(body), action_id
    for name, build in shown.VIEWS.items():
        view = build("x")
        if "submit" in view:
            assert await app.takes({"type": "view_submission", "view": view}), name


def test_commands_come_escaped_as_the_rules_expect() -> None:
    assert all(command["should_escape"] for command in MANIFEST["features"]["slash_commands"])


def test_doctor_asks_for_the_scopes_of_the_manifest() -> None:
    scopes = MANIFEST["oauth_config"]["scopes"]
    assert set(scopes["bot"]) == set(doctor.NEEDED)
    assert set(scopes["bot_optional"]) == set(doctor.OPTIONAL)


@pytest.mark.parametrize("page", ["README.md", "docs/security.md"])
def test_every_scope_has_its_reason_on_the_page(page: str) -> None:
    rows = [
        line.split("|") for line in (HOUSE / page).read_text(encoding="utf-8").splitlines() if line.startswith("| `")
    ]
    reasoned = {
        scope for row in rows if len(row) == 4 and row[2].strip() for scope in re.findall(r"`([\w:]+)`", row[1])
    }
    assert set(doctor.NEEDED) | set(doctor.OPTIONAL) <= reasoned


#: Events that Slack tells of without any scope.
FREE = ("app_home_opened", "app_uninstalled", "tokens_revoked")


def test_every_event_has_the_scope_it_needs() -> None:
    scopes = {scope for listed in MANIFEST["oauth_config"]["scopes"].values() for scope in listed}
    needed = {
        "message.channels": "channels:history",
        "message.groups": "groups:history",
        "reaction_added": "reactions:read",
        "reaction_removed": "reactions:read",
        "user_change": "users:read",
        "subteam_members_changed": "usergroups:read",
        "channel_id_changed": "channels:read",
    }
    assert {needed[event] for event in EVENTS if event not in FREE} <= scopes


# Settings, commands, files


def test_every_setting_is_explained_and_every_explained_one_exists() -> None:
    example = (HOUSE / ".env.example").read_text(encoding="utf-8")
    explained = set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", example, re.MULTILINE))
    assert explained == {name.upper() for name in Settings.model_fields}


def test_the_example_shows_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    copied, bare = Settings(_env_file=HOUSE / ".env.example"), Settings(_env_file=None)
    theirs = {"slack_bot_token", "slack_app_token", "friction_channel"}
    assert copied.model_dump(exclude=theirs) == bare.model_dump(exclude=theirs)


COMMANDS = set(
    """run demo migrate subscribe unsubscribe digest replay report export classify group train evaluate doctor
    outbox""".split()
)


def test_every_command_has_its_promised_name() -> None:
    found = typer.main.get_command(cli)
    assert set(found.commands) == COMMANDS  # type: ignore[attr-defined]
    options = {option for each in found.commands["subscribe"].params for option in each.opts}  # type: ignore[attr-defined]
    assert options >= {"user", "--areas", "--weekday", "--at", "--tz", "--every"}


def test_the_readme_tells_every_command() -> None:
    told = (HOUSE / "README.md").read_text(encoding="utf-8")
    assert [command for command in sorted(COMMANDS) if f"friction {command}" not in told] == []


def test_no_file_of_code_is_too_long_to_read() -> None:
    files = [path for folder in ("bot", "classifiers", "storage") for path in (HOUSE / folder).rglob("*.py")]
    lengths = {
        str(path.relative_to(HOUSE)): len(path.read_text(encoding="utf-8").splitlines())
        for path in files
        if "migrations" not in path.parts and path.name != "script.py"  # what people say in the demo: data
    }
    assert {path: length for path, length in lengths.items() if length > 330} == {}


# Nobody's words are markup


def _everything() -> Iterator[Any]:
    """All that can be shown, with somebody's words wherever words can stand."""
    for message in shown.MESSAGES.values():
        yield message(HOSTILE).blocks
    for ours in shown.OUR_MESSAGES.values():
        yield ours().blocks
    for view in shown.VIEWS.values():
        yield view(HOSTILE)


def _action_ids(thing: Any) -> Iterator[str]:
    """What can be pressed, and tells us so; the fields of a form only come back with it."""
    if isinstance(thing, dict):
        if thing.get("type") == "input":
            return
        if isinstance(thing.get("action_id"), str):
            yield thing["action_id"]
        thing = list(thing.values())
    if isinstance(thing, list):
        for each in thing:
            yield from _action_ids(each)


def test_no_view_makes_markup_of_what_a_person_wrote() -> None:
    everything = list(_everything())
    assert [markup for markup in slack_limits.texts(everything, "mrkdwn") if "Zq7" in markup] == []
    assert sum("Zq7" in words for words in slack_limits.texts(everything, "plain_text")) > 50


def test_our_own_markup_is_never_guessed_at_by_slack() -> None:
    assert all(text["verbatim"] for text in slack_limits.text_objects(list(_everything()), "mrkdwn"))


def test_no_view_goes_unseen() -> None:
    # What is not built in shown.py is held to none of these promises.
    public = {
        f"{module.__name__}.{name}"
        for _, module in getmembers(views, lambda each: getattr(each, "__name__", "").startswith("bot.views."))
        for name, function in getmembers(module, isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
        if signature(function).return_annotation in ("Message", "Block", "list[Block]", "dict[str, Any]")
    }
    called: set[str] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and "bot" in frame.f_code.co_filename:
            called.add(f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        list(_everything())
    finally:
        sys.setprofile(before)
    assert len(public) > 25
    assert public - called == set()


def test_only_two_bricks_can_write_markup() -> None:
    writers = {
        str(path.relative_to(HOUSE)): path.read_text(encoding="utf-8").count('"mrkdwn"')
        for path in (HOUSE / "bot").rglob("*.py")
        if "demo" not in path.parts
    }
    assert {path: count for path, count in writers.items() if count} == {"bot/views/blocks.py": 2}


#: What values that views are given call a person's words, and the functions of views that give words back.
WORDS = {"words", "text", "title", "detail", "speaker", "why", "reason", "quoted", "cut", "excerpt", "typed", "name"}
OURS = {"line", "small"}


def test_no_view_hands_a_persons_words_to_a_brick_that_writes_markup() -> None:
    # Beside the promise above, which tries what is shown: this one reads the code, and sees what nobody shows yet.
    handed = [
        f"{path.name}:{call.lineno} {ast.unparse(part)}"
        for path in (HOUSE / "bot" / "views").glob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and _called(call.func) in OURS and path.name != "blocks.py"
        for given in call.args[:1]
        for part in ast.walk(given)
        if (isinstance(part, ast.Attribute) and part.attr in WORDS)
        or (isinstance(part, ast.Call) and _called(part.func) in WORDS)
    ]
    assert handed == []


def _called(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
