"""Two replicas over one PostgreSQL in a storm: kills, a database that restarts, 429s, sockets that drop.

`storm.py SECONDS SEED DATABASE`: an hour, say, as `storm.py 3600 1 postgresql://postgres@127.0.0.1/empty`. The same
seed brings the same gestures and the same weather, though not at the same instants. Nothing that was acknowledged may
be missing in the end, and nothing may be there twice.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import datetime as dt
import json
import os
import random
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).parents[1]
sys.path[:0] = [str(HOUSE), str(HOUSE / "tests")]

from fakes import troubles
from fakes.limits import Limits
from fakes.scripted import BAD_GATEWAY, DROPPED, later, refused
from fakes.slack import APP_TOKEN, BOT, BOT_TOKEN, TEAM, FakeSlack
from sqlalchemy import func, select, update

from bot import app, clock
from bot.settings import Settings
from classifiers import train
from storage import workspaces
from storage.database import Database
from storage.models import Cluster, Outbox, Report, Vote

CARDS, PLACE = "C0CARDS", "C0BACKEND"
FLAG = "triangular_flag_on_post"

#: Few problems: a channel takes one card a second.
WORDS = (
    "the deploy docs still show the old flag",
    "VPN access takes three days for new people",
    "the gateway answers 500 with an empty body",
    "the debugger never attaches to the worker",
)
PEOPLE = [f"U{number:03}" for number in range(30)]

#: Slack tries again at once, after a minute and after five; here a second is a minute. With Delayed Events it goes on
#: for a day [D 57969336058].
AGAIN = (0.0, 1.0, 5.0)


class Replica:
    """`friction run`, as a process of its own, over Socket Mode."""

    def __init__(self, slack: FakeSlack, database: Database, cache: Path, folder: Path) -> None:
        self.environment = {
            "PATH": os.defpath,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_API_URL": slack.api_url,
            "DATABASE_URL": database.url.render_as_string(hide_password=False),
            "FRICTION_CHANNEL": CARDS,
            "FRICTION_CACHE": str(cache),
            "HOST": "127.0.0.1",
            "PORT": "0",
            "LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(HOUSE),
        }
        self.folder = folder
        self.process: asyncio.subprocess.Process | None = None
        self.wanted = False

    async def lives(self) -> None:
        """Start it again whenever it is gone, as whoever runs it does; until it is not wanted any more."""
        self.wanted = True
        while self.wanted:
            log = (self.folder / "replicas.log").open("ab")
            with log:
                self.process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "bot", "run", cwd=self.folder, env=self.environment, stdout=log, stderr=log
                )
                await self.process.wait()
            if self.wanted:
                await asyncio.sleep(0.2)

    def strikes(self, blow: signal.Signals) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(blow)

    def ends(self, blow: signal.Signals = signal.SIGTERM) -> None:
        self.wanted = False
        self.strikes(blow)


class Storm:
    """A workspace, two replicas, and the weather. `taken`: what was acknowledged."""

    def __init__(self, slack: FakeSlack, database: Database, cache: Path, folder: Path, seed: int) -> None:
        self.slack, self.database = slack, database
        self.chance, self.sky = random.Random(seed), random.Random(seed + 1)
        self.replicas = [Replica(slack, database, cache, folder) for _ in range(2)]
        self.commands: set[str] = set()
        self.flagged: set[str] = set()
        self.votes: dict[tuple[str, str, str, str], tuple[str, bool]] = {}
        self.weather: collections.Counter[str] = collections.Counter()
        self.gestures = 0
        self._over = False
        self._envelopes = 0
        self._on_their_way: set[asyncio.Task[None]] = set()

    async def blow(self, seconds: float) -> None:
        """So much of it; then everything is calm, and what is left is worked off."""
        lives = [asyncio.create_task(each.lives()) for each in self.replicas]
        try:
            async with asyncio.timeout(120):
                await self._until(lambda: len(self.slack.sockets.open) == 2)
            people = [asyncio.create_task(self._person()) for _ in range(4)]
            await self._bad_weather(seconds)
            self._over = True
            await asyncio.gather(*people)
            self.slack.sockets.dead = self.slack.sockets.mute = 0
            self.slack.scripted_no_more()
            async with asyncio.timeout(180):
                await asyncio.gather(*self._on_their_way)
            # One after the other: what the one leaves is taken over by the other, and what a killed one held is free
            # a minute after its death. Here nobody who holds anything is left, and the minute is passed by hand.
            for each in self.replicas:
                each.ends()
            async with asyncio.timeout(60):
                await asyncio.gather(*lives)
            await self._leases_end()
            lives = [asyncio.create_task(self.replicas[0].lives())]
            await self._drained(within=240)
        finally:
            for each in self.replicas:
                each.ends(signal.SIGKILL)
            await asyncio.gather(*lives)

    # What people do

    async def _person(self) -> None:
        while not self._over:
            self.gestures += 1
            await self.chance.choices([self._types, self._votes, self._flags], [5, 4, 1])[0]()
            await asyncio.sleep(self.chance.uniform(0, 0.1))

    async def _types(self) -> None:
        trigger = self.slack.trigger()
        payload = {
            "command": "/friction",
            "text": self.chance.choice(WORDS),
            "user_id": self.chance.choice(PEOPLE),
            "team_id": TEAM,
            "channel_id": PLACE,
            "channel_name": "backend",
            "trigger_id": trigger,
            "response_url": self.slack.response_url(),
        }
        for _ in range(self.chance.choice((1, 1, 1, 2))):
            ack = await self._sent("slash_commands", payload)
            if ack is not None and "could not save" not in json.dumps(ack):
                self.commands.add(f"command:{trigger}")

    async def _votes(self) -> None:
        cards = self.slack.posted(CARDS)
        if cards:
            card, who = self.chance.choice(cards)["ts"], self.chance.choice(PEOPLE)
            self._happens(self.slack.reacted(who, CARDS, card, "+1", on=self.chance.randrange(3) > 0))

    async def _flags(self) -> None:
        author, who = self.chance.sample(PEOPLE, 2)
        ts = self.slack.said(PLACE, author, self.chance.choice(WORDS))
        self.flagged.add(ts)
        self._happens(self.slack.reacted(who, PLACE, ts, FLAG))

    def _happens(self, payload: dict[str, Any]) -> None:
        """An event: Slack goes on until it is acknowledged, whatever else happens meanwhile."""
        event = payload["event"]
        key = (event["item"]["channel"], event["item"]["ts"], event["user"], event["reaction"])
        state = (event["event_ts"], event["type"] == "reaction_added")
        self.votes[key] = max(self.votes.get(key, state), state)
        task = asyncio.create_task(self._until_heard(payload))
        self._on_their_way.add(task)
        task.add_done_callback(self._on_their_way.discard)

    async def _until_heard(self, payload: dict[str, Any]) -> None:
        tries = 0
        while await self._sent("events_api", payload, retry=tries) is None:
            await asyncio.sleep(AGAIN[min(tries, len(AGAIN) - 1)])
            tries += 1
        if self.chance.randrange(10) == 0:
            await self._sent("events_api", payload, retry=1)

    async def _sent(self, kind: str, payload: dict[str, Any], *, retry: int = 0) -> dict[str, Any] | None:
        """Down one connection, whichever; None when nobody acknowledged it."""
        self._envelopes += 1
        envelope = {
            "type": kind,
            "envelope_id": f"e{self._envelopes}",
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
            "retry_attempt": retry,
        }
        try:
            return await self.slack.sockets.send(envelope, within=3, to=self.chance.randrange(10))
        except (TimeoutError, OSError):
            return None

    # The weather

    async def _bad_weather(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        ends = loop.time() + seconds
        kinds = [
            self._kill,
            self._stop,
            self._database,
            self._too_fast,
            self._drops,
            self._cut,
            self._refresh,
            self._dead,
        ]
        while loop.time() < ends:
            # All kinds in turn, each time in another order.
            for kind in self.sky.sample(kinds, len(kinds)):
                await asyncio.sleep(min(self.sky.uniform(0.5, 4), max(0.0, ends - loop.time())))
                if loop.time() >= ends:
                    return
                self.weather[kind.__name__.strip("_")] += 1
                await kind()

    async def _kill(self) -> None:
        self.sky.choice(self.replicas).strikes(signal.SIGKILL)

    async def _stop(self) -> None:
        self.sky.choice(self.replicas).strikes(signal.SIGTERM)

    async def _database(self) -> None:
        if self.sky.randrange(2):
            await troubles.cut_all(self.database)
        else:
            async with troubles.restarting(self.database):
                await asyncio.sleep(self.sky.uniform(0.2, 2))

    async def _too_fast(self) -> None:
        for method in ("chat.postMessage", "chat.update", "reactions.get", "conversations.history"):
            self.slack.next(method, *[later(self.sky.randrange(1, 4))] * self.sky.randrange(1, 6))

    async def _drops(self) -> None:
        kinds = [DROPPED, BAD_GATEWAY, refused("fatal_error"), refused("internal_error")]
        self.slack.next("chat.postMessage", *self.sky.choices(kinds, k=3))
        self.slack.next("chat.update", *self.sky.choices(kinds, k=3))

    async def _cut(self) -> None:
        self.slack.sockets.cut()

    async def _refresh(self) -> None:
        await self.slack.sockets.refresh()

    async def _dead(self) -> None:
        self.slack.sockets.mute = self.sky.randrange(2)
        self.slack.sockets.dead = self.sky.randrange(2)
        await self.slack.sockets.refresh()

    # What is true in the end

    async def _until(self, true: Callable[[], bool]) -> None:
        while not true():  # noqa: ASYNC110 # it becomes so elsewhere
            await asyncio.sleep(0.05)

    async def _leases_end(self) -> None:
        async with self.database.transaction() as session:
            ended = clock.now() - dt.timedelta(seconds=1)
            held = update(Outbox).where(Outbox.claimed_until.is_not(None))  # type: ignore[union-attr]
            await session.execute(held.values(claimed_until=ended))

    async def _drained(self, within: float) -> None:
        """Wait until nothing is left to be said and nothing is missing; what is still missing then, `faults` says."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while await self._left() or await self.faults():  # noqa: ASYNC110 # another process changes it
                    await asyncio.sleep(0.5)

    async def _left(self) -> int:
        async with self.database.reading() as session:
            untold = select(func.count()).where(Outbox.wanted > Outbox.done)  # type: ignore[arg-type]
            return int((await session.execute(untold)).scalar_one())

    async def faults(self) -> list[str]:
        """What is missing, and what is there twice, in words."""
        async with self.database.reading() as session:
            reports = (await session.execute(select(Report))).scalars().all()
            votes = (await session.execute(select(Vote))).scalars().all()
            clusters = (await session.execute(select(Cluster))).scalars().all()
            parked = select(Outbox).where(Outbox.parked_at.is_not(None))  # type: ignore[union-attr]
            found = [f"given up: {row.key} ({row.error})" for row in (await session.execute(parked)).scalars()]
        keys = collections.Counter(each.key for each in reports)
        found += [f"lost: {key}" for key in sorted(self.commands - set(keys))]
        filed = collections.Counter(each.message_ts for each in reports if each.message_ts)
        found += [f"flagged and filed {filed[ts]} times: {ts}" for ts in sorted(self.flagged) if filed[ts] != 1]
        found += [f"never placed: {each.key}" for each in reports if each.cluster_id is None]
        kept = {(each.channel, each.message_ts, each.person, each.emoji): (each.event_ts, each.given) for each in votes}
        found += [
            f"vote {key}: {kept.get(key)} for {state}"
            for key, state in sorted(self.votes.items())
            if key not in kept or (kept[key] != state and kept[key][0] <= state[0])
        ]
        cards = collections.Counter(
            block["block_id"]
            for message in self.slack.posted(CARDS)
            for block in message["blocks"]
            if block.get("block_id", "").startswith("card-")
        )
        here = {each.cluster_id for each in reports}
        found += [
            f"{cards[f'card-{each.id}']} cards of F-{each.number}"
            for each in clusters
            if each.id in here and cards[f"card-{each.id}"] != 1
        ]
        for channel in self.slack.channels:
            said = collections.Counter(
                block["block_id"]
                for message in self.slack.posted(channel)
                for block in message["blocks"]
                if block.get("block_id", "").startswith(("tell-", "unreadable-"))
            )
            found += [f"said {times} times in {channel}: {key}" for key, times in said.items() if times > 1]
        return found

    def told(self) -> str:
        """What it was like, in a line."""
        weather = ", ".join(f"{count} × {kind.replace('_', ' ')}" for kind, count in sorted(self.weather.items()))
        return (
            f"{self.gestures:,} gestures: {len(self.commands):,} commands acknowledged, {len(self.flagged):,} flags, "
            f"{len(self.votes):,} votes; {weather}"
        )


