"""Subscriptions and the digests they gave rise to. The schedule is a column, claimed by compare-and-set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import delete, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Digest, Subscription
from storage.upsert import insert, values


async def put(session: AsyncSession, subscription: Subscription) -> Subscription:
    """Subscribe a person, or change how they are subscribed."""
    new = values(subscription)
    row = insert(session, Subscription).values(**new)
    changed = {name: row.excluded[name] for name in new if name not in ("workspace_id", "person", "created_at")}
    written = row.on_conflict_do_update(index_elements=["workspace_id", "person"], set_=changed)
    await session.execute(written)
    stored = await get(session, subscription.workspace_id, subscription.person)
    assert stored is not None
    return stored


async def get(session: AsyncSession, workspace_id: str, person: str) -> Subscription | None:
    """How this person is subscribed, if they are."""
    wanted = (
        select(Subscription)
        .where(Subscription.workspace_id == workspace_id, Subscription.person == person)
        .execution_options(populate_existing=True)
    )
    return (await session.exec(wanted)).one_or_none()


async def by_id(session: AsyncSession, subscription_id: int) -> Subscription | None:
    """The subscription with this id."""
    return await session.get(Subscription, subscription_id)


async def remove(session: AsyncSession, workspace_id: str, person: str) -> bool:
    """Unsubscribe a person; the digests they got are forgotten with it. False: they were not subscribed."""
    subscription = await get(session, workspace_id, person)
    if subscription is None:
        return False
    await session.execute(delete(Digest).where(col(Digest.subscription_id) == subscription.id))
    await session.delete(subscription)
    return True


async def due(session: AsyncSession, workspace_id: str, now: dt.datetime) -> Sequence[Subscription]:
    """The subscriptions whose time has come, longest waiting first."""
    wanted = (
        select(Subscription)
        .where(
            Subscription.workspace_id == workspace_id,
            Subscription.next_due_at <= now,
            Subscription.paused_because == "",
        )
        .order_by(col(Subscription.next_due_at))
    )
    return (await session.exec(wanted)).all()


async def claim(session: AsyncSession, subscription: Subscription, *, next_due_at: dt.datetime) -> bool:
    """Move the schedule on. False: another process did so first, and the digest is theirs."""
    moved = (
        update(Subscription)
        .where(col(Subscription.id) == subscription.id, col(Subscription.next_due_at) == subscription.next_due_at)
        .values(next_due_at=next_due_at)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(moved.returning(col(Subscription.id)))).scalar_one_or_none() is not None


async def pause(session: AsyncSession, subscription_id: int, because: str) -> None:
    """Stop sending until the person subscribes again. `because` is shown to who looks."""
    paused = update(Subscription).where(col(Subscription.id) == subscription_id).values(paused_because=because)
    await session.execute(paused.execution_options(synchronize_session=False))


async def open_digest(session: AsyncSession, digest: Digest) -> Digest | None:
    """Begin one digest. None: there is one for this subscription and moment already."""
    row = insert(session, Digest).values(**values(digest))
    added = row.on_conflict_do_nothing(index_elements=["subscription_id", "due_at"]).returning(Digest.id)
    digest_id = (await session.execute(added)).scalar_one_or_none()
    return None if digest_id is None else await get_digest(session, digest.workspace_id, digest_id)


async def get_digest(session: AsyncSession, workspace_id: str, digest_id: int) -> Digest | None:
    """The digest with this id."""
    wanted = select(Digest).where(Digest.workspace_id == workspace_id, Digest.id == digest_id)
    return (await session.exec(wanted)).one_or_none()


async def received(session: AsyncSession, subscription_id: int, before: int | None = None) -> Digest | None:
    """The latest digest that this person received, or the latest `before` another. What was never sent is not one."""
    wanted = select(Digest).where(Digest.subscription_id == subscription_id, Digest.state == "sent")
    if before is not None:
        wanted = wanted.where(col(Digest.id) < before)
    latest = wanted.order_by(col(Digest.until).desc(), col(Digest.id).desc()).limit(1)
    return (await session.exec(latest)).first()


async def quiet_periods(session: AsyncSession, subscription_id: int, since: dt.datetime | None) -> int:
    """How many periods have been quiet since then (None: ever)."""
    wanted = select(func.count()).where(Digest.subscription_id == subscription_id, Digest.state == "quiet")
    if since is not None:
        wanted = wanted.where(col(Digest.until) > since)
    return (await session.exec(wanted)).one()
