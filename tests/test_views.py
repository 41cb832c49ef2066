"""What people see, whatever was typed: within Slack's limits, as typed, and nobody's words as markup."""

from __future__ import annotations

import re
from typing import Any

import pytest
import shown
import slack_limits
from hypothesis import given, settings
from hypothesis import strategies as st
from shown import HOSTILE, folded, markup, plain_words, read
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot import rules, views
from bot.flows import closed, questions

#: Anything that can be typed, as it is after the one place where it is taken in; now and then far too much of it.
ANY = st.builds(
    lambda text, times: rules.text.clean((text * times)[:50_000]),
    st.text(max_size=60),
    st.sampled_from([1, 1, 1, 30, 1000, 50_000]),
)
often = settings(max_examples=30, deadline=None)

each_message = pytest.mark.parametrize("name", shown.MESSAGES)
each_view = pytest.mark.parametrize("name", shown.VIEWS)


def is_drawn(blocks: list[dict[str, Any]]) -> None:
    """Slack's own SDK finds nothing wrong with any block that it knows, and drops nothing of it."""
    known = [block for block in blocks if block["type"] != "data_visualization"]  # newer than the SDK
    for parsed, block in zip(Block.parse_all(known), known, strict=True):
        parsed.validate_json()
        assert parsed.to_dict() == block


# Whatever was typed


@each_message
@often
@given(words=ANY)
def test_any_words_make_a_message_that_slack_takes(name: str, words: str) -> None:
    message = shown.MESSAGES[name](words)
    assert slack_limits.of_message(message.text, message.blocks) == []
    is_drawn(message.blocks)


@each_view
@often
@given(words=ANY)
def test_any_words_make_a_view_that_slack_takes(name: str, words: str) -> None:
    view = shown.VIEWS[name](words)
    assert slack_limits.of_view(view) == []
    View(**view).validate_json()
    is_drawn(view["blocks"])


@often
@given(words=ANY, data=st.data())
def test_a_digest_of_any_number_of_things_is_a_message_that_slack_takes(words: str, data: st.DataObject) -> None:
    def many(thing: Any, most: int = 200) -> tuple[Any, ...]:
        return (thing,) * data.draw(st.integers(0, most))

    digest = shown.digest(
        *many(shown.line(words, title=words, owner=words), rules.digest.TOP),
        reasons=many(rules.digest.Reason("developers", 12, 4)),
        joined=many(views.digest.Joined(12, "F-12", 3)),
        suggested=many(views.digest.Suggested(words or "Same?", 7), questions.SHOWN),
        closed=many(views.digest.Closed(shown.card(words), words, words), closed.SHOWN),
        more_closed=data.draw(st.integers(0, 200)),
        chart=shown.chart(*(f"area{number}" for number in range(data.draw(st.integers(1, 40))))),
    )
    for native in (True, False):
        message = views.digest.message(digest, native=native)
        assert slack_limits.of_message(message.text, message.blocks) == []
        is_drawn(message.blocks)


@often
@given(words=ANY)
def test_any_words_fit_each_brick(words: str) -> None:
    bricks = [
        views.blocks.heading(words),
        views.blocks.words(words, views.blocks.button(words, "undo", "7")),
        views.blocks.quote(words),
        views.blocks.small_words(words),
        views.blocks.row([views.blocks.menu(words, "area", [views.blocks.option(words, "docs")], "docs")]),
    ]
    assert slack_limits.of_message("said", bricks) == []
    is_drawn(bricks)


@pytest.mark.parametrize("name", shown.OUR_MESSAGES)
def test_our_own_messages_are_within_slacks_limits(name: str) -> None:
    message = shown.OUR_MESSAGES[name]()
    assert slack_limits.of_message(message.text, message.blocks) == []
    is_drawn(message.blocks)


@each_message
@often
@given(words=ANY)
def test_nobodys_words_are_ever_markup_in_a_message(name: str, words: str) -> None:
    message = shown.MESSAGES[name]("Zq7" + words)
    assert "Zq7" not in markup(message.blocks)
    assert not re.search("[<>]|&(?!amp;|lt;|gt;)", message.text)


