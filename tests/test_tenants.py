"""Two workspaces in one database, whose people, channels, messages, keys and handles have equal ids.

The small one lives the same life twice: alone, and beside a large one that did all of it before, and more. What it is
told is the same both times, to the letter; and whatever it does, no row of the large one's changes.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
import typing
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import (
    ADA,
    ANA,
    BACKEND,
    BEN,
    CARDS,
    CEM,
    DOCS,
    DOCS_TOO,
    DORA,
    LEA,
    PEOPLE,
    SECRET,
    TIM,
    VPN,
    Clock,
    inhabited,
    put_together,
)
from fakes import slack as fakes
from fakes.slack import FakeSlack
from sqlalchemy import text
from sqlmodel import SQLModel, col, select
from test_clicks import ACTIONS, FORMS
from test_listeners import Door, Json, buttons, door_into

import storage
import storage.workspaces
from bot import cli, listeners, rules, scheduler, views
from bot import clock as clocks
from bot import slack as slacks
from bot.flows import digest as digests
from bot.flows import doctor, export, merge, outbox, own, replay
from bot.flows import quarter as quarters
from bot.flows.kit import Kit
from classifiers import grouping
from classifiers.area import AreaClassifier
from storage.database import Database
from storage.models import Cluster, Fact, Report
from storage.suggestions import Suggestion

LARGE, SMALL = "T0LARGE", "T0SMALL"

#: What nobody outside of each workspace may ever read.
WORDS = {LARGE: "zqlarge", SMALL: "zqsmall"}

#: Every command that there is.
TYPED = ("", "help", "mine", "digest", "digest now", f"digest <#{BACKEND}|backend>", "settings", "top", "top docs")
TYPED += ("find deploy docs", "show F-1", "show F-2", "show F-3", "show F-4", "show F-5", "show F-9")

#: What is learned of a workspace is tried by itself in test_learning: fitting takes half a minute.
ELSEWHERE_TRIED = {"learn"}

#: What an operator types that is about one workspace, and is done here; and what is not about any.
OF_ONE = {"digest", "replay", "export", "report", "doctor"}
SUBSCRIBING = {"subscribe", "unsubscribe"}  # the same flows as by the form
OF_NONE = {"run", "demo", "migrate", "classify", "group", "train", "evaluate", "outbox"}


class Listening(Door):
    """The door of one workspace, all that came in by it, and what was answered at once."""

    def __init__(self, door: Door) -> None:
        super().__init__(door.bolt, door.slack, socket=door.socket)
        self.sent: list[Json] = []
        self.acknowledged: list[Json] = []

    async def send(self, body: Json, **headers: str) -> tuple[int, Json]:
        self.sent.append(body)
        status, answered = await super().send(body, **headers)
        assert status == 200
        self.acknowledged.append(answered)
        return status, answered


class Tenant:
    """One workspace: its Slack, its parts, and all that was ever told in it."""

    def __init__(self, kit: Kit, slack: FakeSlack, clock: Clock) -> None:
        self.kit, self.slack, self.clock = kit, slack, clock
        self.id = kit.house.workspace_id
        self.word = WORDS[self.id]
        self.door = Listening(door_into(kit, slack, socket=True))
        self.workers = outbox.Workers(kit, clock=clock, of_message=clocks.of_message)
        self.shown: list[Any] = []  # what an operator is shown

    async def settle(self, **after: float) -> None:
        self.clock.forward(**after)
        await self.workers.until_settled()

    def message(self, person: str, words: str, channel: str = BACKEND) -> Json:
        self.slack.said(channel, person, f"{words} {self.word}")
        return self.slack.channels[channel].messages[-1]

    async def cluster(self, number: int) -> int:
        async with self.kit.database.reading() as session:
            wanted = select(Cluster.id).where(Cluster.workspace_id == self.id, Cluster.number == number)
            return (await session.exec(wanted)).one() or 0

    async def ids(self, table: type[Any]) -> list[int]:
        async with self.kit.database.reading() as session:
            wanted = select(table.id).where(table.workspace_id == self.id).order_by(col(table.id))
            return list((await session.exec(wanted)).all())

    async def rows(self) -> list[str]:
        """All that is stored of it."""
        found = []
        async with self.kit.database.reading() as session:
            for table in SQLModel.metadata.sorted_tables:
                wanted = f'SELECT * FROM "{table.name}"'
                if "workspace_id" in table.c:
                    wanted += f" WHERE workspace_id = '{self.id}'"
                elif table.name == "workspace":
                    wanted += f" WHERE id = '{self.id}'"
                else:
                    wanted += f" WHERE fact_id IN (SELECT id FROM fact WHERE workspace_id = '{self.id}')"
                found += sorted(f"{table.name}: {tuple(row)!r}" for row in await session.execute(text(wanted)))
        return found

    def told(self) -> Any:
        answered = [each.body for each in self.slack.answers]
        return [self.door.acknowledged, self.slack.calls, answered, self.slack.homes, self.shown]


def everything_in(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False, default=str).lower()


def readable(told: Any) -> Iterator[str]:
    """What people can read, and every figure; the ids behind it are not theirs to read."""
    if isinstance(told, dict):
        if '"held-' in json.dumps(told.get("blocks"), default=str):
            return  # cut to Slack's limits wherever it comes to them; `asking` looks at the whole
        for key, value in told.items():
            if isinstance(value, str) and key in ("text", "label", "title"):
                yield _timeless(value)
            else:
                yield from readable(json.loads(value) if key == "view" and isinstance(value, str) else value)
    elif isinstance(told, list | tuple):
        for each in told:
            yield from readable(each)
    elif isinstance(told, int | float):
        yield str(told)


def _timeless(words: str) -> str:
    """Without what no two lives share: moments to the microsecond, and the ids of rows."""
    words = re.sub(r"http://127.0.0.1:\d+|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:[\d.]+)?(\+00:00|Z)?", "…", words)
    if not words.startswith("{"):
        return words
    return re.sub(r'("key": )"[^"]*"|("\w+": )?\b\d+(?=,?$)', r"\1\2…", words, flags=re.MULTILINE)


Founded = Callable[..., Any]


@pytest.fixture
def founded(classifier: AreaClassifier, likeness: grouping.Space, tmp_path: Path, cache: Path) -> Founded:
    first = Clock(clocks.now()).forward(hours=1)

    @asynccontextmanager
    async def founded(database: Database, team: str) -> AsyncIterator[Tenant]:
        clock = Clock(first)
        async with inhabited(clock, team) as slack, slacks.connect(fakes.BOT_TOKEN, slack.api_url) as client:
            slack.person("U0GUS", "Gus", kind="is_restricted")
            kit = put_together(database, client, classifier, likeness, cache, team)
            kit.groups._folder = tmp_path
            async with database.transaction() as session:
                await storage.workspaces.ensure(session, team, "Acme")
            yield Tenant(kit, slack, clock)

    return founded


# One life, made of every gesture


async def reporting(it: Tenant) -> None:
    door, word = it.door, it.word
    await door.command(f"{DOCS} {word}", ANA)
    told = await door.command(f"{DOCS_TOO} {word}", BEN)
    await door.click("report_detail", buttons(told)["report_detail"], BEN)
    await door.submit(BEN, words=f"since tuesday {word}", severity="2", minutes="30")
    await door.command(f"{VPN} {word}", CEM)
    await door.command(
        f"the {word} debugger hangs at a breakpoint", ANA, channel_id=SECRET, channel_name="privategroup"
    )
    await door.command("", LEA)
    await door.submit(LEA, words=f"stack traces of {word} say nothing", severity="3", minutes="480")
    await door.send(door.a_shortcut(DORA))
    await door.submit(DORA, words=f"{VPN} for {word}", anonymous=["yes", "hear"])
    await it.settle()
    flagged = it.message(ANA, f"{DOCS} again")
    await door.react(BEN, BACKEND, flagged["ts"], "triangular_flag_on_post", author=ANA)
    await door.send(door.a_message_shortcut(it.message(ANA, f"{VPN} saved"), BEN))
    await it.settle(minutes=1)
    changed = flagged | {"text": f"{DOCS} edited {word}", "edited": {"user": ANA, "ts": it.slack.ts()}}
    await door.event(type="message", subtype="message_changed", channel=BACKEND, message=changed)
    for card in it.slack.posted(CARDS):
        for person in (LEA, TIM, DORA):
            await door.react(person, CARDS, card["ts"], author=fakes.BOT)
        await door.react(DORA, CARDS, card["ts"], author=fakes.BOT, on=False)
    await it.settle(minutes=1)


async def deciding(it: Tenant) -> None:
    door, word = it.door, it.word
    await door.command("digest", TIM)
    await door.submit(TIM, every="week", weekday="mon", at="09:00", length="5")
    await door.command("digest now", TIM)
    await it.settle(minutes=1)
    first, second, third, fourth = [await it.cluster(number) for number in range(1, 5)]
    for gesture, given in (("rename", {"title": f"Named by {word}"}), ("workaround", {"words": f"ask {word}"})):
        await door.send(door.a_click("cluster_desk", f"{gesture}:{first}", ADA, menu=True))
        await door.submit(ADA, **given)
    await door.click("cluster_take", f"{second}:", TIM)
    await merge.merge(it.kit, third, fourth, ADA, clocks.now())
    for status in ("planned", "shipped"):
        await door.send(door.a_click("cluster_status", f"status:{first}", ADA, menu=True))
        await door.confirm(ADA, status=status, reason=f"because of {word}")
    async with it.kit.database.transaction() as session:
        asked = {"kind": "merge", "cluster_id": second, "other_id": first, "score": 0.5, "made_at": clocks.now()}
        session.add(Suggestion(workspace_id=it.id, report_id=(await it.ids(Report))[0], **asked))
    await it.settle(hours=13)
    await door.command("digest now", TIM)
    await it.settle(minutes=1)


async def time_passing(it: Tenant) -> None:
    for days in (0, 1, 8, 8):
        it.clock.forward(days=days)
        for name, job, _ in scheduler.jobs(it.clock):
            if name not in ELSEWHERE_TRIED:
                await job(it.kit, it.clock())
        await it.settle(minutes=1)


async def asking(it: Tenant) -> None:
    """Everybody asks for all that there is, and so does whoever runs the bot."""
    for person in (*PEOPLE, "U0GUS"):
        for typed in TYPED:
            await it.door.command(typed, person)
        await it.door.event(type="app_home_opened", user=person, channel=f"D{person}", tab="home")
        for number in range(1, 5):
            await it.door.click("cluster_why", str(await it.cluster(number)), person)
            await it.door.click("cluster_show", str(await it.cluster(number)), person)
        await it.door.click("home_quarter", "quarter", person)
        await it.door.click("own_held", "me", person)
    await it.settle(minutes=1)
    now, kit = it.clock(), it.kit
    day = f"{now:%Y-%m-%d}"
    for what in export.WHAT:
        rows = await export.rows(kit.database, it.id, what, leads=(LEA,), now=now, private=True)
        it.shown += [row | {"id": 0} for row in rows]
    it.shown += [
        {"text": await digests.preview(kit, TIM, now)},
        {"text": await replay.as_of(kit, TIM, day, now)},
        {"text": repr(await replay.between(kit, "", f"{clocks.now():%Y-%m-%d}", day, now))},
        {"text": views.quarter.text(await quarters.compose(kit, rules.quarter.of(now), now))},
    ]
    found = await doctor.examine(kit, await kit.slack.identity(), now)
    it.shown += [{"text": each.text} for each in found[1:]]  # the first one names the database
    it.shown += [{"text": await own.held(kit, person)} for person in PEOPLE]


async def leaving(it: Tenant) -> None:
    """What was said is taken back, in every way there is."""
    door = it.door
    flagged = next(each for each in it.slack.channels[BACKEND].messages if DOCS in each["text"])
    await door.event(type="message", subtype="message_deleted", channel=BACKEND, deleted_ts=flagged["ts"])
    for person in (CEM, TIM, LEA):
        await door.click("own_delete", "me", person)
    await door.event(type="user_change", user={"id": TIM, "team_id": it.id})
    await door.event(type="channel_id_changed", old_channel_id="C0GENERAL", new_channel_id="C0MOVED")
    await door.event(type="subteam_members_changed", subteam_id="S1", team_id=it.id)
    await it.settle(minutes=1)


LIFE = (reporting, deciding, time_passing, asking, leaving)


async def more(it: Tenant) -> None:
    """What only the large one has: more people, more of each, and things that are still to be done."""
    for person in (CEM, DORA, TIM):
        await it.door.command(f"{DOCS} {it.word} too", person)
        await it.door.command(f"{VPN} {it.word} as well", person)
    for number, words in enumerate(("logs are lost", "builds wait for hours", "no way to roll back", "flaky tests")):
        await it.door.command(f"{words} {it.word} {number}", BEN)
    await it.settle(minutes=1)
    await it.door.command(f"the {it.word} queue is stuck", BEN)
    await it.door.event(type="app_home_opened", user=ANA, channel=f"D{ANA}", tab="home")


@pytest.fixture
async def alone(founded: Founded, embedded: Path, tmp_path: Path) -> Counter[str]:
    """All that the small one is told when there is no other."""
    file = tmp_path / "alone.db"
    shutil.copy(embedded, file)
    database = Database(f"sqlite+aiosqlite:///{file}")
    async with founded(database, SMALL) as small:
        for gestures in LIFE:
            await gestures(small)
        told = Counter(readable(small.told()))
    await database.close()
    return told


@pytest.fixture
async def large(founded: Founded, database: Database) -> AsyncIterator[Tenant]:
    async with founded(database, LARGE) as large:
        for gestures in (reporting, deciding, more):
            await gestures(large)
        yield large


@pytest.fixture
async def small(founded: Founded, database: Database, large: Tenant) -> AsyncIterator[Tenant]:
    async with founded(database, SMALL) as small:
        yield small


class Anothers:
    """Things of the large workspace, where test_clicks has a world of things to press."""

    def __init__(self, report: int, cluster: int, other: int, suggestion: int) -> None:
        self.report, self.cluster, self.other, self.suggestion = report, cluster, other, suggestion


async def press_everything(large: Tenant, small: Tenant) -> None:
    """In the small one, every button and form there is, with every id of the large one's."""
    door, clusters = small.door, await large.ids(Cluster)
    (suggestion, *_), fact_ids = await large.ids(Suggestion), await large.ids(Fact)
    for report, cluster in zip(await large.ids(Report), clusters * 9, strict=False):
        things: Any = Anothers(report, cluster, clusters[0], suggestion)
        for name, (value, _) in ACTIONS.items():
            for person in (ADA, TIM):
                body = door.a_click(name, value(things).replace("999999", str(fact_ids[0])), person)
                await door.send(body)
        for name, (carried, filled, _) in FORMS.items():
            body = door._gesture("view_submission", ADA)
            values: Json = {key: {"value": {"type": "plain_text_input", "value": each}} for key, each in filled.items()}
            for key in filled.keys() & {"area", "areas", "every"}:
                chosen = {"text": {"type": "plain_text", "text": "x"}, "value": filled[key]}
                values[key] = {"value": {"type": "static_select", "selected_option": chosen}}
            body["view"] = {
                "id": small.slack.trigger(),
                "type": "modal",
                "callback_id": name,
                "private_metadata": json.dumps(carried(things) | {"answer": small.slack.response_url()}),
                "blocks": [],
                "state": {"values": values},
            }
            await door.send(body)
    for fact in fact_ids:
        for name in ("fact_undo", "hearing_gone", "hearing_still"):
            await door.click(name, f"{fact}:", ADA)
    for gesture in ("merge", "split", "rename", "area", "workaround", "status", "assign", "snooze", "more"):
        await door.send(door.a_click("cluster_desk", f"{gesture}:{clusters[0]}:{suggestion}", ADA, menu=True))
    await small.settle(minutes=1)


