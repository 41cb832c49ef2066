"""Processes that are started, killed and stopped as those who run the bot, or fate, would do it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from fakes import load
from fakes import slack as fakes

HOUSE = Path(__file__).parents[2]


class Process:
    """A Python program that serves HTTP at `port`."""

    def __init__(self, *program: str, environment: Mapping[str, str] | None = None) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._program = program
        self._environment = {"PATH": "/usr/bin:/bin", "HOST": "127.0.0.1", "PORT": str(self.port)} | (environment or {})
        self.process: asyncio.subprocess.Process

    async def starts(self) -> None:
        """Begin; that it serves is another matter."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, *self._program, cwd=HOUSE, env=self._environment
        )

    async def serves(self, within: float = 60) -> None:
        """Wait until something listens at the port."""
        async with asyncio.timeout(within):
            while True:
                assert self.process.returncode is None, "it has ended"
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except OSError:
                    await asyncio.sleep(0.02)
                else:
                    writer.close()
                    return

    async def dies(self) -> None:
        """SIGKILL: nothing of it goes on."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def stops(self) -> None:
        """Asked to stop, it ends what is in hand."""
        self.process.send_signal(signal.SIGTERM)
        await self.process.wait()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Started, serving, and at the end killed if it still lives."""
        await self.starts()
        try:
            await self.serves()
            yield
        finally:
            await self.dies()

    @property
    def busy(self) -> float:
        """How long it has kept a processor busy so far (seconds)."""
        spent = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()[11:13]
        return sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> float:
        """What it holds just now (MiB)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def bot(slack: fakes.FakeSlack, database_url: str, channel: str, cache: Path) -> Process:
    """`friction run` against a fake Slack."""
    environment = {
        "SLACK_BOT_TOKEN": fakes.BOT_TOKEN,
        "SLACK_SIGNING_SECRET": load.SECRET,
        "SLACK_API_URL": slack.api_url,
        "DATABASE_URL": database_url,
        "FRICTION_CHANNEL": channel,
        "FRICTION_CACHE": str(cache),
        "LOG_LEVEL": "WARNING",
    }
    return Process("-m", "bot", "run", environment=environment)
