"""Who gets which digest, when, where, and not just now: on a real database, against a Slack that may do anything."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

import pytest
from conftest import ADA, ANA, BACKEND, BEN, DOCS, MONDAY, SECRET, TIM, VPN, Clock, Team
from fakes.slack import DROPPED, FakeSlack

from bot import rules
from bot.flows import cluster as clusters
from bot.flows import digest as digests
from bot.flows import doctor, home
from bot.flows import reader as readers
from bot.flows import subscription as subscriptions
from bot.flows.kit import Kit
from storage.models import Subscription

Work = Callable[..., Awaitable[None]]

DAY, WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)


async def subscribe(kit: Kit, now: dt.datetime, reader: str = TIM, **more: object) -> Subscription:
    """Mondays at nine in Berlin, unless it is said otherwise."""
    chosen = {"areas": "all", "every": "week", "weekday": "mon", "at": "09:00", "tz": "Europe/Berlin"} | more
    return await subscriptions.subscribe(kit, reader, now=now, **chosen)  # type: ignore[arg-type]


async def now_of(kit: Kit, reader: str = TIM) -> Subscription:
    found = await subscriptions.current(kit, reader)
    assert found is not None
    return found


def wall(subscription: Subscription) -> str:
    """When the next one is due, as the clock on the reader's wall shows it."""
    return subscription.next_due_at.astimezone(ZoneInfo(subscription.tz)).strftime("%a %d %b %H:%M")


@pytest.fixture
def weeks(kit: Kit, team: Team, clock: Clock, work: Work) -> Callable[[int], Awaitable[None]]:
    """Let weeks pass; each has news on its first day, and the digests that are due in it."""

    async def pass_by(count: int) -> None:
        for _ in range(count):
            for number in range(rules.digest.NEWS):  # so many new people are news
                await team.file(VPN, by=f"U{clock():%j}{number}")
            await work()
            for _ in range(7):
                clock.forward(days=1)
                await digests.open_due(kit, clock())
                await work()

    return pass_by


# Length


@pytest.mark.parametrize("length", ["3", "5"])
async def test_a_digest_is_as_long_as_was_chosen(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, length: str
) -> None:
    await subscribe(kit, clock(), length=length)
    for words in (
        DOCS,
        VPN,
        "breakpoints are never hit",
        "the linter takes ten minutes",
        "no log of the worker",
        "502",
    ):
        await team.file(words)
    await digests.send_now(kit, TIM, clock())
    await work()
    (told,) = slack.told(TIM)
    assert f"{length}. F-" in told
    assert f"{int(length) + 1}. F-" not in told
    assert f"{6 - int(length)} more in your areas" in told


# Pausing


async def test_who_pauses_on_the_morning_of_a_digest_misses_the_next_one_and_gets_the_one_after(
    kit: Kit, slack: FakeSlack, clock: Clock, weeks: Callable[[int], Awaitable[None]]
) -> None:
    await subscribe(kit, clock())
    await weeks(1)
    clock.forward(minutes=5)  # it has come, and is read
    assert await subscriptions.pause(kit, TIM, 1, clock()) == (
        "Your digest is paused until 16 November. The next one comes on Monday, 23 November."
    )
    assert len(slack.told(TIM)) == 1
    await weeks(1)
    assert len(slack.told(TIM)) == 1
    await weeks(1)
    assert len(slack.told(TIM)) == 2


