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

from bot import app, clock
from bot.settings import Settings
from classifiers import train
from storage import workspaces
from storage.database import Database

#: Requests of one round, how many of them side by side, and a burst.
COUNT, SIDE_BY_SIDE, BURST = 2000, 64, 5000

#: Where the trained classifier is kept between starts.
KEPT = app.model_path(Settings())


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


async def counted(url: str) -> dict[str, int]:
    """How many reports are filed and unfiled, and how much the outbox has done."""
    database = Database(url)
    async with database.reading() as session:
        found = {
            name: (await session.execute(text(question))).scalar_one()
            for name, question in {
                "filed": "SELECT count(*) FROM report",
                "unfiled": "SELECT count(*) FROM inbox",
                "done": "SELECT coalesce(sum(done), 0) FROM outbox",
            }.items()
        }
    await database.close()
    return found


async def behind(url: str, seconds: float) -> None:
    """Print how quickly what was saved is filed and told while nobody comes."""
    before, began = await counted(url), time.perf_counter()
    await asyncio.sleep(seconds)
    after, took = await counted(url), time.perf_counter() - began
    rates = {name: (after[name] - before[name]) / took for name in ("filed", "done")}
    print(f"behind it: {rates['filed']:.0f} filed a second, {rates['done']:.0f} told a second, {after['unfiled']} left")


async def bench(url: str, name: str, count: int) -> None:
    print(f"\n{name}, {count:,} reports stored before")
    await stored(url, count)
    # Bolt by itself takes any body with that word in it for a button's.
    words = [text for text, _ in train.corpus() if "payload" not in text]
    slack = fakes.FakeSlack(clock.now)
    slack.channel("C0CARDS", "friction", fakes.BOT)
    slack.channel("C0BACKEND", "backend", fakes.BOT)
    await slack.start()
    bare = Process(str(Path(__file__).with_name("bare.py")))
    ours = process.bot(slack, url, "C0CARDS", KEPT.parent)
    try:
        began = time.perf_counter()
        await ours.starts()
        await ours.serves()
        print(f"serves after {time.perf_counter() - began:.1f} s, with {ours.memory:.0f} MiB")
        async with bare.running():
            await measured(url, Crowd(bare.port, words), Crowd(ours.port, words, url=slack.response_url), bare, ours)
        print(f"memory: {ours.memory:.0f} MiB")
    finally:
        await ours.dies()
        await slack.stop()


async def measured(url: str, plain: Crowd, crowd: Crowd, bare: Process, ours: Process) -> None:
    await rush("(warming up) bare", plain, 100)
    began = time.perf_counter()
    told("friction, 100 a second", await crowd.steadily(2000, 100), time.perf_counter() - began)
    await behind(url, 15)
    rates, efforts = [], []
    for _ in range(3):
        rates.append([])
        efforts.append([])
        for name, people, program in (("bare Bolt", plain, bare), ("friction", crowd, ours)):
            before = program.busy
            rates[-1].append(await rush(name, people, COUNT))
            efforts[-1].append((program.busy - before) / COUNT * 1000)
    for what, ratios in (
        ("throughput", [ours / bare for bare, ours in rates]),
        ("processor time", [bare / ours for bare, ours in efforts]),
    ):
        each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        print(f"ratio by {what}: {statistics.median(ratios):.2f} (of three: {each})")
    began, before = time.perf_counter(), await counted(url)
    told(f"a burst of {BURST:,}", await crowd.all_at_once(BURST, 150), time.perf_counter() - began)
    after = await counted(url)
    print(f"of these stored: {sum(after.values()) - after['done'] - sum(before.values()) + before['done']:,}")
    await behind(url, 15)
    plain.close()
    crowd.close()


async def main(counts: Sequence[int]) -> None:
    train.load_or_fit(KEPT)  # a first start does it, and takes half a minute longer
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
