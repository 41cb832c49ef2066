"""`/friction words` over signed HTTP, beside a Bolt app that only acknowledges, in turn on the same machine.

`bench_capture.py [stored …]`, by default with nothing, ten thousand and a hundred thousand reports stored before, on
SQLite and on PostgreSQL. PostgreSQL is the one at TEST_POSTGRES; without it, its part is left out.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from bench_digest import fill, on_server
from fakes import process
from fakes import slack as fakes
from fakes.load import Crowd, Sent
from fakes.process import Process
from sqlalchemy import text

from bot import clock
from classifiers import train
from storage import workspaces
from storage.database import Database

COUNT, SIDE_BY_SIDE, BURST = 2000, 64, 5000

CACHE = "/tmp/xx"


def told(name: str, sent: Sequence[Sent], seconds: float) -> float:
    """Print how it went; gives back how many there were a second."""
    assert all(each.status == 200 for each in sent), {each.status for each in sent}
    waits = [each.seconds * 1000 for each in sent]
    p99 = statistics.quantiles(waits, n=100)[98]
    rate = len(sent) / seconds
    print(
        f"{name:<28}{rate:>8,.0f} a second   median {statistics.median(waits):7.1f} ms"
        f"   p99 {p99:7.1f} ms   longest {max(waits):7.1f} ms",
        flush=True,
    )
    return rate


async def rush(name: str, crowd: Crowd, count: int) -> float:
    """As many as can be answered, so many side by side."""
    began = time.perf_counter()
    sent = await crowd.all_at_once(count, SIDE_BY_SIDE)
    return told(name, sent, time.perf_counter() - began)


async def stored(url: str, count: int) -> None:
    """A database with so many reports, as a bot at work would have left it."""
    database = Database(url)
    await (fill(database, count) if count else database.migrate())
    async with database.transaction() as session:
        await workspaces.ensure(session, fakes.TEAM, "Acme")
        await session.execute(text("UPDATE workspace SET revision = :n, last_handle = :n").bindparams(n=count))
        if not database.embedded:
            for table in ("report", "cluster", "card", "vote"):
                await session.execute(text(f"SELECT setval('{table}_id_seq', {count + 1})"))
    await database.close()


async def waiting(url: str) -> tuple[int, int]:
    """How many reports are saved, and how many of them are still to be filed."""
    database = Database(url)
    async with database.reading() as session:
        filed = (await session.execute(text("SELECT count(*) FROM report"))).scalar_one()
        unfiled = (await session.execute(text("SELECT count(*) FROM inbox"))).scalar_one()
    await database.close()
    return filed + unfiled, unfiled


async def settled(url: str) -> float:
    """Wait until everything is filed; gives back how long that took (seconds)."""
    began = time.perf_counter()
    while (await waiting(url))[1]:  # noqa: ASYNC110 # another process changes it
        await asyncio.sleep(0.2)
    return time.perf_counter() - began


async def bench(url: str, name: str, count: int) -> None:
    print(f"\n{name}, {count:,} reports stored before")
    await stored(url, count)
    # Bolt by itself takes any body with that word in it for a button's.
    words = [text for text, _ in train.corpus() if "payload" not in text]
    slack = fakes.FakeSlack(clock.now)
    slack.channel("C0CARDS", "friction", fakes.BOT)
    slack.channel("C0BACKEND", "backend", fakes.BOT)
    await slack.start()
    with tempfile.TemporaryDirectory() as cache:
        bare = Process(str(Path(__file__).with_name("bare.py")))
        ours = process.bot(slack, url, "C0CARDS", Path(CACHE or cache))
        try:
            began = time.perf_counter()
            await ours.starts()
            await ours.serves()
            print(f"serves after {time.perf_counter() - began:.1f} s, with {ours.memory:.0f} MiB")
            async with bare.running():
                plain = Crowd(bare.port, words, url=slack.response_url)
                crowd = Crowd(ours.port, words, url=slack.response_url)
                await rush("(warming up) bare", plain, 200)
                await rush("(warming up) friction", crowd, 200)
                rates = []
                for _ in range(3):
                    rates.append((await rush("bare Bolt", plain, COUNT), await rush("friction", crowd, COUNT)))
                ratios = sorted(ours / theirs for theirs, ours in rates)
                print(f"ratio {ratios[1]:.2f} (of three: {', '.join(f'{each:.2f}' for each in ratios)})")
            took = await settled(url)
            print(f"filed {took:.1f} s later, with {ours.memory:.0f} MiB")
            began = time.perf_counter()
            sent = await crowd.steadily(3000, 100)
            told("a hundred a second", sent, time.perf_counter() - began)
            print(f"filed {await settled(url):.1f} s later")
            began, before = time.perf_counter(), (await waiting(url))[0]
            sent = await crowd.all_at_once(BURST, 100)
            told(f"a burst of {BURST:,}", sent, time.perf_counter() - began)
            print(f"of these {(await waiting(url))[0] - before:,} are stored")
            print(f"filed {await settled(url):.1f} s later, with {ours.memory:.0f} MiB")
            plain.close()
            crowd.close()
        finally:
            await ours.dies()
            await slack.stop()


async def main(counts: Sequence[int]) -> None:
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            await bench(f"sqlite+aiosqlite:///{folder}/bench.db", "SQLite", count)
    for count in counts:
        try:
            async with on_server() as url:
                await bench(url, "PostgreSQL", count)
        except OSError as error:
            print(f"PostgreSQL does not answer: {error}")


if __name__ == "__main__":
    asyncio.run(main([int(each) for each in sys.argv[1:]] or [0, 10_000, 100_000]))
