"""Capture, end to end: whoever says what hurts is answered, and there is a card."""

from __future__ import annotations

import asyncio

import pytest

from bot.demo.company import ANNA, BAO, CHIDI, EMRE, ENGINEERS, FRICTION
from e2e.town import COSTS, Town, eventually, labels, read

pytestmark = pytest.mark.e2e

OLD_FLAG = "the deploy docs still show the old flag"
VPN = "The onboarding guide skips the VPN step, so my first day was lost"
GATEWAY = "error messages from the gateway only say internal error"


async def test_a_typed_report_is_answered_privately_and_has_a_card_within_three_seconds(town: Town) -> None:
    started = asyncio.get_running_loop().time()
    await town.types(ANNA, OLD_FLAG)
    answer = await town.whisper(ANNA)
    card = await town.card("F-1")
    assert asyncio.get_running_loop().time() - started < 3
    assert answer["ephemeral_to"] == ANNA.id
    assert "F-1" in answer["text"] and "docs" in answer["text"] and OLD_FLAG in answer["text"]
    assert labels(answer) == [*COSTS, "Change area", "Add detail", "Undo"]
    assert (card.title, card.area, card.developers) == (OLD_FLAG, "docs", 1)
    assert "1 developer" in card.text


async def test_a_flagged_message_is_filed_once_however_often_and_by_however_many_it_is_flagged(town: Town) -> None:
    ts = await town.says(EMRE, VPN)
    await town.flags(BAO, ts)
    await town.quiet()
    await town.flags(BAO, ts, on=False)
    await town.flags(BAO, ts)
    await town.flags(CHIDI, ts)
    await town.quiet()

    (report,) = await town.export("reports")
    assert (report["reporter"], report["text"], report["source"]) == (EMRE.id, VPN, "emoji")
    assert (report["channel"], report["message_ts"]) == ("C0ENGIN02", ts)
    assert (await town.cards())["F-1"].developers == 3  # who wrote it, and both who flagged it

    (to_author,) = await town.direct(EMRE)
    assert BAO.name in to_author["text"] and "F-1" in to_author["text"]
    assert "Withdraw" in labels(to_author)
    first, *_ = await town.whispers(BAO)
    assert EMRE.name in first["text"] and "your flag counts as a vote" in first["text"]
    (to_chidi,) = await town.whispers(CHIDI)
    assert "That is F-1 already" in to_chidi["text"]
    assert await town.whispers(EMRE) == []


async def test_a_flag_taken_off_takes_the_vote_back_and_leaves_the_report(town: Town) -> None:
    ts = await town.says(EMRE, VPN)
    await town.flags(BAO, ts)
    await town.quiet()
    assert (await town.cards())["F-1"].developers == 2
    await town.flags(BAO, ts, on=False)
    await town.quiet()
    assert (await town.cards())["F-1"].developers == 1


async def test_whoever_flags_their_own_message_may_correct_it_at_once(town: Town) -> None:
    ts = await town.says(EMRE, VPN)
    await town.flags(EMRE, ts)
    await town.quiet()
    assert labels(await town.whisper(EMRE)) == [*COSTS, "Change area", "Add detail", "Undo"]
    assert await town.direct(EMRE) == []
    assert (await town.cards())["F-1"].developers == 1


async def test_an_author_withdraws_what_was_flagged_and_a_new_flag_leaves_it_withdrawn(town: Town) -> None:
    ts = await town.says(EMRE, VPN)
    await town.flags(BAO, ts)
    await town.quiet()
    (told,) = await town.direct(EMRE)
    await town.presses(EMRE, told, "report_undo")
    await town.flags(CHIDI, ts)
    await town.quiet()
    (told,) = await town.direct(EMRE)
    assert told["text"].startswith("Taken back.")
    card = (await town.cards())["F-1"]
    assert card.developers == 0 and VPN not in card.text
    assert "taken that back" in (await town.whisper(CHIDI))["text"]


async def test_a_card_follows_the_flagged_message_when_it_is_edited_and_when_it_is_deleted(town: Town) -> None:
    ts = await town.says(EMRE, VPN)
    await town.flags(BAO, ts)
    await town.quiet()
    said_better = "The onboarding guide skips the VPN step and the badge"
    await town.edits(EMRE, ts, said_better)
    await town.quiet()
    assert (await town.cards())["F-1"].title == said_better
    await town.deletes(EMRE, ts)
    await town.quiet()
    card = (await town.cards())["F-1"]
    assert (card.title, card.developers) == ("Withdrawn by the people who reported it", 0)
    (report,) = await town.export("reports") or [{"text": ""}]
    assert report["text"] == ""


