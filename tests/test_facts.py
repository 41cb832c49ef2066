"""What people decide about clusters stays decided: merges, splits, names, areas, and every way back."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from conftest import ADA, ANA, BACKEND, BEN, CARDS, CEM, DOCS, DOCS_TOO, DORA, LEA, SECRET, TIM, VPN, Clock, Team
from fakes.slack import FakeSlack
from sqlmodel import select

from bot.flows import cluster as clusters
from bot.flows import correct, decide, desk, export, merge, questions, regroup, rename, split, suggest, undo
from bot.flows import digest as digests
from bot.flows import report as reports
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit
from bot.flows.triage import Contradicted, Done, Refused
from classifiers import grouping
from storage.database import Database
from storage.models import Fact

Work = Callable[..., Awaitable[None]]

ERRORS = "the payment gateway answers 500 with an empty body"
CI = "kubernetes pods restart without any log line"

#: A fortnight around now, for asking what a digest would.
AGES = dt.timedelta(days=14)


@pytest.fixture(autouse=True)
async def tim_looks_after_everything_but_errors(kit: Kit, clock: Clock) -> None:
    await subscriptions.subscribe(
        kit,
        TIM,
        areas="docs,onboarding,debugging,unsorted",
        every="week",
        weekday="mon",
        at="09:00",
        tz="UTC",
        now=clock(),
    )


@pytest.fixture
def cautious(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is near-certain, so that what is alike is asked."""
    monkeypatch.setattr(grouping, "JOIN", 1.1)


async def exported(kit: Kit, clock: Clock, what: str = "clusters") -> dict[Any, dict[str, Any]]:
    rows = await export.rows(kit.database, kit.house.workspace_id, what, leads=kit.leads.people, now=clock())
    return {row["id" if what == "reports" else "cluster"]: row for row in rows}


async def state(kit: Kit, clock: Clock) -> str:
    """Everything that anybody can see of clusters and reports, at a moment that stays."""
    seen = clock.now.replace(hour=23)
    rows = [
        await export.rows(kit.database, kit.house.workspace_id, what, leads=kit.leads.people, now=seen)
        for what in ("reports", "clusters", "votes")
    ]
    return json.dumps(rows, indent=1, sort_keys=True)


async def standing(database: Database) -> list[tuple[str, int | None, int | None, str]]:
    async with database.reading() as session:
        facts = (await session.exec(select(Fact).order_by(Fact.id))).all()  # type: ignore[arg-type]
    return [(each.kind, each.cluster_id, each.other_id, each.value) for each in facts if each.undone_at is None]


async def asked(kit: Kit, clock: Clock) -> list[str]:
    """What a digest of everything would ask Ada now."""
    found = await questions.suggested(kit, None, ADA, since=clock.now - AGES, until=clock.now)
    return [each.decided or each.text for each in found]


# Merging


