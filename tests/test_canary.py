"""What was said in private, without a name, taken back, or is a secret, is looked for wherever it must not be.

Each of them has a word of its own that stands nowhere else. One story makes all the gestures, by Slack's own payloads;
then everybody asks for everything that can be asked for.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
import zipfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ADA, ANA, BACKEND, BEN, CARDS, CEM, DOCS, DOCS_TOO, DORA, LEA, SECRET, TIM, VPN, Clock, stored
from fakes.slack import BOT, FakeSlack
from prometheus_client import generate_latest
from test_listeners import Door, Json, Work, backend, buttons, clock, door_to, way  # noqa: F401 # fixtures

import storage.fits
from bot import clock as clocks
from bot import logs, rules, views
from bot.flows import digest as digests
from bot.flows import export, hearing, learn, regroup, replay
from bot.flows import quarter as quarters
from bot.flows import subscription as subscriptions
from bot.flows.kit import Groups, Kit

#: A word, and who may ever be shown it; whoever is not named must not. Ana and Ben are in the private channel.
INSIDE = frozenset({ANA, BEN})
MAY_READ = {
    "zqcommand": INSIDE,
    "zqdirect": frozenset({ANA}),
    "zqdetail": INSIDE,
    "zqflagged": INSIDE,
    "zqedited": INSIDE,
    "zqshortcut": INSIDE,
    "zqlonely": INSIDE,
}

#: Taken back by who said it, or by the message's deletion. Public until then, and nowhere afterwards.
#: Words that stemming leaves as they are: a model knows no others.
GONE = ("zqundo", "zqdelet", "zqwithdraw", "zqvanish")

#: Who reports without a name: the id and the name, which nothing may have but what is sent to them alone.
UNNAMED, UNNAMED_NAME = "U0ZQUNNAMED", "Zqnobody"

TOKEN = "ghp_" + "Zq7aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zab"

OTHERS = (CEM, TIM, LEA, ADA, DORA)


class Ears(Door):
    """The door, and all that anybody was told, with who it was."""

    def __init__(self, door: Door) -> None:
        super().__init__(door.bolt, door.slack, socket=door.socket)
        self._people: dict[str, str] = {}
        self._acked: list[tuple[str, str]] = []

    async def send(self, body: Json, **headers: str) -> tuple[int, Json]:
        person = str(body.get("user_id") or body.get("user", {}).get("id") or "")
        for key in ("response_url", "trigger_id"):
            self._people[str(body.get(key))] = person
        status, answered = await super().send(body, **headers)
        self._acked.append((person, _flat(answered)))
        return status, answered

    def heard(self) -> list[tuple[str, str]]:
        """Who was sent what, ever; where several can read it, it was nobody in particular: the empty name."""
        told = [(self._person(arguments), _flat(arguments)) for _, arguments in self.slack.calls]
        return self._acked + told + [(self._people.get(each.url, ""), _flat(each.body)) for each in self.slack.answers]

    def _person(self, arguments: Json) -> str:
        if "trigger_id" in arguments:
            return self._people.get(str(arguments["trigger_id"]), "")
        channel = str(arguments.get("channel", ""))
        own = channel[1:] if channel.startswith("DU") else ""
        return str(arguments.get("user_id") or arguments.get("user") or own)


def _flat(what: Any) -> str:
    """In one case, and with nothing spelled in another way."""
    return json.dumps(what, ensure_ascii=False, default=str).lower()


def _inside(file: bytes) -> str:
    """What is in a model or an index, whichever way its words are written."""
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        raw = b"".join(parts.read(name) for name in parts.namelist())
    return (raw.decode("latin-1") + raw.replace(b"\0", b"").decode("latin-1")).lower()


def _on_disk(folder: Path) -> str:
    return "".join(_inside(each.read_bytes()) for each in folder.glob("groups-*.npz"))


async def _learned(kit: Kit) -> str:
    async with kit.database.reading() as session:
        model = await storage.fits.model(session, kit.house.workspace_id)
    return _inside(model.file) if model else ""


def _listen(caplog: pytest.LogCaptureFixture) -> None:
    for ours in ("bot", "storage", "classifiers"):
        caplog.set_level(logging.DEBUG, logger=ours)


def _logged(caplog: pytest.LogCaptureFixture) -> str:
    """The lines that are written: the libraries' own are quiet by `bot.logs`, whatever the level."""
    ours = [each for each in caplog.records if each.name.startswith(("bot", "storage", "classifiers", "__main__"))]
    return "\n".join(form.format(each) for form in (logs.Json(), logs.Plain()) for each in ours).lower()


