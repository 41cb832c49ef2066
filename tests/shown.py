"""Every message and every view there is, with one person's words in each place that holds words of a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import slack_limits

from bot import views
from bot.rules.digest import Reason
from bot.rules.given_back import Back
from bot.rules.receipt import Change, Moved, Receipt, Term
from bot.rules.time_lost import Lost, Rate
from bot.rules.trend import Trend
from bot.views.blocks import Message
from bot.views.card import Card
from bot.views.chart import Chart
from bot.views.cluster import Line, Said
from bot.views.quarter import Fix, Quarter
from bot.views.report import Filed
from bot.views.verdict import Fixed, Given
from classifiers import areas

HOSTILE = "<!channel> <@U123> <https://evil|https://good> &lt;!here&gt;"

AREAS = ("docs", "errors", "onboarding", "debugging")
ABOUT = (*areas.BUILT_IN, areas.Area("builds", "Builds and CI", "slow pipelines, queues", "U0OWNER"))
TICKET = "https://tickets.example/" + "a" * 976
LINK = "https://acme.slack.com/archives/C1/p1"
SINCE, UNTIL = dt.datetime(2026, 11, 9, 9, tzinfo=dt.UTC), dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC)


# Builders: one of each, with only what matters changed


def filed(words: str = "the deploy docs still show the old --force flag", **changed: Any) -> Filed:
    given: dict[str, Any] = {
        "report_id": 7,
        "handle": "F-12",
        "area": "docs",
        "areas": AREAS,
        "unsure": False,
        "developers": 8,
        "alone": False,
        "words": words,
        "masked": 0,
        "private": False,
    }
    return Filed(**given | changed)


def card(*words: str, **changed: Any) -> Card:
    given: dict[str, Any] = {
        "cluster_id": 12,
        "handle": "F-12",
        "title": "",
        "area": "docs",
        "status": "new",
        "words": words,
        "wordless": "",
        "reports": len(words),
        "developers": len(words),
        "leads": 0,
        "new": 0,
    }
    return Card(**given | changed)


TREND = Trend((0, 1, 0, 2, 1, 0, 3, 1, 12), 1.0, "rising")
WEEKS = tuple(f"{day} Nov" for day in range(1, 13))
RECEIPT = Receipt(
    cluster_id=12,
    impact=1347,
    developers=8,
    this_week=3,
    terms=(Term(3, 2, 195), Term(2, 3, 273), Term(None, 3, 216)),
    rank=1,
    of=31,
    rank_by_leads=1,
    change=Change(9, 2, rises=False),
    before=827,
    moved=(Moved("new", 3, 612), Moved("age", 0, -92)),
)


CLOSED = ("shipped", "declined", "shipped", "shipped", "declined")
BACK = Back(840.0, 360.0, 1860.0, np.zeros(1))


def line(*words: str, back: dt.datetime | None = None, **changed: Any) -> Line:
    return Line(card(*words, **changed), LINK, TREND, Lost(360, 9, 19, 240.0, 660.0), back)


def given(word: str = "better", **changed: Any) -> Given:
    told: dict[str, Any] = {"before": 73, "days_before": 84.0, "after": 8, "days_after": 84.0, "others": 1.0}
    return Given(word, **told | {"ratio": (0.12, 0.04, 0.31), "final": False} | changed)


def fixed(title: str, count: int = 1) -> tuple[Fixed, ...]:
    return tuple(Fixed(number, f"F-{number}", title or "first", given()) for number in range(4, 4 + count))


def quarter(*titles: str, **changed: Any) -> Quarter:
    """A page with a fix of each kind for every title."""
    fixes = [
        Fix(
            f"F-{number}", title, "docs", dt.date(2026, 8, 12), 14, given(word), back=BACK if word == "better" else None
        )
        for title in titles
        for number, word in enumerate(("better", "no change", "worse", "too early"), 4)
    ]
    told: dict[str, Any] = {"fixes": tuple(fixes), "people": 43, "back": BACK if fixes else None}
    return Quarter(dt.datetime(2026, 7, 1, tzinfo=dt.UTC), dt.datetime(2026, 10, 1, tzinfo=dt.UTC), **told | changed)


def chart(*areas: str) -> Chart:
    return Chart(WEEKS, tuple((area, (0, 1, 0, 2, 1, 0, 3, 1, 12, 4, 5, 6)) for area in areas))


def digest(*lines: Line, **changed: Any) -> views.digest.Digest:
    given: dict[str, Any] = {
        "reader": "U1",
        "areas": ("docs", "onboarding"),
        "since": SINCE,
        "until": UNTIL,
        "lines": lines,
        "more": 12,
        "length": 5,
        "reasons": (Reason("entered", 12, 1), Reason("developers", 9, 4)),
        "handles": {12: "F-12", 9: "F-9"},
        "chart": chart("docs", "onboarding"),
        "key": "7",
    }
    return views.digest.Digest(**given | changed)


REASONS = (
    Reason("back", 3),
    Reason("status", 4, status="shipped"),
    *(Reason("entered", number, number) for number in range(5, 10)),
    *(Reason("developers", number, 12345) for number in range(10, 20)),
    Reason("rose", 2, 1),
    Reason("suggestions", number=2),
)


def subscribed(**changed: Any) -> views.subscription.Subscribed:
    given: dict[str, Any] = {
        "reader": "U1",
        "areas": "all",
        "every": "week",
        "weekday": "mon",
        "at": "09:00",
        "tz": "Europe/Berlin",
        "length": 5,
        "next_on": dt.date(2026, 11, 16),
    }
    return views.subscription.Subscribed(**given | changed)


#: A channel's digest, which somebody paused.
CHANNELS = subscribed(reader="C1", length=3, paused_until=dt.date(2026, 12, 8), next_on=dt.date(2026, 12, 14))


def reason(words: str, **changed: Any) -> views.area.Reason:
    given: dict[str, Any] = {
        "words": words,
        "area": "docs",
        "by": "model",
        "yours": True,
        "inherited": False,
        "guess": "docs",
        "likeliest": "docs",
        "sure": 93,
        "spoke": (words[:40] or "page", "old flag"),
    }
    return views.area.Reason(**given | changed)


def said(words: str, times: int = 1) -> list[Said]:
    return [Said(words, "3 November", "docs", "F-12", report_id=7)] * times


def alike(title: str, count: int = 1) -> tuple[views.report.Alike, ...]:
    shown = views.card.title(card(title, title=title))
    return tuple(views.report.Alike(3 + each, f"F-{9 + each}", shown, 4) for each in range(count))


def choices(words: str) -> list[views.triage.Choice]:
    return [views.triage.Choice(number, words or "first") for number in range(5)]


def reports(words: str) -> list[views.triage.Choice]:
    return [views.triage.Choice(number, words or "first") for number in range(23)]


def suggested(words: str) -> tuple[views.digest.Suggested, ...]:
    one, other = card(words, handle="F-31"), card("first", title=words, handle="F-9")
    return (
        views.digest.Suggested(views.digest.looks_like(one, other), 3),
        views.digest.Suggested(views.digest.looks_mixed(one, 3, 8), 4, leaving=9),
        views.digest.Suggested("", 5, decided=f"{words[:60]} merged F-31 into F-9, 3 November.", undo=7),
    )


def news(words: str = "", **changed: Any) -> views.hearing.News:
    given: dict[str, Any] = {
        "kind": "status",
        "fact_id": 3,
        "cluster_id": 12,
        "handle": "F-12",
        "title": "Deploy docs show removed flags",
        "status": "shipped",
        "reason": words[:500],
        "link": "https://tickets.example/DOC-12",
        "by": words[:80],
        "day": "3 November",
        "words": words,
        "said_on": "12 November",
    }
    return views.hearing.News(**given | changed)


def without(words: str) -> views.report.Workaround:
    return views.report.Workaround(3, words[:500] or "use --confirm", words[:80], "3 Nov")


def concerns(words: str) -> list[views.hearing.Concern]:
    return [views.hearing.Concern(number, f"F-{number} {words[:90]}", number % 2 == 0) for number in range(8)]


def _drawn(*words: str, **changed: Any) -> Message:
    return views.card.message(card(*words, **changed), upvote="+1")


def _found(words: str) -> Message:
    words = words or "deploy"  # one cannot look for nothing
    shown = views.words.cut(words, 100)
    again = views.blocks.button("File it as a report instead", "find_file", views.words.cut(words, 1900))
    lines = [line(words, title=words), line("first", words)]
    return views.cluster.ranking(f"Most like “{shown}”", lines, empty="Nothing.", controls=[again])


RECORD = {"docs": views.area.Record("docs", 93, 120)}

HOUSE = views.help.House(
    channel="C1",
    capture="triangular_flag_on_post",
    upvotes=("+1", "arrow_up"),
    leads=3,
    admins=1,
    areas=ABOUT,
    record=RECORD,
    grouping=views.help.Grouping(asked=40, yes=21, joined=12, undone=0),
)

#: Where a person's words, or their name, are part of what is shown.
MESSAGES: dict[str, Callable[[str], Message]] = {
    "filed in a cluster": lambda words: views.report.filed(filed(words)),
    "filed, first of its kind": lambda words: views.report.filed(filed(words, alone=True, developers=1)),
    "filed, unsure of the area": lambda words: views.report.filed(filed(words, area="unsorted", unsure=True)),
    "filed, after a tap": lambda words: views.report.filed(filed(words), news="Moved to docs."),
    "filed, masked and private": lambda words: views.report.filed(filed(words, masked=2, private=True)),
    "filed for its author": lambda words: views.report.filed(filed(words), flagged_by=words[:80]),
    "somebody's message flagged": lambda words: views.report.flag_taken(filed(words), words[:80]),
    "filed, like one of three": lambda words: views.report.filed(filed(words, alone=True, alike=alike(words, 3))),
    "filed, like another": lambda words: views.report.filed(filed(words, alone=True, alike=alike(words))),
    "filed, after a decision": lambda words: views.report.filed(filed(words), news=f"It is {words[:80]}.", undo=7),
    "handed back": lambda words: views.report.handed_back("I could not save this just now.", words),
    "card of one": lambda words: _drawn(words),
    "card of two": lambda words: _drawn("first", words),
    "card of many": lambda words: _drawn(words, "second", words, leads=2, new=3, developers=8, status="in_progress"),
    "card as posted": lambda words: views.blocks.keyed(_drawn(words), "card-12"),
    "card with a name": lambda words: _drawn("first", title=words),
    "card of a merged cluster": lambda words: views.card.moved("F-31", card(words, title=words), LINK),
    "decided": lambda words: views.triage.decided(f"F-9 is called “{words[:100]}” now.", 7),
    "contradicted": lambda words: views.triage.contradicted([f"{words[:80]} merged this"] * 5, "1,2/same/3:report:4"),
    "digest with questions": lambda words: views.digest.message(
        digest(line(words), suggested=suggested(words), joined=(views.digest.Joined(9, "F-9", 3),))
    ),
    "digest with verdicts": lambda words: views.digest.message(digest(line(words), fixed=fixed(words[:80], 5))),
    "quarter": lambda words: views.quarter.message(quarter(words[:100], "second")),
    "filed, and what it cost": lambda words: views.report.filed(filed(words, minutes=30)),
    "digest": lambda words: views.digest.message(digest(*[line(words), line("first", words)] * 2, line(title=words))),
    "digest as text": lambda words: views.digest.message(digest(line(words), line("first", words)), native=False),
    "digest of what is closed, rests and is seen to": lambda words: views.digest.message(
        digest(
            *[line(words, status="shipped", owner=words[:80], resting="resting until 8 Dec", back=SINCE)] * 5,
            closed=tuple(views.digest.Closed(card(words, status=each), words, words) for each in CLOSED),
            more_closed=3,
            resting=2,
            suggested=suggested(words),
            joined=(views.digest.Joined(9, "F-9", 3),),
        )
    ),
    "still alive": lambda words: views.digest.alive(SINCE, line(words[:80] or "x"), 31),
    "receipt": lambda words: views.receipt.message(RECEIPT, f"F-12 {words}", {9: "F-9"}),
    "ranking": _found,
    "cluster": lambda words: views.cluster.whole(line(words), said(words, 30), views.receipt.short(RECEIPT)),
    "cluster to decide about": lambda words: views.cluster.whole(
        line(words),
        said(words, 30),
        views.receipt.short(RECEIPT),
        kin=views.cluster.Kin("F-31", ("F-31", "F-33"), "F-4", ("F-40",)),
        decisions=[f"{words[:60]} merged F-31 into this, 3 November"] * 5,
        may=True,
        news=f"F-9 is called “{words[:100]}” now.",
        undo=7,
    ),
    "cluster that was fixed": lambda words: views.cluster.whole(
        replace(line(words, status="shipped"), fixed=(14, 9, 7)), said(words)
    ),
    "cluster that was shipped": lambda words: views.cluster.whole(
        line(words, status="shipped", owner=words[:80], back=SINCE),
        said(words, 30),
        decisions=[f"{words[:60]} set this to shipped: “{words[:200]}” · {TICKET}, 3 November"] * 5,
        status=views.status.told("F-12", "shipped", words[:500], words[:80]),
        link=TICKET,
        may=True,
        take="U1",
    ),
    "mine": lambda words: views.cluster.mine(said(words, 30)),
    "find with a secret": lambda words: views.cluster.ranking(
        f"Most like “{words[:80]}”", [line(words)], empty="Nothing.", note=views.report.rotate(2)
    ),
    "mine, and what is counted": lambda words: views.hearing.mine(
        views.cluster.mine(said(words, 30)), concerns(words), [news(words)] * 5
    ),
    "filed, with a workaround": lambda words: views.report.filed(filed(words, workaround=without(words))),
    "voted, with a workaround": lambda words: views.report.how_to_do_without("F-12", without(words)),
    "shipped": lambda words: views.hearing.message([news(words)]),
    "planned, voted for": lambda words: views.hearing.message([news(status="planned", title=words, said_on="")]),
    "is it gone": lambda words: views.hearing.message([news(words, kind="gone", answer="still")]),
    "is back": lambda words: views.hearing.message([news(kind="back", title=words, people=4)]),
    "much news": lambda words: views.hearing.message(
        [news(words), news(words, status="declined", muted=True, left=True, answer="gone")] * 3 + [news(words)]
    ),
    "shipped, under the card": lambda words: views.hearing.line("F-12", "shipped", words[:500], LINK, words[:80]),
}

#: Where every word is ours.
OUR_MESSAGES: dict[str, Callable[[], Message]] = {
    "held": lambda: views.own.held("{}")[0],
    "help": lambda: views.help.commands("triangular_flag_on_post", "+1"),
    "settings": lambda: views.help.settings(HOUSE),
    "settings of somebody who is not to be flagged": lambda: views.help.settings(
        replace(HOUSE, retention=0, unflagged=True)
    ),
    "settings of somebody who wants to hear nothing": lambda: views.help.settings(
        replace(HOUSE, muted=tuple(views.hearing.KINDS))
    ),
    "taken back": lambda: views.hearing.message([news(kind="undone", now="planned")]),
    "taken back, under the card": lambda: views.hearing.undone("F-12", "planned", "new"),
    "told, and deleted since": views.hearing.deleted,
    "not mine any more": lambda: views.hearing.left("F-12", "12", left=True),
    "mine again": lambda: views.hearing.left("F-12", "12", left=False),
    "one sentence": lambda: views.report.sentence("There is no F-99."),
    "flagged before": lambda: views.report.flag_known("F-12", 8),
    "saved": lambda: views.report.flag_taken(filed(), ""),
    "nothing of mine": lambda: views.cluster.mine([]),
    "an empty ranking": lambda: views.cluster.ranking("What hurts most", [], empty="Nothing has been reported yet."),
    "an empty digest": lambda: views.digest.nothing(SINCE),
    "digest of all areas": lambda: views.digest.message(
        digest(line("one"), areas=None, more=0, reasons=(), chart=None)
    ),
    "digest of a channel": lambda: views.digest.message(digest(line("one"), reader="C1")),
    "digest of three": lambda: views.digest.message(digest(line("one"), length=3)),
    "digest of many areas": lambda: views.digest.message(
        digest(line("one"), chart=chart(*(f"an area with a name as long as it gets, number {n}" for n in range(40))))
    ),
    "digest with every reason": lambda: views.digest.message(digest(line("one"), reasons=REASONS)),
    "digest with everything": lambda: views.digest.message(
        digest(
            *[line("one", "two")] * 5,
            reasons=REASONS,
            suggested=suggested("one"),
            joined=(views.digest.Joined(9, "F-9", 3),),
            fixed=fixed("one", 5),
            closed=tuple(views.digest.Closed(card("one", status=each), "one", "Tina") for each in CLOSED),
            more_closed=3,
            resting=2,
        )
    ),
    "a quarter without a fix": lambda: views.quarter.message(quarter()),
    "receipt with what it cost": lambda: views.receipt.message(
        RECEIPT, "F-12", {9: "F-9"}, cost=views.figures.cost(Lost(360, 9, 19, 240.0, 660.0, Rate(85, "EUR")))
    ),
    "nothing but silence": lambda: views.digest.alive(SINCE, None, 0),
    "receipt of two": lambda: views.receipt.message(replace(RECEIPT, developers=2, terms=(), change=None), "F-12", {}),
    "unsubscribed": lambda: views.subscription.told(views.subscription.ended("C1"), "C1", undo="digest_undo"),
    "paused": lambda: views.subscription.told(views.subscription.paused(CHANNELS), "C1", undo="digest_resume"),
    "subscribed": lambda: views.subscription.told(
        views.subscription.words(subscribed(), views.subscription.whose("U1")), "U1"
    ),
    "card of private reports": lambda: _drawn(reports=3, developers=2),
    "card of a screenshot": lambda: _drawn(reports=1, wordless=LINK),
    "card merged into one without a card": lambda: views.card.moved("F-31", card("one"), ""),
    "digest of nothing but what was closed": lambda: views.digest.message(
        digest(closed=(views.digest.Closed(card("one", status="declined"), "", ""),), more=0, chart=None)
    ),
    "card withdrawn": lambda: _drawn(reports=0, area="unsorted"),
    "cluster of private reports": lambda: views.cluster.whole(line(reports=1), said("")),
}


def mine(*words: str, **changed: Any) -> list[views.home.Mine]:
    given: dict[str, Any] = {
        "report_id": 7,
        "day": "3 November",
        "handle": "F-12",
        "link": LINK,
        "area": "docs",
        "status": "shipped",
        "reason": words[0][:500],
        "by": words[0],
        "cluster_id": 12,
    }
    return [views.home.Mine(words=said, **given | changed) for said in words] * 5


def ranked(*words: str, lines: int = 10, **changed: Any) -> views.home.Desk:
    """A page of the ranked list, with everything to choose from that there can be."""
    given: dict[str, Any] = {
        "first": 11,
        "count": 132,
        "size": 10,
        "areas": tuple(f"area{number}" for number in range(120)),
        "owners": {f"U{number}": f"{number} {words[0]}" for number in range(120)},
        "chosen": {"status": "planned", "owner": "U3"},
    }
    return views.home.Desk((line(*words, title=words[0], owner=words[0]),) * lines, **given | changed)


#: Forms and the home. What was typed before stands in them again.
VIEWS: dict[str, Callable[[str], dict[str, Any]]] = {
    "report form": lambda words: views.form.report(ABOUT, "{}"),
    "detail form": lambda words: views.form.detail("{}", words),
    "digest form": lambda words: views.form.subscription(ABOUT, subscribed(), "{}", subscribed=False),
    "digest form again": lambda words: views.form.subscription(
        ABOUT, subscribed(areas="docs,errors", at="09:17", every="two-weeks"), "{}", subscribed=True
    ),
    "merge form": lambda words: views.triage.merge_form(f"F-12 “{words}”", choices(words), "{}"),
    "merge form again": lambda words: views.triage.merge_form("F-12", [], "{}", typed=words, note=words or "Again:"),
    "merge check": lambda words: views.triage.merge_check([f"F-31 “{words}” becomes part of F-9."], [words], "{}"),
    "split form": lambda words: views.triage.split_form(f"F-12 “{words}”", reports(words), "{}", more=4, chosen=[2]),
    "split check": lambda words: views.triage.split_check(2, [f"{words[:80]} merged this"], "{}"),
    "name form": lambda words: views.triage.name_form("F-12", words[:120], "{}", note=words),
    "workaround form": lambda words: views.triage.workaround_form("F-12", words[:500], "{}", note=words),
    "area form": lambda words: views.triage.area_form("F-12", AREAS, "docs", "{}"),
    "form for what is rarer": lambda words: views.triage.more_form(f"F-12 “{words}”", "{}"),
    "status form": lambda words: views.decide.status_form(
        f"F-12 “{words}”", "planned", "{}", reason=words, link=TICKET, note=words
    ),
    "status check": lambda words: views.decide.status_check(
        views.status.told("F-12", "planned", words[:500], words), TICKET, views.status.heard(7), "{}"
    ),
    "assign form": lambda words: views.decide.assign_form("F-12", "U1", "U1", "{}", note=words),
    "assign form of what nobody has": lambda words: views.decide.assign_form("F-12", "", "U1", "{}"),
    "snooze form": lambda words: views.decide.snooze_form(
        "F-12", [("2", "Two weeks"), ("wake", "Not any more")], "{}", note=words
    ),
    "cluster in a window": lambda words: views.cluster.window(MESSAGES["cluster"](words), "Reports"),
    "filed in a window": lambda words: views.cluster.window(views.report.filed_unnamed(filed(words)), "Filed"),
    "home": lambda words: views.home.home(
        [], mine(words), top=[line(words, title=words)] * 5, news=f"You called F-12 â{words[:80]}â.", undo=7
    ),
    "home of a lead who decides": lambda words: views.home.home(
        [subscribed(), *[CHANNELS] * 12],
        mine(words),
        desk=ranked(words),
        lead=views.home.Lead((line(words),) * 5, 12, tuple((area, (line(words),) * 3) for area in AREAS[:3])),
        record=list(RECORD.values()),
        hidden=[news(words)] * 5,
        also=[views.hearing.Concern(number, f"F-{number} {words}", left=number % 2 > 0) for number in range(8)],
        twice=[f"F-{number}" for number in range(400)],
        news=words,
        undo=7,
    ),
    "what was fixed": lambda words: views.quarter.window(quarter(words[:100])),
    "why this area": lambda words: views.area.form(reason(words), ABOUT, "{}"),
    "why an area of one's own": lambda words: views.area.form(reason(words, area="builds", by="triage"), ABOUT, "{}"),
    "empty home": lambda words: views.home.home([], []),
    "digest form of a channel": lambda words: views.form.subscription(ABOUT, CHANNELS, "{}", subscribed=True),
}


# Reading what is shown


def plain_words(thing: Any) -> str:
    return "\n".join(slack_limits.texts(thing, "plain_text"))


def markup(thing: Any) -> str:
    return "\n".join(slack_limits.texts(thing, "mrkdwn"))


def read(text: str) -> str:
    """A message's top-level text as a person reads it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def folded(text: str) -> str:
    return " ".join(text.split())


def labels(thing: Any) -> list[str]:
    """What the buttons and menus of it say, in order."""
    if isinstance(thing, dict):
        if thing.get("type") == "button":
            return [thing["text"]["text"]]
        if thing.get("type") == "static_select":
            return [thing["placeholder"]["text"]]
        thing = list(thing.values())
    return [label for each in thing for label in labels(each)] if isinstance(thing, list) else []


def offered(thing: Any) -> list[str]:
    """What can be chosen behind ⋯."""
    if isinstance(thing, dict):
        if thing.get("type") == "overflow":
            return [option["text"]["text"] for option in thing["options"]]
        thing = list(thing.values())
    return [label for each in thing for label in offered(each)] if isinstance(thing, list) else []
