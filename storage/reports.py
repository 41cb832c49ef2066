"""Reports: adding them once, finding them again, moving and withdrawing them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, union, update
from sqlalchemy import select as columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Card, Cluster, Fact, Report, Vote
from storage.upsert import insert, values


@dataclass(frozen=True, slots=True)
class Change:
    """A report as the grouping needs it. `cluster_id` is None when it is in no cluster (any more)."""

    report_id: int
    cluster_id: int | None
    text: str
    revision: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A report that is in a cluster, without what only its author and its card need."""

    report_id: int
    cluster_id: int
    text: str
    visibility: str


async def add(session: AsyncSession, report: Report) -> Report | None:
    """Store `report` and give it its id. None: its key is stored already; Slack told us twice."""
    row = insert(session, Report).values(**values(report))
    added = row.on_conflict_do_nothing(index_elements=["workspace_id", "key"]).returning(Report)
    stored: Report | None = (await session.execute(added)).scalar_one_or_none()
    return stored


async def get(session: AsyncSession, workspace_id: str, report_id: int) -> Report | None:
    """The report with this id, also when it is withdrawn."""
    wanted = select(Report).where(Report.workspace_id == workspace_id, Report.id == report_id)
    return (await session.exec(wanted)).one_or_none()


async def by_key(session: AsyncSession, workspace_id: str, key: str) -> Report | None:
    """The report that the inbound key made."""
    wanted = select(Report).where(Report.workspace_id == workspace_id, Report.key == key)
    return (await session.exec(wanted)).one_or_none()


async def by_message(session: AsyncSession, workspace_id: str, channel: str, message_ts: str) -> Report | None:
    """The report captured from this message."""
    wanted = select(Report).where(
        Report.workspace_id == workspace_id,
        Report.channel == channel,
        Report.message_ts == message_ts,
        Report.message_ts != "",
    )
    return (await session.exec(wanted)).first()


async def in_cluster(session: AsyncSession, workspace_id: str, cluster_id: int) -> Sequence[Report]:
    """A cluster's reports, oldest first."""
    wanted = (
        select(Report)
        .where(Report.workspace_id == workspace_id, Report.cluster_id == cluster_id)
        .order_by(col(Report.said_at), col(Report.id))
    )
    return (await session.exec(wanted)).all()


async def in_clusters(session: AsyncSession, workspace_id: str, cluster_ids: Sequence[int]) -> Sequence[Report]:
    """The reports of several clusters, oldest first."""
    wanted = (
        select(Report)
        .where(Report.workspace_id == workspace_id, col(Report.cluster_id).in_(cluster_ids))
        .order_by(col(Report.said_at), col(Report.id))
    )
    return (await session.exec(wanted)).all()


async def by_ids(session: AsyncSession, workspace_id: str, report_ids: Collection[int]) -> Sequence[Report]:
    """These reports, oldest first, those that were withdrawn too."""
    wanted = select(Report).where(Report.workspace_id == workspace_id, col(Report.id).in_(report_ids))
    return (await session.exec(wanted.order_by(col(Report.said_at), col(Report.id)))).all()


async def glimpse(
    session: AsyncSession, workspace_id: str, cluster_ids: Sequence[int], latest: int
) -> dict[int, list[Report]]:
    """The first report of each cluster that everybody may read, the first with words, what names it, the latest few."""
    speaks = (
        select(Report.id)
        .join(Cluster, (col(Cluster.id) == Report.cluster_id) & (col(Cluster.speaker_id) == Report.id))
        .where(Report.workspace_id == workspace_id, col(Cluster.id).in_(cluster_ids), Report.visibility == "public")
    )
    parts = [speaks.subquery().select()]
    for cluster_id in cluster_ids:
        readable = select(Report.id).where(
            Report.workspace_id == workspace_id, Report.cluster_id == cluster_id, Report.visibility == "public"
        )
        first = readable.order_by(col(Report.said_at), col(Report.id)).limit(1)
        last = readable.order_by(col(Report.said_at).desc(), col(Report.id).desc()).limit(latest)
        parts += [each.subquery().select() for each in (first, first.where(Report.text != ""), last)]
    wanted = select(Report).where(col(Report.id).in_(union(*parts))).order_by(col(Report.said_at), col(Report.id))
    found: dict[int, list[Report]] = {}
    for report in (await session.exec(wanted)).all():
        found.setdefault(report.cluster_id or 0, []).append(report)
    return found


