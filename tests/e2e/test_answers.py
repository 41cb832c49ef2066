"""The buttons of the private answer, end to end: each sets right what it says, and the card follows."""

from __future__ import annotations

import asyncio

import pytest

from bot.demo.company import ANNA, BAO, ENGINEERING
from e2e.town import COSTS, Town, elements, labels, read

pytestmark = pytest.mark.e2e

OLD_FLAG = "the deploy docs still show the old flag"
OLD_FLAG_TOO = "the deploy docs show an old flag still"


async def test_the_reporter_moves_a_report_to_another_area_with_one_tap(town: Town) -> None:
    await town.types(ANNA, OLD_FLAG)
    await town.presses(ANNA, await town.whisper(ANNA), "report_area", "errors")
    await town.quiet()
    (answer,) = await town.whispers(ANNA)
    assert "Moved to errors." in answer["text"] and "F-1 · errors" in answer["text"]
    assert (await town.card("F-1")).area == "errors"
    (report,) = await town.export("reports")
    assert (report["area"], report["area_by"]) == ("errors", "reporter")


async def test_a_similar_report_joins_and_its_reporter_takes_it_out_for_good(town: Town) -> None:
    await town.types(ANNA, OLD_FLAG)
    await town.types(BAO, OLD_FLAG_TOO)
    await town.quiet()
    answer = await town.whisper(BAO)
    assert "Filed in F-1" in answer["text"] and "2 developers have this now" in answer["text"]
    assert {handle: card.developers for handle, card in (await town.cards()).items()} == {"F-1": 2}

    await town.presses(BAO, answer, "report_apart")
    await town.quiet()
    (answer,) = await town.whispers(BAO)
    assert "it has a place of its own now" in answer["text"] and "F-2" in answer["text"]
    assert "Not the same problem" not in labels(answer)
    cards = await town.cards()
    assert (cards["F-1"].title, cards["F-1"].developers) == (OLD_FLAG, 1)
    assert (cards["F-2"].title, cards["F-2"].developers) == (OLD_FLAG_TOO, 1)


async def test_detail_is_added_in_a_form_and_is_there_when_the_form_is_opened_again(town: Town) -> None:
    await town.types(ANNA, OLD_FLAG)
    await town.presses(ANNA, await town.whisper(ANNA), "report_detail")
    assert (await town.form())["title"]["text"] == "Add detail"
    await town.submits(ANNA, words="It is the third code block of the page", severity="2", minutes="30")
    await town.quiet()
    (answer,) = await town.whispers(ANNA)
    assert "Added, thank you." in answer["text"]
    (report,) = await town.export("reports")
    assert (report["severity"], report["minutes_lost"]) == (2, 30)

    await town.presses(ANNA, answer, "report_detail")
    field = next(block["element"] for block in (await town.form())["blocks"] if block["block_id"] == "words")
    assert field["initial_value"] == "It is the third code block of the page"


async def test_undo_takes_the_words_from_the_card_and_the_person_from_the_count(town: Town) -> None:
    await town.types(ANNA, OLD_FLAG)
    await town.votes(BAO, "F-1")
    await town.presses(ANNA, await town.whisper(ANNA), "report_undo")
    await town.quiet()
    (answer,) = await town.whispers(ANNA)
    assert answer["text"].startswith("Taken back.") and elements(answer) == []
    card = await town.card("F-1")
    assert card.developers == 0 and OLD_FLAG not in card.text
    assert OLD_FLAG not in str(await town.export("reports"))


async def test_a_double_click_on_a_button_does_it_once(town: Town) -> None:
    await town.types(ANNA, OLD_FLAG)
    await town.types(BAO, OLD_FLAG_TOO)
    answer = await town.whisper(BAO)
    await town.presses(BAO, answer, "report_apart")
    await town.presses(BAO, answer, "report_apart")
    await town.quiet()
    assert sorted(await town.cards()) == ["F-1", "F-2"]


async def test_somebody_else_s_button_changes_nothing(town: Town) -> None:
    await town.types(ANNA, OLD_FLAG)
    await town.presses(BAO, await town.whisper(ANNA), "report_undo")
    await town.quiet()
    assert (await town.card("F-1")).developers == 1
    told = await town.whisper(BAO)
    assert told["text"] == "Only the person who reported it can change that."


async def test_show_on_a_card_opens_all_that_was_said(town: Town) -> None:
    await town.types(ANNA, OLD_FLAG)
    await town.types(BAO, OLD_FLAG_TOO)
    await town.quiet()
    (card,) = await town.slack.messages("C0FRICT01")
    await town.presses(BAO, card, "cluster_show")
    shown = read((await town.form())["blocks"])
    assert OLD_FLAG in shown and OLD_FLAG_TOO in shown and "2 developers" in shown


async def test_what_is_asked_for_is_answered_privately_and_filed_nowhere(town: Town) -> None:
    await town.types(ANNA, OLD_FLAG)
    await town.card("F-1")
    for asked, told in {
        "top": OLD_FLAG,
        "top docs": OLD_FLAG,
        "mine": OLD_FLAG,
        "show F-1": OLD_FLAG,
        "show F-99": "There is no F-99.",
        "find deploy flag": OLD_FLAG,
        "help": "React",
        "settings": "Areas: docs",
    }.items():
        await town.types(ANNA, asked)
        assert told in (await town.whisper(ANNA))["text"], asked
    everybody = [each for each in await town.slack.messages(ENGINEERING.id) if not each.get("ephemeral_to")]
    assert everybody == []
    assert len(await town.export("reports")) == 1


async def test_what_was_looked_for_in_vain_is_filed_with_one_tap(town: Town) -> None:
    await town.types(ANNA, f"find {OLD_FLAG}")
    await town.presses(ANNA, await town.whisper(ANNA), "find_file")
    await town.quiet()
    (answer,) = await town.whispers(ANNA)
    assert "Filed as F-1" in answer["text"] and labels(answer) == [*COSTS, "Change area", "Add detail", "Undo"]
    assert (await town.card("F-1")).title == OLD_FLAG


async def test_a_double_click_on_file_it_instead_files_it_once(town: Town) -> None:
    await town.types(ANNA, f"find {OLD_FLAG}")
    answer = await town.whisper(ANNA)
    await asyncio.gather(town.presses(ANNA, answer, "find_file"), town.presses(ANNA, answer, "find_file"))
    await town.quiet()
    assert len(await town.export("reports")) == 1
