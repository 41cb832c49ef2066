"""`friction demo`: a stage is built, the bot is started on it, the fortnight is played, the digests are sent."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bot import clock, rules
from bot.demo import company, fortnight, local_slack, paper
from bot.demo.stage import Stage
from bot.flows import digest as digests
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit
from bot.flows.outbox import Workers
from bot.settings import Settings

LENGTH = dt.timedelta(days=14)

#: How long the bot may take to send what it has to send, and how often to look (seconds).
PATIENCE, PAUSE = 30.0, 0.02


class Bot(Protocol):
    """What the theatre needs of a running bot."""

    @property
    def kit(self) -> Kit:
        """Its parts."""

    @property
    def workers(self) -> Workers:
        """Its outbox workers."""


Run = Callable[[Settings], AbstractAsyncContextManager[Bot]]


async def play(run: Run, *, cache: Path, once: bool, port: int, out: Console) -> None:
    """The whole evening. `run` starts the bot. Raises fortnight.PlayStopped with a sentence."""
    start = _monday(clock.now()) - LENGTH
    with tempfile.TemporaryDirectory(prefix="friction-demo-") as folder:
        async with _stage(cache, port, out) as (stage, bot_port):
            _move(start)
            async with run(_settings(stage, bot_port, Path(folder), cache)) as bot:
                try:
                    await _perform(stage, bot, start, out)
                    printed = await _digests(stage, bot, out)
                finally:
                    clock.shift(dt.timedelta())
                if once:
                    for name, text in printed:
                        out.print(f"\n— {name}’s digest —\n{text}")
                    return
                _invite(stage, out)
                await _until_stopped()


@contextlib.asynccontextmanager
async def _stage(cache: Path, port: int, out: Console) -> AsyncIterator[tuple[Stage, int]]:
    stage: Stage
    bot_port = 0
    try:
        out.print("Starting a Slack on this machine (fetched once, about 90 MB) …")
        stage = await local_slack.start(cache, "socket", port=port)
    except local_slack.LocalSlackUnavailable as missing:
        out.print(f"{missing}\nSo the fortnight is played here in the terminal.")
        bot_port = _free_port()
        url = f"http://127.0.0.1:{bot_port}/slack/events"
        stage = await paper.start(url, seconds=clock.unix, say=out.print)
    try:
        yield stage, bot_port
    finally:
        await stage.close()


def _settings(stage: Stage, port: int, folder: Path, cache: Path) -> Settings:
    """Everything said here, so that nothing of the visitor's own environment plays along."""
    return Settings(
        slack_bot_token=SecretStr(stage.bot_token),
        slack_app_token=SecretStr(stage.app_token),
        slack_signing_secret=SecretStr(stage.signing_secret),
        slack_api_url=stage.api_url,
        database_url=f"sqlite+aiosqlite:///{folder / 'demo.db'}",
        friction_channel=company.FRICTION.name,
        capture_emoji=fortnight.CAPTURE_EMOJI,
        upvote_emoji="+1,arrow_up,heavy_plus_sign,raised_hands",
        admins=(),
        areas_file="",
        leads=tuple(lead.id for lead in company.LEADS),
        host="127.0.0.1",
        port=port,
        log_level="WARNING",
        digest_chart="text",  # local-slack takes Slack's chart, but does not draw it
        friction_cache=str(cache),
    )


async def _perform(stage: Stage, bot: Bot, start: dt.datetime, out: Console) -> None:
    columns = (TextColumn("A fortnight at " + company.NAME), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=out) as bar:
        task = bar.add_task("")
        await fortnight.play(
            stage,
            advance=lambda offset: _move(start + offset),
            settled=lambda: _settled(bot),
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


async def _digests(stage: Stage, bot: Bot, out: Console) -> list[tuple[str, str]]:
    """It is the Monday after: both TPMs get their digest. Gives back what was sent, as text."""
    _move(_monday(clock.now()) + dt.timedelta(weeks=1, hours=9))
    printed = []
    for person, areas in company.AREAS.items():
        await subscriptions.subscribe(
            bot.kit,
            person.id,
            areas=",".join(areas),
            every="week",
            weekday="mon",
            at="09:00",
            tz=person.tz,
            now=clock.now(),
        )
        printed.append((person.real_name, await digests.preview(bot.kit, person.id, clock.now())))
        await digests.send_now(bot.kit, person.id, clock.now())
    await _settled(bot)
    for person in company.AREAS:
        if not await stage.direct_messages(person.id):
            raise fortnight.PlayStopped(f"{person.real_name} got no digest.")
    return printed


async def _settled(bot: Bot) -> None:
    for _ in range(int(PATIENCE / PAUSE)):
        if await bot.workers.settled():
            return
        await asyncio.sleep(PAUSE)
    raise fortnight.PlayStopped("The bot did not come to an end with what it had to send.")


def _invite(stage: Stage, out: Console) -> None:
    if not stage.web_url:
        out.print("\nThat was the fortnight. Ctrl-C ends it.")
        return
    tpms = " and ".join(person.real_name for person in company.AREAS)
    out.print(f"\nOpen {stage.web_url} in your browser.")
    out.print(
        f"  #{company.FRICTION.name} has the cards. Act as {tpms} to read their digests "
        "(Direct messages, their own name)."
    )
    out.print("  Type /friction and what slows you down, or react 👍 to a card. Ctrl-C ends it.")


async def _until_stopped() -> None:
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    await stop.wait()


def _move(to: dt.datetime) -> None:
    clock.shift(to - clock.unbent())


def _monday(moment: dt.datetime) -> dt.datetime:
    day = moment - dt.timedelta(days=rules.schedule.WEEKDAYS.index("mon") + moment.weekday())
    return day.replace(hour=0, minute=0, second=0, microsecond=0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
