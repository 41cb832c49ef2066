"""What becomes of a cluster: any status after any, with a reason that people read, exactly undone."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

import pytest
from conftest import ADA, ANA, BEN, DOCS, TIM, VPN, Clock, Team, stored
from hypothesis import given
from hypothesis import strategies as st

import storage.clusters
from bot import rules, views
from bot.flows import cluster as clusters
from bot.flows import decide, export, merge, status, undo
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit
from bot.flows.triage import Done, Refused
from storage.database import Database
from storage.models import Cluster

Work = Callable[..., Awaitable[None]]

WHY = "the pages are generated from the CLI now"
TICKET = "https://tickets.example/DOC-12"


@pytest.fixture(autouse=True)
async def tim_looks_after_docs(kit: Kit, clock: Clock) -> None:
    await subscriptions.subscribe(
        kit, TIM, areas="docs,onboarding", every="week", weekday="mon", at="09:00", tz="UTC", now=clock()
    )


async def set_to(kit: Kit, clock: Clock, became: str, why: str = WHY, *, was: str, by: str = TIM, of: int = 1) -> Done:
    """Set a status, a minute after whatever came before."""
    return await status.set_status(kit, of, became, why, TICKET, by, clock.forward(minutes=1), was=was)


async def cluster(kit: Kit, cluster_id: int = 1) -> Cluster:
    async with kit.database.reading() as session:
        found = await storage.clusters.get(session, kit.house.workspace_id, cluster_id)
    assert found is not None
    return found


async def statuses(kit: Kit, clock: Clock) -> list[str]:
    return [
        row["status"]
        for row in await export.rows(kit.database, kit.house.workspace_id, "clusters", leads=(), now=clock())
    ]


async def read(kit: Kit, clock: Clock, number: int = 1, reader: str = ANA) -> str:
    shown = await clusters.show(kit, number, reader, clock())
    assert shown is not None
    return shown.text


async def test_any_status_follows_any_and_the_card_says_it(team: Team, kit: Kit, clock: Clock, work: Work) -> None:
    await team.file(DOCS)
    await work()
    was = "new"
    for before in rules.status.ALL:
        for after in rules.status.ALL:
            for became in (before, after):
                await set_to(kit, clock, became, f"{before} {after} {became}", was=was)
                was = became
            assert await statuses(kit, clock) == [after]
    await set_to(kit, clock, "in_progress", was=was)
    await work(minutes=1)
    assert team.card().startswith(f"F-1 {DOCS}. docs · in progress. ")


async def test_a_status_is_kept_with_its_reason_and_its_ticket_and_who_said_so_when(
    team: Team, kit: Kit, clock: Clock
) -> None:
    await team.file(DOCS)
    done = await set_to(kit, clock, "shipped", was="new")
    assert done.news == "F-1 is shipped now."
    said = f"set this to shipped: “{WHY}” · {TICKET}, 2 November"
    assert f"Tim {said}" in await read(kit, clock)
    assert f"You {said}" in await read(kit, clock, reader=TIM)
    await undo.undo(kit, done.fact_id or 0, ADA, clock())
    assert f"Tim {said} · Ada undid that, 2 November" in await read(kit, clock)


async def test_it_has_its_status_since_it_was_first_given_not_since_it_was_said_better(
    team: Team, kit: Kit, clock: Clock
) -> None:
    await team.file(DOCS)
    assert (await cluster(kit)).status_at is None
    await set_to(kit, clock, "shipped", was="new")
    since = clock()
    better = await set_to(kit, clock, "shipped", "in better words", was="shipped")
    assert better.fact_id == 2
    assert (await cluster(kit)).status_at == since
    await set_to(kit, clock, "planned", was="shipped")
    assert (await cluster(kit)).status_at == clock()
    await undo.undo(kit, 3, TIM, clock())
    assert (await cluster(kit)).status_at == since


async def test_a_double_click_is_one_decision_and_so_are_two_people_who_say_the_same(
    team: Team, kit: Kit, clock: Clock
) -> None:
    await team.file(DOCS)
    await set_to(kit, clock, "new", "", was="new")
    first = await asyncio.gather(*(set_to(kit, clock, "planned", was="new") for _ in range(3)))
    same = await set_to(kit, clock, "planned", was="new", by=ADA)
    assert {done.fact_id for done in (*first, same)} == {1}


async def test_whoever_comes_second_is_told_what_the_first_did_and_decides(team: Team, kit: Kit, clock: Clock) -> None:
    await team.file(DOCS)
    await set_to(kit, clock, "planned", was="new")
    for other in ("declined", "planned"):
        with pytest.raises(decide.Changed, match=r"Tim has set it to planned meanwhile, 2 November. Save again"):
            await set_to(kit, clock, other, "not ours", was="new", by=ADA)
    done = await set_to(kit, clock, "planned", "not ours", was="planned", by=ADA)
    assert done.news == f"F-1 is planned now. Tim had said why, 2 November: “{WHY}”"
    await set_to(kit, clock, "declined", "not ours", was="planned", by=ADA)
    with pytest.raises(Refused, match=r"Ada set F-1 to declined: “not ours” · \S+, 2 November since. Undo that first."):
        await undo.undo(kit, 1, TIM, clock())


async def test_undoing_a_status_gives_exactly_what_was(team: Team, kit: Kit, clock: Clock, work: Work) -> None:
    await team.file(DOCS)
    await work()
    seen = [(await cluster(kit)).model_dump()]
    for was, became in (("new", "planned"), ("planned", "shipped"), ("shipped", "new")):
        await set_to(kit, clock, became, was=was)
        seen.append((await cluster(kit)).model_dump())
    for fact, before, called in ((3, seen[2], "shipped"), (2, seen[1], "planned"), (1, seen[0], "open")):
        assert (await undo.undo(kit, fact, TIM, clock())).news == f"Undone. F-1 is {called} again."
        assert (await cluster(kit)).model_dump() == before
    assert (await undo.undo(kit, 1, ADA, clock())).news == "Tim has undone it already, 2 November."
    await work(minutes=1)
    assert team.card().startswith(f"F-1 {DOCS}. docs. ")


async def test_of_two_that_are_merged_the_one_that_stays_keeps_its_status_unless_only_the_other_has_one(
    team: Team, kit: Kit, clock: Clock
) -> None:
    await team.file(DOCS)
    await team.file(VPN, by=BEN)
    await set_to(kit, clock, "planned", was="new", of=2)
    since = clock()
    for own, together in ((None, "planned"), ("declined", "declined")):
        if own:
            await set_to(kit, clock, own, was="new")
        merged = await merge.merge(kit, 1, 2, ADA, clock.forward(minutes=1))
        here = await cluster(kit)
        assert here.status == together
        assert here.status_at == (since if own is None else clock() - dt.timedelta(minutes=1))
        await undo.undo(kit, merged.fact_id or 0, ADA, clock())
        assert await statuses(kit, clock) == [own or "new", "planned"]


async def test_a_merged_cluster_is_given_its_status_by_either_handle(team: Team, kit: Kit, clock: Clock) -> None:
    await team.file(DOCS)
    await team.file(VPN, by=BEN)
    merged = await merge.merge(kit, 1, 2, ADA, clock())
    assert (await set_to(kit, clock, "planned", was="new", of=2)).news == "F-1 is planned now."
    await undo.undo(kit, merged.fact_id or 0, ADA, clock())
    assert await statuses(kit, clock) == ["planned", "new"]


async def test_a_secret_in_a_reason_is_stored_nowhere(team: Team, kit: Kit, clock: Clock, database: Database) -> None:
    await team.file(DOCS)
    await set_to(kit, clock, "shipped", "use --token abcdef123456 from now on", was="new")
    assert "abcdef123456" not in await stored(database)
    assert f"use --token {rules.secrets.MASK} from now on" in await read(kit, clock)


async def test_who_does_not_look_after_it_sets_no_status_and_what_is_none_is_refused(
    team: Team, kit: Kit, clock: Clock
) -> None:
    await team.file(DOCS)
    with pytest.raises(Refused, match=r"Only who looks after docs can change that. Ask Tim or Ada"):
        await set_to(kit, clock, "planned", was="new", by=BEN)
    with pytest.raises(Refused, match="no such status"):
        await set_to(kit, clock, "wontfix", was="new")
    with pytest.raises(Refused, match="At most 500 characters"):
        await set_to(kit, clock, "planned", "a" * 501, was="new")
    with pytest.raises(Refused, match="A whole address, please"):
        await status.set_status(kit, 1, "planned", WHY, "javascript:alert(1)", TIM, clock(), was="new")
    assert await statuses(kit, clock) == ["new"]


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)",
        "tickets.example/1",
        "https://",
        "https:///path",
        "ftp://tickets.example/1",
        "https://tickets.example/a b",
        "https://ada:sesame@tickets.example/1",
        "https://tickets.example/1?access_token=abcdef123456",
        "https://[::1",
        "https://tickets.example:port/",
        "https://tickets.example/" + "a" * 1000,
    ],
)
def test_an_address_that_nobody_could_or_should_open_is_no_ticket(typed: str) -> None:
    with pytest.raises(ValueError, match=r"address|characters"):
        rules.status.link(typed)


@given(st.text(max_size=60))
def test_no_address_leaves_the_link_that_it_is_put_in(tail: str) -> None:
    try:
        address = rules.status.link(f"https://tickets.example/{tail}")
    except ValueError:
        return
    assert address.isascii()
    assert not set(address) & set('<>| \n"`')


def test_an_ordinary_address_stays_as_it_is() -> None:
    for ordinary in (TICKET, "https://tickets.example/browse/A%20B?x=1&y=2#c", "http://localhost:8080/~ada/(1)"):
        assert rules.status.link(f" {ordinary} ") == ordinary
    assert rules.status.link("  ") == ""


def test_every_status_has_its_words() -> None:
    assert tuple(views.status.CALLED) == tuple(views.status.BECAME) == rules.status.ALL
    assert rules.status.CLOSED | rules.status.TOLD <= set(rules.status.ALL)
    assert views.status.told("F-12", "shipped", WHY, "Tina") == f"F-12 was shipped: {WHY}. (Tina)"
    assert views.status.told("F-12", "declined", "Not ours.", "") == "F-12 was declined: Not ours."
    assert views.status.told("F-12", "planned", "", "Tina") == "F-12 is planned. (Tina)"
