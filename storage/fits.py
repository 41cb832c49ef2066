"""Fittings of a workspace's classifier: what people taught it, when it is due, and which model is in use."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, delete, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Cluster, Fact, Fit, Model, Report, Workspace


@dataclass(frozen=True, slots=True)
class Taught:
    """A report whose area a human has said, with its words as they are kept, and when that was."""

    report_id: int
    text: str
    area: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """What the classifier said of a report, and what people made of it: `stood` is whether it is still so."""

    area: str
    confidence: float
    stood: bool


@dataclass(frozen=True, slots=True)
class Record:
    """Of so many reports answered with an area, how many people let stand."""

    answered: int
    right: int


async def taught(session: AsyncSession, workspace_id: str) -> list[Taught]:
    """Every report whose area a human has said and that still has its words, in the order the reports came.

    Whoever said it last counts, and who looks after a cluster says it of each of its reports. A report that was taken
    back teaches nothing any more.
    """
    of_report, of_cluster = _last(workspace_id, Fact.report_id), _last(workspace_id, Fact.cluster_id)
    wanted = (
        select(
            Report.id,
            Report.text,
            _area(),
            func.coalesce(of_cluster.c.made_at, of_report.c.made_at, Report.said_at),
        )
        .join(Cluster, col(Cluster.id) == col(Report.cluster_id))
        .join(of_report, of_report.c.about == col(Report.id), isouter=True)
        .join(of_cluster, of_cluster.c.about == col(Report.cluster_id), isouter=True)
        .where(
            Report.workspace_id == workspace_id,
            _said(),
            Report.text != "",
            col(Report.cluster_id).is_not(None),
        )
        .order_by(col(Report.id))
    )
    return [Taught(report_id or 0, text, area, at) for report_id, text, area, at in (await session.exec(wanted)).all()]


def _last(workspace_id: str, about: Any) -> Subquery:
    """When a human last said the area of each report, or of each cluster, as it stands."""
    return (
        select(col(about).label("about"), func.max(Fact.made_at).label("made_at"))
        .where(Fact.workspace_id == workspace_id, Fact.kind == "area", col(Fact.undone_at).is_(None))
        .group_by(col(about))
        .subquery()
    )


def _area() -> ColumnElement[str]:
    """A report's area: who looks after it goes before its reporter, and what they said of it before its cluster."""
    of_its_cluster = and_(col(Report.area_by) != "triage", col(Cluster.area_by) == "triage")
    return case((of_its_cluster, col(Cluster.area)), else_=col(Report.area))


def _said() -> ColumnElement[bool]:
    """Whether that word is a human's."""
    return or_(col(Report.area_by) != "model", col(Cluster.area_by) == "triage")


async def judged(session: AsyncSession, workspace_id: str, since: dt.datetime, until: dt.datetime) -> list[Judged]:
    """What became of the predictions on reports that came from `since` to `until`.

    Only where somebody could object: its reporter was told and had buttons. An answer that nobody changed stands. Where
    there was no answer, only those count whose area a human has said since.
    """
    wanted = select(Report.likeliest, Report.confidence, _area()).join(
        Cluster, col(Cluster.id) == col(Report.cluster_id)
    )
    wanted = wanted.where(
        Report.workspace_id == workspace_id,
        Report.created_at >= since,
        Report.created_at < until,
        Report.likeliest != "",
        col(Report.reporter).is_not(None),
        col(Report.cluster_id).is_not(None),
        or_(col(Report.answered), _said()),
    )
    return [Judged(likeliest, sure, likeliest == area) for likeliest, sure, area in (await session.exec(wanted)).all()]


async def record(session: AsyncSession, workspace_id: str, since: dt.datetime, until: dt.datetime) -> dict[str, Record]:
    """The same, counted: for each area, of the reports answered with it, how many people let stand."""
    stood = func.sum(case((_area() == col(Report.likeliest), 1), else_=0))
    wanted = (
        select(Report.likeliest, func.count(), stood)
        .join(Cluster, col(Cluster.id) == col(Report.cluster_id))
        .where(
            Report.workspace_id == workspace_id,
            Report.created_at >= since,
            Report.created_at < until,
            col(Report.answered),
            col(Report.reporter).is_not(None),
            col(Report.cluster_id).is_not(None),
        )
        .group_by(Report.likeliest)
    )
    return {area: Record(count, int(right)) for area, count, right in (await session.exec(wanted)).all()}


async def claim(session: AsyncSession, workspace_id: str, now: dt.datetime, *, until: dt.datetime) -> bool:
    """Take the workspace's turn to be fitted, if it has come, for as long as `until`. False: another process has it."""
    taken = (
        update(Workspace)
        .where(
            col(Workspace.id) == workspace_id,
            or_(col(Workspace.fit_due_at).is_(None), col(Workspace.fit_due_at) <= now),
        )
        .values(fit_due_at=until)
        .returning(col(Workspace.id))
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(taken)).scalar_one_or_none() is not None


async def due_again(session: AsyncSession, workspace_id: str, at: dt.datetime) -> None:
    """The workspace is to be fitted again at this moment."""
    later = update(Workspace).where(col(Workspace.id) == workspace_id).values(fit_due_at=at)
    await session.execute(later.execution_options(synchronize_session=False))


async def add(session: AsyncSession, fit: Fit, file: bytes) -> None:
    """Note a fit. One that is `taken` puts its model in the place of the one before, of which nothing is kept."""
    session.add(fit)
    await session.flush()
    if fit.taken and fit.id is not None:
        await session.execute(delete(Model).where(col(Model.workspace_id) == fit.workspace_id))
        session.add(Model(workspace_id=fit.workspace_id, fit_id=fit.id, file=file))


async def latest(session: AsyncSession, workspace_id: str) -> Fit | None:
    """The last fit, taken or not."""
    wanted = select(Fit).where(Fit.workspace_id == workspace_id).order_by(col(Fit.id).desc()).limit(1)
    return (await session.exec(wanted)).first()


async def in_use(session: AsyncSession, workspace_id: str) -> Fit | None:
    """The fit whose model is in use."""
    wanted = select(Fit).join(Model, col(Model.fit_id) == col(Fit.id)).where(Model.workspace_id == workspace_id)
    return (await session.exec(wanted)).one_or_none()


async def version(session: AsyncSession, workspace_id: str) -> int:
    """The number of the fit in use; 0 before there is one."""
    found = (await session.exec(select(Model.fit_id).where(Model.workspace_id == workspace_id))).one_or_none()
    return found or 0


async def model(session: AsyncSession, workspace_id: str) -> Model | None:
    """The model in use."""
    return (await session.exec(select(Model).where(Model.workspace_id == workspace_id))).one_or_none()


async def workspaces(session: AsyncSession) -> list[str]:
    """The workspaces there are."""
    return list((await session.exec(select(Workspace.id).order_by(col(Workspace.id)))).all())
