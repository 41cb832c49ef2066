"""`friction doctor`: what is well, what is not, and what to do about it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import storage.fits
import storage.inbox
import storage.links
import storage.outbox
import storage.subscriptions
from bot import views
from bot.flows import backlog, learn, links
from bot.flows import reader as readers
from bot.flows.kit import Kit
from bot.slack import Identity, SlackRefused

#: What each scope is for. Without an optional one the bot runs, and does less.
NEEDED = {
    "commands": "/friction and the shortcuts",
    "chat:write": "cards, answers and digests",
    "reactions:read": "votes",
    "channels:read": "finding the friction channel, telling private places from public ones, and who is in a channel",
    "users:read": "names and time zones",
    "im:write": "digests",
    "usergroups:read": "team leads by user group",
}
OPTIONAL = {
    "channels:history": "flagging messages with the emoji; without it use the message’s menu",
    "groups:history": "the same in private channels",
    "groups:read": "private channels, also for digests",
    "im:history": "looking whether a digest arrived before sending it again",
}

#: What has waited for longer is worth a look.
LATE = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    well: bool
    text: str


async def examine(kit: Kit, identity: Identity, now: dt.datetime) -> list[Finding]:
    """Everything that can be looked at from here. That we got this far says that token and channel are right."""
    found = [
        Finding(True, f"The database at {kit.database.name} answers and is up to date."),
        Finding(
            True, f"Slack knows us as {identity.bot_user_id} in {identity.workspace}, and the channel is open to us."
        ),
    ]
    found += _scopes(identity)
    found += await _inbox(kit, now)
    found += await _outbox(kit, now)
    found.append(await _classifier(kit))
    found.append(await _link(kit))
    found += await _stopped(kit)
    for listed in await kit.leads.refresh(kit.slack):
        found.append(Finding(False, f"LEADS names {listed}, which is no user group that Slack shows us."))
    for admin in sorted(kit.house.admins):
        try:
            await kit.slack.person(admin)
        except SlackRefused as refusal:
            found.append(Finding(False, f"ADMINS names {admin}, whom Slack does not know ({refusal.code})."))
    for area in kit.house.about:
        if area.owner:
            try:
                await kit.slack.person(area.owner)
            except SlackRefused as refusal:
                found.append(
                    Finding(False, f"AREAS_FILE names {area.owner}, whom Slack does not know ({refusal.code}).")
                )
    return found


def _scopes(identity: Identity) -> list[Finding]:
    if not identity.scopes:
        return [Finding(True, "Slack did not say which scopes are granted.")]
    missing = [
        Finding(False, f"The scope {scope} is missing: {use}.")
        for scope, use in NEEDED.items()
        if scope not in identity.scopes
    ]
    missing += [
        Finding(True, f"The optional scope {scope} is not granted: {use}.")
        for scope, use in OPTIONAL.items()
        if scope not in identity.scopes
    ]
    return missing or [Finding(True, "Every scope is granted.")]


async def _stopped(kit: Kit) -> list[Finding]:
    """Digests that Slack does not take. Who has left the workspace needs nobody's attention."""
    async with kit.database.reading() as session:
        everybody = await storage.subscriptions.everything(session, kit.house.workspace_id)
    return [
        Finding(False, f"The digest of {each.reader} is stopped, as Slack refused it ({each.paused_because}).")
        for each in everybody
        if each.paused_because and each.paused_because not in readers.GONE
    ]


async def _inbox(kit: Kit, now: dt.datetime) -> list[Finding]:
    async with kit.database.reading() as session:
        waiting, first = await storage.inbox.depth(session, kit.house.workspace_id)
        failing = await storage.inbox.failing(session, kit.house.workspace_id)
    late = first is not None and now - first > LATE
    age = f", the first for {(now - first).total_seconds() / 60:.0f} minutes" if late and first else ""
    return [
        Finding(not late, f"{views.blocks.count(waiting, 'report')} still to be filed{age}."),
        *(
            Finding(
                False,
                f"A report could not be filed yet, after {views.blocks.count(row.attempts, 'try', 'tries')}"
                f" ({row.error}). It is kept, and tried again.",
            )
            for row in failing
        ),
    ]


async def _outbox(kit: Kit, now: dt.datetime) -> list[Finding]:
    async with kit.database.reading() as session:
        waiting, first = await storage.outbox.depth(session, kit.house.workspace_id)
        parked = await storage.outbox.parked(session, kit.house.workspace_id)
    late = first is not None and now - first > LATE
    age = f", the first for {(now - first).total_seconds() / 60:.0f} minutes" if late and first else ""
    found = [Finding(not late, f"{waiting} messages wait to be sent{age}.")]
    found += [Finding(False, f"{backlog.line(row)}. Try it again: friction outbox retry {row.id}") for row in parked]
    return found


async def _classifier(kit: Kit) -> Finding:
    async with kit.database.reading() as session:
        fit = await storage.fits.latest(session, kit.house.workspace_id)
    if fit is None:
        return Finding(True, "The area classifier knows its corpus; nobody here has taught it anything yet.")
    return Finding(True, f"The area classifier was fitted on {fit.fitted_at:%Y-%m-%d %H:%M} UTC. {learn.in_words(fit)}")


async def _link(kit: Kit) -> Finding:
    async with kit.database.reading() as session:
        fit = await storage.links.latest(session, kit.house.workspace_id)
    if fit is None:
        return Finding(True, "Grouping knows no answers of people here, or too few to learn from.")
    return Finding(True, f"Grouping was fitted on {fit.fitted_at:%Y-%m-%d %H:%M} UTC. {links.in_words(fit)}")