@pytest.fixture
def kit(kit: Kit, tmp_path: Path) -> Kit:
    """The same, with a folder that holds nothing of other tests."""
    return replace(kit, groups=Groups(kit.groups.space, kit.house.workspace_id, tmp_path))


@pytest.fixture
async def door(door_to: Any, kit: Kit, slack: FakeSlack) -> Ears:
    slack.channels[SECRET].members -= set(OTHERS)
    slack.person(UNNAMED, UNNAMED_NAME)
    await subscriptions.subscribe(
        kit, TIM, areas="all", every="week", weekday="mon", at="09:00", tz="UTC", now=clocks.now()
    )
    return Ears(door_to(kit))


def _message(slack: FakeSlack, channel: str, person: str, words: str) -> Json:
    slack.said(channel, person, words)
    return slack.channels[channel].messages[-1]


async def _everything_private(door: Ears, slack: FakeSlack, work: Work) -> None:
    """Reports from private places, by every gesture."""
    inside = {"channel_id": SECRET, "channel_name": "privategroup"}
    told = await door.command(f"{DOCS} zqcommand", ANA, **inside)
    await door.click("report_detail", buttons(told)["report_detail"])
    await door.submit(words="zqdetail it is the one of last year")
    await door.command(f"{DOCS} zqdirect", ANA, channel_id=f"D{ANA}", channel_name="directmessage")
    await door.command("the zqlonely debugger hangs when it attaches to a breakpoint", ANA, **inside)
    flagged = _message(slack, SECRET, ANA, f"{DOCS_TOO} zqflagged")
    await door.react(BEN, SECRET, flagged["ts"], "triangular_flag_on_post", author=ANA)
    await work()
    changed = flagged | {"text": f"{DOCS_TOO} zqflagged zqedited", "edited": {"user": ANA, "ts": slack.ts()}}
    await door.event(type="message", subtype="message_changed", channel=SECRET, message=changed)
    saved = _message(slack, SECRET, ANA, f"{VPN} zqshortcut")
    await door.send(door.a_message_shortcut(saved, BEN, SECRET, "privategroup"))
    await work(minutes=1)


async def _all_public(door: Ears, work: Work) -> None:
    """What may be read by everybody, beside it."""
    await door.command(DOCS, BEN)
    await door.command(VPN, CEM)
    await work()


async def _deciding(door: Ears, slack: FakeSlack, work: Work) -> None:
    """A TPM opens every form, and decides something with each kind of words."""
    for number in range(1, 5):
        for gesture in ("merge", "split", "rename", "workaround", "more", "retag"):
            await door.send(door.a_click("cluster_desk", f"{gesture}:{number}", ADA, menu=True))
        await door.send(door.a_click("cluster_status", f"status:{number}", ADA, menu=True))
        await door.click("cluster_show", str(number), TIM)
        await door.click("cluster_why", str(number), TIM)
    for number, card in enumerate(slack.posted(CARDS), 1):
        for status in ("planned", "shipped"):
            await door.send(door.a_click("cluster_status", f"status:{number}", ADA, menu=True))
            await door.confirm(ADA, status=status, reason=f"{status} this week")
        await door.send(door.a_click("cluster_desk", f"workaround:{number}", ADA, menu=True))
        await door.submit(ADA, words="ask in the channel")
        await door.react(CEM, CARDS, card["ts"], author=BOT)
    await work(hours=1)


async def _hearing(kit: Kit, clock: Clock, work: Work) -> None:
    """Who has a problem, by report or by vote, hears what became of it, and is asked whether it is gone."""
    for days in (0, 15):
        clock.now = rules.hearing.allowed(clock() + dt.timedelta(days=days), "Europe/Berlin")
        await hearing.open_due(kit, clock())
        await work(minutes=1)


