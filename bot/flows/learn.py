"""The classifier learns from what people set right: at night, apart from the bot, and only what makes it no worse."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import logging
import sys
import tempfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import storage.fits
from bot import rules, views
from bot.flows.kit import Kit
from classifiers import area, areas, learn, train
from storage.database import Database
from storage.models import Fit

log = logging.getLogger(__name__)

#: How long one fit may take; a process that died over it is made up for after as long.
LEASE = dt.timedelta(hours=1)

#: What is recent: corrections to compare models on, and answers to be judged by.
RECENT = dt.timedelta(days=90)

#: How long people have before an answer that nobody has changed counts as right.
CHANCE = dt.timedelta(days=1)


class NotLearned(Exception):
    """The process that fits came to no end; the message says how."""


async def nightly(kit: Kit, now: dt.datetime) -> None:
    """Learn if it is time and there is something new. Of several processes one does."""
    workspace_id = kit.house.workspace_id
    async with kit.database.transaction() as session:
        if not await storage.fits.claim(session, workspace_id, now, until=now + LEASE):
            return
    await learn_from(kit.database, workspace_id, kit.house.about, kit.area.kept, now)
    async with kit.database.transaction() as session:
        await storage.fits.due_again(session, workspace_id, _next_night(now))
    await take_up(kit, now)


async def learn_from(
    database: Database, workspace_id: str, there: Sequence[areas.Area], kept: Path, now: dt.datetime
) -> Fit | None:
    """Fit a workspace's classifier on all that its people have said, and take it if it is no worse on recent
    corrections that neither the old one nor the new one has seen.

    One that was fitted on words that are gone by now is replaced in any case: the words outlive nobody's wish.
    `kept`: where the model of the corpus alone is kept. None: there is nothing new. Raises NotLearned.
    """
    async with database.reading() as session:
        taught = await storage.fits.taught(session, workspace_id)
        judged = await storage.fits.judged(session, workspace_id, now - RECENT, now - CHANCE)
        latest, used = (
            await storage.fits.latest(session, workspace_id),
            await storage.fits.in_use(session, workspace_id),
        )
        model = await storage.fits.model(session, workspace_id)
    if not taught and latest is None:
        return None
    lessons = _lessons(taught, areas.keys(there), now)
    examples, print_ = await asyncio.to_thread(_prints, there, lessons)
    comparable = model is not None and used is not None and used.examples == examples and await _sound(model.file)
    if latest is not None and latest.taught == print_ and (comparable or used is None):
        return None
    with tempfile.TemporaryDirectory(prefix="friction-fit-") as folder:
        old, new = Path(folder) / "old.npz", Path(folder) / "new.npz"
        if comparable and model is not None:
            old.write_bytes(model.file)
        verdicts = tuple(learn.Verdict(each.area, each.confidence, each.stood) for each in judged)
        task = learn.Task(tuple(there), lessons, verdicts, str(kept), str(old) if comparable else "", str(new))
        outcome = await _apart(task)
        file = new.read_bytes()
    known = _digests(lessons)
    gone = used is not None and any(known.get(key) != digest for key, digest in used.lessons.items())
    fit = Fit(
        workspace_id=workspace_id,
        fitted_at=now,
        examples=examples,
        taught=print_,
        lessons=known,
        held_back=outcome.held_back,
        old_score=outcome.old_score,
        new_score=outcome.new_score,
        taken=outcome.no_worse or gone,
    )
    async with database.transaction() as session:
        await storage.fits.add(session, fit, file)
    log.info("classifier fitted", extra={"fit": fit.id, "lessons": len(lessons), "taken": fit.taken})
    return fit


async def take_up(kit: Kit, _now: dt.datetime) -> None:
    """Answer by the model that is in use in this workspace, if another process has put a new one in its place."""
    workspace_id = kit.house.workspace_id
    async with kit.database.reading() as session:
        version = await storage.fits.version(session, workspace_id)
        if version == kit.area.fit_id:
            return
        if version == 0:
            # Somebody took back what it was taught by.
            kit.area.drop()
            return
        fit, model = await storage.fits.in_use(session, workspace_id), await storage.fits.model(session, workspace_id)
    if fit is None or model is None or fit.examples != kit.area.examples:
        return
    taken = await asyncio.to_thread(_loaded, model.file)
    if taken is not None:
        kit.area.take(taken, model.fit_id)
        log.info("classifier taken up", extra={"fit": model.fit_id})


async def begin(kit: Kit, now: dt.datetime) -> None:
    """At the start: take up the model in use. One that cannot be used, or was made for other areas, is made anew at
    once, beside the work; till then the corpus' own answers."""
    await take_up(kit, now)
    async with kit.database.transaction() as session:
        version = await storage.fits.version(session, kit.house.workspace_id)
        if version and version != kit.area.fit_id:
            log.warning("The learned model cannot be used and is rebuilt.", extra={"fit": version})
            await storage.fits.due_again(session, kit.house.workspace_id, now)


