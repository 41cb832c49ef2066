"""Fittings of a workspace's link model, and which one is in use."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.moments import moment


class LinkFit(SQLModel, table=True):
    """What a workspace's answers made of the link model, and how that did beside the one before on answers kept from
    both. The latest that was `taken` is in use. `weights`: the bias first; no words are in them.
    """

    __tablename__ = "link_fit"
    __table_args__ = (Index("ix_link_fit_workspace", "workspace_id", "taken"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    fitted_at: dt.datetime = moment()
    figures: str
    answers: int
    held_back: int
    old_loss: float
    new_loss: float
    precision: float
    recall: float
    weights: list[float] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    taken: bool = False


async def add(session: AsyncSession, fit: LinkFit) -> None:
    """Note a fit. One that is `taken` is in use from now on."""
    session.add(fit)
    await session.flush()


async def latest(session: AsyncSession, workspace_id: str) -> LinkFit | None:
    """The last fit, taken or not."""
    wanted = select(LinkFit).where(LinkFit.workspace_id == workspace_id).order_by(col(LinkFit.id).desc()).limit(1)
    return (await session.exec(wanted)).first()


async def in_use(session: AsyncSession, workspace_id: str) -> LinkFit | None:
    """The fit that is in use; None while that is the shipped one."""
    wanted = select(LinkFit).where(LinkFit.workspace_id == workspace_id, col(LinkFit.taken))
    return (await session.exec(wanted.order_by(col(LinkFit.id).desc()).limit(1))).first()
