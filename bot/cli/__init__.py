"""The `friction` command."""

from __future__ import annotations

import asyncio
import csv
import functools
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer

from bot import app, clock, rules, settings, views
from bot.app import CannotStart
from bot.cli import model, outbox, terminal
from bot.demo import theatre
from bot.demo.fortnight import PlayStopped
from bot.flows import digest as digests
from bot.flows import doctor as doctors
from bot.flows import export as exports
from bot.flows import learn
from bot.flows import quarter as quarters
from bot.flows import reader as readers
from bot.flows import replay as replays
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit
from bot.settings import Settings, SettingsWrong
from bot.slack import SlackRefused
from storage.database import Database, DatabaseGone, DatabaseUnusable

cli = typer.Typer(
    help="Captures developer friction in Slack, and tells TPMs which problems hurt the most developers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.add_typer(model.commands)
cli.add_typer(outbox.commands)

T = TypeVar("T")


#: What a person can set right: one sentence, exit code 2, no traceback.
SENTENCES = (
    CannotStart,
    SettingsWrong,
    DatabaseUnusable,
    DatabaseGone,
    digests.Unknown,
    learn.NotLearned,
    subscriptions.Wrong,
    PlayStopped,
    terminal.Unusable,
)


def main() -> None:
    """The way in."""
    try:
        cli()
    except SENTENCES as error:
        _sorry(str(error))
    except SlackRefused as refusal:
        _sorry(f"Slack refused: {refusal.code}.")
    except KeyboardInterrupt:
        sys.exit(130)


@cli.command()
def run() -> None:
    """Run the bot: over Socket Mode when SLACK_APP_TOKEN is set, over signed HTTP otherwise."""
    wanted = terminal.settings(serving=True)

    async def until_stopped() -> None:
        stop = asyncio.Event()
        for each in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(each, stop.set)
        async with app.running(wanted) as bot:
            how = "Socket Mode" if wanted.socket_mode else "HTTP: POST /slack/events"
            where = f"in {bot.identity.workspace}, cards go to #{bot.channel.name}"
            terminal.tell(f"Friction is running {where} ({how}).")
            terminal.tell(f"Health and metrics: http://{wanted.host}:{bot.port}/readyz, /healthz, /metrics")
            await stop.wait()

    asyncio.run(until_stopped())


@cli.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Play it, print the digests, and leave.")] = False,
    port: Annotated[int, typer.Option(help="Where the local Slack listens.")] = 3100,
) -> None:
    """Play a fortnight at a made-up company in a Slack of your own, and stay for you to try it."""
    cache = Path(settings.load().friction_cache).expanduser()
    asyncio.run(
        theatre.play(functools.partial(app.running, paced=False), cache=cache, once=once, port=port, out=terminal.out)
    )


@cli.command()
def migrate() -> None:
    """Bring the database to this version."""
    database = Database(terminal.settings().database_url)
    asyncio.run(_closing(database, database.migrate()))
    terminal.out.print(f"The database at {database.name} is up to date.")


@cli.command()
def subscribe(
    user: Annotated[str, typer.Argument(help="The Slack id of a person, such as U024BE7LH, or of a channel.")],
    areas: Annotated[str, typer.Option(help="docs,errors … or all")] = "all",
    weekday: Annotated[str, typer.Option(help="mon … sun")] = "mon",
    at: Annotated[str, typer.Option(help="Time of day in their zone.")] = "09:00",
    tz: Annotated[str, typer.Option(help="A zone to keep; default: a person's own, wherever they are.")] = "",
    every: Annotated[str, typer.Option(help="day, week or two-weeks")] = "week",
    length: Annotated[str, typer.Option(help="How many problems at most: 5 or 3")] = "5",
) -> None:
    """Send this person, or this channel, digests."""

    async def go(kit: Kit) -> str:
        name, own_tz = await _reader(kit, user)
        if not (tz or own_tz):
            raise terminal.Unusable("A channel has no time zone of its own. Say which: --tz Europe/Berlin")
        subscription = await subscriptions.subscribe(
            kit,
            user,
            areas=areas,
            every=every,
            weekday=weekday,
            at=at,
            tz=tz or own_tz,
            length=length,
            tz_chosen=bool(tz),
            person=user if own_tz else "",
            now=clock.now(),
        )
        said = views.subscription.words(subscriptions.seen(subscription, clock.now()), name)
        return f"{said}. Next: {subscription.next_due_at:%Y-%m-%d %H:%M} UTC."

    terminal.out.print(_with_kit(go))


async def _reader(kit: Kit, user: str) -> tuple[str, str]:
    """What to call whoever is to be subscribed, and a person's own zone."""
    try:
        if not subscriptions.is_channel(user):
            person = await kit.slack.person(user)
            return f"{person.name}: Your digest", person.tz
        channel = await kit.slack.channel(user)
    except SlackRefused as refusal:
        what = "channel" if subscriptions.is_channel(user) else "person"
        raise CannotStart(f"Slack knows no {what} {user!r} ({refusal.code}).") from refusal
    if why := readers.cannot_be_read_in(channel):
        raise terminal.Unusable(why.replace(f"<#{channel.id}>", f"#{channel.name}"))
    return f"The digest of #{channel.name}", ""


@cli.command()
def unsubscribe(user: Annotated[str, typer.Argument(help="The Slack id of a person or a channel.")]) -> None:
    """Send this person or channel no more digests."""

    async def go(kit: Kit) -> str:
        there = await subscriptions.unsubscribe(kit, user, clock.now())
        return "Unsubscribed." if there else f"{user} was not subscribed."

    terminal.out.print(_with_kit(go))


