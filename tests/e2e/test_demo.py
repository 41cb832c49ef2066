"""The whole demo, as a visitor starts it."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from bot.demo import company

pytestmark = pytest.mark.e2e

HOUSE = Path(__file__).parents[2]


async def test_the_demo_plays_its_fortnight_prints_both_digests_and_leaves(fetched: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "FRICTION_CACHE": str(fetched), "PYTHONPATH": str(HOUSE)}  # noqa: TID251
    demo = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--once", "--port", "0"),
        cwd=tmp_path,  # where there is no .env
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(120):
            written, _ = await demo.communicate()
    finally:
        if demo.returncode is None:
            demo.kill()
            await demo.wait()
    said = written.decode()
    assert demo.returncode == 0, said
    assert "Traceback" not in said and "played here in the terminal" not in said
    for person, areas in company.AREAS.items():
        _, _, digest = said.partition(f"{person.real_name}’s digest")
        assert f"{areas[0].capitalize()} and {areas[1]}" in digest
        assert "This is your first digest." in digest and "Impact" in digest and "F-" in digest
