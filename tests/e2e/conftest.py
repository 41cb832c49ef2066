"""A bot in a real local Slack, once over Socket Mode and once over signed HTTP."""

from __future__ import annotations

import datetime as dt
import logging
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NoReturn

import pytest
from pydantic import SecretStr

from bot import app, clock
from bot.demo import company, fortnight, local_slack
from bot.settings import Settings
from classifiers.area import AreaClassifier
from classifiers.grouping import Space
from e2e.town import Town

Models = tuple[AreaClassifier, Space]


@pytest.fixture(scope="session")
def fetched() -> Path:
    """Where local-slack and the trained model are kept; they are fetched and made if need be."""
    folder = Path(os.environ.get("FRICTION_CACHE") or "~/.cache/friction").expanduser()  # noqa: TID251
    try:
        local_slack.binary(folder)
    except local_slack.LocalSlackUnavailable as missing:
        _not_here(missing)
    return folder


@pytest.fixture(scope="session")
def models(fetched: Path) -> Models:
    """What every start of the bot reads again from the same file."""
    return app.models(Settings(friction_cache=str(fetched)))


@pytest.fixture(params=["socket", "events"])
async def town(
    request: pytest.FixtureRequest,
    fetched: Path,
    models: Models,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Town]:
    """The made-up company, with the bot at work on a fresh database. The bot may not complain of anything."""
    monkeypatch.setattr(app, "models", lambda _: models)  # a third of a second for each test
    port = _free_port()
    url = f"http://127.0.0.1:{port}/slack/events" if request.param == "events" else None
    try:
        slack = await local_slack.start(fetched, request.param, request_url=url)
    except local_slack.LocalSlackUnavailable as missing:
        _not_here(missing)
    town = Town(slack, _settings(slack, port, tmp_path / "town.db", fetched))
    try:
        async with town.working():
            yield town
    finally:
        clock.shift(dt.timedelta())
        await town.close()
        await slack.close()
    complaints = [record for record in caplog.get_records("call") if record.levelno >= logging.WARNING]
    assert not complaints, [record.getMessage() for record in complaints]


def _settings(slack: local_slack.LocalSlack, port: int, database: Path, cache: Path) -> Settings:
    """Everything said here, so that nothing of this machine's own environment has a say."""
    return Settings(
        slack_bot_token=SecretStr(slack.bot_token),
        slack_app_token=SecretStr(slack.app_token),
        slack_signing_secret=SecretStr(slack.signing_secret),
        slack_api_url=slack.api_url,
        database_url=f"sqlite+aiosqlite:///{database}",
        friction_channel=company.FRICTION.name,
        capture_emoji=fortnight.CAPTURE_EMOJI,
        upvote_emoji="+1,arrow_up,heavy_plus_sign,raised_hands",
        admins=(),
        areas_file="",
        leads=(company.MARTA.id,),
        host="127.0.0.1",
        port=port,
        log_level="INFO",
        friction_cache=str(cache),
    )


def _not_here(missing: local_slack.LocalSlackUnavailable) -> NoReturn:
    if os.environ.get("E2E") == "required":  # noqa: TID251
        pytest.fail(f"E2E=required, but: {missing}", pytrace=False)
    pytest.skip(str(missing))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
