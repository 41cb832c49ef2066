"""Log lines: for people at a terminal, JSON anywhere else. A constant sentence and ids; never what somebody wrote."""

from __future__ import annotations

import json
import logging
import re
import sys

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


#: What opens a door, wherever it turns up: tokens, a socket's ticket, the address that answers a gesture.
_KEYS = re.compile(
    r"xox[a-z](?:\.xox[a-z])?-[\w-]+|xapp-[\w-]+|wss?://[^\s\"']+|(?:https?://)?hooks\.slack(?:-gov)?\.com/[^\s\"']+"
    r"|https?://[\w.-]*slack(?:-gov)?\.com/(?:commands|actions|services)/[^\s\"']+"
)


def _without_keys(line: str) -> str:
    return _KEYS.sub("…", line)


class Json(logging.Formatter):
    """One JSON object a line: time, level, logger, sentence, and what came in `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{key: value for key, value in vars(record).items() if key not in _STANDARD},
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return _without_keys(json.dumps(line, default=str, ensure_ascii=False))


class Plain(logging.Formatter):
    """The same for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and a traceback where there is one."""
        extra = " ".join(f"{key}={value}" for key, value in vars(record).items() if key not in _STANDARD)
        return _without_keys(f"{super().format(record)} {extra}".rstrip())


def configure(level: str, *, serving: bool = False) -> None:
    """Send everything from `level` up to standard error. Bolt and the SDK log whole payloads below WARNING.

    `serving`: the bot itself, whose log goes to standard output where that is no terminal; a command's answer is there.
    """
    stream = sys.stdout if serving and not sys.stdout.isatty() else sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Plain("%(asctime)s %(levelname)-7s %(name)s: %(message)s") if stream.isatty() else Json())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("slack_sdk", "apscheduler", "aiosqlite", "alembic", "aiohttp", "asyncio"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    # It warns that it will not use a token which nobody gave it, and prints what nobody handles.
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)
