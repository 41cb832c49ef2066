"""What has to go goes everywhere: words that were taken back, words that are old, and a workspace that threw us out."""

from __future__ import annotations

import calendar
import datetime as dt
import logging

import storage.fits
import storage.outbox
import storage.people
import storage.subscriptions
import storage.workspaces
from bot.flows.card import want_card
from bot.flows.kit import Kit
from storage.database import Session
from storage.models import Report

log = logging.getLogger(__name__)

#: Digests that were sent, and Homes that were opened, this long ago are drawn anew without what was taken back.
SENT = dt.timedelta(days=14)

#: How long a workspace that threw us out may change its mind.
PATIENCE = dt.timedelta(days=14)


async def traces(session: Session, kit: Kit, report: Report, now: dt.datetime) -> None:
    """What follows when a report is taken back, beside its card: copies, what it taught, digests and Homes with it."""
    workspace_id = report.workspace_id
    await storage.people.forget_told(session, workspace_id, report.id or 0)
    if await storage.people.unlearn(session, workspace_id, report.id or 0):
        await storage.fits.due_again(session, workspace_id, now)
        kit.area.drop()
    for digest_id in await storage.subscriptions.sent_since(session, workspace_id, now - SENT):
        await storage.outbox.again(session, workspace_id, "redraw", str(digest_id), {"digest": digest_id}, now)
    await homes(session, kit, now)


async def homes(session: Session, kit: Kit, now: dt.datetime) -> None:
    """Draw the Homes anew that lately were opened: they name problems by people's words."""
    await storage.outbox.homes_again(session, kit.house.workspace_id, now - SENT, now)


async def fade(kit: Kit, now: dt.datetime) -> None:
    """Take the words out of reports that are older than the house keeps them; what they count stays."""
    if not kit.house.retention:
        return
    async with kit.database.transaction() as session:
        workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
        faded = await storage.people.fade(
            session, workspace.id, months_before(now, kit.house.retention), workspace.revision
        )
        for cluster_id in faded:
            await want_card(session, kit, cluster_id, now)
        if faded:
            await homes(session, kit, now)
    if faded:
        log.info("old words forgotten", extra={"clusters": len(faded)})
    kit.wake.set()


def months_before(now: dt.datetime, months: int) -> dt.datetime:
    """The same day so many months ago, or the last day of a shorter month."""
    years, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    day = min(now.day, calendar.monthrange(years, month + 1)[1])
    return now.replace(year=years, month=month + 1, day=day)


async def left(kit: Kit, now: dt.datetime) -> None:
    """The app was taken out of the workspace: nothing more is done there."""
    async with kit.database.transaction() as session:
        await storage.workspaces.leave(session, kit.house.workspace_id, now)
    log.warning("the app was uninstalled", extra={"workspace": kit.house.workspace_id})


async def is_gone(kit: Kit) -> bool:
    """Whether the app was taken out of the workspace."""
    async with kit.database.reading() as session:
        return await storage.workspaces.gone_since(session, kit.house.workspace_id) is not None


async def purge(kit: Kit, now: dt.datetime) -> None:
    """Forget a workspace that was left long enough ago."""
    async with kit.database.transaction() as session:
        since = await storage.workspaces.gone_since(session, kit.house.workspace_id)
        if since is None or since > now - PATIENCE:
            return
        await storage.people.purge(session, kit.house.workspace_id)
    kit.area.drop()
    kit.groups.forget()
    log.warning("a workspace was forgotten", extra={"workspace": kit.house.workspace_id})
