"""Whatever people and the machine do, in whatever order: what was decided holds, and nothing and nobody is lost."""

from __future__ import annotations

import asyncio
import json
import shutil
import uuid
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ADA, ANA, BACKEND, BEN, CARDS, CEM, DOCS, DOCS_TOO, LEA, MONDAY, TIM, VPN, Clock, emptied
from fakes import slack as fakes
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import select

import storage.clusters
import storage.workspaces
from bot import rules
from bot import slack as slacks
from bot.flows import assign, correct, export, merge, regroup, rename, snooze, split, status, suggest, undo, vote
from bot.flows import report as reports
from bot.flows import subscription as subscriptions
from bot.flows.kit import Classifier, Groups, House, Kit, Leads
from bot.flows.triage import Contradicted, Done, Refused
from classifiers import areas, grouping, train
from classifiers.area import AreaClassifier
from storage.database import Database
from storage.models import Cluster, Fact, Move, Report
from storage.suggestions import Suggestion

WORDS = (
    DOCS,
    DOCS_TOO,
    VPN,
    "VPN access for new people takes ages",
    "the payment gateway answers 500 with an empty body",
    "gateway answers 500 and the body is empty",
    "pods restart without any log line",
    "docs",
)
PEOPLE = (ANA, BEN, CEM, LEA)

words, people, which = st.sampled_from(WORDS), st.sampled_from(PEOPLE), st.integers(0, 30)

#: Who decides: mostly somebody who may. And whether they do it although others said otherwise.
deciding, insisting = st.sampled_from((ADA, ADA, ADA, TIM, ANA)), st.sampled_from((True, True, False))


