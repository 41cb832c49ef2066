"""Who may press what: every registered button and form, by every kind of person, on every kind of thing.

An id in a button or in a form proves nothing, so each is sent with ids of things that are not the sender's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ADA, BEN, CEM, DOCS, DORA, LEA, TIM, VPN, Team
from fakes.slack import TEAM, FakeSlack
from sqlalchemy import text
from test_listeners import Door, Json, Work, clock, door, door_to  # noqa: F401

import storage.workspaces
from bot import clock as clocks
from bot import listeners
from bot.flows import subscription as subscriptions
from bot.flows import visitor
from bot.flows.kit import Kit
from storage.database import Database
from storage.models import Cluster, Report, Workspace
from storage.suggestions import Suggestion

GUEST, OUT, GONE = "U0GUEST", "U0OUT", "U0GONE"

#: Everybody: an engineer, a lead, who looks after docs, who looks after onboarding, an admin, a guest, somebody of
#: another company in a shared channel, somebody who has left, and an engineer by way of another workspace.
ROLES = {"engineer": CEM, "lead": LEA, "tpm": TIM, "other tpm": DORA, "admin": ADA}
ROLES |= {"guest": GUEST, "outsider": OUT, "gone": GONE, "elsewhere": CEM}
MEMBERS = frozenset({"engineer", "lead", "tpm", "other tpm", "admin"})
AUTHORS = MEMBERS | {"guest"}
NOBODY: frozenset[str] = frozenset()

#: What a refusal says, in whichever words.
REFUSED = re.compile(
    "^(Only |That report was taken back|There is no such|That is somebody else’s|I do not know how|Guests can"
    "|That account|That belongs to another|Nobody has it any more)"
)


class World:
    """One of everything, made anew for each press, so that none follows from another."""

    def __init__(self, kit: Kit, team: Team) -> None:
        self.kit, self.team = kit, team
        self.report = self.cluster = self.other = self.suggestion = self.fact = 0

    async def made(self, thing: str, person: str) -> None:
        """`thing`: whose the report is, or where the cluster is."""
        author = person if thing == "own" else BEN
        async with self.kit.database.transaction() as session:
            workspace = "T0ELSE" if thing == "elsewhere" else TEAM
            area = "onboarding" if thing == "other area" else "docs"
            made = []
            for number in (1, 2):
                self.team._count += 1
                place = await storage.workspaces.lock(session, workspace)
                place.last_handle += 1
                cluster = Cluster(
                    workspace_id=workspace,
                    number=place.last_handle,
                    area=area,
                    area_by="triage",
                    created_at=clocks.now(),
                )
                session.add(cluster)
                await session.flush()
                report = Report(
                    workspace_id=workspace,
                    key=f"made:{self.team._count}",
                    cluster_id=cluster.id,
                    text=f"{DOCS if number == 1 else VPN} {self.team._count}",
                    area=area,
                    area_by="triage",
                    source="command",
                    reporter=author,
                    visibility="private",
                    said_at=clocks.now(),
                    created_at=clocks.now(),
                )
                session.add(report)
                await session.flush()
                made.append((cluster.id or 0, report.id or 0))
            (self.cluster, self.report), (self.other, _) = made
            asked = Suggestion(
                workspace_id=workspace,
                kind="merge",
                cluster_id=self.cluster,
                other_id=self.other,
                report_id=self.report,
                score=0.5,
                made_at=clocks.now(),
            )
            session.add(asked)
            await session.flush()
            self.suggestion = asked.id or 0


Value = Callable[[World], str]
Allowed = dict[str, frozenset[str]]

#: Things that a report may be, and that a cluster may be, for who presses.
OWN, CLUSTER = ("own", "another's", "elsewhere"), ("own area", "other area", "elsewhere")


def the_report(world: World) -> str:
    return str(world.report)


def the_cluster(world: World) -> str:
    return str(world.cluster)


def whose(own: frozenset[str], anothers: frozenset[str]) -> Allowed:
    return {"own": own, "another's": anothers, "elsewhere": NOBODY}


def where(own_area: frozenset[str], other_area: frozenset[str]) -> Allowed:
    return {"own area": own_area, "other area": other_area, "elsewhere": NOBODY}


AUTHOR = whose(AUTHORS, NOBODY)
MOVED = whose(AUTHORS, frozenset({"tpm", "admin"}))
TRIAGED = where(frozenset({"tpm", "admin"}), frozenset({"other tpm", "admin"}))
READ = where(MEMBERS, MEMBERS)
ONES_OWN = {"own": AUTHORS}
MEMBERS_OWN = {"own": MEMBERS}

#: Action → what it brings back, and who may on which thing. A row that is missing fails the test.
ACTIONS: dict[str, tuple[Value, Allowed]] = {
    "report_area": (lambda world: f"{world.report}:errors", MOVED),
    "report_apart": (the_report, whose(NOBODY, NOBODY)),  # it is alone; whose it is is told by another sentence
    "report_detail": (the_report, AUTHOR),
    "report_release": (the_report, AUTHOR),
    "report_undo": (the_report, AUTHOR),
    "report_delete": (the_report, AUTHOR),
    "report_fine": (the_report, AUTHOR),
    "own_held": (lambda world: "me", ONES_OWN),
    "own_delete": (lambda world: "me", ONES_OWN),
    "own_unflagged": (lambda world: "yes", ONES_OWN),
    "own_flaggable": (lambda world: "yes", ONES_OWN),
    "cluster_show": (the_cluster, READ),
    "cluster_why": (the_cluster, READ),
    "cluster_desk": (lambda world: f"rename:{world.cluster}", TRIAGED),
    "suggest_split": (lambda world: f"split:{world.cluster}:{world.suggestion}", TRIAGED),
    "suggest_same": (lambda world: f"{world.suggestion}:", TRIAGED),
    "suggest_different": (lambda world: f"{world.suggestion}:", TRIAGED),
    "suggest_none": (lambda world: f"{world.report}:report:{world.report}", AUTHOR),
    "insist": (lambda world: f"0/same/{world.suggestion}:", TRIAGED),
    "fact_undo": (lambda world: "999999:", where(NOBODY, NOBODY)),
    "leave": (lambda world: "", ONES_OWN),
    "find_file": (lambda world: "the docs are wrong", MEMBERS_OWN),
    "digest_settings": (lambda world: "", MEMBERS_OWN),
    "digest_pause": (lambda world: f"{BEN}:1", {"another's": NOBODY}),
    "digest_resume": (lambda world: BEN, {"another's": NOBODY}),
    "digest_unsubscribe": (lambda world: BEN, {"another's": NOBODY}),
    "digest_undo": (lambda world: BEN, {"another's": NOBODY}),
    "report_cost": (lambda world: f"{world.report}:30", AUTHOR),
    "cluster_status": (lambda world: f"status:{world.cluster}", TRIAGED),
    "cluster_take": (lambda world: f"{world.cluster}:", TRIAGED),
    "home_quarter": (lambda world: "quarter", MEMBERS_OWN),
    "hearing_gone": (lambda world: "999999:", {"elsewhere": NOBODY}),
    "hearing_still": (lambda world: "999999:", {"elsewhere": NOBODY}),
    "hearing_leave": (the_cluster, {"own": AUTHORS, "elsewhere": NOBODY}),
    "hearing_return": (the_cluster, {"elsewhere": NOBODY}),
    "hearing_mute": (the_cluster, {"own": AUTHORS, "elsewhere": NOBODY}),
    "hearing_unmute": (the_cluster, {"elsewhere": NOBODY}),
    "hearing_kinds": (lambda world: "", ONES_OWN),
    "workaround_mark": (lambda world: f"{world.cluster}:{world.report}", {"elsewhere": NOBODY}),
    "home_report": (lambda world: "form", ONES_OWN),
}

#: Form → what it carries, what is filled in, and who may.
FORMS: dict[str, tuple[Callable[[World], Json], dict[str, str], Allowed]] = {
    "report_form": (lambda world: {"key": str(world.report)}, {"words": "the docs are wrong"}, ONES_OWN),
    "detail_form": (lambda world: {"report": world.report}, {"words": "more"}, AUTHOR),
    "why_form": (
        lambda world: {"report": world.report},
        {"area": "errors"},
        whose(AUTHORS, frozenset({"tpm", "admin"})),
    ),
    "digest_form": (
        lambda world: {"reader": BEN, "tz": "UTC"},
        {"areas": "all", "every": "never"},
        {"another's": NOBODY},
    ),
    "merge_form": (lambda world: {"cluster": world.cluster, "into": world.other}, {}, TRIAGED),
    "split_form": (lambda world: {"cluster": world.cluster, "leaving": [world.report]}, {}, where(NOBODY, NOBODY)),
    "name_form": (lambda world: {"cluster": world.cluster, "was": ""}, {"title": "A new name"}, TRIAGED),
    "workaround_form": (lambda world: {"cluster": world.cluster}, {"words": "restart it"}, {"elsewhere": NOBODY}),
    "more_form": (lambda world: {"cluster": world.cluster}, {"gesture": "rest"}, {"elsewhere": NOBODY}),
    "status_form": (
        lambda world: {"cluster": world.cluster, "was": "new", "status": "planned", "reason": "", "link": ""},
        {},
        TRIAGED,
    ),
    "assign_form": (lambda world: {"cluster": world.cluster, "was": ""}, {"owner": TIM}, TRIAGED),
    "snooze_form": (lambda world: {"cluster": world.cluster, "was": ""}, {"rest": "1"}, {"elsewhere": NOBODY}),
    "area_form": (lambda world: {"cluster": world.cluster, "was": "docs"}, {"area": "errors"}, TRIAGED),
}


@pytest.fixture
def way() -> str:
    return "socket"


@pytest.fixture
def backend() -> str:
    """What is decided here does not hang on the database, and there are hundreds of cells."""
    return "sqlite"


@pytest.fixture
async def world(kit: Kit, team: Team, slack: FakeSlack) -> World:
    slack.person(GUEST, "Gus", kind="is_restricted")
    slack.person(OUT, "Olga", kind="is_stranger")
    slack.person(GONE, "Gert", deleted=True)
    for person, areas in ((TIM, "docs,errors"), (DORA, "onboarding")):
        await subscriptions.subscribe(
            kit, person, areas=areas, every="week", weekday="mon", at="09:00", tz="UTC", now=clocks.now()
        )
    async with kit.database.transaction() as session:
        session.add(Workspace(id="T0ELSE"))
    return World(kit, team)


def test_every_button_and_form_that_is_registered_has_a_row() -> None:
    source = Path(listeners.__file__).read_text(encoding="utf-8")
    rows = re.findall(r'app\.(action|view)\((?:re\.compile\()?"(\w+)"', source)
    assert {name for kind, name in rows if kind == "action"} == set(ACTIONS)
    assert {name for kind, name in rows if kind == "view"} == set(FORMS)


async def state(database: Database) -> list[Any]:
    """All that a press may change, beside what Slack is to be told of it."""
    async with database.reading() as session:
        return [
            (await session.execute(text(f"SELECT * FROM {table} ORDER BY 1"))).all()
            for table in "report cluster fact vote subscription suggestion unflagged mute answer".split()
        ]


async def press(door: Door, body: Json, role: str, slack: FakeSlack, work: Work) -> list[str]:
    """Send it as this role; gives back all that is said or opened."""
    if role == "outsider":
        body["user"]["team_id"] = "T0ELSE"
    if role == "elsewhere":
        body["team"] = {"id": "T0ELSE", "domain": "else"}
    answers, opened = len(slack.answers), len(slack.views)
    _, answered = await door.send(body)
    await work()
    view = answered.get("view")
    said = [each.text for each in slack.answers[answers:]]
    said += [str(view["blocks"][0]["text"]["text"])] if view and "text" in view["blocks"][0] else []
    said += ["opened" for _ in slack.views[opened:]]
    return said + ([json.dumps(answered)] if "errors" in answered else [])


def _cells(table: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, thing) for name, row in table.items() for thing in row[-1]]


async def judge(
    door: Door, kit: Kit, slack: FakeSlack, work: Work, world: World, allowed: frozenset[str], thing: str, body: Any
) -> None:
    wrong = []
    for role, person in ROLES.items():
        await world.made(thing, person)
        before = await state(kit.database)
        said = await press(door, body(person), role, slack, work)
        refused = any(REFUSED.match(each) for each in said)
        changed = await state(kit.database) != before
        if role in allowed and (refused or not (said or changed)):
            wrong.append(f"{role} was kept out: {said}")
        if role not in allowed and changed:
            wrong.append(f"{role} changed something: {said}")
        if role not in allowed and not said:
            wrong.append(f"{role} was told nothing")
        if role not in allowed and "opened" in said and not refused and role not in MEMBERS:
            wrong.append(f"{role} was shown something")
    assert wrong == []


@pytest.mark.parametrize(("name", "thing"), _cells(ACTIONS))
async def test_a_button_does_something_only_for_who_may(
    name: str, thing: str, door: Door, kit: Kit, slack: FakeSlack, work: Work, world: World
) -> None:
    value, allowed = ACTIONS[name]
    await judge(
        door, kit, slack, work, world, allowed[thing], thing, lambda person: door.a_click(name, value(world), person)
    )


@pytest.mark.parametrize(("name", "thing"), _cells(FORMS))
async def test_a_form_does_something_only_for_who_may(
    name: str, thing: str, door: Door, kit: Kit, slack: FakeSlack, work: Work, world: World
) -> None:
    carried, filled, allowed = FORMS[name]

    def body(person: str) -> Json:
        values: Json = {key: {"value": {"type": "plain_text_input", "value": given}} for key, given in filled.items()}
        for key in filled.keys() & {"area", "areas", "every"}:
            chosen = {"text": {"type": "plain_text", "text": "x"}, "value": filled[key]}
            values[key] = {"value": {"type": "static_select", "selected_option": chosen}}
        view = {
            "id": slack.trigger(),
            "type": "modal",
            "callback_id": name,
            "private_metadata": json.dumps(carried(world) | {"answer": slack.response_url()}),
            "blocks": [],
            "state": {"values": values},
        }
        return door._gesture("view_submission", person) | {"view": view, "response_urls": []}

    await judge(door, kit, slack, work, world, allowed[thing], thing, body)


async def test_a_guest_reads_in_the_home_only_what_is_theirs(
    kit: Kit, team: Team, slack: FakeSlack, world: World
) -> None:
    from bot.flows import home

    await team.file(DOCS, by=BEN)
    await home.draw(kit, CEM, team.clock())
    await home.draw(kit, GUEST, team.clock())
    assert DOCS in json.dumps(slack.homes[CEM])
    assert DOCS not in json.dumps(slack.homes[GUEST])


@pytest.mark.parametrize("typed", ["top", "find docs", "show F-1", "digest", "digest now"])
async def test_a_guest_may_not_read_what_others_said_but_may_report(typed: str, door: Door, world: World) -> None:
    assert (await door.command(typed, by=GUEST))["text"] == visitor.GUEST
    assert "Filed as" in (await door.command(DOCS, by=GUEST))["text"]
