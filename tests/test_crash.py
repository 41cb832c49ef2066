"""Killed at any moment under load, and started again: what was acknowledged is there, and nothing is there twice.

Here a few times; `chaos.py` does it five hundred times, and says so.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import chaos as chaoses
import pytest
from fakes.slack import FakeSlack

from storage.database import Database


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """A Slack that lives by the real clock, as the bot does here."""
    slack = chaoses.workspace()
    await slack.start()
    yield slack
    await slack.stop()


async def test_nothing_that_was_acknowledged_is_lost_or_doubled_however_often_the_process_is_killed(
    slack: FakeSlack, database: Database, workspace: str, cache: Path, classifier: object
) -> None:
    chaos = chaoses.Chaos(slack, database, cache, random.Random(7))
    for _ in range(3):
        await chaos.one_life()
    await chaos.last_life()
    assert await chaos.faults() == []
    taken = chaos.people.taken
    assert len(taken.reports) > 10
    assert taken.votes
