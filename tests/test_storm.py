"""Two replicas, and whatever can go wrong at once: nothing is lost, and nothing is there twice."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import storm as storms
from storm import Storm

from storage.database import Database

#: Seconds of it, and in the long form.
SHORT, HOUR = 20, 3600


@pytest.fixture
def backend() -> str:
    return "postgresql"


async def test_two_replicas_lose_nothing_and_double_nothing_in_a_storm(
    database: Database,
    workspace: str,
    cache: Path,
    classifier: object,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seconds = HOUR if request.config.getoption("--long") else SHORT
    async with storms.workspace() as slack:
        shutil.copy(cache / "area.npz", tmp_path)  # which others may be writing anew
        storm = Storm(slack, database, tmp_path, tmp_path, seed=20261124)
        await storm.blow(seconds)
        with capsys.disabled():
            print(f"\n{storm.told()}")
        assert await storm.faults() == []
    assert len(storm.commands) > 10
    assert storm.votes
    assert sum(storm.weather.values()) >= 5