@each_view
def test_nobodys_words_are_ever_markup_in_a_view(name: str) -> None:
    assert "Zq7" not in markup(shown.VIEWS[name](f"Zq7{HOSTILE}"))


@each_message
@pytest.mark.parametrize(
    "words", [HOSTILE, "*bold* _it_ ~no~ `code` :smile: @here #general", "&amp;lt; &amp;", "> 1\n2"]
)
def test_what_was_typed_reads_as_typed(name: str, words: str) -> None:
    message = shown.MESSAGES[name](words)
    assert folded(words) in folded(read(message.text))
    assert folded(words) in folded(plain_words(message.blocks))
    assert not [text for text in slack_limits.text_objects(message.blocks, "plain_text") if text["emoji"]]


@each_message
@often
@given(words=st.text(min_size=1, max_size=80).map(rules.text.clean).map(folded).filter(bool))
def test_short_words_are_shown_whole(name: str, words: str) -> None:
    message = shown.MESSAGES[name](words)
    assert words in folded(read(message.text))
    assert words in folded(plain_words(message.blocks))


def test_what_was_typed_into_the_detail_form_stands_in_it_again() -> None:
    field = views.form.detail("{}", f"{HOSTILE}\n  second line")["blocks"][0]["element"]
    assert field["initial_value"] == f"{HOSTILE}\n  second line"


# Cutting


#: One grapheme each: what a reader takes for one letter or one picture.
GRAPHEMES = {
    "a letter": "a",
    "a space": " ",
    "a letter and its accent": "e\u0301",
    "a letter and many marks": "z\u0335\u0321\u0353\u030d",
    "an emoji": "🔥",
    "a skin tone": "👍🏽",
    "a family": "👨‍👩‍👧‍👦",
    "a flag": "🇩🇪",
    "a flag of tags": "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "a keycap": "1\ufe0f\u20e3",
    "a syllable of Devanagari": "नि",
    "a syllable of Tamil": "கொ",
    "a syllable of Thai": "กำ",
    "a syllable of Hangul, in letters": "\u1112\u1161\u11ab",
}


@pytest.mark.parametrize("kind", GRAPHEMES)
def test_a_cut_never_goes_through_a_grapheme(kind: str) -> None:
    for limit in range(1, 60):
        shown_part = views.words.cut(f"ab{GRAPHEMES[kind] * 40}", limit).removesuffix("…")
        assert len(shown_part) <= 2 or (len(shown_part) - 2) % len(GRAPHEMES[kind]) == 0


@given(text=st.text(max_size=300), limit=st.integers(1, 200))
def test_a_cut_is_never_longer_than_its_limit_and_says_that_it_is_one(text: str, limit: int) -> None:
    shown_part = views.words.cut(text, limit)
    assert len(shown_part) <= limit
    if len(folded(text)) <= limit:
        assert shown_part == folded(text)
    else:
        assert shown_part.endswith("…") and folded(text).startswith(shown_part.removesuffix("…"))


def test_a_cut_falls_between_words_where_there_are_some() -> None:
    assert views.words.cut("one two three four five six", 20) == "one two three four…"


# The checker


def button(**changed: Any) -> dict[str, Any]:
    return views.blocks.button("Undo", "undo", "7") | changed


def message_with(*blocks: dict[str, Any], text: str = "said") -> list[str]:
    return slack_limits.of_message(text, list(blocks))


def form_with(**changed: Any) -> list[str]:
    return slack_limits.of_view(views.form.report(shown.ABOUT, "{}") | changed)


