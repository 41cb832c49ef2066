"""`friction outbox`: what Slack did not take, and trying it again."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from bot import clock
from bot.cli import terminal
from bot.flows import backlog
from storage.database import Database

commands = typer.Typer()


@commands.command()
def outbox(
    gesture: Annotated[str, typer.Argument(help="Nothing, to list what was given up; or: retry")] = "",
    which: Annotated[str, typer.Argument(help="Its number, or all")] = "",
) -> None:
    """List what Slack is still to be told and what was given up; `retry 41` or `retry all` tries it again."""
    if gesture not in ("", "retry") or bool(gesture) != bool(which):
        raise terminal.Unusable("Say: friction outbox, friction outbox retry 41, or friction outbox retry all.")
    number = which.removeprefix("#")
    if which and which != "all" and not (number.isascii() and number.isdigit()):
        raise terminal.Unusable(f"{which!r} is no number of the list. `friction outbox` shows them.")
    for said in asyncio.run(_done(None if which in ("", "all") else int(number), retrying=bool(gesture))):
        terminal.out.print(said, markup=False, highlight=False)


async def _done(number: int | None, *, retrying: bool) -> list[str]:
    database, now = Database(terminal.settings().database_url), clock.now()
    try:
        await database.prepare()
        if not retrying:
            found = await backlog.look(database, now)
            hint = ["Tried again by: friction outbox retry NUMBER, or retry all."] if found.parked else []
            return found.lines(now) + hint
        tried = await backlog.retry(database, None if number is None else [number], now)
        if number is not None and not tried:
            raise terminal.Unusable(f"#{number} was not given up. `friction outbox` shows what was.")
        return [f"{tried} to be tried again, by the bot that is running or the next that starts."]
    finally:
        await database.close()
