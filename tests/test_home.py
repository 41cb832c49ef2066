"""The App Home: what each of three roles finds in it, and what they choose to see."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import slack_limits
from conftest import ADA, ANA, BEN, CEM, DOCS, LEA, MONDAY, TIM, VPN, Clock, Team
from fakes.slack import FakeSlack
from hypothesis import given
from hypothesis import strategies as st
from shown import markup, plain_words
from test_flows import subscribe
from test_listeners import Json, Work

from bot import rules
from bot.flows import home, rename, status
from bot.flows.kit import Kit


async def drawn(kit: Kit, slack: FakeSlack, person: str, now: dt.datetime) -> Json:
    await home.draw(kit, person, now)
    shown: Json = slack.homes[person]
    assert slack_limits.of_view(shown) == []
    return shown


# Three roles


async def test_an_engineer_finds_what_became_of_what_they_reported(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    report = await team.file(DOCS, by=ANA)
    await team.file(VPN, by=BEN)
    await work()
    await status.set_status(kit, report.cluster_id or 0, "shipped", "Generated now", "", ADA, clock(), was="new")
    shown = await drawn(kit, slack, ANA, clock())
    assert "F-1 was shipped: Generated now. (Ada)" in plain_words(shown)
    assert VPN in plain_words(shown)  # what hurts most, now that the other is fixed
    for decided in ("cluster_desk", "home_status", "What you back"):
        assert decided not in json.dumps(shown)


async def test_a_lead_finds_what_their_votes_back_and_the_top_of_those_areas(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    first = await team.file(DOCS, by=ANA)
    await team.file(VPN, by=BEN)
    await work()
    await team.vote(LEA, card=1)
    shown = plain_words(await drawn(kit, slack, LEA, clock()))
    backed = shown[shown.index("What you back") : shown.index("What hurts most in")]
    assert VPN in backed and DOCS not in backed
    assert first.area not in shown[shown.index("What hurts most in") :].splitlines()[0]
    await team.vote(LEA, card=1, on=False)
    assert "None yet" in plain_words(await drawn(kit, slack, LEA, clock()))


async def test_who_decides_finds_every_cluster_with_its_desk_and_why(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(VPN, by=BEN)
    await work()
    await subscribe(kit, clock())
    for person in (TIM, ADA):
        shown = json.dumps(await drawn(kit, slack, person, clock()))
        assert shown.count('"cluster_desk"') == shown.count('"cluster_why"') == 2


async def test_who_decides_about_some_areas_finds_those_first_and_all_when_asked(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    report = await team.file(DOCS, by=ANA)
    other = await team.file(VPN, by=BEN)
    await work()
    await rename.retag(kit, report.cluster_id or 0, "docs", ADA, clock(), was=report.area)
    await rename.retag(kit, other.cluster_id or 0, "onboarding", ADA, clock(), was=other.area)
    await subscribe(kit, clock(), areas="docs,errors")
    clock.forward(hours=3)  # what was decided is not shown as news any more
    assert VPN not in plain_words(await drawn(kit, slack, TIM, clock()))
    for value, there in (("all", True), ("yours", False), ("onboarding", True)):
        await home.choose(kit, TIM, "area", value, clock())
        assert (VPN in plain_words(await drawn(kit, slack, TIM, clock()))) is there


# What is chosen


async def many(team: Team, kit: Kit, work: Work) -> None:
    for number in range(23):
        await team.file(" ".join(f"{chr(97 + (number + at) % 26) * 7}" for at in range(3)), by=ANA)
    await work()


def numbered(shown: Json) -> list[int]:
    starts = (line.partition(". ")[0] for line in plain_words(shown).splitlines())
    return [int(start) for start in starts if start.isdigit()]


async def test_the_ranked_list_has_pages_and_stays_where_it_was(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await many(team, kit, work)
    await subscribe(kit, clock())
    assert numbered(await drawn(kit, slack, TIM, clock())) == list(range(1, 11))
    for _ in range(2):  # a double click goes no further than a click
        await home.choose(kit, TIM, "page", "2", clock())
    assert numbered(await drawn(kit, slack, TIM, clock())) == [21, 22, 23]
    assert "21 to 23 of 23" in markup(slack.homes[TIM])
    await home.choose(kit, TIM, "age", "old", clock())
    assert numbered(await drawn(kit, slack, TIM, clock())) == []
    await home.choose(kit, TIM, "age", "week", clock())
    assert numbered(await drawn(kit, slack, TIM, clock())) == list(range(1, 11))


@pytest.mark.parametrize(
    "what, value, there",
    [
        ("area", "docs", {DOCS}),
        ("status", "planned", {DOCS}),
        ("status", "open", {DOCS, VPN}),
        ("status", "new", {VPN}),
        ("status", "resting", set()),
        ("status", "shipped", set()),
        ("owner", "nobody", {DOCS, VPN}),
        ("owner", CEM, set()),
        ("age", "week", {DOCS, VPN}),
        ("age", "older", set()),
    ],
)
async def test_the_ranked_list_is_sifted_and_the_choice_is_remembered(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, what: str, value: str, there: set[str]
) -> None:
    report = await team.file(DOCS, by=ANA)
    other = await team.file(VPN, by=BEN)
    await work()
    await rename.retag(kit, report.cluster_id or 0, "docs", ADA, clock(), was=report.area)
    await rename.retag(kit, other.cluster_id or 0, "onboarding", ADA, clock(), was=other.area)
    await status.set_status(kit, report.cluster_id or 0, "planned", "", "", ADA, clock(), was="new")
    clock.forward(hours=3)  # what was decided is not shown as news any more
    await subscribe(kit, clock())
    await home.choose(kit, TIM, what, value, clock())
    for _ in range(2):
        await work(minutes=1)
        shown = plain_words(slack.homes[TIM])
        assert {words for words in (DOCS, VPN) if words in shown} == there
        await home.choose(kit, TIM, what, "no such thing", clock()) if what in ("status", "age") else None
    await home.choose(kit, TIM, what, "all", clock())
    assert numbered(await drawn(kit, slack, TIM, clock())) == [1, 2]
    assert numbered(await drawn(kit, slack, ADA, clock())) == [1, 2]  # it is one person's choice


@given(days=st.integers(-400, 400))
def test_every_age_is_one_of_the_choices(days: int) -> None:
    fits = {each for each in rules.home.AGES if rules.home.is_of_age(each, MONDAY - dt.timedelta(days=days), MONDAY)}
    assert "all" in fits
    assert fits & {"month", "older"}


@given(wanted=st.integers(0, 10**6), count=st.integers(0, 500))
def test_there_is_no_page_without_a_line(wanted: int, count: int) -> None:
    page = rules.home.page(wanted, count, 10)
    assert page >= 0 and (page * 10 < count or page == 0)
