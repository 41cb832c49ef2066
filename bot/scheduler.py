"""A metronome: it asks what is due, and owns no state. What is due stands in the database."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from prometheus_client import Gauge

from bot.clock import LastCall
from bot.flows import (
    audience,
    backlog,
    capture,
    forget,
    hearing,
    learn,
    links,
    outbox,
    regroup,
    resurfacing,
    sweep,
)
from bot.flows import cluster as clusters
from bot.flows import digest as digests
from bot.flows import subscription as subscriptions
from bot.flows import verdict as verdicts
from bot.flows.kit import Kit
from storage.database import DatabaseGone

log = logging.getLogger(__name__)

LAST_SUCCESS = Gauge("friction_job_last_success_timestamp_seconds", "When each job last went well", ["job"])

Job = Callable[[Kit, dt.datetime], Awaitable[object]]


def jobs(clock: Callable[[], dt.datetime]) -> tuple[tuple[str, Job, dt.timedelta], ...]:
    """What is done again and again, and how often. `clock`: for what takes longer than a moment."""
    return (
        ("inbox", lambda kit, _: capture.take(kit, clock), dt.timedelta(seconds=2)),
        ("digests", digests.open_due, dt.timedelta(minutes=1)),
        ("hearing", hearing.open_due, dt.timedelta(minutes=1)),
        ("back", resurfacing.look, dt.timedelta(minutes=10)),
        ("cards", clusters.refresh, dt.timedelta(hours=12)),
        ("regroup", regroup.nightly, dt.timedelta(minutes=10)),
        ("leads", _refresh_leads, dt.timedelta(hours=1)),
        ("prune", outbox.prune, dt.timedelta(hours=6)),
        ("learn", learn.nightly, dt.timedelta(minutes=10)),
        ("take up", learn.take_up, dt.timedelta(seconds=10)),
        ("take up link", links.take_up, dt.timedelta(seconds=10)),
        # What was taken back is forgotten here, too, also where nobody reports anything new.
        ("groups", _refresh_groups, dt.timedelta(seconds=30)),
        ("verdicts", verdicts.weigh_due, dt.timedelta(minutes=30)),
        ("sweep", sweep.begin, dt.timedelta(minutes=10)),
        ("backlog", backlog.measure, dt.timedelta(seconds=10)),
        ("forget", subscriptions.forget, dt.timedelta(hours=6)),
        ("fade", forget.fade, dt.timedelta(hours=24)),
        ("audience", audience.look_again, dt.timedelta(minutes=1)),
        ("purge", forget.purge, dt.timedelta(hours=6)),
    )


@contextlib.asynccontextmanager
async def beating(kit: Kit, clock: Callable[[], dt.datetime], last_call: LastCall) -> AsyncIterator[None]:
    """The metronome, while it beats. `clock`: the time that is handed to the jobs; `last_call`: to come to an end."""
    every = jobs(clock)
    scheduler = AsyncIOScheduler(timezone=dt.UTC, job_defaults={"coalesce": True, "max_instances": 1})
    beats: dict[str, asyncio.Task[None]] = {}

    async def beat(name: str, job: Job) -> None:
        # A task of its own: what APScheduler started itself, it would cut off in the middle when it is stopped.
        if name not in beats or beats[name].done():
            beats[name] = asyncio.create_task(_run(name, job, kit, clock))

    for name, job, interval in every:
        scheduler.add_job(beat, "interval", seconds=interval.total_seconds(), args=(name, job), misfire_grace_time=None)
    scheduler.start()
    # At once: something may have been left, or fallen due, while nobody was there.
    await beat(*every[0][:2])
    await beat("digests", digests.open_due)
    await beat("learn", learn.nightly)
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
        beats["learn"].cancel()  # minutes of work, which another process or a later start does as well
        _, late = await asyncio.wait(beats.values(), timeout=last_call.left())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


async def _run(name: str, job: Job, kit: Kit, clock: Callable[[], dt.datetime]) -> None:
    """One beat of one job. What goes wrong is logged here, and the next beat tries again."""
    try:
        if name != "purge" and await forget.is_gone(kit):
            return
        await job(kit, clock())
    except DatabaseGone as gone:
        log.warning("job put off", extra={"job": name, "error": str(gone)})
    except Exception:
        log.exception("job failed", extra={"job": name})
    else:
        LAST_SUCCESS.labels(name).set(clock().timestamp())


async def _refresh_leads(kit: Kit, _now: dt.datetime) -> None:
    await kit.leads.refresh(kit.slack)


async def _refresh_groups(kit: Kit, _now: dt.datetime) -> None:
    async with kit.database.reading() as session:
        await kit.groups.current(session)
