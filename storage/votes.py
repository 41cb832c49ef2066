"""Votes: reactions as states, and everybody's signals on a cluster."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, null, or_, union_all
from sqlalchemy import select as columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Card, Report, Vote
from storage.upsert import insert, values


@dataclass(frozen=True, slots=True)
class Signal:
    """One report or vote, as it counts for a cluster. `person` is None for somebody who did not want to be named."""

    cluster_id: int
    person: str | None
    at: dt.datetime
    severity: int | None
    report_id: int | None


async def record(session: AsyncSession, vote: Vote) -> bool:
    """Remember the state of one reaction. False: we know this, or something later, already.

    Slack promises no order, so the last writer by Slack's own `event_ts` wins, and a reaction taken off leaves its row.
    """
    row = insert(session, Vote).values(**values(vote))
    written = row.on_conflict_do_update(
        index_elements=["workspace_id", "channel", "message_ts", "person", "emoji"],
        # Who reacts anew has the problem again.
        set_={name: row.excluded[name] for name in ("given", "event_ts", "voted_at", "over_at")},
        where=col(Vote.event_ts) < row.excluded.event_ts,
    ).returning(Vote.id)
    return (await session.execute(written)).scalar_one_or_none() is not None


async def cluster_of(session: AsyncSession, workspace_id: str, channel: str, message_ts: str) -> int | None:
    """The cluster that a reaction on this message counts for: the message is its card, or one of its reports."""
    card = select(Card.cluster_id).where(
        Card.workspace_id == workspace_id, Card.channel == channel, Card.message_ts == message_ts
    )
    captured = select(Report.cluster_id).where(
        Report.workspace_id == workspace_id,
        Report.channel == channel,
        Report.message_ts == message_ts,
        Report.message_ts != "",
    )
    return (await session.exec(card)).first() or (await session.exec(captured)).first()


async def on(session: AsyncSession, workspace_id: str, channel: str, message_ts: str) -> Sequence[Vote]:
    """Every reaction on this message that we know of, also those taken off."""
    wanted = select(Vote).where(
        Vote.workspace_id == workspace_id, Vote.channel == channel, Vote.message_ts == message_ts
    )
    return (await session.exec(wanted)).all()


async def recent_cards(session: AsyncSession, workspace_id: str, since: dt.datetime) -> Sequence[Card]:
    """The cards that were posted since, or whose cluster somebody reported since."""
    reported = columns(col(Report.cluster_id)).where(
        col(Report.workspace_id) == workspace_id, col(Report.said_at) >= since, col(Report.cluster_id).is_not(None)
    )
    wanted = select(Card).where(
        Card.workspace_id == workspace_id,
        or_(col(Card.message_ts) >= f"{since.timestamp():.6f}", col(Card.cluster_id).in_(reported)),
    )
    return (await session.exec(wanted.order_by(col(Card.id)))).all()


async def backed(session: AsyncSession, workspace_id: str, person: str) -> set[int]:
    """The clusters that this person's standing votes count for."""
    on_card: Select[*tuple[Any, ...]] = columns(col(Card.cluster_id)).join(
        Vote, _on(col(Card.workspace_id), col(Card.channel), col(Card.message_ts))
    )
    captured: Select[*tuple[Any, ...]] = (
        columns(col(Report.cluster_id))
        .join(Vote, _on(col(Report.workspace_id), col(Report.channel), col(Report.message_ts)))
        .where(col(Report.cluster_id).is_not(None), col(Report.message_ts) != "")
    )
    theirs = (
        col(Vote.workspace_id) == workspace_id,
        col(Vote.person) == person,
        col(Vote.given),
        col(Vote.over_at).is_(None),
    )
    wanted = union_all(on_card.where(*theirs), captured.where(*theirs))
    return {cluster_id for (cluster_id,) in (await session.execute(wanted)).all()}


async def signals(session: AsyncSession, workspace_id: str, cluster_ids: Sequence[int] | None = None) -> list[Signal]:
    """Every report and every standing vote that counts for these clusters (None: for all of the workspace)."""
    rows = (await session.execute(union(workspace_id, cluster_ids))).all()
    return [Signal(*row) for row in rows]


def union(workspace_id: str, cluster_ids: Collection[int] | None) -> CompoundSelect[Any]:
    """The same as a question, to be asked as it is or inside another."""
    here = col(Report.workspace_id) == workspace_id
    placed = col(Report.cluster_id).is_not(None)
    given = and_(col(Vote.given), col(Vote.over_at).is_(None))
    reported: Select[*tuple[Any, ...]] = columns(
        col(Report.cluster_id).label("cluster_id"),
        col(Report.reporter).label("person"),
        col(Report.said_at).label("at"),
        col(Report.severity).label("severity"),
        col(Report.id).label("report_id"),
    ).where(here, placed, col(Report.over_at).is_(None))
    captured: Select[*tuple[Any, ...]] = (
        columns(col(Report.cluster_id), col(Vote.person), col(Vote.voted_at), null(), null())
        .join(Vote, _on(col(Report.workspace_id), col(Report.channel), col(Report.message_ts)))
        .where(here, placed, col(Report.message_ts) != "", given)
    )
    on_card: Select[*tuple[Any, ...]] = (
        columns(col(Card.cluster_id), col(Vote.person), col(Vote.voted_at), null(), null())
        .join(Vote, _on(col(Card.workspace_id), col(Card.channel), col(Card.message_ts)))
        .where(col(Card.workspace_id) == workspace_id, given)
    )
    if cluster_ids is not None:
        reported = reported.where(col(Report.cluster_id).in_(cluster_ids))
        captured = captured.where(col(Report.cluster_id).in_(cluster_ids))
        on_card = on_card.where(col(Card.cluster_id).in_(cluster_ids))
    return union_all(reported, captured, on_card)


def _on(workspace: Any, channel: Any, ts: Any) -> ColumnElement[bool]:
    """The votes on a message."""
    return and_(col(Vote.workspace_id) == workspace, col(Vote.channel) == channel, col(Vote.message_ts) == ts)


async def everything(session: AsyncSession, workspace_id: str) -> list[tuple[Vote, int]]:
    """Every standing vote that counts, with its cluster's id, in the order it came, for export."""
    counts = (col(Vote.given), col(Vote.over_at).is_(None))
    on_card = (
        columns(Vote, col(Card.cluster_id))
        .join(Card, _on(col(Card.workspace_id), col(Card.channel), col(Card.message_ts)))
        .where(col(Vote.workspace_id) == workspace_id, *counts)
    )
    captured = (
        columns(Vote, col(Report.cluster_id))
        .join(Report, _on(col(Report.workspace_id), col(Report.channel), col(Report.message_ts)))
        .where(
            col(Vote.workspace_id) == workspace_id,
            *counts,
            col(Report.cluster_id).is_not(None),
            col(Report.message_ts) != "",
        )
    )
    found = [*(await session.execute(on_card)).all(), *(await session.execute(captured)).all()]
    return sorted(((vote, cluster) for vote, cluster in found), key=lambda each: each[0].id or 0)
