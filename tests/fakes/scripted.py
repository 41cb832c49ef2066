"""Answers that do not go well, to be scripted method by method."""

from __future__ import annotations

from dataclasses import dataclass


class Refusal(Exception):
    """Slack says `ok: false`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Scripted:
    """One answer that does not go well."""

    code: str = ""
    status: int = 200
    retry_after: int = 0
    drop: bool = False
    hold: str = ""


DROPPED = Scripted(drop=True)  # Slack does it; the connection goes before it can say so
BAD_GATEWAY = Scripted(status=502)  # a web page, and nothing was done


def refused(code: str) -> Scripted:
    return Scripted(code=code)


#: Slack takes the request and gets no further while `held` is not let go; it has done it by then, or it has not.
HELD_BEFORE, HELD_AFTER = Scripted(hold="before"), Scripted(hold="after")


def later(seconds: int) -> Scripted:
    return Scripted(status=429, retry_after=seconds)