async def test_beside_another_workspace_everything_is_as_it_is_alone(
    alone: Counter[str], large: Tenant, small: Tenant
) -> None:
    before = await large.rows()
    for gestures in LIFE:
        await gestures(small)
        assert await large.rows() == before, gestures.__name__
    told = Counter(readable(small.told()))
    assert (told - alone, alone - told) == (Counter(), Counter())
    assert large.word not in everything_in(small.told())
    assert small.word in everything_in(small.told())
    assert large.word in everything_in(large.told())
    # The ids were equal, so that they could be taken for one another.
    for table, name in ((Report, "key"), (Cluster, "number"), (Cluster, "card_ts"), (Report, "message_ts")):
        async with small.kit.database.reading() as session:
            wanted = select(getattr(table, name), table.workspace_id)
            found: dict[str, set[Any]] = {LARGE: set(), SMALL: set()}
            for value, team in (await session.exec(wanted)).all():
                found[team].add(value)
        assert found[SMALL] - {""} & found[LARGE]
    assert _sent(small.door) >= _registered()


async def test_nothing_is_reached_by_its_id_from_another_workspace(large: Tenant, small: Tenant) -> None:
    await reporting(small)
    await deciding(small)
    before = await large.rows()
    await press_everything(large, small)
    assert await large.rows() == before
    assert large.word not in everything_in(small.told())


