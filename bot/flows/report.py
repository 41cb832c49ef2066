"""A report comes in: it is tagged, grouped, stored with everything that follows from it, and answered."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass, replace

from prometheus_client import Counter

import storage.clusters
import storage.outbox
import storage.reports
import storage.votes
import storage.workspaces
from bot import rules, views
from bot.flows import card as cards
from bot.flows import place, suggest
from bot.flows import workaround as workarounds
from bot.flows.kit import Kit
from classifiers import grouping
from classifiers.area import Answer
from storage.database import Session
from storage.models import Report, Vote, Workspace

log = logging.getLogger(__name__)

CAPTURED = Counter("friction_reports_total", "Reports stored", ["source", "area"])

NO_WORDS = "I need a few words to go on, such as: /friction the deploy docs still show the old flag."


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said, and where. `text` is what they typed; `area` is empty unless they chose one.

    `private`: nobody else may read it; `lift`: unless it is found out that everybody can read where it was said.
    `cleaned`: what cannot be seen, and secrets, are taken out of `text` already.
    """

    key: str
    text: str
    source: str
    reporter: str | None
    said_at: dt.datetime
    channel: str = ""
    message_ts: str = ""
    permalink: str = ""
    private: bool = False
    lift: bool = False
    area: str = ""
    severity: int | None = None
    minutes_lost: int | None = None
    cleaned: bool = False

    @property
    def wordless(self) -> bool:
        """Whether there is nothing in it to go on. A captured message is something even without words."""
        return not self.message_ts and not rules.text.has_words(self.text)