async def test_merging_keeps_the_older_handle_and_the_younger_leads_to_it_everywhere(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(VPN, by=BEN)
    await work()
    done = await merge.merge(kit, 1, 2, TIM, clock())
    assert done.news == "F-2 is part of F-1 now."
    for number in (1, 2):
        shown = await clusters.show(kit, number, TIM, clock())
        assert shown is not None
        assert f"F-1 {DOCS}. 2 developers." in shown.text
        assert "You merged F-2 into this, 2 November" in shown.text
    assert "F-2 is part of F-1 now." in shown.text
    by_button = await clusters.show_by_id(kit, 2, ANA, clock())
    assert by_button is not None and "F-1" in by_button.text and "Tim merged F-2 into this" in by_button.text
    assert "F-1" in (await clusters.find(kit, "VPN access for new people", clock())).text
    rows = await exported(kit, clock)
    assert (rows["F-2"]["merged_into"], rows["F-2"]["reports"], rows["F-2"]["developers"]) == ("F-1", 0, 0)
    assert (rows["F-1"]["merged_into"], rows["F-1"]["reports"], rows["F-1"]["developers"]) == (None, 2, 2)
    later = await team.file(VPN, by=CEM)
    assert "Filed in F-1" in (await reports.answer(kit, later.id or 0, clock())).text


async def test_the_card_of_a_merged_cluster_says_where_it_went_and_an_undo_brings_it_back(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS)
    await team.file(VPN, by=BEN)
    await work()
    before = [team.card(0), team.card(1)]
    done = await merge.merge(kit, 1, 2, TIM, clock())
    await work(seconds=10)
    assert team.card(1) == f"F-2 is part of F-1 now. {DOCS}."
    link = slack.posted(CARDS)[0]["ts"].replace(".", "")
    assert link in json.dumps(slack.posted(CARDS)[1]["blocks"])
    drawn = len(slack.called("chat.update"))
    await team.vote(DORA, card=1)
    await team.file(VPN, by=CEM)
    await work(seconds=10)
    assert team.card(1) == f"F-2 is part of F-1 now. {DOCS}."
    assert "4 developers" in team.card(0)
    assert len(slack.called("chat.update")) == drawn + 1
    await team.vote(DORA, card=1, on=False)
    await undo.undo(kit, done.fact_id or 0, TIM, clock())
    await work(seconds=10)
    assert team.card(1) == before[1]
    assert "2 developers" in team.card(0)  # who came to it since stays
    assert len(slack.posted(CARDS)) == 2


async def test_people_are_counted_once_after_a_merge_and_no_vote_is_lost_by_a_split(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(VPN, by=ANA)
    captured = slack.said(BACKEND, BEN, VPN)
    await team.flag(CEM, BACKEND, captured)
    await work()
    for card in (0, 1):
        await team.vote(LEA, card=card)
    await team.vote(DORA, card=1)
    await work(seconds=10)
    assert [team.card(0)[-40:], team.card(1).split(". ")[2]] == [team.card(0)[-40:], "5 developers · backed by 1 lead"]
    await merge.merge(kit, 1, 2, TIM, clock())
    await work(seconds=10)
    assert "5 developers · backed by 1 lead" in team.card(0)
    await split.split(kit, 1, [3], TIM, clock(), despite=[1])
    await work(seconds=10)
    rows = await exported(kit, clock)
    # Ben reported it and Cem flagged it; who voted on the cards stays with them.
    assert (rows["F-3"]["developers"], rows["F-1"]["developers"]) == (2, 3)


async def test_a_merge_is_done_once_by_a_double_click_and_the_later_of_two_people_is_told_by_name(
    team: Team, kit: Kit, database: Database, clock: Clock
) -> None:
    await team.file(DOCS)
    await team.file(VPN)
    first = await merge.merge(kit, 1, 2, TIM, clock())
    again = await merge.merge(kit, 2, 1, TIM, clock())
    assert again == Done("They are one now: F-1.", first.fact_id, 1)
    late = await merge.merge(kit, 2, 1, ADA, clock())
    assert late.news == "Tim has put them together already, 2 November: F-1."
    assert await standing(database) == [("same_as", 2, 1, "")]


async def test_two_who_merge_the_same_at_the_same_moment_make_one_merge(
    team: Team, kit: Kit, database: Database, clock: Clock
) -> None:
    await team.file(DOCS)
    await team.file(VPN)
    done = await asyncio.gather(
        *(merge.merge(kit, one, other, who, clock()) for one, other, who in [(1, 2, TIM), (2, 1, ADA)] * 2)
    )
    assert len({each.fact_id for each in done}) == 1
    assert await standing(database) == [("same_as", 2, 1, "")]


async def test_what_was_merged_into_what_is_merged_leads_all_the_way(team: Team, kit: Kit, clock: Clock) -> None:
    for words in (DOCS, VPN, ERRORS):
        await team.file(words)
    await merge.merge(kit, 2, 3, ADA, clock())
    await merge.merge(kit, 1, 2, ADA, clock())
    shown = await clusters.show(kit, 3, ADA, clock())
    assert shown is not None and "F-3 is part of F-1 now. Also part of it: F-2." in shown.text
    rows = await exported(kit, clock)
    assert (rows["F-3"]["merged_into"], rows["F-2"]["merged_into"]) == ("F-2", "F-1")
    with pytest.raises(Refused, match=r"Ada merged F-2 into F-1, 2 November since. Undo that first."):
        await undo.undo(kit, 1, ADA, clock())


async def test_a_cluster_that_everybody_took_back_is_merged_with_nothing(team: Team, kit: Kit, clock: Clock) -> None:
    await team.file(DOCS)
    await team.file(VPN, by=BEN)
    await correct.withdraw(kit, 2, BEN, clock())
    with pytest.raises(Refused, match="Nothing is left in F-2"):
        await merge.merge(kit, 1, 2, TIM, clock())


# Splitting


async def test_splitting_moves_the_chosen_reports_for_good_and_names_parent_and_child(
    team: Team, kit: Kit, clock: Clock, work: Work
) -> None:
    for by in (ANA, BEN, CEM):
        await team.file(DOCS, by=by)
    done = await split.split(kit, 1, [2, 3], TIM, clock())
    assert done.news == "2 reports moved out of F-1, to F-2."
    parent, child = await clusters.show(kit, 1, TIM, clock()), await clusters.show(kit, 2, BEN, clock())
    assert parent is not None and child is not None
    assert "Split off from it: F-2." in parent.text
    assert "Split off from F-1." in child.text
    assert "Tim split this off F-1, with 2 reports, 2 November" in child.text
    await work()
    rows = await exported(kit, clock, "reports")
    assert [row["cluster"] for row in rows.values()] == ["F-1", "F-2", "F-2"]


async def test_one_report_at_least_stays_and_reports_that_left_meanwhile_are_told_by_name(
    team: Team, kit: Kit, clock: Clock
) -> None:
    for by in (ANA, BEN, CEM):
        await team.file(DOCS, by=by)
    with pytest.raises(Refused, match="One report at least has to stay in F-1"):
        await split.split(kit, 1, [1, 2, 3], TIM, clock())
    first = await split.split(kit, 1, [3], TIM, clock())
    again = await split.split(kit, 1, [3], TIM, clock())
    assert (again.fact_id, again.news) == (first.fact_id, "They are moved.")
    late = await split.split(kit, 1, [2, 3], ADA, clock())
    assert late.news == "Tim has moved 1 of these reports already, 2 November. Look again, please."
    assert [row["cluster"] for row in (await exported(kit, clock, "reports")).values()] == ["F-1", "F-1", "F-2"]


async def test_a_new_report_like_two_problems_that_people_told_apart_joins_neither_but_is_asked(
    team: Team, kit: Kit, clock: Clock
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(DOCS, by=BEN)
    await split.set_apart(kit, 2, BEN, clock())
    later = await team.file(DOCS, by=CEM)
    told = (await reports.answer(kit, later.id or 0, clock())).text
    assert "Filed as F-3" in told
    assert "Same as one of these: F-1 " in told and "; F-2 " in told


# Names and areas


async def test_a_person_s_name_for_a_cluster_stays_until_they_give_it_up(
    team: Team, kit: Kit, clock: Clock, work: Work
) -> None:
    await team.file(DOCS)
    await work()
    await rename.rename(kit, 1, "  Docs show\nremoved flags ", TIM, clock(), was="")
    await regroup.look(kit, clock())
    await work(seconds=10)
    assert team.card().startswith("F-1 Docs show removed flags. docs.")
    done = await rename.rename(kit, 1, "", TIM, clock(), was="Docs show removed flags")
    await work(seconds=10)
    assert team.card().startswith(f"F-1 {DOCS}.")
    assert (await undo.undo(kit, done.fact_id or 0, TIM, clock())).news == (
        "Undone. F-1 is called “Docs show removed flags” again."
    )


async def test_whoever_names_a_cluster_after_somebody_else_did_is_told_and_decides(
    team: Team, kit: Kit, clock: Clock
) -> None:
    await team.file(DOCS)
    await rename.rename(kit, 1, "Tim’s name", TIM, clock(), was="")
    with pytest.raises(decide.Changed, match="Tim has named it “Tim’s name” meanwhile, 2 November"):
        await rename.rename(kit, 1, "Ada’s name", ADA, clock(), was="")
    await rename.rename(kit, 1, "Ada’s name", ADA, clock(), was="Tim’s name")
    assert (await exported(kit, clock))["F-1"]["title"] == "Ada’s name"
    with pytest.raises(Refused, match=r"Ada called F-1 “Ada’s name”, 2 November since. Undo that first."):
        await undo.undo(kit, 1, TIM, clock())


async def test_a_person_s_area_for_a_cluster_outranks_its_reports(team: Team, kit: Kit, clock: Clock) -> None:
    report = await team.file(DOCS)
    done = await rename.retag(kit, 1, "onboarding", TIM, clock(), was="docs")
    await correct.retag(kit, report.id or 0, "errors", ANA, clock())
    await team.file(DOCS_TOO, by=BEN)
    assert (await exported(kit, clock))["F-1"]["area"] == "onboarding"
    await undo.undo(kit, done.fact_id or 0, TIM, clock())
    assert (await exported(kit, clock))["F-1"]["area"] == "errors"


async def test_the_name_of_a_merged_cluster_goes_along_unless_the_older_has_one(
    team: Team, kit: Kit, clock: Clock
) -> None:
    await team.file(DOCS)
    await team.file(VPN)
    await rename.rename(kit, 2, "VPN is slow", TIM, clock(), was="")
    done = await merge.merge(kit, 1, 2, TIM, clock())
    assert (await exported(kit, clock))["F-1"]["title"] == "VPN is slow"
    named = await rename.rename(kit, 1, "Both", TIM, clock(), was="VPN is slow")
    assert (await exported(kit, clock))["F-1"]["title"] == "Both"
    await undo.undo(kit, named.fact_id or 0, TIM, clock())
    await undo.undo(kit, done.fact_id or 0, TIM, clock())
    rows = await exported(kit, clock)
    assert (rows["F-1"]["title"], rows["F-2"]["title"]) == (DOCS, "VPN is slow")


async def test_a_cluster_of_private_reports_has_a_neutral_name(team: Team, kit: Kit, clock: Clock) -> None:
    await team.file(DOCS, private=True, channel=SECRET)
    await team.file(DOCS, by=BEN, private=True, channel=SECRET)
    await regroup.look(kit, clock())
    assert (await exported(kit, clock))["F-1"]["title"] == "2 private reports about docs"


# Undoing


@pytest.mark.parametrize("gesture", ["merge", "split", "apart", "rename", "area", "different", "same"])
async def test_an_undo_restores_exactly_what_was_also_after_unrelated_changes(
    team: Team, kit: Kit, database: Database, slack: FakeSlack, clock: Clock, work: Work, cautious: None, gesture: str
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(DOCS_TOO, by=BEN)
    for by in (CEM, DORA):
        await team.file(VPN, by=by)
    await merge.merge(kit, 3, 4, TIM, clock())
    await work()
    await team.vote(LEA, card=1)
    gestures: dict[str, Callable[[], Awaitable[Done]]] = {
        "merge": lambda: merge.merge(kit, 1, 2, TIM, clock()),
        "split": lambda: split.split(kit, 3, [4], TIM, clock(), despite=[1]),
        "apart": lambda: split.set_apart(kit, 4, DORA, clock(), despite=[1]),
        "rename": lambda: rename.rename(kit, 1, "Flags", TIM, clock(), was=""),
        "area": lambda: rename.retag(kit, 1, "errors", ADA, clock(), was="docs"),
        "different": lambda: merge.tell_apart(kit, 1, 2, TIM, clock()),
        "same": lambda: suggest.answer(kit, 1, True, BEN, clock(), own=True),
    }
    before, facts = await state(kit, clock), await standing(database)
    done = await gestures[gesture]()
    now = await state(kit, clock)
    assert gesture == "different" or now != before
    await undo.undo(kit, done.fact_id or 0, ADA, clock())
    after = json.loads(await state(kit, clock))
    after[1] = [
        row for row in after[1] if row["cluster"] != "F-5"
    ]  # a handle that was given out leads somewhere for ever
    assert json.dumps(after, indent=1, sort_keys=True) == before
    assert await standing(database) == facts

    # Once more, with something in between that has nothing to do with it.
    done = await gestures[gesture]()
    other = await team.file(ERRORS, by=ANA)
    named = await rename.rename(kit, other.cluster_id or 0, "Gateway", ADA, clock(), was="")
    with_both = await state(kit, clock)
    await undo.undo(kit, done.fact_id or 0, ADA, clock())
    assert gesture == "different" or await state(kit, clock) != with_both
    await undo.undo(kit, named.fact_id or 0, ADA, clock())
    await correct.withdraw(kit, other.id or 0, ANA, clock())
    gone = {f"F-{number}" for number in (5, 6, other.cluster_id)}
    last = [[row for row in rows if row["cluster"] not in gone] for rows in json.loads(await state(kit, clock))]
    assert json.dumps(last, indent=1, sort_keys=True) == before


async def test_an_undo_is_done_once_and_the_later_of_two_is_told_by_name(team: Team, kit: Kit, clock: Clock) -> None:
    await team.file(DOCS)
    await team.file(VPN)
    done = await merge.merge(kit, 1, 2, TIM, clock())
    fact = done.fact_id or 0
    assert (await undo.undo(kit, fact, TIM, clock())).news == "Undone. F-2 stands by itself again."
    assert (await undo.undo(kit, fact, TIM, clock())).news == "That is undone."
    assert (await undo.undo(kit, fact, ADA, clock())).news == "Tim has undone it already, 2 November."


async def test_what_a_later_decision_builds_on_is_not_undone_and_that_is_said(
    team: Team, kit: Kit, clock: Clock
) -> None:
    for by in (ANA, BEN):
        await team.file(DOCS, by=by)
    await team.file(VPN, by=CEM)
    parted = await split.split(kit, 1, [2], TIM, clock())
    await rename.rename(kit, parted.cluster_id + 2, "Another", ADA, clock(), was="")
    before = await state(kit, clock)
    with pytest.raises(Refused, match=r"Ada called F-3 “Another”, 2 November since. Undo that first."):
        await undo.undo(kit, parted.fact_id or 0, TIM, clock())
    assert await state(kit, clock) == before


async def test_a_split_that_others_have_come_to_since_is_not_undone(team: Team, kit: Kit, clock: Clock) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(VPN, by=BEN)
    await merge.merge(kit, 1, 2, TIM, clock())
    parted = await split.split(kit, 1, [2], TIM, clock(), despite=[1])
    await team.file(VPN, by=CEM)
    with pytest.raises(Refused, match=r"Other reports have come to F-3 since. Merge it into F-1 instead."):
        await undo.undo(kit, parted.fact_id or 0, TIM, clock())


async def test_a_report_that_is_taken_back_stays_so_when_its_merge_is_undone(
    team: Team, kit: Kit, clock: Clock
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(VPN, by=BEN)
    done = await merge.merge(kit, 1, 2, TIM, clock())
    await correct.withdraw(kit, 2, BEN, clock())
    await undo.undo(kit, done.fact_id or 0, TIM, clock())
    rows = await exported(kit, clock)
    assert (rows["F-1"]["reports"], rows["F-2"]["reports"], rows["F-2"]["merged_into"]) == (1, 0, None)


# Facts that contradict each other


async def test_merging_what_somebody_told_apart_is_shown_to_them_and_done_only_if_they_insist(
    team: Team, kit: Kit, database: Database, clock: Clock
) -> None:
    await team.file(DOCS)
    await team.file(VPN)
    apart = await merge.tell_apart(kit, 1, 2, ADA, clock())
    before = await state(kit, clock)
    with pytest.raises(Contradicted) as shown:
        await merge.merge(kit, 1, 2, TIM, clock())
    assert shown.value.fact_ids == (apart.fact_id,)
    assert await state(kit, clock) == before
    said, against = await desk.consequences(kit, 2, 1, TIM, clock())
    assert said[0] == f"F-2 “{VPN}” becomes part of F-1 “{DOCS}”."
    assert against == [apart.fact_id]
    done = await merge.merge(kit, 1, 2, TIM, clock(), despite=against)
    assert await standing(database) == [("same_as", 2, 1, "")]
    shown_now = await clusters.show(kit, 1, CEM, clock())
    assert shown_now is not None
    assert "Ada said that this is not the same as F-2, 2 November · Tim decided otherwise, 2 November" in shown_now.text
    await undo.undo(kit, done.fact_id or 0, TIM, clock())
    assert await standing(database) == [("not_same_as", 1, 2, "")]
    assert await state(kit, clock) == before


async def test_telling_apart_what_somebody_merged_is_shown_to_them_and_done_only_if_they_insist(
    team: Team, kit: Kit, database: Database, clock: Clock
) -> None:
    await team.file(DOCS)
    await team.file(VPN)
    separate = await state(kit, clock)
    merged = await merge.merge(kit, 1, 2, TIM, clock())
    together = await state(kit, clock)
    with pytest.raises(Contradicted) as shown:
        await merge.tell_apart(kit, 1, 2, ADA, clock())
    assert shown.value.fact_ids == (merged.fact_id,)
    apart = await merge.tell_apart(kit, 1, 2, ADA, clock(), despite=shown.value.fact_ids)
    assert await state(kit, clock) == separate
    assert await standing(database) == [("not_same_as", 2, 1, "")]
    assert (
        await undo.undo(kit, merged.fact_id or 0, TIM, clock())
    ).news == "Ada has decided otherwise since, 2 November."
    await undo.undo(kit, apart.fact_id or 0, ADA, clock())
    assert await state(kit, clock) == together
    assert await standing(database) == [("same_as", 2, 1, "")]


async def test_taking_out_what_somebody_merged_in_is_shown_first(
    team: Team, kit: Kit, database: Database, clock: Clock
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(VPN, by=BEN)
    await team.file(VPN, by=CEM)
    await merge.merge(kit, 1, 2, TIM, clock())
    with pytest.raises(Contradicted):
        await split.set_apart(kit, 2, BEN, clock())
    await split.set_apart(kit, 2, BEN, clock(), despite=[1])
    # Cem's report is where Tim wants it, so what Tim said stands.
    assert [kind for kind, *_ in await standing(database)] == ["same_as", "not_same_as"]
    await split.set_apart(kit, 3, CEM, clock(), despite=[1])
    assert [kind for kind, *_ in await standing(database)] == ["not_same_as", "not_same_as"]


# Who may


async def test_only_admins_and_who_gets_digests_of_its_area_decide_about_a_cluster(
    team: Team, kit: Kit, database: Database, clock: Clock
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(DOCS, by=ANA)
    await team.file(ERRORS, by=ANA)
    await team.file("stack traces of the gateway say nothing: error 500 everywhere", by=ANA)
    areas = {row["cluster"]: row["area"] for row in (await exported(kit, clock)).values()}
    assert areas["F-1"] == "docs" and areas["F-2"] == "errors"
    for attempt in (
        merge.merge(kit, 1, 2, BEN, clock()),
        merge.tell_apart(kit, 1, 2, BEN, clock()),
        split.split(kit, 1, [1], BEN, clock()),
        split.set_apart(kit, 1, BEN, clock()),
        rename.rename(kit, 1, "mine", BEN, clock(), was=""),
        rename.retag(kit, 1, "errors", BEN, clock(), was="docs"),
        desk.seen(kit, 1, BEN, clock()),
    ):
        with pytest.raises(
            Refused, match=r"Only who looks after docs can change that. Ask Tim or Ada, who look after it."
        ):
            await attempt
    with pytest.raises(Refused, match=r"Only who looks after errors can change that. Ask Ada, who looks after it."):
        await rename.rename(kit, 2, "mine", TIM, clock(), was="")
    done = await rename.rename(kit, 1, "Flags", TIM, clock(), was="")
    with pytest.raises(Refused, match="Ask Tim or Ada"):
        await undo.undo(kit, done.fact_id or 0, BEN, clock())
    assert await standing(database) == [("title", 1, None, "Flags")]


async def test_what_is_not_there_is_decided_about_by_nobody(team: Team, kit: Kit, clock: Clock) -> None:
    await team.file(DOCS)
    for attempt in (
        merge.merge(kit, 1, 99, ADA, clock()),
        split.split(kit, 0, [1], ADA, clock()),
        rename.rename(kit, 99, "mine", ADA, clock(), was=""),
        undo.undo(kit, 99, ADA, clock()),
        suggest.answer(kit, 99, True, ADA, clock()),
        desk.meant(kit, "F-99"),
    ):
        with pytest.raises(Refused):
            await attempt


# Suggestions


async def test_a_report_like_another_is_filed_by_itself_and_asked_with_two_answers(
    team: Team, kit: Kit, clock: Clock, cautious: None
) -> None:
    await team.file(DOCS, by=ANA)
    report = await team.file(DOCS_TOO, by=BEN)
    told = await reports.answer(kit, report.id or 0, clock())
    assert told.text == f"Filed as F-2 · docs “{DOCS_TOO}” Same as F-1 “{DOCS}” (1 developer)?"
    assert await asked(kit, clock) == [f"Suggested: F-2 “{DOCS_TOO}” (1 report) looks like F-1 “{DOCS}”."]
    done = await suggest.answer(kit, 1, True, BEN, clock(), own=True)
    assert done.news == "Your report is part of F-1 now."
    assert "Same as" not in (await reports.answer(kit, report.id or 0, clock())).text
    assert (await exported(kit, clock))["F-1"]["developers"] == 2


async def test_a_no_is_never_asked_again_however_the_two_grow_or_move(
    team: Team, kit: Kit, clock: Clock, cautious: None
) -> None:
    await team.file(DOCS, by=ANA)
    report = await team.file(DOCS_TOO, by=BEN)
    await suggest.answer(kit, 1, False, BEN, clock(), own=True)
    assert "Same as" not in (await reports.answer(kit, report.id or 0, clock())).text
    until = clock.now
    assert await questions.suggested(kit, None, ADA, since=until - AGES, until=clock.forward(seconds=1)) == []
    await team.file(VPN, by=CEM)
    await merge.merge(kit, 2, 3, TIM, clock())
    await team.file(ERRORS, by=CEM)
    await merge.merge(kit, 1, 4, ADA, clock())
    await split.split(kit, 2, [3], TIM, clock(), despite=[2])
    for _ in range(2):
        await regroup.look(kit, clock.forward(days=1))
        pairs = [text for text in await asked(kit, clock) if "F-1" in text and "F-2" in text and "Suggested" in text]
        assert pairs == []


async def test_the_later_answer_to_a_question_hears_what_the_earlier_said(
    team: Team, kit: Kit, clock: Clock, cautious: None
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(DOCS_TOO, by=BEN)
    await suggest.answer(kit, 1, True, TIM, clock())
    assert "Tim has put them together already" in (await suggest.answer(kit, 1, True, BEN, clock(), own=True)).news
    with pytest.raises(Contradicted):
        await suggest.answer(kit, 1, False, BEN, clock(), own=True)
    with pytest.raises(Contradicted):
        await suggest.answer(kit, 1, False, ADA, clock())


async def test_among_others_a_reporter_speaks_for_their_own_report_only(
    team: Team, kit: Kit, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await team.file(DOCS, by=ANA)
    monkeypatch.setattr(grouping, "JOIN", 1.1)
    await team.file(DOCS_TOO, by=BEN)
    monkeypatch.undo()
    await team.file(VPN, by=CEM)
    await merge.merge(kit, 2, 3, TIM, clock())
    done = await suggest.answer(kit, 1, True, BEN, clock(), own=True)
    rows = await exported(kit, clock, "reports")
    assert [row["cluster"] for row in rows.values()] == ["F-1", "F-1", "F-2"]
    assert (await exported(kit, clock))["F-2"]["merged_into"] is None
    assert (await undo.undo(kit, done.fact_id or 0, BEN, clock())).news == "Undone. The report is in F-2 again."


# Finding


async def test_find_lists_closed_clusters_too_with_status_and_counts(team: Team, kit: Kit, clock: Clock) -> None:
    await team.file(DOCS)
    assert "docs · new · 1 developer" in (await clusters.find(kit, "deploy docs old flag", clock())).text
    async with kit.database.transaction() as session:
        found = await clusters.storage.clusters.by_number(session, kit.house.workspace_id, 1)
        assert found is not None
        found.status = "shipped"
    text = json.dumps((await clusters.find(kit, "deploy docs old flag", clock())).blocks, ensure_ascii=False)
    assert "docs · shipped · 1 developer" in text


# The night


async def test_a_single_untouched_report_joins_overnight_and_the_digest_tells(
    team: Team, kit: Kit, database: Database, clock: Clock, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    await team.file(DOCS, by=ANA)
    monkeypatch.setattr(grouping, "JOIN", 1.1)
    await team.file(DOCS_TOO, by=BEN)
    await team.file(DOCS_TOO, by=CEM)
    await team.file(VPN, by=DORA)
    monkeypatch.undo()
    await rename.rename(kit, 3, "Mine", TIM, clock(), was="")
    night = await regroup.look(kit, clock.forward(hours=20))
    assert night.joined == 1
    rows = await exported(kit, clock)
    assert (rows["F-2"]["merged_into"], rows["F-3"]["merged_into"]) == ("F-1", None)
    digest = await digests.preview(kit, TIM, clock())
    assert "1 report joined F-1 overnight." in digest
    before = await state(kit, clock)
    assert (await regroup.look(kit, clock())).joined == 0
    assert await state(kit, clock) == before
    async with database.reading() as session:
        (fact,) = [each for each in (await session.exec(select(Fact))).all() if each.kind == "joined"]
    done = await undo.undo(kit, fact.id or 0, TIM, clock())
    assert done.news == "Undone. F-2 stands by itself again."
    assert (await regroup.look(kit, clock())).joined == 0
    assert (await exported(kit, clock))["F-2"]["merged_into"] is None


async def test_a_night_s_work_is_done_once_by_however_many_replicas(
    team: Team, kit: Kit, kit_on: Callable[[Database], Kit], database: Database, clock: Clock
) -> None:
    await team.file(DOCS)
    clock.now = clock.now.replace(hour=3)
    nights = await asyncio.gather(*(regroup.nightly(each, clock()) for each in (kit, kit_on(database)) * 2))
    assert sum(night is not None for night in nights) == 1
    assert await regroup.nightly(kit, clock.forward(hours=22)) is None
    assert await regroup.nightly(kit, clock.forward(hours=2)) is not None


async def test_the_report_that_names_a_cluster_changes_only_when_another_is_clearly_better_or_it_left(
    team: Team, kit: Kit, clock: Clock
) -> None:
    await team.file(DOCS, by=ANA)
    for by in (BEN, CEM, DORA):
        await team.file(VPN, by=by)
    await merge.merge(kit, 1, 2, TIM, clock())
    assert (await exported(kit, clock))["F-1"]["title"] == DOCS
    assert (await regroup.look(kit, clock())).named == 1
    assert (await exported(kit, clock))["F-1"]["title"] == VPN
    assert (await regroup.look(kit, clock())).named == 0
    for report, by in ((2, BEN), (3, CEM), (4, DORA)):
        await correct.withdraw(kit, report, by, clock())
    assert (await exported(kit, clock))["F-1"]["title"] == DOCS