async def lost(
    session: AsyncSession, workspace_id: str, cluster_ids: Sequence[int]
) -> dict[int, list[tuple[int, int, int]]]:
    """What these clusters cost, as far as it was said: minutes, in how many reports, and how many people said that.

    Whoever did not want to be named is somebody else each time.
    """
    minutes, said = func.sum(Report.minutes_lost).label("minutes"), func.count().label("said")
    unnamed = case((col(Report.reporter).is_(None), col(Report.id)))
    each = (
        select(Report.cluster_id, minutes, said)
        .where(
            Report.workspace_id == workspace_id,
            col(Report.cluster_id).in_(cluster_ids),
            col(Report.minutes_lost).is_not(None),
            col(Report.over_at).is_(None),
        )
        .group_by(col(Report.cluster_id), col(Report.reporter), unnamed)
        .subquery()
    )
    # Thousands of people gave some dozens of answers; counting who gave the same one spares carrying each row over.
    alike = (each.c.cluster_id, each.c.minutes, each.c.said)
    told: dict[int, list[tuple[int, int, int]]] = {}
    for cluster_id, *same in await session.execute(columns(*alike, func.count()).group_by(*alike).order_by(*alike)):
        told.setdefault(cluster_id, []).append(tuple(same))
    return told


async def per_area(
    session: AsyncSession, workspace_id: str, areas: Sequence[str] | None, bounds: Sequence[dt.datetime]
) -> dict[str, list[int]]:
    """How many reports came in each area (None: in all of them) and each period, the oldest first.

    `bounds`: where the periods begin, the latest first; the latest has no end.
    """
    period = case(*((col(Report.said_at) > begins, ago) for ago, begins in enumerate(bounds)))
    wanted = (
        select(Cluster.area, period, func.count())
        .join(Report, col(Report.cluster_id) == Cluster.id)
        .where(Report.workspace_id == workspace_id, col(Report.said_at) > bounds[-1])
        .group_by(col(Cluster.area), period)
    )
    if areas is not None:
        wanted = wanted.where(col(Cluster.area).in_(areas))
    counts: dict[str, list[int]] = {}
    for area, ago, count in (await session.exec(wanted)).all():
        counts.setdefault(area, [0] * len(bounds))[-1 - ago] = count
    return counts


async def by_person(session: AsyncSession, workspace_id: str, person: str, limit: int) -> Sequence[Report]:
    """What one person reported, newest first."""
    wanted = (
        select(Report)
        .where(Report.workspace_id == workspace_id, Report.reporter == person, col(Report.withdrawn_at).is_(None))
        .order_by(col(Report.said_at).desc())
        .limit(limit)
    )
    return (await session.exec(wanted)).all()


async def everything(session: AsyncSession, workspace_id: str) -> Sequence[Report]:
    """Every placed report, in the order it came, for export."""
    wanted = select(Report).where(Report.workspace_id == workspace_id, col(Report.cluster_id).is_not(None))
    return (await session.exec(wanted.order_by(col(Report.id)))).all()


async def placed(session: AsyncSession, workspace_id: str) -> list[Placed]:
    """Every report that is in a cluster, in the order it came: some at a time, so that others get their turn."""
    found: list[Placed] = []
    while True:
        wanted = (
            select(Report.id, Report.cluster_id, Report.text, Report.visibility)
            .where(Report.workspace_id == workspace_id, col(Report.cluster_id).is_not(None))
            .where(col(Report.id) > (found[-1].report_id if found else 0))
            .order_by(col(Report.id))
            .limit(2000)
        )
        some = [Placed(id_ or 0, cluster or 0, *rest) for id_, cluster, *rest in (await session.exec(wanted)).all()]
        if not some:
            return found
        found += some


async def first(session: AsyncSession, workspace_id: str) -> str:
    """What a database is known by: its first report, which outlives its words. Empty before there is one."""
    wanted = (
        select(Report.id, Report.key, Report.created_at)
        .where(Report.workspace_id == workspace_id)
        .order_by(col(Report.id))
        .limit(1)
    )
    found = (await session.exec(wanted)).first()
    return " ".join(map(str, found)) if found else ""


