"""Whatever is typed is read as it was typed, wherever it is shown: by way of the whole bot and a real database."""

from __future__ import annotations

import json
import re
from typing import Any

import slack_limits
from conftest import ANA, BACKEND, BEN, TIM, Team
from fakes.slack import FakeSlack
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from shown import folded, plain_words, read

from bot import rules
from bot.flows import cluster as clusters
from bot.flows import digest as digests
from bot.flows import export, home, outbox
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit

#: What must be in no JSON that leaves us: controls, bidirectional and zero-width marks, halves of characters.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")

#: Much of what is rare in Unicode and frequent in trouble.
TROUBLE = st.sampled_from(
    [
        "<!channel>",
        "&lt;",
        "&amp;amp;",
        "*a*",
        "`",
        "\u202e",
        "\u200b",
        "\x00",
        "👨‍👩‍👧",
        "e\u0301",
        "<https://a.b|c>",
        "\r\n",
        "\u2028",
        " ",
    ]
)
ANYTHING = st.lists(st.one_of(st.text(max_size=30), TROUBLE), max_size=8).map(" ".join)


def escaped(typed: str) -> str:
    """As Slack hands over what was typed: it spells out its three signs."""
    return typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def sound(thing: Any) -> None:
    """Nothing in it is a control, and nothing is more than Slack takes."""
    for text in (*slack_limits.texts(thing, "plain_text"), *slack_limits.texts(thing, "mrkdwn")):
        assert not CONTROLS.search(text)
    json.dumps(thing, ensure_ascii=False).encode("utf-8")


@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(typed=ANYTHING)
async def test_any_text_reads_as_it_was_typed_on_every_surface(
    typed: str, kit: Kit, team: Team, slack: FakeSlack, workers: outbox.Workers
) -> None:
    now = team.clock.forward(minutes=1)
    await subscriptions.subscribe(kit, TIM, areas="all", every="week", weekday="mon", at="09:00", tz="UTC", now=now)
    typed = f"report {now:%d%H%M%S} {typed}"
    report = await team.file(rules.text.received(escaped(typed)), by=ANA)
    words, _ = rules.secrets.mask(rules.text.clean(typed))
    team.clock.forward(minutes=1)
    await workers.until_settled()
    # What is stored and exported is all of it.
    rows = {
        row["id"]: row for row in await export.rows(kit.database, kit.house.workspace_id, "reports", leads=(), now=now)
    }
    assert rows[report.id]["text"] == words
    # The first letters are enough to know it by; what is longer than a line is cut, and by another promise where.
    begins = folded(words)[:40].rstrip()
    await home.draw(kit, ANA, now)
    assert begins in folded(plain_words(slack.homes[ANA]))
    shown = await clusters.show_by_id(kit, report.cluster_id or 0, BEN, now)
    assert shown is not None and begins in folded(plain_words(shown.blocks)) and begins in folded(read(shown.text))
    for message in (*slack.posted("C0CARDS"), {"text": shown.text, "blocks": shown.blocks}):
        assert slack_limits.of_message(message["text"], message["blocks"]) == []
        sound(message["blocks"])
        assert not CONTROLS.search(message["text"])
    assert slack_limits.of_view(slack.homes[ANA]) == []
    sound(slack.homes[ANA])
    assert not CONTROLS.search(await digests.preview(kit, TIM, now))
    # What was said in a message is read the same.
    ts = slack.said(BACKEND, ANA, escaped(typed))
    await team.flag(ANA, BACKEND, ts)
    await workers.until_settled()
    whispered = slack.whispers[-1]
    assert begins in folded(plain_words(whispered.blocks))
    sound(whispered.blocks)
