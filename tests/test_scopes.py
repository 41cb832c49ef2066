"""Scopes that whoever installs the app may leave out: what needs one is switched off, and says what to do instead."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import ANA, BACKEND, BEN, DOCS, SECRET, Team, stored
from fakes.slack import SCOPES, FakeSlack
from test_app import Make, settings  # noqa: F401 # fixtures
from test_listeners import Door, Work, backend, clock, door, door_to, way  # noqa: F401 # fixtures

from bot import app
from bot import clock as clocks
from bot.flows import doctor, flag
from bot.flows.kit import Kit

#: What is left out, and where a flag cannot be read then.
HISTORY = [("channels:history", BACKEND, SECRET), ("groups:history", SECRET, BACKEND)]


@pytest.mark.parametrize(("scope", "unread", "read"), HISTORY)
async def test_without_history_a_flag_offers_the_message_s_menu_and_that_files_it(
    scope: str, unread: str, read: str, door: Door, kit: Kit, team: Team, slack: FakeSlack, work: Work
) -> None:
    slack.scopes = SCOPES - {scope}
    ts = slack.said(unread, ANA, f"{DOCS} zqflagged")
    await door.react(BEN, unread, ts, "triangular_flag_on_post", author=ANA)
    await work()
    assert slack.told(BEN) == [flag.NOT_GRANTED]
    assert "zqflagged" not in await stored(kit.database)
    assert slack.told(ANA) == []  # nothing of theirs was filed
    message = next(each for each in slack.channels[unread].messages if each["ts"] == ts)
    await door.send(door.a_message_shortcut(message, BEN, unread))
    await work(minutes=1)
    assert "zqflagged" in await stored(kit.database)
    # Where the other scope is granted, the emoji does it.
    seen = slack.said(read, ANA, f"{DOCS} zqseen")
    await door.react(BEN, read, seen, "triangular_flag_on_post", author=ANA)
    await work(minutes=1)
    assert "zqseen" in await stored(kit.database)


async def test_without_looking_into_private_channels_what_is_flagged_there_is_filed_for_its_author_alone(
    door: Door, kit: Kit, team: Team, slack: FakeSlack, work: Work
) -> None:
    slack.scopes = SCOPES - {"groups:read"}
    ts = slack.said(SECRET, ANA, f"{DOCS} zqprivate")
    await door.react(BEN, SECRET, ts, "triangular_flag_on_post", author=ANA)
    await work()
    assert "1 private report about docs" in team.card() and "zqprivate" not in team.card()
    assert "zqprivate" in (await door.command("show F-1", by=ANA))["text"]
    assert "zqprivate" not in str(await door.command("show F-1", by=BEN))


@pytest.mark.parametrize("left_out", [[scope] for scope in sorted(doctor.OPTIONAL)] + [sorted(doctor.OPTIONAL)])
async def test_the_bot_starts_without_them_and_the_doctor_says_what_will_not_work(
    left_out: list[str], kit: Kit, slack: FakeSlack, settings: Make
) -> None:
    slack.scopes = SCOPES - set(left_out)
    async with app.running(settings()) as running:
        told = await doctor.examine(running.kit, running.identity, clocks.now())
    assert {each.text for each in told if "scope" in each.text} == {
        f"The optional scope {scope} is not granted: {doctor.OPTIONAL[scope]}." for scope in left_out
    }
    assert all(each.well for each in told)


@pytest.mark.parametrize("scope", sorted(doctor.NEEDED))
async def test_what_is_needed_and_missing_is_not_well(scope: str, kit: Kit) -> None:
    identity = replace(await kit.slack.identity(), scopes=SCOPES - {scope})
    (found,) = [each for each in await doctor.examine(kit, identity, clocks.now()) if not each.well]
    assert found.text == f"The scope {scope} is missing: {doctor.NEEDED[scope]}."
