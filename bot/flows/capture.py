"""What somebody says is stored before they are told so; then it is filed, at once unless many speak at once."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import logging
from collections.abc import Callable, Sequence

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

#: What became of a row: None when it was not there any more; and whether somebody waits who will tell the person.
Filed = tuple[Inbox, reports.Outcome | None, bool]

#: As many rows are fetched at a time, and as many reports filed by one transaction while nobody waits for them; for so
#: long (seconds) others may have to wait for it.
FETCHED, TOGETHER, LONGEST = 50, 10, 0.2

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
            done = 0
            while done < len(rows):
                await inbox.give_way()
                if inbox.stopping:
                    return
                done += await _file_some(kit, rows[done:], clock())
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


async def _file_some(kit: Kit, rows: Sequence[Inbox], now: dt.datetime) -> int:
    """File the first of these and, when nobody waits for it, others after it. Gives back how many are dealt with."""
    together = list(itertools.takewhile(lambda row: not kit.inbox.expects(row.key), rows[:TOGETHER])) or rows[:1]
    try:
        done = await _filed(kit, together, now)
    except DatabaseGone:
        raise
    except Exception:  # noqa: BLE001 # found out, and told, by filing each of them by itself
        if len(together) == 1:
            await _put_off(kit, together[0], now)
        else:
            for row in together:  # one of them cannot be filed, and must not keep the others
                await _file_some(kit, [row], now)
        return len(together)
    missed: list[tuple[Inbox, reports.Outcome]] = []
    for row, outcome, promised in done:
        kit.inbox.unfiled.discard(row.key)
        if outcome is None:
            kit.inbox.tell(row.key, None)
            continue
        reports.noted(kit, outcome)
        # Whoever came to wait too late to be promised anything is answered later, as the outbox has it.
        told = kit.inbox.tell(row.key, outcome if outcome.filed or promised else None)
        if promised and not told:
            missed.append((row, outcome))
    if missed:
        # It took so long that whoever waited has gone. Last of all: the database may be gone, too.
        async with kit.database.transaction() as session:
            for row, outcome in missed:
                await _answer(session, row, outcome, now)
    return len(done)


async def _put_off(kit: Kit, row: Inbox, now: dt.datetime) -> None:
    """A fault of ours in one report keeps nobody from the others, and the report is not given up."""
    log.exception("report not filed", extra={"row": row.id})
    kit.inbox.unfiled.discard(row.key)
    kit.inbox.tell(row.key, None)
    async with kit.database.transaction() as session:
        wait = rules.retry.delay(row.attempts + 1) or rules.retry.LONGEST
        await storage.inbox.postpone(session, row.id or 0, until=now + wait, error="our own fault")


async def _filed(kit: Kit, rows: Sequence[Inbox], now: dt.datetime) -> list[Filed]:
    """File the first of these reports, and as many of the others as nobody has to wait for.

    With whatever the people are to be told later.
    """
    tags = kit.area.answers([row.text for row in rows])
    done: list[Filed] = []
    placed: list[int] = []
    over = asyncio.get_running_loop().time() + LONGEST
    try:
        async with kit.database.transaction() as session:
            workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
            there = await storage.inbox.hold(session, [row.id or 0 for row in rows])
            index = await kit.groups.current(session)
            for row, tag in zip(rows, tags, strict=True):
                if done and (kit.inbox.arriving or asyncio.get_running_loop().time() > over):
                    break
                if row.id not in there:
                    done.append((row, None, False))
                    continue
                said, telling = _said(row), kit.inbox.expects(row.key)
                new = reports.tagged(kit, said, tag, now)
                outcome = await reports.store(session, kit, workspace, index, said, new, now, telling=telling)
                promised = telling and kit.inbox.promise(row.key)
                if not promised:
                    await _answer(session, row, outcome, now)
                done.append((row, outcome, promised))
                if outcome.new:
                    # What comes after it in this transaction is compared with it, too.
                    report = outcome.report
                    index.put(report.id or 0, report.cluster_id or 0, report.text)
                    placed.append(report.id or 0)
            await storage.inbox.remove(session, [row.id or 0 for row, _, _ in done])
    except BaseException:
        for report_id in placed:
            index.remove(report_id)  # it is not there after all
        raise
    return done


def _said(row: Inbox) -> reports.Said:
    return reports.Said(
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


async def _answer(session: Session, row: Inbox, outcome: reports.Outcome, now: dt.datetime) -> None:
    """Want the person told what became of it, by whatever way there still is."""
    about = {"report": outcome.report.id}
    if row.answer and now - row.arrived_at < TOO_LATE:
        payload = about | {"url": row.answer, "person": row.reporter, "news": "", "replace": False}
        await storage.outbox.once(session, row.workspace_id, "answer", row.key, payload, now)
    elif row.reporter:
        await storage.outbox.once(session, row.workspace_id, "tell", row.key, about | {"person": row.reporter}, now)
