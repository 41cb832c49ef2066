"""People at work in a workspace: what they do, at random, and what of it the app said it took."""

from __future__ import annotations

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fakes.delivery import written
from fakes.load import Connection
from fakes.slack import FakeSlack
from fakes.world import BOT, TEAM

#: What the app says when it did not take something after all.
NOT_TAKEN = "could not save"

FLAG = "triangular_flag_on_post"

Json = dict[str, Any]


@dataclass
class Taken:
    """What the app acknowledged, by the key that the report, the vote or the decision must have in its database.

    `votes`: the moment and the state of each reaction that was acknowledged; `known`: the reports whose number their
    author was told, with the author; `urls`: where each command that was only said to be saved is answered.
    """

    reports: set[str] = field(default_factory=set)
    votes: dict[tuple[str, str, str, str], list[tuple[str, bool]]] = field(default_factory=lambda: defaultdict(list))
    known: dict[int, str] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)
    moved: dict[int, str] = field(default_factory=dict)
    urls: set[str] = field(default_factory=set)


class People:
    """A few people, side by side, each doing one thing after another."""

    def __init__(
        self, slack: FakeSlack, chance: random.Random, words: Sequence[str], *, cards: str, place: str
    ) -> None:
        """`words`: what they complain about; `cards`, `place`: the friction channel, and one where they talk."""
        self.slack, self.chance, self.words, self.cards, self.place = slack, chance, words, cards, place
        self.names = [f"U{number:03}" for number in range(40)]
        for name in self.names:
            slack.person(name)
        for channel in (cards, place):
            slack.channels[channel].members |= set(self.names)
        self.taken = Taken()
        self.count = 0
        self._unheard: list[Json] = []

    async def work(self, port: int, side_by_side: int, until: asyncio.Event) -> None:
        """Do things until then. What is sent when the app is gone has not been taken, and nobody minds."""

        async def one() -> None:
            connection = Connection(port)
            while not until.is_set():
                await self.one_thing(connection)
            connection.close()

        await asyncio.gather(*(one() for _ in range(side_by_side)))

    async def one_thing(self, connection: Connection) -> None:
        """One of them does one thing."""
        does = self.chance.choices(
            [self._types, self._fills_in, self._saves, self._flags, self._votes, self._withdraws, self._moves],
            [30, 10, 8, 8, 20, 4, 6],
        )[0]
        self.count += 1
        await does(connection, self.chance.choice(self.names))

    async def hear_again(self, port: int) -> None:
        """Slack sends once more what happened while the app was gone."""
        connection, unheard = Connection(port), self._unheard
        self._unheard = []
        for payload in unheard:
            await self._happens(connection, payload)
        connection.close()

    # What they do

    async def _types(self, connection: Connection, person: str) -> None:
        url, trigger = self.slack.response_url(), self.slack.trigger()
        payload = {
            "command": "/friction",
            "text": self.chance.choice(self.words),
            "user_id": person,
            "team_id": TEAM,
            "channel_id": self.place,
            "channel_name": "backend",
            "trigger_id": trigger,
            "response_url": url,
        }
        for _ in range(self.chance.choice((1, 1, 1, 2))):  # now and then Slack delivers twice
            status, text = await self._send(connection, payload)
            if status == 200 and NOT_TAKEN not in text:
                self.taken.reports.add(f"command:{trigger}")
                told = _number(text)
                if told:
                    self.taken.known[told] = person
                else:
                    self.taken.urls.add(url)

    async def _fills_in(self, connection: Connection, person: str) -> None:
        key, unnamed = f"{self.slack.trigger()}{person}", self.chance.random() < 0.3
        values: Json = {"words": {"value": {"type": "plain_text_input", "value": self.chance.choice(self.words)}}}
        if unnamed:
            values["anonymous"] = {"value": {"type": "checkboxes", "selected_options": [{"value": "yes"}]}}
        view = {
            "id": f"V{key}",
            "callback_id": "report_form",
            "type": "modal",
            "private_metadata": json.dumps({"key": key, "answer": ""}),
            "state": {"values": values},
        }
        status, text = await self._send(connection, self._gesture("view_submission", person) | {"view": view})
        if status == 200 and NOT_TAKEN not in text:
            self.taken.reports.add(f"form:{key}")

    async def _saves(self, connection: Connection, person: str) -> None:
        message = self._message()
        payload = self._gesture("message_action", person) | {
            "callback_id": "friction_report_message",
            "action_ts": self.slack.ts(),
            "message": message,
            "channel": {"id": self.place, "name": "backend"},
            "response_url": self.slack.response_url(),
        }
        status, _ = await self._send(connection, payload)
        if self._done(status, payload["response_url"]):
            self.taken.reports.add(f"message:{self.place}:{message['ts']}")

    async def _flags(self, connection: Connection, person: str) -> None:
        message = self._message()
        await self._happens(connection, self.slack.reacted(person, self.place, message["ts"], FLAG))

    async def _votes(self, connection: Connection, person: str) -> None:
        if cards := self.slack.posted(self.cards):
            card, on = self.chance.choice(cards), self.chance.random() < 0.7
            await self._happens(connection, self.slack.reacted(person, self.cards, card["ts"], on=on))

    async def _withdraws(self, connection: Connection, _: str) -> None:
        if left := sorted(set(self.taken.known) - self.taken.withdrawn - set(self.taken.moved)):
            number = self.chance.choice(left)
            if await self._presses(connection, self.taken.known[number], "report_undo", str(number)):
                self.taken.withdrawn.add(number)

    async def _moves(self, connection: Connection, _: str) -> None:
        if left := sorted(set(self.taken.known) - self.taken.withdrawn - set(self.taken.moved)):
            number, area = self.chance.choice(left), self.chance.choice(("docs", "errors", "onboarding"))
            self.taken.moved[number] = ""  # whether or not it is taken, nobody else tries
            if await self._presses(connection, self.taken.known[number], f"report_area_{area}", f"{number}:{area}"):
                self.taken.moved[number] = area

    # How it gets there

    async def _presses(self, connection: Connection, person: str, action_id: str, value: str) -> bool:
        action = {"type": "button", "action_id": action_id, "block_id": "b", "value": value}
        payload = self._gesture("block_actions", person) | {
            "container": {"type": "message", "message_ts": "1.1", "channel_id": self.place, "is_ephemeral": True},
            "channel": {"id": self.place, "name": "backend"},
            "state": {"values": {}},
            "response_url": self.slack.response_url(),
            "actions": [action | {"action_ts": self.slack.ts()}],
        }
        status, _ = await self._send(connection, payload)
        return self._done(status, payload["response_url"])

    async def _happens(self, connection: Connection, payload: Json) -> None:
        event = payload["event"]
        status, _ = await self._send(connection, payload)
        if status != 200:
            self._unheard.append(payload)
            return
        item, on = event["item"], event["type"] == "reaction_added"
        key = (item["channel"], item["ts"], event["user"], event["reaction"])
        self.taken.votes[key].append((event["event_ts"], on))
        if event["reaction"] == FLAG:
            self.taken.reports.add(f"message:{item['channel']}:{item['ts']}")

    def _message(self) -> Json:
        said = self.slack.said(self.place, self.chance.choice(self.names), self.chance.choice(self.words))
        return next(each for each in self.slack.channels[self.place].messages if each["ts"] == said)

    def _gesture(self, kind: str, person: str) -> Json:
        return {
            "type": kind,
            "team": {"id": TEAM, "domain": "acme"},
            "user": {"id": person, "username": person, "team_id": TEAM},
            "trigger_id": self.slack.trigger(),
        }

    def _done(self, status: int, url: str) -> bool:
        refused = any(each.url == url and NOT_TAKEN in each.text for each in self.slack.answers)
        return status == 200 and not refused

    async def _send(self, connection: Connection, payload: Json) -> tuple[int, str]:
        raw, kind = written(payload)
        return await connection.post(raw, kind)


def _number(text: str) -> int:
    """The number of the report that an answer is about; 0 when it says none."""
    blocks = json.loads(text).get("blocks", []) if text.startswith("{") else []
    for block in blocks:
        for element in block.get("elements", ()):
            if element.get("action_id") == "report_undo":
                return int(element["value"])
    return 0


def doubled(slack: FakeSlack, channel: str) -> list[str]:
    """What stands in a channel, or in somebody's direct messages, more than once although it was to be said once."""
    keys = [
        block["block_id"]
        for message in slack.channels[channel].messages
        if message.get("user") == BOT
        for block in message.get("blocks", ())[:1]
        if "block_id" in block
    ]
    return sorted({key for key in keys if keys.count(key) > 1})