async def _asking(door: Ears, kit: Kit, work: Work) -> list[str]:
    """Everybody asks for everything there is; gives back what is not sent to anybody by Slack."""
    for person in OTHERS:
        for typed in ("top", "top docs", "find deploy docs", "find debugger hangs", "mine", "settings", "help"):
            await door.command(typed, person)
        for number in range(1, 7):
            await door.command(f"show F-{number}", person)
        await door.event(type="app_home_opened", user=person, channel=f"D{person}", tab="home")
        await door.click("home_quarter", "quarter", person)
        await door.click("own_held", "me", person)
    now = clocks.now()
    await digests.send_now(kit, TIM, now)
    await work(minutes=1)
    found = [
        _flat(await export.rows(kit.database, kit.house.workspace_id, what, leads=(LEA,), now=now))
        for what in export.WHAT
    ]
    found.append(await digests.preview(kit, TIM, now))
    found.append(views.quarter.text(await quarters.compose(kit, _quarter(now), now)))
    found.append(await replay.as_of(kit, TIM, f"{now:%Y-%m-%d}", now))
    found.append(repr(await replay.between(kit, "", f"{now:%Y-%m-%d}", f"{now:%Y-%m-%d}", now)))
    found.append(generate_latest().decode())
    return [each.lower() for each in found]


def _quarter(now: Any) -> str:
    return f"{now.year}Q{(now.month + 2) // 3}"


def _hits(words: Iterable[str], where: dict[str, str]) -> list[str]:
    return [f"{word} in {place}" for word in words for place, said in where.items() if word.lower() in said.lower()]


