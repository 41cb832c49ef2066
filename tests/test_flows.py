"""What happens after a gesture, in order: on a real database, against a Slack that may do anything it does."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
from collections.abc import Awaitable, Callable
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
    ELSEWHERE,
    LEA,
    MONDAY,
    SECRET,
    TIM,
    VPN,
    Clock,
    Team,
    stored,
)
from fakes import slack as fakes
from fakes.slack import DROPPED, FakeSlack, later, refused
from sqlalchemy import text
from sqlmodel import select

import storage.clusters
import storage.outbox
import storage.reports
import storage.workspaces
from bot import clock as clocks
from bot import views
from bot.flows import cluster as clusters
from bot.flows import correct, doctor, export, flag, home, outbox, split
from bot.flows import digest as digests
from bot.flows import report as reports
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit, Leads
from bot.flows.triage import Refused
from storage.database import Database
from storage.models import Fact, Subscription

Work = Callable[..., Awaitable[None]]

#: As Slack sends it, and as it was typed.
LOUD = "docs ping <!channel> <@U0ANA> <https://evil|https://good> &lt;!here&gt;"
LOUD_TYPED = "docs ping <!channel> <@U0ANA> <https://evil|https://good> <!here>"


async def told_about(kit: Kit, report: Any, now: dt.datetime) -> str:
    return (await reports.answer(kit, report.id, now)).text


async def exported(kit: Kit, what: str, now: dt.datetime) -> list[dict[str, Any]]:
    return await export.rows(kit.database, kit.house.workspace_id, what, leads=kit.leads.people, now=now)


# Reporting


async def test_a_report_is_tagged_grouped_answered_and_gets_a_card(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    report = await team.file(DOCS)
    answer = await told_about(kit, report, clock())
    assert "F-1" in answer
    assert "docs" in answer
    assert "you are the first" in answer
    await work()
    (card,) = slack.posted(CARDS)
    assert card["text"] == f"F-1 {DOCS}. docs. 1 developer"


async def test_the_same_problem_in_other_words_joins_its_cluster(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    second = await team.file(DOCS_TOO, by=BEN)
    assert "2 developers have this now" in await told_about(kit, second, clock())
    await work()
    (card,) = slack.posted(CARDS)
    assert "2 developers" in card["text"]
    assert DOCS_TOO in card["text"]


async def test_another_problem_gets_a_card_of_its_own(team: Team, slack: FakeSlack, work: Work) -> None:
    await team.file(DOCS)
    await team.file(VPN)
    await work()
    assert [card["text"][:3] for card in slack.posted(CARDS)] == ["F-1", "F-2"]


async def test_somebody_who_reports_the_same_three_times_is_one_developer(team: Team, work: Work) -> None:
    for words in (DOCS, DOCS_TOO, DOCS):
        await team.file(words, by=ANA)
    await work()
    assert "1 developer" in team.card()


async def test_a_gesture_told_twice_is_one_report(team: Team, kit: Kit, clock: Clock) -> None:
    first = await team.file(DOCS, key="command:same")
    second = await team.file(DOCS, key="command:same")
    assert first.id == second.id
    assert len(await exported(kit, "reports", clock())) == 1


async def test_twenty_people_who_report_the_same_at_once_are_in_one_cluster(
    team: Team, slack: FakeSlack, work: Work
) -> None:
    people = [slack.person(f"U{number}").id for number in range(20)]
    await asyncio.gather(*(team.file(DOCS, by=person) for person in people))
    await work()
    (card,) = slack.posted(CARDS)
    assert "20 developers" in card["text"]


async def test_two_processes_that_hear_of_the_same_problem_put_it_in_one_cluster(
    team: Team, kit_on: Callable[[Database], Kit], database: Database, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    url = database.url.render_as_string(hide_password=False)
    other = Database(url)
    theirs = Team(kit_on(other), slack, clock)
    await asyncio.gather(team.file(DOCS, key="command:a", by=ANA), theirs.file(DOCS_TOO, key="command:b", by=BEN))
    await other.close()
    await work()
    assert len(slack.posted(CARDS)) == 1
    assert "2 developers" in team.card()


async def test_what_has_not_a_word_in_it_is_not_filed(kit: Kit, clock: Clock) -> None:
    for words in ("🔥🔥🔥", "  \n ", ":fire: :fire:", "\x00\u202e"):
        said = reports.Said(key=f"command:{words}", text=words, source="command", reporter=ANA, said_at=clock())
        assert await reports.file(kit, said, clock()) is None
    assert await exported(kit, "reports", clock()) == []


async def test_fifty_thousand_characters_are_kept_to_the_last(team: Team, kit: Kit, clock: Clock, work: Work) -> None:
    words = "the deploy docs are wrong " * 2000
    report = await team.file(words)
    assert report.text == words.strip()
    assert "are kept" in json.dumps((await reports.answer(kit, report.id or 0, clock())).blocks)
    await work()
    assert len(team.card()) < 1000


async def test_a_pasted_secret_is_masked_before_it_is_stored(
    team: Team, kit: Kit, database: Database, clock: Clock, work: Work
) -> None:
    await team.file("the deploy docs tell me to use password=hunter2hunter2 in the pipeline")
    await work()
    assert "hunter2" not in await stored(database)
    assert "hunter2" not in team.card()


# Setting it right


async def test_the_reporter_says_which_area_it_is_and_the_card_follows(
    team: Team, kit: Kit, clock: Clock, work: Work
) -> None:
    report = await team.file(DOCS)
    await work()
    assert await correct.retag(kit, report.id or 0, "errors", ANA, clock()) == "Moved to errors."
    await work(seconds=10)
    assert ". errors. " in team.card()
    assert [row["area_by"] for row in await exported(kit, "reports", clock())] == ["reporter"]


async def test_an_admin_may_set_an_area_right_and_nobody_else_but_the_reporter(
    team: Team, kit: Kit, clock: Clock
) -> None:
    report = await team.file(DOCS)
    with pytest.raises(Refused, match="Only the person who reported it"):
        await correct.retag(kit, report.id or 0, "errors", BEN, clock())
    with pytest.raises(Refused, match="no such area"):
        await correct.retag(kit, report.id or 0, "astrology", ANA, clock())
    assert await correct.retag(kit, report.id or 0, "errors", ADA, clock()) == "Moved to errors."
    (row,) = await exported(kit, "reports", clock())
    assert (row["area"], row["area_by"]) == ("errors", "triage")


async def test_not_the_same_problem_takes_a_report_out_for_good(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    mine = await team.file(DOCS_TOO, by=BEN)
    await work()
    assert (await split.set_apart(kit, mine.id or 0, BEN, clock())).news == "Taken out; it has a place of its own now."
    assert (await split.set_apart(kit, mine.id or 0, BEN, clock())).news == "It stands by itself already."
    await work(seconds=10)
    assert ["1 developer" in team.card(number) for number in (0, 1)] == [True, True]
    # Whoever says the same again may go to either; the report that was taken out stays where it is.
    await team.file(DOCS, by=CEM)
    await correct.message_edited(kit, BACKEND, {"ts": "1.1", "text": DOCS}, clock())
    rows = {row["id"]: row["cluster"] for row in await exported(kit, "reports", clock())}
    assert rows[mine.id] == "F-2"
    async with kit.database.reading() as session:
        (fact,) = (await session.exec(select(Fact))).all()
    assert (fact.kind, fact.cluster_id, fact.other_id, fact.made_by) == ("not_same_as", 2, 1, BEN)


async def test_nobody_else_may_take_a_report_out_or_back_or_add_to_it(team: Team, kit: Kit, clock: Clock) -> None:
    await team.file(DOCS, by=ANA)
    report = await team.file(DOCS, by=ANA)
    number = report.id or 0
    with pytest.raises(Refused, match="Ask Ada"):
        await split.set_apart(kit, number, BEN, clock())
    for attempt in (
        correct.withdraw(kit, number, BEN, clock()),
        correct.withdraw(kit, number, ADA, clock()),
        correct.release(kit, number, BEN, clock()),
        correct.release(kit, number, ADA, clock()),
        correct.add_detail(kit, number, BEN, words="no", severity=3, minutes=5, now=clock()),
        correct.detail_of(kit, number, BEN),
    ):
        with pytest.raises(Refused, match="Only the person who reported it can change that"):
            await attempt


async def test_detail_is_added_and_counts(team: Team, kit: Kit, clock: Clock) -> None:
    report = await team.file(DOCS)
    before = (await exported(kit, "clusters", clock()))[0]["impact"]
    told = await correct.add_detail(
        kit, report.id or 0, ANA, words="since the last release", severity=3, minutes=30, now=clock()
    )
    assert told == "Added, thank you."
    assert await correct.detail_of(kit, report.id or 0, ANA) == "since the last release"
    (row,) = await exported(kit, "reports", clock())
    assert (row["severity"], row["minutes_lost"]) == (3, 30)
    assert (await exported(kit, "clusters", clock()))[0]["impact"] > before


async def test_undo_deletes_the_words_everywhere(
    team: Team, kit: Kit, database: Database, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    report = await team.file("the zanzibar runbook is outdated", by=ANA)
    await correct.add_detail(kit, report.id or 0, ANA, words="zanzibar too", severity=None, minutes=None, now=clock())
    await work()
    assert "zanzibar" in team.card()
    for _ in range(2):
        assert "Taken back" in await correct.withdraw(kit, report.id or 0, ANA, clock())
    await work(seconds=10)
    assert "zanzibar" not in await stored(database)
    assert "zanzibar" not in json.dumps(slack.posted(CARDS))
    assert "Withdrawn" in team.card()
    assert ANA not in await stored(database)
    found = await clusters.find(kit, "zanzibar runbook outdated", clock())
    assert "F-1" not in found.text
    with pytest.raises(Refused, match="was taken back"):
        await correct.retag(kit, report.id or 0, "errors", ANA, clock())


async def test_undo_before_the_card_was_posted_posts_none(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    report = await team.file(DOCS)
    await correct.withdraw(kit, report.id or 0, ANA, clock())
    await work()
    assert slack.posted(CARDS) == []


async def test_undo_takes_only_ones_own_report_out_of_the_counts(
    team: Team, kit: Kit, clock: Clock, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    mine = await team.file(DOCS_TOO, by=BEN)
    await correct.withdraw(kit, mine.id or 0, BEN, clock())
    await work()
    assert team.card() == f"F-1 {DOCS}. docs. 1 developer"


async def test_a_report_without_a_name_stores_no_name_anywhere(
    team: Team, database: Database, slack: FakeSlack, work: Work
) -> None:
    await team.file(DOCS, by=None, source="form", severity=3)
    await work()
    assert "1 developer" in team.card()
    assert not [person for person in (ANA, BEN, CEM, DORA, LEA, TIM, ADA) if person in await stored(database)]


async def test_two_reports_without_a_name_are_two_developers(team: Team, work: Work) -> None:
    await team.file(DOCS, by=None)
    await team.file(DOCS_TOO, by=None)
    await work()
    assert "2 developers" in team.card()


# Nobody is pinged


async def test_markup_in_a_report_pings_nobody_and_reads_as_typed_wherever_it_is_shown(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, LOUD)
    await team.flag(CEM, BACKEND, ts)
    await subscriptions.subscribe(
        kit, TIM, areas="all", every="week", weekday="mon", at="09:00", tz="Europe/Berlin", now=clock()
    )
    await work()
    mine = await team.file(LOUD_TYPED, by=ANA)
    await digests.send_now(kit, TIM, clock())
    await outbox.want(kit, "home", ANA, {"person": ANA}, clock())
    await work(seconds=10)
    messages: list[Any] = slack.posted(CARDS) + slack.posted(f"D{TIM}") + slack.posted(f"D{BEN}")
    assert len(messages) == 3
    messages += [{"text": each.text, "blocks": each.blocks} for each in slack.whispers]
    messages += [{"text": "", "blocks": slack.homes[ANA]["blocks"]}]
    for listed in (
        await clusters.top(kit, None, clock()),
        await clusters.find(kit, LOUD_TYPED, clock()),
        await clusters.show(kit, 1, ANA, clock()),
        views.cluster.mine(await clusters.mine(kit, ANA)),
        await reports.answer(kit, mine.id or 0, clock()),
    ):
        assert listed is not None
        messages.append({"text": listed.text, "blocks": listed.blocks})
    for message in messages:
        for marked in ("<!", "<@", "<https://evil"):
            assert marked not in message["text"]
            assert not [text for text in _markup(message["blocks"]) if marked in text]
    shown = [message for message in messages if LOUD_TYPED in json.dumps(message["blocks"], ensure_ascii=False)]
    unseen = [message["text"] for message in messages if message not in shown]
    assert len(unseen) <= 1, unseen  # all but the answer to whoever flagged, which quotes nothing
    assert "&lt;!channel&gt; &lt;@U0ANA&gt;" in team.card()


def _markup(block: Any) -> list[str]:
    """Every text that Slack reads as markup."""
    if isinstance(block, list):
        return [text for each in block for text in _markup(each)]
    if not isinstance(block, dict):
        return []
    if block.get("type") == "mrkdwn":
        return [str(block["text"])]
    return [text for each in block.values() for text in _markup(each)]


# Flags


async def test_a_flagged_message_is_filed_for_its_author_and_the_flag_is_a_vote(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, DOCS)
    clock.forward(minutes=90)
    await team.flag(CEM, BACKEND, ts)
    await work()
    (row,) = await exported(kit, "reports", clock())
    assert (row["reporter"], row["text"], row["source"]) == (BEN, DOCS, "emoji")
    assert (row["channel"], row["message_ts"], row["visibility"]) == (BACKEND, ts, "public")
    assert "2 developers" in team.card()
    (to_flagger,) = slack.told(CEM)
    assert "F-1" in to_flagger
    assert "Ben" in to_flagger
    (to_author,) = slack.told(BEN)
    assert "Cem flagged your message" in to_author
    (cluster,) = await exported(kit, "clusters", clock())
    assert cluster["first_seen"] == "2026-11-02T08:00:00Z"  # when it was said, not when it was flagged


async def test_a_message_is_one_report_however_often_it_is_flagged(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, DOCS)
    for person in (CEM, DORA):
        await team.flag(person, BACKEND, ts)
    await work()
    await team.flag(ANA, BACKEND, ts)
    await team.flag(CEM, BACKEND, ts)
    await work(seconds=10)
    assert len(await exported(kit, "reports", clock())) == 1
    assert len(slack.posted(CARDS)) == 1
    assert "4 developers" in team.card()
    assert len(slack.told(BEN)) == 1
    assert ["Your flag counts as a vote" in told for told in slack.told(ANA)] == [True]


async def test_a_flag_that_is_taken_off_is_a_vote_less_and_the_report_stays(
    team: Team, slack: FakeSlack, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, DOCS)
    await team.flag(CEM, BACKEND, ts)
    await work()
    await team.flag(CEM, BACKEND, ts, on=False)
    await work(seconds=10)
    assert team.card() == f"F-1 {DOCS}. docs. 1 developer"


async def test_who_flags_their_own_message_is_one_developer_and_is_answered_once(
    team: Team, slack: FakeSlack, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, DOCS)
    await team.flag(BEN, BACKEND, ts)
    await work()
    assert "1 developer" in team.card()
    (answer,) = slack.told(BEN)
    assert "Filed as F-1" in answer


async def test_a_reply_inside_a_thread_can_be_flagged(team: Team, slack: FakeSlack, work: Work) -> None:
    parent = slack.said(BACKEND, BEN, "good morning")
    reply = slack.said(BACKEND, DORA, DOCS, thread_ts=parent)
    await team.flag(CEM, BACKEND, reply)
    await work()
    assert DOCS in team.card()


async def test_a_deleted_message_is_not_filed_and_the_flagger_is_told(
    team: Team, kit: Kit, database: Database, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, DOCS)
    await team.flag(CEM, BACKEND, ts)
    slack.delete(BACKEND, ts)
    await work()
    assert slack.told(CEM) == [flag.GONE]
    assert slack.posted(CARDS) == []
    assert await exported(kit, "reports", clock()) == []


async def test_a_message_without_text_is_filed_with_its_address_and_what_its_blocks_say(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "Build of *deploy docs* failed"}}
    said = slack.said(BACKEND, BEN, "", blocks=[block])
    silent = slack.said(BACKEND, DORA, "", files=[{"id": "F1"}])
    await team.flag(CEM, BACKEND, said)
    await team.flag(CEM, BACKEND, silent)
    await work()
    assert [row["text"] for row in await exported(kit, "reports", clock())] == ["Build of *deploy docs* failed", ""]
    address = f"https://acme.slack.com/archives/{BACKEND}/p{silent.replace('.', '')}"
    assert address in json.dumps(slack.posted(CARDS)[1]["blocks"])
    assert "A message without words" in team.card(1)


async def test_a_bots_message_counts_for_whoever_flagged_it(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    ts = slack.said(BACKEND, "", "deploy docs build failed again", subtype="bot_message", bot_id="B9")
    await team.flag(CEM, BACKEND, ts)
    await work()
    (row,) = await exported(kit, "reports", clock())
    assert row["reporter"] == CEM
    assert "1 developer" in team.card()


async def test_who_flags_where_the_bot_cannot_read_is_told_what_to_do_and_can_flag_again(
    team: Team, kit: Kit, database: Database, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    ts = slack.said(ELSEWHERE, BEN, DOCS)
    await team.flag(CEM, ELSEWHERE, ts)
    await work()
    assert slack.told(CEM) == [flag.UNREADABLE]
    assert slack.posted(CARDS) == []
    slack.channels[ELSEWHERE].members.add(fakes.BOT)
    await team.flag(CEM, ELSEWHERE, ts, on=False)
    await team.flag(CEM, ELSEWHERE, ts)
    await work(seconds=10)
    assert "2 developers" in team.card()


async def test_a_message_whose_author_slack_does_not_know_is_filed_and_the_flagger_is_told(
    team: Team, slack: FakeSlack, work: Work
) -> None:
    ts = slack.said(BACKEND, "U0STRANGER", DOCS)
    await team.flag(CEM, BACKEND, ts)
    await work()
    await work(minutes=5)
    assert "2 developers" in team.card()
    assert ["F-1" in told for told in slack.told(CEM)] == [True]


async def test_who_flagged_is_answered_also_when_slack_is_busy_just_then(
    team: Team, slack: FakeSlack, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, DOCS)
    slack.next("chat.postEphemeral", later(1))
    await team.flag(CEM, BACKEND, ts)
    await work()
    await work(minutes=5)
    assert ["F-1" in told for told in slack.told(CEM)] == [True]


async def test_what_to_do_is_told_also_when_slack_is_busy_just_then(team: Team, slack: FakeSlack, work: Work) -> None:
    ts = slack.said(ELSEWHERE, BEN, DOCS)
    slack.next("chat.postMessage", later(1))
    await team.flag(CEM, ELSEWHERE, ts)
    await work()
    await work(minutes=5)
    assert slack.told(CEM) == [flag.UNREADABLE]


async def test_a_message_taken_back_is_left_alone_when_it_is_flagged_again(
    team: Team, kit: Kit, database: Database, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, "the zanzibar runbook is outdated")
    await team.flag(CEM, BACKEND, ts)
    await work()
    await correct.withdraw(kit, 1, BEN, clock())
    await team.flag(DORA, BACKEND, ts)
    await work(seconds=10)
    assert slack.told(DORA) == [flag.TAKEN_BACK]
    assert "zanzibar" not in await stored(database)


async def test_a_message_saved_from_its_menu_is_filed_where_the_bot_is_not(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    ts = slack.said(ELSEWHERE, BEN, DOCS)
    message = {"type": "message", "user": BEN, "text": DOCS, "ts": ts}
    when = clocks.of_message(ts)
    for person in (CEM, CEM, DORA):
        by = reports.Flag(person, "shortcut", slack.ts())
        saved = await flag.save_message(kit, ELSEWHERE, message, by, clock(), when)
        assert saved.report_id is None
    assert [row["reporter"] for row in await exported(kit, "reports", clock())] == [BEN]
    await work()
    await work(seconds=10)
    assert len(await exported(kit, "reports", clock())) == 1
    assert "3 developers" in team.card()
    assert DOCS in team.card()  # the channel is public, so its words may be shown
    assert len(slack.told(BEN)) == 1


async def test_a_message_saved_from_its_menu_while_its_flag_is_still_to_be_read_is_one_report(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, DOCS)
    await team.flag(CEM, BACKEND, ts)
    message = {"type": "message", "user": BEN, "text": DOCS, "ts": ts}
    await flag.save_message(kit, BACKEND, message, reports.Flag(DORA, "shortcut", slack.ts()), clock(), clock())
    await work()
    assert len(await exported(kit, "reports", clock())) == 1
    assert "3 developers" in team.card()
    assert len(slack.told(BEN)) == 1


async def test_saving_a_card_from_its_menu_is_no_report_about_itself(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    (card,) = slack.posted(CARDS)
    saved = await flag.save_message(kit, CARDS, card, reports.Flag(BEN, "shortcut", slack.ts()), clock(), clock())
    assert "F-1 already · 2 developers" in saved.news
    await work(seconds=10)
    assert len(await exported(kit, "reports", clock())) == 1
    assert "2 developers" in team.card()


# Edits and deletions


async def test_a_message_deleted_while_it_is_being_read_is_never_filed(
    team: Team, kit: Kit, database: Database, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, "the zanzibar runbook is outdated")
    await team.flag(CEM, BACKEND, ts)
    await correct.message_deleted(kit, BACKEND, ts, clock())  # Slack's history still has it, as a copy on its way has
    await work()
    assert await exported(kit, "reports", clock()) == []
    assert "zanzibar" not in await stored(database)
    assert slack.posted(CARDS) == []
    assert len(slack.whispers) == 1


async def test_what_to_do_is_told_once_also_when_the_connection_drops(team: Team, slack: FakeSlack, work: Work) -> None:
    await team.flag(CEM, ELSEWHERE, slack.said(ELSEWHERE, BEN, DOCS))
    slack.next("chat.postMessage", DROPPED)
    await work()
    await work(minutes=1)
    assert len(slack.told(CEM)) == 1


async def test_an_edited_message_changes_its_report_and_card(
    team: Team, kit: Kit, database: Database, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, "the zanzibar runbook is outdated")
    await team.flag(CEM, BACKEND, ts)
    await work()
    edited = {"ts": ts, "user": BEN, "text": "the runbook of &lt;service&gt; is outdated"}
    await correct.message_edited(kit, BACKEND, edited, clock())
    await work(seconds=10)
    assert "the runbook of &lt;service&gt; is outdated" in team.card()
    assert "zanzibar" not in await stored(database)


async def test_a_deleted_message_takes_its_report_and_words_along(
    team: Team, kit: Kit, database: Database, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, "the zanzibar runbook is outdated")
    await team.flag(CEM, BACKEND, ts)
    await work()
    for _ in range(2):
        await correct.message_deleted(kit, BACKEND, ts, clock())
    await work(seconds=10)
    assert "zanzibar" not in await stored(database)
    assert "zanzibar" not in json.dumps(slack.posted(CARDS))


@pytest.mark.parametrize("gesture", ["edit", "detail"])
async def test_what_races_with_an_undo_does_not_bring_words_back(
    team: Team, kit: Kit, database: Database, slack: FakeSlack, clock: Clock, work: Work, gesture: str
) -> None:
    if database.embedded:
        pytest.skip("SQLite has one writer: they cannot race")
    ts = slack.said(BACKEND, BEN, DOCS)
    await team.flag(CEM, BACKEND, ts)
    await work()
    said = "the zanzibar docs are wrong"
    edit = correct.message_edited(kit, BACKEND, {"ts": ts, "user": BEN, "text": said}, clock())
    detail = correct.add_detail(kit, 1, BEN, words=said, severity=None, minutes=None, now=clock())
    (edit if gesture == "detail" else detail).close()
    async with database.transaction() as session:
        held = await storage.workspaces.lock(session, kit.house.workspace_id)
        report = await storage.reports.get(session, kit.house.workspace_id, 1)
        assert report is not None
        storage.reports.withdraw(report, now=clock(), revision=held.revision)
        await session.flush()
        racing: asyncio.Task[Any] = asyncio.create_task(edit if gesture == "edit" else detail)
        await _waits_for_a_lock(database)
    with contextlib.suppress(Refused):
        await racing
    assert "zanzibar" not in await stored(database)


async def _waits_for_a_lock(database: Database) -> None:
    async with asyncio.timeout(5):
        while True:
            async with database.reading() as session:
                waiting = await session.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))
                if waiting.scalar_one():
                    return
            await asyncio.sleep(0)


# Votes


async def test_a_reaction_is_a_vote_and_taking_it_off_takes_it_back(team: Team, work: Work) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    await team.vote(BEN)
    await work(seconds=10)
    assert "2 developers" in team.card()
    await team.vote(BEN, on=False)
    await work(seconds=10)
    assert "1 developer" in team.card()


async def test_every_voting_emoji_of_one_person_is_one_vote_until_the_last_is_off(team: Team, work: Work) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    for emoji in ("+1::skin-tone-3", "arrow_up", "thumbsup"):
        await team.vote(BEN, emoji)
    await work(seconds=10)
    assert "2 developers" in team.card()
    for emoji in ("+1::skin-tone-3", "thumbsup"):
        await team.vote(BEN, emoji, on=False)
    await work(seconds=10)
    assert "2 developers" in team.card()
    await team.vote(BEN, "arrow_up", on=False)
    await work(seconds=10)
    assert "1 developer" in team.card()


async def test_the_reporter_who_votes_for_their_own_card_is_one_developer(team: Team, work: Work) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    await team.vote(ANA)
    await work(seconds=10)
    assert "1 developer" in team.card()


async def test_a_reaction_on_a_captured_message_is_a_vote_too_and_nobody_is_counted_twice(
    team: Team, slack: FakeSlack, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, DOCS)
    await team.flag(CEM, BACKEND, ts)
    await work()
    await team.react(DORA, BACKEND, ts)
    await team.vote(DORA)
    await work(seconds=10)
    assert "3 developers" in team.card()
    await team.react(DORA, BACKEND, ts, on=False)
    await work(seconds=10)
    assert "3 developers" in team.card()
    await team.vote(DORA, on=False)
    await work(seconds=10)
    assert "2 developers" in team.card()


async def test_a_vote_follows_a_captured_message_that_is_taken_out(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    ts = slack.said(BACKEND, BEN, DOCS_TOO)
    await team.flag(CEM, BACKEND, ts)
    await work()
    await split.set_apart(kit, 2, BEN, clock())
    await work(seconds=10)
    assert "1 developer" in team.card(0)
    assert "2 developers" in team.card(1)


async def test_a_reaction_on_somebody_elses_message_is_not_even_stored(
    team: Team, database: Database, slack: FakeSlack, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, "lunch?")
    before = await stored(database)
    await team.react(CEM, BACKEND, ts)
    await team.react(CEM, BACKEND, ts, on=False)
    await team.react(CEM, BACKEND, ts, "eyes")
    await work()
    assert await stored(database) == before


async def test_the_bots_own_reactions_count_for_nothing(team: Team, work: Work) -> None:
    await team.file(DOCS)
    await work()
    await team.vote(fakes.BOT)
    await work(seconds=10)
    assert "1 developer" in team.card()


async def test_a_vote_cast_before_we_know_where_the_card_stands_is_counted_later(
    team: Team, slack: FakeSlack, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    slack.next("chat.postMessage", DROPPED)
    await work()
    await team.vote(BEN)  # the card is there; our row does not know it yet
    await work(minutes=1)
    await work(minutes=1)
    assert len(slack.posted(CARDS)) == 1
    assert "2 developers" in team.card()


async def test_a_removal_that_comes_before_its_reaction_leaves_no_vote(
    team: Team, slack: FakeSlack, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    ts = slack.posted(CARDS)[0]["ts"]
    await team.react(BEN, CARDS, ts, on=False, event_ts="1700000002.000000")
    await team.react(BEN, CARDS, ts, event_ts="1700000001.000000")
    await work(seconds=10)
    assert "1 developer" in team.card()


async def test_a_reaction_told_twice_is_one_vote_and_one_redraw(team: Team, slack: FakeSlack, work: Work) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    ts = slack.posted(CARDS)[0]["ts"]
    await team.react(BEN, CARDS, ts, event_ts="1700000001.000000")
    await work(minutes=1)
    drawn = len(slack.called("chat.update"))
    await team.react(BEN, CARDS, ts, event_ts="1700000001.000000")
    await work(minutes=1)
    assert len(slack.called("chat.update")) == drawn
    assert "2 developers" in team.card()


async def test_leads_are_a_second_number_and_user_groups_are_asked(
    team: Team, kit: Kit, slack: FakeSlack, work: Work
) -> None:
    slack.groups["S1LEADS"] = [DORA]
    grouped = Leads((LEA, "S1LEADS", "S2GONE"))
    assert await grouped.refresh(kit.slack) == ["S2GONE"]
    kit.leads.people = grouped.people
    await team.file(DOCS, by=ANA)
    await work()
    for person in (LEA, DORA, BEN):
        await team.vote(person)
    await work(seconds=10)
    assert "4 developers · backed by 2 leads" in team.card()


async def test_leads_stay_leads_while_slack_does_not_answer(kit: Kit, slack: FakeSlack) -> None:
    slack.groups["S1LEADS"] = [DORA]
    leads = Leads((LEA, "S1LEADS"))
    await leads.refresh(kit.slack)
    slack.next("usergroups.users.list", refused("team_added_to_org"))
    await leads.refresh(kit.slack)
    assert leads.people == {LEA, DORA}


# Cards


async def test_a_card_is_posted_once_and_then_redrawn(team: Team, slack: FakeSlack, work: Work) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    await team.file(DOCS_TOO, by=BEN)
    await work(seconds=10)
    await team.file(DOCS, by=CEM)
    await work(seconds=10)
    assert len(slack.called("chat.postMessage")) == 1
    assert len(slack.called("chat.update")) == 2
    assert "3 developers" in team.card()


async def test_twenty_votes_in_a_burst_are_a_few_redraws(team: Team, slack: FakeSlack, work: Work) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    ts = slack.posted(CARDS)[0]["ts"]
    for number in range(20):
        await team.react(f"U{number}", CARDS, ts)
        await work()
    await work(seconds=10)
    assert "21 developers" in team.card()
    assert len(slack.called("chat.update")) <= 8  # twenty seconds of votes, at most one redraw in three


async def test_a_card_whose_answer_was_lost_is_found_again_and_not_posted_twice(
    team: Team, slack: FakeSlack, work: Work
) -> None:
    slack.next("chat.postMessage", DROPPED)
    await team.file(DOCS)
    await work()
    await work(minutes=1)
    assert len(slack.posted(CARDS)) == 1
    assert len(slack.called("chat.postMessage")) == 1
    await team.file(DOCS_TOO, by=BEN)
    await work(minutes=1)
    assert len(slack.posted(CARDS)) == 1
    assert "2 developers" in team.card()


async def test_a_lost_card_is_found_also_when_slacks_clock_is_behind_ours(
    team: Team, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    slack.clock = lambda: clock.now - dt.timedelta(seconds=30)
    slack.next("chat.postMessage", DROPPED)
    await team.file(DOCS)
    await work()
    await work(minutes=1)
    assert len(slack.posted(CARDS)) == 1


async def test_a_card_that_died_with_its_process_is_taken_over_and_not_posted_twice(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS)
    async with kit.database.transaction() as session:
        assert await storage.outbox.claim(session, kit.house.workspace_id, clock(), in_hand=()) is not None
    posted = views.blocks.Message("F-1", [views.blocks.heading("F-1")])
    await kit.slack.post(CARDS, views.blocks.keyed(posted, "card-1"))  # and then: kill -9
    await work(seconds=30)
    assert slack.called("chat.update") == []
    await work(seconds=60)
    assert len(slack.posted(CARDS)) == 1
    assert "1 developer" in team.card()


async def test_the_workers_outlive_a_database_that_fails_and_go_on_when_it_is_back(
    team: Team,
    kit: Kit,
    database: Database,
    slack: FakeSlack,
    workers: outbox.Workers,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await team.file(DOCS)
    await _renamed(database, "outbox", "outbox_gone")
    working = asyncio.create_task(workers.run())
    async with asyncio.timeout(10):
        await _until(lambda: "outbox interrupted" in caplog.text)
        assert not working.done()
        assert workers.in_hand == set()
        await _renamed(database, "outbox_gone", "outbox")
        kit.wake.set()
        await _until(lambda: bool(slack.posted(CARDS)) and not workers.in_hand)
        workers.stop()
        await working


async def _until(so: Callable[[], bool]) -> None:
    while True:
        if so():
            return
        await asyncio.sleep(0)


async def _renamed(database: Database, old: str, new: str) -> None:
    async with database.transaction() as session:
        await session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


async def test_a_web_page_instead_of_an_answer_is_tried_again(team: Team, slack: FakeSlack, work: Work) -> None:
    slack.next("chat.postMessage", fakes.BAD_GATEWAY)
    await team.file(DOCS)
    await work()
    assert slack.posted(CARDS) == []
    await work(minutes=1)
    assert len(slack.posted(CARDS)) == 1


async def test_slack_is_left_in_peace_for_as_long_as_it_asks(team: Team, slack: FakeSlack, work: Work) -> None:
    slack.next("chat.postMessage", later(120))
    await team.file(DOCS)
    await work()
    await work(seconds=119)
    assert len(slack.called("chat.postMessage")) == 1
    await work(seconds=2)
    assert len(slack.posted(CARDS)) == 1


async def test_what_slack_will_never_take_is_parked_and_the_doctor_says_so(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    slack.channels[CARDS].archived = True
    await team.file(DOCS)
    await work()
    await work(days=2)
    assert len(slack.called("chat.postMessage")) == 1
    findings = await doctor.examine(kit, await kit.slack.identity(), clock())
    assert [finding.text for finding in findings if not finding.well] == [
        "#1 card:1: is_archived, given up after 1 try on 2026-11-02 08:00 UTC. Try it again: friction outbox retry 1"
    ]
    slack.channels[CARDS].archived = False
    await team.file(DOCS_TOO, by=BEN)
    await work(seconds=10)
    assert "2 developers" in team.card()


async def test_the_doctor_names_what_is_missing(kit: Kit, slack: FakeSlack, clock: Clock) -> None:
    slack.scopes = fakes.SCOPES - {"users:read", "im:history"}
    del slack.people[ADA]
    findings = await doctor.examine(kit, await kit.slack.identity(), clock())
    wrong = [finding.text for finding in findings if not finding.well]
    assert len(wrong) == 2
    assert "users:read" in wrong[0]
    assert ADA in wrong[1]
    assert any("im:history" in finding.text for finding in findings if finding.well)


async def test_a_card_that_somebody_deleted_is_posted_anew_with_all_its_votes(
    team: Team, slack: FakeSlack, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    await work()
    await team.vote(BEN)
    await work(seconds=10)
    slack.delete(CARDS, slack.posted(CARDS)[0]["ts"])
    await team.file(DOCS_TOO, by=CEM)
    await work(seconds=10)
    assert len(slack.posted(CARDS)) == 1
    assert "3 developers" in team.card()
    await team.file(DOCS, by=ANA)
    await work(seconds=10)
    assert "3 developers" in team.card()


async def test_an_author_is_told_once_also_when_slacks_answer_was_lost(
    team: Team, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, DOCS)
    await team.flag(CEM, BACKEND, ts)
    slack.next("chat.postMessage", fakes.Scripted(), DROPPED)
    await work()
    await work(minutes=5)
    assert len(slack.told(BEN)) == 1


async def test_a_restart_loses_nothing_that_was_still_to_be_told(
    team: Team, database: Database, kit_on: Callable[[Database], Kit], slack: FakeSlack, clock: Clock
) -> None:
    await team.file(DOCS)
    await database.close()
    reopened = Database(database.url.render_as_string(hide_password=False))
    await outbox.Workers(kit_on(reopened), clock=clock, of_message=clocks.of_message).until_settled()
    await reopened.close()
    assert DOCS in team.card()


async def test_four_workers_post_every_card_once(team: Team, kit: Kit, slack: FakeSlack, clock: Clock) -> None:
    reports_of = (DOCS, VPN, "breakpoints are never hit in the worker", "the linter takes ten minutes on every commit")
    for words in reports_of:
        await team.file(words)
    workers = [outbox.Workers(kit, clock=clock, of_message=clocks.of_message) for _ in range(4)]
    await asyncio.gather(*(each.until_settled() for each in workers))
    assert sorted(card["text"][:3] for card in slack.posted(CARDS)) == ["F-1", "F-2", "F-3", "F-4"]


# Digests


async def subscribe(kit: Kit, now: dt.datetime, person: str = TIM, **more: str) -> Subscription:
    """Mondays at nine in Berlin, unless it is said otherwise."""
    chosen = {"areas": "all", "every": "week", "weekday": "mon", "at": "09:00", "tz": "Europe/Berlin"} | more
    return await subscriptions.subscribe(kit, person, now=now, **chosen)


async def test_a_digest_that_is_due_is_sent_once(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    assert (await subscribe(kit, clock())).next_due_at == MONDAY + dt.timedelta(weeks=1)
    await team.file(DOCS, by=ANA)
    await team.file(VPN, by=BEN)
    await work()
    for by in (LEA, CEM):
        await team.vote(by)
    assert await digests.open_due(kit, clock()) == 0
    clock.now = MONDAY + dt.timedelta(weeks=1, minutes=1)
    assert await digests.open_due(kit, clock()) == 1
    assert await digests.open_due(kit, clock()) == 0
    await work()
    await work(hours=1)
    (told,) = slack.told(TIM)
    assert "1. F-1" in told
    assert "3 developers, 3 new · 1 lead" in told
    assert "2. F-2" in told
    assert slack.posted(CARDS)[0]["ts"].replace(".", "") in json.dumps(slack.posted(f"D{TIM}")[0]["blocks"])


async def test_a_quiet_week_sends_nothing(team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work) -> None:
    await team.file(DOCS)
    await work()
    clock.now = MONDAY + dt.timedelta(days=1)
    await subscribe(kit, clock())
    for week in (1, 2):
        clock.now = MONDAY + dt.timedelta(weeks=week, minutes=1)
        await digests.open_due(kit, clock())
        await work()
    assert len(slack.told(TIM)) == 1  # the first week had a report; the second had none


async def test_only_what_is_in_ones_areas_is_in_ones_digest(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock(), areas="docs")
    await subscribe(kit, clock(), CEM, areas="errors")
    await team.file(DOCS)
    await team.file(VPN)
    clock.now = MONDAY + dt.timedelta(weeks=1)
    await digests.open_due(kit, clock())
    await work()
    (told,) = slack.told(TIM)
    assert "F-1" in told
    assert "F-2" not in told
    assert slack.told(CEM) == []


async def test_digests_missed_while_down_are_made_up_for_by_one(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock(), every="day")
    await team.file(DOCS)
    clock.now = MONDAY + dt.timedelta(days=10, hours=2)
    assert await digests.open_due(kit, clock()) == 1
    await work()
    assert len(slack.told(TIM)) == 1
    stored_now = await subscriptions.current(kit, TIM)
    assert stored_now is not None
    assert stored_now.next_due_at == MONDAY + dt.timedelta(days=11)


async def test_what_a_late_digest_told_is_not_news_again_in_the_next(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    clock.now = MONDAY + dt.timedelta(days=9)  # the digest of day 7 is late, nobody was there to send it
    await team.file(DOCS)
    await work()
    clock.now = MONDAY + dt.timedelta(days=10)
    await digests.open_due(kit, clock())
    await work()
    assert len(slack.told(TIM)) == 1
    clock.now = MONDAY + dt.timedelta(days=14)
    await digests.open_due(kit, clock())
    await work()
    assert len(slack.told(TIM)) == 1


async def test_a_digest_is_not_sent_again_after_a_restart(
    team: Team, kit: Kit, kit_on: Callable[[Database], Kit], slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    await team.file(DOCS)
    clock.now = MONDAY + dt.timedelta(weeks=1)
    await digests.open_due(kit, clock())
    await work()
    reopened = Database(kit.database.url.render_as_string(hide_password=False))
    restarted = kit_on(reopened)
    assert await digests.open_due(restarted, clock.forward(minutes=1)) == 0
    await outbox.Workers(restarted, clock=clock, of_message=clocks.of_message).until_settled()
    await reopened.close()
    assert len(slack.told(TIM)) == 1


async def test_two_processes_that_find_a_digest_due_send_one(
    team: Team, kit: Kit, kit_on: Callable[[Database], Kit], slack: FakeSlack, clock: Clock
) -> None:
    await subscribe(kit, clock())
    await team.file(DOCS)
    clock.now = MONDAY + dt.timedelta(weeks=1)
    reopened = Database(kit.database.url.render_as_string(hide_password=False))
    kits = (kit, kit_on(reopened))
    begun = await asyncio.gather(*(digests.open_due(each, clock()) for each in kits))
    assert sum(begun) == 1
    working = [outbox.Workers(each, clock=clock, of_message=clocks.of_message) for each in kits]
    await asyncio.gather(*(each.until_settled() for each in working))
    await reopened.close()
    assert len(slack.told(TIM)) == 1


async def test_a_digest_whose_answer_was_lost_is_not_sent_twice(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    await team.file(DOCS)
    await work()
    clock.now = MONDAY + dt.timedelta(weeks=1)
    slack.next("chat.postMessage", DROPPED)
    await digests.open_due(kit, clock())
    await work()
    await work(minutes=5)
    assert len(slack.told(TIM)) == 1


async def test_who_left_gets_no_more_digests_until_they_subscribe_again(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    slack.people[TIM].deleted = True
    for week in (1, 2):
        await team.file(DOCS)
        await work()
        clock.now = MONDAY + dt.timedelta(weeks=week)
        assert await digests.open_due(kit, clock()) == (1 if week == 1 else 0)
        await work()
    paused = await subscriptions.current(kit, TIM)
    assert paused is not None
    assert paused.paused_because == "user_disabled"
    assert "stopped: the account is deactivated" in subscriptions.in_words(paused, clock())
    assert (await subscribe(kit, clock())).paused_because == ""


async def test_a_token_that_was_revoked_unsubscribes_nobody(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    await team.file(DOCS)
    await work()
    clock.now = MONDAY + dt.timedelta(weeks=1)
    slack.next("chat.postMessage", refused("token_revoked"))
    await digests.open_due(kit, clock())
    await work()
    subscription = await subscriptions.current(kit, TIM)
    assert subscription is not None
    assert subscription.paused_because == ""


async def test_a_digest_can_be_had_at_once_and_the_schedule_stays(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    before = await subscribe(kit, clock())
    await team.file(DOCS)
    assert DOCS in await digests.preview(kit, TIM, clock())
    assert slack.told(TIM) == []
    await digests.send_now(kit, TIM, clock())
    await work()
    assert len(slack.told(TIM)) == 1
    after = await subscriptions.current(kit, TIM)
    assert after is not None
    assert after.next_due_at == before.next_due_at


async def test_a_digest_for_who_is_not_subscribed_is_refused_in_a_sentence(kit: Kit, clock: Clock) -> None:
    with pytest.raises(digests.Unknown, match="is not subscribed"):
        await digests.preview(kit, BEN, clock())
    with pytest.raises(digests.Unknown, match="is not subscribed"):
        await digests.send_now(kit, BEN, clock())


async def test_an_empty_digest_says_nothing_was_reported_when_asked(kit: Kit, clock: Clock) -> None:
    await subscribe(kit, clock())
    assert await digests.preview(kit, TIM, clock()) == "Nothing was reported in your areas since 26 October."


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"areas": "docs,astrology"}, "'astrology' is not an area"),
        ({"tz": "Berlin"}, "not a time zone"),
        ({"at": "25:00"}, "not a time of day"),
        ({"weekday": "someday"}, "not a weekday"),
        ({"every": "hour"}, "not a cadence"),
    ],
)
async def test_a_subscription_that_cannot_be_meant_is_refused_in_a_sentence(
    kit: Kit, clock: Clock, wrong: dict[str, str], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        await subscribe(kit, clock(), **wrong)
    assert await subscriptions.current(kit, TIM) is None


async def test_a_digest_keeps_its_hour_when_the_clocks_change(team: Team, kit: Kit, clock: Clock, work: Work) -> None:
    clock.now = dt.datetime(2026, 10, 19, 8, 0, tzinfo=dt.UTC)  # summer time in Berlin
    first = await subscribe(kit, clock())
    assert first.next_due_at == dt.datetime(2026, 10, 26, 8, 0, tzinfo=dt.UTC)  # winter time: nine is an hour later
    clock.now = first.next_due_at
    await digests.open_due(kit, clock())
    following = await subscriptions.current(kit, TIM)
    assert following is not None
    assert following.next_due_at == MONDAY


# Private words


async def test_the_words_of_a_private_report_are_shown_to_nobody_but_count(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    words = "the zanzibar runbook is outdated"
    ts = slack.said(SECRET, BEN, words)
    await team.flag(CEM, SECRET, ts)
    await subscribe(kit, clock())
    await work()
    clock.now = MONDAY + dt.timedelta(weeks=1)
    await digests.open_due(kit, clock())
    await outbox.want(kit, "home", DORA, {"person": DORA}, clock())
    await work()
    shown = [*slack.posted(CARDS), *slack.posted(f"D{TIM}"), slack.homes[DORA]]
    assert len(shown) == 3
    assert "2 developers" in team.card()
    assert "1 private report" in team.card()
    for listed in (
        await clusters.top(kit, None, clock()),
        await clusters.show(kit, 1, "U0NOTTHERE", clock()),
        await clusters.find(kit, "outdated runbook", clock()),
    ):
        assert listed is not None
        shown.append({"text": listed.text, "blocks": listed.blocks})
    for what in export.WHAT:
        shown += await exported(kit, what, clock())
    told = json.dumps([*shown, *(each.blocks for each in slack.whispers if each.person == DORA)])
    assert "zanzibar" not in told
    assert ts.replace(".", "") not in json.dumps(slack.posted(CARDS))  # nor where it was said
    assert words in (await clusters.mine(kit, BEN))[0].words


async def test_the_author_of_a_private_report_may_let_its_words_be_shown(
    team: Team, kit: Kit, clock: Clock, work: Work
) -> None:
    report = await team.file(DOCS, private=True)
    await work()
    assert DOCS not in team.card()
    await correct.release(kit, report.id or 0, ANA, clock())
    await work(seconds=10)
    assert DOCS in team.card()


# What is exported


async def test_exported_rows_have_the_promised_columns_in_order(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    ts = slack.said(BACKEND, BEN, DOCS)
    await team.flag(CEM, BACKEND, ts)
    await work()
    promised = {
        "reports": "id, cluster, area, area_by, confidence, text, source, reporter, channel, message_ts, visibility, "
        "severity, minutes_lost, created_at",
        "clusters": "cluster, title, area, status, reports, developers, leads, impact, first_seen, last_seen, "
        "card_channel, card_ts, merged_into",
    }
    for what, columns in promised.items():
        (row,) = await exported(kit, what, clock())
        assert list(row) == columns.split(", ")
        assert list(row) == export.COLUMNS[what]
    (row,) = await exported(kit, "votes", clock())
    assert (row["cluster"], row["person"], row["emoji"]) == ("F-1", CEM, "triangular_flag_on_post")


async def test_what_is_exported_agrees_with_the_cards(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(DOCS_TOO, by=BEN)
    await team.file(VPN, by=CEM)
    gone = await team.file("breakpoints are never hit in the worker", by=CEM)
    await work()
    await team.vote(LEA, card=1)
    await correct.withdraw(kit, gone.id or 0, CEM, clock())
    await work(seconds=10)
    for row in await exported(kit, "clusters", clock()):
        (card,) = [card for card in slack.posted(row["card_channel"]) if card["ts"] == row["card_ts"]]
        assert card["text"].startswith(f"{row['cluster']} {row['title']}")
        backed = f" · backed by {row['leads']} lead" if row["leads"] else ""
        people = f"{row['developers']} developer{'' if row['developers'] == 1 else 's'}"
        assert f". {row['area']}. {people}{backed}" in card["text"]
    assert {row["cluster"]: row["reports"] for row in await exported(kit, "clusters", clock())} == {
        "F-1": 2,
        "F-2": 1,
        "F-3": 0,
    }


# Lists and the Home


async def test_the_worst_problem_is_first_in_the_ranking_with_a_link_to_its_card(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file(VPN, by=BEN)
    await work()
    await team.vote(DORA, card=1)
    message = await clusters.top(kit, None, clock())
    assert message.text.index("F-2") < message.text.index("F-1")
    assert slack.posted(CARDS)[1]["ts"].replace(".", "") in json.dumps(message.blocks)
    assert "F-2" not in (await clusters.top(kit, "docs", clock())).text


async def test_a_handle_that_was_never_given_out_shows_nothing(kit: Kit, clock: Clock) -> None:
    assert await clusters.show(kit, 7, ANA, clock()) is None


async def test_the_home_shows_what_i_reported_what_hurts_most_and_my_digest(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock
) -> None:
    await team.file(DOCS, by=ANA)
    await subscribe(kit, clock(), ANA)
    await home.draw(kit, ANA, clock())
    shown = json.dumps(slack.homes[ANA], ensure_ascii=False)
    assert shown.count(DOCS) == 2
    assert "all areas · every week, Monday 09:00 (Europe/Berlin)" in shown


async def test_opening_the_home_ten_times_draws_it_once_in_a_few_seconds(
    kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    for _ in range(10):
        await outbox.want(kit, "home", ANA, {"person": ANA}, clock())
    await work()
    await outbox.want(kit, "home", ANA, {"person": ANA}, clock())
    await work()
    assert len(slack.called("views.publish")) == 1
    await work(seconds=10)
    assert len(slack.called("views.publish")) == 2
