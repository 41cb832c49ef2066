"""Log lines: for people at a terminal, JSON anywhere else. A constant sentence and ids; never what somebody wrote."""

from __future__ import annotations

import json
import logging
import sys

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


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
        return json.dumps(line, default=str, ensure_ascii=False)


class Plain(logging.Formatter):
    """The same for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and a traceback where there is one."""
        extra = " ".join(f"{key}={value}" for key, value in vars(record).items() if key not in _STANDARD)
        return f"{super().format(record)} {extra}".rstrip()


def configure(level: str) -> None:
    """Send everything to standard error from `level` up. Bolt and the SDK log whole payloads below WARNING."""
    handler = logging.StreamHandler()
    handler.setFormatter(Plain("%(asctime)s %(levelname)-7s %(name)s: %(message)s") if sys.stderr.isatty() else Json())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("slack_sdk", "apscheduler", "aiosqlite", "alembic"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    # It warns that it will not use a token which nobody gave it; it had read it from the environment by itself.
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)
