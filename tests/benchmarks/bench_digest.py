"""Digests, lists and the App Home over many reports: our own work, without waiting for Slack.

`bench_digest.py [reports]`, by default a hundred thousand on SQLite and on PostgreSQL, and a million on PostgreSQL,
where a hundred people are due at once. PostgreSQL is the one at TEST_POSTGRES; without it, its part is left out.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

import asyncpg
from conftest import POSTGRES
from fakes import slack as fakes
from pydantic import SecretStr
from sqlalchemy import insert, text

from bot import app, clock
from bot.flows import cluster as clusters
from bot.flows import digest as digests
from bot.flows import digest_contents, home, outbox, subscription
from bot.flows.kit import Kit
from bot.flows.moment import Moment
from bot.settings import Settings
from classifiers import train
from storage import subscriptions, triggers
from storage.database import Database
from storage.models import Card, Cluster, Report, Vote

#: Half of all reports are of one problem in twenty, as it is in real trackers.
PEOPLE, A_CLUSTER = 5000, 50
AREAS = ("docs", "errors", "onboarding", "debugging", "unsorted")
Row = dict[str, Any]


def said(count: int, now: dt.datetime) -> dict[type, list[Row]]:
    """A year of reports, and a vote for every fifth."""
    chance, groups = random.Random(7), max(count // A_CLUSTER, 10)
    words = [report for report, _ in train.corpus()]

    def cluster() -> int:
        return int(chance.paretovariate(0.6)) % groups + 1

    def moment() -> dt.datetime:
        return now - dt.timedelta(days=365 * chance.random())

    here = {"workspace_id": fakes.TEAM}
    found: dict[type, list[Row]] = {Cluster: [], Card: [], Report: [], Vote: []}
    for number in range(1, groups + 1):
        card = {
            "card_channel": "C0CARDS",
            "card_ts": f"17.{number:06}",
            "card_link": f"https://acme.slack.com/{number}",
        }
        area = {"number": number, "title": "", "area": AREAS[number % len(AREAS)], "status": "new"}
        found[Cluster].append(here | {"id": number, "created_at": now - dt.timedelta(days=400)} | area | card)
        where = {"channel": card["card_channel"], "message_ts": card["card_ts"]}
        found[Card].append(here | {"id": number, "cluster_id": number, "home_id": number} | where)
    for number in range(1, count + 1):
        at, place = moment(), cluster()
        report = Report(
            **here,
            key=f"{number}",
            cluster_id=place,
            text=words[number % len(words)],
            area=AREAS[place % len(AREAS)],
            source="command",
            reporter=f"U{chance.randrange(PEOPLE)}",
            severity=chance.choice([None, None, None, 0, 1, 2, 3]),
            minutes_lost=chance.choice([None, 5, 30]),
            said_at=at,
            created_at=at,
            revision=number,
        )
        found[Report].append(report.model_dump() | {"id": number})
    for number in range(1, count // 5 + 1):
        where = {"channel": "C0CARDS", "message_ts": f"17.{cluster():06}", "person": f"V{number}", "emoji": "+1"}
        given = {"given": True, "event_ts": f"{number}", "voted_at": moment()}
        found[Vote].append(here | {"id": number} | where | given)
    return found


async def fill(database: Database, count: int) -> None:
    await database.migrate()
    async with database.engine.begin() as connection:
        await connection.run_sync(triggers.drop)  # what they follow, the next migration derives at once
        driver = (await connection.get_raw_connection()).driver_connection
        for table, rows in said(count, clock.now()).items():
            if database.embedded:
                await connection.execute(insert(table), rows)
            else:
                columns = list(rows[0])
                records = [[row[column] for column in columns] for row in rows]
                await driver.copy_records_to_table(table.__tablename__, records=records, columns=columns, timeout=900)
        await connection.execute(text("ANALYZE"))
    await database.migrate()
    async with database.engine.begin() as connection:
        await connection.execute(text("ANALYZE"))


@contextlib.asynccontextmanager
async def served(url: str) -> AsyncIterator[tuple[Kit, fakes.FakeSlack]]:
    slack = fakes.FakeSlack(clock.now)
    slack.channel("C0CARDS", "friction", fakes.BOT)
    await slack.start()
    try:
        settings = Settings(
            slack_bot_token=SecretStr(fakes.BOT_TOKEN),
            slack_app_token=SecretStr(""),
            slack_signing_secret=SecretStr("a secret"),
            slack_api_url=slack.api_url,
            database_url=url,
            friction_channel="C0CARDS",
        )
        async with app.put_together(settings) as (kit, _, _):
            yield kit, slack
    finally:
        await slack.stop()


async def measure(name: str, work: Callable[[], Awaitable[object]], times: int = 7) -> None:
    waits, busy = [], []
    for _ in range(times):
        began, spent = time.perf_counter(), time.process_time()
        await work()
        waits.append((time.perf_counter() - began) * 1000)
        busy.append((time.process_time() - spent) * 1000)
    print(
        f"  {name:<28}median {statistics.median(waits):6.0f} ms   best {min(waits):6.0f} ms   "
        f"of it in this process {min(busy):5.0f} ms"
    )


async def one_by_one(kit: Kit, slack: fakes.FakeSlack) -> None:
    for person, areas in (("UALL", "all"), ("UDOCS", "docs")):
        slack.person(person)
        await subscribe(kit, person, areas)

    async def digest(person: str) -> None:
        async with kit.database.reading() as session:
            wanted = await subscriptions.get(session, fakes.TEAM, person)
        assert wanted is not None
        composed = await digest_contents.compose(kit, wanted, Moment(kit, clock.now()))
        assert digest_contents.messages(composed)[0].blocks[0]["type"] == "header"

    await measure("a digest of all areas", lambda: digest("UALL"))
    await measure("a digest of one area", lambda: digest("UDOCS"))
    await measure("the App Home", lambda: home.draw(kit, "UALL", clock.now()))
    await measure("/friction top", lambda: clusters.top(kit, None, clock.now()))
    await measure("Why? of the largest", lambda: clusters.explain(kit, "UALL", 2, clock.now()))


async def subscribe(kit: Kit, person: str, areas: str) -> None:
    at = {"every": "week", "weekday": "mon", "at": "09:00", "tz": "Europe/Berlin"}
    await subscription.subscribe(kit, person, areas=areas, now=clock.now() - dt.timedelta(weeks=1), **at)


async def all_at_once(kit: Kit, slack: fakes.FakeSlack, people: int) -> None:
    chosen = ("all", "docs", "errors,debugging", "onboarding")
    for number in range(people):
        slack.person(f"UTPM{number}")
        await subscribe(kit, f"UTPM{number}", chosen[number % len(chosen)])
    began = time.perf_counter()
    begun = await digests.open_due(kit, clock.now())
    workers = [outbox.Workers(kit, clock=clock.now, of_message=clock.of_message) for _ in range(4)]
    await asyncio.gather(*(each.until_settled() for each in workers))
    took = time.perf_counter() - began
    sent = sum(len(slack.posted(f"DUTPM{number}")) for number in range(people))
    print(f"  {begun} digests due at once, {sent} sent: {took:.1f} s, with a Slack that answers at once")


@contextlib.asynccontextmanager
async def on_server() -> AsyncIterator[str]:
    name = f"friction_bench_{uuid.uuid4().hex[:12]}"
    connection = await asyncpg.connect(POSTGRES, timeout=5)
    await connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield POSTGRES.rpartition("/")[0] + f"/{name}"
    finally:
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await connection.close()


async def bench(url: str, name: str, count: int, *, people: int = 0) -> None:
    print(f"{count:,} reports, {count // 5:,} votes, {name}")
    database = Database(url)
    await fill(database, count)
    await database.close()
    async with served(url) as (kit, slack):
        await one_by_one(kit, slack)
        if people:
            await all_at_once(kit, slack, people)


async def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        await bench(f"sqlite+aiosqlite:///{folder}/bench.db", "SQLite", count)
    try:
        async with on_server() as url:
            await bench(url, "PostgreSQL", count)
        async with on_server() as url:
            await bench(url, "PostgreSQL", 10 * count, people=100)
    except OSError as error:
        print(f"PostgreSQL does not answer: {error}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
