"""What still waits to be said to Slack, and what was given up: listed, measured, and tried again when somebody asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from prometheus_client import Gauge

import storage.outbox
from bot.flows.kit import Kit
from storage.database import Database
from storage.models import Outbox

DEPTH = Gauge("friction_outbox_depth", "What Slack is still to be told")
AGE = Gauge("friction_outbox_age_seconds", "How long the longest has been due")
PARKED = Gauge("friction_outbox_parked", "What was given up")


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many wait, the first of them since when (empty: none is due yet), and what was given up."""

    waiting: int
    since: dt.datetime | None
    parked: Sequence[Outbox]

    def lines(self, now: dt.datetime) -> list[str]:
        """The same in words."""
        late = f", the first for {(now - self.since).total_seconds() / 60:.0f} minutes" if self.since else ""
        return [f"{self.waiting} wait to be sent{late}.", *map(line, self.parked)]


def line(row: Outbox) -> str:
    """One that was given up: its number, what it is, and what Slack said."""
    tries = "1 try" if row.attempts == 1 else f"{row.attempts} tries"
    return f"#{row.id} {row.key}: {row.error}, given up after {tries} on {row.parked_at:%Y-%m-%d %H:%M} UTC"


async def look(database: Database, now: dt.datetime) -> Backlog:
    """What waits, in every workspace."""
    async with database.reading() as session:
        waiting, since = await storage.outbox.waiting_since(session, now)
        return Backlog(waiting, since, await storage.outbox.parked(session))


async def retry(database: Database, ids: Collection[int] | None, now: dt.datetime) -> int:
    """Try again what was given up, these or (None) all; a bot that runs does it at once. Gives back how many."""
    async with database.transaction() as session:
        return await storage.outbox.retry(session, ids, now)


async def measure(kit: Kit, now: dt.datetime) -> None:
    """Show it to whoever watches."""
    backlog = await look(kit.database, now)
    DEPTH.set(backlog.waiting)
    AGE.set((now - backlog.since).total_seconds() if backlog.since else 0)
    PARKED.set(len(backlog.parked))
