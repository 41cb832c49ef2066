"""What is exported agrees with what Slack shows."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.demo.company import ANNA, BAO, CHIDI, EMRE, MARTA, NOAM
from e2e.town import Town

pytestmark = pytest.mark.e2e

HOUSE = Path(__file__).parents[2]


async def test_reports_and_clusters_are_exported_as_the_cards_show_them(town: Town, tmp_path: Path) -> None:
    await town.types(ANNA, "the deploy docs still show the old flag")
    await town.types(BAO, "the deploy docs show an old flag still")
    await town.types(CHIDI, "stack traces in the billing service end in minified code")
    flagged = await town.says(EMRE, "The onboarding guide skips the VPN step, so my first day was lost")
    await town.flags(BAO, flagged)
    await town.quiet()
    await town.types(NOAM, "lunch was cold")
    await town.quiet()
    await town.votes(MARTA, "F-1")
    await town.votes(MARTA, "F-2")
    await town.votes(ANNA, "F-2", "raised_hands")
    (own,) = await town.whispers(CHIDI)
    await town.presses(CHIDI, own, "report_area", "errors")
    (own,) = await town.whispers(NOAM)
    await town.presses(NOAM, own, "report_undo")
    await town.quiet()

    cards = await town.cards()
    clusters = await _exported(town, tmp_path, "clusters")
    assert clusters == await town.export("clusters")
    told = {
        row["cluster"]: (row["title"], row["area"], row["developers"], row["leads"], row["card_ts"]) for row in clusters
    }
    shown = {handle: (card.title, card.area, card.developers, card.leads, card.ts) for handle, card in cards.items()}
    assert told == shown
    assert {handle: card.developers for handle, card in cards.items()} == {"F-1": 3, "F-2": 3, "F-3": 2, "F-4": 0}
    assert {handle: card.leads for handle, card in cards.items()} == {"F-1": 1, "F-2": 1, "F-3": 0, "F-4": 0}

    reports = await town.export("reports")
    said = {row["cluster"]: row["area"] for row in reports if row["cluster"]}
    assert said == {handle: card.area for handle, card in cards.items() if card.developers}
    for handle, (person, channel) in {"F-1": (ANNA, None), "F-3": (EMRE, "C0ENGIN02")}.items():
        row = next(row for row in reports if row["cluster"] == handle)
        assert row["reporter"] == person.id and (channel is None or row["message_ts"] == flagged)
    assert [row["cluster"] for row in reports].count("F-1") == 2


async def _exported(town: Town, folder: Path, what: str) -> list[dict[str, Any]]:
    """What `friction export` writes, in a process of its own beside the running bot."""
    known = town.settings
    environment = {
        "PATH": os.environ["PATH"],  # noqa: TID251
        "PYTHONPATH": str(HOUSE),
        "SLACK_BOT_TOKEN": known.slack_bot_token.get_secret_value(),
        "SLACK_API_URL": known.slack_api_url,
        "DATABASE_URL": known.database_url,
        "LEADS": ",".join(known.leads),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "export", what),
        cwd=folder,  # where there is no .env
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    written, complaints = await process.communicate()
    assert process.returncode == 0, complaints.decode()
    return [json.loads(line) for line in written.decode().splitlines()]