@dataclass(frozen=True, slots=True)
class Flag:
    """Who captured somebody's message, by which emoji or `shortcut`, and Slack's own moment of it."""

    person: str
    emoji: str
    event_ts: str

    def vote(self, kit: Kit, channel: str, message_ts: str, now: dt.datetime) -> Vote:
        """The flag as the vote that it is."""
        return Vote(
            workspace_id=kit.house.workspace_id,
            channel=channel,
            message_ts=message_ts,
            person=self.person,
            emoji=self.emoji,
            given=True,
            event_ts=self.event_ts,
            voted_at=now,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it. `filed` is None when it was taken back before, or is not told; `new`: this call stored it."""

    report: Report
    filed: views.report.Filed | None
    new: bool


def cleaned(said: Said) -> Said:
    """What may be stored of it: without what cannot be seen, and without secrets."""
    if said.cleaned:
        return said
    words, _ = rules.secrets.mask(rules.text.clean(said.text))
    return replace(said, text=words, cleaned=True)


async def file(kit: Kit, said: Said, now: dt.datetime, *, flag: Flag | None = None) -> Outcome | None:
    """Store a report with everything that follows from it; or find the one that this gesture made before.

    None: there is not a word in it.
    """
    said = cleaned(said)
    if said.wordless:
        return None
    new = tagged(kit, said, kit.area.answer(said.text), now)
    async with kit.database.transaction() as session:
        workspace = await storage.workspaces.lock(session, kit.house.workspace_id)
        index = await kit.groups.current(session)
        outcome = await store(session, kit, workspace, index, said, new, now, flag=flag)
    noted(kit, outcome)
    return await named(kit, outcome)


def tagged(kit: Kit, said: Said, tag: Answer, now: dt.datetime) -> Report:
    """The report that this is, with its area, and as yet without a place. `said` is cleaned."""
    return Report(
        workspace_id=kit.house.workspace_id,
        key=said.key,
        text=said.text,
        area=said.area or tag.area,
        area_by="reporter" if said.area else "model",
        confidence=tag.confidence,
        likeliest=tag.ranked[0],
        answered=tag.area != rules.areas.UNSORTED and not said.area,
        source=said.source,
        reporter=said.reporter,
        channel=said.channel,
        message_ts=said.message_ts,
        permalink=said.permalink,
        visibility="private" if said.private else "public",
        severity=said.severity,
        minutes_lost=said.minutes_lost,
        said_at=said.said_at,
        # Without a name, the moment would tell who it was: only the day is kept.
        created_at=now if said.reporter else said.said_at,
    )


async def store(
    session: Session,
    kit: Kit,
    workspace: Workspace,
    index: grouping.Index,
    said: Said,
    new: Report,
    now: dt.datetime,
    *,
    flag: Flag | None = None,
    telling: bool = True,
) -> Outcome:
    """What `file` does in its transaction: the one place where a report comes to be. Workspace locked.

    `index`: what it is compared with; `telling`: whether anybody is told of it just now, which is work to find out.
    """
    report, placed = await _stored(session, new)
    asking = False
    if placed:
        decision = await place.place(session, kit, workspace, index, report, now)
        asking = isinstance(decision, rules.placement.Suggest)
        await _follow_up(session, kit, report, flag, said.lift, now)
        if isinstance(decision, rules.placement.Join):
            await workarounds.given(session, kit, report, now)
    if flag is not None:
        vote = flag.vote(kit, report.channel, report.message_ts, now)
        if await storage.votes.record(session, vote):
            await cards.changed(session, kit, report.cluster_id, now)
            await workarounds.offer(session, kit, report.cluster_id, flag.person, now)
    known = (said.lift, asking) if placed else (None, True)
    filed = await filed_now(session, kit, report, now, lift=known[0], asking=known[1]) if telling else None
    return Outcome(report, filed, placed)


def noted(kit: Kit, outcome: Outcome) -> None:
    """What is to be done once the transaction is committed: the outbox has work, and the report is counted."""
    kit.wake.set()
    if outcome.new:
        report = outcome.report
        CAPTURED.labels(report.source, report.area).inc()
        log.info("report filed", extra={"report": report.id, "cluster": report.cluster_id, "source": report.source})


async def filed_now(
    session: Session,
    kit: Kit,
    report: Report,
    now: dt.datetime,
    *,
    lift: bool | None = None,
    asking: bool = True,
) -> views.report.Filed | None:
    """What there is to say of a report as things stand. None: it was taken back.

    `lift`: whether it is still being found out that everybody may read it; until then nobody is told that it is
    private. Asked of the database when it is not known. `asking`: whether something may be suggested of it.
    """
    if report.cluster_id is None or report.id is None:
        return None
    await session.flush()
    cluster = await storage.clusters.get(session, kit.house.workspace_id, report.cluster_id)
    signals = await storage.votes.signals(session, kit.house.workspace_id, [report.cluster_id])
    assert cluster is not None
    standing = rules.impact.standings(signals, leads=kit.leads.people, now=now, since=now)[report.cluster_id]
    unsure = report.area == rules.areas.UNSORTED and report.area_by == "model"
    private = report.visibility == "private"
    if private and lift is None:
        asked = await storage.outbox.waiting(session, report.workspace_id, "look_up", str(report.id))
        lift = bool(asked and asked["lift"])
    return views.report.Filed(
        report_id=report.id,
        handle=cards.handle(cluster.number),
        area=report.area,
        areas=kit.area.answer(report.text).ranked if unsure else kit.house.areas,
        unsure=unsure,
        developers=standing.developers,
        alone=standing.reports == 1,
        words=report.text,
        masked=rules.secrets.count(report.text) + rules.secrets.count(report.detail),
        private=private and not lift,
        minutes=report.minutes_lost,
        alike=await suggest.alike(session, kit, report, now) if asking else (),
        workaround=await workarounds.known(session, kit, report.cluster_id),
    )


async def answer(
    kit: Kit,
    report_id: int,
    now: dt.datetime,
    *,
    news: str = "",
    flagged_by: str = "",
    undo: int | None = None,
) -> views.blocks.Message:
    """The private answer about a report as it stands now. `undo`: the decision that `news` tells of."""
    async with kit.database.reading() as session:
        report = await storage.reports.get(session, kit.house.workspace_id, report_id)
        filed = await filed_now(session, kit, report, now) if report is not None else None
    filed = await _named(kit, filed)
    if filed is None:
        return views.report.sentence(news or TAKEN_BACK)
    return views.report.filed(filed, news=news, flagged_by=flagged_by, undo=undo)


async def named(kit: Kit, outcome: Outcome) -> Outcome:
    """The same with the name of who wrote the workaround; Slack is asked for it, so outside of any transaction."""
    return replace(outcome, filed=await _named(kit, outcome.filed))


async def _named(kit: Kit, filed: views.report.Filed | None) -> views.report.Filed | None:
    return replace(filed, workaround=await workarounds.named(kit, filed.workaround)) if filed else None


TAKEN_BACK = "Taken back. Your words are deleted here, and the counts no longer include you."


async def _stored(session: Session, new: Report) -> tuple[Report, bool]:
    """The report in the database, and whether it is still to be placed."""
    added = await storage.reports.add(session, new)
    if added is not None:
        return added, True
    known = await storage.reports.by_key(session, new.workspace_id, new.key)
    assert known is not None
    if known.cluster_id is not None or known.withdrawn_at is not None:
        return known, False
    # Flagged a moment ago and not read yet: here is what it says.
    for name, value in new.model_dump(exclude={"id", "key", "source", "created_at"}).items():
        setattr(known, name, value)
    return known, True


async def _follow_up(
    session: Session, kit: Kit, report: Report, flag: Flag | None, lift: bool, now: dt.datetime
) -> None:
    """What Slack is asked and told afterwards, written with the report so that nothing is forgotten between the two."""
    assert report.cluster_id is not None
    if report.channel and not report.permalink:
        # The card waits until it is known who may read it.
        where = {"report": report.id, "lift": lift}
        await storage.outbox.once(session, kit.house.workspace_id, "look_up", str(report.id), where, now)
    else:
        await cards.want_card(session, kit, report.cluster_id, now)
    if flag is not None and report.reporter not in (None, flag.person):
        told = {"report": report.id, "person": report.reporter, "flagger": flag.person}
        await storage.outbox.once(session, kit.house.workspace_id, "tell", f"author:{report.id}", told, now)
