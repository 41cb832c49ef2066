"""Whoever runs the bot sees who decided what about which problem: a line for each decision, by ids alone."""

from __future__ import annotations

import json
import logging

import pytest
from conftest import ADA, DOCS, TIM, VPN, Clock, Team

from bot import logs
from bot.flows import assign, correct, merge, rename, snooze, split, status, undo
from bot.flows.kit import Kit

WHY, TICKET, TITLE = "zanzibar quokkas gnaw it", "https://tickets.example/DOC-12", "Quokkas and the kubelet"


async def test_each_decision_is_one_line_with_ids_and_without_a_word_that_anybody_wrote(
    team: Team, kit: Kit, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await team.file(DOCS)
    await team.file(VPN)
    with caplog.at_level(logging.INFO, "bot"):
        for was in ("new", "planned"):  # a double click decides nothing
            await status.set_status(kit, 1, "planned", WHY, TICKET, ADA, clock(), was=was)
        await assign.assign(kit, 1, TIM, ADA, clock(), was="")
        await rename.rename(kit, 1, TITLE, ADA, clock(), was="")
        await rename.retag(kit, 1, "errors", ADA, clock(), was="docs")
        await snooze.snooze(kit, 1, "2", ADA, clock(), was="")
        await correct.retag(kit, 2, "debugging", ADA, clock())
        merged = await merge.merge(kit, 1, 2, ADA, clock())
        await undo.undo(kit, merged.fact_id or 0, ADA, clock())
        await undo.undo(kit, merged.fact_id or 0, ADA, clock())
        await merge.merge(kit, 1, 2, ADA, clock())
        await split.split(kit, 1, [2], ADA, clock(), despite=range(20))
    formatted = [logs.Json().format(record) for record in caplog.records]
    lines = [json.loads(line) for line in formatted]
    decided = [line for line in lines if line["message"] in ("decided", "undone")]
    assert [(line["message"], line["kind"], line.get("cluster"), line.get("report")) for line in decided] == [
        ("decided", "status", 1, None),
        ("decided", "owner", 1, None),
        ("decided", "title", 1, None),
        ("decided", "area", 1, None),
        ("decided", "snooze", 1, None),
        ("decided", "area", None, 2),
        ("decided", "same_as", 2, None),
        ("undone", "same_as", 1, None),
        ("decided", "same_as", 2, None),
        ("decided", "not_same_as", 3, None),
    ]
    assert {line["person"] for line in decided} == {ADA}
    assert len({line["fact"] for line in decided}) == len(decided) - 1  # the undone one is one of the decided
    said = (*WHY.split(), *TITLE.split(), *DOCS.split(), "tickets.example")
    assert [word for word in said if len(word) > 3 and any(word in line for line in formatted)] == []
