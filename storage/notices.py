"""Who is to hear of a decision, who heard, what they do not want to hear of, and what they answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Index, UniqueConstraint, and_, delete, func, update
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Fact, Report
from storage.moments import moment
from storage.upsert import insert, values

#: Databases bound the number of values in one statement.
_SOME = 500


class Notice(SQLModel, table=True):
    """One person hears of one decision, once.

    `kind`: status, what a cluster became; undone, that this was taken back; gone, the question whether it is; back,
    that it is not; workaround, how to do without. `state`: waiting until `due_at`, sending, told, or dropped because
    there was no reason any more. `channel`, `message_ts`: the message that told it.
    """

    __table_args__ = (
        UniqueConstraint("fact_id", "person", "kind"),
        Index("ix_notice_due", "workspace_id", "state", "due_at"),
        Index("ix_notice_person", "workspace_id", "person", "state"),
        Index("ix_notice_message", "workspace_id", "channel", "message_ts"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    fact_id: int = Field(foreign_key="fact.id")
    cluster_id: int = Field(foreign_key="cluster.id")
    person: str
    kind: str
    state: str = "waiting"
    made_at: dt.datetime = moment()
    due_at: dt.datetime = moment()
    told_at: dt.datetime | None = moment(nullable=True)
    channel: str = ""
    message_ts: str = ""


class Mute(SQLModel, table=True):
    """What somebody does not want to hear of: a kind of news, or `F-` and the id of a cluster. The last word wins."""

    __table_args__ = (UniqueConstraint("workspace_id", "person", "what"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    person: str
    what: str
    muted: bool
    event_ts: str


class Answer(SQLModel, table=True):
    """Whether it is gone for one person, after the decision that says it was shipped. `said`: gone or still.

    Empty when they took it back. The last answer wins, by Slack's own moment of it. `cluster_id`: what the decision is
    about, whatever that has become a part of.
    """

    __table_args__ = (
        UniqueConstraint("fact_id", "person"),
        Index("ix_answer_cluster", "workspace_id", "cluster_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    fact_id: int = Field(foreign_key="fact.id")
    cluster_id: int = Field(foreign_key="cluster.id")
    person: str
    said: str
    event_ts: str
    made_at: dt.datetime = moment()


class Seal(SQLModel, table=True):
    """By what the author of a report without a name is known again, if they wanted to hear what becomes of it.

    `key`: the report's, which may still be filed; `mark`: made of it and of their id, with a secret that no database
    holds, so that it is another one for each report.
    """

    __table_args__ = (UniqueConstraint("workspace_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    key: str
    mark: str


async def add(session: AsyncSession, notices: Sequence[Notice]) -> int:
    """Let people hear of something. Gives back how many did not have that notice before."""
    added = 0
    for start in range(0, len(notices), _SOME):
        some = [values(each) for each in notices[start : start + _SOME]]
        row = insert(session, Notice).values(some).on_conflict_do_nothing(index_elements=["fact_id", "person", "kind"])
        added += len((await session.execute(row.returning(Notice.id))).all())
    return added


async def due(session: AsyncSession, workspace_id: str, now: dt.datetime) -> Sequence[str]:
    """Who has something to hear, whoever waited longest first."""
    wanted = (
        select(Notice.person)
        .where(Notice.workspace_id == workspace_id, Notice.state == "waiting", Notice.due_at <= now)
        .group_by(col(Notice.person))
        .order_by(func.min(Notice.due_at), col(Notice.person))
    )
    return (await session.exec(wanted)).all()


async def waiting(session: AsyncSession, workspace_id: str, person: str) -> Sequence[Notice]:
    """What one person is still to hear, oldest first."""
    wanted = select(Notice).where(
        Notice.workspace_id == workspace_id, Notice.person == person, Notice.state == "waiting"
    )
    return (await session.exec(wanted.order_by(col(Notice.due_at), col(Notice.id)))).all()


async def take(session: AsyncSession, notice_ids: Collection[int]) -> list[int]:
    """Take what waits, to be sent: each is given to one who asks."""
    taken = update(Notice).where(col(Notice.id).in_(notice_ids), col(Notice.state) == "waiting")
    ids = (await session.execute(taken.values(state="sending").returning(col(Notice.id)))).scalars().all()
    return sorted(id_ for id_ in ids if id_ is not None)


async def put_off(
    session: AsyncSession, notice_ids: Collection[int], until: dt.datetime, *, state: str = "waiting"
) -> None:
    """Let notices of this state wait until a moment."""
    later = update(Notice).where(col(Notice.id).in_(notice_ids), col(Notice.state) == state)
    await session.execute(later.values(state="waiting", due_at=until).execution_options(synchronize_session=False))


async def end(
    session: AsyncSession,
    notice_ids: Collection[int],
    state: str,
    now: dt.datetime,
    *,
    channel: str = "",
    message_ts: str = "",
) -> None:
    """Note what became of notices: `told`, by which message; or `dropped`."""
    ended = update(Notice).where(col(Notice.id).in_(notice_ids))
    told = {"state": state, "told_at": now if state == "told" else None, "channel": channel, "message_ts": message_ts}
    await session.execute(ended.values(**told).execution_options(synchronize_session=False))


async def by_ids(session: AsyncSession, workspace_id: str, notice_ids: Collection[int]) -> Sequence[Notice]:
    """These notices, oldest first."""
    wanted = select(Notice).where(Notice.workspace_id == workspace_id, col(Notice.id).in_(notice_ids))
    return (await session.exec(wanted.order_by(col(Notice.id)))).all()


async def in_message(session: AsyncSession, workspace_id: str, channel: str, message_ts: str) -> Sequence[Notice]:
    """What one message told, in its order."""
    wanted = select(Notice).where(
        Notice.workspace_id == workspace_id, Notice.channel == channel, Notice.message_ts == message_ts
    )
    return (await session.exec(wanted.order_by(col(Notice.id)))).all()


async def messages_about(
    session: AsyncSession, workspace_id: str, cluster_ids: Collection[int]
) -> list[tuple[str, str]]:
    """The messages, by channel and moment, that told anybody anything of these clusters."""
    wanted = select(Notice.channel, Notice.message_ts).where(
        Notice.workspace_id == workspace_id,
        col(Notice.cluster_id).in_(cluster_ids),
        Notice.message_ts != "",
    )
    return list((await session.exec(wanted.distinct())).all())


async def messages_to(session: AsyncSession, workspace_id: str, person: str) -> list[tuple[str, str]]:
    """The messages, by channel and moment, that told one person anything."""
    wanted = select(Notice.channel, Notice.message_ts).where(
        Notice.workspace_id == workspace_id, Notice.person == person, Notice.message_ts != ""
    )
    return list((await session.exec(wanted.distinct())).all())


async def hearers(session: AsyncSession, fact_id: int, kind: str) -> Sequence[str]:
    """Who heard of a decision, or is hearing of it this moment."""
    wanted = select(Notice.person).where(
        Notice.fact_id == fact_id, Notice.kind == kind, col(Notice.state).in_(("sending", "told"))
    )
    return (await session.exec(wanted)).all()


async def is_made(session: AsyncSession, fact_id: int, kind: str) -> bool:
    """Whether anybody was ever to hear of a decision, in this way."""
    wanted = select(Notice.id).where(Notice.fact_id == fact_id, Notice.kind == kind)
    return (await session.exec(wanted.limit(1))).first() is not None


async def concerns(session: AsyncSession, workspace_id: str, person: str, cluster_ids: Collection[int]) -> bool:
    """Whether somebody was ever told anything about one of these clusters."""
    wanted = select(Notice.id).where(
        Notice.workspace_id == workspace_id, Notice.person == person, col(Notice.cluster_id).in_(cluster_ids)
    )
    return (await session.exec(wanted.limit(1))).first() is not None


async def last_heard(session: AsyncSession, person: str, cluster_ids: Collection[int]) -> Fact | None:
    """The last status of these clusters that somebody was told of."""
    wanted = (
        select(Fact)
        .join(Notice, col(Notice.fact_id) == Fact.id)
        .where(
            col(Notice.cluster_id).in_(cluster_ids),
            Notice.person == person,
            Notice.kind == "status",
            Notice.state == "told",
        )
        .order_by(col(Fact.id).desc())
        .limit(1)
    )
    return (await session.exec(wanted)).first()


async def heard_last(session: AsyncSession, cluster_ids: Collection[int]) -> dict[str, int]:
    """The last status of these clusters that each person was told of: who, and which fact."""
    wanted = (
        select(Notice.person, func.max(Notice.fact_id))
        .where(col(Notice.cluster_id).in_(cluster_ids), Notice.kind == "status", Notice.state == "told")
        .group_by(col(Notice.person))
    )
    return {person: fact_id for person, fact_id in (await session.exec(wanted)).all()}


async def mute(session: AsyncSession, changes: Iterable[Mute]) -> None:
    """Note what somebody wants to hear of, or not; an older word than the one we know changes nothing."""
    for each in changes:
        row = insert(session, Mute).values(**values(each))
        later = row.on_conflict_do_update(
            index_elements=["workspace_id", "person", "what"],
            set_={"muted": row.excluded.muted, "event_ts": row.excluded.event_ts},
            where=col(Mute.event_ts) < row.excluded.event_ts,
        )
        await session.execute(later)


async def muted(session: AsyncSession, workspace_id: str, person: str) -> frozenset[str]:
    """What somebody does not want to hear of."""
    wanted = select(Mute.what).where(Mute.workspace_id == workspace_id, Mute.person == person, col(Mute.muted))
    return frozenset((await session.exec(wanted)).all())


async def deaf_to(session: AsyncSession, workspace_id: str, what: Collection[str]) -> frozenset[str]:
    """Who does not want to hear of one of these."""
    wanted = select(Mute.person).where(Mute.workspace_id == workspace_id, col(Mute.what).in_(what), col(Mute.muted))
    return frozenset((await session.exec(wanted)).all())


async def answer(session: AsyncSession, given: Answer) -> None:
    """Note an answer; an older one than the one we know changes nothing."""
    row = insert(session, Answer).values(**values(given))
    later = row.on_conflict_do_update(
        index_elements=["fact_id", "person"],
        set_={name: row.excluded[name] for name in ("said", "event_ts", "made_at")},
        where=col(Answer.event_ts) < row.excluded.event_ts,
    )
    await session.execute(later)


async def answers(session: AsyncSession, fact_ids: Collection[int], person: str | None = None) -> Sequence[Answer]:
    """What was answered after these decisions, by everybody or by one."""
    wanted = select(Answer).where(col(Answer.fact_id).in_(fact_ids), Answer.said != "")
    if person is not None:
        wanted = wanted.where(Answer.person == person)
    return (await session.exec(wanted)).all()


async def asked(session: AsyncSession, fact_ids: Collection[int]) -> list[tuple[int, str]]:
    """Who was asked whether it is gone, by decision: by the question itself, or under the news that it was shipped."""
    wanted = (
        select(Notice.fact_id, Notice.person)
        .where(col(Notice.fact_id).in_(fact_ids), Notice.state == "told", col(Notice.kind).in_(("gone", "status")))
        .distinct()
    )
    return [(fact_id, person) for fact_id, person in (await session.exec(wanted)).all()]


async def seal(session: AsyncSession, mark: Seal) -> None:
    """Let the author of a report be known again; once, however often Slack tells us."""
    row = insert(session, Seal).values(**values(mark))
    await session.execute(row.on_conflict_do_nothing(index_elements=["workspace_id", "key"]))


async def seals(session: AsyncSession, workspace_id: str) -> Sequence[Seal]:
    """By what authors of reports without a name are known again, also of reports that were taken back."""
    return (await session.exec(select(Seal).where(Seal.workspace_id == workspace_id))).all()


async def unseal(session: AsyncSession, seal_ids: Collection[int]) -> None:
    """Let nobody be known again by these."""
    gone = delete(Seal).where(col(Seal.id).in_(seal_ids))
    await session.execute(gone.execution_options(synchronize_session=False))


async def sealed(session: AsyncSession, workspace_id: str) -> list[tuple[str, Report]]:
    """The reports whose authors may be known again, latest first, with their marks."""
    wanted = (
        select(Seal.mark, Report)
        .join(Report, and_(col(Report.workspace_id) == Seal.workspace_id, col(Report.key) == Seal.key))
        .where(Seal.workspace_id == workspace_id, col(Report.cluster_id).is_not(None))
        .order_by(col(Seal.id).desc())
    )
    return [(mark, report) for mark, report in (await session.exec(wanted)).all()]
