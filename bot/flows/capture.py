"""What somebody says is stored before they are told so; then it is filed, at once unless many speak at once."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from prometheus_client import Gauge

import storage.inbox
import storage.outbox
import storage.workspaces
from bot import rules
from bot.flows import report as reports
from bot.flows.kit import Kit
from storage.database import DatabaseGone, Session
from storage.inbox import Arrival, Inbox

log = logging.getLogger(__name__)

WAITING = Gauge("friction_inbox_waiting", "Reports that are saved and not filed yet")
OLDEST = Gauge("friction_inbox_oldest_seconds", "How long the first of them has waited")

Clock = Callable[[], dt.datetime]

#: As many rows are fetched at a time.
FETCHED = 50

#: After this, Slack takes no answer to a gesture any more (half an hour, less a little).
TOO_LATE = dt.timedelta(minutes=29)


async def capture(
    kit: Kit, said: reports.Said, now: dt.datetime, clock: Clock, *, answer: str = "", in_ack: bool = False
) -> reports.Outcome | None:
    """Store what somebody said, which has words in it, and have it filed. Raises DatabaseGone: it is not stored.

    Gives back what became of it, or None: that comes later, as an answer to the gesture (`answer`: where Slack takes
    it), or by direct message. `in_ack`: only if it comes later; otherwise it is answered so in any case.
    """
    said = reports.cleaned(said)
    arrival = Arrival(
        workspace_id=kit.house.workspace_id,
        key=said.key,
        text=said.text,
        source=said.source,
        reporter=said.reporter,
        said_at=said.said_at,
        channel=said.channel,
        private=said.private,
        lift=said.lift,
        area=said.area,
        severity=said.severity,
        minutes_lost=said.minutes_lost,
        answer=answer,
        taker=kit.inbox.taker,
        arrived_at=now,
    )
    if kit.inbox.crowded:
        await _put(kit, arrival, clock)
        return None
    with kit.inbox.waiting(said.key, in_ack=in_ack) as waiter:
        await _put(kit, arrival, clock)
        outcome = await kit.inbox.outcome(waiter)
    return await reports.named(kit, outcome) if outcome else None


async def _put(kit: Kit, arrival: Arrival, clock: Clock) -> None:
    await kit.inbox.put(kit.database, arrival)
    kit.inbox.file(lambda: _file(kit, clock))


async def take(kit: Kit, clock: Clock) -> None:
    """See to whatever waits: what a dead process left, what another has no time for. Raises DatabaseGone."""
    async with kit.database.reading() as session:
        waiting, first = await storage.inbox.depth(session, kit.house.workspace_id)
    WAITING.set(waiting)
    OLDEST.set((clock() - first).total_seconds() if first else 0)
    if waiting:
        kit.inbox.file(lambda: _file(kit, clock))


async def _file(kit: Kit, clock: Clock) -> None:
    """File what is due, the oldest first, until nothing is left that this process has to file."""
    inbox, alone = kit.inbox, kit.database.embedded
    try:
        while not inbox.stopping:
            known = set(inbox.unfiled)
            async with kit.database.reading() as session:
                rows = await storage.inbox.due(
                    session, kit.house.workspace_id, inbox.taker, clock(), FETCHED, alone=alone
                )
            for row in rows:
                await inbox.give_way()
                if inbox.stopping:
                    return
                await _file_one(kit, row, clock())
            if not rows:
                inbox.unfiled -= known  # another process was quicker, it was erased, or it is tried again later
            if len(rows) < FETCHED and not inbox.unfiled:
                return
    except DatabaseGone as gone:
        # It is stored, and the metronome looks again.
        log.warning("filing put off", extra={"error": str(gone)})
        for key in inbox.unfiled:
            inbox.tell(key, None)
        inbox.unfiled.clear()


async def _file_one(kit: Kit, row: Inbox, now: dt.datetime) -> None:
    try:
        outcome, promised = await _filed(kit, row, now)
    except DatabaseGone:
        raise
    except Exception:
        # A fault of ours in one report keeps nobody from the others, and the report is not given up.
        log.exception("report not filed", extra={"row": row.id})
        kit.inbox.unfiled.discard(row.key)
        kit.inbox.tell(row.key, None)
        async with kit.database.transaction() as session:
            wait = rules.retry.delay(row.attempts + 1) or rules.retry.LONGEST
            await storage.inbox.postpone(session, row.id or 0, until=now + wait, error="our own fault")
        return
    kit.inbox.unfiled.discard(row.key)
    told = kit.inbox.tell(row.key, outcome)
    if outcome is None:
        return
    reports.noted(kit, outcome)
    if promised and not told:
        # It took so long that whoever waited has gone.
        async with kit.database.transaction() as session:
            await _answer(session, row, outcome, now)


async def _filed(kit: Kit, row: Inbox, now: dt.datetime) -> tuple[reports.Outcome | None, bool]:
    """File one report, with whatever the person is to be told later; None when it is not there any more.

    And whether somebody waits who will tell them now.
    """
    said = reports.Said(
        key=row.key,
        text=row.text,
        cleaned=True,
        source=row.source,
        reporter=row.reporter,
        said_at=row.said_at,
        channel=row.channel,
        private=row.private,
        lift=row.lift,
        area=row.area,
        severity=row.severity,
        minutes_lost=row.minutes_lost,
    )
    new = reports.tagged(kit, said, now)
    async with kit.database.transaction() as session:
        workspace = await storage.workspaces.lock(session, row.workspace_id)
        if not await storage.inbox.remove(session, row.id or 0):
            return None, False
        outcome = await reports.store(session, kit, workspace, said, new, now)
        promised = kit.inbox.promise(row.key)
        if not promised:
            await _answer(session, row, outcome, now)
    return outcome, promised


async def _answer(session: Session, row: Inbox, outcome: reports.Outcome, now: dt.datetime) -> None:
    """Want the person told what became of it, by whatever way there still is."""
    about = {"report": outcome.report.id}
    if row.answer and now - row.arrived_at < TOO_LATE:
        payload = about | {"url": row.answer, "person": row.reporter, "news": "", "replace": False}
        await storage.outbox.once(session, row.workspace_id, "answer", row.key, payload, now)
    elif row.reporter:
        await storage.outbox.once(session, row.workspace_id, "tell", row.key, about | {"person": row.reporter}, now)
