"""Whoever runs the bot sees how it does, and never what anybody said; and what the files for it say is true."""

from __future__ import annotations

import io
import json
import logging
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from conftest import ANA, BACKEND, BEN, CARDS, CEM
from fakes import slack as fakes
from fakes.delivery import signed, written
from fakes.slack import BAD_GATEWAY, DROPPED, FakeSlack, later, refused
from prometheus_client import REGISTRY
from test_app import SECRET_KEY, Make
from test_app import settings as settings
from test_listeners import Door

from bot import app, logs
from bot import clock as clocks
from bot.settings import Settings
from storage.database import Database

HOUSE = Path(__file__).parent.parent

#: What people say in the run that is watched; not one of these words may be in a log.
SAID = "zanzibar quokkas gnaw the kubelet"


@pytest.fixture
def backend() -> str:
    return "sqlite"


@pytest.fixture
def clock() -> Any:
    return clocks.now


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that the bot logs, as it would stand in a file."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written_down = io.StringIO()
    monkeypatch.setattr("sys.stdout", written_down)
    logs.configure("INFO", serving=True)
    logging.getLogger("bot").setLevel(logging.DEBUG)
    yield written_down
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in ("bot", "slack_sdk", "slack_bolt", "apscheduler", "aiosqlite", "alembic", "aiohttp", "asyncio"):
        logging.getLogger(name).setLevel(logging.NOTSET)


async def test_no_log_line_of_a_whole_run_has_a_word_or_a_key_in_it(
    settings: Make, slack: FakeSlack, lines: io.StringIO
) -> None:
    door = Door(None, slack, socket=False)  # type: ignore[arg-type] # it only writes payloads here
    slack.next("chat.postMessage", refused("fatal_error"), DROPPED, later(1), BAD_GATEWAY)
    slack.next("views.open", refused("internal_error"))
    slack.next("response_url", BAD_GATEWAY)
    sent: list[dict[str, Any]] = []
    async with app.running(settings()) as bot, aiohttp.ClientSession(f"http://127.0.0.1:{bot.port}") as session:

        async def send(body: dict[str, Any], key: str = SECRET_KEY) -> int:
            sent.append(body)
            raw, kind = written(body)
            headers = {"Content-Type": kind, **signed(raw, key, clocks.unix())}
            async with session.post("/slack/events", data=raw, headers=headers) as response:
                return response.status

        ts = slack.said(BACKEND, BEN, SAID)
        assert await send(door.a_command(SAID)) == 200
        assert await send(door.a_command(SAID), key="forged") == 401
        assert await send(door.a_command("")) == 200
        assert await send(door.a_click("report_undo", "1", BEN)) == 200
        assert await send(door.a_click("nobody_knows_this", SAID)) == 200
        assert await send(slack.reacted(CEM, BACKEND, ts, "triangular_flag_on_post")) == 200
        assert await send(door.an_event(type="message", channel=BACKEND, user=BEN, text=SAID, ts=ts)) == 200
        assert await send(door.an_event(type="reaction_added", user=BEN, item=SAID)) == 400
        await slack.until(lambda: len(slack.called("chat.postMessage")) >= 2)
        good, bot.kit.database.engine = bot.kit.database.engine, Database("sqlite+aiosqlite:////nowhere/x.db").engine
        assert await send(door.a_command(SAID)) == 200
        assert await send(door.a_reaction(BEN, CARDS, ts, "+1", fakes.BOT)) == 500
        bot.kit.database.engine = good
        logging.getLogger("bot").warning("at %s", "wss://wss-primary.slack.com/link?ticket=1", extra={"k": "xoxb-1-a"})
    logged = lines.getvalue()
    assert len(logged.splitlines()) > 8
    keys = [fakes.BOT_TOKEN, fakes.APP_TOKEN, SECRET_KEY, "legacy", "wss-primary", "xoxb"]
    keys += [str(body[key]) for body in sent for key in ("trigger_id", "response_url") if body.get(key)]
    assert [word for word in (*SAID.split(), *keys) if word in logged and word != "the"] == []
    for line in logged.splitlines():
        read = json.loads(line)
        assert {"time", "level", "logger", "message"} <= set(read)


