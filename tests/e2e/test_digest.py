"""Digests, end to end: asked for in a form, sent when due, and once."""

from __future__ import annotations

import datetime as dt

import pytest

from bot import clock
from bot.demo.company import ANNA, BAO, PRIYA
from bot.flows import digest as digests
from bot.flows import subscription as subscriptions
from e2e.town import Town, read

pytestmark = pytest.mark.e2e

GATEWAY = "error messages from the gateway only say internal error"
HOUR = dt.timedelta(hours=1)


async def test_friction_digest_subscribes_in_the_person_s_own_time_zone(town: Town) -> None:
    await town.types(PRIYA, "digest")
    form = await town.form()
    assert form["title"]["text"] == "Your digest" and "At, in America/New_York" in read(form)
    shown = await town.submits(PRIYA, areas=["errors", "debugging"], every="week", weekday="wed", at="10:00")
    said = "Your digest: errors, debugging · every week, Wednesday 10:00 (America/New_York)"
    assert said in read(shown["stack"])
    subscription = await subscriptions.current(town.bot.kit, PRIYA.id)
    assert subscription is not None
    assert (subscription.areas, subscription.every, subscription.weekday) == ("errors,debugging", "week", "wed")
    assert (subscription.at, subscription.tz) == ("10:00", "America/New_York")

    await town.types(PRIYA, "digest")
    await town.submits(PRIYA, every="never")
    assert await subscriptions.current(town.bot.kit, PRIYA.id) is None


async def test_a_digest_that_is_due_arrives_and_not_again_after_a_restart(town: Town) -> None:
    await town.types(PRIYA, "digest")
    await town.submits(PRIYA, areas=["errors"])
    subscription = await subscriptions.current(town.bot.kit, PRIYA.id)
    assert subscription is not None
    town.moves_to(subscription.next_due_at - HOUR)
    await town.types(ANNA, GATEWAY)
    await town.votes(BAO, "F-1")
    await town.types(BAO, "the deploy docs still show the old flag")  # of no area of hers
    assert await digests.open_due(town.bot.kit, clock.now()) == 0

    town.moves_to(subscription.next_due_at + dt.timedelta(minutes=1))
    assert await digests.open_due(town.bot.kit, clock.now()) == 1
    assert await digests.open_due(town.bot.kit, clock.now()) == 0
    await town.quiet()
    (digest,) = await town.direct(PRIYA)
    assert GATEWAY in digest["text"] and "F-1" in digest["text"] and "2 developers" in digest["text"]
    assert "old flag" not in digest["text"]
    assert (await town.card("F-1")).ts.replace(".", "") in read(digest["blocks"])  # the link to the card

    await town.restarts()
    assert await digests.open_due(town.bot.kit, clock.now()) == 0
    await town.quiet()
    assert await town.direct(PRIYA) == [digest]


async def test_a_digest_that_fell_due_while_the_bot_was_down_is_sent_late_and_once(town: Town) -> None:
    await town.types(PRIYA, "digest")
    await town.submits(PRIYA, every="day", at="09:00")
    await town.types(ANNA, GATEWAY)
    await town.quiet()
    await town.restarts(after=dt.timedelta(days=3))
    await digests.open_due(town.bot.kit, clock.now())
    await town.quiet()
    assert len(await town.direct(PRIYA)) == 1


async def test_a_week_in_which_nothing_happened_sends_nothing(town: Town) -> None:
    await town.types(PRIYA, "digest")
    await town.submits(PRIYA)
    town.moves_to(clock.now() + dt.timedelta(weeks=1))
    assert await digests.open_due(town.bot.kit, clock.now()) == 1
    await town.quiet()
    assert await town.direct(PRIYA) == []


async def test_what_was_filed_before_a_restart_is_known_after_it(town: Town) -> None:
    await town.types(ANNA, GATEWAY)
    await town.card("F-1")
    await town.restarts()
    await town.types(BAO, "error messages from the gateway say only internal error")
    await town.quiet()
    assert {handle: card.developers for handle, card in (await town.cards()).items()} == {"F-1": 2}
