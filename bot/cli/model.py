"""`friction classify`, `group`, `train`, `evaluate`: the classifiers by themselves, without Slack."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import app, clock, rules
from bot.cli import plot as plots
from bot.cli import terminal
from bot.flows import learn
from bot.settings import Settings
from classifiers import agreement, areas, grouping, train
from classifiers.area import NONE, AreaClassifier
from classifiers.figures import Figures
from storage.database import DatabaseGone, DatabaseUnusable

log = logging.getLogger(__name__)

commands = typer.Typer()


@commands.command()
def classify(
    words: Annotated[list[str] | None, typer.Argument(help="A report; without one, JSON lines.")] = None,
) -> None:
    """Tag reports with an area: JSON lines {"id","text"} in, {"id","area","confidence"} out."""
    area = asyncio.run(_model(terminal.settings()))
    if words:
        answer = area.answer(rules.text.clean(" ".join(words)))
        sure = f"{min(answer.confidence, 0.99):.0%} sure"
        told = (
            f"unsorted (likeliest {answer.ranked[0]}, {sure})"
            if answer.area == "unsorted"
            else f"{answer.area} ({sure})"
        )
        terminal.out.print(told + (f" because of {', '.join(answer.why)}" if answer.why else ""))
        return
    batch: list[dict[str, Any]] = []
    for line in _json_lines():
        batch.append(line)
        if len(batch) == 500:
            _classified(area, batch)
            batch = []
    _classified(area, batch)


@commands.command()
def group() -> None:
    """Group reports as they would be on arrival: JSON lines {"id","text"} in, {"id","cluster","candidates"} out."""
    terminal.settings()
    index = grouping.Index(app.space())
    ids: list[str] = []
    clusters = 0
    for key, line in enumerate(_json_lines()):
        text, _ = rules.secrets.mask(rules.text.clean(str(line["text"])))
        candidates = index.candidates(text) if text else []
        decision = rules.placement.decide(candidates)
        clusters += not isinstance(decision, rules.placement.Join)
        joined = decision.cluster if isinstance(decision, rules.placement.Join) else clusters
        index.put(key, joined, text)
        ids.append(line["id"])
        near = [
            {"id": ids[each.key], "cluster": f"F-{each.cluster}", "score": round(each.score, 4)} for each in candidates
        ]
        terminal.print_json({"id": line["id"], "cluster": f"F-{joined}", "candidates": near})


@commands.command(name="train")
def train_() -> None:
    """Build the classifier anew from the corpus, and from what people set right where there is a database."""
    wanted = terminal.settings()
    path, there = app.model_path(wanted), wanted.areas()
    examples = train.examples(there)
    fitted = train.fit(examples)
    path.parent.mkdir(parents=True, exist_ok=True)
    fitted.save(path)
    terminal.out.print(f"Trained on {len(examples)} reports; kept at {path}.")
    for told in asyncio.run(_taught(wanted, there)):
        terminal.out.print(told)


@commands.command()
def evaluate(
    labelled: Annotated[
        Path | None, typer.Option(help='JSON lines {"text","area"}: measure on these, not by cross-validation.')
    ] = None,
    groups: Annotated[Path | None, typer.Option(help='JSON lines {"id","text","group"}: measure grouping.')] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw how sure and how right it was into this PNG.")] = None,
) -> None:
    """Measure the classifier: by cross-validation on its own corpus, or on reports whose area you know. Or grouping."""
    if groups is not None:
        _evaluate_grouping(groups)
        return
    wanted = terminal.settings()
    there = wanted.areas()
    if labelled is None:
        figures = train.evaluate(there)
        terminal.out.print(f"By cross-validation on the {figures.reports} reports that it is trained on:")
    else:
        known = _labelled(labelled, areas.keys(there))
        figures = train.judge(asyncio.run(_model(wanted)), known)
        terminal.out.print(f"On the {figures.reports} reports of {labelled}:")
    for line in _table(figures):
        terminal.out.print(line)
    if plot is not None:
        try:
            plot.write_bytes(plots.reliability(figures.reliability))
        except OSError as error:
            raise terminal.Unusable(f"{plot} cannot be written: {error.strerror}.") from error
        terminal.out.print(f"The reliability plot is at {plot}.")


def _table(figures: Figures) -> Iterator[str]:
    """The figures in words, a table of the areas, and who is taken for whom."""
    yield f"accuracy {figures.accuracy:.3f}   macro-F1 {figures.macro_f1:.3f}   calibration error {figures.ece:.3f}"
    yield (
        f"answered {figures.coverage:.1%} of the reports that have an area, {figures.answered_precision:.1%} of all "
        f"answers rightly; {figures.none_answered:.1%} of the reports that have none were given one"
    )
    wide = max(map(len, figures.confusion), default=0) + 2
    yield f"\n{'area':<{wide}}{'reports':>9}{'precision':>11}{'recall':>8}{'coverage':>10}{'F1':>7}"
    for name, each in figures.areas.items():
        yield (
            f"{name:<{wide}}{each.reports:>9}{each.precision:>11.3f}{each.recall:>8.3f}{each.coverage:>10.3f}"
            f"{each.likeliest_f1:>7.3f}"
        )
    yield "(precision and recall of what it answers, coverage: answered at all, F1 of its best guess)"
    yield f"\n{'is ↓  taken for →':<{max(wide, 19)}}" + "".join(f"{name:>{max(wide, 7)}}" for name in figures.confusion)
    for label, row in figures.confusion.items():
        yield f"{label:<{max(wide, 19)}}" + "".join(f"{count:>{max(wide, 7)}}" for count in row.values())
    yield f"\n{'how sure':<19}{'how right':>10}{'reports':>9}"
    for stretch in figures.reliability:
        yield f"{stretch.sure:<19.0%}{stretch.right:>10.0%}{stretch.reports:>9}"


async def _model(wanted: Settings) -> AreaClassifier:
    """The model that a bot with these settings answers by: what its one workspace taught it, or the corpus' own."""
    ours, _ = app.models(wanted)
    try:
        async with app.remembered(wanted) as database:
            workspaces = [] if database is None else await learn.workspaces(database)
            if database is None or len(workspaces) != 1:
                return ours
            return await learn.in_use(database, workspaces[0], wanted.areas()) or ours
    except (DatabaseUnusable, DatabaseGone) as error:
        log.warning("without what was taught", extra={"fault": str(error)})
        return ours


