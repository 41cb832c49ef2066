"""What people answer to what they hear, by Slack's own gestures, and what follows from it for counts and for others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from conftest import ADA, ANA, BEN, CARDS, CEM, DOCS, DOCS_TOO, DORA, LEA, TIM, VPN, Clock, Team, stored
from fakes.slack import BOT, FakeSlack
from shown import labels, plain_words
from test_listeners import Door, Json, Work, _option, backend, clock, door, door_to, rows, way  # noqa: F401

import storage.affected
import storage.reports
import storage.votes
from bot import clock as clocks
from bot import rules
from bot.flows import affected, assign, correct, hearing, merge, resurfacing, standing, status, undo, workaround
from bot.flows import cluster as clusters
from bot.flows.kit import Kit
from bot.flows.triage import Refused

Hears = Callable[..., Awaitable[None]]

WHY = "the pages are generated from the CLI now"


@pytest.fixture(autouse=True)
async def ada_decides_at_a_decent_hour(clock: Clock) -> None:
    clock.now = rules.hearing.allowed(clock() + dt.timedelta(hours=3), "Europe/Berlin")


@pytest.fixture
def hears(kit: Kit, clock: Clock, work: Work) -> Hears:
    async def after(**more: float) -> None:
        clock.now = rules.hearing.allowed(clock() + dt.timedelta(**(more or {"minutes": 6})), "Europe/Berlin")
        for _ in range(3):
            await hearing.open_due(kit, clock())
            await work(seconds=30)

    return after


async def ship(kit: Kit, clock: Clock, became: str = "shipped", of: int = 1, by: str = ADA) -> int:
    done = await status.set_status(kit, of, became, WHY, "", by, clock.forward(seconds=1), was="new")
    assert done.fact_id is not None
    return done.fact_id


async def press(door: Door, slack: FakeSlack, label: str, by: str = ANA, message: int = -1, **more: Any) -> None:
    """A button in the last thing that somebody was told by direct message, pressed a second ago."""
    told = slack.posted(f"D{by}")[message]
    button = next(
        each
        for block in told["blocks"]
        for each in [*block.get("elements", ()), block.get("accessory", {})]
        if each.get("type") == "button" and each["text"]["text"] == label
    )
    container = {"type": "message", "message_ts": told["ts"], "channel_id": f"D{by}", "is_ephemeral": False}
    body = door.a_click(button["action_id"], button["value"], by) | {"container": container} | more
    clocks.shift(slack.clock() - dt.timedelta(seconds=1) - clocks.unbent())
    try:
        assert (await door.send(body))[0] == 200
    finally:
        clocks.shift(dt.timedelta())


async def read(kit: Kit, clock: Clock, number: int = 1, reader: str = ANA) -> Json:
    shown = await clusters.show(kit, number, reader, clock())
    assert shown is not None
    return {"text": shown.text, "blocks": shown.blocks}


async def counted(kit: Kit) -> list[int]:
    return [row["developers"] for row in await rows(kit, "clusters")]


# Gone for you?


async def test_after_a_fix_people_are_asked_once_and_their_last_answer_counts(
    team: Team, kit: Kit, door: Door, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    for person in (ANA, BEN, CEM, DORA):
        await team.file(DOCS, by=person)
    await work()
    await ship(kit, clock)
    await hears()
    assert labels(slack.posted(f"D{ANA}")[0]["blocks"]) == [
        "Gone for me",
        "Still there",
        "No longer my thing",
        "Mute F-1",
    ]
    await press(door, slack, "Still there", ANA)
    await press(door, slack, "Gone for me", ANA)
    await press(door, slack, "Gone for me", BEN)
    await work(seconds=5)
    assert "You said that it is gone." in slack.told(ANA)[0]
    # Two answers are not broken down.
    assert "asked 4 · answered 2" in str((await read(kit, clock))["blocks"])
    assert "gone 2" not in str(await read(kit, clock))
    await hears(days=10)
    await hears(days=20)
    assert [len(slack.told(person)) for person in (ANA, BEN, CEM, DORA)] == [1, 1, 2, 2]
    assert slack.told(CEM)[1].startswith("F-1 was shipped, ")
    assert "Is it gone for you?" in slack.told(CEM)[1]
    await press(door, slack, "Still there", CEM)
    assert "asked 4 · answered 3 · gone 2" in str((await read(kit, clock))["blocks"])


async def test_who_reports_it_after_the_fix_is_not_asked_whether_it_is_gone(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    for person in (ANA, BEN):
        await team.file(DOCS, by=person)
    await work()
    await ship(kit, clock)
    await hears()
    for person in (BEN, CEM):
        await team.file(DOCS, by=person)
    await hears(days=10)
    assert [sum("Is it gone" in told for told in slack.told(person)) for person in (ANA, BEN, CEM)] == [1, 0, 0]


async def test_an_answer_told_twice_or_late_changes_nothing(
    team: Team, kit: Kit, door: Door, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    fact = await _shipped(team, kit, clock, work, hears)
    await affected.answer(kit, fact, ANA, "gone", "20.0", clock())
    await affected.answer(kit, fact, ANA, "still", "10.0", clock())
    assert await affected.after_fixes(kit, [1]) == {1: (1, 1, None)}
    await press(door, slack, "Mute F-1")
    await work(seconds=5)
    assert "You said that it is gone." in slack.told(ANA)[0]


async def test_nobody_answers_for_what_is_not_theirs(
    team: Team, kit: Kit, door: Door, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    fact = await _shipped(team, kit, clock, work, hears)
    for gesture, value in (("hearing_gone", f"{fact}:1"), ("hearing_leave", "1"), ("hearing_gone", "99:1")):
        await door.click(gesture, value, BEN)
        await work()
        assert slack.answers[-1].text == affected.NOT_YOURS
    assert await affected.after_fixes(kit, [1]) == {1: (1, 0, None)}


async def test_who_was_told_does_not_get_asked_when_the_fix_was_taken_back(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    fact = await _shipped(team, kit, clock, work, hears)
    await undo.undo(kit, fact, ADA, clock())
    await hears(days=11)
    assert len(slack.told(ANA)) == 2
    assert "after all" in slack.told(ANA)[1]


async def test_answers_follow_a_merge_and_go_back_when_it_is_undone(
    team: Team, kit: Kit, door: Door, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    for person in (ANA, BEN):
        await team.file(DOCS, by=person)
    for person in (CEM, DORA):
        await team.file(VPN, by=person)
    await work()
    await ship(kit, clock, of=1)
    await ship(kit, clock, of=2)
    await hears()
    await press(door, slack, "Still there", CEM)
    await press(door, slack, "Gone for me", ANA)
    await press(door, slack, "Gone for me", BEN)
    apart = {1: (2, 2, None), 2: (2, 1, None)}
    assert await affected.after_fixes(kit, [1, 2]) == apart
    merged = await merge.merge(kit, 2, 1, ADA, clock.forward(hours=1))
    assert await affected.after_fixes(kit, [1]) == {1: (4, 3, 2)}
    # Who was still to be asked is asked, whatever it is a part of by now; and the answer follows, too.
    await hears(days=10)
    assert slack.told(DORA)[-1].startswith("F-1 was shipped, ")
    await press(door, slack, "Still there", DORA)
    assert await affected.after_fixes(kit, [1]) == {1: (4, 4, 2)}
    assert await since(kit, clock) == {1: 2}
    await undo.undo(kit, merged.fact_id or 0, ADA, clock())
    assert await affected.after_fixes(kit, [1, 2]) == apart | {2: (2, 2, None)}
    assert await since(kit, clock) == {2: 2}


async def test_of_one_persons_answers_after_two_fixes_that_were_merged_the_last_counts(
    team: Team, kit: Kit, clock: Clock, work: Work, hears: Hears
) -> None:
    await team.file(VPN, by=ANA)
    await team.file(DOCS, by=ANA)
    await work()
    fixed = [await ship(kit, clock, of=number) for number in (1, 2)]
    await merge.merge(kit, 2, 1, ADA, clock())
    for fact, said, since_then in ((fixed[1], "still", {1: 1}), (fixed[0], "gone", {})):
        await affected.answer(kit, fact, ANA, said, "1.0", clock.forward(minutes=1))
        assert await since(kit, clock) == since_then


async def test_what_was_answered_before_it_was_merged_is_not_about_what_is_shipped_later(
    team: Team, kit: Kit, door: Door, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    await team.file(VPN, by=BEN)
    await _shipped(team, kit, clock, work, hears, of=2)
    await press(door, slack, "Still there")
    await ship(kit, clock, "in_progress", of=1)
    await merge.merge(kit, 2, 1, ADA, clock.forward(hours=1))
    assert await affected.after_fixes(kit, [1]) == {}
    await ship(kit, clock)
    assert await affected.after_fixes(kit, [1]) == {1: (0, 0, None)}
    assert await since(kit, clock) == {}


# Not mine any more


async def test_who_says_that_it_is_none_of_theirs_is_in_no_figure_about_the_fix(
    team: Team, kit: Kit, door: Door, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    people = (ANA, BEN, CEM, DORA)
    for person in people:
        await team.file(DOCS, by=person)
    await work()
    await ship(kit, clock)
    await hears()
    for person in people:
        await press(door, slack, "Still there", person)
    assert await since(kit, clock) == {1: 4}
    await press(door, slack, "No longer my thing", ANA)
    await press(door, slack, "Still there", ANA)
    assert await affected.after_fixes(kit, [1]) == {1: (3, 3, 0)}
    assert await since(kit, clock) == {1: 3}
    await work(seconds=5)
    await press(door, slack, "It still is a problem for me", ANA)
    assert await affected.after_fixes(kit, [1]) == {1: (4, 4, 0)}
    assert await since(kit, clock) == {1: 4}


async def test_who_says_that_it_is_none_of_theirs_is_not_counted_and_can_take_that_back(
    team: Team, kit: Kit, door: Door, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(DOCS_TOO, by=BEN)
    await work()
    await team.vote(CEM)
    await work(seconds=5)
    await ship(kit, clock, "planned")
    await hears()
    for person in (ANA, CEM):
        await press(door, slack, "Not a problem for me any more", person)
    await work(seconds=5)
    assert await counted(kit) == [1]
    assert "1 developer" in team.card()
    assert "You are not counted in F-1 any more." in slack.told(ANA)[0]
    await ship(kit, clock, "shipped")
    await hears()
    assert [len(slack.told(person)) for person in (ANA, BEN, CEM)] == [1, 2, 1]
    await press(door, slack, "It still is a problem for me", CEM)
    await work(seconds=5)
    assert await counted(kit) == [2]
    # A new reaction says it, too.
    await press(door, slack, "Not a problem for me any more", CEM)
    await team.vote(CEM, on=False)
    await team.vote(CEM)
    assert await counted(kit) == [2]


async def test_who_left_stays_away_when_problems_are_merged(team: Team, kit: Kit, clock: Clock, work: Work) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(VPN, by=BEN)
    await work()
    await affected.leave(kit, 2, BEN, clock())
    merged = await merge.merge(kit, 2, 1, ADA, clock())
    assert await counted(kit) == [1, 0]
    await undo.undo(kit, merged.fact_id or 0, ADA, clock())
    await affected.come_back(kit, 2, BEN, clock())
    assert await counted(kit) == [1, 1]


async def test_who_left_is_in_no_export_backs_nothing_and_lost_no_time(
    team: Team, kit: Kit, clock: Clock, work: Work
) -> None:
    report = await team.file(DOCS, by=ANA)
    await work()
    await team.vote(CEM)
    await correct.cost(kit, report.id or 0, 30, ANA, clock())
    await affected.leave(kit, 1, ANA, clock())
    await affected.leave(kit, 1, CEM, clock())
    assert await rows(kit, "votes") == []
    async with kit.database.reading() as session:
        assert await storage.votes.backed(session, kit.house.workspace_id, CEM) == set()
        assert await storage.reports.lost(session, kit.house.workspace_id, [1]) == {}


async def test_mine_lists_what_one_is_counted_in_and_ends_it_with_one_tap(
    team: Team, kit: Kit, door: Door, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS, by=BEN)
    await team.file(VPN, by=ANA)
    await work()
    await team.vote(ANA, card=0)
    told = await door.command("mine")
    assert f"You are counted in: F-2 {VPN}. F-1 {DOCS}." in told["text"]
    assert labels(told["blocks"]) == ["Delete", *["Not a problem for me any more"] * 2]
    await door.click("hearing_leave", "1", ANA)
    await work(seconds=5)
    assert slack.answers[-1].text == "You are not counted in F-1 any more."
    assert labels(slack.answers[-1].body["blocks"]) == ["It still is a problem for me"]
    assert await counted(kit) == [1, 1]
    assert labels((await door.command("mine"))["blocks"]) == [
        "Delete",
        "Not a problem for me any more",
        "It still is a problem for me",
    ]


# Enough


async def test_who_mutes_a_problem_hears_no_more_of_it_until_they_want_to(
    team: Team, kit: Kit, door: Door, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    await ship(kit, clock, "planned")
    await hears()
    await press(door, slack, "Mute F-1")
    await work(seconds=5)
    assert "You hear no more about F-1." in slack.told(ANA)[0]
    await ship(kit, clock, "declined")
    await hears()
    assert len(slack.told(ANA)) == 1
    await press(door, slack, "Unmute F-1")
    await ship(kit, clock, "shipped")
    await hears()
    assert len(slack.told(ANA)) == 2


async def test_settings_say_which_news_one_gets_and_change_it(
    team: Team, kit: Kit, door: Door, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    def ticked(told: Json) -> list[str]:
        boxes = next(
            each for block in told["blocks"] for each in block.get("elements", ()) if each["type"] == "checkboxes"
        )
        return [each["value"] for each in boxes.get("initial_options", ())]

    assert ticked(await door.command("settings")) == list(rules.hearing.KINDS)
    wanted = {"type": "checkboxes", "selected_options": [_option("planned"), _option("back")]}
    body = door.a_click("hearing_kinds", "-", ANA)
    body["actions"][0] = {key: body["actions"][0][key] for key in ("action_id", "block_id", "action_ts")} | wanted
    assert (await door.send(body))[0] == 200
    assert ticked(await door.command("settings")) == ["planned", "back"]
    assert ticked(await door.command("settings", by=BEN)) == list(rules.hearing.KINDS)
    await team.file(DOCS, by=ANA)
    await work()
    await ship(kit, clock, "declined")
    await hears()
    assert slack.told(ANA) == []


# Back


@pytest.mark.parametrize(
    ("before", "since", "back"),
    [
        (1, 1, False),
        (1, 2, True),
        (2, 1, False),
        (2, 2, True),
        (3, 2, False),
        (9, 2, False),
        (9, 3, True),
        (0, 1, False),
    ],
)
def test_a_problem_is_back_when_three_have_it_or_as_many_as_ever_had(before: int, since: int, back: bool) -> None:
    assert rules.resurfacing.is_back(before, since) == back


async def test_what_is_back_is_told_once_to_who_shipped_it(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    reports = [await team.file(DOCS, by=person) for person in (ANA, BEN, CEM)]
    await work()
    await ship(kit, clock)
    await hears()
    reports += [await team.file(DOCS, by=person) for person in (ANA, DORA)]
    assert await resurfacing.look(kit, clock()) == 0
    await team.vote(LEA)
    assert await resurfacing.look(kit, clock()) == 1
    assert await resurfacing.look(kit, clock()) == 0
    await hears()
    (told,) = slack.told(ADA)
    assert told.startswith(f"F-1 “{DOCS}” is back: it was shipped, ")
    assert told.endswith("and 3 developers have had it since.")
    for report in reports:
        await correct.withdraw(kit, report.id or 0, report.reporter or "", clock())
    await work(minutes=1)
    (told,) = slack.told(ADA)
    assert told.startswith("F-1 is back: it was shipped, ")


async def test_each_owner_of_what_is_back_hears_once(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    await _shipped(team, kit, clock, work, hears)
    for person in (ANA, BEN):
        await team.file(DOCS, by=person)
    await assign.assign(kit, 1, CEM, ADA, clock(), was="")
    await resurfacing.look(kit, clock())
    await assign.assign(kit, 1, DORA, ADA, clock(), was=CEM)  # before it was Cem's hour
    heard = {CEM: 0, DORA: 1, LEA: 0, ADA: 0}
    for owner, was in ((DORA, DORA), (LEA, DORA), ("", LEA), (DORA, "")):
        await assign.assign(kit, 1, owner, ADA, clock(), was=was)
        for _ in range(2):
            await resurfacing.look(kit, clock())
            await hears()
        heard |= {LEA: 1} if owner == LEA else {}
        assert {person: len(slack.told(person)) for person in heard} == heard


async def test_what_was_said_before_the_fix_and_captured_after_it_is_no_return(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    old = [slack.said("C0BACKEND", person, DOCS) for person in (BEN, CEM, DORA)]
    clock.forward(minutes=1)
    await ship(kit, clock)
    for ts in old:
        await team.flag(LEA, "C0BACKEND", ts)
    await work(seconds=5)
    assert await standing.returned(kit, None, clock()) == set()
    new = [slack.said("C0BACKEND", person, DOCS) for person in (BEN, CEM, DORA)]
    for ts in new:
        await team.flag(LEA, "C0BACKEND", ts)
    await work(seconds=5)
    assert await standing.returned(kit, None, clock()) == {1}


async def test_still_there_says_that_it_is_back(
    team: Team, kit: Kit, door: Door, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    people = (ANA, BEN, CEM)
    for person in people:
        await team.file(DOCS, by=person)
    await work()
    await ship(kit, clock)
    await hears()
    for person in people:
        assert await standing.returned(kit, None, clock()) == set()
        await press(door, slack, "Still there", person)
    assert await standing.returned(kit, None, clock()) == {1}
    await press(door, slack, "Gone for me", CEM)
    assert await standing.returned(kit, None, clock()) == set()


# Until it is fixed


async def test_a_workaround_is_in_the_answer_to_a_report_and_told_once_to_who_votes(
    team: Team, kit: Kit, door: Door, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    made = clock.forward(seconds=1)
    await workaround.write(kit, 1, "use deploy --confirm, token ghp_" + "a1B2" * 9, ADA, made, was="")
    day = f"{made.day} {made:%b}"
    told = await door.command(DOCS_TOO, by=BEN)
    assert "Until it is fixed: use deploy --confirm, token " in told["text"]
    assert f"(Ada, {day})" in told["text"]
    assert "ghp_" not in str(told)
    for emoji in ("+1", "arrow_up", "heavy_plus_sign"):
        await team.vote(CEM, emoji)
        await work(seconds=5)
    await team.vote(BEN)
    await team.vote(ADA)
    await work(seconds=5)
    assert [told.split(",")[0] for told in slack.told(CEM)] == [
        "You voted for F-1. Until it is fixed: use deploy --confirm"
    ]
    assert slack.told(BEN) == slack.told(ADA) == slack.told(ANA) == []
    # Another one is another matter.
    await workaround.write(kit, 1, "use deploy --yes", ADA, clock.forward(seconds=1), was="")
    await team.vote(CEM, "raised_hands")
    await work(seconds=5)
    assert len(slack.told(CEM)) == 2


async def test_a_workaround_is_written_about_in_the_history_and_undone(
    team: Team, kit: Kit, clock: Clock, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    one = await workaround.write(kit, 1, "use deploy --confirm", ADA, clock.forward(seconds=1), was="")
    assert "Ada wrote a workaround for this: “use deploy --confirm”" in (await read(kit, clock))["text"]
    await undo.undo(kit, one.fact_id or 0, ADA, clock())
    assert "Ada undid that" in (await read(kit, clock))["text"].replace("You", "Ada")
    assert await workaround.current(kit, 1) == ("", "")
    with pytest.raises(Refused):
        await workaround.write(kit, 1, "mine", ANA, clock(), was="")


async def test_a_workaround_is_written_in_a_form_from_the_desk(
    team: Team, kit: Kit, door: Door, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    await door.send(door.a_click("cluster_desk", "workaround:1", ADA, menu=True))
    await door.submit(by=ADA, words="use deploy --confirm")
    await work()
    assert slack.answers[-1].text.startswith("F-1 has a workaround now.")
    assert await workaround.current(kit, 1) == ("use deploy --confirm", "use deploy --confirm")
    # What it says now stands in the form, and sent empty there is none.
    await door.send(door.a_click("cluster_desk", "workaround:1", ADA, menu=True))
    assert "use deploy --confirm" in str(slack.views[-1])
    await door.submit(by=ADA, words=None)
    assert await workaround.current(kit, 1) == ("", "")


async def test_a_report_becomes_the_workaround_by_one_tap_and_goes_with_its_words(
    team: Team, kit: Kit, door: Door, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    helps = await team.file(DOCS_TOO, by=BEN)
    hidden = await team.file(DOCS, by=CEM, private=True)
    await work()
    assert labels((await door.command("show F-1", by=ADA))["blocks"]).count("Use as workaround") == 2
    assert "Use as workaround" not in labels((await door.command("show F-1", by=ANA))["blocks"])
    await door.click("workaround_mark", f"1:{hidden.id}", ADA)
    await work()
    assert slack.answers[-1].text.startswith("That report is private.")
    await door.click("workaround_mark", f"1:{helps.id}", ANA)
    await work()
    assert "Ada" in slack.answers[-1].text or "looks after" in slack.answers[-1].text
    await door.click("workaround_mark", f"1:{helps.id}", ADA)
    await work()
    assert slack.answers[-1].text.startswith("F-1 has a workaround now.")
    told = await door.command(DOCS, by=DORA)
    assert "Until it is fixed: deploy docs show an old flag (Ada, " in told["text"]
    await door.click("report_undo", str(helps.id), BEN)
    told = await door.command(DOCS, by=TIM)
    assert "Until it is fixed" not in told["text"]


# Without a name


async def test_who_reported_without_a_name_sees_what_became_of_it_and_nothing_says_who_that_is(
    team: Team, kit: Kit, door: Door, slack: FakeSlack, clock: Clock, work: Work, hears: Hears
) -> None:
    await door.command("", by=DORA)
    await door.submit(by=DORA, words=VPN, anonymous=["yes", "hear"])
    await door.command("", by=CEM)
    await door.submit(by=CEM, words=DOCS, anonymous=["yes"])
    await work()
    before = await stored(kit.database)
    assert DORA not in before
    await ship(kit, clock, "declined", of=1)
    await ship(kit, clock, "declined", of=2)
    await hears()
    assert slack.told(DORA) == slack.told(CEM) == []

    for person in (DORA, CEM, ANA):
        await door.event(type="app_home_opened", user=person, tab="home")
    await work(seconds=5)
    assert "F-1 was declined: the pages are generated from the CLI now. (Ada)" in plain_words(slack.homes[DORA])
    assert VPN in plain_words(slack.homes[DORA])
    assert not any("without your name" in str(slack.homes[person]) for person in (CEM, ANA))
    assert "without your name" in (await door.command("mine", by=DORA))["text"]
    # Looking leaves no trace: Slack's row says that a Home was drawn, as it does for everybody who opens theirs.
    after = [line for line in (await stored(kit.database)).splitlines() if DORA in line]
    assert [line.partition(":")[0] for line in after] == ["outbox"]


async def test_who_votes_for_what_they_reported_without_a_name_is_told_alone_and_the_count_gives_nobody_away(
    team: Team, kit: Kit, door: Door, slack: FakeSlack, work: Work
) -> None:
    for person, ticked in ((DORA, ["yes", "hear"]), (CEM, ["yes"])):
        await door.command("", by=person)
        await door.submit(by=person, words=VPN, anonymous=ticked)
    await work()
    assert "2 developers" in team.card()
    for person, count in ((DORA, 3), (CEM, 4), (ANA, 5)):
        await door.react(person, CARDS, slack.posted(CARDS)[0]["ts"], author=BOT)
        await work(minutes=1)
        # Whose reaction did not count would be known to have reported it.
        assert f"{count} developers" in team.card()
    before = await stored(kit.database)
    told = {person: (await door.command("mine", by=person))["text"] for person in (DORA, CEM, ANA)}
    assert [person for person, said in told.items() if "F-1: you count twice" in said] == [DORA]
    assert await stored(kit.database) == before
    await door.event(type="app_home_opened", user=DORA, tab="home")
    await work(seconds=5)
    assert "F-1: you count twice" in str(slack.homes[DORA])
    await door.react(DORA, CARDS, slack.posted(CARDS)[0]["ts"], author=BOT, on=False)
    assert "you count twice" not in (await door.command("mine", by=DORA))["text"]


def test_two_reports_of_one_person_have_marks_that_have_nothing_in_common() -> None:
    one, other = (rules.seal.mark("key", f"form:{number}", ANA) for number in (1, 2))
    assert one != other
    assert rules.seal.is_of("key", one, "form:1", ANA)
    assert not rules.seal.is_of("another key", one, "form:1", ANA)
    assert not rules.seal.is_of("key", one, "form:1", BEN)


async def since(kit: Kit, clock: Clock) -> dict[int, int]:
    """How many have each shipped problem again."""
    async with kit.database.reading() as session:
        found = await storage.affected.after_shipping(session, kit.house.workspace_id, clock())
    return {each.cluster_id: each.since for each in found}


async def _shipped(team: Team, kit: Kit, clock: Clock, work: Work, hears: Hears, of: int = 1) -> int:
    await team.file(DOCS, by=ANA)
    await work()
    fact = await ship(kit, clock, of=of)
    await hears()
    return fact
