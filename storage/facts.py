"""What humans decided: stating it, what stands of it, whom it concerns, and its history. Nothing is ever deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_, update
from sqlalchemy import select as columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Fact, Move, Report

Statement = TypeVar("Statement", bound=Select[Any])


@dataclass(frozen=True, slots=True)
class Pair:
    """Two clusters that a standing fact says something about; `other` as it was called when the fact was made."""

    fact_id: int
    one: int
    other: int
    made_at: dt.datetime


async def get(session: AsyncSession, workspace_id: str, fact_id: int) -> Fact | None:
    """The fact with this id, as it stands now."""
    wanted = select(Fact).where(Fact.workspace_id == workspace_id, Fact.id == fact_id)
    return (await session.exec(wanted.execution_options(populate_existing=True))).one_or_none()


async def by_ids(session: AsyncSession, workspace_id: str, fact_ids: Collection[int]) -> Sequence[Fact]:
    """The facts with these ids, latest first."""
    wanted = select(Fact).where(Fact.workspace_id == workspace_id, col(Fact.id).in_(fact_ids))
    return (await session.exec(wanted.order_by(col(Fact.id).desc()))).all()


async def state(session: AsyncSession, fact: Fact) -> Fact:
    """Write down what a human decided, and give it its id."""
    session.add(fact)
    await session.flush()
    return fact


async def move(session: AsyncSession, fact: Fact, reports: Sequence[Report], to: int, revision: int) -> None:
    """Move reports to a cluster because of a fact, and remember where each came from. The workspace must be locked."""
    for report in reports:
        assert report.id is not None and report.cluster_id is not None and fact.id is not None
        session.add(Move(fact_id=fact.id, report_id=report.id, from_id=report.cluster_id, to_id=to))
        report.cluster_id, report.revision = to, revision
        session.add(report)
    await session.flush()


async def moves(session: AsyncSession, fact_id: int) -> Sequence[Move]:
    """Which reports a fact moved."""
    return (await session.exec(select(Move).where(Move.fact_id == fact_id).order_by(col(Move.id)))).all()


async def all_moves(session: AsyncSession, fact_ids: Collection[int]) -> Sequence[Move]:
    """Which reports these facts moved."""
    found: list[Move] = []
    ids = sorted(fact_ids)
    for start in range(0, len(ids), 500):  # databases bound the number of values in one question
        some = ids[start : start + 500]
        found += (await session.exec(select(Move).where(col(Move.fact_id).in_(some)).order_by(col(Move.id)))).all()
    return found


async def decided(session: AsyncSession, workspace_id: str, cluster_id: int, report_id: int) -> bool:
    """Whether a human ever decided anything about this cluster, or this report; what was undone counts, too."""
    moved = select(Move.fact_id).where(Move.report_id == report_id)
    about = or_(
        col(Fact.cluster_id) == cluster_id,
        col(Fact.other_id) == cluster_id,
        col(Fact.report_id) == report_id,
        col(Fact.id).in_(moved),
    )
    wanted = select(Fact.id).where(Fact.workspace_id == workspace_id, Fact.kind != "joined", about).limit(1)
    return (await session.exec(wanted)).first() is not None


async def end(session: AsyncSession, fact_ids: Collection[int], now: dt.datetime, by: str, overruled_by: int) -> None:
    """End facts because somebody decided otherwise, knowing of them."""
    ended = update(Fact).where(col(Fact.id).in_(fact_ids))
    await session.execute(
        ended.values(undone_at=now, undone_by=by, overruled_by=overruled_by).execution_options(**_PLAIN)
    )


async def take_back(session: AsyncSession, fact: Fact, now: dt.datetime, by: str) -> None:
    """Undo a fact; what it had ended stands again."""
    undone = update(Fact).where(col(Fact.id) == fact.id).values(undone_at=now, undone_by=by)
    revived = update(Fact).where(col(Fact.overruled_by) == fact.id)
    await session.execute(undone.execution_options(**_PLAIN))
    await session.execute(revived.values(undone_at=None, undone_by=None, overruled_by=None).execution_options(**_PLAIN))


async def stated(session: AsyncSession, report_id: int, kind: str) -> bool:
    """Whether a human decided something of this kind about a report, and it stands."""
    wanted = _standing(select(Fact.id)).where(Fact.report_id == report_id, Fact.kind == kind).limit(1)
    return (await session.exec(wanted)).first() is not None


async def together(session: AsyncSession, fact: Fact) -> Sequence[Fact]:
    """What somebody decided of a report by one gesture, as far as it stands: this fact, and others of its kind."""
    gesture = (Fact.kind == fact.kind, Fact.report_id == fact.report_id, Fact.made_by == fact.made_by)
    wanted = _standing(select(Fact)).where(Fact.workspace_id == fact.workspace_id, *gesture)
    return (await session.exec(wanted.where(Fact.made_at == fact.made_at).order_by(col(Fact.id)))).all()


async def latest(session: AsyncSession, cluster_ids: Collection[int], kind: str) -> Fact | None:
    """The last standing fact of a kind about one of these clusters."""
    wanted = _standing(select(Fact)).where(col(Fact.cluster_id).in_(cluster_ids), Fact.kind == kind)
    return (await session.exec(wanted.order_by(col(Fact.id).desc()).limit(1))).first()


async def about(session: AsyncSession, cluster_ids: Collection[int]) -> Sequence[Fact]:
    """The standing facts that say what one of these clusters is, oldest first."""
    kinds = col(Fact.kind).in_(("title", "area", "status", "owner", "snooze", "workaround"))
    wanted = _standing(select(Fact)).where(col(Fact.cluster_id).in_(cluster_ids), kinds)
    return (await session.exec(wanted.order_by(col(Fact.id)))).all()


async def decided_by(
    session: AsyncSession, workspace_id: str, cluster_ids: Collection[int], kind: str
) -> dict[int, str | None]:
    """Who decided last about each of these clusters, by stating a fact of a kind or by undoing one; None: it is not
    remembered.
    """
    wanted = select(Fact).where(
        Fact.workspace_id == workspace_id, Fact.kind == kind, col(Fact.cluster_id).in_(cluster_ids)
    )
    happened = []
    for fact in (await session.exec(wanted)).all():
        happened.append((fact.made_at, fact.id or 0, fact.cluster_id or 0, fact.made_by))
        if fact.undone_at is not None:
            happened.append((fact.undone_at, fact.id or 0, fact.cluster_id or 0, fact.undone_by))
    return {cluster_id: person for _, _, cluster_id, person in sorted(happened, key=lambda each: each[:2])}


async def told_apart(
    session: AsyncSession, workspace_id: str, cluster_ids: Collection[int] | None = None
) -> list[Pair]:
    """Which clusters people said are different (None: all of them): as clusters, and as where those reports are now.

    `cluster_ids`: only pairs that have one of these in them.
    """
    stands = _stands(workspace_id, "not_same_as")
    other, made_at = col(Fact.other_id), col(Fact.made_at)
    as_clusters: Select[*tuple[Any, ...]] = columns(col(Fact.id), col(Fact.cluster_id), other, made_at)
    as_clusters = as_clusters.where(stands, col(Fact.cluster_id).is_not(None))
    placed = col(Report.cluster_id)
    of_report: Select[*tuple[Any, ...]] = columns(col(Fact.id), placed, other, made_at)
    of_report = of_report.join(Report, col(Report.id) == Fact.report_id).where(stands, placed.is_not(None))
    moved: Select[*tuple[Any, ...]] = columns(col(Fact.id), placed, other, made_at).join(
        Move, col(Move.fact_id) == Fact.id
    )
    moved = moved.join(Report, col(Report.id) == Move.report_id).where(stands, placed.is_not(None))
    found = set()
    for wanted, one in ((as_clusters, col(Fact.cluster_id)), (of_report, placed), (moved, placed)):
        if cluster_ids is not None:
            wanted = wanted.where(or_(one.in_(cluster_ids), other.in_(cluster_ids)))
        found |= {Pair(*row) for row in (await session.execute(wanted)).all()}
    return sorted(found, key=lambda pair: (pair.fact_id, pair.one, pair.other))


async def told_same(session: AsyncSession, workspace_id: str, cluster_ids: Collection[int] | None = None) -> list[Pair]:
    """Which clusters people said are the same (None: all of them); a report that was, as where it is now."""
    stands = _stands(workspace_id, "same_as")
    other, placed, made_at = col(Fact.other_id), col(Report.cluster_id), col(Fact.made_at)
    as_clusters: Select[*tuple[Any, ...]] = columns(col(Fact.id), col(Fact.cluster_id), other, made_at)
    as_clusters = as_clusters.where(stands, col(Fact.cluster_id).is_not(None))
    of_report: Select[*tuple[Any, ...]] = columns(col(Fact.id), placed, other, made_at)
    of_report = of_report.join(Report, col(Report.id) == Fact.report_id).where(stands, placed.is_not(None))
    found = []
    for wanted, one in ((as_clusters, col(Fact.cluster_id)), (of_report, placed)):
        if cluster_ids is not None:
            wanted = wanted.where(or_(one.in_(cluster_ids), other.in_(cluster_ids)))
        found += [Pair(*row) for row in (await session.execute(wanted)).all()]
    return found


async def apart_from(session: AsyncSession, report_id: int) -> Sequence[Fact]:
    """The standing facts by which this one report is not the same as a cluster."""
    moved = select(Move.fact_id).where(Move.report_id == report_id)
    its = or_(col(Fact.report_id) == report_id, col(Fact.id).in_(moved))
    return (await session.exec(_standing(select(Fact)).where(Fact.kind == "not_same_as", its))).all()


async def brought(session: AsyncSession, report_ids: Collection[int]) -> Sequence[Fact]:
    """The standing facts that brought one of these reports together with others, latest first."""
    moved = select(Move.fact_id).where(col(Move.report_id).in_(report_ids))
    wanted = _standing(select(Fact)).where(col(Fact.id).in_(moved), Fact.kind == "same_as")
    return (await session.exec(wanted.order_by(col(Fact.id).desc()))).all()


async def merging(session: AsyncSession, cluster_id: int) -> Fact | None:
    """What made this cluster a part of another."""
    wanted = _standing(select(Fact)).where(
        Fact.cluster_id == cluster_id, col(Fact.kind).in_(("same_as", "joined")), col(Fact.other_id).is_not(None)
    )
    return (await session.exec(wanted.order_by(col(Fact.id).desc()).limit(1))).first()


async def since(session: AsyncSession, fact: Fact) -> Sequence[Fact]:
    """The later facts that stand and moved a report that `fact` moved, or are about the cluster it is about."""
    its = select(Move.report_id).where(Move.fact_id == fact.id)
    moved = select(Move.fact_id).where(col(Move.report_id).in_(its), col(Move.fact_id) > fact.id)
    about: list[ColumnElement[bool]] = [col(Fact.id).in_(moved)]
    if fact.cluster_id is not None:
        about += [col(Fact.cluster_id) == fact.cluster_id, col(Fact.other_id) == fact.cluster_id]
    wanted = _standing(select(Fact)).where(col(Fact.id) > fact.id, or_(*about))
    return (await session.exec(wanted.order_by(col(Fact.id)))).all()


async def overruled(session: AsyncSession, fact_id: int) -> Sequence[Fact]:
    """What this fact ended."""
    wanted = select(Fact).where(Fact.overruled_by == fact_id).order_by(col(Fact.id))
    return (await session.exec(wanted.execution_options(populate_existing=True))).all()


async def last_move(session: AsyncSession, report_id: int) -> Fact | None:
    """The fact that put a report where it is, if one did."""
    wanted = _standing(select(Fact)).join(Move, col(Move.fact_id) == Fact.id).where(Move.report_id == report_id)
    return (await session.exec(wanted.order_by(col(Fact.id).desc()).limit(1))).first()


async def history(session: AsyncSession, workspace_id: str, cluster_ids: Collection[int], limit: int) -> Sequence[Fact]:
    """What was decided about these clusters, latest first; what was undone, too."""
    left = select(Move.fact_id).where(col(Move.from_id).in_(cluster_ids))
    wanted = select(Fact).where(
        Fact.workspace_id == workspace_id,
        or_(col(Fact.cluster_id).in_(cluster_ids), col(Fact.other_id).in_(cluster_ids), col(Fact.id).in_(left)),
    )
    return (await session.exec(wanted.order_by(col(Fact.id).desc()).limit(limit))).all()


async def everything(session: AsyncSession, workspace_id: str) -> Sequence[Fact]:
    """Every fact of a workspace, standing or not, oldest first."""
    wanted = select(Fact).where(Fact.workspace_id == workspace_id).order_by(col(Fact.id))
    return (await session.exec(wanted)).all()


async def joined_since(session: AsyncSession, workspace_id: str, moment: dt.datetime) -> list[tuple[int, int]]:
    """What the machine put together after `moment` and nobody took apart: (cluster that it joined, how many)."""
    wanted = _standing(select(Fact)).where(
        Fact.workspace_id == workspace_id, Fact.kind == "joined", col(Fact.made_at) > moment
    )
    counts: dict[int, int] = {}
    for fact in (await session.exec(wanted)).all():
        if fact.other_id is not None:
            counts[fact.other_id] = counts.get(fact.other_id, 0) + 1
    return sorted(counts.items())


def _stands(workspace_id: str, kind: str) -> ColumnElement[bool]:
    return and_(col(Fact.workspace_id) == workspace_id, col(Fact.kind) == kind, col(Fact.undone_at).is_(None))


def _standing(wanted: Statement) -> Statement:
    return wanted.where(col(Fact.undone_at).is_(None))


_PLAIN = {"synchronize_session": False}