async def _taught(wanted: Settings, there: Sequence[areas.Area]) -> list[str]:
    """What became of teaching each workspace that is remembered, in words."""
    told = []
    async with app.remembered(wanted) as database:
        for workspace_id in [] if database is None else await learn.workspaces(database):
            assert database is not None
            fit = await learn.learn_from(database, workspace_id, there, app.model_path(wanted), clock.now())
            told.append(f"{workspace_id}: {learn.in_words(fit) if fit else 'nothing new to learn.'}")
    return told


def _labelled(path: Path, keys: Sequence[str]) -> list[tuple[str, str]]:
    """Reports with their areas, from JSON lines. Raises Unusable with the line."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise terminal.Unusable(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise terminal.Unusable(f"{path} is not UTF-8.") from error
    found = []
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        try:
            line = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise terminal.Unusable(f"{path}, line {number} is not JSON: {error}") from error
        if not isinstance(line, dict) or not isinstance(line.get("text"), str):
            raise terminal.Unusable(f'{path}, line {number} must be an object with "text" and "area".')
        if line.get("area") not in (*keys, NONE):
            raise terminal.Unusable(
                f"{path}, line {number}: {line.get('area')!r} is no area here. There are {', '.join(keys)} and none."
            )
        found.append((rules.text.clean(line["text"]), line["area"]))
    if not found:
        raise terminal.Unusable(f"{path} has no reports in it.")
    return found


def _evaluate_grouping(path: Path) -> None:
    try:
        texts, names = agreement.read(path.read_text("utf-8").split("\n"))
    except OSError as error:
        raise terminal.Unusable(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise terminal.Unusable(f"{path}: {error}") from error
    read = [rules.secrets.mask(rules.text.clean(text))[0] for text in texts]
    for line in agreement.told(agreement.evaluate(read, names, app.space())):
        terminal.out.print(line)


def _json_lines() -> Iterator[dict[str, Any]]:
    for number, raw in enumerate(sys.stdin, 1):
        if not raw.strip():
            continue
        try:
            line = json.loads(raw)
        except ValueError as error:
            raise terminal.Unusable(f"line {number} is not JSON: {error}") from error
        if not isinstance(line, dict) or "id" not in line or not isinstance(line.get("text"), str):
            raise terminal.Unusable(f'line {number} must be an object with "id" and "text"')
        yield line


def _classified(area: AreaClassifier, batch: list[dict[str, Any]]) -> None:
    answers = area.answers([rules.text.clean(line["text"]) for line in batch])
    for line, answer in zip(batch, answers, strict=True):
        terminal.print_json({"id": line["id"], "area": answer.area, "confidence": round(answer.confidence, 4)})
