"""What all commands share: the terminal, the settings, and how to say sorry."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console

from bot import logs
from bot import settings as _settings
from bot.settings import Settings

out = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)


class Unusable(Exception):
    """What was typed cannot be meant so; the message says why."""


def settings(*, serving: bool = False) -> Settings:
    """The settings, with the log going where they say. `serving`: for the bot itself."""
    wanted = _settings.load()
    logs.configure(wanted.log_level, serving=serving)
    return wanted


def tell(sentence: str) -> None:
    """Say something to whoever sits at the terminal; where none is, the log says it."""
    if sys.stdout.isatty():
        out.print(sentence)


def print_json(row: dict[str, Any]) -> None:
    """One JSON line on standard output."""
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
