"""Clusters: starting them, finding them by handle or card, and remembering where their card is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import workspaces
from storage.models import Cluster, Fact, Workspace


async def start(session: AsyncSession, workspace: Workspace, *, area: str, now: dt.datetime) -> Cluster:
    """Open a new cluster with the next handle. The workspace must be locked."""
    number = await workspaces.next_handle(session, workspace)
    cluster = Cluster(workspace_id=workspace.id, number=number, area=area, created_at=now)
    session.add(cluster)
    await session.flush()
    return cluster


async def get(session: AsyncSession, workspace_id: str, cluster_id: int) -> Cluster | None:
    """The cluster with this id."""
    wanted = select(Cluster).where(Cluster.workspace_id == workspace_id, Cluster.id == cluster_id)
    return (await session.exec(wanted)).one_or_none()


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


async def everything(session: AsyncSession, workspace_id: str | None) -> Sequence[Cluster]:
    """Every cluster of a workspace (None: of all), by handle, for export."""
    wanted = select(Cluster).order_by(col(Cluster.workspace_id), col(Cluster.number))
    if workspace_id is not None:
        wanted = wanted.where(Cluster.workspace_id == workspace_id)
    return (await session.exec(wanted)).all()


async def remember_card(session: AsyncSession, cluster_id: int, *, channel: str, ts: str) -> None:
    """Note where the cluster's one card stands."""
    noted = update(Cluster).where(col(Cluster.id) == cluster_id).values(card_channel=channel, card_ts=ts)
    await session.execute(noted.execution_options(synchronize_session=False))


async def state_fact(session: AsyncSession, fact: Fact) -> None:
    """Write down what a human decided."""
    session.add(fact)
    await session.flush()


async def not_same(session: AsyncSession, workspace_id: str) -> set[tuple[int, int]]:
    """Every (report, cluster) that a human said are not the same problem."""
    wanted = select(Fact.report_id, Fact.cluster_id).where(
        Fact.workspace_id == workspace_id, Fact.kind == "not_same_as"
    )
    return {(report, cluster) for report, cluster in (await session.exec(wanted)).all() if report and cluster}
