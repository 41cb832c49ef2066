"""Whom a problem hits: who says that it no longer does, whose votes there are, and who has it again after a fix."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, Subquery, and_, cast, func, literal, union, update
from sqlalchemy import select as columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.developers import Developer
from storage.models import Card, Cluster, Fact, Report, Vote
from storage.notices import Answer


@dataclass(frozen=True, slots=True)
class After:
    """A cluster that was shipped: how many people had it before, and how many have it since."""

    cluster_id: int
    before: int
    since: int


async def leave(session: AsyncSession, workspace_id: str, cluster_id: int, person: str, now: dt.datetime) -> bool:
    """From now on nothing of what this person said or voted counts for the cluster. False: nothing did."""
    counts = (col(Report.over_at).is_(None), col(Vote.over_at).is_(None))
    return await _mark(session, workspace_id, cluster_id, person, counts, now)


async def come_back(session: AsyncSession, workspace_id: str, cluster_id: int, person: str) -> bool:
    """All of it counts again. False: it does already."""
    over = (col(Report.over_at).is_not(None), col(Vote.over_at).is_not(None))
    return await _mark(session, workspace_id, cluster_id, person, over, None)


async def _mark(
    session: AsyncSession,
    workspace_id: str,
    cluster_id: int,
    person: str,
    which: tuple[ColumnElement[bool], ColumnElement[bool]],
    over_at: dt.datetime | None,
) -> bool:
    reports, votes = await _theirs(session, workspace_id, cluster_id, person, which)
    for table, ids in ((Report, reports), (Vote, votes)):
        marked = update(table).where(col(table.id).in_(ids)).values(over_at=over_at)
        await session.execute(marked.execution_options(synchronize_session=False))
    return bool(reports or votes)


async def _theirs(
    session: AsyncSession,
    workspace_id: str,
    cluster_id: int,
    person: str,
    which: tuple[ColumnElement[bool], ColumnElement[bool]],
) -> tuple[list[int], list[int]]:
    """One person's reports in a cluster, and their votes for it, by id."""
    of_report, of_vote = which
    reported = select(Report.id).where(
        Report.workspace_id == workspace_id, Report.cluster_id == cluster_id, Report.reporter == person, of_report
    )
    voted = select(Vote.id).where(Vote.workspace_id == workspace_id, Vote.person == person, col(Vote.given), of_vote)
    on_card = voted.join(Card, _on(Card)).where(Card.cluster_id == cluster_id)
    captured = voted.join(Report, _on(Report)).where(Report.cluster_id == cluster_id, Report.message_ts != "")
    reports = [id_ for id_ in (await session.exec(reported)).all() if id_]
    votes = {id_ for each in (on_card, captured) for id_ in (await session.exec(each)).all() if id_}
    return reports, sorted(votes)


async def leavers(session: AsyncSession, workspace_id: str, cluster_id: int) -> frozenset[str]:
    """Who reported this, or voted for it, and says that it is no problem of theirs any more."""
    over = and_(col(Vote.given), col(Vote.over_at).is_not(None))
    said = [
        columns(col(Report.reporter)).where(col(Report.reporter).is_not(None), col(Report.over_at).is_not(None)),
        columns(col(Vote.person)).join(Report, _on(Report)).where(over, col(Report.message_ts) != ""),
    ]
    here = [each.where(col(Report.workspace_id) == workspace_id, col(Report.cluster_id) == cluster_id) for each in said]
    on_card = columns(col(Vote.person)).join(Card, _on(Card)).where(over, col(Card.cluster_id) == cluster_id)
    counted = columns(col(Developer.person)).where(
        col(Developer.workspace_id) == workspace_id, col(Developer.cluster_id) == cluster_id
    )
    gone = set((await session.execute(union(*here, on_card))).scalars())
    return frozenset(gone.difference((await session.execute(counted)).scalars()))


async def left(session: AsyncSession, workspace_id: str, cluster_id: int, person: str) -> bool:
    """Whether one person is among them."""
    return person in await leavers(session, workspace_id, cluster_id)


async def voted_for(session: AsyncSession, workspace_id: str, person: str, limit: int) -> list[tuple[int, bool]]:
    """The clusters that somebody's votes count for, latest first, and whether each is still a problem of theirs."""
    parts: list[Any] = []
    for table in (Card, Report):
        votes: Any = columns(
            col(table.cluster_id).label("cluster_id"), col(Vote.voted_at).label("at"), col(Vote.over_at)
        )
        votes = votes.join(Vote, _on(table)).where(
            col(table.workspace_id) == workspace_id,
            col(Vote.person) == person,
            col(Vote.given),
            col(table.message_ts) != "",
            col(table.cluster_id).is_not(None),
        )
        parts.append(votes)
    given = union(*parts).subquery()
    counting = func.count().filter(given.c.over_at.is_(None))
    wanted = columns(given.c.cluster_id, counting).group_by(given.c.cluster_id)
    wanted = wanted.order_by(func.max(given.c.at).desc(), given.c.cluster_id).limit(limit)
    return [(cluster_id, count > 0) for cluster_id, count in (await session.execute(wanted)).all()]