class History(RuleBasedStateMachine):
    """One workspace on a real database. `run` runs what is asynchronous; `begin` opens the database of one example."""

    run: Callable[[Coroutine[Any, Any, Any]], Any]
    begin: Callable[[], Database]
    build: Callable[[Database], Kit]

    def __init__(self) -> None:
        super().__init__()
        self.database = self.begin()
        self.kit = self.build(self.database)
        self.clock = Clock()
        self.events = 0
        self.votes: set[tuple[str, str, str]] = set()  # channel, message, person
        self.cards: dict[str, str] = {}  # message -> handle
        self.last: tuple[int, str] | None = None  # the latest decision, and what was before it
        self.read: dict[str, list[Any]] = {}  # what was read since anything happened
        self.run(self._begin())

    async def _begin(self) -> None:
        async with self.database.transaction() as session:
            await storage.workspaces.ensure(session, fakes.TEAM, "Acme")
        await subscriptions.subscribe(
            self.kit, TIM, areas="docs,errors", every="week", weekday="mon", at="09:00", tz="UTC", now=MONDAY
        )

    def teardown(self) -> None:
        self.run(self.database.close())

    # What happens

    @initialize()
    def some_problems(self) -> None:
        for number, text in enumerate(WORDS[2:], 1):
            self.report(text, PEOPLE[number % 4], captured=number % 2 == 0)
            self.vote(number, PEOPLE[number % 3], on=True, captured=False)

    @rule(text=words, by=people, captured=st.booleans())
    def report(self, text: str, by: str, captured: bool) -> None:
        self.events += 1
        message = {"channel": BACKEND, "message_ts": f"5{self.events}.1", "permalink": "x"} if captured else {}
        said = reports.Said(
            key=f"k{self.events}", text=text, source="command", reporter=by, said_at=self._now(), **message
        )
        self.do(reports.file(self.kit, said, self.clock()))
        self.last = None
        self.do(self._post_cards())

    async def _post_cards(self) -> None:
        """Every cluster gets a card, as the outbox would see to."""
        async with self.database.transaction() as session:
            await storage.workspaces.lock(session, fakes.TEAM)
            for cluster in (await session.exec(select(Cluster).where(Cluster.card_ts == ""))).all():
                ts = f"9{cluster.number}.1"
                await storage.clusters.remember_card(session, cluster, channel=CARDS, ts=ts, link="")
                self.cards[ts] = f"F-{cluster.number}"

    @rule(number=which, by=people, on=st.booleans(), captured=st.booleans())
    def vote(self, number: int, by: str, on: bool, captured: bool) -> None:
        messages = (
            [row["message_ts"] for row in self._rows("reports") if row["message_ts"]] if captured else [*self.cards]
        )
        if not messages:
            return
        channel, ts = BACKEND if captured else CARDS, messages[number % len(messages)]
        self.events += 1
        self.do(
            vote.reacted(
                self.kit,
                channel=channel,
                message_ts=ts,
                author=ANA if captured else fakes.BOT,
                person=by,
                emoji="+1",
                given=on,
                event_ts=f"{self.events:06}.1",
                now=self._now(),
            )
        )
        (self.votes.add if on else self.votes.discard)((channel, ts, by))
        self.last = None

    @rule(one=which, other=which, by=deciding, insist=insisting)
    def merge(self, one: int, other: int, by: str, insist: bool) -> None:
        ids = self._clusters(one, other)
        if ids:
            self._decide(insist, lambda seen: merge.merge(self.kit, *ids, by, self._now(), despite=seen))

    @rule(one=which, other=which, by=deciding, insist=insisting)
    def tell_apart(self, one: int, other: int, by: str, insist: bool) -> None:
        ids = self._clusters(one, other)
        if ids:
            self._decide(insist, lambda seen: merge.tell_apart(self.kit, *ids, by, self._now(), despite=seen))

    @rule(number=which, chosen=st.sets(which, min_size=1, max_size=4), by=deciding, insist=insisting)
    def split(self, number: int, chosen: set[int], by: str, insist: bool) -> None:
        ids = self._clusters(number)
        here = [row["id"] for row in self._rows("reports") if ids and row["cluster"] == self._whole(f"F-{ids[0]}")]
        if here:
            some = {here[each % len(here)] for each in chosen}
            self._decide(insist, lambda seen: split.split(self.kit, ids[0], some, by, self._now(), despite=seen))

    @rule(number=which, insist=insisting)
    def set_apart(self, number: int, insist: bool) -> None:
        if row := self._report(number):
            key, by = row["id"], row["reporter"]
            self._decide(insist, lambda seen: split.set_apart(self.kit, key, by, self._now(), despite=seen))

    @rule(number=which, same=st.booleans(), own=st.booleans(), insist=insisting)
    def answer(self, number: int, same: bool, own: bool, insist: bool) -> None:
        asked = self._everything(Suggestion)
        if asked:
            suggestion = asked[number % len(asked)]
            rows = {row["id"]: row["reporter"] for row in self._rows("reports")}
            by = rows.get(suggestion.report_id, ADA) if own else ADA
            self._decide(
                insist,
                lambda seen: suggest.answer(self.kit, suggestion.id, same, by, self._now(), own=own, despite=seen),
            )

    @rule(number=which, title=st.sampled_from(("", "Flags", "Gateway")), by=deciding)
    def rename(self, number: int, title: str, by: str) -> None:
        if ids := self._clusters(number):
            was = self._cluster(ids[0]).title
            self._decide(False, lambda _: rename.rename(self.kit, ids[0], title, by, self._now(), was=was))

    @rule(number=which, area=st.sampled_from(train.AREAS), by=deciding)
    def retag(self, number: int, area: str, by: str) -> None:
        if ids := self._clusters(number):
            was = next(row["area"] for row in self._rows("clusters") if row["cluster"] == self._whole(f"F-{ids[0]}"))
            self._decide(False, lambda _: rename.retag(self.kit, ids[0], area, by, self._now(), was=was))

    @rule(number=which, became=st.sampled_from(rules.status.ALL), why=st.sampled_from(("", "so")), by=deciding)
    def set_status(self, number: int, became: str, why: str, by: str) -> None:
        if ids := self._clusters(number):
            was = self._cluster(ids[0]).status
            self._decide(
                False, lambda _: status.set_status(self.kit, ids[0], became, why, "", by, self._now(), was=was)
            )

    @rule(number=which, owner=st.sampled_from(("", ANA, TIM)), by=deciding)
    def assign(self, number: int, owner: str, by: str) -> None:
        if ids := self._clusters(number):
            was = self._cluster(ids[0]).owner
            self._decide(False, lambda _: assign.assign(self.kit, ids[0], owner, by, self._now(), was=was))

    @rule(number=which, how_long=st.sampled_from(("2", "4", "doubles", "wake")), by=deciding)
    def let_rest(self, number: int, how_long: str, by: str) -> None:
        if ids := self._clusters(number):
            said = self._said("snooze").get(self._cluster(ids[0]).id or 0)
            was = said.value if said else ""
            self._decide(False, lambda _: snooze.snooze(self.kit, ids[0], how_long, by, self._now(), was=was))

    @rule(number=which, area=st.sampled_from(train.AREAS))
    def retag_report(self, number: int, area: str) -> None:
        if row := self._report(number):
            self.do(correct.retag(self.kit, row["id"], area, row["reporter"], self._now()))
            self.last = None

    @rule(number=which)
    def withdraw(self, number: int) -> None:
        if row := self._report(number):
            self.do(correct.withdraw(self.kit, row["id"], row["reporter"], self._now()))
            self.votes = {each for each in self.votes if each[1] != row["message_ts"] or not row["message_ts"]}
            self.last = None

    @rule(number=which)
    def undo_something(self, number: int) -> None:
        facts = [fact.id for fact in self._everything(Fact)]
        if facts:
            before, stood = self._state(), self._standing()
            undone = facts[number % len(facts)]
            try:
                done = self.do(undo.undo(self.kit, undone, ADA, self._now()))
            except Refused:
                assert self._state() == before
                assert self._standing() == stood
            else:
                assert not done.news.startswith("Undone") or self._standing() - stood >= set()
                assert stood - self._standing() <= {undone}
            self.last = None

    @precondition(lambda self: self.last is not None)
    @rule()
    def undo_what_was_just_decided(self) -> None:
        assert self.last is not None
        fact, before = self.last
        self.do(undo.undo(self.kit, fact, ADA, self._now()))
        assert self._state(until=json.loads(before)["handles"]) == before
        self.last = None

    @rule()
    def look_at_night(self) -> None:
        stood = self._standing()
        self.do(regroup.look(self.kit, self._now()))
        before = self._state()
        again = self.do(regroup.look(self.kit, self._now()))
        assert again == regroup.Night(0, 0, 0)
        assert self._state() == before
        assert self._standing() == stood
        self.last = None

    @rule()
    def restart(self) -> None:
        self.kit = self.build(self.database)

    # What holds

    @invariant()
    def every_handle_leads_to_an_older_one_or_is_one(self) -> None:
        rows = {row["cluster"]: row for row in self._rows("clusters")}
        assert [*rows] == [f"F-{number + 1}" for number in range(len(rows))]
        for handle, row in rows.items():
            if row["merged_into"] is not None:
                assert int(row["merged_into"][2:]) < int(handle[2:])
                assert row["reports"] == 0 and row["developers"] == 0
        assert all(rows[row["cluster"]]["merged_into"] is None for row in self._rows("reports"))

    @invariant()
    def people_are_counted_once_and_nobody_is_lost(self) -> None:
        here: dict[str, set[str]] = {}
        placed = {}
        for row in self._rows("reports"):
            here.setdefault(row["cluster"], set()).add(row["reporter"])
            placed[row["message_ts"]] = row["cluster"]
        for channel, ts, person in self.votes:
            cluster = self._whole(self.cards[ts]) if channel == CARDS else placed[ts]
            if cluster in here:  # what everybody took back hurts nobody
                here[cluster].add(person)
        counted = {row["cluster"]: row["developers"] for row in self._rows("clusters") if row["developers"]}
        assert counted == {cluster: len(those) for cluster, those in here.items()}

    @invariant()
    def no_fact_is_broken(self) -> None:
        facts = [fact for fact in self._everything(Fact) if fact.undone_at is None]
        rows = {row["cluster"]: row for row in self._rows("clusters")}
        placed = {report.id: report.cluster_id for report in self._everything(Report) if report.cluster_id}
        moves = self._everything(Move)
        named: dict[str, dict[str, str]] = {"title": {}, "area": {}}
        for fact in facts:
            own = [fact.cluster_id] if fact.cluster_id else []
            own += [placed[fact.report_id]] if fact.report_id in placed else []
            if fact.kind == "not_same_as":
                own += [
                    placed[move.report_id] for move in moves if move.fact_id == fact.id and move.report_id in placed
                ]
            if fact.kind in ("same_as", "not_same_as", "joined"):
                other = self._whole(f"F-{fact.other_id}")
                same = {self._whole(f"F-{each}") == other for each in own}
                assert same <= {fact.kind != "not_same_as"}, fact
            elif fact.kind in named and fact.cluster_id:
                named[fact.kind][f"F-{fact.cluster_id}"] = fact.value
        for kind, said in named.items():
            for handle, value in said.items():
                if rows[handle]["merged_into"] is None and value:
                    assert rows[handle][kind] == value

    @invariant()
    def what_was_said_last_of_a_cluster_itself_holds(self) -> None:
        said = {kind: self._said(kind) for kind in ("status", "owner", "snooze")}
        for cluster in self._everything(Cluster):
            if cluster.merged_into is not None:
                continue
            for kind in ("status", "owner"):
                if fact := said[kind].get(cluster.id):
                    assert getattr(cluster, kind) == fact.value
            rest = said["snooze"].get(cluster.id)
            assert (cluster.snoozed_at is not None) == bool(rest and rest.value)
            assert (cluster.status == rules.status.NEW) or cluster.status_at is not None

    # How it is looked at

    def do(self, happening: Coroutine[Any, Any, Any]) -> Any:
        try:
            return self.run(happening)
        finally:
            self.read.clear()

    def _now(self) -> Any:
        return self.clock.forward(minutes=1)

    def _decide(self, insist: bool, deciding: Callable[[tuple[int, ...]], Coroutine[Any, Any, Done]]) -> None:
        """Decide, and if facts say otherwise, insist or not. What stood before stands, but for what was insisted on."""
        before, stood, seen = self._state(), self._standing(), set[int]()
        done = None
        try:
            done = self.do(deciding(()))
        except Refused:
            pass
        except Contradicted as contradicted:
            assert set(contradicted.fact_ids) <= stood
            assert self._state() == before and self._standing() == stood
            if insist:
                seen = set(contradicted.fact_ids)
                try:
                    done = self.do(deciding(contradicted.fact_ids))
                except Refused:
                    done = None
        now = self._standing()
        assert stood - now <= seen
        if done is None:
            assert self._state() == before and now == stood
        new = done is not None and done.fact_id is not None and done.fact_id not in stood
        if new:
            self.last = (done.fact_id or 0, before) if done else None
        elif self._state() != before:
            self.last = None
        self.do(self._post_cards())

    def _clusters(self, *numbers: int) -> list[int]:
        """Clusters by number, merged ones too: an old button may name them."""
        count = len(self._rows("clusters"))
        return [number % count + 1 for number in numbers] if count else []

    def _report(self, number: int) -> dict[str, Any] | None:
        rows = self._rows("reports")
        return rows[number % len(rows)] if rows else None

    def _cluster(self, cluster_id: int) -> Cluster:
        """The cluster as it is now: what it is a part of."""
        handle = self._whole(f"F-{cluster_id}")
        return next(each for each in self._everything(Cluster) if f"F-{each.number}" == handle)

    def _said(self, kind: str) -> dict[int, Fact]:
        """What of this kind was said last of each cluster itself, and stands."""
        facts = [fact for fact in self._everything(Fact) if fact.kind == kind and fact.undone_at is None]
        return {fact.cluster_id: fact for fact in facts}

    def _whole(self, handle: str) -> str:
        into = {row["cluster"]: row["merged_into"] for row in self._rows("clusters")}
        while into[handle] is not None:
            handle = into[handle]
        return handle

    def _rows(self, what: str) -> list[dict[str, Any]]:
        if what not in self.read:
            seen = MONDAY.replace(year=2027)
            self.read[what] = self.run(export.rows(self.database, fakes.TEAM, what, leads=(LEA,), now=seen))
        return self.read[what]

    def _state(self, until: int | None = None) -> str:
        """Everything there is to see. `until`: leave out handles that were given out later, which stay for ever."""
        clusters = self._rows("clusters")
        count = len(clusters) if until is None else until
        became = ("owner", "status_at", "snoozed_at", "snoozed_until", "snoozed_below")
        seen = {"handles": count, "clusters": clusters[:count]}
        seen["became"] = [[str(getattr(each, name)) for name in became] for each in self._everything(Cluster)[:count]]
        seen |= {what: self._rows(what) for what in ("reports", "votes")}
        return json.dumps(seen, sort_keys=True)

    def _standing(self) -> set[int]:
        return {fact.id for fact in self._everything(Fact) if fact.undone_at is None and fact.kind != "joined"}

    def _everything(self, table: Any) -> list[Any]:
        async def read() -> list[Any]:
            async with self.database.reading() as session:
                return list((await session.exec(select(table).order_by(table.id))).all())

        name = table.__name__
        if name not in self.read:
            self.read[name] = self.run(read())
        return self.read[name]


