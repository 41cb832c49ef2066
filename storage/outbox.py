"""The outbox: what Slack is still to be told, written in the transaction that made it necessary."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Outbox, Workspace
from storage.upsert import insert, values

#: A claimed row is somebody's for this long; then the process that held it is taken for dead.
LEASE = dt.timedelta(seconds=60)

#: Two redraws of the same card are at least this far apart; what comes in between is folded into one.
FOLD = dt.timedelta(seconds=3)

#: A Home is drawn whenever somebody opens it, and a whole company may; cards are counted by the hundred, and as many
#: messages may have named a problem by words that go. What is said to people, and to all, goes first.
PATIENT = ("home", "count", "reheard")

#: The error of a row that Slack itself has put off; that wait is never shortened.
RATE_LIMITED = "ratelimited"

#: How long something wanted anew may go on waiting for an earlier failure.
SOON = dt.timedelta(minutes=1)


async def once(
    session: AsyncSession,
    workspace_id: str,
    kind: str,
    key: str,
    payload: dict[str, Any],
    now: dt.datetime,
) -> bool:
    """Want something done exactly once. False: it is wanted, or was done, already."""
    row = Outbox(workspace_id=workspace_id, kind=kind, key=f"{kind}:{key}", payload=payload, due_at=now, created_at=now)
    added = insert(session, Outbox).values(**values(row)).on_conflict_do_nothing(index_elements=["workspace_id", "key"])
    return (await session.execute(added.returning(Outbox.id))).scalar_one_or_none() is not None


async def again(
    session: AsyncSession,
    workspace_id: str,
    kind: str,
    key: str,
    payload: dict[str, Any],
    now: dt.datetime,
) -> None:
    """Want something brought up to date: now, or a moment after the last time."""
    row = Outbox(workspace_id=workspace_id, kind=kind, key=f"{kind}:{key}", payload=payload, due_at=now, created_at=now)
    new = insert(session, Outbox).values(**values(row))
    pending = col(Outbox.wanted) > col(Outbox.done)
    # A parked redraw gets a fresh chance; whatever was wrong with the last one, the card is different now.
    waiting = pending & col(Outbox.parked_at).is_(None)
    soon = now + SOON
    patient = or_(col(Outbox.due_at) < soon, col(Outbox.error) == RATE_LIMITED)
    rested = case((col(Outbox.finished_at) > now - FOLD, now + FOLD), else_=now)
    await session.execute(
        new.on_conflict_do_update(
            index_elements=["workspace_id", "key"],
            set_={
                "wanted": col(Outbox.wanted) + 1,
                "payload": new.excluded.payload,
                # However long it was put off: what has changed since is worth another try soon.
                "due_at": case((waiting & patient, col(Outbox.due_at)), (waiting, soon), else_=rested),
                "attempts": case((waiting, col(Outbox.attempts)), else_=0),
                "parked_at": None,
            },
        )
    )


async def homes_again(session: AsyncSession, workspace_id: str, since: dt.datetime, now: dt.datetime) -> None:
    """Want the Homes that their people opened after `since` drawn once more."""
    pending = col(Outbox.wanted) > col(Outbox.done)
    rested = case((col(Outbox.finished_at) > now - FOLD, now + FOLD), else_=now)
    more = (
        update(Outbox)
        .where(
            col(Outbox.workspace_id) == workspace_id,
            col(Outbox.kind) == "home",
            # To be drawn anew is not to be opened: else a Home once drawn would be for ever.
            col(Outbox.payload)["opened"].as_string() > since.astimezone(dt.UTC).isoformat(),
            col(Outbox.parked_at).is_(None),
        )
        .values(wanted=col(Outbox.wanted) + 1, due_at=case((pending, col(Outbox.due_at)), else_=rested))
    )
    await session.execute(more.execution_options(synchronize_session=False))


async def claim(
    session: AsyncSession, workspace_id: str, now: dt.datetime, *, in_hand: Collection[int]
) -> Outbox | None:
    """Take the row that has waited longest, PATIENT ones last, for LEASE. `in_hand`: rows this process is busy with."""
    wanted = (
        select(Outbox)
        .where(
            Outbox.workspace_id == workspace_id,
            col(Outbox.wanted) > col(Outbox.done),
            col(Outbox.parked_at).is_(None),
            Outbox.due_at <= now,
            or_(col(Outbox.claimed_until).is_(None), col(Outbox.claimed_until) < now),
            # Where we were thrown out, nothing more is said.
            ~select(Workspace.id).where(Workspace.id == workspace_id, col(Workspace.gone_at).is_not(None)).exists(),
        )
        .order_by(col(Outbox.kind).in_(PATIENT), col(Outbox.due_at), col(Outbox.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if in_hand:
        wanted = wanted.where(col(Outbox.id).not_in(in_hand))
    row = (await session.exec(wanted)).first()
    if row is not None:
        # A claim that nobody ended was a dead process's: what it was about to say may have been said.
        row.uncertain = row.uncertain or row.claimed_until is not None
        row.claimed_until = now + LEASE
        row.attempts += 1
    return row


async def revive(session: AsyncSession, workspace_id: str, now: dt.datetime) -> None:
    """Give what was given up another chance: somebody has started us again, perhaps because they mended something."""
    parked = update(Outbox).where(col(Outbox.workspace_id) == workspace_id, col(Outbox.parked_at).is_not(None))
    values = {"parked_at": None, "attempts": 0, "due_at": now}
    await session.execute(parked.values(**values).execution_options(synchronize_session=False))


async def release(session: AsyncSession) -> None:
    """Free every claim. Only where one process uses the database: at its start, all claims are a dead process's."""
    freed = update(Outbox).where(col(Outbox.claimed_until).is_not(None)).values(claimed_until=None, uncertain=True)
    await session.execute(freed.execution_options(synchronize_session=False))