@contextlib.asynccontextmanager
async def workspace() -> AsyncIterator[FakeSlack]:
    """A Slack by the real clock that keeps its limits."""
    slack = FakeSlack(clock.now)
    slack.limits = Limits()
    for person in PEOPLE:
        slack.person(person)
    slack.channel(CARDS, "friction", BOT, *PEOPLE)
    slack.channel(PLACE, "backend", BOT, *PEOPLE)
    await slack.start()
    try:
        yield slack
    finally:
        await slack.stop()


async def run(seconds: float, seed: int, url: str, cache: Path) -> list[str]:
    """One storm over the database at `url`; gives back what was found wrong."""
    database = Database(url)
    await database.migrate()
    async with database.transaction() as session:
        await workspaces.ensure(session, TEAM, "Acme")
    with tempfile.TemporaryDirectory() as folder:
        async with workspace() as slack:
            storm = Storm(slack, database, cache, Path(folder), seed)
            await storm.blow(seconds)
            found = await storm.faults()
            print(storm.told())
    await database.close()
    return found


if __name__ == "__main__":
    how_long, first, address = sys.argv[1:]
    model = app.model_path(Settings())
    train.load_or_fit(model)
    wrong = asyncio.run(run(float(how_long), int(first), address, model.parent))
    print("\n".join(wrong) or "Nothing was lost, and nothing is there twice.")
    sys.exit(bool(wrong))