@cli.command()
def digest(
    user: Annotated[str, typer.Argument(help="A subscriber's Slack id.")],
    send: Annotated[bool, typer.Option("--send", help="Send it now, instead of showing it here.")] = False,
    as_of: Annotated[str, typer.Option(help="A day, or a moment: what would have been sent then.")] = "",
) -> None:
    """Show a subscriber's digest as text; it counts as sent to nobody."""
    if send and as_of:
        raise terminal.Unusable("What would have been sent cannot be sent any more: leave --send or --as-of out.")

    async def go(kit: Kit) -> str:
        if as_of:
            return await replays.as_of(kit, user, as_of, clock.now())
        if not send:
            return await digests.preview(kit, user, clock.now())
        digest_id = await digests.send_now(kit, user, clock.now())
        for _ in range(10):  # a bot that is running beside us may have taken it
            await app.workers(kit).until_settled()
            if await digests.state(kit, digest_id) == "sent":
                return "Sent."
            await asyncio.sleep(0.5)
        raise terminal.Unusable("Slack has not taken it; `friction doctor` says why.")

    terminal.out.print(_with_kit(go))


@cli.command()
def replay(
    first: Annotated[str, typer.Option("--from", help="The first day, such as 2026-11-02.")],
    last: Annotated[str, typer.Option("--to", help="The last day.")],
    user: Annotated[str, typer.Argument(help="A subscriber's Slack id; without it, all of them.")] = "",
) -> None:
    """List what would have been sent in each period, and why, or why not."""

    async def go(kit: Kit) -> str:
        found = await replays.between(kit, user, first, last, clock.now())
        return "\n".join(views.replay.listed(reader, periods) for reader, periods in found) or "Nobody is subscribed."

    terminal.out.print(_with_kit(go))


@cli.command()
def export(
    what: Annotated[str, typer.Argument(help="reports, clusters or votes")],
    format: Annotated[str, typer.Option(help="jsonl or csv")] = "jsonl",
    include_private: Annotated[bool, typer.Option(help="also what was said in private")] = False,
    workspace: Annotated[str, typer.Option(help="Such as T024BE7LH; without it, the token's.")] = "",
) -> None:
    """Write what is stored of one workspace to standard output."""
    if what not in exports.WHAT:
        raise terminal.Unusable(f"{what!r} cannot be exported. Choose one of {', '.join(exports.WHAT)}.")
    if format not in ("jsonl", "csv"):
        raise terminal.Unusable(f"{format!r} is not a format. Choose jsonl or csv.")
    wanted = terminal.settings()
    database = Database(wanted.database_url)

    async def go() -> list[exports.Row]:
        await database.prepare()
        workspace_id = await _workspace(wanted, database, workspace)
        if workspace_id is None:
            return []
        leads = await app.leads(wanted)
        return await exports.rows(database, workspace_id, what, leads=leads, now=clock.now(), private=include_private)

    _write(asyncio.run(_closing(database, go())), what, format)


async def _workspace(wanted: Settings, database: Database, named: str) -> str | None:
    """The workspace that is meant: the one that was named, the only one that is remembered, or the token's. None:
    nothing is remembered yet. Raises Unusable."""
    there = await learn.workspaces(database)
    if not there or named in there:
        return named or None
    if not named and len(there) == 1:
        return there[0]
    meant = named or await app.workspace(wanted)
    if meant in there:
        return meant
    choice = f"Choose one: --workspace {' or '.join(there)}."
    if not meant:
        raise terminal.Unusable(f"There are several workspaces in this database. {choice}")
    raise terminal.Unusable(f"There is no workspace {meant!r} in this database. {choice}")


@cli.command()
def report(
    quarter: Annotated[str, typer.Option(help="Such as 2026Q3; without it, the one that is running.")] = "",
) -> None:
    """Print what was fixed in a quarter, with its verdicts, for pasting."""

    async def go(kit: Kit) -> str:
        try:
            page = await quarters.compose(kit, quarter or rules.quarter.of(clock.now()), clock.now())
        except ValueError as wrong:
            raise terminal.Unusable(str(wrong)) from wrong
        return views.quarter.text(page)

    terminal.out.print(_with_kit(go))


@cli.command()
def doctor() -> None:
    """Say what is well and what is not. Exit code 1 when something needs a person."""

    async def go(kit: Kit) -> list[doctors.Finding]:
        return await doctors.examine(kit, await kit.slack.identity(), clock.now())

    findings = _with_kit(go)
    for finding in findings:
        terminal.out.print(f"{'ok ' if finding.well else 'NOT'}  {finding.text}")
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


def _with_kit(go: Callable[[Kit], Awaitable[T]]) -> T:
    wanted = terminal.settings()
    wanted.ready_to_run()

    async def inside() -> T:
        async with app.put_together(wanted) as (kit, _, _):
            return await go(kit)

    return asyncio.run(inside())


async def _closing(database: Database, work: Awaitable[T]) -> T:
    try:
        return await work
    finally:
        await database.close()


def _write(rows: list[exports.Row], what: str, format: str) -> None:
    if format == "jsonl":
        for row in rows:
            terminal.print_json(row)
        return
    writer = csv.DictWriter(sys.stdout, exports.COLUMNS[what])
    writer.writeheader()
    writer.writerows(rows)


def _sorry(sentence: str) -> NoReturn:
    sys.stderr.write(sentence.strip() + "\n")
    sys.exit(2)
