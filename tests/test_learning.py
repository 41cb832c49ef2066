"""The classifier learns from corrections: of this workspace alone, of what still stands, and only for the better."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import ADA, ANA, BEN, MONDAY, Clock, Team, stored
from fakes import slack as fakes

import storage.clusters
import storage.fits
from bot import clock as clocks
from bot import scheduler
from bot.flows import correct, rename, undo
from bot.flows import learn as flows
from bot.flows.kit import Classifier, Kit
from classifiers import area, areas, learn, train
from storage import workspaces
from storage.database import Database
from storage.models import Fit, Report

Work = Callable[..., Awaitable[None]]

#: One made-up kind in many words, none of which the corpus has for it.
YAK = (
    "the yak shaver is jammed",
    "yak shaver jammed again, third time this week",
    "our yak shaver got stuck on the second yak",
    "cannot shave the yak, the shaver is jammed",
    "shaver jam on yak-02, had to reset it by hand",
    "the thing that shaves yaks is blocked",
    "yak shaver stuck since nine, the whole team waits",
    "the yak shaver in building C refuses to turn",
    "blades of the yak shaver are blocked by wool",
    "yak shaver: the jam light is on",
    "why is the yak shaver always jammed on Mondays",
    "somebody please unjam the yak shaver",
    "yak shaving stopped, the shaver is stuck",
    "the shaver eats wool and then the yak is stuck in it",
    "half a yak done and the yak shaver jams",
    "yak shaver down with a jam, no idea for how long",
    "a jam in the yak shaver blocks the release train",
    "the new yak shaver jams more often than the old one",
    "pressed the button, the yak shaver hums and is stuck",
    "nobody can shave a yak, it jams at once",
)
TWENTY_FIRST = "it is jammed again, our shaver for yaks"


@pytest.fixture
def small(kit: Kit, tmp_path: Path, small_corpus: None) -> Kit:
    """The parts with a corpus that is soon learned."""
    kept = tmp_path / "area.npz"
    return _another(kit, train.load_or_fit(kept)[0], kept)


def _another(kit: Kit, model: area.AreaClassifier, kept: Path) -> Kit:
    return Kit(kit.database, kit.slack, kit.house, Classifier(model, kept), kit.groups, kit.leads)


@pytest.fixture
def teachers(small: Kit, team: Team) -> Team:
    team.kit = small
    return team


async def teach(team: Team, *texts: str, to: str = "debugging") -> list[int]:
    """Report these and move each to an area; gives back the reports' ids."""
    ids = []
    for text in texts:
        report = await team.file(text)
        await correct.retag(team.kit, report.id or 0, to, ANA, team.clock.forward(seconds=1))
        ids.append(report.id or 0)
    return ids


async def learned(kit: Kit, now: dt.datetime) -> Fit | None:
    return await flows.learn_from(kit.database, kit.house.workspace_id, kit.house.about, kit.area.kept, now)


async def words_of(kit: Kit) -> str:
    """All that a learned model holds of anybody's words."""
    async with kit.database.reading() as session:
        model = await storage.fits.model(session, kit.house.workspace_id)
    assert model is not None
    return words_in(model.file)


def words_in(file: bytes) -> str:
    with np.load(io.BytesIO(file), allow_pickle=False) as arrays:
        return "\n".join(
            arrays[name].tobytes().decode("utf-8", "replace") for name in arrays.files if arrays[name].dtype == np.uint8
        )


# Learning