async def test_a_digest_after_a_pause_tells_of_the_whole_pause(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    await subscriptions.pause(kit, TIM, 4, clock())
    await team.file(DOCS)
    clock.now = MONDAY + 5 * WEEK
    await digests.open_due(kit, clock())
    await work()
    assert DOCS in slack.told(TIM)[0]


async def test_a_pause_by_a_day_ends_on_that_day(kit: Kit, clock: Clock) -> None:
    paused = await subscribe(kit, clock(), paused_until="2026-11-23")
    assert wall(paused) == "Mon 23 Nov 09:00"
    assert "paused until 23 November. The next one comes on Monday, 23 November." in subscriptions.in_words(
        paused, clock()
    )
    later = paused.next_due_at - dt.timedelta(hours=1)
    assert "paused" not in subscriptions.in_words(await now_of(kit), later)


async def test_saving_the_form_does_not_move_a_pause_that_it_only_showed(kit: Kit, clock: Clock) -> None:
    await subscribe(kit, clock())
    await subscriptions.pause(kit, TIM, 1, clock.forward(minutes=5))
    before = await now_of(kit)
    until = subscriptions.seen(before, clock()).paused_until
    assert until is not None
    after = await subscribe(kit, clock(), areas="docs", paused_until=until.isoformat())
    assert (after.paused_until, after.next_due_at) == (before.paused_until, before.next_due_at)


async def test_pausing_and_resuming_a_two_weekly_digest_keeps_its_weeks(kit: Kit, clock: Clock) -> None:
    first = await subscribe(kit, clock(), every="two-weeks")
    for weeks in (1, 2, 4, 1):
        await subscriptions.pause(kit, TIM, weeks, clock.forward(hours=7))
        await subscriptions.resume(kit, TIM, clock.forward(hours=7))
        assert ((await now_of(kit)).next_due_at - first.next_due_at) % (2 * WEEK) == dt.timedelta()
    changed = await subscribe(kit, clock(), every="two-weeks", areas="docs")
    assert (changed.next_due_at - first.next_due_at) % (2 * WEEK) == dt.timedelta()


async def test_what_waits_to_be_sent_is_not_sent_into_a_pause(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    await team.file(DOCS)
    clock.now = MONDAY + WEEK
    await digests.open_due(kit, clock())
    await subscriptions.pause(kit, TIM, 2, clock())
    await work()
    assert slack.told(TIM) == []
    await subscriptions.resume(kit, TIM, clock())
    clock.now = MONDAY + 2 * WEEK
    await digests.open_due(kit, clock())
    await work()
    assert DOCS in slack.told(TIM)[0]  # it was told nobody yet


async def test_changing_a_digest_in_the_minute_it_is_due_does_not_lose_it(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    await team.file(DOCS)
    clock.now = MONDAY + WEEK + dt.timedelta(seconds=20)
    await subscribe(kit, clock(), at="17:00")
    assert await digests.open_due(kit, clock()) == 1
    await work()
    assert len(slack.told(TIM)) == 1
    assert wall(await now_of(kit)) == "Mon 09 Nov 17:00"


# Ending


async def test_who_ends_it_gets_nothing_and_who_undoes_that_is_subscribed_as_before(
    kit: Kit, slack: FakeSlack, clock: Clock, weeks: Callable[[int], Awaitable[None]]
) -> None:
    await subscribe(kit, clock())
    before = await now_of(kit)
    assert await subscriptions.unsubscribe(kit, TIM, clock())
    assert not await subscriptions.unsubscribe(kit, TIM, clock())
    with pytest.raises(digests.Unknown):
        await digests.send_now(kit, TIM, clock())
    await subscriptions.undo(kit, TIM, clock())
    assert await now_of(kit) == before
    await subscriptions.unsubscribe(kit, TIM, clock())
    await weeks(2)
    assert slack.told(TIM) == []
    await subscriptions.forget(kit, clock.forward(hours=1))
    assert await subscriptions.undo(kit, TIM, clock()) == subscriptions.TOO_LATE
    assert await subscriptions.current(kit, TIM) is None


async def test_who_subscribes_after_ending_it_starts_anew(kit: Kit, clock: Clock) -> None:
    await subscribe(kit, clock(), every="two-weeks")
    await subscriptions.unsubscribe(kit, TIM, clock())
    again = await subscribe(kit, clock(), every="day")
    assert (again.ended_at, again.every, wall(again)) == (None, "day", "Tue 03 Nov 09:00")


# People who leave, come back, and go elsewhere


async def test_who_is_deactivated_is_paused_and_who_comes_back_gets_the_next_one(
    kit: Kit, slack: FakeSlack, clock: Clock, work: Work, weeks: Callable[[int], Awaitable[None]]
) -> None:
    await subscribe(kit, clock())
    slack.people[TIM].deleted = True
    await readers.noticed(kit, TIM, clock())
    await weeks(2)
    assert len(slack.called("chat.postMessage")) == 1  # the card; nothing was tried
    slack.people[TIM].deleted = False
    await readers.noticed(kit, TIM, clock())
    await work()
    assert slack.told(TIM) == []
    await weeks(1)
    assert len(slack.told(TIM)) == 1


async def test_a_refused_digest_is_not_tried_again_not_even_after_a_restart(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock())
    await team.file(DOCS)
    await work()
    slack.people[TIM].deleted = True
    clock.now = MONDAY + WEEK
    await digests.open_due(kit, clock())
    await work()
    tried = len(slack.called("chat.postMessage"))
    for _ in range(3):
        await work(hours=5)
        await digests.open_due(kit, clock())
    assert len(slack.called("chat.postMessage")) == tried
    assert (await now_of(kit)).paused_because == "user_disabled"


@pytest.mark.parametrize("tz", ["Asia/Kolkata", "Pacific/Auckland", "America/Sao_Paulo", "Pacific/Honolulu"])
async def test_who_goes_elsewhere_gets_it_at_the_same_hour_there(
    kit: Kit, slack: FakeSlack, clock: Clock, work: Work, tz: str
) -> None:
    before = wall(await subscribe(kit, clock()))
    slack.people[TIM].tz = tz
    await readers.noticed(kit, TIM, clock())
    await work()
    after = await now_of(kit)
    assert (after.tz, wall(after)) == (tz, before)


async def test_a_zone_that_somebody_chose_stays(kit: Kit, slack: FakeSlack, clock: Clock, work: Work) -> None:
    await subscribe(kit, clock(), tz="America/New_York", tz_chosen=True)
    slack.people[TIM].tz = "Asia/Tokyo"
    await readers.noticed(kit, TIM, clock())
    await work()
    assert (await now_of(kit)).tz == "America/New_York"


async def test_a_zone_that_nobody_knows_changes_nothing(kit: Kit, slack: FakeSlack, clock: Clock, work: Work) -> None:
    before = await subscribe(kit, clock())
    slack.people[TIM].tz = "Mars/Phobos"
    await readers.noticed(kit, TIM, clock())
    await work()
    assert await now_of(kit) == before


async def test_who_travels_gets_one_digest_for_each_day_and_no_day_twice(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock(), every="day")
    sent: list[dt.datetime] = []
    for tz in ("Pacific/Auckland", "Pacific/Honolulu", "Asia/Kolkata", "Pacific/Kiritimati", "America/Sao_Paulo"):
        slack.people[TIM].tz = tz
        await readers.noticed(kit, TIM, clock())
        for _ in range(24):
            clock.forward(hours=3)
            before = len(slack.told(TIM))
            await team.file(DOCS, by=f"U{clock():%j%H}")
            await digests.open_due(kit, clock())
            await work()
            sent += [clock().astimezone(ZoneInfo(tz))] * (len(slack.told(TIM)) - before)
    days = [moment.date() for moment in sent]
    assert days == sorted(set(days))
    assert len(days) >= 14


@pytest.mark.parametrize(
    ("tz", "down", "up"),
    [
        ("Europe/Berlin", dt.datetime(2027, 3, 26, tzinfo=dt.UTC), dt.datetime(2027, 3, 31, tzinfo=dt.UTC)),
        ("Pacific/Auckland", dt.datetime(2027, 4, 1, tzinfo=dt.UTC), dt.datetime(2027, 4, 7, tzinfo=dt.UTC)),
        ("Australia/Lord_Howe", dt.datetime(2027, 9, 30, tzinfo=dt.UTC), dt.datetime(2027, 10, 7, tzinfo=dt.UTC)),
        ("Africa/Casablanca", dt.datetime(2027, 2, 4, tzinfo=dt.UTC), dt.datetime(2027, 2, 10, tzinfo=dt.UTC)),
    ],
)
async def test_a_digest_that_fell_due_over_a_change_of_clocks_comes_late_once_and_the_next_at_nine(
    team: Team,
    kit: Kit,
    slack: FakeSlack,
    clock: Clock,
    work: Work,
    tz: str,
    down: dt.datetime,
    up: dt.datetime,
) -> None:
    clock.now = down
    before = await subscribe(kit, clock(), every="day", tz=tz)
    await team.file(DOCS)
    await work()
    clock.now = up
    assert await digests.open_due(kit, clock()) == 1
    await work()
    assert len(slack.told(TIM)) == 1
    after = await now_of(kit)
    assert wall(after).endswith("09:00")
    offsets = [each.next_due_at.astimezone(ZoneInfo(tz)).utcoffset() for each in (before, after)]
    assert offsets[0] != offsets[1]


# Channels


async def test_a_digest_goes_to_a_channel_and_nothing_private_goes_with_it(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock(), BACKEND, person=TIM)
    await team.flag(ANA, SECRET, slack.said(SECRET, BEN, "the zanzibar runbook is outdated"))
    await team.file("zanzibar is slow", private=True)
    await team.file(DOCS)
    await work()
    clock.now = MONDAY + WEEK
    await digests.open_due(kit, clock())
    await work()
    (message,) = slack.posted(BACKEND)
    assert DOCS in message["text"]
    assert "zanzibar" not in json.dumps(message)
    assert "private report" in message["text"]


@pytest.mark.parametrize(
    ("happens", "because"),
    [
        ({"shared": True}, "shared"),
        ({"archived": True}, "is_archived"),
        ({"members": {TIM}}, "not_in_channel"),
    ],
)
async def test_a_channel_where_it_cannot_be_read_any_more_gets_no_digest_until_that_is_mended(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, happens: dict[str, object], because: str
) -> None:
    await subscribe(kit, clock(), BACKEND, person=TIM)
    before = vars(slack.channels[BACKEND]).copy()
    vars(slack.channels[BACKEND]).update(happens)
    await team.file(DOCS)
    clock.now = MONDAY + WEEK
    await digests.open_due(kit, clock())
    await work()
    assert slack.posted(BACKEND) == []
    assert (await now_of(kit, BACKEND)).paused_because == because
    told = await doctor.examine(kit, await kit.slack.identity(), clock())
    assert [each.text for each in told if not each.well] == [
        f"The digest of {BACKEND} is stopped, as Slack refused it ({because})."
    ]
    vars(slack.channels[BACKEND]).update({name: before[name] for name in happens})
    await subscriptions.resume(kit, BACKEND, clock())
    clock.now = MONDAY + 2 * WEEK
    await digests.open_due(kit, clock())
    await work()
    assert len(slack.posted(BACKEND)) == 1


async def test_a_digest_that_may_stand_in_a_busy_channel_is_looked_for_on_every_page(
    team: Team, kit: Kit, slack: FakeSlack, clock: Clock, work: Work
) -> None:
    await subscribe(kit, clock(), BACKEND, person=TIM)
    await team.file(DOCS)
    await work()
    slack.next("chat.postMessage", DROPPED)
    clock.now = MONDAY + WEEK
    await digests.open_due(kit, clock())
    await work()
    for number in range(350):
        slack.said(BACKEND, ANA, f"chatter {number}")
    await work(minutes=5)
    assert len(slack.posted(BACKEND)) == 1


async def test_a_channel_keeps_its_digest_when_slack_gives_it_another_id(kit: Kit, clock: Clock) -> None:
    await subscribe(kit, clock(), BACKEND, person=TIM)
    await clusters.channel_moved(kit, BACKEND, "C0NEW")
    assert await subscriptions.current(kit, BACKEND) is None
    assert (await now_of(kit, "C0NEW")).person == TIM


async def test_an_admin_may_change_the_digest_of_a_channel_they_are_not_in(kit: Kit, slack: FakeSlack) -> None:
    slack.channels[BACKEND].members.discard(ADA)
    await readers.permit(kit, ADA, BACKEND)
    with pytest.raises(readers.Refused, match="somebody else"):
        await readers.permit(kit, ADA, TIM)


# The Home


async def test_the_home_shows_ones_own_digest_and_those_of_channels_that_one_wanted(
    kit: Kit, slack: FakeSlack, clock: Clock
) -> None:
    await home.draw(kit, TIM, clock())
    assert "You get no digest." in json.dumps(slack.homes[TIM])
    await subscribe(kit, clock(), BACKEND, person=TIM, every="day")
    await subscribe(kit, clock())
    await subscriptions.pause(kit, TIM, 2, clock())
    await home.draw(kit, TIM, clock())
    shown = json.dumps(slack.homes[TIM], ensure_ascii=False)
    assert "Your digest: all areas · every week, Monday 09:00 (Europe/Berlin) · paused until 16 November." in shown
    assert f"The digest of <#{BACKEND}>: all areas · every day 09:00 (Europe/Berlin)." in shown
    assert shown.index("Your digest") < shown.index("The digest of")
    assert "You get no digest." not in shown