async def let_go(session: AsyncSession, rows: Sequence[Outbox]) -> None:
    """Free the claims of rows that were cut off; how far each had got is not known."""
    for row in rows:
        freed = update(Outbox).where(_ours(row)).values(claimed_until=None, uncertain=True)
        await session.execute(freed.execution_options(synchronize_session=False))


async def finish(session: AsyncSession, row: Outbox, now: dt.datetime) -> None:
    """Note that `row` is done as far as it was wanted when claimed; what was wanted since comes after a rest."""
    finished = (
        update(Outbox)
        .where(_ours(row))
        .values(
            done=row.wanted,
            finished_at=now,
            claimed_until=None,
            uncertain=False,
            attempts=0,
            error="",
            due_at=case((col(Outbox.wanted) > row.wanted, now + FOLD), else_=col(Outbox.due_at)),
        )
    )
    await session.execute(finished.execution_options(synchronize_session=False))


async def postpone(
    session: AsyncSession, row: Outbox, *, until: dt.datetime, attempts: int, uncertain: bool, error: str
) -> None:
    """Try `row` again, not before `until`. `attempts`: how many count so far."""
    later = update(Outbox).where(_ours(row))
    values = {"due_at": until, "claimed_until": None, "attempts": attempts, "uncertain": uncertain, "error": error}
    await session.execute(later.values(**values).execution_options(synchronize_session=False))


async def park(session: AsyncSession, row: Outbox, *, now: dt.datetime, uncertain: bool, error: str) -> None:
    """Give `row` up, and keep it for `friction doctor` to show."""
    parked = update(Outbox).where(_ours(row))
    values = {"parked_at": now, "claimed_until": None, "uncertain": uncertain, "error": error}
    await session.execute(parked.values(**values).execution_options(synchronize_session=False))


def _ours(row: Outbox) -> ColumnElement[bool]:
    """The row, while it is still claimed by who claimed it: somebody who was too slow has no say any more."""
    return and_(col(Outbox.id) == row.id, col(Outbox.claimed_until) == row.claimed_until)


async def waiting(session: AsyncSession, workspace_id: str, kind: str, key: str) -> dict[str, Any] | None:
    """The payload of a row that is still to be done; None when it is done, or was never wanted."""
    wanted = select(Outbox.payload).where(
        Outbox.workspace_id == workspace_id, Outbox.key == f"{kind}:{key}", col(Outbox.wanted) > col(Outbox.done)
    )
    payload = (await session.exec(wanted)).first()
    return None if payload is None else dict(payload)


async def depth(session: AsyncSession, workspace_id: str) -> tuple[int, dt.datetime | None]:
    """How many rows are pending, and when the first of them is due."""
    wanted = select(func.count(), func.min(Outbox.due_at)).where(
        Outbox.workspace_id == workspace_id,
        col(Outbox.wanted) > col(Outbox.done),
        col(Outbox.parked_at).is_(None),
    )
    count, first = (await session.exec(wanted)).one()
    return count, first


async def parked(session: AsyncSession, workspace_id: str | None = None) -> Sequence[Outbox]:
    """What was given up, latest first. Without a workspace: in all of them."""
    wanted = select(Outbox).where(col(Outbox.parked_at).is_not(None)).order_by(col(Outbox.parked_at).desc())
    if workspace_id is not None:
        wanted = wanted.where(Outbox.workspace_id == workspace_id)
    return (await session.exec(wanted)).all()


async def retry(session: AsyncSession, ids: Collection[int] | None, now: dt.datetime) -> int:
    """Give rows that were given up another chance, these or (None) all of them. Gives back how many there were."""
    parked = update(Outbox).where(col(Outbox.parked_at).is_not(None))
    if ids is not None:
        parked = parked.where(col(Outbox.id).in_(ids))
    values = {"parked_at": None, "attempts": 0, "due_at": now}
    freed = parked.values(**values).execution_options(synchronize_session=False).returning(col(Outbox.id))
    return len((await session.execute(freed)).all())


async def waiting_since(session: AsyncSession, now: dt.datetime) -> tuple[int, dt.datetime | None]:
    """How many rows are pending in all workspaces, and since when the one that has waited longest is due."""
    pending = (col(Outbox.wanted) > col(Outbox.done)) & col(Outbox.parked_at).is_(None)
    count, first = (await session.exec(select(func.count(), func.min(Outbox.due_at)).where(pending))).one()
    return count, first if first is not None and first <= now else None


async def prune(session: AsyncSession, workspace_id: str, before: dt.datetime) -> None:
    """Forget what was done, or given up, before `before`; a card's row is kept while its cluster lives."""
    finished = and_(col(Outbox.wanted) <= col(Outbox.done), col(Outbox.finished_at) < before)
    old = delete(Outbox).where(
        col(Outbox.workspace_id) == workspace_id,
        or_(finished, col(Outbox.parked_at) < before),
        col(Outbox.kind) != "card",
    )
    await session.execute(old.execution_options(synchronize_session=False))
