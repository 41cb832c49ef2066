"""The `friction` command."""

from __future__ import annotations

import asyncio
import csv
import json
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console

from bot import app, clock, logs, rules, settings
from bot.app import CannotStart
from bot.demo import theatre
from bot.demo.fortnight import PlayStopped
from bot.flows import digest as digests
from bot.flows import doctor as doctors
from bot.flows import export as exports
from bot.flows.kit import Kit
from bot.settings import Settings, SettingsWrong
from bot.slack import SlackRefused
from classifiers import grouping, train
from classifiers.area import AreaClassifier
from storage.database import Database, DatabaseGone, DatabaseUnusable

cli = typer.Typer(
    help="Captures developer friction in Slack, and tells TPMs which problems hurt the most developers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)

T = TypeVar("T")


class Unusable(Exception):
    """What was typed cannot be meant so; the message says why."""


#: What a person can set right: one sentence, exit code 2, no traceback.
SENTENCES = (CannotStart, SettingsWrong, DatabaseUnusable, DatabaseGone, digests.Unknown, PlayStopped, Unusable)


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
    wanted = _settings()

    async def until_stopped() -> None:
        stop = asyncio.Event()
        for each in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(each, stop.set)
        async with app.running(wanted) as bot:
            how = "Socket Mode" if wanted.socket_mode else "HTTP: POST /slack/events"
            out.print(f"Friction is running in {bot.identity.workspace}, cards go to #{bot.channel.name} ({how}).")
            out.print(f"Health and metrics: http://{wanted.host}:{bot.port}/readyz, /healthz, /metrics")
            await stop.wait()

    asyncio.run(until_stopped())


@cli.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Play it, print the digests, and leave.")] = False,
    port: Annotated[int, typer.Option(help="Where the local Slack listens.")] = 3100,
) -> None:
    """Play a fortnight at a made-up company in a Slack of your own, and stay for you to try it."""
    cache = Path(settings.load().friction_cache).expanduser()
    asyncio.run(theatre.play(app.running, cache=cache, once=once, port=port, out=out))


@cli.command()
def migrate() -> None:
    """Bring the database to this version."""
    database = Database(_settings().database_url)
    asyncio.run(_closing(database, database.migrate()))
    out.print(f"The database at {database.name} is up to date.")


@cli.command()
def subscribe(
    user: Annotated[str, typer.Argument(help="A person's Slack id, such as U024BE7LH.")],
    areas: Annotated[str, typer.Option(help="docs,errors … or all")] = "all",
    weekday: Annotated[str, typer.Option(help="mon … sun")] = "mon",
    at: Annotated[str, typer.Option(help="Time of day in their zone.")] = "09:00",
    tz: Annotated[str, typer.Option(help="Their zone; default: as Slack has it.")] = "",
    every: Annotated[str, typer.Option(help="day, week or two-weeks")] = "week",
) -> None:
    """Send this person digests."""

    async def go(kit: Kit) -> str:
        try:
            person = await kit.slack.person(user)
        except SlackRefused as refusal:
            raise CannotStart(f"Slack knows no person {user!r} ({refusal.code}).") from refusal
        try:
            subscription = await digests.subscribe(
                kit, user, areas=areas, every=every, weekday=weekday, at=at, tz=tz or person.tz, now=clock.now()
            )
        except ValueError as error:
            raise Unusable(str(error)) from error
        return f"{person.name}: {digests.in_words(subscription)}. Next: {subscription.next_due_at:%Y-%m-%d %H:%M} UTC."

    out.print(_with_kit(go))


@cli.command()
def unsubscribe(user: Annotated[str, typer.Argument(help="A person's Slack id.")]) -> None:
    """Send this person no more digests."""

    async def go(kit: Kit) -> str:
        return "Unsubscribed." if await digests.unsubscribe(kit, user) else f"{user} was not subscribed."

    out.print(_with_kit(go))


@cli.command()
def digest(
    user: Annotated[str, typer.Argument(help="A subscriber's Slack id.")],
    send: Annotated[bool, typer.Option("--send", help="Send it now, instead of showing it here.")] = False,
) -> None:
    """Show a subscriber's digest as text; it counts as sent to nobody."""

    async def go(kit: Kit) -> str:
        if not send:
            return await digests.preview(kit, user, clock.now())
        digest_id = await digests.send_now(kit, user, clock.now())
        for _ in range(10):  # a bot that is running beside us may have taken it
            await app.workers(kit).until_settled()
            if await digests.state(kit, digest_id) == "sent":
                return "Sent."
            await asyncio.sleep(0.5)
        raise Unusable("Slack has not taken it; `friction doctor` says why.")

    out.print(_with_kit(go))


