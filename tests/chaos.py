"""The bot is killed at any moment while people are at work, and started again: nothing taken is lost or doubled.

`chaos.py [kills] [seed] [database]`: 500 kills by default, from seed 1, on a SQLite file of its own.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from fakes import process
from fakes.gestures import People, doubled
from fakes.slack import FakeSlack
from fakes.world import BOT, TEAM
from sqlalchemy import func, select, update

from bot import app, clock
from bot.settings import Settings
from classifiers import train
from storage import workspaces
from storage.database import Database
from storage.inbox import Inbox
from storage.models import Cluster, Outbox, Report, Vote

CARDS, PLACE = "C0CARDS", "C0BACKEND"

#: Few problems, as a channel takes one card a second.
WORDS = (
    "the deploy docs still show the old flag",
    "deploy docs show an old flag",
    "VPN access takes three days for new people",
    "the gateway answers 500 with an empty body",
    "gateway says 500 and the body is empty",
    "the debugger never attaches to the worker",
)

#: The longest that a started bot may live before it is killed (seconds), and how many people work side by side.
LONGEST, SIDE_BY_SIDE = 1.5, 8


class Chaos:
    """A workspace, a bot in it, and what is to be true in the end."""

    def __init__(self, slack: FakeSlack, database: Database, cache: Path, chance: random.Random) -> None:
        """`slack` is running, and has the two channels; `cache`: where the trained classifier is."""
        self.slack, self.database, self.chance = slack, database, chance
        self.people = People(slack, chance, WORDS, cards=CARDS, place=PLACE)
        self.bot = process.bot(slack, database.url.render_as_string(hide_password=False), CARDS, cache)

    async def one_life(self) -> None:
        """The bot starts, people work, and it is killed at some moment."""
        await self._leases_end()
        await self.bot.starts()
        try:
            await self.bot.serves()
            over = asyncio.Event()
            at_work = asyncio.create_task(self.people.work(self.bot.port, SIDE_BY_SIDE, over))
            await self.people.hear_again(self.bot.port)
            await asyncio.sleep(self.chance.uniform(0, LONGEST))
        finally:
            await self.bot.dies()
        over.set()
        await at_work

    async def last_life(self, within: float = 120) -> None:
        """The bot starts once more, and does all that is left."""
        await self._leases_end()
        async with self.bot.running():
            await self.people.hear_again(self.bot.port)
            async with asyncio.timeout(within):
                while await self.left():  # noqa: ASYNC110 # another process changes it
                    await asyncio.sleep(0.1)
            await self.bot.stops()

    async def left(self) -> int:
        """How much is still to be filed or told."""
        async with self.database.reading() as session:
            unfiled = (await session.execute(select(func.count()).select_from(Inbox))).scalar_one()
            untold = select(func.count()).where(Outbox.wanted > Outbox.done)  # type: ignore[arg-type]
            return int(unfiled + (await session.execute(untold)).scalar_one())

    async def faults(self) -> list[str]:
        """What was taken and is not there, and what is there twice, in words."""
        taken, found = self.people.taken, []
        async with self.database.reading() as session:
            reports = {each.key: each for each in (await session.execute(select(Report))).scalars()}
            votes = {
                (each.channel, each.message_ts, each.person, each.emoji): each
                for each in (await session.execute(select(Vote))).scalars()
            }
            clusters = (await session.execute(select(Cluster))).scalars().all()
            parked = (await session.execute(select(Outbox).where(Outbox.parked_at.is_not(None)))).scalars()  # type: ignore[union-attr]
            found += [f"given up: {each.key} ({each.error})" for each in parked]
        found += [f"lost: {key}" for key in sorted(taken.reports - set(reports))]
        numbers = {each.id: each for each in reports.values()}
        for number in sorted(taken.withdrawn):
            if numbers[number].withdrawn_at is None:
                found.append(f"not withdrawn: report {number}")
        for number, area in sorted(taken.moved.items()):
            if area and numbers[number].withdrawn_at is None and numbers[number].area != area:
                found.append(f"not moved to {area}: report {number}")
        for key, states in sorted(taken.votes.items()):
            moment, given = max(states)
            kept = votes.get(key)
            if kept is None or (kept.event_ts, kept.given) < (moment, False):
                found.append(f"lost: the vote {key}")
            elif kept.event_ts == moment and kept.given != given:
                found.append(f"turned round: the vote {key}")
        unplaced = [key for key, each in reports.items() if each.cluster_id is None and each.withdrawn_at is None]
        found += [f"never placed: {key}" for key in unplaced]
        answered = {each.url for each in self.slack.answers}
        found += [f"never answered: {url}" for url in sorted(taken.urls - answered)]
        carded = {each["ts"] for each in self.slack.posted(CARDS)}
        here = {each.cluster_id for each in reports.values()}
        found += [f"no card: F-{each.number}" for each in clusters if each.id in here and each.card_ts not in carded]
        for channel in self.slack.channels:
            found += [f"twice in {channel}: {key}" for key in doubled(self.slack, channel)]
        return found

    async def _leases_end(self) -> None:
        """A minute passes, for the claims of those who died. SQLite's are freed at the next start."""
        if not self.database.embedded:
            async with self.database.transaction() as session:
                ended = clock.now() - dt.timedelta(seconds=1)
                held = update(Outbox).where(Outbox.claimed_until.is_not(None))  # type: ignore[union-attr]
                await session.execute(held.values(claimed_until=ended))


def workspace() -> FakeSlack:
    """A Slack with the two channels, by the real clock."""
    slack = FakeSlack(clock.now)
    slack.channel(CARDS, "friction", BOT)
    slack.channel(PLACE, "backend", BOT)
    return slack


async def run(kills: int, seed: int, url: str, cache: Path) -> list[str]:
    """So many kills, and what was found wrong."""
    slack, database = workspace(), Database(url)
    await slack.start()
    try:
        await database.migrate()
        async with database.transaction() as session:
            await workspaces.ensure(session, TEAM, "Acme")
        chaos = Chaos(slack, database, cache, random.Random(seed))
        for kill in range(1, kills + 1):
            await chaos.one_life()
            if kill % 25 == 0 or kill == kills:
                await chaos.last_life(within=600)
                found, taken = await chaos.faults(), chaos.people.taken
                print(
                    f"{kill} kills, {chaos.people.count:,} gestures: {len(taken.reports):,} reports,"
                    f" {len(taken.votes):,} votes, {len(taken.withdrawn):,} withdrawn, {len(taken.moved):,} moved;"
                    f" {len(found)} faults",
                    flush=True,
                )
                if found:
                    return found
    finally:
        await database.close()
        await slack.stop()
    return []


if __name__ == "__main__":
    many, first, *where = [*sys.argv[1:], "500", "1"][:3] if len(sys.argv) < 3 else sys.argv[1:]
    kept = app.model_path(Settings())
    train.load_or_fit(kept)
    with tempfile.TemporaryDirectory() as folder:
        address = where[0] if where and "://" in where[0] else f"sqlite+aiosqlite:///{folder}/chaos.db"
        wrong = asyncio.run(run(int(many), int(first), address, kept.parent))
    print("\n".join(wrong) or "Nothing was lost, and nothing is there twice.")
    sys.exit(bool(wrong))