async def latest_words(
    session: AsyncSession, workspace_id: str, cluster_ids: Collection[int], person: str
) -> dict[int, Report]:
    """The latest report of one person in each of these clusters."""
    wanted = (
        select(Report)
        .where(Report.workspace_id == workspace_id, Report.reporter == person, col(Report.cluster_id).in_(cluster_ids))
        .order_by(col(Report.said_at), col(Report.id))
    )
    return {report.cluster_id or 0: report for report in (await session.exec(wanted)).all()}


async def after_shipping(
    session: AsyncSession, workspace_id: str, until: dt.datetime, cluster_ids: Collection[int] | None = None
) -> list[After]:
    """The shipped clusters (of these, or all) that somebody has since their shipping, as far as was said by `until`.

    What counts is when a message was written, and when a vote was given; a vote on a message that is older than the
    shipping is about what was before. So is a message that was captured late. Whose last answer is that it is still
    there has it, too, as long as they are counted at all; answers follow what they were about into what it is part of.
    """
    unnamed = literal("unnamed ") + cast(col(Report.id), String)
    shipped = and_(
        col(Cluster.workspace_id) == workspace_id,
        col(Cluster.status) == "shipped",
        col(Cluster.merged_into).is_(None),
    )
    if cluster_ids is not None:
        shipped = and_(shipped, col(Cluster.id).in_(cluster_ids))
    moment, cluster = col(Cluster.status_at), col(Cluster.id)
    given = and_(col(Vote.given), col(Vote.over_at).is_(None))
    person, since = func.coalesce(col(Report.reporter), unnamed).label("person"), col(Report.said_at) > moment
    by_then, voted_by_then = col(Report.said_at) <= until, col(Vote.voted_at) <= until
    last = _answered(shipped, until)
    signals = [
        columns(cluster, person, since.label("since"))
        .join(Report, col(Report.cluster_id) == cluster)
        .where(shipped, col(Report.over_at).is_(None), by_then),
        columns(cluster, col(Vote.person), col(Vote.voted_at) > moment)
        .join(Card, col(Card.cluster_id) == cluster)
        .join(Vote, _on(Card))
        .where(shipped, given, voted_by_then),
        columns(cluster, col(Vote.person), and_(col(Vote.voted_at) > moment, col(Report.said_at) > moment))
        .join(Report, col(Report.cluster_id) == cluster)
        .join(Vote, _on(Report))
        .where(shipped, given, col(Report.message_ts) != "", voted_by_then),
        columns(last.c.whole, last.c.person, literal(True))
        .join(Developer, and_(col(Developer.cluster_id) == last.c.whole, col(Developer.person) == last.c.person))
        .where(last.c.said == "still", last.c.nth == 1),
    ]
    everybody = union(*signals).subquery()
    now = func.count(everybody.c.person.distinct()).filter(everybody.c.since)
    before = func.count(everybody.c.person.distinct()).filter(~everybody.c.since)
    wanted = columns(everybody.c.id, before, now).group_by(everybody.c.id).having(now > 0)
    return [After(*row) for row in (await session.execute(wanted.order_by(everybody.c.id))).all()]


def _answered(shipped: ColumnElement[bool], until: dt.datetime) -> Subquery:
    """What each person said after these clusters, or a part of them, were shipped; `nth` is 1 for their last word."""
    whole: Any = columns(
        col(Cluster.id).label("whole"), col(Cluster.id).label("part"), col(Cluster.status_at).label("at")
    )
    parts = whole.where(shipped).cte("parts", recursive=True)
    parts = parts.union_all(
        columns(parts.c.whole, col(Cluster.id), parts.c.at).join(parts, col(Cluster.merged_into) == parts.c.part)
    )
    nth = func.row_number().over(
        partition_by=(parts.c.whole, col(Answer.person)), order_by=(col(Answer.made_at).desc(), col(Answer.id).desc())
    )
    said = columns(parts.c.whole, col(Answer.person), col(Answer.said), nth.label("nth"))
    return (
        said.join(parts, col(Answer.cluster_id) == parts.c.part)
        .join(Fact, col(Fact.id) == Answer.fact_id)
        .where(
            col(Answer.said) != "",
            col(Answer.made_at) > parts.c.at,
            col(Answer.made_at) <= until,
            col(Fact.undone_at).is_(None),
        )
        .subquery()
    )


def _on(table: type[Card] | type[Report]) -> ColumnElement[bool]:
    """The votes on these messages."""
    return and_(
        col(Vote.workspace_id) == col(table.workspace_id),
        col(Vote.channel) == col(table.channel),
        col(Vote.message_ts) == col(table.message_ts),
    )
