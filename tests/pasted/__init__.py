"""Texts with secrets in them and texts without, made up. No secret stands in a file: each is rolled when it is needed.

`true.jsonl`: a kind, what it looks like, and what people write around it; `false.jsonl`: what only looks like one. In
both `{{w24}}` is 24 letters and digits, and so on for other alphabets; `{{PK}}` makes scanners of repositories bark.
"""

from __future__ import annotations

import json
import random
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ALPHABETS = {
    "d": string.digits,
    "x": "0123456789abcdef",
    "X": "0123456789ABCDEF",
    "w": string.ascii_letters + string.digits,
    "u": string.ascii_uppercase + string.digits,
    "l": string.ascii_lowercase + string.digits,
    "b": string.ascii_letters + string.digits + "+/",
    "s": string.ascii_letters + string.digits + "_-",
}

#: What people write around a token that needs no name to be known by.
PLACES = (
    "{}",
    "since noon it says invalid_auth for {}, what now?",
    "curl -H 'X-Thing: {}' hangs",
    "the job prints\n    {}\nand stops",
    'the config has "value": "{}", and it is ignored',
    "I set FOO={} and nothing changed",
    "`{}` is refused",
    "({}) was in the log",
)


@dataclass(frozen=True)
class True_:
    """A text with a secret in it."""

    kind: str
    text: str
    secret: str


@dataclass(frozen=True)
class False_:
    """A text without one."""

    kind: str
    text: str


def true() -> list[True_]:
    """Every text with a secret."""
    dice = random.Random("true")
    return [case for line in _lines("true") for case in _true(line, dice)]


def false() -> list[False_]:
    """Every text without one."""
    dice = random.Random("false")
    return [
        False_(line["kind"], _rolled(text, dice))
        for line in _lines("false")
        for text in line["texts"]
        for _ in range(line["times"] if _ROLL.search(text) else 1)
    ]


def _true(line: dict[str, Any], dice: random.Random) -> Iterator[True_]:
    for around in line.get("around") or dice.sample(PLACES, 4):
        secret = _rolled(line["secret"], dice)
        yield True_(line["kind"], _rolled(around, dice).replace("{}", secret), secret)


_ROLL = re.compile(r"\{\{([dxXwulbs])(\d+)\}\}")


def _rolled(template: str, dice: random.Random) -> str:
    template = template.replace("{{PK}}", "PRIVATE KEY")
    return _ROLL.sub(lambda roll: "".join(dice.choices(ALPHABETS[roll[1]], k=int(roll[2]))), template)


def _lines(name: str) -> list[dict[str, Any]]:
    path = Path(__file__).with_name(f"{name}.jsonl")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
