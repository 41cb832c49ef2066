"""What we decide. Nothing here needs Slack, a database or a clock."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import rules
from bot.rules import commands
from bot.rules.reactions import Meaning
from classifiers import grouping

NOW = dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC)
WEEK = dt.timedelta(weeks=1)
AREAS = frozenset({"docs", "errors", "onboarding", "debugging"})

#: Every character there is, lone surrogates included.
ANYTHING = st.text(alphabet=st.characters(exclude_categories=()), max_size=80)


# Text


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("&amp;lt;", "&lt;"),
        ("&amp;amp;lt;", "&amp;lt;"),
        ("&quot; &#39; &nbsp;", "&quot; &#39; &nbsp;"),
        ("&lt;!channel&gt;", "<!channel>"),
    ],
)
def test_what_slack_escaped_is_unescaped_exactly_once(sent: str, typed: str) -> None:
    assert rules.text.received(sent) == typed


@given(typed=ANYTHING)
@example("&lt;")
def test_whatever_was_typed_arrives_as_it_was_typed(typed: str) -> None:
    sent = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert rules.text.received(sent) == rules.text.clean(typed)


@given(typed=ANYTHING)
def test_no_control_and_no_turn_of_the_reading_direction_gets_in(typed: str) -> None:
    kept = rules.text.clean(typed)
    assert not [letter for letter in kept if unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\t\n"]
    # Unicode's Bidi_Control, the whole of it.
    assert not set(kept) & set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert rules.text.clean(kept) == kept


def test_the_arabic_letter_mark_turns_the_reading_direction_too() -> None:
    assert rules.text.clean("a\u061cb") == "ab"


def test_what_is_written_with_joiners_and_several_lines_stays_whole() -> None:
    typed = "👨‍👩‍👧 نمی‌خواهم\n\tat build.py:3"
    assert rules.text.clean(f"  {typed}\x00\r\n") == typed


@pytest.mark.parametrize("typed", ["ok", "404", "slow :fire:", "遅い", "медленно", "بطيء", "धीमा", "ช้า", "a"])
def test_words_of_any_script_are_words(typed: str) -> None:
    assert rules.text.has_words(typed)


@pytest.mark.parametrize("typed", ["", " \n\u3000", "🔥🔥", "👍🏽", ":fire: :+1::skin-tone-3:", "?!", "->", "\u0301"])
def test_emoji_spaces_and_signs_are_no_words(typed: str) -> None:
    assert not rules.text.has_words(typed)


# Commands


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", commands.Form()),
        (" \n ", commands.Form()),
        ("help", commands.Help()),
        ("HELP ", commands.Help()),
        ("mine", commands.Mine()),
        ("digest", commands.DigestForm()),
        ("Digest  #backend", commands.ChannelDigestForm()),
        ("digest <#C0BACKEND>", commands.ChannelDigestForm()),
        ("digest NOW", commands.DigestNow()),
        ("settings", commands.Settings()),
        ("top", commands.Top(None)),
        ("top docs", commands.Top("docs")),
        ("Top  Docs", commands.Top("docs")),
        ("find flaky tests", commands.Find("flaky tests")),
        ("Find  Flaky\nTests", commands.Find("Flaky\nTests")),
        ("show F-12", commands.Show(12)),
        ("show f-12", commands.Show(12)),
    ],
)
def test_an_exact_form_is_a_command(typed: str, meant: commands.Command) -> None:
    assert commands.parse(typed, AREAS) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "the deploy docs still show the old flag",
        "help me",
        "helpful",
        "mine is broken too",
        "digest is late",
        "digest #",
        "digest #backend please",
        "digest backend",
        "settings are lost after every update",
        "top secret is leaking",
        "top docs are wrong",
        "top nowhere",
        "find",
        "findings are hard to read",
        "show",
        "show me the way",
        "show 12",
        "show F-",
        "show F-12 again",
        "F-12",
        "F-12 is back",
    ],
)
def test_anything_else_is_a_report(typed: str) -> None:
    assert commands.parse(typed, AREAS) == commands.ReportText(typed)


@given(typed=ANYTHING)
def test_whatever_is_typed_means_something_and_a_report_keeps_every_letter(typed: str) -> None:
    meant = commands.parse(typed, AREAS)
    assert not isinstance(meant, commands.ReportText) or meant.text == typed


# Reactions


CAPTURE, UPVOTE = (
    rules.reactions.listed("triangular_flag_on_post"),
    rules.reactions.listed("+1, :arrow_up: ,, raised_hands"),
)


@pytest.mark.parametrize("emoji", ["+1", "thumbsup", ":+1:", *(f"+1::skin-tone-{tone}" for tone in range(2, 7))])
def test_a_thumb_of_any_colour_and_name_is_a_vote(emoji: str) -> None:
    assert rules.reactions.meaning(emoji, capture=CAPTURE, upvote=UPVOTE) == Meaning.UPVOTE
    assert rules.reactions.base(emoji) == "+1"


def test_the_flag_captures_and_the_rest_means_nothing() -> None:
    meanings = [
        rules.reactions.meaning(emoji, capture=CAPTURE, upvote=UPVOTE)
        for emoji in ("triangular_flag_on_post", "arrow_up", "eyes", "-1", "", "skin-tone-3")
    ]
    assert meanings == [Meaning.CAPTURE, Meaning.UPVOTE] + [Meaning.NOTHING] * 4


def test_two_names_of_one_hand_are_one_and_two_hands_are_two() -> None:
    # Slack's own list: ✋ is `hand` or `raised_hand`; 🖐 is `raised_hand_with_fingers_splayed`.
    assert rules.reactions.base("raised_hand") == rules.reactions.base("hand")
    assert rules.reactions.base("raised_hand_with_fingers_splayed") != rules.reactions.base("hand")


# Areas


@pytest.mark.parametrize(
    ("tags", "area"),
    [
        ([], "unsorted"),
        ([("unsorted", "model", 9, 1)], "unsorted"),
        ([("docs", "model", 2, 1), ("errors", "model", 3, 2), ("unsorted", "model", 9, 3)], "errors"),
        ([("docs", "model", 2, 5), ("errors", "model", 2, 3)], "errors"),
        ([("docs", "model", 2, 1), ("errors", "model", 2, 3)], "docs"),
        ([("docs", "model", 50, 1), ("errors", "reporter", 1, 9)], "errors"),
        ([("docs", "reporter", 50, 1), ("errors", "triage", 1, 9)], "errors"),
        ([("docs", "model", 2, 1), ("unsorted", "triage", 1, 9)], "docs"),
    ],
)
def test_the_area_of_a_cluster_is_what_people_say_then_what_most_say_then_what_was_said_first(
    tags: list[tuple[str, str, int, int]], area: str
) -> None:
    assert rules.areas.of_cluster(tags) == area
    assert rules.areas.of_cluster(reversed(tags)) == area


# Placement


def candidate(cluster: int, score: float) -> grouping.Candidate:
    return grouping.Candidate(key=cluster * 10, cluster=cluster, score=score)


SURE, UNSURE = grouping.JOIN + 0.1, grouping.JOIN - 0.01


def test_a_report_joins_the_likeliest_cluster_only_when_that_is_near_certain_and_is_asked_between() -> None:
    decide, of = rules.placement.decide, rules.placement
    assert decide([candidate(1, SURE), candidate(2, UNSURE)]) == of.Join(1)
    assert decide([candidate(1, UNSURE), candidate(2, UNSURE)]) == of.Suggest(
        (candidate(1, UNSURE), candidate(2, UNSURE))
    )
    assert decide([candidate(1, grouping.SUGGEST - 0.01)]) == of.Start()
    assert decide([]) == of.Start()


def test_who_reports_is_asked_of_fewer_the_clearer_the_best_is() -> None:
    best = candidate(1, UNSURE)
    weak = candidate(2, grouping.BESIDE * UNSURE - 0.01)
    assert rules.placement.decide([best, weak]) == rules.placement.Suggest((best,))
    few = [candidate(each, grouping.SUGGEST) for each in (1, 2, 3)]
    assert rules.placement.decide([*few, candidate(4, grouping.SUGGEST - 0.01)]) == rules.placement.Suggest(tuple(few))


def test_what_is_near_certain_of_two_problems_that_people_told_apart_is_asked() -> None:
    near = [candidate(1, SURE + 0.1), candidate(2, SURE), candidate(3, UNSURE)]
    assert rules.placement.decide(near, {frozenset((1, 2))}) == rules.placement.Suggest(tuple(near))
    for apart in (set(), {frozenset((1, 3))}, {frozenset((2, 3))}):
        assert rules.placement.decide(near, apart) == rules.placement.Join(1)


# Trying again


@given(attempt=st.integers(1, 30))
def test_everything_is_tried_again_until_it_is_given_up(attempt: int) -> None:
    wait = rules.retry.delay(attempt)
    assert wait is None if attempt >= rules.retry.LAST_ATTEMPT else wait is not None and wait > dt.timedelta()


def test_waits_grow_and_the_last_try_comes_about_a_day_after_the_first() -> None:
    waits = [rules.retry.delay(attempt) or dt.timedelta() for attempt in range(1, rules.retry.LAST_ATTEMPT)]
    assert waits == sorted(waits)
    assert dt.timedelta(hours=16) < sum(waits, dt.timedelta()) < dt.timedelta(hours=32)


# Digests


def test_the_areas_of_a_digest_are_as_listed_or_all() -> None:
    asked = ["docs,errors", " Docs , docs,", "all", "docs,ALL", "", " , "]
    assert [rules.digest.areas(each) for each in asked] == [("docs", "errors"), ("docs",), None, None, None, None]


# Messages


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"text": " it broke ", "blocks": [{"text": {"text": "other"}}]}, "it broke"),
        (
            {"text": "", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "build failed"}}]},
            "build failed",
        ),
        (
            {
                "blocks": [
                    {"type": "header", "text": {"type": "plain_text", "text": "CI"}},
                    {"type": "section", "fields": [{"type": "mrkdwn", "text": "main"}, {"text": "red"}]},
                    {"elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "deep"}]}]},
                ]
            },
            "CI\nmain red\ndeep",
        ),
        ({"attachments": [{"text": "disk full"}, {"fallback": "99 %"}]}, "disk full\n99 %"),
        ({"files": [{"title": "trace.log", "name": "x"}, {"name": "shot.png"}]}, "trace.log\nshot.png"),
        ({"text": None, "blocks": None, "attachments": [], "files": None}, ""),
        ({}, ""),
    ],
)
def test_a_message_says_what_its_text_or_else_its_blocks_and_files_say(message: dict[str, Any], words: str) -> None:
    assert rules.message.words(message) == words


def test_the_blocks_in_an_attachment_say_more_than_its_fallback() -> None:
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "build 12 failed"}}
    attachment = {"fallback": "[no preview available]", "blocks": [block]}
    assert rules.message.words({"attachments": [attachment]}) == "build 12 failed"


def test_only_people_are_authors() -> None:
    people = [{"user": "U1"}, {"user": "U1", "bot_id": "B1"}, {"subtype": "bot_message", "user": "U1"}, {}]
    assert [rules.message.author(each) for each in people] == ["U1", None, None, None]


def test_the_trace_of_a_message_is_none() -> None:
    assert rules.message.is_gone({"subtype": "tombstone"}) and rules.message.is_gone({"subtype": "channel_join"})
    assert not rules.message.is_gone({"subtype": "file_share"}) and not rules.message.is_gone({})


def test_a_place_with_a_private_name_is_private() -> None:
    named = ["directmessage", "privategroup", "mpdm-ana--ben-1", "general", "dm-tools", ""]
    assert [rules.message.private_place(name) for name in named] == [True, True, True, False, False, True]