async def test_what_was_said_in_private_is_read_by_nobody_who_was_not_there(
    door: Ears, kit: Kit, slack: FakeSlack, clock: Clock, work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    _listen(caplog)
    await _everything_private(door, slack, work)
    await _all_public(door, work)
    await _deciding(door, slack, work)
    await _hearing(kit, clock, work)
    assert "was shipped" in str(slack.told(CEM))  # by vote, also of what he may not read
    found = await _asking(door, kit, work)
    wrong = [
        f"{word} was told to {person or 'everybody'}: {said[:400]}"
        for word, may in MAY_READ.items()
        for person, said in door.heard()
        if word in said and person not in may
    ]
    assert wrong == []
    assert _hits(MAY_READ, {f"export {at}": said for at, said in enumerate(found)} | {"log": _logged(caplog)}) == []
    # They were there to be found, and whoever may read them does.
    for word in MAY_READ:
        assert word in (await stored(kit.database)).lower()
    await door.command("mine", ANA)
    assert "zqcommand" in door.heard()[len(door._acked) - 1][1]
    whole = _flat(
        await export.rows(kit.database, kit.house.workspace_id, "reports", leads=(), now=clocks.now(), private=True)
    )
    assert "zqcommand" in whole and "zqlonely" in whole


async def test_who_reports_without_a_name_is_nowhere(
    door: Ears, kit: Kit, slack: FakeSlack, work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    _listen(caplog)
    await _all_public(door, work)
    for number, ticked in enumerate((["yes"], ["yes", "hear"])):
        await door.command("", UNNAMED)
        await door.submit(UNNAMED, words=f"{DOCS} for the {number + 2}. time", anonymous=ticked)
        await work(minutes=1)
    await _deciding(door, slack, work)
    found = await _asking(door, kit, work)
    await regroup.look(kit, clocks.now())
    words = (UNNAMED, UNNAMED_NAME)
    told = "".join(said for person, said in door.heard() if person != UNNAMED)
    where = {f"export {at}": said for at, said in enumerate(found)}
    where |= {"database": await stored(kit.database), "log": _logged(caplog), "what others are told": told}
    assert _hits(words, where) == []
    rows = await export.rows(kit.database, kit.house.workspace_id, "reports", leads=(), now=clocks.now())
    assert [row["created_at"][-9:] for row in rows if row["reporter"] is None] == ["00:00:00Z"] * 2


async def test_what_was_taken_back_is_nowhere_a_minute_later(
    door: Ears,
    kit: Kit,
    slack: FakeSlack,
    work: Work,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    small_corpus: None,
) -> None:
    _listen(caplog)
    await _all_public(door, work)
    undone = [buttons(await door.command(f"{DOCS} zqundo {number}"))["report_undo"] for number in range(6)]
    deleted = buttons(await door.command(f"{DOCS_TOO} zqdelet"))["report_undo"]
    withdrawn = _message(slack, BACKEND, ANA, f"{DOCS} zqwithdraw")
    vanished = _message(slack, BACKEND, ANA, f"{VPN} zqvanish")
    for each in (withdrawn, vanished):
        await door.react(BEN, BACKEND, each["ts"], "triangular_flag_on_post", author=ANA)
    await work()
    for each in undone:
        await door.click("report_area_errors", f"{each}:errors")
    await digests.send_now(kit, TIM, clocks.now())
    for person in OTHERS:
        await door.event(type="app_home_opened", user=person, channel=f"D{person}", tab="home")
    await learn.learn_from(kit.database, kit.house.workspace_id, kit.house.about, tmp_path / "area.npz", clocks.now())
    await regroup.look(kit, clocks.now())
    await work()
    assert "zqundo" in await _learned(kit)  # the words are in a model, as they may be until now
    assert len(_hits(GONE, {"database": await stored(kit.database)})) == len(GONE)
    assert _hits(GONE, {"index": _on_disk(tmp_path)})  # the words are in a file, as they may be until now

    asked = next(each for each in slack.posted(f"D{ANA}") if "zqwithdraw" in _flat(each))
    for each in undone:
        await door.click("report_undo", each)
    await door.click("report_delete", deleted)
    await door.click("report_undo", buttons(asked)["report_undo"])
    slack.delete(BACKEND, vanished["ts"])
    await door.event(type="message", subtype="message_deleted", channel=BACKEND, deleted_ts=vanished["ts"])
    await work(seconds=59)
    told = Counter(door.heard())
    found = await _asking(door, kit, work)
    posts = [_flat(slack.posted(each)) for each in slack.channels if each != f"D{ANA}"]
    where = {f"export {at}": said for at, said in enumerate(found)}
    where |= {"database": await stored(kit.database), "log": _logged(caplog), "index": _on_disk(tmp_path)}
    where |= {"model": await _learned(kit), "posts": "".join(posts), "homes": _flat(slack.homes)}
    where |= {"what was told since": "".join(said for _, said in Counter(door.heard()) - told)}
    assert _hits(GONE, where) == []
    # Nor in what the next night makes.
    await learn.learn_from(kit.database, kit.house.workspace_id, kit.house.about, tmp_path / "area.npz", clocks.now())
    await regroup.look(kit, clocks.now())
    where = {"database": await stored(kit.database), "model": await _learned(kit), "index": _on_disk(tmp_path)}
    assert where["model"] and where["index"]
    assert _hits(GONE, where) == []


async def test_a_secret_is_nowhere_by_whichever_gesture_it_came(
    door: Ears,
    kit: Kit,
    slack: FakeSlack,
    work: Work,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    small_corpus: None,
) -> None:
    _listen(caplog)
    leaky = f"{DOCS} and {TOKEN}"
    await door.command(leaky, channel_id=SECRET, channel_name="privategroup")
    await door.command(leaky, channel_id=f"D{ANA}", channel_name="directmessage")
    await door.command(f"find {leaky}")
    told = await door.command(DOCS, BEN)
    await door.click("report_detail", buttons(told)["report_detail"], BEN)
    await door.submit(BEN, words=leaky)
    await door.command("", UNNAMED)
    await door.submit(UNNAMED, words=leaky, anonymous=["yes"])
    flagged = _message(slack, SECRET, ANA, leaky)
    await door.react(BEN, SECRET, flagged["ts"], "triangular_flag_on_post", author=ANA)
    await door.send(door.a_message_shortcut(_message(slack, BACKEND, ANA, f"{leaky} too"), BEN))
    await work()
    changed = flagged | {"text": f"{leaky} twice", "edited": {"user": ANA, "ts": slack.ts()}}
    await door.event(type="message", subtype="message_changed", channel=SECRET, message=changed)
    await door.send(door.a_click("cluster_status", "status:1", ADA, menu=True))
    await door.confirm(ADA, status="planned", reason=leaky)
    await door.send(door.a_click("cluster_desk", "workaround:1", ADA, menu=True))
    await door.submit(ADA, words=leaky)
    await door.send(door.a_click("cluster_desk", "rename:1", ADA, menu=True))
    await door.submit(ADA, title=f"Docs {TOKEN}")
    await work(minutes=1)
    await door.click("report_area_errors", f"{buttons(told)['report_undo']}:errors", BEN)
    await learn.learn_from(kit.database, kit.house.workspace_id, kit.house.about, tmp_path / "area.npz", clocks.now())
    await regroup.look(kit, clocks.now())
    found = await _asking(door, kit, work)
    assert await _learned(kit) and _on_disk(tmp_path)
    whole = _flat(
        await export.rows(kit.database, kit.house.workspace_id, "reports", leads=(), now=clocks.now(), private=True)
    )
    where = {f"export {at}": said for at, said in enumerate([*found, whole])}
    where |= {"database": await stored(kit.database), "log": _logged(caplog), "index": _on_disk(tmp_path)}
    where |= {"model": await _learned(kit), "what anybody was told": "".join(said for _, said in door.heard())}
    assert _hits([TOKEN], where) == []
