"""Clusters: starting them, finding them by handle or card, and remembering where their card is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import or_, update
from sqlalchemy import select as columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import workspaces
from storage.models import Card, Cluster, Workspace
from storage.upsert import insert, values


class SetAside(NamedTuple):
    """A cluster that somebody gave a status, or let rest. What each of them means, the bot's rules say."""

    cluster_id: int
    status: str
    status_at: dt.datetime | None
    snoozed_at: dt.datetime | None
    snoozed_until: dt.datetime | None
    snoozed_below: int


async def start(
    session: AsyncSession,
    workspace: Workspace,
    *,
    area: str,
    now: dt.datetime,
    split_from: int | None = None,
    speaker_id: int | None = None,
) -> Cluster:
    """Open a new cluster with the next handle. The workspace must be locked.

    `split_from`: what it is taken out of; `speaker_id`: the report that names it.
    """
    number = await workspaces.next_handle(session, workspace)
    cluster = Cluster(
        workspace_id=workspace.id,
        number=number,
        area=area,
        split_from=split_from,
        speaker_id=speaker_id,
        created_at=now,
    )
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


async def whole(session: AsyncSession, cluster: Cluster) -> Cluster:
    """What this cluster is a part of now, in the end; itself when it is not merged."""
    while cluster.merged_into is not None:
        into = await session.get(Cluster, cluster.merged_into)
        assert into is not None
        cluster = into
    return cluster


async def parts(session: AsyncSession, cluster_id: int) -> set[int]:
    """The ids of a cluster and of everything that was merged into it."""
    found, new = {cluster_id}, {cluster_id}
    while new:
        merged = select(Cluster.id).where(col(Cluster.merged_into).in_(new))
        new = {part for part in (await session.exec(merged)).all() if part is not None} - found
        found |= new
    return found


async def lineage(session: AsyncSession, workspace_id: str) -> list[tuple[int, int | None, int | None, dt.datetime]]:
    """Where every merged or split-off cluster belongs: (id, merged into, split from, since when there is it)."""
    wanted = select(Cluster.id, Cluster.merged_into, Cluster.split_from, Cluster.created_at).where(
        Cluster.workspace_id == workspace_id,
        or_(col(Cluster.merged_into).is_not(None), col(Cluster.split_from).is_not(None)),
    )
    return [(id_ or 0, into, parent, at) for id_, into, parent, at in (await session.exec(wanted)).all()]


async def split_off(session: AsyncSession, cluster_ids: Collection[int]) -> Sequence[Cluster]:
    """What was split off from these clusters, by handle."""
    wanted = select(Cluster).where(col(Cluster.split_from).in_(cluster_ids)).order_by(col(Cluster.number))
    return (await session.exec(wanted)).all()


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


async def areas(session: AsyncSession, workspace_id: str) -> Sequence[str]:
    """The areas that clusters are in."""
    return (await session.exec(select(Cluster.area).where(Cluster.workspace_id == workspace_id).distinct())).all()


async def places(session: AsyncSession, workspace_id: str) -> dict[int, str]:
    """The area that each cluster is in."""
    wanted = select(Cluster.id, Cluster.area).where(Cluster.workspace_id == workspace_id)
    return {cluster_id or 0: area for cluster_id, area in (await session.exec(wanted)).all()}


async def sifted(
    session: AsyncSession, workspace_id: str, *, areas: Collection[str] | None, status: str, owner: str | None
) -> set[int]:
    """The clusters of these areas (None: of all), with a status (empty: any) and an owner (None: anybody)."""
    wanted = select(Cluster.id).where(Cluster.workspace_id == workspace_id, col(Cluster.merged_into).is_(None))
    if areas is not None:
        wanted = wanted.where(col(Cluster.area).in_(areas))
    if status:
        wanted = wanted.where(Cluster.status == status)
    if owner is not None:
        wanted = wanted.where(Cluster.owner == owner)
    return {cluster_id or 0 for cluster_id in (await session.exec(wanted)).all()}


