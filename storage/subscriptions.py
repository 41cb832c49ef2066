"""Subscriptions and the digests they gave rise to. The schedule is a column, claimed by compare-and-set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import case, delete, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from storage.models import Digest, Subscription
from storage.upsert import insert, values


async def put(session: AsyncSession, subscription: Subscription) -> Subscription:
    """Subscribe a person or a channel, or change how they are subscribed."""
    new = values(subscription)
    row = insert(session, Subscription).values(**new)
    changed = {name: row.excluded[name] for name in new if name not in ("workspace_id", "reader", "created_at")}
    written = row.on_conflict_do_update(index_elements=["workspace_id", "reader"], set_=changed)
    await session.execute(written)
    stored = await get(session, subscription.workspace_id, subscription.reader)
    assert stored is not None
    return stored


async def get(session: AsyncSession, workspace_id: str, reader: str) -> Subscription | None:
    """How this person or channel is subscribed, if they are."""
    found = await ever(session, workspace_id, reader)
    return None if found is None or found.ended_at is not None else found


async def ever(session: AsyncSession, workspace_id: str, reader: str) -> Subscription | None:
    """How this person or channel is subscribed, or was until lately."""
    return (await session.exec(_of(workspace_id, reader))).one_or_none()


async def hold(session: AsyncSession, workspace_id: str, reader: str) -> Subscription | None:
    """The subscription, held until this transaction ends; also one that was ended lately.

    Who changes when it is due must hold it: claimed in between, its moment would come twice.
    """
    return (await session.exec(_of(workspace_id, reader).with_for_update())).one_or_none()


def _of(workspace_id: str, reader: str) -> SelectOfScalar[Subscription]:
    return (
        select(Subscription)
        .where(Subscription.workspace_id == workspace_id, Subscription.reader == reader)
        .execution_options(populate_existing=True)
    )


async def by_id(session: AsyncSession, subscription_id: int) -> Subscription | None:
    """The subscription with this id; None also when it was ended."""
    found = await session.get(Subscription, subscription_id)
    return None if found is None or found.ended_at is not None else found


async def of_person(session: AsyncSession, workspace_id: str, person: str) -> Sequence[Subscription]:
    """The subscriptions that this person wants, their own first, then those of channels."""
    wanted = (
        select(Subscription)
        .where(
            Subscription.workspace_id == workspace_id,
            Subscription.person == person,
            col(Subscription.ended_at).is_(None),
        )
        .order_by(case((col(Subscription.reader) == person, 0), else_=1), col(Subscription.id))
    )
    return (await session.exec(wanted)).all()


async def everything(session: AsyncSession, workspace_id: str) -> Sequence[Subscription]:
    """Every subscription, the oldest first."""
    wanted = (
        select(Subscription)
        .where(Subscription.workspace_id == workspace_id, col(Subscription.ended_at).is_(None))
        .order_by(col(Subscription.id))
    )
    return (await session.exec(wanted)).all()


async def forget_ended(session: AsyncSession, workspace_id: str, before: dt.datetime) -> None:
    """Forget what was ended before `before`, and the digests with it."""
    gone = select(Subscription.id).where(Subscription.workspace_id == workspace_id, col(Subscription.ended_at) < before)
    ids = (await session.exec(gone.with_for_update())).all()
    for table, key in ((Digest, col(Digest.subscription_id)), (Subscription, col(Subscription.id))):
        old = delete(table).where(key.in_(ids))
        await session.execute(old.execution_options(synchronize_session=False))


async def move_channel(session: AsyncSession, workspace_id: str, old: str, new: str) -> None:
    """Slack gave a channel another id: its digest follows, unless somebody subscribed the new one already."""
    if await hold(session, workspace_id, new) is None:
        there = update(Subscription).where(
            col(Subscription.workspace_id) == workspace_id, col(Subscription.reader) == old
        )
        await session.execute(there.values(reader=new).execution_options(synchronize_session=False))


async def due(session: AsyncSession, workspace_id: str, now: dt.datetime) -> Sequence[Subscription]:
    """The subscriptions whose time has come, longest waiting first."""
    wanted = (
        select(Subscription)
        .where(
            Subscription.workspace_id == workspace_id,
            Subscription.next_due_at <= now,
            Subscription.paused_because == "",
            col(Subscription.ended_at).is_(None),
        )
        .order_by(col(Subscription.next_due_at), col(Subscription.id))
    )
    return (await session.exec(wanted)).all()


async def claim(session: AsyncSession, subscription: Subscription, *, next_due_at: dt.datetime) -> bool:
    """Move the schedule on. False: another process did so first, and the digest is theirs; or it was changed."""
    moved = (
        update(Subscription)
        .where(
            col(Subscription.id) == subscription.id,
            col(Subscription.next_due_at) == subscription.next_due_at,
            col(Subscription.paused_because) == "",
            col(Subscription.ended_at).is_(None),
        )
        .values(next_due_at=next_due_at)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(moved.returning(col(Subscription.id)))).scalar_one_or_none() is not None


async def stop(session: AsyncSession, subscription_id: int, because: str) -> None:
    """Send nothing until somebody resumes it. `because`: Slack's word for what is in the way."""
    stopped = update(Subscription).where(col(Subscription.id) == subscription_id).values(paused_because=because)
    await session.execute(stopped.execution_options(synchronize_session=False))


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


async def areas(session: AsyncSession, workspace_id: str) -> list[tuple[str, str]]:
    """Who gets digests of what: (person, areas), longest subscribed first."""
    wanted = select(Subscription.reader, Subscription.areas).where(
        Subscription.workspace_id == workspace_id, col(Subscription.ended_at).is_(None)
    )
    return [(person, areas) for person, areas in (await session.exec(wanted.order_by(col(Subscription.id)))).all()]


async def digest_at(session: AsyncSession, workspace_id: str, channel: str, message_ts: str) -> Digest | None:
    """The digest that was sent as this message."""
    wanted = select(Digest).where(
        Digest.workspace_id == workspace_id, Digest.channel == channel, Digest.message_ts == message_ts
    )
    return (await session.exec(wanted)).first()


async def sent_since(session: AsyncSession, workspace_id: str, moment: dt.datetime) -> list[int]:
    """The digests that were sent after `moment`, as long as somebody gets them."""
    wanted = (
        select(Digest.id)
        .join(Subscription, col(Subscription.id) == col(Digest.subscription_id))
        .where(
            Digest.workspace_id == workspace_id,
            Digest.state == "sent",
            col(Digest.sent_at) > moment,
            Digest.message_ts != "",
            col(Subscription.ended_at).is_(None),
        )
    )
    return [digest_id for digest_id in (await session.exec(wanted)).all() if digest_id is not None]
