"""A metronome: it asks what is due, and owns no state. What is due stands in the database."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from prometheus_client import Gauge

from bot.flows import cluster as clusters
from bot.flows import digest as digests
from bot.flows import outbox
from bot.flows.kit import Kit

log = logging.getLogger(__name__)

LAST_SUCCESS = Gauge("friction_job_last_success_timestamp_seconds", "When each job last went well", ["job"])

Job = Callable[[Kit, dt.datetime], Awaitable[object]]


def metronome(kit: Kit, clock: Callable[[], dt.datetime]) -> AsyncIOScheduler:
    """The jobs and how often they are asked; not started yet. `clock`: the time that is handed to them."""
    scheduler = AsyncIOScheduler(timezone=dt.UTC, job_defaults={"coalesce": True, "max_instances": 1})
    every: tuple[tuple[str, Job, dt.timedelta], ...] = (
        ("digests", digests.open_due, dt.timedelta(minutes=1)),
        ("cards", clusters.refresh, dt.timedelta(days=1)),
        ("leads", _refresh_leads, dt.timedelta(hours=1)),
        ("prune", outbox.prune, dt.timedelta(hours=6)),
    )
    for name, job, interval in every:
        scheduler.add_job(
            _run,
            "interval",
            seconds=interval.total_seconds(),
            args=(name, job, kit, clock),
            next_run_time=clock(),  # at once: something may have fallen due while nobody was there
            misfire_grace_time=None,
        )
    return scheduler


async def _run(name: str, job: Job, kit: Kit, clock: Callable[[], dt.datetime]) -> None:
    """One beat of one job. What goes wrong is logged here, and the next beat tries again."""
    try:
        await job(kit, clock())
    except Exception:
        log.exception("job failed", extra={"job": name})
    else:
        LAST_SUCCESS.labels(name).set(clock().timestamp())


async def _refresh_leads(kit: Kit, _now: dt.datetime) -> None:
    await kit.leads.refresh(kit.slack)