async def owners(session: AsyncSession, workspace_id: str) -> Sequence[str]:
    """Who sees to a cluster."""
    wanted = select(Cluster.owner).where(Cluster.workspace_id == workspace_id, Cluster.owner != "")
    return (await session.exec(wanted.distinct().order_by(col(Cluster.owner)))).all()


async def statuses(
    session: AsyncSession, workspace_id: str, areas: Sequence[str] | None, known: Collection[int]
) -> dict[int, str]:
    """The status of each cluster of these areas that is not new, or that is `known` not to have been."""
    wanted = select(Cluster.id, Cluster.status).where(
        Cluster.workspace_id == workspace_id,
        col(Cluster.merged_into).is_(None),
        or_(col(Cluster.status) != "new", col(Cluster.id).in_(known)),
    )
    if areas is not None:
        wanted = wanted.where(col(Cluster.area).in_(areas))
    return {cluster_id or 0: status for cluster_id, status in (await session.exec(wanted)).all()}


async def set_aside(session: AsyncSession, workspace_id: str, areas: Sequence[str] | None) -> dict[int, SetAside]:
    """Those of these areas (None: of all) that are not open, or that were to rest."""
    wanted = columns(
        col(Cluster.id),
        col(Cluster.status),
        col(Cluster.status_at),
        col(Cluster.snoozed_at),
        col(Cluster.snoozed_until),
        col(Cluster.snoozed_below),
    ).where(
        col(Cluster.workspace_id) == workspace_id,
        col(Cluster.merged_into).is_(None),
        or_(col(Cluster.status_at).is_not(None), col(Cluster.snoozed_at).is_not(None)),
    )
    if areas is not None:
        wanted = wanted.where(col(Cluster.area).in_(areas))
    return {row[0]: SetAside(*row) for row in (await session.execute(wanted)).all()}


async def everything(session: AsyncSession, workspace_id: str) -> Sequence[Cluster]:
    """Every cluster, by handle, for export."""
    wanted = select(Cluster).where(Cluster.workspace_id == workspace_id).order_by(col(Cluster.number))
    return (await session.exec(wanted)).all()


async def remember_card(session: AsyncSession, cluster: Cluster, *, channel: str, ts: str, link: str) -> int | None:
    """Note where the cluster's card stands; where an earlier one stood is not forgotten. The workspace must be locked.

    Otherwise the cluster might be merged in between, and the votes on this card would count for nothing. Gives back
    what it is a part of now.
    """
    stored = await session.get(Cluster, cluster.id, populate_existing=True)
    assert stored is not None and stored.id is not None
    counts_for = (await whole(session, stored)).id or 0
    card = Card(
        workspace_id=stored.workspace_id, channel=channel, message_ts=ts, cluster_id=counts_for, home_id=stored.id
    )
    row = insert(session, Card).values(**values(card))
    await session.execute(row.on_conflict_do_nothing(index_elements=["workspace_id", "channel", "message_ts"]))
    stored.card_channel, stored.card_ts, stored.card_link = channel, ts, link
    session.add(stored)
    return stored.merged_into


async def speakers(session: AsyncSession, workspace_id: str) -> dict[int, int | None]:
    """Which report names each cluster until people do."""
    wanted = select(Cluster.id, Cluster.speaker_id).where(Cluster.workspace_id == workspace_id)
    return {id_ or 0: speaker for id_, speaker in (await session.exec(wanted)).all()}


async def speak(session: AsyncSession, cluster_id: int, report_id: int | None) -> None:
    """Let a report name its cluster from now on."""
    spoken = update(Cluster).where(col(Cluster.id) == cluster_id).values(speaker_id=report_id)
    await session.execute(spoken.execution_options(synchronize_session=False))


async def count_cards(session: AsyncSession, homes: Collection[int], for_: int) -> None:
    """Let the cards of these clusters, and the votes on them, count for one cluster."""
    counted = update(Card).where(col(Card.home_id).in_(homes)).values(cluster_id=for_)
    await session.execute(counted.execution_options(synchronize_session=False))