async def changed_since(session: AsyncSession, workspace_id: str, revision: int) -> list[Change]:
    """What was placed, moved, edited or withdrawn after `revision`, in that order."""
    wanted = (
        select(Report.id, Report.cluster_id, Report.text, Report.revision)
        .where(Report.workspace_id == workspace_id, Report.revision > revision)
        .order_by(col(Report.revision), col(Report.id))
    )
    return [Change(*row) for row in (await session.exec(wanted)).all()]


async def areas_in(session: AsyncSession, cluster_id: int) -> list[tuple[str, str, int, int]]:
    """How the reports of a cluster are tagged: (area, by whom, how many, the first one's id)."""
    wanted = (
        select(Report.area, Report.area_by, func.count(), func.min(col(Report.id)))
        .where(Report.cluster_id == cluster_id)
        .group_by(Report.area, Report.area_by)
    )
    return [(area, by, count, first or 0) for area, by, count, first in (await session.exec(wanted)).all()]


async def areas(session: AsyncSession, workspace_id: str) -> dict[int, list[tuple[str, str, int, int]]]:
    """The same for every cluster."""
    wanted = (
        columns(col(Report.cluster_id), col(Report.area), col(Report.area_by), func.count(), func.min(col(Report.id)))
        .where(col(Report.workspace_id) == workspace_id, col(Report.cluster_id).is_not(None))
        .group_by(col(Report.cluster_id), col(Report.area), col(Report.area_by))
    )
    tagged: dict[int, list[tuple[str, str, int, int]]] = {}
    for cluster_id, area, by, count, first in (await session.execute(wanted)).all():
        tagged.setdefault(cluster_id, []).append((area, by, count, first))
    return tagged


async def count_in(session: AsyncSession, cluster_id: int) -> int:
    """How many reports a cluster has."""
    return (await session.exec(select(func.count()).where(Report.cluster_id == cluster_id))).one()


async def move_channel(session: AsyncSession, workspace_id: str, old: str, new: str) -> None:
    """Slack gave a channel another id: what is remembered of it follows."""
    for table in (Report, Vote, Card):
        moved = update(table).where(col(table.workspace_id) == workspace_id, col(table.channel) == old)
        await session.execute(moved.values(channel=new).execution_options(synchronize_session=False))
    cards = update(Cluster).where(col(Cluster.workspace_id) == workspace_id, col(Cluster.card_channel) == old)
    await session.execute(cards.values(card_channel=new).execution_options(synchronize_session=False))


def withdraw(report: Report, *, now: dt.datetime, revision: int) -> None:
    """Take a report back: its words, its person and its link go; its key stays, so that nothing brings it back."""
    report.text = report.detail = report.permalink = ""
    report.reporter = report.cluster_id = report.severity = report.minutes_lost = None
    report.withdrawn_at = now
    report.revision = revision


async def public_channels(session: AsyncSession, workspace_id: str) -> list[str]:
    """Where something was said that everybody may read because of where it was said."""
    wanted = select(Report.channel).where(
        Report.workspace_id == workspace_id, Report.visibility == "public", Report.channel != "", ~_released()
    )
    return sorted(set((await session.exec(wanted)).all()))


async def hide(session: AsyncSession, workspace_id: str, channel: str) -> list[int]:
    """Make private what was said in a channel, but for what its author let be shown. Gives back the clusters."""
    hidden = (
        update(Report)
        .where(
            col(Report.workspace_id) == workspace_id,
            col(Report.channel) == channel,
            col(Report.visibility) == "public",
            ~_released(),
        )
        .values(visibility="private")
        .returning(col(Report.cluster_id))
    )
    found = (await session.execute(hidden.execution_options(synchronize_session=False))).scalars()
    return sorted({cluster_id for cluster_id in found if cluster_id is not None})


def _released() -> ColumnElement[bool]:
    """Whether a report's author let its words be shown."""
    said = select(Fact.id).where(Fact.report_id == Report.id, Fact.kind == "audience", col(Fact.undone_at).is_(None))
    return said.exists()