async def test_every_metric_that_is_promised_is_there_after_a_run(settings: Make, slack: FakeSlack) -> None:
    door = Door(None, slack, socket=False)  # type: ignore[arg-type] # it only writes payloads here
    async with app.running(settings()) as bot, aiohttp.ClientSession(f"http://127.0.0.1:{bot.port}") as session:
        raw, kind = written(door.a_command(SAID, ANA))
        headers = {"Content-Type": kind, **signed(raw, SECRET_KEY, clocks.unix())}
        async with session.post("/slack/events", data=raw, headers=headers) as response:
            assert response.status == 200
        await slack.until(lambda: len(slack.posted(CARDS)) == 1)
        async with session.get("/metrics") as response:
            shown = await response.text()
    assert 'friction_acknowledgement_seconds_bucket{kind="command",le="3.0"}' in shown
    assert 'friction_slack_calls_total{method="chat.postMessage",outcome="ok"}' in shown
    assert SAID not in shown


def test_every_metric_is_explained_and_every_explained_one_exists() -> None:
    told = (HOUSE / "docs" / "operations.md").read_text(encoding="utf-8")
    explained = {name for name in re.findall(r"friction_[a-z_]+", told) if not name.endswith("_bucket")}
    there = {
        sample.name + ("_total" if sample.type == "counter" else "")
        for sample in REGISTRY.collect()
        if sample.name.startswith("friction_")
    }
    assert explained - there == set()
    assert there - explained == set()


# How it is started


COMPOSE = yaml.safe_load((HOUSE / "compose.yaml").read_text(encoding="utf-8"))


def test_compose_starts_two_replicas_after_the_migration_by_the_commands_of_the_procfile() -> None:
    services = COMPOSE["services"]
    assert services["web"]["deploy"]["replicas"] == 2
    assert services["web"]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    typed = [" ".join(services[name]["command"]) for name in ("migrate", "web")]
    assert (HOUSE / "Procfile").read_text(encoding="utf-8").strip() == f"web: {typed[0]} && exec {typed[1]}"


def test_compose_and_the_procfile_have_the_same_environment_and_no_setting_that_there_is_not() -> None:
    known = {name.upper() for name in Settings.model_fields}
    for name in ("migrate", "web"):
        service = COMPOSE["services"][name]
        assert service["env_file"] == ".env"
        assert set(service["environment"]) <= known
        # Where and as what it runs is said there; every other setting comes from .env alone.
        assert set(service["environment"]) == {"DATABASE_URL", "FRICTION_CACHE", "PORT"}
    postgres = COMPOSE["services"]["postgres"]["environment"]
    address = COMPOSE["services"]["web"]["environment"]["DATABASE_URL"]
    assert address == (
        f"postgresql://{postgres['POSTGRES_USER']}:{postgres['POSTGRES_PASSWORD']}@postgres/{postgres['POSTGRES_DB']}"
    )
    assert int(COMPOSE["services"]["web"]["stop_grace_period"].removesuffix("s")) > app.IN_HAND


def test_the_image_has_a_python_that_is_new_enough_and_everything_that_is_imported() -> None:
    recipe = (HOUSE / "Dockerfile").read_text(encoding="utf-8")
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    least = project["project"]["requires-python"].removeprefix(">=").split(".")
    (found,) = re.findall(r"^FROM python:(\d+)\.(\d+)", recipe, re.MULTILINE)
    assert tuple(map(int, found)) >= tuple(map(int, least))
    for package in project["tool"]["setuptools"]["packages"]["find"]["include"]:
        assert f"COPY {package.rstrip('*')} {package.rstrip('*')}\n" in recipe
    for copied in re.findall(r"^COPY (.+) \S+$", recipe, re.MULTILINE):
        assert all((HOUSE / name).exists() for name in copied.split())
    assert recipe.rstrip().endswith('CMD ["friction", "run"]')
