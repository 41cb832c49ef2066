"""The near side of the inbox: many store what came with one write to the disk, and some wait for what becomes of it."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import uuid
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import storage.inbox
from bot.clock import LastCall
from storage.database import Database, DatabaseGone, hurried
from storage.inbox import Arrival

if TYPE_CHECKING:
    from bot.flows.report import Outcome

#: How long a gesture waits for its answer before it is acknowledged without (seconds).
PATIENCE = 1.0

#: How long it waits when the answer is about to be committed (seconds): Slack gives up after three.
NEARLY = 1.5

#: With more than this to be filed, nobody waits: it would be in vain, and they are in the way of those who come.
BACKLOG = 3

#: As many as this are stored by one write to the disk.
TOGETHER = 500

#: While people keep coming, filing waits for a moment (seconds) in which nobody came, but not for ever (moments).
MOMENT = 0.005
MOMENTS = 100

Brought = tuple[Arrival, asyncio.Future[None]]


@dataclass(slots=True, eq=False)
class Waiter:
    """Somebody who waits for what becomes of a report. `in_ack`: who waits tells the person, and nobody else has to.

    `promised`: it is being committed, and will be told.
    """

    in_ack: bool
    told: asyncio.Future[Outcome | None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    promised: bool = False


class Inbox:
    """What came to this process. `taker`: its name in the database; `unfiled`: the keys of what it has yet to file."""

    def __init__(self, patience: float = PATIENCE) -> None:
        """`patience`: how long a gesture waits for its answer (seconds)."""
        self.taker = uuid.uuid4().hex
        self.unfiled: set[str] = set()
        self.stopping = False
        self._patience = patience
        self._arriving: list[Brought] = []
        self._arrived = 0
        self._waiters: dict[str, list[Waiter]] = {}
        self._writing: asyncio.Task[None] | None = None
        self._filing: asyncio.Task[None] | None = None
        self._way = asyncio.Lock()

    async def put(self, database: Database, arrival: Arrival) -> None:
        """Store what came, together with what others bring in the meantime. Raises DatabaseGone."""
        stored = asyncio.get_running_loop().create_future()
        self._arriving.append((arrival, stored))
        self._arrived += 1
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(database))
        await stored

    async def _write(self, database: Database) -> None:
        while self._arriving:
            batch, self._arriving = self._arriving[:TOGETHER], self._arriving[TOGETHER:]
            error = await _store(database, batch)
            if error is None or isinstance(error, DatabaseGone) or len(batch) == 1:
                self._stored(batch, error)
                continue
            for each in batch:  # one of them cannot be stored, and must not take the others with it
                self._stored([each], await _store(database, [each]))

    def _stored(self, batch: Sequence[Brought], error: Exception | None) -> None:
        for arrival, stored in batch:
            if error is None:
                self.unfiled.add(arrival.key)
            if stored.done():
                continue  # whoever brought it has gone; it is stored all the same
            if error is None:
                stored.set_result(None)
            else:
                stored.set_exception(error)

    def file(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Have `work` done, unless it is being done; it ends when nothing is left to be filed."""
        if not self.stopping and (self._filing is None or self._filing.done()):
            # In a context of its own: it has all the time there is, unlike the gesture that happens to begin it.
            self._filing = asyncio.create_task(work(), context=contextvars.Context())

    async def give_way(self) -> None:
        """Before any work that nobody's acknowledgement waits for: let those go first who come now.

        While people keep coming, one piece of such work is begun at a time, and few a second.
        """
        if not self.crowded:
            return
        async with self._way:
            for _ in range(MOMENTS):
                arrived = self._arrived
                await asyncio.sleep(MOMENT)
                if arrived == self._arrived and not self.arriving:
                    return

    async def stop(self, last_call: LastCall) -> None:
        """Begin nothing more, and let what is in hand come to its end; the rest stays there."""
        self.stopping = True
        if self._filing is not None:
            await asyncio.wait([self._filing], timeout=last_call.left())
            self._filing.cancel()

    @property
    def arriving(self) -> bool:
        """Whether something is being stored just now."""
        return self._writing is not None and not self._writing.done()

    @property
    def busy(self) -> bool:
        """Whether something is being stored or filed just now."""
        return self.arriving or (self._filing is not None and not self._filing.done())

    @property
    def crowded(self) -> bool:
        """Whether there is more to be filed than anybody should wait for."""
        return len(self.unfiled) + len(self._arriving) > BACKLOG

    @contextlib.contextmanager
    def waiting(self, key: str, *, in_ack: bool) -> Iterator[Waiter]:
        """Somebody waits for what becomes of the report with this key."""
        waiter = Waiter(in_ack)
        self._waiters.setdefault(key, []).append(waiter)
        try:
            yield waiter
        finally:
            self._waiters[key].remove(waiter)
            if not self._waiters[key]:
                del self._waiters[key]

    async def outcome(self, waiter: Waiter) -> Outcome | None:
        """What became of it; None when that takes longer than anybody should wait."""
        for patience in (self._patience, NEARLY):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    return await asyncio.shield(waiter.told)
            if not waiter.promised:
                break
        return None

    def expects(self, key: str) -> bool:
        """Whether somebody waits for what becomes of the report with this key."""
        return key in self._waiters

    def promise(self, key: str) -> bool:
        """The report with this key is about to be committed. True: whoever waits for it will tell the person."""
        waiting = self._waiters.get(key, ())
        for waiter in waiting:
            waiter.promised = True
        return any(waiter.in_ack for waiter in waiting)

    def tell(self, key: str, outcome: Outcome | None) -> bool:
        """What became of it, or None: not filed yet. False: nobody waits who would tell the person."""
        waiting = self._waiters.get(key, ())
        for waiter in waiting:
            if not waiter.told.done():
                waiter.told.set_result(outcome)
        return any(waiter.in_ack for waiter in waiting)


async def _store(database: Database, batch: Sequence[Brought]) -> Exception | None:
    """Store what came, or say why not."""
    try:
        with hurried():
            async with database.transaction() as session:
                await storage.inbox.add(session, [arrival for arrival, _ in batch])
    except Exception as error:  # noqa: BLE001 # raised where each of them was put
        return error
    return None
