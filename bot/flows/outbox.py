"""The outbox is worked off: whatever Slack is still to be told, by as many workers as there are."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

import storage.inbox
import storage.outbox
from bot import rules, views
from bot.flows import card as cards
from bot.flows import cluster as clusters
from bot.flows import digest as digests
from bot.flows import flag, history, home, own, sweep, workaround
from bot.flows import news as messages
from bot.flows import reader as readers
from bot.flows import report as reports
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit
from bot.flows.post import post_once
from bot.slack import SlackRefused
from storage.database import DatabaseGone
from storage.models import Outbox

log = logging.getLogger(__name__)

#: How often an idle worker looks by itself (seconds): for what other processes wrote, and what falls due later.
LOOK = 1.0

#: How far apart things of one kind are tried again that Slack put off: a channel takes one message a second.
APART = dt.timedelta(seconds=1)

#: What is done, or given up, and this old is forgotten.
KEPT = dt.timedelta(days=14)

#: How long to leave an installation alone that Slack does not accept any more.
MENDING = dt.timedelta(minutes=10)


class Workers:
    """A few tasks that do what is due. `in_hand` are the rows this process is busy with."""

    def __init__(self, kit: Kit, *, clock: Callable[[], dt.datetime], of_message: Callable[[str], dt.datetime]) -> None:
        """`clock`: the time; `of_message`: the time that a Slack timestamp means."""
        self._kit = kit
        self._clock = clock
        self._of_message = of_message
        self._stopping = False
        self.in_hand: set[int] = set()
        self._cut_off: list[Outbox] = []
        self._turns: dict[str, dt.datetime] = {}

    async def run(self) -> None:
        """Do what is due, then wait, until told to stop."""
        while not self._stopping:
            self._kit.wake.clear()
            try:
                while not self._stopping and await self.one():
                    await self._kit.inbox.give_way()
            except Exception:
                # Above all the database may be gone. The row's lease ends by itself, and the next round tries again.
                log.exception("outbox interrupted")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self._kit.wake.wait()

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopping = True
        self._kit.wake.set()

    async def let_go(self) -> None:
        """At the end: nobody need wait for the leases of what was cut off, and whoever is next looks how far it got."""
        if self._cut_off:
            async with self._kit.database.transaction() as session:
                await storage.outbox.let_go(session, self._cut_off)

    async def one(self) -> bool:
        """Do the row that has waited longest. False: there is none that is due."""
        now = self._clock()
        async with self._kit.database.transaction() as session:
            row = await storage.outbox.claim(session, self._kit.house.workspace_id, now, in_hand=self.in_hand)
        if row is None or row.id is None:
            return False
        self.in_hand.add(row.id)
        try:
            await self._perform(row, now)
        except SlackRefused as refusal:
            await self._refused(row, refusal)
        except asyncio.CancelledError:
            self._cut_off.append(row)
            raise
        except DatabaseGone as gone:
            # No fault of the row's. Where this cannot be written down either, its lease ends by itself.
            log.warning("outbox row interrupted", extra={"row": row.id, "kind": row.kind, "error": str(gone)})
            wait = rules.retry.delay(1)
            await self._later(row, wait, attempts=row.attempts - 1, error="database gone", uncertain=True)
        except Exception:
            # A fault of ours in one row keeps nobody from the others; how far it got is not known.
            log.exception("outbox row failed", extra={"row": row.id, "kind": row.kind})
            await self._later(
                row, rules.retry.delay(row.attempts), attempts=row.attempts, error="our own fault", uncertain=True
            )
        finally:
            self.in_hand.discard(row.id)
        return True

    async def until_settled(self) -> None:
        """Do what is due, and what becomes due by that, and come back."""
        while await self.one():
            pass

    async def settled(self) -> bool:
        """Whether nothing is in hand, nothing is due, and nothing is still to be filed."""
        if self.in_hand or self._kit.inbox.busy:
            return False
        async with self._kit.database.reading() as session:
            unfiled, _ = await storage.inbox.depth(session, self._kit.house.workspace_id)
            _, first = await storage.outbox.depth(session, self._kit.house.workspace_id)
        return not unfiled and (first is None or first > self._clock())

    async def _perform(self, row: Outbox, now: dt.datetime) -> None:
        kit = self._kit
        match row.kind:
            case "card":
                await cards.draw(kit, row, now)
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
            case "redraw":
                await digests.redraw(kit, row, now)
            case "count":
                await sweep.count(kit, row, now)
            case "home":
                await home.draw(kit, row.payload["person"], now)
            case "hear":
                await messages.send(kit, row, now)
            case "reheard":
                await messages.redraw(kit, row, now)
            case "thread":
                await messages.thread(kit, row, now)
            case "workaround":
                await workaround.send(kit, row, now)
            case "follow":
                await readers.follow(kit, row.payload["person"], now)
            case "held":
                await own.send_held(kit, row)
            case "leads":
                await kit.leads.refresh(kit.slack)
            case other:
                raise ValueError(f"nobody knows how to do {other!r}")
        async with kit.database.transaction() as session:
            await storage.outbox.finish(session, row, self._clock())

    async def _refused(self, row: Outbox, refusal: SlackRefused) -> None:
        tried = row.attempts
        if refusal.installation:
            await self._later(row, MENDING, attempts=0, error=refusal.code)
        elif refusal.retry_after is not None:
            # Being asked to wait is no failure, however often it happens.
            wait = dt.timedelta(seconds=refusal.retry_after)
            if row.kind != "look_up":  # of these, one answer about a channel is everybody's who waits for it
                wait = self._turn(refusal.lane or row.kind, wait)
            await self._later(row, wait, attempts=tried - 1, error=refusal.code)
        elif refusal.permanent:
            await self._later(row, None, attempts=tried, error=refusal.code)
        else:
            uncertain = row.uncertain or refusal.unknown
            await self._later(row, rules.retry.delay(tried), attempts=tried, error=refusal.code, uncertain=uncertain)

    def _turn(self, lane: str, wait: dt.timedelta) -> dt.timedelta:
        """What Slack puts off comes back one by one: all at the same moment, all but one would be put off again."""
        now = self._clock()
        last = self._turns.get(lane, now)
        self._turns[lane] = max(now + wait, last + APART)
        return self._turns[lane] - now

    async def _later(
        self, row: Outbox, wait: dt.timedelta | None, *, attempts: int, error: str, uncertain: bool | None = None
    ) -> None:
        """Postpone `row` by `wait`; or give it up when there is none."""
        now = self._clock()
        doubt = row.uncertain if uncertain is None else uncertain
        extra = {"row": row.id, "kind": row.kind, "attempt": row.attempts, "code": error}
        async with self._kit.database.transaction() as session:
            if wait is None:
                log.error("outbox row parked", extra=extra)
                await storage.outbox.park(session, row, now=now, uncertain=doubt, error=error)
            else:
                # To wait for one's turn is nothing that needs attention.
                level = logging.INFO if error == storage.outbox.RATE_LIMITED else logging.WARNING
                log.log(level, "outbox row postponed", extra=extra)
                await storage.outbox.postpone(
                    session, row, until=now + wait, attempts=attempts, uncertain=doubt, error=error
                )


async def prune(kit: Kit, now: dt.datetime) -> None:
    """Forget what was done long ago."""
    async with kit.database.transaction() as session:
        await storage.outbox.prune(session, kit.house.workspace_id, now - KEPT)


async def answer(
    kit: Kit,
    url: str,
    key: str,
    now: dt.datetime,
    *,
    news: str,
    report_id: int | None = None,
    show: tuple[int, str] | None = None,
    undo: int | None = None,
    choice: tuple[list[int], str, str] | None = None,
    reader: str = "",
    left: tuple[str, str, bool] | None = None,
    replace: bool,
) -> None:
    """Want a gesture answered. `key`: Slack's own id of the gesture, so that it is answered once.

    With `news` alone, or with the report, the digest of `reader`, or the cluster to `show` to somebody, as it stands
    then; `undo`: the decision that the news tells of. `choice`: facts to the contrary, for whom to read, and what the
    button brings back; `left`: the handle and id of what they say is no problem of theirs, or is one again.
    """
    if not url:
        return
    payload = {"url": url, "news": news, "replace": replace, "undo": undo}
    payload |= {"report": report_id} if report_id is not None else {}
    payload |= {"show": show} if show else {}
    payload |= {"choice": choice} if choice else {}
    payload |= {"reader": reader} if reader else {}
    payload |= {"left": left} if left else {}
    async with kit.database.transaction() as session:
        await storage.outbox.once(session, kit.house.workspace_id, "answer", key, payload, now)
    kit.wake.set()


async def want(kit: Kit, kind: str, key: str, payload: dict[str, str], now: dt.datetime) -> None:
    """Want something brought up to date; wanted many times, it is done once in a few seconds."""
    async with kit.database.transaction() as session:
        await storage.outbox.again(session, kit.house.workspace_id, kind, key, payload, now)
    kit.wake.set()


async def _tell(kit: Kit, row: Outbox, now: dt.datetime) -> None:
    flagger = row.payload.get("flagger", "")
    name = ""
    if flagger:
        try:
            name = (await kit.slack.person(flagger)).name
        except SlackRefused as refusal:
            if not refusal.permanent:
                raise
            name = "A colleague"
    message = await reports.answer(kit, row.payload["report"], now, flagged_by=name)
    channel = await kit.slack.direct_channel(row.payload["person"])
    await post_once(kit, row, channel, message, block_id=f"tell-{row.id}")


async def _answer(kit: Kit, row: Outbox, now: dt.datetime) -> None:
    message = await _composed(kit, row.payload, now)
    try:
        await kit.slack.answer(row.payload["url"], message, replace=row.payload["replace"])
    except SlackRefused as refusal:
        if not refusal.permanent:
            raise
        # Half an hour has passed, or five answers.
        log.info("too late to answer", extra={"row": row.id, "code": refusal.code})
        if person := row.payload.get("person"):
            # Nothing but "saved" has been said so far, and that more comes.
            await post_once(kit, row, await kit.slack.direct_channel(person), message, block_id=f"tell-{row.id}")


async def _composed(kit: Kit, payload: dict[str, Any], now: dt.datetime) -> views.blocks.Message:
    news, undo = payload["news"], payload.get("undo")
    if "report" in payload:
        return await reports.answer(kit, payload["report"], now, news=news, undo=undo)
    if "show" in payload:
        cluster_id, reader = payload["show"]
        shown = await clusters.show_by_id(kit, cluster_id, reader, now, news=news, undo=undo)
        return shown or views.report.sentence(news)
    if "choice" in payload:
        facts, reader, value = payload["choice"]
        return views.triage.contradicted(await history.told(kit, facts, reader), value)
    if "left" in payload:
        called, cluster, left = payload["left"]
        return views.hearing.left(called, cluster, left=left)
    if "reader" in payload:
        return await subscriptions.answer(kit, payload["reader"], news, now)
    return views.triage.decided(news, undo) if undo is not None else views.report.sentence(news)