@cli.command()
def export(
    what: Annotated[str, typer.Argument(help="reports, clusters or votes")],
    format: Annotated[str, typer.Option(help="jsonl or csv")] = "jsonl",
) -> None:
    """Write what is stored to standard output."""
    if what not in exports.WHAT:
        raise Unusable(f"{what!r} cannot be exported. Choose one of {', '.join(exports.WHAT)}.")
    if format not in ("jsonl", "csv"):
        raise Unusable(f"{format!r} is not a format. Choose jsonl or csv.")
    wanted = _settings()
    database = Database(wanted.database_url)

    async def go() -> list[exports.Row]:
        await database.prepare()
        leads = await app.leads(wanted)
        return await exports.rows(database, what, leads=leads, now=clock.now())

    _write(asyncio.run(_closing(database, go())), what, format)


@cli.command()
def classify(
    words: Annotated[list[str] | None, typer.Argument(help="A report; without one, JSON lines.")] = None,
) -> None:
    """Tag reports with an area: JSON lines {"id","text"} in, {"id","area","confidence"} out."""
    area, _ = app.models(_settings())
    if words:
        answer = area.answer(rules.text.clean(" ".join(words)))
        sure = f"{answer.confidence:.0%} sure"
        told = (
            f"unsorted (likeliest {answer.ranked[0]}, {sure})"
            if answer.area == "unsorted"
            else f"{answer.area} ({sure})"
        )
        out.print(told + (f" because of {', '.join(answer.why)}" if answer.why else ""))
        return
    batch: list[dict[str, Any]] = []
    for line in _json_lines():
        batch.append(line)
        if len(batch) == 500:
            _classified(area, batch)
            batch = []
    _classified(area, batch)


@cli.command()
def group() -> None:
    """Group reports as they would be on arrival: JSON lines {"id","text"} in, {"id","cluster","candidates"} out."""
    _settings()
    index = grouping.Index(app.space())
    ids: list[str] = []
    clusters = 0
    for key, line in enumerate(_json_lines()):
        text, _ = rules.secrets.mask(rules.text.clean(str(line["text"])))
        candidates = index.candidates(text) if text else []
        joined = rules.placement.place(candidates)
        if joined is None:
            clusters += 1
            joined = clusters
        index.put(key, joined, text)
        ids.append(line["id"])
        near = [
            {"id": ids[each.key], "cluster": f"F-{each.cluster}", "score": round(each.score, 4)} for each in candidates
        ]
        _print_json({"id": line["id"], "cluster": f"F-{joined}", "candidates": near})


@cli.command(name="train")
def train_() -> None:
    """Build the classifier anew from the corpus."""
    path = app.model_path(_settings())
    fitted = train.fit()
    path.parent.mkdir(parents=True, exist_ok=True)
    fitted.save(path)
    out.print(f"Trained on {len(train.corpus())} reports; kept at {path}.")


@cli.command()
def evaluate() -> None:
    """Measure the classifier on its own corpus by cross-validation."""
    figures = train.evaluate()
    out.print(
        f"accuracy {figures.accuracy:.3f}   macro-F1 {figures.macro_f1:.3f}   calibration error {figures.ece:.3f}"
    )
    out.print(
        f"answered {figures.coverage:.1%} of the reports that have an area, {figures.answered_precision:.1%} of them "
        f"rightly; {figures.none_answered:.1%} of those that have none were given one"
    )
    for name, each in figures.areas.items():
        out.print(
            f"{name:<12} precision {each.precision:.3f}   recall {each.recall:.3f}   coverage {each.coverage:.3f}"
        )


@cli.command()
def doctor() -> None:
    """Say what is well and what is not. Exit code 1 when something needs a person."""

    async def go(kit: Kit) -> list[doctors.Finding]:
        return await doctors.examine(kit, await kit.slack.identity(), clock.now())

    findings = _with_kit(go)
    for finding in findings:
        out.print(f"{'ok ' if finding.well else 'NOT'}  {finding.text}")
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


def _settings() -> Settings:
    wanted = settings.load()
    logs.configure(wanted.log_level)
    return wanted


def _with_kit(go: Callable[[Kit], Awaitable[T]]) -> T:
    wanted = _settings()
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


def _json_lines() -> Iterator[dict[str, Any]]:
    for number, raw in enumerate(sys.stdin, 1):
        if not raw.strip():
            continue
        try:
            line = json.loads(raw)
        except ValueError as error:
            raise Unusable(f"line {number} is not JSON: {error}") from error
        if not isinstance(line, dict) or "id" not in line or not isinstance(line.get("text"), str):
            raise Unusable(f'line {number} must be an object with "id" and "text"')
        yield line


def _classified(area: AreaClassifier, batch: list[dict[str, Any]]) -> None:
    answers = area.answers([rules.text.clean(line["text"]) for line in batch])
    for line, answer in zip(batch, answers, strict=True):
        _print_json({"id": line["id"], "area": answer.area, "confidence": round(answer.confidence, 4)})


def _write(rows: list[exports.Row], what: str, format: str) -> None:
    if format == "jsonl":
        for row in rows:
            _print_json(row)
        return
    writer = csv.DictWriter(sys.stdout, exports.COLUMNS[what])
    writer.writeheader()
    writer.writerows(rows)


def _print_json(row: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


def _sorry(sentence: str) -> NoReturn:
    sys.stderr.write(sentence.strip() + "\n")
    sys.exit(2)
