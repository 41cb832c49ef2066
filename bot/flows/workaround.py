"""Until it is fixed: what helps meanwhile is written down once, and given to whoever has the problem from then on."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import storage.clusters
import storage.facts
import storage.notices
import storage.outbox
import storage.reports
import storage.votes
from bot import rules, views
from bot.flows import decide, triage
from bot.flows.card import handle
from bot.flows.kit import Kit
from bot.flows.post import post_once
from bot.flows.triage import Done, Refused, called
from bot.slack import SlackRefused
from storage.database import Session
from storage.models import Cluster, Fact, Outbox, Report
from storage.notices import Notice

#: Characters of a workaround that people may write.
LONGEST = 500


async def write(kit: Kit, cluster_id: int, words: str, person: str, now: dt.datetime, *, was: str) -> Done:
    """Who looks after a cluster says how to do without; with nothing, that there is no way. Raises Refused, Changed.

    `was`: what they saw when they began.
    """
    masked, _ = rules.secrets.mask(rules.text.clean(words).strip())
    if len(masked) > LONGEST:
        raise Refused(f"At most {LONGEST} characters, please.")
    said, shown = await current(kit, cluster_id)
    # Sent as it came, the words stay the report's, and go with it.
    fact = triage.new_fact(kit, "workaround", person, now, value=said if masked == shown else masked)
    here, stated, _ = await decide.state(kit, cluster_id, fact, now, was=was)
    news = f"{called(here)} has a workaround now." if masked else f"{called(here)} has no workaround any more."
    return Done(news, stated.id if stated else None, here.id or 0)


async def mark(kit: Kit, cluster_id: int, report_id: int, person: str, now: dt.datetime) -> Done:
    """Who looks after a cluster says that one of its reports tells how to do without. Raises Refused, Changed.

    The report's words are not copied: when they are taken back, so is the workaround.
    """
    async with kit.database.reading() as session:
        here = await triage.cluster(session, kit, cluster_id)
        report = await storage.reports.get(session, kit.house.workspace_id, report_id)
        said = await _latest(session, here)
    if report is None or report.cluster_id != here.id or not report.text:
        raise Refused("That report is not in it any more.")
    if report.visibility != "public":
        raise Refused("That report is private. Its author can let its words be shown, or you write it in your own.")
    was = said.value if said else ""
    # A value of its own: two decisions are the same when their values are.
    fact = triage.new_fact(kit, "workaround", person, now, report_id=report_id, value=f"report {report_id}")
    here, stated, _ = await decide.state(kit, cluster_id, fact, now, was=was)
    return Done(f"{called(here)} has a workaround now.", stated.id if stated else None, here.id or 0)


async def current(kit: Kit, cluster_id: int) -> tuple[str, str]:
    """What is said of it now, for the form: as it was decided, and in words that everybody may read."""
    async with kit.database.reading() as session:
        here = await triage.cluster(session, kit, cluster_id)
        said, found = await _latest(session, here), await known(session, kit, here.id)
    return said.value if said else "", found.words[:LONGEST] if found else ""


async def known(session: Session, kit: Kit, cluster_id: int | None) -> views.report.Workaround | None:
    """The workaround of a cluster, as everybody may read it; None when there is none. `by` is still an id."""
    cluster = await storage.clusters.get(session, kit.house.workspace_id, cluster_id) if cluster_id else None
    fact = await _latest(session, cluster) if cluster is not None else None
    if fact is None or not fact.value:
        return None
    words = fact.value
    if fact.report_id is not None:
        report = await storage.reports.get(session, kit.house.workspace_id, fact.report_id)
        words = report.text if report is not None and report.visibility == "public" else ""
    if not words:
        return None
    day = views.subscription.short_day(fact.made_at)
    return views.report.Workaround(fact_id=fact.id or 0, words=words, by=fact.made_by or "", day=day)


async def _latest(session: Session, here: Cluster) -> Fact | None:
    facts = await storage.facts.about(session, await storage.clusters.parts(session, here.id or 0))
    said = rules.facts.standing(facts, here.id or 0).get("workaround")
    return said[-1] if said else None


async def named(kit: Kit, found: views.report.Workaround | None) -> views.report.Workaround | None:
    """The same with the name of who said so, which Slack is asked for."""
    if found is None:
        return None
    return replace(found, by=(await triage.name(kit, found.by)).replace(triage.SOMEBODY, ""))


async def offer(session: Session, kit: Kit, cluster_id: int | None, person: str | None, now: dt.datetime) -> None:
    """Give somebody who votes the workaround by direct message; once, unless there is another.

    At whatever hour: it answers what they do this moment.
    """
    await session.flush()
    found = await known(session, kit, cluster_id)
    if found is None or person is None or found.by == person:
        return
    if await _is_new(session, kit, found, cluster_id or 0, person, now, "sending"):
        told = {"person": person, "fact": found.fact_id, "cluster": cluster_id}
        key = f"{found.fact_id}:{person}"
        await storage.outbox.once(session, kit.house.workspace_id, "workaround", key, told, now)


async def given(session: Session, kit: Kit, report: Report, now: dt.datetime) -> None:
    """Note that the answer to a report gives its author the workaround."""
    found = await known(session, kit, report.cluster_id)
    if found is not None and report.reporter is not None:
        await _is_new(session, kit, found, report.cluster_id or 0, report.reporter, now, "told")


async def _is_new(
    session: Session,
    kit: Kit,
    found: views.report.Workaround,
    cluster_id: int,
    person: str,
    now: dt.datetime,
    state: str,
) -> bool:
    """Note that somebody is given it. False: they were before."""
    notice = Notice(
        workspace_id=kit.house.workspace_id,
        fact_id=found.fact_id,
        cluster_id=cluster_id,
        person=person,
        kind="workaround",
        state=state,
        made_at=now,
        due_at=now,
        told_at=now if state == "told" else None,
    )
    return bool(await storage.notices.add(session, [notice]))


async def send(kit: Kit, row: Outbox, now: dt.datetime) -> None:
    """Give somebody the workaround that they were promised, if it still holds. Raises SlackRefused."""
    async with kit.database.reading() as session:
        cluster = await storage.clusters.get(session, row.workspace_id, row.payload["cluster"])
        assert cluster is not None
        here = await storage.clusters.whole(session, cluster)
        found = await known(session, kit, here.id)
    if found is None or found.fact_id != row.payload["fact"]:
        return
    message = views.report.how_to_do_without(handle(here.number), await named(kit, found) or found)
    try:
        channel = await kit.slack.direct_channel(row.payload["person"])
        await post_once(kit, row, channel, message, block_id=f"workaround-{row.id}")
    except SlackRefused as refusal:
        if not refusal.unreachable:
            raise
