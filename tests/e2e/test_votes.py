"""Votes, end to end: a reaction is one, taking it off takes it back, and a person counts once."""

from __future__ import annotations

import pytest

from bot.demo.company import ANNA, BAO, CHIDI, EMRE, ENGINEERING, MARTA
from e2e.town import Town, eventually

pytestmark = pytest.mark.e2e

OLD_FLAG = "the deploy docs still show the old flag"
THUMB, BROWN_THUMB, ARROW = "+1", "+1::skin-tone-4", "arrow_up"


async def test_a_second_person_s_thumb_makes_two_developers_and_taken_off_one_within_seconds(town: Town) -> None:
    await town.types(ANNA, OLD_FLAG)
    await town.votes(BAO, "F-1", THUMB)
    await eventually(lambda: town.card("F-1"), lambda card: card.developers == 2 and "2 developers" in card.text)
    await town.votes(BAO, "F-1", THUMB, on=False)
    await eventually(lambda: town.card("F-1"), lambda card: card.developers == 1 and "1 developer" in card.text)


async def test_several_voting_emoji_of_one_person_are_one_vote_until_the_last_is_taken_off(town: Town) -> None:
    await town.types(ANNA, OLD_FLAG)
    await town.votes(BAO, "F-1", BROWN_THUMB)
    await town.votes(BAO, "F-1", ARROW)
    await town.quiet()
    assert (await town.card("F-1")).developers == 2
    await town.votes(BAO, "F-1", ARROW, on=False)
    await town.quiet()
    assert (await town.card("F-1")).developers == 2
    await town.votes(BAO, "F-1", BROWN_THUMB, on=False)
    await town.quiet()
    assert (await town.card("F-1")).developers == 1


async def test_the_reporter_s_own_thumb_and_other_people_s_other_emoji_count_for_nothing(town: Town) -> None:
    await town.types(ANNA, OLD_FLAG)
    await town.votes(ANNA, "F-1", THUMB)
    await town.votes(BAO, "F-1", "eyes")
    await town.quiet()
    assert (await town.card("F-1")).developers == 1


async def test_one_person_s_thumbs_on_the_card_and_on_a_flagged_message_are_one_vote(town: Town) -> None:
    ts = await town.says(EMRE, OLD_FLAG)
    await town.flags(BAO, ts)
    await town.quiet()
    await town.slack.react(ENGINEERING.id, ts, CHIDI.id, THUMB)
    await town.votes(CHIDI, "F-1", THUMB)
    await town.votes(BAO, "F-1", THUMB)
    await town.quiet()
    assert (await town.card("F-1")).developers == 3
    await town.votes(CHIDI, "F-1", THUMB, on=False)
    await town.quiet()
    assert (await town.card("F-1")).developers == 3  # the thumb on the message is still there
    await town.slack.react(ENGINEERING.id, ts, CHIDI.id, THUMB, False)
    await town.quiet()
    assert (await town.card("F-1")).developers == 2


async def test_a_lead_s_vote_is_shown_as_a_second_number(town: Town) -> None:
    await town.types(ANNA, OLD_FLAG)
    await town.votes(MARTA, "F-1", THUMB)
    await town.votes(BAO, "F-1", THUMB)
    await town.quiet()
    card = await town.card("F-1")
    assert (card.developers, card.leads) == (3, 1)
    assert "backed by 1 lead" in card.text