async def test_a_workspace_that_is_forgotten_leaves_the_other_as_it_was(large: Tenant, small: Tenant) -> None:
    await reporting(small)
    await deciding(small)
    before = await large.rows()
    await small.door.event(type="tokens_revoked", tokens={"bot": [fakes.BOT]})
    await small.door.event(type="app_uninstalled")
    for name, job, _ in scheduler.jobs(small.clock):
        if name not in ELSEWHERE_TRIED:
            await job(small.kit, small.clock.forward(days=15))
    assert await small.rows() == []
    assert await large.rows() == before


# Whatever is added later is in these lists, or fails


def _registered() -> set[str]:
    source = Path(listeners.__file__).read_text(encoding="utf-8")
    events = re.findall(r'app\.event\((?:"(\w+)"|\{"type": "message", "subtype": "(\w+)"\})', source)
    found = {one or other for one, other in events} | set(re.findall(r'app\.shortcut\("(\w+)"', source))
    return found - {"app_uninstalled", "tokens_revoked"}  # their own test


def _sent(door: Listening) -> set[str]:
    events = [each["event"] for each in door.sent if "event" in each]
    named = {str(each.get("subtype") or each["type"]) for each in events}
    return named | {str(each["callback_id"]) for each in door.sent if "callback_id" in each}


