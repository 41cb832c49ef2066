"""What the database promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from conftest import MONDAY, POSTGRES, on_server
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import SQLModel, select

from storage import clusters, facts, outbox, reports, subscriptions, votes, workspaces
from storage.database import MIGRATIONS, Database, DatabaseGone, DatabaseUnusable, Session
from storage.models import Card, Digest, Fact, Outbox, Report, Subscription, Vote

SECOND = dt.timedelta(seconds=1)


def a_report(workspace: str, key: str = "command:1", **more: Any) -> Report:
    told = {"text": "the docs are wrong", "source": "command", "reporter": "U1"} | more
    return Report(workspace_id=workspace, key=key, said_at=MONDAY, created_at=MONDAY, **told)


def a_vote(workspace: str, event_ts: str = "100.000001", *, given: bool = True, **more: Any) -> Vote:
    told = {"channel": "C1", "message_ts": "1.000001", "person": "U1", "emoji": "+1"} | more
    return Vote(workspace_id=workspace, given=given, event_ts=event_ts, voted_at=MONDAY, **told)


def a_subscription(workspace: str, **more: Any) -> Subscription:
    told = {"reader": "U1", "person": "U1", "next_due_at": MONDAY, "created_at": MONDAY} | more
    return Subscription(workspace_id=workspace, **told)


async def capture(database: Database, workspace: str, key: str) -> int | None:
    """One report in a cluster of its own, as the flows do it. Gives back its handle's number."""
    async with database.transaction() as session:
        held = await workspaces.lock(session, workspace)
        report = await reports.add(session, a_report(workspace, key))
        if report is None:
            return None
        cluster = await clusters.start(session, held, area="docs", now=MONDAY)
        report.cluster_id = cluster.id
        return cluster.number


async def want(session: Session, workspace: str, key: str = "1", now: dt.datetime = MONDAY) -> None:
    await outbox.again(session, workspace, "card", key, {"cluster": 1}, now)


async def take(database: Database, workspace: str, now: dt.datetime) -> Outbox | None:
    async with database.transaction() as session:
        return await outbox.claim(session, workspace, now, in_hand=())


# Reports


async def test_the_same_key_twice_makes_one_report(database: Database, workspace: str) -> None:
    async with database.transaction() as session:
        first = await reports.add(session, a_report(workspace, text="the first"))
        again = await reports.add(session, a_report(workspace, text="the second"))
    assert first is not None
    assert again is None
    async with database.reading() as session:
        found = (await session.exec(select(Report))).all()
    assert [report.text for report in found] == ["the first"]


async def test_the_same_key_in_two_workspaces_makes_two_reports(database: Database, workspace: str) -> None:
    async with database.transaction() as session:
        assert await reports.add(session, a_report(workspace)) is not None
        assert await reports.add(session, a_report("T0OTHER")) is not None


async def test_handles_are_unique_and_consecutive_when_twenty_people_report_at_once(
    database: Database, workspace: str
) -> None:
    numbers = await asyncio.gather(*(capture(database, workspace, f"command:{each}") for each in range(20)))
    assert sorted(number or 0 for number in numbers) == list(range(1, 21))


async def test_one_report_delivered_twenty_times_at_once_uses_up_one_handle(database: Database, workspace: str) -> None:
    numbers = await asyncio.gather(*(capture(database, workspace, "command:1") for _ in range(20)))
    assert [number for number in numbers if number is not None] == [1]
    assert await capture(database, workspace, "command:2") == 2


async def test_a_withdrawn_report_keeps_its_key_and_nothing_of_what_was_said(
    database: Database, workspace: str
) -> None:
    async with database.transaction() as session:
        report = await reports.add(session, a_report(workspace, text="my words", permalink="https://x", severity=3))
        assert report is not None
        reports.withdraw(report, now=MONDAY, revision=2)
    async with database.transaction() as session:
        assert await reports.add(session, a_report(workspace)) is None
        left = await reports.by_key(session, workspace, "command:1")
    assert left is not None
    assert (left.text, left.detail, left.reporter, left.permalink, left.severity) == ("", "", None, "", None)


