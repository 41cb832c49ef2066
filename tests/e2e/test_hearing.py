"""One problem is taken through its life by three people in a real local Slack, and each message is received once."""

from __future__ import annotations

import datetime as dt

import pytest

from bot import clock
from bot.demo.company import ANNA, BAO, FRICTION, MARTA, Person
from bot.demo.stage import Message
from bot.flows import hearing
from bot.flows import subscription as subscriptions
from e2e.town import Town, eventually, labels, read

pytestmark = pytest.mark.e2e

OLD_FLAG = "the deploy docs still show the old flag"
WHY = "The pages are generated from the CLI now"


async def shown(town: Town) -> Message:
    """What Marta reads when she asks for it."""
    before = len(await town.whispers(MARTA))
    await town.types(MARTA, "show F-1")
    return (await eventually(lambda: town.whispers(MARTA), lambda all_: len(all_) > before))[-1]


async def becomes(town: Town, status: str, why: str) -> None:
    """Marta sets a status where she reads the problem: in a form, and once more when she has seen who will read it."""
    await town.presses(MARTA, await shown(town), "cluster_status", status)
    await eventually(town.form)
    checked = await town.submits(MARTA, status=status.lower().replace(" ", "_"), reason=why)
    assert why in read(checked), checked
    await town.submits(MARTA)
    await town.quiet()


async def everybody_hears(town: Town, **after: float) -> None:
    """So much time passes, and then two days of hours, in which there is one at which each may be written to."""
    town.moves_to(clock.now() + dt.timedelta(**(after or {"minutes": 6})))
    for _ in range(12):
        await hearing.open_due(town.bot.kit, clock.now())
        await town.quiet()
        town.moves_to(clock.now() + dt.timedelta(hours=5))


async def told(town: Town, person: Person) -> list[str]:
    """What somebody was told of F-1 by direct message, each up to the reason."""
    return [each["text"].split(":")[0] for each in await town.direct(person) if each["text"].startswith("F-1 ")]


async def test_a_problem_goes_through_its_life_and_each_message_is_received_once(town: Town) -> None:
    kit = town.bot.kit
    rhythm = {"every": "week", "weekday": "sun", "at": "03:00", "tz": "UTC"}
    await subscriptions.subscribe(kit, MARTA.id, areas="all", now=clock.now(), **rhythm)
    await town.types(ANNA, OLD_FLAG)
    await town.votes(BAO, "F-1")
    await town.quiet()

    await becomes(town, "Planned", "Somebody has begun")
    await becomes(town, "In progress", WHY)
    await everybody_hears(town)
    assert await told(town, ANNA) == await told(town, BAO) == []

    await becomes(town, "Shipped", WHY)
    await everybody_hears(town)
    assert await told(town, ANNA) == await told(town, BAO) == ["F-1 was shipped"]
    assert await told(town, MARTA) == []
    (message,) = [each for each in await town.direct(ANNA) if each["text"].startswith("F-1 ")]
    assert labels(message) == ["Gone for me", "Still there", "No longer my thing", "Mute F-1"]
    assert OLD_FLAG in read(message["blocks"])
    await town.presses(ANNA, message, "hearing_gone")
    await town.quiet()
    assert "You said that it is gone." in (await town.direct(ANNA))[-1]["text"]
    said = [each["text"] for each in await town.slack.messages(FRICTION.id) if each["text"].startswith("F-1 was")]
    assert len(said) == 1

    await everybody_hears(town, days=10)
    assert len(await told(town, ANNA)) == 1
    assert [each.split(",")[0] for each in await told(town, BAO)] == ["F-1 was shipped"] * 2
    question = (await town.direct(BAO))[-1]
    assert "Is it gone for you?" in question["text"]
    await town.presses(BAO, question, "hearing_mute")
    await town.presses(BAO, question, "hearing_still")
    await town.quiet()
    assert "asked 2 · answered 2" in read((await shown(town))["blocks"])

    await becomes(town, "Declined", "It cannot be mended")
    await town.restarts()
    await everybody_hears(town)
    assert (await told(town, ANNA))[1:] == ["F-1 was declined"]
    assert len(await told(town, BAO)) == 2
