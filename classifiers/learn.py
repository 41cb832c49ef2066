"""A workspace teaches its classifier: corpus and corrections into a new model, which must be no worse than the old one.

Fitting takes seconds of a core, so it has a process of its own: `python -m classifiers.learn`, with a task as JSON on
standard input and its outcome as JSON on standard output. Nothing that people wrote is left anywhere but in the model.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from scipy.special import expit, logit

from classifiers import area, train
from classifiers.areas import Area

#: How much a correction counts beside a report of the corpus.
WEIGHT = 3.0

#: One recent correction in so many is never learned from while it is recent: what models are compared on.
HELD_BACK = 5

#: What people said of so many reports outweighs, by half, what cross-validation on our own text says of a threshold.
ENOUGH = 50


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a human said of one report: its area, or `none`. `recent`: lately enough to compare models on."""

    report_id: int
    text: str
    area: str
    recent: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one prediction: the likeliest area, how probable it was, and whether people let it stand."""

    area: str
    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Task:
    """What there is to learn from. `base`: where the model of the corpus alone is kept; `old`: the model in use, empty
    when there is none but that; `new`: where the new one is to be written."""

    areas: tuple[Area, ...]
    lessons: tuple[Lesson, ...]
    verdicts: tuple[Verdict, ...]
    base: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the old and the new model did on the lessons held back: shares of right ones; None where there were none."""

    held_back: int
    old_score: float | None
    new_score: float | None

    @property
    def no_worse(self) -> bool:
        """Whether the new model may take the old one's place."""
        return self.old_score is None or self.new_score is None or self.new_score >= self.old_score


def held_back(lesson: Lesson) -> bool:
    """Whether a lesson is one to compare models on. It hangs on the report alone: what is held back from the new model
    was held back from the old one too, so that neither has seen it."""
    return lesson.recent and sha256(str(lesson.report_id).encode()).digest()[0] % HELD_BACK == 0


def fingerprint(areas: Sequence[Area], lessons: Sequence[Lesson]) -> str:
    """The sha256 of all that there is to learn from: the same one means that there is nothing new."""
    taught = [(f"{lesson.report_id} {lesson.text}", lesson.area) for lesson in lessons]
    return area.fingerprint([*train.examples(areas), *sorted(taught)])


def fit(base: area.AreaClassifier, areas: Sequence[Area], lessons: Sequence[Lesson]) -> area.AreaClassifier:
    """A model of the areas' examples and these lessons. Temperature and thresholds are those of `base`, which was
    fitted on the examples alone: twenty corrections of one kind are easy to tell, and would make it bold everywhere.

    Sixteen reports of a made-up kind turned the other four, and others of it, from unsorted to right at any weight from
    1 to 8; one report alone turned another of its kind from a weight of 2 on. With temperature and thresholds estimated
    anew, 3 to 5 % of the corpus was answered otherwise by a model that had not seen it.
    """
    given = train.examples(areas)
    taught = [(lesson.text, lesson.area) for lesson in lessons]
    model = train.fit([*given, *taught], [1.0] * len(given) + [WEIGHT] * len(taught))
    model.temperature_, model.thresholds_ = base.temperature_, dict(base.thresholds_)
    return model


def thresholds(model: area.AreaClassifier, verdicts: Sequence[Verdict]) -> dict[str, float]:
    """The thresholds of a model, set right by what people made of what it and its forerunners said of new reports.

    An area's own is the least probability from which people let `model.precision` of its predictions stand (selective
    classification: Geifman and El-Yaniv, 2017; each verdict came after the prediction, as by Dawid, 1984). From ENOUGH
    verdicts on it is mixed, in log-odds and by their number, with what cross-validation said; never below the floor.
    """
    mixed = {}
    for key, ours in model.thresholds_.items():
        said = sorted((verdict for verdict in verdicts if verdict.area == key), key=lambda each: -each.confidence)
        mixed[key] = ours
        if len(said) >= ENOUGH:
            theirs, share = _threshold(said, model.precision), len(said) / (len(said) + ENOUGH)
            odds = share * logit(min(theirs, 0.99)) + (1 - share) * logit(min(ours, 0.99))
            mixed[key] = max(model.floor, float(expit(odds)))
    return mixed


def _threshold(said: Sequence[Verdict], precision: float) -> float:
    """The least confidence from which `precision` of these, surest first, are right; 1 when there is none."""
    right, least = 0, 1.0
    for count, verdict in enumerate(said, 1):
        right += verdict.right
        if right >= precision * count:
            least = verdict.confidence
    return least


def score(model: area.AreaClassifier, lessons: Sequence[Lesson]) -> float | None:
    """The share of lessons whose likeliest class is what the human said; None without lessons."""
    if not lessons:
        return None
    guessed = model.predict([lesson.text for lesson in lessons])
    return sum(str(guess) == lesson.area for guess, lesson in zip(guessed, lessons, strict=True)) / len(lessons)


def do(task: Task) -> Outcome:
    """Fit a new model, write it, and say how it does beside the old one."""
    base, _ = train.load_or_fit(Path(task.base), task.areas)
    old = area.AreaClassifier.load(Path(task.old)) if task.old else base
    judges = [lesson for lesson in task.lessons if held_back(lesson)]
    new = fit(base, task.areas, [lesson for lesson in task.lessons if not held_back(lesson)])
    new.thresholds_ = thresholds(new, task.verdicts)
    new.save(Path(task.new))
    return Outcome(len(judges), score(old, judges), score(new, judges))


def written(task: Task) -> bytes:
    """A task as it is handed to the process."""
    return json.dumps(asdict(task)).encode()


def read(raw: bytes) -> Task:
    """A task as it was written."""
    given: Mapping[str, Any] = json.loads(raw)
    return Task(
        areas=tuple(Area(**each | {"examples": tuple(each["examples"])}) for each in given["areas"]),
        lessons=tuple(Lesson(**each) for each in given["lessons"]),
        verdicts=tuple(Verdict(**each) for each in given["verdicts"]),
        **{name: str(given[name]) for name in ("base", "old", "new")},
    )


def main() -> None:
    """Do the task on standard input, after everything else that the machine has to do."""
    os.nice(10)
    sys.stdout.write(json.dumps(asdict(do(read(sys.stdin.buffer.read())))))


if __name__ == "__main__":
    main()