async def in_use(database: Database, workspace_id: str, there: Sequence[areas.Area]) -> area.AreaClassifier | None:
    """The model that a bot would answer by in this workspace; None while that is the corpus' own."""
    async with database.reading() as session:
        fit, model = await storage.fits.in_use(session, workspace_id), await storage.fits.model(session, workspace_id)
    if fit is None or model is None or fit.examples != train.corpus_hash(there):
        return None
    return _loaded(model.file)


def in_words(fit: Fit) -> str:
    """`32 corrections learned, 8 held back: of those the old model had 5 right and the new one 7. It is in use.`"""
    learned = f"{views.blocks.count(len(fit.lessons), 'correction')} learned, {fit.held_back} held back"
    if fit.old_score is not None and fit.new_score is not None:
        old, new = (round(score * fit.held_back) for score in (fit.old_score, fit.new_score))
        learned += f": of those the old model had {old} right and the new one {new}"
    return f"{learned}. {'It is in use.' if fit.taken else 'It was worse, so the old one stays.'}"


async def workspaces(database: Database) -> list[str]:
    """The workspaces that are remembered."""
    async with database.reading() as session:
        return await storage.fits.workspaces(session)


async def record(kit: Kit, now: dt.datetime) -> dict[str, views.area.Record]:
    """For each area with enough of them, how many reports of the last 90 days the classifier answered with it, and how
    many of these people let stand.

    Counted are reports whose reporter was told the answer and could change it with one tap: not those filed without a
    name, and not those of the last day. "Right" means that nobody changed the area, or that somebody put it back; who
    does not care lets a wrong one stand, so this flatters. Areas that are no longer there are left out.
    """
    async with kit.database.reading() as session:
        found = await storage.fits.record(session, kit.house.workspace_id, now - RECENT, now - CHANCE)
    shares = {key: rules.areas.share(each.right, each.answered) for key, each in found.items()}
    return {
        key: views.area.Record(key, share, found[key].answered)
        for key in kit.house.areas
        if (share := shares.get(key)) is not None
    }


def _next_night(now: dt.datetime) -> dt.datetime:
    return rules.schedule.next_due(now, every="day", weekday="", at="03:00", tz="UTC")


def _lessons(taught: Sequence[storage.fits.Taught], keys: Sequence[str], now: dt.datetime) -> tuple[learn.Lesson, ...]:
    """What can be learned from: an area that there is, or that it is none of them."""
    labels = {key: key for key in keys} | {rules.areas.UNSORTED: area.NONE}
    return tuple(
        learn.Lesson(each.report_id, each.text, labels[each.area], now - each.at < RECENT)
        for each in taught
        if each.area in labels
    )


def _digests(lessons: Sequence[learn.Lesson]) -> dict[str, str]:
    """Which reports were learned from, and enough of a digest to see that one says something else now."""
    return {
        str(lesson.report_id): sha256(lesson.text.encode("utf-8", "replace")).hexdigest()[:12]
        for lesson in lessons
        if not learn.held_back(lesson)
    }


def _prints(there: Sequence[areas.Area], lessons: Sequence[learn.Lesson]) -> tuple[str, str]:
    return train.corpus_hash(there), learn.fingerprint(there, lessons)


async def _sound(file: bytes) -> bool:
    return await asyncio.to_thread(_loaded, file) is not None


def _loaded(file: bytes) -> area.AreaClassifier | None:
    """The model in a file; None, with a line in the log, when it is no file of this version."""
    with tempfile.NamedTemporaryFile(prefix="friction-model-", suffix=".npz") as copy:
        copy.write(file)
        copy.flush()
        try:
            return area.AreaClassifier.load(Path(copy.name))
        except ValueError as fault:
            log.warning("A learned model cannot be loaded.", extra={"fault": str(fault)})
            return None


async def _apart(task: learn.Task) -> learn.Outcome:
    """Do a task in a process of its own, which ends with us. Raises NotLearned."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        learn.__name__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(LEASE.total_seconds()):
            out, err = await process.communicate(learn.written(task))
    except TimeoutError as error:
        raise NotLearned("Fitting the classifier took more than an hour.") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        # The kind of the error and no more: its message may quote what somebody wrote.
        kind = err.decode(errors="replace").strip().rpartition("\n")[2].partition(":")[0]
        raise NotLearned(f"Fitting the classifier failed: {kind or process.returncode}.")
    said: Mapping[str, Any] = json.loads(out)
    return learn.Outcome(**said)
