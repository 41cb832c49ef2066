"""`/friction words`: stored, tagged, grouped and answered, beside a bare Bolt app that only acknowledges.

Both are given the same signed requests, in turn and in the same process; the network is left out of both.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from fakes import slack as fakes
from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from bot import app, clock
from bot.settings import Settings
from classifiers import train

COUNT = 1000
SECRET = "a secret"


def request(words: str, number: int) -> AsyncBoltRequest:
    body = urlencode(
        {
            "command": "/friction",
            "text": words,
            "user_id": f"U{number % 200}",
            "team_id": fakes.TEAM,
            "channel_id": "C0CARDS",
            "channel_name": "friction",
            "trigger_id": f"t{number}",
            "response_url": "https://hooks.slack.com/commands/1",
        }
    )
    timestamp = str(int(clock.unix()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body) or ""
    headers = {
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": signature,
        "content-type": "application/x-www-form-urlencoded",
    }
    return AsyncBoltRequest(body=body, headers=dict(headers))


def bare() -> AsyncApp:
    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=fakes.TEAM, bot_user_id=fakes.BOT, bot_token="xoxb-1")

    bolt = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=True)

    @bolt.command("/friction")
    async def acknowledge(ack) -> None:  # type: ignore[no-untyped-def]
        await ack(text="ok")

    return bolt


async def measure(name: str, bolt: AsyncApp, requests: list[AsyncBoltRequest]) -> float:
    waits = []
    began = time.perf_counter()
    for each in requests:
        asked = time.perf_counter()
        answer = await bolt.async_dispatch(each)
        assert answer.status == 200
        waits.append((time.perf_counter() - asked) * 1000)
    rate = len(requests) / (time.perf_counter() - began)
    p99 = statistics.quantiles(waits, n=100)[98]
    print(f"{name:<12}{rate:>8,.0f} a second   median {statistics.median(waits):6.2f} ms   p99 {p99:6.2f} ms")
    return rate


async def main() -> None:
    # Bolt by itself takes any body with that word in it for a button's.
    words = [text for text, _ in train.corpus() if "payload" not in text]
    with tempfile.TemporaryDirectory() as folder:
        slack = fakes.FakeSlack(clock.now)
        slack.channel("C0CARDS", "friction", fakes.BOT)
        await slack.start()
        try:
            settings = Settings(
                slack_bot_token=SecretStr(fakes.BOT_TOKEN),
                slack_app_token=SecretStr(""),
                slack_signing_secret=SecretStr(SECRET),
                slack_api_url=slack.api_url,
                database_url=f"sqlite+aiosqlite:///{folder}/bench.db",
                friction_channel="C0CARDS",
            )
            async with app.put_together(settings) as (kit, identity, _):
                ours = app.bolt_app(settings, kit, identity)
                print(f"{COUNT:,} reports of the corpus, SQLite, one process")
                for part in range(2):
                    batch = range(part * COUNT, (part + 1) * COUNT)
                    plain = await measure("bare Bolt", bare(), [request(words[n % len(words)], n) for n in batch])
                    stored = await measure("friction", ours, [request(words[n % len(words)], n) for n in batch])
                    print(f"ratio {stored / plain:.2f} with {part * COUNT:,} reports stored before")
        finally:
            await slack.stop()


if __name__ == "__main__":
    asyncio.run(main())
