"""`friction classify`, `group`, `train`, `evaluate`: the classifiers by themselves, without Slack or a database."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from bot import app, rules
from bot.cli import terminal
from classifiers import grouping, train
from classifiers.area import AreaClassifier

commands = typer.Typer()


@commands.command()
def classify(
    words: Annotated[list[str] | None, typer.Argument(help="A report; without one, JSON lines.")] = None,
) -> None:
    """Tag reports with an area: JSON lines {"id","text"} in, {"id","area","confidence"} out."""
    area, _ = app.models(terminal.settings())
    if words:
        answer = area.answer(rules.text.clean(" ".join(words)))
        sure = f"{answer.confidence:.0%} sure"
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
    """Build the classifier anew from the corpus."""
    path = app.model_path(terminal.settings())
    fitted = train.fit()
    path.parent.mkdir(parents=True, exist_ok=True)
    fitted.save(path)
    terminal.out.print(f"Trained on {len(train.corpus())} reports; kept at {path}.")


@commands.command()
def evaluate() -> None:
    """Measure the classifier on its own corpus by cross-validation."""
    figures = train.evaluate()
    terminal.out.print(
        f"accuracy {figures.accuracy:.3f}   macro-F1 {figures.macro_f1:.3f}   calibration error {figures.ece:.3f}"
    )
    terminal.out.print(
        f"answered {figures.coverage:.1%} of the reports that have an area, {figures.answered_precision:.1%} of them "
        f"rightly; {figures.none_answered:.1%} of those that have none were given one"
    )
    for name, each in figures.areas.items():
        terminal.out.print(
            f"{name:<12} precision {each.precision:.3f}   recall {each.recall:.3f}   coverage {each.coverage:.3f}"
        )


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
