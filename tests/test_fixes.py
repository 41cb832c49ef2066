"""What was shipped is looked at every week, and who reads digests, clusters and quarters is told what was found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable

import pytest
from conftest import ADA, ANA, BEN, CEM, DOCS, TIM, VPN, Clock, Team
from fakes import slack as fakes
from fakes.slack import FakeSlack
from sqlmodel import select

from bot import rules, views
from bot.flows import affected, status
from bot.flows import cluster as clusters
from bot.flows import digest as digests
from bot.flows import quarter as quarters
from bot.flows import subscription as subscriptions
from bot.flows import verdict as verdicts
from bot.flows.kit import Kit
from storage.database import Database
from storage.models import Cluster, Report
from storage.verdicts import Verdict

Work = Callable[..., Awaitable[None]]

DAY = dt.timedelta(days=1)


async def history(database: Database, clock: Clock, *, before: int, after: int, late: int = 0) -> dt.datetime:
    """A fix of a month ago, with a report of everything else every sixteen hours. Gives back when it was shipped.

    `before` and `after`: reports of it a week; `late`: reports said long before, and captured only now.
    """
    now = clock()
    shipped = now - 28 * DAY
    said: list[tuple[int, dt.datetime]] = [(1, shipped - 84 * DAY)]
    said += [(1, shipped - week * 7 * DAY - place * DAY / 2) for week in range(12) for place in range(before)]
    said += [(1, shipped + week * 7 * DAY + (place + 1) * DAY / 2) for week in range(4) for place in range(after)]
    said += [(1, shipped - DAY)] * late
    said += [(2, shipped + number * DAY / 1.5) for number in range(-126, 42)]
    async with database.transaction() as session:
        for number, (title, state) in enumerate((("VPN page missing", "shipped"), ("The rest", "new")), 1):
            more = {"status": state, "status_at": shipped if state == "shipped" else None}
            session.add(
                Cluster(
                    id=number, workspace_id=fakes.TEAM, number=number, title=title, area="docs", created_at=now, **more
                )
            )
        await session.flush()
        for number, (cluster, at) in enumerate(said):
            session.add(
                Report(
                    workspace_id=fakes.TEAM,
                    key=f"import:{number}",
                    cluster_id=cluster,
                    text=f"secret words {number}" if number % 7 == 0 else f"words {number}",
                    visibility="private" if number % 7 == 0 else "public",
                    area="docs",
                    source="import",
                    reporter=f"U{number % 40}",
                    minutes_lost=30 if cluster == 1 else None,
                    said_at=at,
                    created_at=now,
                )
            )
    return shipped


async def looks(database: Database) -> list[Verdict]:
    async with database.reading() as session:
        return list((await session.exec(select(Verdict).order_by(Verdict.week))).all())  # type: ignore[arg-type]


async def test_each_weeks_look_is_taken_once_however_many_processes_there_are(
    kit: Kit, kit_on: Callable[[Database], Kit], database: Database, clock: Clock
) -> None:
    shipped = await history(database, clock, before=6, after=0)
    other = kit_on(database)
    assert await verdicts.weigh_due(kit, clock()) == 1
    assert await verdicts.weigh_due(other, clock()) == 0
    [look] = await looks(database)
    assert (look.week, look.until, look.word) == (4, shipped + 28 * DAY, rules.verdict.BETTER)
    # The first of all began it, and counts for nothing.
    assert (look.before, look.after, look.days_before, look.days_after) == (72, 0, 84.0, 28.0)
    assert await verdicts.weigh_due(kit, clock.forward(days=6)) == 0
    assert await verdicts.weigh_due(kit, clock.forward(days=1)) == 1
    assert await verdicts.weigh_due(kit, clock.forward(weeks=30)) == 1
    assert await verdicts.weigh_due(kit, clock.forward(weeks=1)) == 0
    assert [each.week for each in await looks(database)] == [4, 5, 12]
    assert (await looks(database))[-1].until == shipped + 84 * DAY


async def test_what_was_said_before_the_shipping_counts_as_before_however_late_it_was_captured(
    kit: Kit, database: Database, clock: Clock
) -> None:
    await history(database, clock, before=6, after=1, late=8)
    await verdicts.weigh_due(kit, clock())
    [look] = await looks(database)
    assert (look.before, look.after) == (80, 4)


async def test_what_was_withdrawn_or_was_shipped_anew_is_looked_at_anew(
    kit: Kit, database: Database, clock: Clock
) -> None:
    await history(database, clock, before=6, after=6)
    await verdicts.weigh_due(kit, clock())
    assert (await looks(database))[-1].word != rules.verdict.BETTER
    async with database.transaction() as session:
        for report in (await session.exec(select(Report).where(Report.cluster_id == 1))).all():
            if report.said_at > clock() - 28 * DAY:
                report.cluster_id, report.withdrawn_at = None, clock()
    clock.forward(weeks=1)
    await verdicts.weigh_due(kit, clock())
    assert (await looks(database))[-1].after == 0
    async with database.transaction() as session:
        cluster = await session.get(Cluster, 1)
        assert cluster is not None
        cluster.status_at = clock()
    assert await verdicts.standing(kit, [1]) == {}
    await verdicts.weigh_due(kit, clock.forward(weeks=1))
    assert [each.week for each in await looks(database)] == [1, 4, 5]


@pytest.mark.parametrize("left, counted", [("before the shipping", 1 / 2), ("since", 1)])
async def test_for_whom_it_was_over_before_the_shipping_counts_not_and_whom_the_fix_helped_counts(
    kit: Kit, database: Database, clock: Clock, left: str, counted: float
) -> None:
    shipped = await history(database, clock, before=6, after=6)
    async with kit.database.reading() as session:
        before = await verdicts.count(session, kit, 1, shipped, clock())
    for number in range(0, 40, 2):
        for cluster_id in (1, 2):
            at = shipped - dt.timedelta(days=1) if left == "before the shipping" else clock()
            await affected.leave(kit, cluster_id, f"U{number}", at)
    async with kit.database.reading() as session:
        after = await verdicts.count(session, kit, 1, shipped, clock())
    for side in ("before", "after", "others_before", "others_after"):
        assert sum(getattr(after, side)) == pytest.approx(sum(getattr(before, side)) * counted, rel=0.1), side


async def test_a_verdict_is_in_the_digest_once_and_whenever_the_cluster_is_shown(
    kit: Kit, database: Database, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    at = {"every": "week", "weekday": "mon", "at": "09:00", "tz": "Europe/Berlin"}
    await subscriptions.subscribe(kit, TIM, now=clock(), areas="all", **at)
    await history(database, clock, before=6, after=0)
    told = []
    for _ in range(3):
        clock.forward(weeks=1)
        await verdicts.weigh_due(kit, clock())
        await digests.send_now(kit, TIM, clock())
        await work()
        told.append(slack.told(TIM)[-1])
    said = "Fixed: F-1 “VPN page missing” — 6.0 reports a week before, 0.0 after:"
    assert [said in each for each in told] == [True, False, False]
    shown = await clusters.show(kit, 1, TIM, clock())
    assert shown is not None and "Better since it was shipped: 6.0 reports a week before, 0.0 after:" in shown.text


async def test_a_quarter_says_what_helped_what_did_not_and_nothing_that_is_private(
    team: Team, kit: Kit, database: Database, clock: Clock
) -> None:
    await history(database, clock, before=6, after=0)
    async with database.transaction() as session:
        cluster = await session.get(Cluster, 1)
        assert cluster is not None
        cluster.status, cluster.status_at = "new", None
    now, shipped = clock(), clock() - 28 * DAY
    for number, state in ((1, "shipped"), (2, "shipped")):
        await status.set_status(kit, number, state, "We did it.", "", ADA, shipped, was="new")
    await status.set_status(kit, 2, "in_progress", "", "", ADA, shipped + DAY, was="shipped")
    await verdicts.weigh_due(kit, now)
    page = views.quarter.text(await quarters.compose(kit, "2026Q4", now))
    assert page.startswith("What we fixed, October–December 2026\n\n2 problems were shipped; 40 people")
    better, _, failed = page.partition("What did not work")
    assert "- F-1 words" in better and "better since it was shipped: 6.0 reports a week before, 0.0 after" in better
    assert "h given back (90 % interval " in better
    assert "(docs), shipped 5 October\n  40 people · open again" in failed
    assert "Counted are only reports that did not come any more" in page
    assert "secret words" not in page
    assert "Nothing was shipped." in views.quarter.text(await quarters.compose(kit, "2026Q1", clock()))
    with pytest.raises(ValueError, match="is not a quarter"):
        await quarters.compose(kit, "2026Q5", clock())


async def test_what_somebody_lost_is_counted_by_person_and_only_of_those_who_said_so(
    team: Team, kit: Kit, clock: Clock
) -> None:
    await team.file(DOCS, by=ANA, minutes_lost=30)
    await team.file(DOCS, by=ANA, minutes_lost=120)
    for by in (BEN, CEM):
        await team.file(DOCS, by=by, minutes_lost=30)
    await team.file(DOCS, by=TIM)
    await team.file(VPN, by=TIM, minutes_lost=960)
    first, other = await clusters.lines(kit, [1, 2], clock())
    assert first.lost == rules.time_lost.Lost(210, 3, 4)
    assert views.figures.cost(first.lost) == ["4 h lost (3 of 4 said; too few to say more)"]
    assert views.figures.cost(other.lost) == ["time lost: 1 of 1 said, too few to say"]