def test_every_command_is_typed() -> None:
    typed = {type(rules.commands.parse(each, frozenset({"docs"}))) for each in (*TYPED, DOCS)}
    assert typed == set(typing.get_args(rules.commands.Command))


def test_whatever_an_operator_types_is_about_one_workspace_or_about_none() -> None:
    infos = [*cli.cli.registered_commands]
    infos += [each for group in cli.cli.registered_groups for each in group.typer_instance.registered_commands]
    names = {each.name or getattr(each.callback, "__name__", "") for each in infos}
    assert names == OF_ONE | SUBSCRIBING | OF_NONE


#: Questions that need no workspace, or cannot have one: why.
ASKED_WITHOUT = {
    "fits.workspaces": "lists them",
    "outbox.release": "at the start of the only process on a SQLite file",
    "outbox.retry": "whoever runs the bot tries again what was given up, by its number",
    "outbox.waiting_since": "a figure for whoever runs the bot",
    "upsert.insert": "writes what it is given",
}

#: What these parameters bring was asked for by workspace: rows that are to be changed or followed, and their ids.
BROUGHT = re.compile(
    "workspace|cluster|fact|row|rows|report|subscription|suggestions?|digest|notice|notices|mark|given|changes"
    "|verdict|vote|fit|arrivals|(cluster|fact|report|row|notice|seal|subscription)_ids?|homes"
)


def test_every_question_to_the_database_is_by_workspace_or_about_what_was_found_so() -> None:
    without = set()
    for file in sorted(Path(storage.__file__).parent.glob("*.py")):
        for each in ast.parse(file.read_text(encoding="utf-8")).body:
            if not isinstance(each, ast.AsyncFunctionDef | ast.FunctionDef) or each.name.startswith("_"):
                continue
            named = [given.arg for given in (*each.args.args, *each.args.kwonlyargs)]
            if "session" in named and "workspace_id" not in named and not any(map(BROUGHT.fullmatch, named)):
                without.add(f"{file.stem}.{each.name}")
    assert without == set(ASKED_WITHOUT)
