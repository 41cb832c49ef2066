"""The outbox is worked off: whatever Slack is still to be told, by as many workers as there are."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Callable

import storage.outbox
from bot import rules, views
from bot.flows import cluster as clusters
from bot.flows import digest as digests
from bot.flows import flag, home
from bot.flows import report as reports
from bot.flows.kit import Kit
from bot.slack import SlackRefused
from storage.models import Outbox

log = logging.getLogger(__name__)

#: How often an idle worker looks by itself (seconds): for what other processes wrote, and what falls due later.
LOOK = 1.0

#: What is done and this old is forgotten.
KEPT = dt.timedelta(days=14)


class Workers:
    """A few tasks that do what is due. `in_hand` are the rows this process is busy with."""

    def __init__(self, kit: Kit, *, clock: Callable[[], dt.datetime], of_message: Callable[[str], dt.datetime]) -> None:
        """`clock`: the time; `of_message`: the time that a Slack timestamp means."""
        self._kit = kit
        self._clock = clock
        self._of_message = of_message
        self._stopping = False
        self.in_hand: set[int] = set()

    async def run(self) -> None:
        """Do what is due, then wait, until told to stop."""
        while not self._stopping:
            self._kit.wake.clear()
            while not self._stopping and await self.one():
                pass
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self._kit.wake.wait()

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopping = True
        self._kit.wake.set()

    async def one(self) -> bool:
        """Do the row that has waited longest. False: there is none that is due."""
        row = None
        try:
            now = self._clock()
            async with self._kit.database.transaction() as session:
                row = await storage.outbox.claim(session, self._kit.house.workspace_id, now, in_hand=self.in_hand)
                if row is not None and row.id is not None:
                    self.in_hand.add(row.id)
            if row is None:
                return False
            await self._perform(row, now)
        except SlackRefused as refusal:
            assert row is not None
            await self._try_later(row, refusal.code, permanent=refusal.permanent, retry_after=refusal.retry_after)
        except Exception:
            log.exception(
                "outbox row failed", extra={"row": row.id if row else None, "kind": row.kind if row else None}
            )
            if row is None:
                return False
            await self._try_later(row, "our own fault; see the log", permanent=False, retry_after=None)
        finally:
            if row is not None and row.id is not None:
                self.in_hand.discard(row.id)
        return True

    async def until_settled(self) -> None:
        """Do what is due, and what becomes due by that, and come back."""
        while await self.one():
            pass

    async def settled(self) -> bool:
        """Whether nothing is in hand and nothing is due."""
        if self.in_hand:
            return False
        async with self._kit.database.reading() as session:
            _, first = await storage.outbox.depth(session, self._kit.house.workspace_id)
        return first is None or first > self._clock()

    async def _perform(self, row: Outbox, now: dt.datetime) -> None:
        kit = self._kit
        match row.kind:
            case "card":
                await clusters.draw(kit, row, now)
            case "read":
                await flag.read(kit, row, now, self._of_message(row.payload["ts"]))
            case "look_up":
                await flag.look_up(kit, row, now)
            case "tell":
                await _tell(kit, row, now)
            case "answer":
                await _answer(kit, row, now)
            case "digest":
                await digests.send(kit, row, now)
            case "home":
                await home.draw(kit, row.payload["person"], now)
            case other:
                raise SlackRefused(f"nobody knows how to do {other!r}", permanent=True)
        async with kit.database.transaction() as session:
            await storage.outbox.finish(session, row, self._clock())

    async def _try_later(self, row: Outbox, error: str, *, permanent: bool, retry_after: float | None) -> None:
        now = self._clock()
        wait = None if permanent else rules.retry.delay(row.attempts, retry_after)
        extra = {"row": row.id, "kind": row.kind, "attempt": row.attempts, "code": error}
        async with self._kit.database.transaction() as session:
            if wait is None:
                log.error("outbox row parked", extra=extra)
                await storage.outbox.park(session, row, now=now, error=error)
            else:
                log.warning("outbox row postponed", extra=extra)
                await storage.outbox.postpone(session, row, until=now + wait, error=error)


async def prune(kit: Kit, now: dt.datetime) -> None:
    """Forget what was done long ago."""
    async with kit.database.transaction() as session:
        await storage.outbox.prune(session, kit.house.workspace_id, now - KEPT)


async def _tell(kit: Kit, row: Outbox, now: dt.datetime) -> None:
    """Tell somebody by direct message what became of their report."""
    flagger = row.payload.get("flagger", "")
    name = (await kit.slack.person(flagger)).name if flagger else ""
    message = await reports.answer(kit, row.payload["report"], now, flagged_by=name)
    await kit.slack.post(row.payload["person"], message.text, message.blocks)


async def _answer(kit: Kit, row: Outbox, now: dt.datetime) -> None:
    """Answer a gesture where it was made."""
    payload = row.payload
    if "report" in payload:
        message = await reports.answer(kit, payload["report"], now, news=payload.get("news", ""))
    else:
        message = views.report.sentence(payload["news"])
    await kit.slack.answer(payload["url"], message.text, message.blocks, replace=payload["replace"])


async def answer(
    kit: Kit, url: str, key: str, now: dt.datetime, *, news: str, report_id: int | None, replace: bool
) -> None:
    """Want a gesture answered. `key`: Slack's own id of the gesture, so that it is answered once."""
    payload = {"url": url, "news": news, "replace": replace} | ({} if report_id is None else {"report": report_id})
    async with kit.database.transaction() as session:
        await storage.outbox.once(session, kit.house.workspace_id, "answer", key, payload, now)
    kit.wake.set()


async def tell(kit: Kit, person: str, report_id: int, key: str, now: dt.datetime) -> None:
    """Want somebody told by direct message what became of their report."""
    async with kit.database.transaction() as session:
        payload = {"report": report_id, "person": person}
        await storage.outbox.once(session, kit.house.workspace_id, "tell", key, payload, now)
    kit.wake.set()


async def want_home(kit: Kit, person: str, now: dt.datetime) -> None:
    """Want somebody's Home drawn; opening it many times draws it once in a few seconds."""
    async with kit.database.transaction() as session:
        await storage.outbox.again(session, kit.house.workspace_id, "home", person, {"person": person}, now)
    kit.wake.set()
