"""Of fewer than three people nothing is said that would be one person's, wherever figures are broken down."""

from __future__ import annotations

import re

import pytest
from conftest import ADA, ANA, BEN, CEM, DOCS, DOCS_TOO, DORA, LEA, TIM, VPN, Clock, Team
from fakes.slack import FakeSlack
from prometheus_client import generate_latest
from test_canary import _flat, _quarter
from test_listeners import Work

from bot import rules, views
from bot.flows import affected, digest, export, home, status
from bot.flows import cluster as clusters
from bot.flows import quarter as quarters
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit

#: What would tell that a lead is among them, how bad one of them called it, what it cost one, for whom it is gone.
LEAD = r"backed by \d|\d leads?\b|a lead counted|a lead counts"
SEVERITY = r"\d (am |is |are )?blocked|slowed|nice to know"
COST = r"\d (min|h|d)\b[^·]* lost|given back \(|\d h (of|in all)"
GONE = r"gone \d"

#: Lea is a lead; each of them calls it something else, and lost something else.
SAID = ((LEA, 3, 480), (BEN, 0, 5), (CEM, 2, 30))


async def shown(kit: Kit, slack: FakeSlack, team: Team, work: Work) -> dict[str, str]:
    """All figures of the first cluster that others are shown, by place."""
    now = team.clock()
    found = {"card": team.card()}
    for name, message in (
        ("show", await clusters.show(kit, 1, DORA, now)),
        ("why", await clusters.explain(kit, TIM, 1, now)),
        ("top", await clusters.top(kit, None, now)),
        ("find", await clusters.find(kit, "deploy docs flag", now)),
    ):
        assert message is not None
        found[name] = message.text + _flat(message.blocks)
    for person in (TIM, ADA, DORA):
        await home.draw(kit, person, now)
        found[f"home of {person}"] = _flat(slack.homes[person])
    found["digest"] = await digest.preview(kit, TIM, now)
    await digest.send_now(kit, TIM, now)
    await work(minutes=1)
    found["digest that was sent"] = _flat(slack.posted(f"D{TIM}")[-1])
    found["quarter"] = views.quarter.text(await quarters.compose(kit, _quarter(now), now))
    found["metrics"] = generate_latest().decode()
    return found


def places(said: dict[str, str], what: str) -> set[str]:
    return {place for place, words in said.items() if re.search(what, words, re.IGNORECASE)}


async def told(kit: Kit, team: Team, work: Work, people: int) -> None:
    await subscriptions.subscribe(
        kit, TIM, areas="all", every="week", weekday="mon", at="09:00", tz="UTC", now=team.clock()
    )
    for (person, severity, minutes), words in zip(SAID[:people], (DOCS, DOCS_TOO, DOCS), strict=False):
        await team.file(words, by=person, severity=severity, minutes_lost=minutes)
    await team.file(VPN, by=ANA)
    await work(minutes=1)


@pytest.mark.parametrize("people", [1, 2, 3])
async def test_who_is_a_lead_how_bad_it_is_and_what_it_cost_is_said_of_three_people_and_not_of_fewer(
    people: int, kit: Kit, slack: FakeSlack, team: Team, work: Work
) -> None:
    await told(kit, team, work, people)
    said = await shown(kit, slack, team, work)
    rows = await export.rows(kit.database, kit.house.workspace_id, "clusters", leads=(LEA,), now=team.clock())
    if people < 3:
        assert places(said, LEAD) | places(said, COST) | places(said, SEVERITY) == set()
        assert [row["leads"] for row in rows] == [0, 0]
    else:
        assert places(said, LEAD) >= {"card", "show", "digest", "why", "digest that was sent"}
        assert places(said, COST) >= {"show", "digest", "why", "digest that was sent"}
        assert places(said, SEVERITY) >= {"why"}
        assert [row["leads"] for row in rows] == [1, 0]


async def test_a_lead_who_votes_is_no_number_of_fewer_than_three_people_either(team: Team, work: Work) -> None:
    await team.file(DOCS, by=BEN)
    await work()
    await team.vote(LEA)
    await work(minutes=1)
    assert "2 developers" in team.card() and "lead" not in team.card()
    await team.vote(ANA)
    await work(minutes=1)
    assert "3 developers · backed by 1 lead" in team.card()


@pytest.mark.parametrize("people", [2, 3])
async def test_for_whom_it_is_gone_is_counted_from_three_answers_on(
    people: int, kit: Kit, slack: FakeSlack, team: Team, work: Work, clock: Clock
) -> None:
    await told(kit, team, work, people)
    done = await status.set_status(kit, 1, "shipped", "it is new", "", ADA, clock.forward(minutes=1), was="new")
    await work(days=8)
    for number, (person, *_) in enumerate(SAID[:people]):
        said = rules.hearing.GONE if number else rules.hearing.STILL
        await affected.answer(kit, done.fact_id or 0, person, said, f"9.{number:06}", clock())
    found = await shown(kit, slack, team, work)
    assert places(found, f"answered {people}") >= {"show"}
    assert places(found, GONE) >= {"show"} if people == 3 else places(found, GONE) == set()
    assert places(found, SEVERITY) <= ({"why"} if people == 3 else set())
    if people < 3:
        assert "fewer than three people" in found["quarter"]
        assert places(found, COST) == places(found, LEAD) == set()


async def test_what_moved_a_receipt_is_one_figure_while_there_are_fewer_than_three(
    kit: Kit, slack: FakeSlack, team: Team, work: Work, clock: Clock
) -> None:
    await told(kit, team, work, 1)
    await digest.send_now(kit, TIM, clock())
    await work(minutes=1)
    await team.file(DOCS_TOO, by=BEN, severity=3)
    await work(minutes=1)
    why = await clusters.explain(kit, TIM, 1, clock.forward(days=1))
    assert why is not None
    assert re.search(r"since then [+−-]\d+\.\d\d\.", why.text)
    assert "new person" not in why.text
    assert "of them this week" not in why.text


def test_the_least_that_is_broken_down_is_the_same_everywhere() -> None:
    assert {rules.impact.FEW, rules.time_lost.FEW, rules.hearing.FEW, views.quarter.FEW} == {3}
