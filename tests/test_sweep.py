"""Votes that Slack told nobody of are found by looking, and nothing that came later is undone by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from conftest import ANA, BEN, CARDS, CEM, DOCS, DORA, VPN, Clock, Team
from fakes.slack import FakeSlack
from hypothesis import given
from hypothesis import strategies as st

from bot import rules
from bot.flows import export, sweep, vote
from bot.flows.kit import Kit

Work = Callable[..., Awaitable[None]]

HOUR = dt.timedelta(hours=1)


@pytest.fixture
async def card(team: Team, slack: FakeSlack, work: Work) -> str:
    """The ts of a card that Ana's report stands behind."""
    await team.file(DOCS)
    await work()
    return str(slack.posted(CARDS)[0]["ts"])


async def votes(kit: Kit, clock: Clock) -> set[str]:
    return {
        row["person"] for row in await export.rows(kit.database, kit.house.workspace_id, "votes", leads=(), now=clock())
    }


async def heard(kit: Kit, clock: Clock, payload: dict[str, Any]) -> None:
    """An event does arrive."""
    event = payload["event"]
    await vote.reacted(
        kit,
        channel=event["item"]["channel"],
        message_ts=event["item"]["ts"],
        author=event["item_user"],
        person=event["user"],
        emoji=event["reaction"],
        given=event["type"] == "reaction_added",
        event_ts=event["event_ts"],
        now=clock(),
    )


async def test_a_vote_and_a_removal_that_nobody_told_us_of_are_set_right_on_the_card(
    kit: Kit, slack: FakeSlack, work: Work, clock: Clock, card: str
) -> None:
    await heard(kit, clock, slack.reacted(BEN, CARDS, card))
    slack.reacted(BEN, CARDS, card, on=False)  # never heard of
    for person in (CEM, DORA, "U0EVE"):
        slack.reacted(person, CARDS, card, "raised_hands")  # nor these
    slack.reacted(CEM, CARDS, card, "eyes")  # which is no vote
    clock.forward(seconds=30)
    assert await sweep.begin(kit, clock()) == 1
    await work(seconds=10)
    assert await votes(kit, clock) == {CEM, DORA, "U0EVE"}
    await work(seconds=10)
    assert "4 developers" in slack.posted(CARDS)[0]["text"]


async def test_a_sweep_that_finds_nothing_new_changes_nothing(
    kit: Kit, slack: FakeSlack, work: Work, clock: Clock, card: str
) -> None:
    await heard(kit, clock, slack.reacted(BEN, CARDS, card, "+1::skin-tone-4"))
    await work(seconds=10)
    slack.reactions[CARDS, card] = {"+1": [BEN]}  # Slack shows the tones together
    drawn = len(slack.called("chat.update"))
    clock.forward(minutes=1)
    await sweep.begin(kit, clock())
    await work(seconds=10)
    assert await votes(kit, clock) == {BEN}
    assert len(slack.called("chat.update")) == drawn


async def test_an_event_that_is_older_than_the_sweep_comes_too_late_and_a_younger_one_in_time(
    kit: Kit, slack: FakeSlack, work: Work, clock: Clock, card: str
) -> None:
    added = slack.reacted(BEN, CARDS, card)
    removed = slack.reacted(BEN, CARDS, card, on=False)
    slack.reacted(BEN, CARDS, card)
    clock.forward(minutes=1)
    await sweep.begin(kit, clock())
    await work(seconds=5)
    for late in (removed, added, removed):
        await heard(kit, clock, late)
        assert await votes(kit, clock) == {BEN}
    await heard(kit, clock, slack.reacted(BEN, CARDS, card, on=False))
    assert await votes(kit, clock) == set()
    await heard(kit, clock, added)
    assert await votes(kit, clock) == set()


async def test_it_is_done_once_an_hour_however_many_replicas_ask(
    kit: Kit, kit_on: Any, slack: FakeSlack, work: Work, clock: Clock, card: str
) -> None:
    other = kit_on(kit.database)
    assert [await sweep.begin(each, clock()) for each in (kit, other, kit)] == [1, 0, 0]
    await work(seconds=5)
    assert len(slack.called("reactions.get")) == 1
    clock.now += HOUR
    assert [await sweep.begin(each, clock()) for each in (other, kit)] == [1, 0]


async def test_cards_older_than_a_fortnight_are_left_alone_unless_somebody_reported_again(
    kit: Kit, team: Team, slack: FakeSlack, work: Work, clock: Clock, card: str
) -> None:
    clock.forward(days=15)
    assert await sweep.begin(kit, clock()) == 0
    await team.file(VPN)
    await work(seconds=5)
    clock.now += HOUR
    assert await sweep.begin(kit, clock()) == 1
    await team.file(DOCS, by=BEN)
    await work(seconds=5)
    clock.now += HOUR
    assert await sweep.begin(kit, clock()) == 2


async def test_a_card_that_somebody_deleted_is_no_trouble(
    kit: Kit, slack: FakeSlack, work: Work, clock: Clock, card: str
) -> None:
    slack.delete(CARDS, card)
    await sweep.begin(kit, clock())
    await work(seconds=5)
    assert len(slack.called("reactions.get")) == 1


PEOPLE = st.sampled_from([ANA, BEN, CEM])
EMOJI = st.sampled_from(["+1", "+1::skin-tone-2", "thumbsup", "arrow_up"])


@given(
    known=st.dictionaries(st.tuples(PEOPLE, EMOJI), st.booleans()),
    seen=st.dictionaries(EMOJI, st.frozensets(PEOPLE, min_size=1)),
    partly=st.frozensets(EMOJI),
)
def test_after_the_repairs_we_know_what_slack_shows_and_need_no_more(
    known: dict[tuple[str, str], bool], seen: dict[str, frozenset[str]], partly: frozenset[str]
) -> None:
    repaired = known | {(who, emoji): given for who, emoji, given in rules.reactions.repairs(known, seen, partly)}
    shown = {(who, rules.reactions.base(emoji)) for emoji, people in seen.items() for who in people}
    ours = {(who, rules.reactions.base(emoji)) for (who, emoji), standing in repaired.items() if standing}
    assert shown <= ours
    unsure = {rules.reactions.base(emoji) for emoji in partly}
    assert all(emoji in unsure for _, emoji in ours - shown)
    assert rules.reactions.repairs(repaired, seen, partly) == []