async def test_what_failed_half_way_leaves_nothing(database: Database, workspace: str) -> None:
    with pytest.raises(RuntimeError):
        async with database.transaction() as session:
            held = await workspaces.lock(session, workspace)
            await reports.add(session, a_report(workspace))
            await clusters.start(session, held, area="docs", now=MONDAY)
            await want(session, workspace)
            raise RuntimeError
    async with database.reading() as session:
        for table in ("report", "cluster", "outbox"):
            assert (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0
    assert await capture(database, workspace, "command:1") == 1


# Votes


MOMENTS = st.lists(
    st.tuples(st.integers(1, 6), st.booleans()), min_size=1, max_size=6, unique_by=lambda moment: moment[0]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moments=MOMENTS, chance=st.randoms(use_true_random=False))
async def test_the_last_state_of_a_reaction_wins_however_its_events_arrive(
    database: Database, workspace: str, moments: list[tuple[int, bool]], chance: random.Random
) -> None:
    deliveries = [*moments, *chance.choices(moments, k=3)]
    chance.shuffle(deliveries)
    async with database.transaction() as session:
        await session.execute(text("DELETE FROM vote"))
        for moment, given in deliveries:
            await votes.record(session, a_vote(workspace, f"100.{moment:06}", given=given))
    async with database.reading() as session:
        (kept,) = (await session.exec(select(Vote))).all()
    assert (kept.event_ts, kept.given) == (f"100.{max(moments)[0]:06}", max(moments)[1])


async def test_a_removal_that_arrives_before_its_reaction_leaves_no_vote(database: Database, workspace: str) -> None:
    async with database.transaction() as session:
        assert await votes.record(session, a_vote(workspace, "100.000002", given=False))
        assert not await votes.record(session, a_vote(workspace, "100.000001"))
        assert not [vote for vote, _ in await votes.everything(session, workspace)]


async def test_the_same_reaction_told_twice_at_once_is_one_vote(database: Database, workspace: str) -> None:
    async def deliver() -> bool:
        async with database.transaction() as session:
            return await votes.record(session, a_vote(workspace))

    assert sorted(await asyncio.gather(*(deliver() for _ in range(8)))) == [False] * 7 + [True]


async def test_a_vote_counts_for_its_card_and_for_the_report_captured_from_its_message(
    database: Database, workspace: str
) -> None:
    await capture(database, workspace, "command:1")
    async with database.transaction() as session:
        cluster = await clusters.get(session, workspace, 1)
        assert cluster is not None
        await clusters.remember_card(session, cluster, channel="C1", ts="1.000001", link="")
        report = await reports.get(session, workspace, 1)
        assert report is not None
        report.channel, report.message_ts = "C2", "2.000002"
        await votes.record(session, a_vote(workspace, person="U2"))
        await votes.record(session, a_vote(workspace, person="U3", channel="C2", message_ts="2.000002"))
        await votes.record(session, a_vote(workspace, person="U4", channel="C9", message_ts="9.000009"))
        await votes.record(session, a_vote(workspace, person="U5", given=False))
    async with database.reading() as session:
        signals = await votes.signals(session, workspace, [1])
        assert await votes.cluster_of(session, workspace, "C2", "2.000002") == 1
        assert await votes.cluster_of(session, workspace, "C9", "9.000009") is None
    assert sorted(signal.person or "" for signal in signals) == ["U1", "U2", "U3"]
    assert {signal.at for signal in signals} == {MONDAY}


# The outbox


async def test_what_is_wanted_once_is_wanted_once_also_after_it_was_done(database: Database, workspace: str) -> None:
    async with database.transaction() as session:
        assert await outbox.once(session, workspace, "digest", "1", {}, MONDAY)
        assert not await outbox.once(session, workspace, "digest", "1", {}, MONDAY)
    row = await take(database, workspace, MONDAY)
    assert row is not None
    async with database.transaction() as session:
        await outbox.finish(session, row, MONDAY)
        assert not await outbox.once(session, workspace, "digest", "1", {}, MONDAY)
    assert await take(database, workspace, MONDAY + dt.timedelta(days=1)) is None


async def test_twenty_redraws_wanted_before_the_first_is_begun_are_one(database: Database, workspace: str) -> None:
    async with database.transaction() as session:
        for _ in range(20):
            await want(session, workspace)
    row = await take(database, workspace, MONDAY)
    assert row is not None
    async with database.transaction() as session:
        await outbox.finish(session, row, MONDAY)
    assert await take(database, workspace, MONDAY + dt.timedelta(hours=1)) is None


async def test_a_redraw_wanted_while_one_is_under_way_comes_after_a_rest(database: Database, workspace: str) -> None:
    async with database.transaction() as session:
        await want(session, workspace)
    row = await take(database, workspace, MONDAY)
    assert row is not None
    async with database.transaction() as session:
        await want(session, workspace)
    async with database.transaction() as session:
        await outbox.finish(session, row, MONDAY)
    assert await take(database, workspace, MONDAY + SECOND) is None
    assert await take(database, workspace, MONDAY + outbox.FOLD) is not None


async def test_a_redraw_wanted_soon_after_the_last_one_waits_and_a_later_one_does_not(
    database: Database, workspace: str
) -> None:
    async with database.transaction() as session:
        await want(session, workspace)
    row = await take(database, workspace, MONDAY)
    assert row is not None
    async with database.transaction() as session:
        await outbox.finish(session, row, MONDAY)
        await want(session, workspace, now=MONDAY + SECOND)
    assert await take(database, workspace, MONDAY + SECOND) is None
    row = await take(database, workspace, MONDAY + 10 * SECOND)
    assert row is not None
    async with database.transaction() as session:
        await outbox.finish(session, row, MONDAY + 10 * SECOND)
        await want(session, workspace, now=MONDAY + 60 * SECOND)
    assert await take(database, workspace, MONDAY + 60 * SECOND) is not None


async def test_a_claimed_row_is_nobody_elses_until_its_lease_is_over(database: Database, workspace: str) -> None:
    async with database.transaction() as session:
        await want(session, workspace)
    assert await take(database, workspace, MONDAY) is not None
    assert await take(database, workspace, MONDAY + outbox.LEASE) is None
    again = await take(database, workspace, MONDAY + outbox.LEASE + SECOND)
    assert again is not None
    assert again.attempts == 2


async def test_a_row_in_hand_is_not_taken_again_by_the_same_process_when_its_lease_is_over(
    database: Database, workspace: str
) -> None:
    async with database.transaction() as session:
        await want(session, workspace)
    row = await take(database, workspace, MONDAY)
    assert row is not None
    async with database.transaction() as session:
        later = MONDAY + 2 * outbox.LEASE
        assert await outbox.claim(session, workspace, later, in_hand={row.id or 0}) is None


async def test_two_claimers_never_get_the_same_row(database: Database, workspace: str) -> None:
    async with database.transaction() as session:
        for number in range(12):
            await want(session, workspace, str(number))
    taken = await asyncio.gather(*(take(database, workspace, MONDAY) for _ in range(12)))
    keys = [row.key for row in taken if row is not None]
    assert len(keys) == len(set(keys))
    # SKIP LOCKED may leave somebody empty-handed for a moment; nothing is left behind for good.
    while (row := await take(database, workspace, MONDAY)) is not None:
        keys.append(row.key)
    assert sorted(keys) == sorted(f"card:{number}" for number in range(12))


async def test_a_claimer_passes_over_what_another_is_just_taking(database: Database, workspace: str) -> None:
    if database.embedded:
        pytest.skip("SQLite has one writer: nobody else is ever just taking anything")
    async with database.transaction() as session:
        await want(session, workspace, "1")
        await want(session, workspace, "2")
    async with database.transaction() as mine, database.transaction() as yours:
        first = await outbox.claim(mine, workspace, MONDAY, in_hand=())
        second = await outbox.claim(yours, workspace, MONDAY, in_hand=())
        assert first is not None
        assert second is not None
        assert {first.key, second.key} == {"card:1", "card:2"}


async def test_what_was_parked_is_kept_with_its_reason_and_not_tried_again(database: Database, workspace: str) -> None:
    async with database.transaction() as session:
        await want(session, workspace)
    row = await take(database, workspace, MONDAY)
    assert row is not None
    async with database.transaction() as session:
        await outbox.park(session, row, now=MONDAY, uncertain=False, error="is_archived")
    assert await take(database, workspace, MONDAY + dt.timedelta(days=1)) is None
    async with database.reading() as session:
        (parked,) = await outbox.parked(session, workspace)
        assert (parked.error, parked.parked_at) == ("is_archived", MONDAY)
        assert await outbox.depth(session, workspace) == (0, None)
    async with database.transaction() as session:
        await want(session, workspace, now=MONDAY + dt.timedelta(days=1))
    assert await take(database, workspace, MONDAY + dt.timedelta(days=1)) is not None


async def test_what_was_done_long_ago_is_forgotten_but_not_a_card(database: Database, workspace: str) -> None:
    async with database.transaction() as session:
        await want(session, workspace)
        await outbox.once(session, workspace, "digest", "1", {}, MONDAY)
        await outbox.once(session, workspace, "digest", "2", {}, MONDAY + dt.timedelta(days=30))
    while (row := await take(database, workspace, MONDAY)) is not None:
        async with database.transaction() as session:
            await outbox.finish(session, row, MONDAY)
    async with database.transaction() as session:
        await outbox.prune(session, workspace, MONDAY + SECOND)
        left = (await session.exec(select(Outbox.key))).all()
    assert sorted(left) == ["card:1", "digest:2"]


@pytest.mark.parametrize("kind", ["home", "reheard"])
async def test_what_is_drawn_for_each_of_a_company_keeps_no_digest_waiting(
    database: Database, workspace: str, kind: str
) -> None:
    async with database.transaction() as session:
        for number in range(5):
            await outbox.again(session, workspace, kind, f"U{number}", {}, MONDAY)
        await outbox.once(session, workspace, "digest", "1", {}, MONDAY + SECOND)
    async with database.transaction() as session:
        kinds = [await outbox.claim(session, workspace, MONDAY + 2 * SECOND, in_hand=()) for _ in range(2)]
    assert [row.kind for row in kinds if row] == ["digest", kind]


# Subscriptions and digests


async def test_subscribing_twice_changes_the_subscription(database: Database, workspace: str) -> None:
    async with database.transaction() as session:
        first = await subscriptions.put(session, a_subscription(workspace, areas="docs"))
        await subscriptions.stop(session, first.id or 0, "user_disabled")
    async with database.transaction() as session:
        second = await subscriptions.put(session, a_subscription(workspace, areas="errors"))
    assert (second.id, second.areas, second.paused_because) == (first.id, "errors", "")


async def test_of_two_who_claim_a_due_digest_one_gets_it(database: Database, workspace: str) -> None:
    async with database.transaction() as session:
        subscription = await subscriptions.put(session, a_subscription(workspace))

    async def claim() -> bool:
        async with database.transaction() as session:
            week_later = MONDAY + dt.timedelta(weeks=1)
            return await subscriptions.claim(session, subscription, next_due_at=week_later)

    assert sorted(await asyncio.gather(*(claim() for _ in range(5)))) == [False] * 4 + [True]


async def test_there_is_one_digest_for_a_subscription_and_moment(database: Database, workspace: str) -> None:
    async with database.transaction() as session:
        subscription = await subscriptions.put(session, a_subscription(workspace))
        new = {"workspace_id": workspace, "subscription_id": subscription.id, "since": MONDAY}
        assert await subscriptions.open_digest(session, Digest(**new, due_at=MONDAY)) is not None
        assert await subscriptions.open_digest(session, Digest(**new, due_at=MONDAY)) is None
        assert await subscriptions.open_digest(session, Digest(**new, due_at=MONDAY + SECOND)) is not None


async def test_who_unsubscribes_is_forgotten_with_all_their_digests(database: Database, workspace: str) -> None:
    async with database.transaction() as session:
        subscription = await subscriptions.put(session, a_subscription(workspace))
        await subscriptions.open_digest(
            session,
            Digest(workspace_id=workspace, subscription_id=subscription.id, due_at=MONDAY, since=MONDAY),
        )
    async with database.transaction() as session:
        subscription = await subscriptions.hold(session, workspace, "U1")
        assert subscription is not None
        subscription.ended_at = MONDAY
    for before, kept in ((MONDAY, 1), (MONDAY + SECOND, 0)):
        async with database.transaction() as session:
            await subscriptions.forget_ended(session, workspace, before)
            assert await subscriptions.get(session, workspace, "U1") is None
            assert len((await session.exec(select(Digest))).all()) == kept


async def test_what_is_not_to_be_sent_is_neither_due_nor_to_be_claimed(database: Database, workspace: str) -> None:
    for reader, more in (("U1", {"paused_because": "user_disabled"}), ("U2", {"ended_at": MONDAY}), ("C3", {})):
        async with database.transaction() as session:
            new = a_subscription(workspace, reader=reader, **more)
            await session.execute(insert(Subscription).values(new.model_dump(exclude={"id"})))
    async with database.transaction() as session:
        everybody = (await session.exec(select(Subscription).order_by(Subscription.reader))).all()
        later = MONDAY + SECOND
        claimed = [each.reader for each in everybody if await subscriptions.claim(session, each, next_due_at=later)]
    assert claimed == ["C3"]
    async with database.reading() as session:
        assert [each.reader for each in await subscriptions.due(session, workspace, later)] == ["C3"]


async def test_a_schedule_that_is_changed_while_it_is_claimed_is_not_claimed_twice(
    database: Database, workspace: str
) -> None:
    async with database.transaction() as session:
        subscription = await subscriptions.put(session, a_subscription(workspace))

    async def claim() -> bool:
        async with database.transaction() as session:
            return await subscriptions.claim(session, subscription, next_due_at=MONDAY + dt.timedelta(weeks=1))

    async def move() -> dt.datetime:
        async with database.transaction() as session:
            held = await subscriptions.hold(session, workspace, "U1")
            assert held is not None
            held.next_due_at += SECOND
            return held.next_due_at

    claimed, moved = await asyncio.gather(claim(), move())
    assert moved == (MONDAY + dt.timedelta(weeks=1) + SECOND if claimed else MONDAY + SECOND)


async def test_the_digest_of_a_channel_follows_it_to_its_new_id(database: Database, workspace: str) -> None:
    async with database.transaction() as session:
        await subscriptions.put(session, a_subscription(workspace, reader="C1"))
    for _ in range(2):
        async with database.transaction() as session:
            await subscriptions.move_channel(session, workspace, "C1", "C2")
    async with database.reading() as session:
        assert [each.reader for each in await subscriptions.of_person(session, workspace, "U1")] == ["C2"]


# Times


async def test_a_time_without_a_zone_is_refused(database: Database, workspace: str) -> None:
    naive = MONDAY.replace(tzinfo=None)
    with pytest.raises(StatementError, match="a time without a zone"):
        async with database.transaction() as session:
            await subscriptions.put(session, a_subscription(workspace, next_due_at=naive))


async def test_a_time_of_any_zone_comes_back_in_utc(database: Database, workspace: str) -> None:
    tokyo = dt.timezone(dt.timedelta(hours=9))
    async with database.transaction() as session:
        await subscriptions.put(session, a_subscription(workspace, next_due_at=MONDAY.astimezone(tokyo)))
    async with database.reading() as session:
        back = await subscriptions.get(session, workspace, "U1")
    assert back is not None
    assert back.next_due_at == MONDAY
    assert back.next_due_at.tzinfo is dt.UTC


# The schema


async def test_the_newest_migration_makes_exactly_the_tables_of_the_models(database: Database) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        return list(compare_metadata(context, SQLModel.metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_what_is_at_head_changes_nothing(database: Database, workspace: str) -> None:
    await capture(database, workspace, "command:1")
    await database.migrate()
    await database.prepare()
    assert await capture(database, workspace, "command:2") == 2


async def test_a_new_sqlite_file_is_brought_to_head_by_itself(tmp_path: Any) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    await database.prepare()
    async with database.transaction() as session:
        await workspaces.ensure(session, "T1", "One")
    await database.close()


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_a_migration_may_take_longer_than_any_other_statement(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.LONGEST", 0.1)
    later, held = Database(database_url), "hashtext('friction migrate')"
    other = await asyncpg.connect(database_url)
    await other.execute(f"SELECT pg_advisory_lock({held})")  # another replica is at it
    migrated = asyncio.create_task(later.migrate())
    while not await other.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
        pass
    await other.execute("SELECT pg_sleep(0.3)")
    assert not migrated.done()
    await other.execute(f"SELECT pg_advisory_unlock({held})")
    await migrated
    with pytest.raises(DatabaseGone):
        async with later.reading() as session:
            await session.execute(text("SELECT pg_sleep(0.3)"))
    await other.close()
    await later.close()


async def test_a_postgresql_behind_head_is_refused_with_what_to_type(server: str) -> None:
    address = server.rpartition("/")[0] + "/postgres"  # a database that has never heard of us
    database = Database(address)
    with pytest.raises(DatabaseUnusable, match="friction migrate"):
        await database.prepare()
    await database.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://root@localhost/friction", "names 'mysql'"),
        ("not an address", "is not a database address"),
        ("postgresql://postgres:hunter2@127.0.0.1:1/test", "does not answer"),
        ("sqlite+aiosqlite:////nowhere/at/all/friction.db", "does not answer"),
    ],
)
async def test_an_unusable_address_is_said_in_a_sentence_without_its_password(url: str, said: str) -> None:
    with pytest.raises(DatabaseUnusable, match=said) as refused:
        await Database(url).prepare()
    assert "hunter2" not in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_a_database_that_does_not_answer_is_gone_and_nothing_worse() -> None:
    database = Database("postgresql://postgres@127.0.0.1:1/test")
    with pytest.raises(DatabaseGone):
        async with database.reading() as session:
            await workspaces.revision(session, "T1")
    with pytest.raises(DatabaseGone):
        async with database.transaction() as session:
            await workspaces.ensure(session, "T1", "One")
    await database.close()


async def test_a_postgresql_database_that_was_dropped_is_gone_too(server: str) -> None:
    database = Database(server.rpartition("/")[0] + "/there_is_no_such_database")
    try:
        with pytest.raises(DatabaseGone):
            async with database.reading() as session:
                await workspaces.revision(session, "T1")
    finally:
        await database.close()


async def test_a_connection_cut_by_the_server_is_gone_and_the_next_question_is_answered(
    database: Database, workspace: str, request: pytest.FixtureRequest
) -> None:
    if database.embedded:
        pytest.skip("nobody can cut a connection to a file")
    with pytest.raises(DatabaseGone):
        async with database.transaction() as session:
            me = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            other = await asyncpg.connect(request.getfixturevalue("server"))
            await other.execute("SELECT pg_terminate_backend($1)", me)
            await other.close()
            await capture_in(session, workspace)
    assert await capture(database, workspace, "command:1") == 1


async def capture_in(session: Session, workspace: str) -> None:
    held = await workspaces.lock(session, workspace)
    await clusters.start(session, held, area="docs", now=MONDAY)


FIRST_VERSION = """
INSERT INTO workspace (id, name, last_handle, revision) VALUES ('T', 'Acme', 2, 3);
INSERT INTO cluster (id, workspace_id, number, title, area, status, card_channel, card_ts, card_link, created_at)
    VALUES (1, 'T', 1, '', 'docs', 'new', 'C', '1.1', '', NOW), (2, 'T', 2, '', 'docs', 'new', 'C', '2.1', '', NOW);
INSERT INTO report (id, workspace_id, key, cluster_id, text, detail, area, area_by, confidence, source, channel,
        message_ts, permalink, visibility, said_at, created_at, revision)
    VALUES (1, 'T', 'a', 1, 'one', '', 'docs', 'model', 1, 'command', '', '', '', 'public', NOW, NOW, 1),
        (2, 'T', 'b', 2, 'two', '', 'docs', 'model', 1, 'command', '', '', '', 'public', NOW, NOW, 2);
INSERT INTO card (id, workspace_id, channel, message_ts, cluster_id) VALUES (1, 'T', 'C', '1.1', 1);
INSERT INTO fact (workspace_id, kind, report_id, cluster_id, value, made_by, made_at)
    VALUES ('T', 'not_same_as', 2, 1, '', 'U1', NOW), ('T', 'area', 1, 1, 'docs', 'U1', NOW);
INSERT INTO subscription (id, workspace_id, person, areas, every, weekday, at, tz, next_due_at, paused_because,
        created_at)
    VALUES (1, 'T', 'U1', 'all', 'week', 'mon', '09:00', 'UTC', NOW, '', NOW);
INSERT INTO digest (id, workspace_id, subscription_id, due_at, since, state, channel, message_ts)
    VALUES (1, 'T', 1, NOW, NOW, 'due', '', '')
"""


@pytest.fixture
async def first_version(backend: str, memory: Path, without_postgres: str) -> AsyncIterator[Database]:
    """A database as the first version left it: a report was set apart, and an area set right."""
    name = f"friction_test_{uuid.uuid4().hex[:12]}"
    if backend == "postgresql":
        if without_postgres:
            pytest.skip(without_postgres)
        await on_server(f'CREATE DATABASE "{name}"')
    embedded = f"sqlite+aiosqlite:///{memory / name}.db"
    database = Database(embedded if backend == "sqlite" else POSTGRES.rpartition("/")[0] + f"/{name}")
    async with database.engine.begin() as connection:
        await connection.run_sync(_to_the_first_version)
        for statement in FIRST_VERSION.replace("NOW", "'2026-11-02 08:00:00'").split(";"):
            await connection.exec_driver_sql(statement)
    yield database
    await database.close()
    if backend == "postgresql":
        await on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


async def test_subscriptions_of_the_first_version_are_carried_along(first_version: Database) -> None:
    await first_version.migrate()
    async with first_version.reading() as session:
        carried = await subscriptions.get(session, "T", "U1")
    assert carried is not None
    assert (carried.person, carried.length, carried.tz_chosen, carried.ended_at) == ("U1", 5, False, None)


async def test_what_the_first_version_stored_is_kept_with_what_people_had_decided(first_version: Database) -> None:
    await first_version.migrate()
    await first_version.prepare()
    async with first_version.reading() as session:
        (apart,) = {(pair.one, pair.other) for pair in await facts.told_apart(session, "T")}
        area = await session.get(Fact, 2)
        (card,) = (await session.exec(select(Card))).all()
    assert apart == (2, 1)
    assert area is not None and (area.report_id, area.cluster_id) == (1, None)
    assert (card.cluster_id, card.home_id) == (1, 1)
    with pytest.raises(IntegrityError):  # and it is looked again at what refers to what
        async with first_version.transaction() as session:
            session.add(Card(workspace_id="T", channel="C", message_ts="9.1", cluster_id=99, home_id=99))


def _to_the_first_version(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")
