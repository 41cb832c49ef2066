"""What people at Maple Freight do in a fortnight, told problem by problem. Day 0 is a Monday; hours are in UTC.

Their platform: `quayctl` deploys, Skipper builds, `bazelish` compiles, Parrotfish is the gateway, ferryq the queue,
Lantern holds logs and traces, Keelson is the mobile kit, Bellbuoy collects crashes, Gangway grants access,
`tidepool` is the local environment, mooring makes new services.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.demo.company import (
    ANNA,
    BAO,
    CHIDI,
    DILNOZA,
    EMRE,
    ENGINEERING,
    FATIMA,
    FRICTION,
    GUSTAVO,
    HANA,
    HELP,
    INAKI,
    JO,
    KAVYA,
    LWAZI,
    MARTA,
    MOBILE,
    NOAM,
    OLUCHI,
    PRIYA,
    TINA,
    Channel,
    Person,
)


@dataclass(frozen=True)
class Event:
    """Something a person does at a moment of the fortnight."""

    day: int
    hour: int
    minute: int
    person: Person

    @property
    def offset(self) -> dt.timedelta:
        """How long after the start of the fortnight."""
        return dt.timedelta(days=self.day, hours=self.hour, minutes=self.minute)


@dataclass(frozen=True)
class Says(Event):
    """An ordinary message."""

    channel: Channel
    text: str
    ref: str = ""


@dataclass(frozen=True)
class Reports(Event):
    """`/friction text`, typed in a channel."""

    channel: Channel
    text: str
    ref: str = ""


@dataclass(frozen=True)
class Flags(Event):
    """The capture emoji on what somebody said."""

    ref: str


@dataclass(frozen=True)
class Backs(Event):
    """A voting emoji: on the card of a report, or on the message somebody said."""

    ref: str
    emoji: str = "+1"


@dataclass(frozen=True)
class Withdraws(Event):
    """A voting emoji taken off again."""

    ref: str
    emoji: str = "+1"


# fmt: off
_DOCS: tuple[Event, ...] = (
    # A removed flag lives on in the deploy docs.
    Reports(
        0, 9, 12, ANNA, HELP,
        "the deploy docs still say `quayctl ship --force`, but quayctl removed the --force flag in 3.0",
        "force",
    ),
    Backs(1, 8, 2, MARTA, "force"),
    Reports(
        1, 14, 40, JO, ENGINEERING,
        "`quayctl ship --force` straight from the deploy docs: unknown flag. "
        "It's --confirm since 3.0, the docs never heard",
    ),
    Reports(
        3, 7, 25, KAVYA, ENGINEERING,
        "Lost most of an hour on --force. The deploy docs list that flag for "
        "`quayctl ship`, quayctl itself has removed it.",
    ),
    Reports(
        7, 10, 5, LWAZI, HELP,
        "Deploy docs for quayctl are out of date. The --force flag was removed and nothing says what to use instead.",
    ),
    Backs(7, 10, 31, NOAM, "force", "arrow_up"),
    Says(
        8, 13, 30, GUSTAVO, HELP,
        "is `quayctl ship --force` broken for anyone else? copied the flag "
        "from the deploy docs, quayctl doesn't know it",
        "force-said",
    ),
    Flags(8, 13, 41, OLUCHI, "force-said"),
    Flags(8, 13, 55, DILNOZA, "force-said"),  # a second flag is a vote, not a second report
    Backs(8, 14, 20, BAO, "force-said", "+1::skin-tone-3"),
    Reports(
        9, 8, 15, EMRE, FRICTION,
        "can somebody delete the --force flag from the quayctl deploy docs? "
        "I've told three people now that it was removed",
    ),
    Backs(9, 9, 10, CHIDI, "force", "+1::skin-tone-6"),
    Backs(9, 9, 11, CHIDI, "force", "arrow_up"),  # the same person twice: one vote
    Backs(9, 23, 50, HANA, "force"),
    Reports(
        10, 15, 20, FATIMA, MOBILE,
        "deploy docs again: the hotfix example runs quayctl ship --force. Removed flag. 🙃",
    ),
    # Two pages, two numbers.
    Reports(
        4, 11, 45, EMRE, ENGINEERING,
        "The Parrotfish docs give two rate limits: 600 requests a minute on one "
        "page, 1000 on another. Which X-Parrot-Quota holds?",
        "quota",
    ),
    Says(
        8, 6, 50, DILNOZA, HELP,
        "which X-Parrot-Quota is real? two Parrotfish docs pages, two rate limits, 600 and 1000 requests a minute",
        "quota-said",
    ),
    Flags(8, 7, 5, BAO, "quota-said"),
    Backs(8, 9, 30, MARTA, "quota"),
    # The step the migration guide leaves out.
    Reports(
        1, 2, 35, HANA, MOBILE,
        "The Keelson 4 migration guide never mentions that `KeelsonProvider` "
        "has to wrap the root. Found it in their tests.",
        "provider",
    ),
    Backs(1, 5, 15, KAVYA, "provider", "heavy_plus_sign"),
    Reports(
        4, 10, 20, FATIMA, MOBILE,
        "Keelson 4 migration guide misses a step: `KeelsonProvider` has to wrap the root. I had a blank screen",
    ),
    Says(
        9, 17, 5, GUSTAVO, MOBILE,
        "PSA: blank screen after moving to Keelson 4? wrap the root in "
        "`KeelsonProvider`. the migration guide leaves that step out",
        "provider-said",
    ),
    Flags(9, 17, 30, MARTA, "provider-said"),
    # The runbook that is not there at night.
    Reports(
        5, 1, 55, LWAZI, ENGINEERING,
        "2 am, pager, ferryq dead-letter alert. The runbook link in the alert is a 404. Good night to me then",
        "runbook",
    ),
    Backs(7, 7, 40, NOAM, "runbook", "raised_hands"),
    Reports(
        11, 5, 10, KAVYA, HELP,
        "Runbook link in the ferryq dead-letter alert is a 404, the wiki page moved in spring and the alert did not",
    ),
)

_ERRORS: tuple[Event, ...] = (
    # Which step?
    Reports(0, 8, 40, CHIDI, ENGINEERING, "Skipper says `SKP-4012: step failed` and nothing else. Which step?", "step"),
    Backs(0, 9, 5, ANNA, "step", "raised_hands"),
    Reports(1, 10, 10, INAKI, HELP, "SKP-4012: step failed. That is the whole message. Please, Skipper, name the step"),
    Says(
        2, 9, 20, EMRE, ENGINEERING,
        "what on earth is SKP-4012? skipper prints `step failed`, no step name, and my build is red",
        "step-said",
    ),
    Flags(2, 9, 33, MARTA, "step-said"),
    Backs(2, 15, 10, JO, "step"),
    Reports(
        4, 2, 30, HANA, ENGINEERING,
        "SKP-4012 from Skipper three times today for three reasons (disk, "
        "timeout, a typo in yaml), always just `step failed`",
    ),
    Backs(4, 8, 20, NOAM, "step", "+1::skin-tone-2"),
    Reports(
        8, 11, 0, FATIMA, FRICTION,
        "`SKP-4012: step failed`, exit code 1. Skipper knows which step "
        "failed and what it printed, it just doesn't tell",
    ),
    Reports(
        10, 6, 40, KAVYA, ENGINEERING,
        "skipper, SKP-4012, step failed, no step name. I bisected the pipeline by commenting steps out",
    ),
    # An expired token dressed up as an outage. New in the second week.
    Reports(
        7, 9, 45, ANNA, ENGINEERING,
        "Parrotfish answers 502 with an empty body when the service token is "
        "expired. I'd expect a 401 and a word about tokens.",
        "empty",
    ),
    Backs(7, 10, 15, OLUCHI, "empty"),
    Reports(
        8, 3, 55, BAO, HELP,
        "502 with an empty body from Parrotfish. An hour later: my service token had expired. Why isn't that a 401?",
    ),
    Backs(8, 8, 45, CHIDI, "empty", "+1::skin-tone-5"),
    Backs(8, 9, 0, MARTA, "empty", "heavy_plus_sign"),
    Says(
        9, 12, 10, LWAZI, HELP,
        "is Parrotfish down? every call gives me a 502 with an empty "
        "body. service token expired maybe? it doesn't say",
        "empty-said",
    ),
    Flags(9, 12, 18, NOAM, "empty-said"),
    Backs(9, 12, 50, EMRE, "empty-said", "arrow_up"),
    Reports(
        10, 10, 25, INAKI, ENGINEERING,
        "Expired service token, so Parrotfish says 502 and sends an empty "
        "body. Looks like an outage, is a login problem.",
    ),
    # Nobody asked for null.
    Reports(
        2, 4, 15, BAO, ENGINEERING,
        "bazelish: `error: target not found: //null`. I did not ask for null, I asked for //apps/dispatch",
        "null",
    ),
    Reports(
        4, 8, 50, ANNA, ENGINEERING,
        "bazelish again: `error: target not found: //null`. It was a trailing comma. Could it name the file?",
    ),
    Backs(4, 12, 5, LWAZI, "null"),
    Reports(
        13, 19, 40, GUSTAVO, FRICTION,
        "Sunday hobby: bazelish, `target not found: //null`, and the cause is a typo two directories further up",
    ),
    # A release that was not one.
    Reports(
        3, 9, 35, CHIDI, ENGINEERING,
        "quayctl exits 0 although the canary was rolled back, so our script announced a release nobody has",
        "canary",
    ),
    Backs(3, 9, 50, OLUCHI, "canary"),
    Backs(3, 10, 40, NOAM, "canary", "+1::skin-tone-4"),
    Reports(
        9, 16, 20, JO, HELP,
        "quayctl exits 0 even when the canary is rolled back. Pipeline green, production old. Who do I believe",
    ),
    Says(
        11, 7, 15, DILNOZA, ENGINEERING,
        "careful with your scripts: quayctl exits 0 also when the canary "
        "was rolled back, we found out from a customer",
        "canary-said",
    ),
    Flags(11, 10, 0, FATIMA, "canary-said"),
    # The generator falls over.
    Reports(
        1, 11, 20, FATIMA, MOBILE,
        "Keelson codegen crashes on an optional enum:\n"
        "java.lang.NullPointerException: value\n"
        "    at com.maple.keelson.Codegen.visitEnum(Codegen.java:188)\n"
        "Neither the schema file nor the line is named.",
        "codegen",
    ),
    Says(
        2, 5, 40, HANA, MOBILE,
        "keelson codegen: NullPointerException in visitEnum (Codegen.java:188) "
        "since I made an enum optional. schema line, anyone?",
        "codegen-said",
    ),
    Flags(2, 6, 10, KAVYA, "codegen-said"),
    Backs(2, 12, 45, GUSTAVO, "codegen", "+1::skin-tone-4"),
    # Written by somebody who tests our manners: this must ping nobody and lead nowhere.
    Reports(
        9, 10, 35, CHIDI, FRICTION,
        "Bellbuoy's alert prints its markup instead of sending it, word for word: "
        "<!channel> new crash, see <https://evil.example|https://bellbuoy.maple-freight.example>",
    ),
)

_ONBOARDING: tuple[Event, ...] = (
    # Waiting for somebody who left.
    Reports(
        0, 7, 30, DILNOZA, HELP,
        "Day four without access. My Gangway request for `dev-cluster` "
        "waits for an approver who left the company in May.",
        "gangway",
    ),
    Backs(0, 8, 10, OLUCHI, "gangway"),
    Reports(
        1, 9, 25, LWAZI, HELP,
        "Gangway request for dev-cluster access pending since last week. The approver is a deleted account",
    ),
    Reports(
        3, 8, 5, NOAM, ENGINEERING,
        "A new joiner in my team can't start: Gangway request for dev-cluster "
        "access, the approver left, no way to choose another.",
    ),
    Backs(3, 12, 15, MARTA, "gangway", "arrow_up"),
    Reports(
        8, 4, 35, KAVYA, HELP,
        "My Gangway request for dev-cluster access has no living approver either. Whom do I ask?",
    ),
    Says(
        9, 8, 40, MARTA, ENGINEERING,
        "third new starter this month stuck on a gangway request for "
        "dev-cluster access, the approver left. who re-routes these?",
        "gangway-said",
    ),
    Flags(9, 8, 52, ANNA, "gangway-said"),
    Backs(9, 9, 20, INAKI, "gangway-said", "+1"),
    # Three of seven.
    Reports(
        0, 10, 50, DILNOZA, HELP,
        "`tidepool up` hangs at `pulling seed 3/7` on a brand-new laptop. This is my second day of setting up.",
        "seed",
    ),
    Backs(1, 0, 40, HANA, "seed"),
    Reports(
        1, 3, 10, BAO, HELP,
        "`tidepool up` hangs at `pulling seed 3/7` here too. Fresh laptop, fresh clone, fresh coffee.",
    ),
    Says(
        2, 8, 30, LWAZI, HELP,
        "any trick for `tidepool up` when it hangs at pulling seed 3/7? new laptop, third try",
        "seed-said",
    ),
    Flags(2, 8, 47, OLUCHI, "seed-said"),
    Withdraws(2, 23, 30, HANA, "seed"),  # it was her proxy after all: the one vote taken back
    Backs(3, 14, 5, GUSTAVO, "seed", "+1::skin-tone-4"),
    Reports(
        4, 16, 45, JO, ENGINEERING,
        "new laptop, `tidepool up`, all night: hangs at pulling seed 3/7. I develop against staging now, sorry",
    ),
    # Red on day one.
    Reports(
        3, 11, 10, EMRE, ENGINEERING,
        "A new service from the mooring template doesn't build on day one: "
        "the template pins Node 16, Skipper has 20 and 22",
        "mooring",
    ),
    Says(
        10, 8, 10, DILNOZA, ENGINEERING,
        "my first service! and its first build is red, the mooring template pins Node 16 and Skipper doesn't have it",
        "mooring-said",
    ),
    Flags(10, 8, 25, NOAM, "mooring-said"),
    Backs(10, 8, 40, LWAZI, "mooring", "raised_hands"),
    Backs(10, 9, 0, OLUCHI, "mooring-said"),
    Reports(
        7, 12, 30, CHIDI, HELP,
        "Getting a VPN certificate as a contractor took a signed PDF, a printer, "
        "and eight days. Seven of those were the printer.",
    ),
)

_DEBUGGING: tuple[Event, ...] = (
    # Half a trace.
    Reports(
        1, 6, 30, KAVYA, ENGINEERING,
        "Lantern traces end at ferryq. Behind the queue there is a new trace id, "
        "so I match the two halves by hand, by timestamp.",
        "trace",
    ),
    Backs(1, 8, 30, NOAM, "trace"),
    Backs(2, 7, 55, ANNA, "trace"),
    Reports(
        4, 9, 15, EMRE, HELP,
        "traces in Lantern end at ferryq, behind it comes a new trace id. I see half of the request and guess the rest",
    ),
    Reports(
        7, 4, 5, BAO, ENGINEERING,
        "Debugging a late shipment: Lantern traces end at ferryq and behind the queue is a new trace id. "
        "Two windows and a ruler.",
    ),
    Backs(7, 8, 50, MARTA, "trace", "+1::skin-tone-2"),
    Says(
        10, 9, 40, CHIDI, ENGINEERING,
        "how do you follow a request through ferryq? in Lantern my trace ends "
        "at the queue and the trace id is a new one after",
        "trace-said",
    ),
    Flags(10, 10, 5, HANA, "trace-said"),
    # Character 257.
    Reports(
        2, 13, 25, GUSTAVO, ENGINEERING,
        "`lantern tail` cuts log lines at 256 characters, and our JSON log lines carry the error at the end",
        "tail",
    ),
    Backs(2, 14, 0, EMRE, "tail"),
    Reports(
        9, 9, 55, INAKI, HELP,
        "lantern tail cuts log lines at 256 characters. The bit I need is always character 257",
    ),
    # Red on Skipper, green on the desk.
    Reports(
        3, 10, 15, INAKI, ENGINEERING,
        "CheckoutClockTest fails every fifth run on Skipper, never on my "
        "laptop, and prints no seed to reproduce it with",
        "clock",
    ),
    Reports(
        8, 9, 50, ANNA, ENGINEERING,
        "Can I see what CheckoutClockTest saw when it failed? Flaky for weeks, "
        "prints no seed, can't reproduce it. I press retry.",
    ),
    Backs(8, 10, 30, NOAM, "clock"),
    Says(
        11, 9, 25, FATIMA, ENGINEERING,
        "CheckoutClockTest is red on main again 😩 has anyone ever managed to reproduce it? no seed in the log",
        "clock-said",
    ),
    Flags(11, 9, 40, OLUCHI, "clock-said"),
    # Minified grief.
    Reports(
        2, 1, 50, HANA, MOBILE,
        "Bellbuoy shows every crash as `a.b.c(:1:48211)`. No source maps since the app moved to bazelish.",
        "maps",
    ),
    Backs(2, 9, 15, FATIMA, "maps", "raised_hands"),
    Reports(
        10, 13, 10, GUSTAVO, MOBILE,
        "Crashes in Bellbuoy come without source maps. I look at `t.r.n "
        "is not a function` and feel nothing any more.",
    ),
    Reports(
        11, 8, 5, LWAZI, HELP,
        "Out-of-memory pod, and no way to look: it is restarted before I can take a heap dump, and nothing keeps one",
    ),
)

_NONE: tuple[Event, ...] = (
    Reports(
        0, 7, 50, INAKI, ENGINEERING,
        "Monday morning: 40 minutes in the CI queue until a runner is free", "runner",
    ),
    Backs(0, 8, 0, LWAZI, "runner", "+1::skin-tone-5"),
    Reports(7, 8, 5, ANNA, ENGINEERING, "35 minutes in the CI queue this Monday morning before a runner was free"),
    Backs(7, 8, 30, EMRE, "runner"),
    Reports(9, 1, 20, HANA, MOBILE, "five approvals to change one colour. five."),
    Reports(
        11, 15, 30, JO, FRICTION,
        "Not a complaint for once: whoever built the new release board, it is a joy. Thank you",
    ),
)

_CHATTER: tuple[Event, ...] = (
    Says(
        0, 7, 0, TINA, FRICTION,
        "Morning all. Whatever slows you down: `/friction` and a sentence is enough, in any channel.",
    ),
    Says(0, 12, 20, INAKI, ENGINEERING, "lunch? there's a new place behind the depot"),
    Says(1, 13, 45, PRIYA, HELP, "Skipper gets its kernel update at 20:00 UTC, ten minutes at most"),
    Says(3, 15, 0, GUSTAVO, MOBILE, "driver app 7.2 is out to 10 %, no new crashes so far"),
    Says(4, 15, 55, OLUCHI, ENGINEERING, "Good week, everybody. Go outside."),
    Says(7, 7, 15, NOAM, ENGINEERING, "Demo of the route planner on Thursday, bring questions"),
    Says(8, 12, 0, TINA, HELP, "I read every card in #friction, also the rude ones"),
    Says(10, 11, 30, KAVYA, MOBILE, "who left the test phone in the fridge"),
)

# fmt: on
EVENTS: tuple[Event, ...] = tuple(
    sorted((*_DOCS, *_ERRORS, *_ONBOARDING, *_DEBUGGING, *_NONE, *_CHATTER), key=lambda event: event.offset)
)
"""The fortnight, in order."""
