"""Grouping learns from what people call the same or different."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import ADA, ANA, BEN, CEM, DOCS, DOCS_TOO, VPN, Clock, Team
from test_listeners import Door, clock, door, door_to, way  # noqa: F401 # fixtures

import storage.links
from bot.flows import links, merge, regroup, split, suggest, undo
from bot.flows.kit import Kit
from classifiers import answers, grouping, link, train

TOOLS = "gradle webpack bazel terraform ansible kafka redis vault grafana jenkins helm istio argo nexus sonar".split()


@pytest.fixture(scope="module")
def space() -> grouping.Space:
    return grouping.Space.from_texts([text for text, _ in train.corpus()])


@pytest.fixture
def answered(space: grouping.Space) -> tuple[grouping.Index, list[answers.Answer]]:
    """Here, whatever names the same tool is the same, and what only sounds alike is not."""
    index = grouping.Index(space)
    for at, tool in enumerate(TOOLS * 3):
        index.put(2 * at, 2 * at, f"{tool} is slow today number {at}")
        index.put(2 * at + 1, 2 * at + 1, f"cannot start {tool}, exit code one")
    said = []
    for at in range(len(TOOLS) * 3):
        said.append(answers.Answer((2 * at,), (2 * at + 1,), True))
        said.append(answers.Answer((2 * at,), ((2 * at + 2) % (6 * len(TOOLS)),), False))
    return index, said


def test_answers_make_a_link_that_tells_what_was_held_back_better(
    answered: tuple[grouping.Index, list[answers.Answer]],
) -> None:
    learned = answers.learn(*answered, link.SHIPPED)
    assert learned is not None
    assert learned.new_loss < learned.old_loss
    assert learned.no_worse
    assert 0 < learned.held_back < learned.answers == len(answered[1])
    assert answers.learn(*answered, link.SHIPPED) == learned


def test_a_link_that_tells_them_worse_is_not_taken(answered: tuple[grouping.Index, list[answers.Answer]]) -> None:
    index, said = answered
    turned = [answers.Answer(each.some, each.others, each.same != answers.held_back(each)) for each in said]
    learned = answers.learn(index, turned, link.SHIPPED)
    assert learned is not None and not learned.no_worse


def test_a_link_that_is_near_certain_of_more_that_is_different_is_not_taken(
    answered: tuple[grouping.Index, list[answers.Answer]],
) -> None:
    learned = answers.learn(*answered, link.SHIPPED)
    assert learned is not None
    assert not replace(learned, new_wrong=learned.old_wrong + 1).no_worse


def test_what_is_near_certain_and_different_is_counted_for_both(
    answered: tuple[grouping.Index, list[answers.Answer]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "JOIN", 0.0)
    learned = answers.learn(*answered, link.SHIPPED)
    different = sum(answers.held_back(each) and not each.same for each in answered[1])
    assert learned is not None and learned.old_wrong == learned.new_wrong == different > 0


def test_few_answers_or_answers_of_one_kind_teach_nothing(
    answered: tuple[grouping.Index, list[answers.Answer]],
) -> None:
    index, said = answered
    assert answers.learn(index, said[: answers.ENOUGH - 1], link.SHIPPED) is None
    assert answers.learn(index, [each for each in said if each.same], link.SHIPPED) is None
    gone = [answers.Answer((9_999,), (10_000,), each.same) for each in said]
    assert answers.learn(index, gone, link.SHIPPED) is None


async def test_a_night_learns_what_people_said_and_every_process_takes_it_up(
    team: Team, kit: Kit, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "JOIN", 1.1)
    monkeypatch.setattr(answers, "ENOUGH", 8)
    for tool in TOOLS[:6]:
        await team.file(f"{tool} build is slow again today", by=ANA)
        await team.file(f"the {tool} build takes for ever", by=BEN)
    for first in range(1, 13, 2):
        await merge.merge(kit, first, first + 1, ADA, clock())
        await merge.tell_apart(kit, first, (first + 2) % 12, ADA, clock())
    await regroup.look(kit, clock.forward(days=1))
    async with kit.database.reading() as session:
        fit = await storage.links.latest(session, kit.house.workspace_id)
    assert fit is not None and fit.answers == 12
    assert f"{fit.held_back} held back" in links.in_words(fit)
    in_use = fit.weights if fit.taken else [link.SHIPPED.bias, *link.SHIPPED.weights]
    assert [kit.groups.model.bias, *kit.groups.model.weights] == in_use
    await regroup.look(kit, clock.forward(days=1))
    async with kit.database.reading() as session:
        again = await storage.links.latest(session, kit.house.workspace_id)
    assert again is not None and again.id == fit.id
    other = link.Link(-1.0, tuple(range(len(link.SHIPPED.weights))))
    async with kit.database.transaction() as session:
        fit.id, fit.taken, fit.weights = None, True, [other.bias, *other.weights]
        await storage.links.add(session, type(fit)(**fit.model_dump()))
    await links.take_up(kit, clock())
    async with kit.database.reading() as session:
        index = await kit.groups.current(session)
    assert index.model == kit.groups.model == other


async def test_settings_tell_what_grouping_asked_and_joined_and_what_people_made_of_it(
    team: Team, kit: Kit, door: Door, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def told() -> str:
        settings = await door.command("settings")
        return str(settings["text"]).partition("Grouping in the last 90 days: ")[2]

    await team.file(DOCS, by=ANA)
    assert await told() == ""
    joined = await team.file(f"again: {DOCS}", by=BEN)
    monkeypatch.setattr(grouping, "JOIN", 1.1)
    await team.file(DOCS_TOO, by=CEM)
    await team.file(VPN, by=CEM)
    assert (await told()).startswith("asked 1 time, 0 yes; joined 1 alone, 0 undone.")
    await suggest.answer(kit, 1, True, CEM, clock(), own=True)
    done = await split.set_apart(kit, joined.id or 0, BEN, clock())
    assert (await told()).startswith("asked 1 time, 1 yes; joined 1 alone, 1 undone.")
    await undo.undo(kit, done.fact_id or 0, BEN, clock())
    assert "joined 1 alone, 0 undone" in await told()
    await team.file(DOCS_TOO, by=ADA)
    monkeypatch.setattr(grouping, "JOIN", 0.3)
    await regroup.look(kit, clock.forward(days=1))
    assert (await told()).startswith("asked 2 times, 2 yes; joined 2 alone, 0 undone.")
    assert await links.record(kit, clock.forward(days=links.RECENT.days)) is None
