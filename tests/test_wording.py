"""What people see, word for word where the sketches have words for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import shown
import slack_limits
from shown import HOSTILE, card, digest, filed, labels, line, markup, offered, plain_words, read, said, subscribed

from bot import views
from bot.rules.digest import Reason
from bot.views.blocks import Message
from classifiers import areas

# The private answer


#: What one tap says that it cost.
COSTS = ("Cost me 5 min", "30 min", "2 h", "a day", "more")


def answered(message: Message) -> tuple[str, list[str]]:
    """The line that says what happened, without its markup, and what can be pressed."""
    return markup(message.blocks).splitlines()[0].replace("*", ""), labels(message.blocks)


def test_a_report_that_joined_says_where_and_how_many_have_it() -> None:
    said_at_once, pressable = answered(views.report.filed(filed()))
    assert said_at_once == "Filed in F-12 · docs · 8 developers have this now"
    assert pressable == [*COSTS, "Change area", "Not the same problem", "Add detail", "Undo"]


def test_the_first_report_of_its_kind_says_so_and_cannot_be_taken_apart() -> None:
    first = filed(handle="F-31", alone=True, developers=1)
    said_at_once, pressable = answered(views.report.filed(first))
    assert said_at_once == "Filed as F-31 · docs · you are the first to report it"
    assert pressable == [*COSTS, "Change area", "Add detail", "Undo"]


def test_one_other_vote_is_one_developer_more() -> None:
    said_at_once, _ = answered(views.report.filed(filed(alone=True, developers=2)))
    assert said_at_once == "Filed as F-12 · docs · 2 developers have this now"


def test_what_it_cost_is_asked_for_one_tap_until_it_was_said_and_then_told() -> None:
    told = views.report.filed(filed(minutes=30))
    assert answered(told)[1] == ["Change area", "Not the same problem", "Add detail", "Undo"]
    assert "It cost you half an hour." in markup(told.blocks) and "It cost you half an hour." in told.text


def test_who_is_unsure_of_the_area_asks_with_one_tap_likeliest_first() -> None:
    likeliest = ("errors", "debugging", "docs", "onboarding")
    unsure = filed(handle="F-31", area="unsorted", areas=likeliest, unsure=True, alone=True, developers=1)
    said_at_once, pressable = answered(views.report.filed(unsure))
    assert said_at_once == "Filed as F-31. Which part of the platform is it?"
    assert pressable == [*likeliest, "none of these", *COSTS, "Add detail", "Undo"]


def test_the_area_can_be_changed_to_any_other_or_to_none_and_be_asked_about() -> None:
    menu = views.report.filed(filed(area="errors")).blocks[-1]["elements"][0]
    *areas, why = menu["options"]
    assert [option["value"] for option in areas] == ["7:docs", "7:onboarding", "7:debugging", "7:unsorted"]
    assert (why["text"]["text"], why["value"]) == ("Why errors?", "7:?")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, "I put it in docs, because of its words. “the page” and “old flag” spoke for it; I am 93 % sure."),
        (
            {"spoke": ("page", "old flag", "still")},
            "I put it in docs, because of its words. “page”, “old flag” and “still” spoke for it; I am 93 % sure.",
        ),
        (
            {"spoke": ()},
            "I put it in docs, because of its words. All of them together spoke for it; I am 93 % sure.",
        ),
        (
            {"inherited": True, "guess": "unsorted", "sure": 41},
            "It is in docs because the reports that it was filed with are. Its words alone leave me unsure: closest to "
            "docs, for “the page” and “old flag”, at 41 %.",
        ),
        (
            {"area": "yaks"},
            "I put it in yaks when it came, and have learned since. By its words alone I would say docs, for “the "
            "page” and “old flag”.",
        ),
        (
            {"area": "errors", "by": "reporter"},
            "You said errors. By its words alone I would say docs, for “the page” and “old flag”.",
        ),
        (
            {"area": "errors", "by": "reporter", "yours": False, "spoke": ("page",)},
            "Whoever reported it said errors. By its words alone I would say docs, for “page”.",
        ),
        (
            {"area": "unsorted", "by": "triage", "guess": "unsorted", "sure": 8, "spoke": ()},
            "Somebody who triages said that it is none of the areas. Its words alone leave me unsure: closest to docs, "
            "at 8 %.",
        ),
    ],
)
def test_why_an_area_is_said_in_two_sentences(changed: dict[str, Any], told: str) -> None:
    reason = shown.reason("x", spoke=("the page", "old flag"))
    assert views.area.because(replace(reason, **changed)) == told


def test_the_form_that_says_why_offers_every_area_and_none_and_says_who_looks_after_it() -> None:
    form = views.area.form(shown.reason("the page is old", area="builds", by="triage"), shown.ABOUT, "{}")
    element = form["blocks"][-1]["element"]
    assert element["type"] == "radio_buttons"
    assert [option["value"] for option in element["options"]] == [*shown.AREAS, "builds", "unsorted"]
    assert element["initial_option"]["text"]["text"] == "builds (Builds and CI)"
    assert "<@U0OWNER> looks after builds." in markup(form)


def test_many_areas_are_chosen_from_a_menu_that_slack_can_show() -> None:
    many = [areas.Area(f"area-{number}", f"Area {number}", "what it is for " * 10) for number in range(areas.MOST)]
    form = views.area.form(shown.reason("words", area="area-3"), many, "{}")
    assert form["blocks"][-1]["element"]["type"] == "static_select"
    digest = views.form.subscription(many, subscribed(areas="area-3"), "{}", subscribed=True)
    element = digest["blocks"][0]["element"]
    assert (element["type"], len(element["initial_options"])) == ("multi_static_select", 1)
    asked = views.report.filed(filed(area="unsorted", unsure=True, areas=tuple(area.key for area in many)))
    for view in (form, digest, views.form.report(many, "{}")):
        assert slack_limits.of_view(view) == []
    assert slack_limits.of_message(asked.text, asked.blocks) == []


def test_the_settings_say_what_each_area_is_for_who_looks_after_it_and_how_often_it_was_right() -> None:
    told = markup(views.help.settings(shown.HOUSE).blocks)
    assert "right 93 % of 120 answered in the last 90 days" in told
    assert told.count("answered in the last 90 days") == 1
    assert "Grouping in the last 90 days: asked 40 times, 21 yes; joined 12 alone, 0 undone" in told
    assert "builds (Builds and CI): slow pipelines, queues · <@U0OWNER> looks after it" in told


def test_what_a_file_says_of_an_area_is_no_markup() -> None:
    loud = areas.Area("loud", "Loud <!channel>", "<@U1> & <https://evil|good>", "U0OWNER")
    told = markup(views.help.settings(replace(shown.HOUSE, areas=(loud,), record={})).blocks)
    assert "Loud &lt;!channel&gt;" in told
    assert "<https" not in told


def test_a_tap_is_answered_first_of_all() -> None:
    message = views.report.filed(filed(), news="Moved to docs.")
    assert message.text.startswith("Moved to docs. Filed in F-12")
    assert plain_words(message.blocks).startswith("Moved to docs.")


def test_the_author_of_a_flagged_message_is_told_by_whom_and_can_withdraw() -> None:
    message = views.report.filed(filed(), flagged_by="Ana <script>")
    assert plain_words(message.blocks).startswith("Ana <script> flagged your message as friction")
    assert answered(message)[1][-1] == "Withdraw"


@pytest.mark.parametrize(
    ("report", "note"),
    [
        (filed(masked=1), "I removed a secret before saving. It may still stand in Slack: please rotate it."),
        (filed(masked=3), "I removed 3 secrets before saving. They may still stand in Slack: please rotate them."),
        (filed(private=True), "its words are shown to nobody else."),
    ],
)
def test_what_a_person_must_know_is_noted_and_read_aloud(report: views.report.Filed, note: str) -> None:
    message = views.report.filed(report)
    assert note in markup(message.blocks)
    assert note in message.text


def test_a_long_report_says_that_all_of_it_is_kept() -> None:
    assert "all 1,500 characters are kept" in markup(views.report.filed(filed("lost an hour " * 115 + "here.")).blocks)
    assert "are kept" not in markup(views.report.filed(filed()).blocks)


def test_only_private_words_can_be_released() -> None:
    assert "Show my words on the card" in answered(views.report.filed(filed(private=True)))[1]
    assert "Show my words on the card" not in answered(views.report.filed(filed()))[1]


def test_a_message_without_words_is_not_quoted() -> None:
    message = views.report.filed(filed(""))
    assert "“" not in message.text + plain_words(message.blocks)


def test_an_unnamed_report_offers_nothing_to_press() -> None:
    message = views.report.filed_unnamed(filed(area="unsorted", unsure=True))
    assert labels(message.blocks) == []
    assert message.text.startswith("Filed in F-12 · unsorted · 8 developers have this now. Your name is not stored")


def test_who_flags_a_message_is_not_shown_its_words() -> None:
    message = views.report.flag_taken(filed("a private thing"), "Ben")
    assert message.text == (
        "Filed in F-12 · docs · 8 developers have this now. That was Ben’s message; your flag counts as a vote."
    )
    assert "a private thing" not in str(message)


def test_what_could_not_be_stored_is_handed_back_as_typed() -> None:
    typed = f"line one\n  line two {HOSTILE}"
    message = views.report.handed_back("I could not save this just now.", typed)
    assert read(message.text) == f"I could not save this just now. Your text: {typed}"
    assert typed in list(slack_limits.texts(message.blocks, "plain_text"))


# The card


def test_a_card_says_who_has_it_and_how_to_vote() -> None:
    drawn = card("--force is gone", "lost an hour on --force", *["again"] * 6, title="Deploy docs show removed flags")
    message = views.card.message(replace(drawn, status="planned", developers=8, leads=2, new=3, reports=8), upvote="+1")
    assert plain_words(message.blocks).splitlines()[0] == "F-12 Deploy docs show removed flags"
    assert markup(message.blocks).splitlines() == [
        "docs · planned · 8 developers · backed by 2 leads · 3 new this week",
        "and 7 more reports · React :+1: if it hits you too.",
    ]
    assert labels(message.blocks) == ["Show"]
    assert offered(message.blocks) == [
        "Status…",
        "Assign…",
        "Let it rest…",
        "Merge into…",
        "Split, rename, area, workaround…",
    ]


def test_the_title_of_a_card_is_its_first_words_and_the_quote_its_latest() -> None:
    message = views.card.message(card("the first words", "the latest words"), upvote="+1")
    assert plain_words(message.blocks).splitlines()[:2] == ["F-12 the first words", "“the latest words”"]


def test_a_card_of_one_short_report_does_not_say_it_twice() -> None:
    message = views.card.message(card("the deploy docs still show the old flag"), upvote="+1")
    assert plain_words(message.blocks).count("the deploy docs") == 1
    assert "more report" not in markup(message.blocks)


def test_a_card_of_private_reports_counts_them_and_shows_no_words() -> None:
    message = views.card.message(card(reports=3, developers=2), upvote="+1")
    assert plain_words(message.blocks).splitlines()[0] == "F-12 3 private reports about docs"
    assert "more report" not in markup(message.blocks)  # the title has counted all three


def test_a_card_whose_reports_were_all_taken_back_asks_for_nothing() -> None:
    message = views.card.message(card(reports=0), upvote="+1")
    assert plain_words(message.blocks) == "F-12 Withdrawn by the people who reported it"
    assert labels(message.blocks) == [] and "React" not in markup(message.blocks)


def test_a_screenshot_is_linked_from_its_card() -> None:
    message = views.card.message(card(reports=1, wordless=shown.LINK), upvote="+1")
    assert f"<{shown.LINK}|the message>" in markup(message.blocks)


# The digest


def test_a_digest_says_whose_areas_which_days_and_why() -> None:
    message = views.digest.message(digest(line("the page still lists --force", developers=8, new=3, leads=2)))
    assert plain_words(message.blocks).startswith(
        "Docs and onboarding · 9–15 November\n1. the page still lists --force"
    )
    assert markup(message.blocks).splitlines()[:2] == [
        "Sent because F-12 entered your top five and F-9 has 4 new developers.",
        f"<{shown.LINK}|F-12> · docs · 8 developers, 3 new · 2 leads · 6 h lost (9 of 19 said; 4–11 h) · "
        "▁▂▁▃▂▁▃▂█ · rising: 12 now, 1 before",
    ]
    assert "12 more in your areas" in markup(message.blocks) and "12 more in your areas" in message.text


def test_the_text_of_a_digest_says_all_that_the_blocks_do() -> None:
    message = views.digest.message(digest(line("the page still lists --force", developers=8, new=3, leads=2)))
    assert message.text == (
        "Docs and onboarding · 9–15 November. Sent because F-12 entered your top five and F-9 has 4 new developers. "
        "1. F-12 the page still lists --force: docs · 8 developers, 3 new · 2 leads · "
        "6 h lost (9 of 19 said; 4–11 h) · rising: 12 now, 1 before. "
        "Reports a week by area, from the week of 1 Nov: docs 0, 1, 0, 2, 1, 0, 3, 1, 12, 4, 5, 6; "
        "onboarding 0, 1, 0, 2, 1, 0, 3, 1, 12, 4, 5, 6. 12 more in your areas."
    )


def test_a_digest_without_its_chart_has_the_same_numbers_in_lines() -> None:
    native, lines = (views.digest.message(digest(line("one")), native=each) for each in (True, False))
    assert native.text == lines.text
    assert len(native.blocks) == len(lines.blocks)
    (drawn,) = [block for block in native.blocks if block["type"] == "data_visualization"]
    for series in drawn["chart"]["series"]:
        counts = " ".join(str(point["value"]) for point in series["data"])
        assert f"{series['name']} ▁▂▁▃▂▁▃▂█▄▄▅ {counts}" in markup(lines.blocks)


def test_a_chart_draws_six_lines_and_loses_no_report() -> None:
    chart = shown.chart(*(f"area {number}" for number in range(9)))
    series = views.chart.native(chart)["chart"]["series"]
    assert [each["name"] for each in series] == [*(f"area {number}" for number in range(5)), "others"]
    drawn = sum(point["value"] for each in series for point in each["data"])
    assert drawn == sum(sum(counts) for _, counts in chart.areas)


def test_every_cluster_of_a_digest_is_of_the_same_height() -> None:
    heights = [
        len(views.digest.message(digest(*lines)).blocks)
        for lines in ([], [line("one")], [line("a", "b")], [line(reports=2)], [line("one"), line("a", "b" * 3000)])
    ]
    assert [height - heights[0] for height in heights] == [0, 5, 5, 5, 10]


def test_each_cluster_of_a_digest_can_be_asked_why_and_shown() -> None:
    message = views.digest.message(digest(line("one"), line("two")))
    assert labels(message.blocks) == [*["Status", "Why?", "Show"] * 2, "Settings", "Pause", "Unsubscribe"]


@pytest.mark.parametrize(
    ("reasons", "said"),
    [
        ((), "Nothing changed since 9 November."),
        ((Reason("first"),), "This is your first digest. The next comes when something changes."),
        ((Reason("rose", 9, 1),), "Sent because F-9 rose to first."),
        ((Reason("status", 9, status="in_progress"),), "Sent because F-9 is in progress."),
        ((Reason("back", 9), Reason("back", 12)), "Sent because F-9 and F-12 are back."),
        ((Reason("suggestions", number=1),), "Sent because 1 suggestion waits for your answer."),
        (
            (Reason("back", 9), Reason("status", 9, status="shipped"), Reason("entered", 12), Reason("rose", 9, 2)),
            "Sent because F-9 is back, F-9 was shipped and F-12 entered your top five, and 1 more thing changed.",
        ),
    ],
)
def test_a_digest_says_why_it_was_sent(reasons: tuple[Reason, ...], said: str) -> None:
    assert views.digest.because(digest(reasons=reasons)) == said


def test_a_long_silence_says_that_it_is_one() -> None:
    told = views.digest.alive(shown.SINCE, line("the page still lists --force"), 31)
    assert told.text == (
        "Nothing changed in your areas since 9 November. F-12 “the page still lists --force” is still first of 31."
    )
    assert len(told.blocks) == 1


def test_a_digest_does_not_call_several_reports_one() -> None:
    for several in (line(reports=3, developers=3), line("the same words", "the same words")):
        assert "One report" not in markup(views.digest.message(digest(several)).blocks)


def test_a_digest_reads_the_same_in_a_terminal_with_its_receipts() -> None:
    one = digest(line("the first", "the latest", developers=2), chart=shown.chart("docs"))
    assert views.digest.plain(one, {12: shown.RECEIPT}, {9: "F-9"}).splitlines() == [
        "Docs and onboarding · 9–15 November",
        "Sent because F-12 entered your top five and F-9 has 4 new developers.",
        "",
        "1. F-12  the first",
        "   docs · 2 developers · 6 h lost (9 of 19 said; 4–11 h) · ▁▂▁▃▂▁▃▂█ · rising: 12 now, 1 before",
        "   “the latest”",
        "     Impact 13.47 = 8 people, 3 of them this week",
        "       2 blocked            3 × 1.95 = 5.85",
        "       3 slowed down a lot  2 × 2.73 = 5.46",
        "       3 did not say        1 × 2.16 = 2.16",
        "     First of 31.",
        "     8.27 in your last digest; since then 3 new people (+6.12), age (−0.92).",
        "     F-9 would take its place with two more developers.",
        "     It stands here whether a lead counts once or three times.",
        "",
        "Reports a week by area, 1 Nov to 12 Nov",
        "   docs ▁▂▁▃▂▁▃▂█▄▄▅ 0 1 0 2 1 0 3 1 12 4 5 6",
        "",
        "12 more in these areas.",
    ]


# Lists, forms, help


def test_a_report_that_is_not_yours_to_read_is_only_counted() -> None:
    message = views.cluster.whole(line("a public one", reports=2), said("") + said("a public one"))
    assert "A private report" in plain_words(message.blocks)


def test_a_list_says_what_it_leaves_out() -> None:
    assert "and 3 more" in markup(views.cluster.whole(line("x", reports=23), said("x", 23)).blocks)


def test_the_digest_form_opens_with_what_was_chosen() -> None:
    form = views.form.subscription(shown.ABOUT, subscribed(areas="docs,errors", at="09:17"), "{}", subscribed=True)
    areas, every, weekday, at, length, until = (block["element"] for block in form["blocks"] if "element" in block)
    assert [option["value"] for option in areas["initial_options"]] == ["docs", "errors"]
    assert [menu["initial_option"]["value"] for menu in (every, weekday, at)] == ["week", "mon", "09:17"]
    assert form["blocks"][3]["label"]["text"] == "At, in Europe/Berlin"
    assert (length["initial_option"]["value"], "initial_date" in until) == ("5", False)


def test_only_who_gets_digests_can_end_them() -> None:
    ends = [
        views.form.NEVER in str(views.form.subscription(shown.ABOUT, subscribed(), "{}", subscribed=there)["blocks"][1])
        for there in (True, False)
    ]
    assert ends == [True, False]


def test_a_form_gives_back_what_was_filled_in() -> None:
    sent = {
        "words": {"value": {"type": "plain_text_input", "value": HOSTILE}},
        "area": {"value": {"type": "static_select", "selected_option": {"value": "docs"}}},
        "areas": {"value": {"type": "checkboxes", "selected_options": [{"value": "docs"}, {"value": "errors"}]}},
        "severity": {"value": {"type": "static_select", "selected_option": None}},
        "detail": {"value": {"type": "plain_text_input", "value": None}},
    }
    assert views.form.values({"state": {"values": sent}}) == {
        "words": HOSTILE,
        "area": "docs",
        "areas": "docs,errors",
        "severity": "",
        "detail": "",
    }


def test_the_home_shows_what_hurts_most_and_what_became_of_mine() -> None:
    mine = shown.mine("my own words", reason="The pages are generated now", by="Tina")[:1]
    home = views.home.home([subscribed(areas="docs")], mine, top=[line("the worst")])
    assert plain_words(home).splitlines() == [
        "Report friction",
        "What we fixed this quarter",
        "What you reported",
        "“my own words”",
        "F-12 was shipped: The pages are generated now. (Tina)",
        "Add detail",
        "Take it back",
        "Take it back?",
        "Your words are deleted everywhere, and it counts no more.",
        "Take it back",
        "Leave it",
        "Not a problem for me any more",
        "What hurts most",
        "1. the worst",
        "Why?",
        "Your digests",
        "Settings",
        "Pause",
        "for a week",
        "for two weeks",
        "for four weeks",
    ]
    assert (
        "Your digest: docs · every week, Monday 09:00 (Europe/Berlin). The next one comes on Monday, 16 November."
    ) in markup(home)
    assert "planned" in markup(views.home.home([], shown.mine("said", reason="", status="planned")))


def test_who_decides_finds_the_ranked_list_with_its_filters_and_pages() -> None:
    home = views.home.home([], [], desk=shown.ranked("the worst"))
    actions = [
        each["action_id"] for block in home["blocks"] for each in block.get("elements", []) if "action_id" in each
    ]
    assert actions[:8] == [
        "home_report",
        "home_quarter",
        "home_area",
        "home_status",
        "home_owner",
        "home_age",
        "home_back",
        "home_next",
    ]
    assert "11. the worst" in plain_words(home) and "11 to 20 of 132" in markup(home)
    chosen = [each["initial_option"]["value"] for each in home["blocks"][2]["elements"]]
    assert chosen == ["all", "planned", "U3", "all"]
    last = views.home.home([], [], desk=shown.ranked("the last", lines=2, first=131))
    assert "home_next" not in str(last) and "home_back" in str(last)
    assert "home_back" not in str(views.home.home([], [], desk=shown.ranked("all", lines=3, first=1, count=3)))


def test_a_lead_finds_what_their_votes_back_and_the_top_of_their_areas() -> None:
    lead = views.home.Lead((line("what we back"),), 3, (("docs", (line("the worst of docs"),)),))
    told = plain_words(views.home.home([], [], lead=lead))
    assert "What you back" in told and "1. what we back" in told
    assert "What hurts most in docs" in told and "1. the worst of docs" in told
    assert "and 2 more" in markup(views.home.home([], [], lead=lead))


def test_the_home_says_how_often_each_area_was_right_where_there_is_enough_to_say() -> None:
    home = views.home.home([], [], record=list(shown.RECORD.values()))
    assert "How often I get the area right" in plain_words(home)
    assert "docs: right 93 % of 120 answered in the last 90 days" in markup(home)


def test_an_empty_home_says_so() -> None:
    home = views.home.home([], [])
    assert "You get no digest." in markup(home)
    assert plain_words(home).splitlines()[2:] == [
        "What you reported",
        "Nothing yet.",
        "What hurts most",
        "Nothing has been reported yet.",
        "Your digests",
        "Subscribe",
    ]
    sifted = views.home.home([], [], desk=shown.ranked("", lines=0, first=1, count=0))
    assert "Nothing is like that." in plain_words(sifted)


def test_what_joined_overnight_is_told_of_a_few_and_counted_of_the_rest() -> None:
    joined = tuple(views.digest.Joined(number, f"F-{number}", 9 - number) for number in range(1, 7))
    told = views.digest.message(digest(line("said"), joined=joined)).text
    assert "8 reports joined F-1 overnight." in told and "6 reports joined F-3 overnight." in told
    assert "F-4" not in told and "And 12 reports joined 3 others overnight." in told


def test_help_names_every_command() -> None:
    told = views.help.commands("triangular_flag_on_post", "+1").text
    for command in ("top", "mine", "find words", "show F-12", "digest", "settings"):
        assert f"`{command}`" in told or f"/friction {command}`" in told
