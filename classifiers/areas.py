"""The areas there are: the four of the house, and those that a workspace brings in its AREAS_FILE."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

#: What may not be an area's key: each means something else where areas are named.
RESERVED = frozenset({"all", "none", "unsorted"})

#: An area of one's own can be told from the others with this many examples, and not with fewer.
EXAMPLES = 10

#: Areas there may be: Slack shows at most 25 buttons in a row, and one of them is "none of these".
MOST = 24

_KEY = re.compile(r"[a-z][a-z0-9_-]{0,23}")
_PERSON = re.compile(r"[UW][A-Z0-9]{2,20}")
_AT = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")


@dataclass(frozen=True, slots=True)
class Area:
    """One part of the platform. `examples`: reports of one's own writing; without any, the corpus has a file of them.

    `owner`: the Slack id of who looks after it; empty when nobody is named.
    """

    key: str
    name: str
    description: str
    owner: str = ""
    examples: tuple[str, ...] = ()


BUILT_IN: tuple[Area, ...] = (
    Area("docs", "Documentation", "something written to be read is missing, wrong, outdated or cannot be found"),
    Area("errors", "Errors", "something fails, or the words it fails with do not help"),
    Area("onboarding", "Getting started", "beginning takes too long: a new machine, team, service, access"),
    Area("debugging", "Finding out why", "there is no way to look inside: logs, traces, debuggers, reproducing"),
)


class AreasWrong(ValueError):
    """The file cannot be meant so; the message begins with the line."""

    def __init__(self, line: int, sentence: str) -> None:
        """`line` counts from one."""
        super().__init__(f"line {line}: {sentence}")


def read(toml: str) -> tuple[Area, ...]:
    """The areas that there are with this file: the built-in ones, and after them those of the file.

    An area with the key of a built-in one stands in its place; with `replace = true` the file's are all there are.
    Raises AreasWrong with a sentence.
    """
    try:
        document = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        where = _AT.search(str(error))
        line = int(where[1]) if where and where[1] else len(toml.splitlines())
        raise AreasWrong(line, f"this is not TOML: {_AT.sub('', str(error)).strip().lower()}.") from error
    lines = _Lines(toml)
    for unknown in document.keys() - {"replace", "area"}:
        raise AreasWrong(lines.of(unknown), f"{unknown!r} means nothing here. There are `replace` and [[area]].")
    alone = document.get("replace", False)
    if not isinstance(alone, bool):
        raise AreasWrong(lines.of("replace"), "`replace` must be true or false.")
    tables = document.get("area", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise AreasWrong(lines.of("area"), "each area begins with a line that says [[area]].")
    if not tables:
        raise AreasWrong(1, "there is no [[area]] in it.")
    areas = {} if alone else {area.key: area for area in BUILT_IN}
    seen: set[str] = set()
    for number, table in enumerate(tables):
        area = _area(table, lines, number)
        if area.key in seen:
            raise AreasWrong(lines.of("key", number), f"there is an area {area.key!r} further up already.")
        seen.add(area.key)
        areas[area.key] = area
        if len(areas) > MOST:
            raise AreasWrong(lines.of("", number), f"there may be at most {MOST} areas.")
    if len(areas) < 2:
        raise AreasWrong(1, "one area alone is told from nothing. Name a second one.")
    return tuple(areas.values())


class _Lines:
    """Where things stand in a file; tomllib does not say."""

    def __init__(self, toml: str) -> None:
        self._lines = toml.splitlines()
        heads = [at for at, line in enumerate(self._lines) if re.match(r"\s*\[\[\s*area\s*\]\]", line)]
        self._spans = list(pairwise([*heads, len(self._lines)])) if heads else []

    def of(self, key: str, table: int | None = None, value: str = "") -> int:
        """The line of `key`, in the table of this number where one is given; of `value` in it, where that is found."""
        known = table is not None and table < len(self._spans)
        first, last = self._spans[table] if known and table is not None else (0, len(self._lines))
        at = next(
            (at for at in range(first, last) if re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", self._lines[at])), first
        )
        if value:
            at = next((further for further in range(at, last) if value in self._lines[further]), at)
        return at + 1


def _area(table: dict[str, Any], lines: _Lines, number: int) -> Area:
    """One [[area]]. Raises AreasWrong."""
    for unknown in table.keys() - {"key", "name", "description", "owner", "examples"}:
        raise AreasWrong(
            lines.of(unknown, number),
            f"{unknown!r} means nothing here. An area has key, name, description, owner and examples.",
        )
    for key in ("key", "name", "description", "owner"):
        if not isinstance(table.get(key, ""), str):
            raise AreasWrong(lines.of(key, number), f"{key!r} must be text in quotation marks.")
    key, owner = table.get("key", ""), table.get("owner", "")
    if not _KEY.fullmatch(key):
        raise AreasWrong(
            lines.of("key", number),
            "an area needs a `key` of at most 24 small letters, digits, - and _, beginning with a letter.",
        )
    if key in RESERVED:
        raise AreasWrong(lines.of("key", number), f"{key!r} has a meaning of its own and cannot be an area.")
    if owner and not _PERSON.fullmatch(owner):
        raise AreasWrong(lines.of("owner", number), f"{owner!r} is not a Slack user id, such as U024BE7LH.")
    built_in = next((area for area in BUILT_IN if area.key == key), Area(key, key, ""))
    return replace(
        built_in,
        name=_one_line(table.get("name", "")) or built_in.name,
        description=_one_line(table.get("description", "")) or built_in.description,
        owner=owner,
        examples=_examples(table, lines, number, required=built_in not in BUILT_IN),
    )


def _examples(table: dict[str, Any], lines: _Lines, number: int, *, required: bool) -> tuple[str, ...]:
    given = table.get("examples", [])
    if not isinstance(given, list):
        raise AreasWrong(lines.of("examples", number), "`examples` must be a list of texts in [ ].")
    for each in given:
        if not isinstance(each, str) or not each.strip():
            shown = "" if isinstance(each, str) else str(each)
            raise AreasWrong(lines.of("examples", number, shown), "every example must be text, and not empty.")
    examples = tuple(dict.fromkeys(each.strip() for each in given))
    if len(examples) < EXAMPLES and (required or examples):
        raise AreasWrong(
            lines.of("examples", number),
            f"an area needs at least {EXAMPLES} examples that differ, and this one has {len(examples)}.",
        )
    return examples


def _one_line(words: str) -> str:
    return " ".join(words.split())


def keys(areas: Sequence[Area]) -> tuple[str, ...]:
    """What they are called by."""
    return tuple(area.key for area in areas)
