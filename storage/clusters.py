"""Clusters: starting them, finding them by handle or card, and remembering where their card is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import workspaces
from storage.models import Card, Cluster, Fact, Workspace
from storage.upsert import insert, values


async def start(session: AsyncSession, workspace: Workspace, *, area: str, now: dt.datetime) -> Cluster:
    """Open a new cluster with the next handle. The workspace must be locked."""
    number = await workspaces.next_handle(session, workspace)
    cluster = Cluster(workspace_id=workspace.id, number=number, area=area, created_at=now)
    session.add(cluster)
    await session.flush()
    return cluster


async def get(session: AsyncSession, workspace_id: str, cluster_id: int) -> Cluster | None:
    """The cluster with this id; the database is asked once in a transaction."""
    cluster = await session.get(Cluster, cluster_id)
    return cluster if cluster is not None and cluster.workspace_id == workspace_id else None


async def by_number(session: AsyncSession, workspace_id: str, number: int) -> Cluster | None:
    """The cluster with this handle: 12 finds F-12."""
    wanted = select(Cluster).where(Cluster.workspace_id == workspace_id, Cluster.number == number)
    return (await session.exec(wanted)).one_or_none()


async def by_ids(session: AsyncSession, workspace_id: str, cluster_ids: Collection[int]) -> dict[int | None, Cluster]:
    """The clusters with these ids, few enough for a list that somebody reads."""
    wanted = select(Cluster).where(Cluster.workspace_id == workspace_id, col(Cluster.id).in_(cluster_ids))
    return {cluster.id: cluster for cluster in (await session.exec(wanted)).all()}


async def in_areas(session: AsyncSession, workspace_id: str, areas: Sequence[str] | None) -> Sequence[Cluster]:
    """The clusters of these areas (None: of every area), by handle."""
    wanted = select(Cluster).where(Cluster.workspace_id == workspace_id).order_by(col(Cluster.number))
    if areas is not None:
        wanted = wanted.where(col(Cluster.area).in_(areas))
    return (await session.exec(wanted)).all()


async def statuses(
    session: AsyncSession, workspace_id: str, areas: Sequence[str] | None, known: Collection[int]
) -> dict[int, str]:
    """The status of each cluster of these areas that is not new, or that is `known` not to have been."""
    wanted = select(Cluster.id, Cluster.status).where(
        Cluster.workspace_id == workspace_id, or_(col(Cluster.status) != "new", col(Cluster.id).in_(known))
    )
    if areas is not None:
        wanted = wanted.where(col(Cluster.area).in_(areas))
    return {cluster_id or 0: status for cluster_id, status in (await session.exec(wanted)).all()}


async def decided_by(
    session: AsyncSession, workspace_id: str, cluster_ids: Collection[int], kind: str
) -> dict[int, str]:
    """Who made the latest decision of a kind about each of these clusters."""
    wanted = (
        select(Fact.cluster_id, Fact.made_by)
        .where(Fact.workspace_id == workspace_id, Fact.kind == kind, col(Fact.cluster_id).in_(cluster_ids))
        .order_by(col(Fact.made_at), col(Fact.id))
    )
    return {cluster_id or 0: person for cluster_id, person in (await session.exec(wanted)).all()}


async def everything(session: AsyncSession) -> Sequence[Cluster]:
    """Every cluster, by workspace and handle, for export."""
    return (await session.exec(select(Cluster).order_by(col(Cluster.workspace_id), col(Cluster.number)))).all()


async def remember_card(session: AsyncSession, cluster: Cluster, *, channel: str, ts: str, link: str) -> None:
    """Note where the cluster's card stands; where an earlier one stood is not forgotten."""
    card = Card(workspace_id=cluster.workspace_id, channel=channel, message_ts=ts, cluster_id=cluster.id or 0)
    row = insert(session, Card).values(**values(card))
    await session.execute(row.on_conflict_do_nothing(index_elements=["workspace_id", "channel", "message_ts"]))
    noted = update(Cluster).where(col(Cluster.id) == cluster.id)
    await session.execute(
        noted.values(card_channel=channel, card_ts=ts, card_link=link).execution_options(synchronize_session=False)
    )


async def stated(session: AsyncSession, report_id: int, kind: str) -> bool:
    """Whether a human decided something of this kind about a report."""
    wanted = select(Fact.id).where(Fact.report_id == report_id, Fact.kind == kind).limit(1)
    return (await session.exec(wanted)).first() is not None


async def state_fact(session: AsyncSession, fact: Fact) -> None:
    """Write down what a human decided."""
    session.add(fact)
    await session.flush()
