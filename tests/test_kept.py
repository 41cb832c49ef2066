"""The night keeps its index for the next start, and nothing in it outlives a wish."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ANA, BEN, DOCS, DOCS_TOO, VPN, Clock, Team

from bot.flows import correct, regroup
from bot.flows.kit import Kit
from classifiers import grouping
from storage.database import Database

RARE = "quuxification of the flombert fails"


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("groups-*.npz"))


async def taken_up(kit: Kit) -> tuple[int, grouping.Index]:
    """How many reports a start finds kept, and its index when it has caught up."""
    async with kit.database.reading() as session:
        await kit.groups.take_up(session)
        found = len(kit.groups._index)
        return found, await kit.groups.current(session)


async def test_a_start_begins_with_what_the_night_kept_and_reads_what_came_since(
    kit: Kit, team: Team, clock: Clock, cache: Path, database: Database, kit_on: Callable[[Database], Kit]
) -> None:
    await team.file(DOCS, ANA)
    await team.file(VPN, BEN)
    await regroup.look(kit, clock())
    await team.file(DOCS_TOO, BEN)
    found, index = await taken_up(kit_on(database))
    assert (found, len(index)) == (2, 3)
    assert index.candidates(DOCS)[0].cluster == 1


async def test_a_taken_back_report_leaves_no_word_in_the_kept_index(
    kit: Kit, team: Team, clock: Clock, cache: Path
) -> None:
    await team.file(RARE, ANA)
    await regroup.look(kit, clock())
    assert any(b"flombert" in path.read_bytes() for path in kept(cache))
    await correct.withdraw(kit, 1, ANA, clock())
    async with kit.database.reading() as session:
        await kit.groups.current(session)
    assert kept(cache) == []
    await regroup.look(kit, clock())
    assert not any(b"flombert" in path.read_bytes() for path in kept(cache))


async def test_a_broken_index_is_read_anew_and_said_so(
    kit: Kit,
    team: Team,
    clock: Clock,
    cache: Path,
    database: Database,
    kit_on: Callable[[Database], Kit],
    caplog: pytest.LogCaptureFixture,
) -> None:
    await team.file(DOCS, ANA)
    await regroup.look(kit, clock())
    path = kept(cache)[0]
    path.write_bytes(path.read_bytes()[:-40])
    with caplog.at_level(logging.WARNING):
        found, index = await taken_up(kit_on(database))
    assert (found, len(index)) == (0, 1)
    assert "The kept index cannot be used" in caplog.text


async def test_another_databases_index_is_not_taken_up(
    kit: Kit, team: Team, clock: Clock, cache: Path, database: Database, kit_on: Callable[[Database], Kit]
) -> None:
    await team.file(DOCS, ANA)
    await regroup.look(kit, clock())
    path = kept(cache)[0]
    path.rename(path.with_name(path.name.replace(path.stem[-4:], "0000")))
    found, index = await taken_up(kit_on(database))
    assert (found, len(index)) == (0, 1)
