"""Many people type `/friction …` at once, over signed HTTP, and what each was answered is kept."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fakes.slack import TEAM

SECRET = "signing-secret"
FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class Sent:
    """One request: its key, how long the answer took (seconds), and the answer. `status` 0: there was none.

    `url`: where it is answered later.
    """

    key: str
    url: str
    seconds: float
    status: int
    text: str


class Connection:
    """One HTTP connection that is kept, as Slack keeps its own; opened anew when it breaks."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, body: str, content_type: str = FORM) -> tuple[int, str]:
        """Send one signed request. Status 0: the connection broke before an answer came."""
        raw, moment = body.encode(), str(int(time.time()))  # noqa: TID251 # what a signature is checked against
        digest = hmac.new(SECRET.encode(), f"v0:{moment}:".encode() + raw, hashlib.sha256).hexdigest()
        head = (
            f"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Type: {content_type}\r\n"
            f"Content-Length: {len(raw)}\r\nX-Slack-Request-Timestamp: {moment}\r\n"
            f"X-Slack-Signature: v0={digest}\r\n\r\n"
        )
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            writer.write(head.encode() + raw)
            answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = next(line[15:] for line in answer.split("\r\n") if line.lower().startswith("content-length:"))
            return int(answer.split(" ", 2)[1]), (await reader.readexactly(int(length))).decode()
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            return 0, ""

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class Crowd:
    """People with something to say, each time something else. `sent`: every request so far."""

    def __init__(
        self, port: int, words: Sequence[str], *, name: str = "t", url: Callable[[], str] = str, people: int = 500
    ) -> None:
        """`name`: what the keys of their gestures begin with; `url`: gives out where each is answered later."""
        self._words, self._name, self._url, self._people = words, name, url, people
        self._numbers = itertools.count()
        self._idle = [Connection(port)]
        self._port = port
        self.sent: list[Sent] = []

    def command(self, number: int) -> dict[str, str]:
        """What Slack sends for the command of this number."""
        return {
            "token": "legacy",
            "team_id": TEAM,
            "team_domain": "acme",
            "channel_id": "C0BACKEND",
            "channel_name": "backend",
            "user_id": f"U{number % self._people:05}",
            "user_name": "somebody",
            "command": "/friction",
            "text": self._words[number % len(self._words)],
            "api_app_id": "A0APP",
            "is_enterprise_install": "false",
            "response_url": self._url(),
            "trigger_id": f"{self._name}{number}",
        }

    async def types(self) -> Sent:
        """One of them types a command."""
        number = next(self._numbers)
        command = self.command(number)
        connection = self._idle.pop() if self._idle else Connection(self._port)
        began = time.perf_counter()
        status, text = await connection.post(urlencode(command))
        took = time.perf_counter() - began
        sent = Sent(f"command:{command['trigger_id']}", command["response_url"], took, status, text)
        self._idle.append(connection)
        self.sent.append(sent)
        return sent

    async def all_at_once(self, count: int, side_by_side: int) -> list[Sent]:
        """So many commands, so many side by side, each as soon as one before it is answered."""
        first = len(self.sent)
        left = iter(range(count))

        async def one_after_another() -> None:
            for _ in left:
                await self.types()

        await asyncio.gather(*(one_after_another() for _ in range(side_by_side)))
        return self.sent[first:]

    async def steadily(self, count: int, a_second: float) -> list[Sent]:
        """So many commands, at this rate whether or not those before are answered."""
        first, began = len(self.sent), time.perf_counter()
        typing = []
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / a_second - time.perf_counter()))
            typing.append(asyncio.create_task(self.types()))
        await asyncio.gather(*typing)
        return self.sent[first:]

    def close(self) -> None:
        """They go home."""
        for connection in self._idle:
            connection.close()
