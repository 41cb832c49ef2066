"""Words that would do harm if they were read as markup, and words that are none, end to end."""

from __future__ import annotations

import asyncio
import html
from collections.abc import Mapping
from typing import Any

import pytest

from bot import clock
from bot.demo.company import ANNA, BAO, EMRE, ENGINEERING, PRIYA
from bot.flows import digest as digests
from e2e.town import Town, eventually, read, text_objects

pytestmark = pytest.mark.e2e

HOSTILE = "<!channel> <@U0BAO0002> <https://evil|https://good> &lt;!here&gt;"
#: What would give it away inside markup.
MARKS = ("!channel", "U0BAO0002", "//evil", "//good", "!here")


async def test_a_hostile_report_reads_as_typed_everywhere_and_is_markup_nowhere(town: Town) -> None:
    await town.types(ANNA, HOSTILE)
    await town.presses(ANNA, await town.whisper(ANNA), "report_area_errors")
    flagged = await town.says(EMRE, HOSTILE)
    await town.flags(BAO, flagged)
    await town.quiet()
    for asked in ("top", "mine", "show F-1", f"find {HOSTILE}"):
        await town.types(ANNA, asked)
        assert HOSTILE in read((await town.whisper(ANNA))["blocks"]), asked
    (card,) = await town.slack.messages("C0FRICT01")
    await town.presses(BAO, card, "cluster_show")
    await _as_typed_in(await town.form(), town)
    await town.opens_home(ANNA)
    await _as_typed_in(await eventually(lambda: town.home(ANNA)), town)
    await town.types(PRIYA, "digest")
    await town.submits(PRIYA)
    await digests.send_now(town.bot.kit, PRIYA.id, clock.now())
    await town.quiet()
    (digest,) = await town.direct(PRIYA)
    (to_author,) = await town.direct(EMRE)
    for message in (digest, to_author, card, *await town.whispers(ANNA)):
        await _as_typed_in(message, town)

    for channel in (await town.screen())["messages"].values():
        for message in channel:
            if message.get("bot_id"):
                _nothing_is_markup(message)


async def test_a_message_with_real_mentions_in_it_pings_nobody_when_it_is_flagged(town: Town) -> None:
    ts = await town.slack.message(ENGINEERING.id, EMRE.id, "<!channel> <@U0BAO0002> the deploy docs are stale")
    await town.flags(BAO, ts)
    await town.quiet()
    messages = [
        *await town.slack.messages("C0FRICT01"),
        *await town.whispers(BAO),
        *await town.direct(EMRE),
    ]
    assert len(messages) == 3
    for message in messages:
        _nothing_is_markup(message)


async def test_fifty_thousand_characters_are_kept_and_the_answer_says_so(town: Town) -> None:
    text = ("the deploy docs still show the old flag " * 1250)[:49_999] + "!"
    started = asyncio.get_running_loop().time()
    await town.types(ANNA, text)
    answer = await town.whisper(ANNA)
    assert asyncio.get_running_loop().time() - started < 3
    assert "all 50,000 characters are kept" in read(answer["blocks"])
    await town.quiet()
    card = await town.card("F-1")
    assert card.title.endswith("…") and len(card.title) <= 90
    assert len(answer["text"]) < 4000 and len(card.text) < 4000
    (report,) = await town.export("reports")
    assert report["text"] == text


async def test_a_report_without_a_word_is_handed_back_in_a_private_sentence(town: Town) -> None:
    for typed in ("😭🔥", ":sob: :fire::skin-tone-3:", "…?!"):
        await town.types(ANNA, typed)
        answer = await town.whisper(ANNA)
        assert answer["text"].startswith("I need a few words to go on") and typed in read(answer["blocks"])
    await town.quiet()
    assert await town.export("reports") == [] and await town.cards() == {}


async def test_what_cannot_be_seen_opens_the_form_and_the_form_asks_for_words(town: Town) -> None:
    for typed in ("   ", "\t\n \u3000", "\u202e\x00\u200b\u2066"):
        await town.types(ANNA, typed)
        assert (await town.form())["title"]["text"] == "Report friction"
        shown = await town.submits(ANNA, words=typed)
        assert shown["errors"] == {"words": "A few words, please: what slowed you down?"}
        assert (await town.form())["title"]["text"] == "Report friction"  # still open, with all that was typed
    await town.quiet()
    assert await town.export("reports") == [] and await town.cards() == {}


async def test_nul_and_bidi_controls_are_left_out_of_what_is_filed(town: Town) -> None:
    await town.types(ANNA, "the deploy\x00 docs \u202estill show\u2066 the old flag\u200b")
    answer = await town.whisper(ANNA)
    assert "“the deploy docs still show the old flag”" in read(answer["blocks"])
    assert (await town.card("F-1")).title == "the deploy docs still show the old flag"


async def _as_typed_in(shown: Mapping[str, Any], town: Town) -> None:
    assert HOSTILE in read(shown)
    _nothing_is_markup(shown)


def _nothing_is_markup(shown: Mapping[str, Any]) -> None:
    for each in text_objects(shown):
        if each["type"] == "mrkdwn":
            assert not any(mark in each["text"] for mark in MARKS), each
    # Slack reads a message's own text as markup: nothing of it may be one, and unescaped it is what was typed.
    if isinstance(text := shown.get("text"), str):
        assert "<" not in text and ">" not in text, text
        assert HOSTILE not in read(shown) or HOSTILE in html.unescape(text), text