def section(**changed: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": "said"}} | changed


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def a_series(name: str, *weeks: str) -> dict[str, Any]:
    return {"name": name, "data": [{"label": week, "value": 3} for week in weeks or ("2 Nov", "9 Nov")]}


def a_chart(**changed: Any) -> dict[str, Any]:
    given = {"title": "Reports", "type": "line", "series": [a_series("docs")], "weeks": ["2 Nov", "9 Nov"]} | changed
    axes = {"categories": given["weeks"], "y_label": given.get("y_label", "Reports")}
    chart = {"type": given["type"], "series": given["series"], "axis_config": axes}
    return {"type": "data_visualization", "title": given["title"], "chart": chart}


def choices(count: int) -> list[dict[str, Any]]:
    return [{"text": plain("x"), "value": str(number)} for number in range(count)]


def field(**element: Any) -> list[dict[str, Any]]:
    return [{"type": "input", "label": plain("x"), "element": {"action_id": "value"} | element}]


@pytest.mark.parametrize(
    "complaints",
    [
        message_with(section(), text=" "),
        message_with(section(), text="x" * 40_001),
        message_with(),
        message_with(*[section()] * 51),
        message_with(section(block_id="a"), section(block_id="a")),
        message_with(section(text=plain(""))),
        message_with(section(text=plain("x" * 3001))),
        message_with(section(fields=[plain("x")] * 11)),
        message_with(section(fields=[plain("x" * 2001)])),
        message_with({"type": "header", "text": plain("x" * 151)}),
        message_with({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}),
        message_with({"type": "context", "elements": [plain("x")] * 11}),
        message_with({"type": "actions", "elements": []}),
        message_with({"type": "actions", "elements": [button(action_id=str(number)) for number in range(26)]}),
        message_with({"type": "actions", "elements": [button(), button()]}),
        message_with(section(accessory=button(text=plain("x" * 76)))),
        message_with(section(accessory=button(value="x" * 2001))),
        message_with(section(accessory=button(action_id="x" * 256))),
        message_with({"type": "carousel"}),
        message_with(*[a_chart()] * 3),
        message_with(a_chart(title="x" * 51)),
        message_with(a_chart(type="pie")),
        message_with(a_chart(series=[])),
        message_with(a_chart(series=[a_series(f"{number}") for number in range(7)])),
        message_with(a_chart(series=[a_series("docs"), a_series("docs")])),
        message_with(a_chart(series=[a_series("x" * 21)])),
        message_with(a_chart(series=[a_series("docs", "9 Nov")])),
        message_with(
            a_chart(series=[{"name": "docs", "data": [{"label": "2 Nov", "value": None}] * 1}], weeks=["2 Nov"])
        ),
        message_with(a_chart(series=[a_series("docs", *map(str, range(21)))], weeks=[str(n) for n in range(21)])),
        message_with(a_chart(y_label="x" * 51)),
        form_with(blocks=[a_chart()]),
        form_with(title=plain("x" * 25)),
        form_with(submit=plain("")),
        form_with(private_metadata="x" * 3001),
        form_with(callback_id="x" * 256),
        form_with(blocks=[section()] * 101),
        form_with(blocks=[section(text=plain("x" * 3000))] * 90),
        form_with(blocks=field(type="checkboxes", options=choices(11))),
        form_with(blocks=field(type="static_select", options=choices(101))),
        form_with(blocks=field(type="static_select", options=[])),
        form_with(blocks=field(type="static_select", options=choices(2), initial_option=choices(3)[2])),
        form_with(blocks=field(type="static_select", options=[{"text": plain("x" * 76), "value": "x"}])),
        form_with(blocks=field(type="static_select", options=[{"text": plain("x"), "value": "x" * 151}])),
        form_with(blocks=field(type="plain_text_input", max_length=3001)),
        form_with(blocks=field(type="plain_text_input", initial_value="x" * 3001)),
        form_with(blocks=field(type="plain_text_input", placeholder=plain("x" * 151))),
        slack_limits.of_view({"type": "modal", "title": plain("x"), "blocks": field(type="plain_text_input")}),
    ],
)
def test_the_checker_sees_what_slack_would_refuse(complaints: list[str]) -> None:
    assert len(complaints) == 1
