"""Fittings of a workspace's link model, and which one is in use."""

from __future__ import annotations

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import LinkFit


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