@pytest.fixture
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def build(
    classifier: AreaClassifier, likeness: grouping.Space, loop: asyncio.Runner, cache: Path
) -> Iterator[Callable[[Database], Kit]]:
    slack = fakes.FakeSlack(Clock())
    for person in (*PEOPLE, ADA, TIM):
        slack.person(person)

    async def connect() -> Any:
        await slack.start()
        connected = slacks.connect(fakes.BOT_TOKEN, slack.api_url)
        return connected, await connected.__aenter__()

    connected, client = loop.run(connect())
    house = House(
        workspace_id=fakes.TEAM,
        bot_user_id=fakes.BOT,
        channel=CARDS,
        capture=frozenset(),
        upvote=rules.reactions.listed("+1"),
        about=areas.BUILT_IN,
        admins=frozenset({ADA}),
    )
    kept = Classifier(classifier, cache / "area.npz")
    yield lambda database: Kit(database, client, house, kept, Groups(likeness, fakes.TEAM, cache), Leads((LEA,)))
    loop.run(connected.__aexit__(None, None, None))
    loop.run(slack.stop())


def test_whatever_happens_on_postgresql_facts_hold_and_nobody_is_lost(
    server: str, build: Callable[[Database], Kit], loop: asyncio.Runner
) -> None:
    def begin() -> Database:
        loop.run(emptied(server))
        return Database(server)

    _play(begin, build, loop, examples=3)


def test_whatever_happens_on_sqlite_facts_hold_and_nobody_is_lost(
    embedded: Path, build: Callable[[Database], Kit], loop: asyncio.Runner
) -> None:
    def begin() -> Database:
        path = embedded.with_name(f"{uuid.uuid4().hex}.db")
        shutil.copy(embedded, path)
        return Database(f"sqlite+aiosqlite:///{path}")

    _play(begin, build, loop, examples=20)


def _play(
    begin: Callable[[], Database], build: Callable[[Database], Kit], loop: asyncio.Runner, *, examples: int
) -> None:
    machine = type(
        "Played",
        (History,),
        {"run": staticmethod(loop.run), "begin": staticmethod(begin), "build": staticmethod(build)},
    )
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