async def test_corrections_teach_the_next_report_and_every_replica_takes_it_up(
    small: Kit, teachers: Team, clock: Clock
) -> None:
    other = _another(small, small.area._model, small.area.kept)
    assert small.area.answer(TWENTY_FIRST).area != "debugging"
    corpus = train.corpus()
    before = {report: small.area.answer(report).area for report, _ in corpus}
    await teach(teachers, *YAK)
    await flows.nightly(small, clock())
    assert small.area.answer(TWENTY_FIRST).area == "debugging"
    after = {report: small.area.answer(report).area for report, _ in corpus}
    assert sum(before[report] != after[report] for report in before) <= len(before) * 0.02

    assert other.area.answer(TWENTY_FIRST).area != "debugging"
    await flows.take_up(other, clock())
    assert other.area.answer(TWENTY_FIRST).area == "debugging"
    async with small.database.reading() as session:
        fit = await storage.fits.latest(session, fakes.TEAM)
    assert fit is not None
    assert fit.taken
    assert len(fit.lessons) + fit.held_back == len(YAK)
    assert fit.held_back > 0
    assert fit.old_score is not None
    assert fit.new_score is not None
    assert fit.new_score > fit.old_score
    assert "It is in use." in flows.in_words(fit)


async def test_nothing_new_fits_nothing(small: Kit, teachers: Team, clock: Clock) -> None:
    assert await learned(small, clock()) is None
    ids = await teach(teachers, *YAK[:3])
    assert await learned(small, clock()) is not None
    assert await learned(small, clock.forward(days=1)) is None
    await correct.retag(small, ids[0], "docs", ANA, clock.forward(seconds=1))
    assert await learned(small, clock()) is not None


