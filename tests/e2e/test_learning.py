"""What people set right, end to end: real buttons, `friction train` beside the running bot, and the next report."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

import storage.reports
from bot.demo.company import ANNA, BAO
from classifiers import train
from e2e.town import Town, elements, eventually, read

pytestmark = [pytest.mark.e2e, pytest.mark.parametrize("town", ["socket"], indirect=True)]

#: One made-up kind, as twenty people would put it, and one more.
YAK = (
    "the yak shaver is jammed",
    "yak-02 stopped in the middle, wool everywhere",
    "cannot shave anything this morning, it jams at once",
    "our shaver got stuck on the second yak of the day",
    "third jam this week. can somebody please look at the shaver",
    "the thing that shaves yaks is blocked",
    "pressed the green button, it hums and does not turn",
    "half a yak done, then silence",
    "blades full of wool, shaver refuses to go on",
    "jam light is on since nine",
    "why is it always jammed on Mondays? the yak shaver I mean",
    "new shaver model jams more often than the old one did",
    "yak shaving is down, no idea for how long",
    "whole team waits because the shaver in building C is stuck",
    "reset the shaver by hand four times before lunch",
    "wool jam again",
    "the yak looks at me and the shaver does nothing",
    "shaver eats wool, then coughs, then jams",
    "unjammed it twice, it jams on the next yak",
    "nobody can shave a yak here today",
)
TWENTY_FIRST = "I shaved one yak, and then wool blocked the shaver"


async def test_twenty_corrections_and_a_training_make_the_twenty_first_report_come_out_right(town: Town) -> None:
    said = [report for report, _ in train.corpus()[::3]]
    before = await _areas(town, said)
    assert town.bot.kit.area.answer(TWENTY_FIRST).area != "debugging"
    for text in YAK:
        await _moved_to_debugging(town, text)
    reports = await town.export("reports")
    assert [(each["area"], each["area_by"]) for each in reports] == [("debugging", "reporter")] * len(YAK)

    trained = await _friction(town, "train")
    assert "corrections learned" in trained
    assert "It is in use." in trained

    async def taken_up() -> int:
        return town.bot.kit.area.fit_id

    await eventually(taken_up, within=30)
    await town.types(BAO, TWENTY_FIRST)
    answer = await town.whisper(BAO)
    assert "· debugging ·" in answer["text"]
    async with town.bot.kit.database.reading() as session:
        *_, last = await storage.reports.everything(session, town.bot.kit.house.workspace_id)
    # By its own words, that is, and not because it was filed with reports that people had moved.
    assert (last.text, last.area_by, last.likeliest, last.answered) == (TWENTY_FIRST, "model", "debugging", True)
    after = await _areas(town, said)
    assert sum(one != other for one, other in zip(before, after, strict=True)) <= len(said) * 0.01
    assert (await _friction(town, "classify", TWENTY_FIRST)).startswith("debugging (")
    assert "nothing new to learn" in await _friction(town, "train")


async def test_why_a_report_is_in_its_area_is_told_in_a_form_that_moves_it(town: Town) -> None:
    await town.types(ANNA, "the deploy docs still show the old flag")
    await town.presses(ANNA, await town.whisper(ANNA), "report_area", "Why docs?")
    form = await town.form()
    told = read(form["blocks"])
    assert "I put it in docs, because of its words. “" in told
    assert "the deploy docs still show the old flag" in told
    await town.submits(ANNA, area="errors")
    await town.quiet()
    (answer,) = await town.whispers(ANNA)
    assert "Moved to errors." in answer["text"]
    assert (await town.card("F-1")).area == "errors"


async def _moved_to_debugging(town: Town, text: str) -> None:
    """Somebody reports it, and sets right what the bot made of it: with one tap, from the menu, or by confirming it."""
    known = len(await town.whispers(ANNA))
    await town.types(ANNA, text)

    async def answered() -> bool:
        return len(await town.whispers(ANNA)) > known

    await eventually(answered)
    answer = await town.whisper(ANNA)
    if "report_area_debugging" in {each["action_id"] for each in elements(answer)}:
        await town.presses(ANNA, answer, "report_area_debugging")
    elif "· debugging ·" in answer["text"]:
        await town.presses(ANNA, answer, "report_area", "Why debugging?")
        await town.submits(ANNA, area="debugging")
    else:
        await town.presses(ANNA, answer, "report_area", "debugging")
    await town.quiet()


async def _areas(town: Town, said: list[str]) -> list[str]:
    """What the running bot would answer; beside the loop, on which it has other things to do."""
    return await asyncio.to_thread(lambda: [town.bot.kit.area.answer(report).area for report in said])


async def _friction(town: Town, *words: str) -> str:
    """The command in a process of its own, on the bot's database."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "DATABASE_URL": town.settings.database_url,
        "FRICTION_CACHE": town.settings.friction_cache,
        "LOG_LEVEL": "ERROR",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        cwd=Path(town.settings.database_url.partition("///")[2]).parent,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()