async def test_friction_alone_opens_the_form_and_sending_it_files_what_was_chosen(town: Town) -> None:
    await town.types(ANNA, "")
    form = await town.form()
    assert form["title"]["text"] == "Report friction"
    shown = await town.submits(ANNA, words=GATEWAY, area="debugging", severity="3", minutes="120")
    assert shown["stack"] == []
    await town.quiet()

    answer = await town.whisper(ANNA)
    assert "F-1" in answer["text"] and "debugging" in answer["text"]
    assert (await town.cards())["F-1"].area == "debugging"
    (report,) = await town.export("reports")
    assert (report["text"], report["source"], report["reporter"]) == (GATEWAY, "form", ANNA.id)
    assert (report["area"], report["area_by"]) == ("debugging", "reporter")
    assert (report["severity"], report["minutes_lost"]) == (3, 120)


async def test_a_form_sent_without_a_name_is_filed_for_nobody_and_says_so(town: Town) -> None:
    await town.types(ANNA, "")
    shown = await town.submits(ANNA, words=GATEWAY, anonymous=["yes"])
    assert "Filed as F-1" in read(shown).replace("*", "")
    await town.quiet()
    (report,) = await town.export("reports")
    assert report["reporter"] is None
    assert (await town.cards())["F-1"].developers == 1
    assert await town.whispers(ANNA) == [] and await town.direct(ANNA) == []


async def test_a_message_saved_by_its_menu_is_filed_once_for_its_author(town: Town) -> None:
    ts = await town.says(EMRE, VPN)
    (message,) = await town.slack.messages("C0ENGIN02")
    await town.shortcut(BAO, "friction_report_message", message)
    await town.quiet()
    answer = await town.whisper(BAO)
    assert "F-1" in answer["text"] and "your vote" in answer["text"]
    await town.shortcut(CHIDI, "friction_report_message", message)
    await town.quiet()
    assert "That is F-1 already" in (await town.whisper(CHIDI))["text"]

    (report,) = await town.export("reports")
    assert (report["reporter"], report["text"], report["source"]) == (EMRE.id, VPN, "shortcut")
    assert report["message_ts"] == ts
    card = (await town.cards())["F-1"]
    assert (card.title, card.developers) == (VPN, 3)
    (told,) = await town.direct(EMRE)
    assert BAO.name in told["text"] and "Withdraw" in labels(told)


async def test_the_global_shortcut_opens_the_form_and_the_answer_comes_by_direct_message(town: Town) -> None:
    await town.shortcut(ANNA, "friction_report_global")
    assert (await town.form())["title"]["text"] == "Report friction"
    await town.submits(ANNA, words=GATEWAY)
    (told,) = await eventually(lambda: town.direct(ANNA))
    assert "Filed as F-1" in told["text"] and "errors" in told["text"]
    assert labels(told) == [*COSTS, "Change area", "Add detail", "Undo"]
    assert (await town.card("F-1")).title == GATEWAY


async def test_the_home_tab_shows_what_i_reported_and_what_hurts_most(town: Town) -> None:
    await town.types(ANNA, OLD_FLAG)
    await town.types(BAO, GATEWAY)
    await town.card("F-2")
    await town.opens_home(ANNA)
    home = await eventually(lambda: town.home(ANNA))
    mine, top = read(home).split("What hurts most")
    assert OLD_FLAG in top and GATEWAY in top
    assert OLD_FLAG in mine and "F-1" in mine and GATEWAY not in mine


async def test_nothing_but_cards_is_posted_in_the_friction_channel(town: Town) -> None:
    await town.types(ANNA, OLD_FLAG)
    await town.types(BAO, "deploy docs show the old flag still")
    await town.types(CHIDI, GATEWAY)
    await town.quiet()
    assert len(await town.slack.messages(FRICTION.id)) == len(await town.cards()) == 2


async def test_what_slack_delivers_twice_is_filed_once_and_counted_once(town: Town) -> None:
    await town.types(ANNA, OLD_FLAG)
    await town.redelivers("slash_commands")
    await town.votes(BAO, "F-1")
    await town.redelivers("events_api")
    await town.quiet()
    assert len(await town.export("reports")) == 1
    assert {handle: card.developers for handle, card in (await town.cards()).items()} == {"F-1": 2}
    await town.votes(BAO, "F-1", on=False)
    await town.redelivers("events_api")
    await town.quiet()
    assert (await town.card("F-1")).developers == 1


async def test_a_crowd_at_the_same_moment_is_one_card_and_everybody_is_counted(town: Town) -> None:
    await asyncio.gather(*(town.types(person, OLD_FLAG) for person in ENGINEERS[:6]))
    ts = await town.says(EMRE, VPN)
    await asyncio.gather(*(town.flags(person, ts) for person in ENGINEERS[5:]))
    await town.quiet()
    await asyncio.gather(*(town.votes(person, "F-1", "raised_hands") for person in ENGINEERS))
    await town.quiet()
    assert len(await town.export("reports")) == 7
    shown = {handle: (card.title, card.developers) for handle, card in (await town.cards()).items()}
    assert shown == {"F-1": (OLD_FLAG, len(ENGINEERS)), "F-2": (VPN, 1 + len(ENGINEERS[5:]))}
    assert len(await town.direct(EMRE)) == 1