async def test_the_night_s_fit_is_made_by_one_of_several_processes(
    small: Kit, teachers: Team, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await teach(teachers, *YAK[:4])
    fitting = flows._apart
    begun = 0

    async def counted(task: learn.Task) -> learn.Outcome:
        nonlocal begun
        begun += 1
        return await fitting(task)

    monkeypatch.setattr(flows, "_apart", counted)
    replicas = [small, _another(small, small.area._model, small.area.kept)]
    await asyncio.gather(*(flows.nightly(each, clock()) for each in replicas))
    await asyncio.gather(*(flows.nightly(each, clock.forward(minutes=10)) for each in replicas))
    assert begun == 1

    await teach(teachers, *YAK[4:6])
    await flows.nightly(small, clock())
    assert begun == 1  # not before the night
    await flows.nightly(small, clock.forward(days=1))
    assert begun == 2


async def test_a_fit_whose_process_died_is_made_up_for_an_hour_later(small: Kit, teachers: Team, clock: Clock) -> None:
    await teach(teachers, *YAK[:3])
    async with small.database.transaction() as session:
        assert await storage.fits.claim(session, fakes.TEAM, clock(), until=clock() + flows.LEASE)
    await flows.nightly(small, clock.forward(minutes=59))
    assert small.area.fit_id == 0
    await flows.nightly(small, clock.forward(minutes=2))
    assert small.area.fit_id != 0


async def test_a_model_that_is_worse_on_recent_corrections_is_not_taken_and_both_scores_are_kept(
    small: Kit, teachers: Team, clock: Clock
) -> None:
    await teach(teachers, *YAK)
    await flows.nightly(small, clock())
    first = small.area.fit_id
    # Somebody moves everything that is learned from elsewhere; what is held back stays as it was.
    async with small.database.transaction() as session:
        for each in await storage.fits.taught(session, fakes.TEAM):
            lesson = learn.Lesson(each.report_id, each.text, each.area, recent=True)
            if not learn.held_back(lesson):
                report = await session.get(Report, each.report_id)
                assert report is not None
                report.area = "docs"
    fit = await learned(small, clock.forward(days=1))
    assert fit is not None
    assert not fit.taken
    assert fit.new_score is not None
    assert fit.old_score is not None
    assert fit.new_score < fit.old_score
    assert "so the old one stays" in flows.in_words(fit)
    await flows.take_up(small, clock())
    assert small.area.fit_id == first
    assert small.area.answer(TWENTY_FIRST).area == "debugging"


async def test_only_who_is_human_teaches_and_the_last_word_counts(small: Kit, teachers: Team, clock: Clock) -> None:
    await teachers.file("the deploy docs still show the old flag")
    chosen = await teachers.file("the yak shaver is jammed", area="errors")
    (moved,) = await teach(teachers, "yak shaver stuck", to="docs")
    await correct.retag(small, moved, "unsorted", ADA, clock.forward(seconds=1))
    (gone,) = await teach(teachers, "nobody can shave a yak")
    await correct.withdraw(small, gone, ANA, clock.forward(seconds=1))
    async with small.database.reading() as session:
        taught = await storage.fits.taught(session, fakes.TEAM)
    assert [(each.report_id, each.area) for each in taught] == [(chosen.id, "errors"), (moved, "unsorted")]
    assert clock() - dt.timedelta(seconds=4) < taught[1].at < clock()
    lessons = flows._lessons(taught, small.house.areas, clock())
    assert [lesson.area for lesson in lessons] == ["errors", area.NONE]


async def test_what_is_said_of_a_cluster_teaches_each_of_its_reports_until_it_is_undone(
    small: Kit, teachers: Team, clock: Clock
) -> None:
    for text in YAK[:2]:
        await teachers.file(text)
    for cluster_id in (1, 2):
        async with small.database.reading() as session:
            if await storage.clusters.get(session, small.house.workspace_id, cluster_id) is not None:
                done = await rename.retag(small, cluster_id, "errors", ADA, clock.forward(minutes=1), was="")
    async with small.database.reading() as session:
        taught = await storage.fits.taught(session, small.house.workspace_id)
    assert [(each.text, each.area) for each in taught] == [(text, "errors") for text in YAK[:2]]
    await undo.undo(small, done.fact_id or 0, ADA, clock.forward(minutes=1))
    async with small.database.reading() as session:
        assert len(await storage.fits.taught(session, small.house.workspace_id)) < 2


async def test_secrets_are_masked_before_anything_is_learned(small: Kit, teachers: Team, clock: Clock) -> None:
    secret = "xoxb-" + "123456789012-" * 2 + "AbCdEfGhIjKlMnOpQrStUvWx"
    await teach(teachers, *(f"the yak shaver printed {secret} {text}" for text in YAK[:4]))
    await learned(small, clock())
    assert secret.lower() not in (await words_of(small)).lower()


# Whose words are where


async def test_a_withdrawn_report_s_words_are_gone_at_once_and_after_the_next_fit_even_if_that_is_worse(
    small: Kit, teachers: Team, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lately = [f"zanzibarquux {text}" for text in YAK[:6]]
    ids = await teach(teachers, *lately, *YAK[6:])
    await flows.nightly(small, clock())
    assert "zanzibarquux" in await words_of(small)
    for report_id in ids[:6]:
        await correct.withdraw(small, report_id, ANA, clock.forward(seconds=1))
    assert "zanzibar" not in await stored(small.database)
    monkeypatch.setattr(learn.Outcome, "no_worse", property(lambda _: False))
    await flows.nightly(small, clock.forward(days=1))
    assert "zanzibar" not in await stored(small.database)
    async with small.database.reading() as session:
        assert await storage.fits.model(session, fakes.TEAM) is None, "the corpus alone answers"


async def test_when_everything_was_withdrawn_the_corpus_alone_is_left(small: Kit, teachers: Team, clock: Clock) -> None:
    ids = await teach(teachers, *YAK[:6])
    await flows.nightly(small, clock())
    for report_id in ids:
        await correct.withdraw(small, report_id, ANA, clock.forward(seconds=1))
    await flows.nightly(small, clock.forward(days=1))
    assert "yak" not in (await words_of(small)).split()
    assert await learned(small, clock.forward(days=1)) is None


async def test_one_workspace_s_words_never_reach_another_s_model(
    small: Kit, teachers: Team, clock: Clock, database: Database
) -> None:
    await teach(teachers, *(f"zanzibarquux {text}" for text in YAK[:6]))
    async with database.transaction() as session:
        await workspaces.ensure(session, "T0OTHER", "Other")
        held = await workspaces.lock(session, "T0OTHER")
        cluster = await storage.clusters.start(session, held, area="docs", now=MONDAY)
        for number in range(6):
            session.add(
                Report(
                    workspace_id="T0OTHER",
                    key=f"command:{number}",
                    text=f"wombatfrotz number {number} is not where it was",
                    area="docs",
                    area_by="reporter",
                    source="command",
                    cluster_id=cluster.id,
                    said_at=MONDAY,
                    created_at=MONDAY,
                )
            )
    await learned(small, clock())
    await flows.learn_from(database, "T0OTHER", small.house.about, small.area.kept, clock())
    async with database.reading() as session:
        theirs = await storage.fits.model(session, "T0OTHER")
    assert theirs is not None
    assert "wombatfrotz" in words_in(theirs.file)
    assert "zanzibar" not in words_in(theirs.file)
    assert "zanzibarquux" in await words_of(small)
    assert "wombat" not in await words_of(small)
    assert await flows.workspaces(database) == ["T0OTHER", fakes.TEAM]


# A model that cannot be used


async def test_a_learned_model_that_does_not_load_is_rebuilt_with_a_line_in_the_log(
    small: Kit, teachers: Team, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await teach(teachers, *YAK)
    await learned(small, clock())
    async with small.database.transaction() as session:
        model = await storage.fits.model(session, fakes.TEAM)
        assert model is not None
        model.file = model.file[: len(model.file) // 2]
    await flows.begin(small, clock.forward(seconds=1))
    assert small.area.fit_id == 0
    assert "cannot be used and is rebuilt" in caplog.text
    await flows.nightly(small, clock.forward(seconds=1))
    assert small.area.answer(TWENTY_FIRST).area == "debugging"


async def test_a_model_of_other_areas_waits_for_a_new_fit_and_what_it_was_taught_stays(
    small: Kit, teachers: Team, clock: Clock
) -> None:
    await teach(teachers, *YAK)
    await flows.nightly(small, clock())
    yaks = areas.Area("yaks", "Yaks", "shaving them", "", tuple(f"{text}, the yak" for text in YAK[:10]))
    model, _ = train.load_or_fit(small.area.kept, (*areas.BUILT_IN, yaks))
    changed = _another(small, model, small.area.kept)
    object.__setattr__(changed.house, "about", (*areas.BUILT_IN, yaks))
    await flows.begin(changed, clock.forward(seconds=1))
    assert changed.area.fit_id == 0
    await flows.nightly(changed, clock.forward(seconds=1))
    assert changed.area.fit_id > 1
    assert set(changed.area.answer(TWENTY_FIRST).ranked) == {*train.AREAS, "yaks"}


# The record


async def test_the_record_counts_what_people_let_stand_and_says_nothing_of_few(
    small: Kit, teachers: Team, clock: Clock
) -> None:
    said = "the deploy docs still show the old flag"
    assert small.area.answer(said).area == "docs"
    filed = [await teachers.file(f"{said} {number}") for number in range(19)]
    await teachers.file(said, by=None)  # nobody could have objected
    clock.forward(days=2)
    assert await flows.record(small, clock()) == {}
    filed.append(await teachers.file(said))
    assert await flows.record(small, clock()) == {}  # its reporter has had no chance yet
    clock.forward(days=2)
    for report in filed[:3]:
        await correct.retag(small, report.id or 0, "errors", ANA, clock.forward(seconds=1))
    await correct.retag(small, filed[0].id or 0, "docs", ANA, clock.forward(seconds=1))
    (record,) = (await flows.record(small, clock())).values()
    assert (record.area, record.right, record.answered) == ("docs", 90, 20)
    await correct.withdraw(small, filed[5].id or 0, ANA, clock.forward(seconds=1))
    assert await flows.record(small, clock()) == {}
    assert await flows.record(small, clock.forward(days=91)) == {}


async def test_the_home_and_the_settings_show_the_record(
    small: Kit, teachers: Team, clock: Clock, slack: fakes.FakeSlack
) -> None:
    for number in range(20):
        await teachers.file(f"the deploy docs still show the old flag {number}", by=BEN)
    from bot.flows import home

    await home.draw(small, ADA, clock.forward(days=2))
    shown = json.dumps(slack.called("views.publish")[-1], ensure_ascii=False)
    assert "docs: right 100 % of 20 answered in the last 90 days" in shown


# Thresholds


def verdicts(right: int, wrong: int, confidence: float, key: str = "docs") -> list[learn.Verdict]:
    return [learn.Verdict(key, confidence, at < right) for at in range(right + wrong)]


def test_thresholds_follow_what_people_say_once_enough_of_them_have(classifier: area.AreaClassifier) -> None:
    ours = classifier.thresholds_
    assert learn.thresholds(classifier, verdicts(20, 29, 0.97)) == ours
    doubted = learn.thresholds(classifier, [*verdicts(100, 0, 0.98), *verdicts(50, 50, 0.9)])
    assert ours["docs"] < doubted["docs"] < 0.98
    assert {key: value for key, value in doubted.items() if key != "docs"} == {
        key: value for key, value in ours.items() if key != "docs"
    }
    trusted = learn.thresholds(classifier, [*verdicts(300, 0, 0.9), *verdicts(300, 0, 0.3)])
    assert classifier.floor <= trusted["docs"] < ours["docs"]
    never = learn.thresholds(classifier, verdicts(0, 500, 0.9))
    assert ours["docs"] < never["docs"] < 1


# Whatever is reported


def test_whatever_people_report_can_be_learned_from(small: Kit, tmp_path: Path, backend: str) -> None:
    if backend != "sqlite":
        pytest.skip("no database is asked")
    strange = (
        "\ud800 lone",
        "",
        "x",
        "\x00\x01",
        "🔥" * 50,
        "部署文档还是旧的",
        "a" * 10_000,
        "`" * 99,
        "\n\n",
        "İİİ ß ﬁ",
    )
    lessons = tuple(learn.Lesson(number, text, "docs", recent=True) for number, text in enumerate(strange * 2))
    task = learn.Task(areas.BUILT_IN, lessons, (), str(small.area.kept), "", str(tmp_path / "new.npz"))
    outcome = learn.do(learn.read(learn.written(task)))
    assert outcome.held_back == sum(map(learn.held_back, lessons))
    assert area.AreaClassifier.load(tmp_path / "new.npz").answer("\ud800").area == area.UNSORTED
    assert learn.fingerprint(areas.BUILT_IN, lessons) == learn.fingerprint(areas.BUILT_IN, lessons[::-1])
    assert learn.fingerprint(areas.BUILT_IN, lessons) != learn.fingerprint(areas.BUILT_IN, lessons[1:])


# The process


async def test_a_process_of_its_own_fits(
    kit: Kit, cache: Path, tmp_path: Path, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if backend != "sqlite":
        pytest.skip("the process knows of no database")
    lessons = tuple(learn.Lesson(number, text, "debugging", recent=False) for number, text in enumerate(YAK))
    task = learn.Task(areas.BUILT_IN, lessons, (), str(kit.area.kept), "", str(tmp_path / "new.npz"))
    assert await flows._apart(task) == learn.Outcome(0, None, None)
    assert area.AreaClassifier.load(tmp_path / "new.npz").answer(TWENTY_FIRST).area == "debugging"
    wrong = learn.Task(areas.BUILT_IN, lessons, (), str(kit.area.kept), str(tmp_path / "none.npz"), "")
    with pytest.raises(flows.NotLearned, match="ValueError"):
        await flows._apart(wrong)


async def test_a_fit_ends_with_the_bot(small: Kit, teachers: Team, clock: Clock, backend: str) -> None:
    if backend != "sqlite":
        pytest.skip("nor does the metronome")
    begun, cut = asyncio.Event(), asyncio.Event()

    async def endless(_: learn.Task) -> learn.Outcome:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cut.set()
        raise AssertionError

    await teach(teachers, *YAK[:3])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flows, "_apart", endless)
        async with asyncio.timeout(10):
            async with scheduler.beating(small, clock, clocks.LastCall(60)):
                await begun.wait()
    assert cut.is_set()
