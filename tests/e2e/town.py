"""A bot at work in a real local Slack: what people do there, and what they see."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlencode

import aiohttp
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app
from slack_sdk.socket_mode.request import SocketModeRequest

import storage.outbox
from bot import app, clock, views
from bot.demo import company
from bot.demo.company import Channel, Person
from bot.demo.local_slack import LocalSlack
from bot.demo.stage import Message
from bot.flows import export
from bot.listeners.commands import SAVED
from bot.settings import Settings

PATIENCE = 5.0
PAUSE = 0.05

#: What one tap in a report's answer says that it cost.
COSTS = [*views.report.COSTS.values(), "more"]

T = TypeVar("T")

_NUMBERS = re.compile(
    r"(?P<area>[\w-]+)( · [a-z ]+)?? · (?P<developers>\d+) developers?( · backed by (?P<leads>\d+) leads?)?( · .*)?"
)


async def eventually(
    look: Callable[[], Awaitable[T]], is_so: Callable[[T], object] = bool, within: float = PATIENCE
) -> T:
    """What `look` sees as soon as it `is_so`; an AssertionError with the last that was seen when time is up."""
    end = asyncio.get_running_loop().time() + within
    while not is_so(seen := await look()):
        if asyncio.get_running_loop().time() > end:
            raise AssertionError(f"after {within} seconds there is still {seen!r}")
        await asyncio.sleep(PAUSE)
    return seen


@dataclass(frozen=True)
class Card:
    """A card as people read it."""

    handle: str
    title: str
    area: str
    developers: int
    leads: int
    ts: str
    text: str


class Town:
    """The made-up company's Slack with the bot in it."""

    def __init__(self, slack: LocalSlack, settings: Settings) -> None:
        """`slack` is running; the bot is started with `working`."""
        self.slack = slack
        self.settings = settings
        self.bot: app.Running
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        self._ahead = dt.timedelta()

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """The bot at work, on the database that the settings name."""
        async with contextlib.AsyncExitStack() as self._at_work:
            self.bot = await self._at_work.enter_async_context(app.running(self.settings, paced=False))
            yield

    async def restarts(self, after: dt.timedelta = dt.timedelta()) -> None:
        """The bot stops, and starts `after` a while on the same database."""
        await self._at_work.aclose()
        self.moves_to(clock.now() + after)
        self.bot = await self._at_work.enter_async_context(app.running(self.settings, paced=False))

    async def close(self) -> None:
        """Leave. The local Slack is closed by whoever started it."""
        await self._http.close()

    # What people do.

    async def types(self, person: Person, text: str, channel: Channel = company.ENGINEERING) -> None:
        """`/friction text`, with Slack's three signs escaped as Slack sends them."""
        await self.slack.command(channel.id, person.id, views.blocks.escape(text))

    async def says(self, person: Person, text: str, channel: Channel = company.ENGINEERING) -> str:
        """A message; its `ts`."""
        return await self.slack.message(channel.id, person.id, views.blocks.escape(text))

    async def edits(self, person: Person, ts: str, text: str, channel: Channel = company.ENGINEERING) -> None:
        """Their own message says something else."""
        body = {"channel": channel.id, "ts": ts, "user": person.id, "text": views.blocks.escape(text)}
        await self._do("edit-message", body)

    async def deletes(self, person: Person, ts: str, channel: Channel = company.ENGINEERING) -> None:
        """Their own message goes away."""
        await self._do("delete-message", {"channel": channel.id, "ts": ts, "user": person.id})

    async def flags(self, person: Person, ts: str, channel: Channel = company.ENGINEERING, *, on: bool = True) -> None:
        """The capture emoji on a message, or off it."""
        await self.slack.react(channel.id, ts, person.id, self.settings.capture_emoji, on)

    async def votes(self, person: Person, handle: str, emoji: str = "+1", *, on: bool = True) -> None:
        """An emoji on a card, or off it."""
        await self.slack.react(company.FRICTION.id, (await self.card(handle)).ts, person.id, emoji, on)

    async def presses(self, person: Person, message: Message, action_id: str, choice: str = "") -> None:
        """A button of a message, or `choice` in one of its menus. Fails where there is no such thing to press."""
        element = {each["action_id"]: each for each in elements(message)}.get(action_id)
        assert element is not None, f"no {action_id} among {labels(message)}"
        action = {key: element[key] for key in ("type", "action_id", "value") if key in element}
        if choice:
            action["selected_option"] = next(each for each in element["options"] if each["text"]["text"] == choice)
        await self.slack.press(message["channel"], message["ts"], person.id, action)

    async def submits(self, person: Person, **fields: str | list[str]) -> dict[str, Any]:
        """Fill in the form that stands open and send it; what the screen shows then: `view` or `view_errors`."""
        form = await self.form()
        values = {field: {"value": _filled(_field(form, field), value)} for field, value in fields.items()}
        async with self._http.ws_connect(f"{self.slack.web_url}/ui") as screen, asyncio.timeout(PATIENCE):
            await screen.send_json({"t": "view_submit", "user": person.id, "values": values})
            while (shown := await screen.receive_json())["t"] not in ("view", "view_errors"):
                pass
        return dict(shown)

    async def opens_home(self, person: Person) -> None:
        """The Home tab."""
        await self._do("open-home", {"user": person.id})

    async def shortcut(self, person: Person, callback_id: str, message: Message | None = None) -> None:
        """A global shortcut, or one in a message's menu.

        local-slack has none, so Slack's own payload is handed in here: signed, over HTTP, where Slack calls the bot; to
        Bolt with the running bot's parts where the bot listens on a socket. Its trigger and address are real ones, of
        a command typed just before.
        """
        await self.types(person, "help")
        command = await self._last_sent("slash_commands")
        payload = {
            "type": "shortcut" if message is None else "message_action",
            "callback_id": callback_id,
            "token": "verification-token",
            "action_ts": f"{clock.unix():.6f}",
            "trigger_id": command["trigger_id"],
            "team": {"id": company.TEAM, "domain": company.DOMAIN},
            "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": company.TEAM},
            "enterprise": None,
            "is_enterprise_install": False,
        }
        if message is not None:
            payload |= {
                "channel": {"id": command["channel_id"], "name": command["channel_name"]},
                "message": message,
                "message_ts": message["ts"],
                "response_url": command["response_url"],
            }
        await self._hands_over("interactive", payload)

    async def redelivers(self, kind: str) -> None:
        """What the bot was last sent of this kind (`slash_commands`, `events_api`) comes once more."""
        await self._hands_over(kind, await self._last_sent(kind))

    # What people see.

    async def whispers(self, person: Person, channel: Channel = company.ENGINEERING) -> list[Message]:
        """What the bot told this person in a channel, and nobody else, oldest first; not that it is about to."""
        told = [each for each in await self.slack.messages(channel.id) if each.get("ephemeral_to") == person.id]
        return [each for each in told if each["text"] != SAVED]

    async def whisper(self, person: Person, channel: Channel = company.ENGINEERING) -> Message:
        """The last of them."""
        return (await eventually(lambda: self.whispers(person, channel)))[-1]

    async def direct(self, person: Person) -> list[Message]:
        """What the bot told this person by direct message."""
        return await self.slack.direct_messages(person.id)

    async def cards(self) -> dict[str, Card]:
        """Handle → card. Two cards with one handle are an error."""
        cards = [_card(message) for message in await self.slack.messages(company.FRICTION.id) if _is_card(message)]
        assert len({card.handle for card in cards}) == len(cards), f"a card was posted twice: {cards}"
        return {card.handle: card for card in cards}

    async def card(self, handle: str) -> Card:
        """One card, as soon as it is there."""

        async def look() -> Card | None:
            return (await self.cards()).get(handle)

        card = await eventually(look)
        assert card is not None
        return card

    async def form(self) -> dict[str, Any]:
        """The form that stands open; empty when there is none."""
        forms = (await self.screen())["modalStack"]
        return dict(forms[-1]) if forms else {}

    async def home(self, person: Person) -> dict[str, Any]:
        """Somebody's Home tab; empty before it is drawn."""
        return dict((await self.screen())["homeViews"].get(person.id, {}).get(company.APP, {}))

    async def screen(self) -> dict[str, Any]:
        """All that local-slack shows to a browser that comes in now."""
        async with self._http.ws_connect(f"{self.slack.web_url}/ui") as screen:
            return dict((await screen.receive_json())["state"])

    async def export(self, what: str) -> list[export.Row]:
        """As `friction export` would write it."""
        kit = self.bot.kit
        return await export.rows(kit.database, kit.house.workspace_id, what, leads=kit.leads.people, now=clock.now())

    # Time.

    async def quiet(self) -> None:
        """Wait until the bot has told Slack all there is to tell; a card's rest between redraws is skipped."""

        async def nothing_pending() -> bool:
            kit = self.bot.kit
            async with kit.database.reading() as session:
                pending, first = await storage.outbox.depth(session, kit.house.workspace_id)
            if first is not None and first > clock.now():
                self.moves_to(first)
            return pending == 0

        await eventually(nothing_pending)

    def moves_to(self, moment: dt.datetime) -> None:
        """It is this moment now, for the bot."""
        self._ahead += moment - clock.now()
        clock.shift(self._ahead)
        self.bot.kit.wake.set()

    async def _do(self, gesture: str, body: Mapping[str, Any]) -> None:
        url = f"{self.slack.web_url}/_control/{gesture}"
        async with self._http.post(url, json=dict(body), raise_for_status=True):
            pass

    async def _last_sent(self, kind: str) -> dict[str, Any]:
        """A payload that the bot got; over HTTP local-slack remembers it as it went over the wire."""
        sent = [
            entry["detail"]
            for entry in (await self.screen())["log"]
            if (entry["direction"], entry["kind"]) == ("to_bot", kind)
        ]
        if isinstance(sent[-1], dict):
            return dict(sent[-1])
        if kind == "events_api":
            return dict(json.loads(sent[-1]))
        return {name: values[0] for name, values in parse_qs(sent[-1]).items()}

    async def _hands_over(self, kind: str, payload: dict[str, Any]) -> None:
        if self.settings.socket_mode:
            bolt = app.bolt_app(self.settings, self.bot.kit, self.bot.identity)
            taken = await run_async_bolt_app(bolt, SocketModeRequest(kind, "e2e", payload))
            assert taken.status == 200, taken.body
            return
        match kind:
            case "events_api":
                body, content_type = json.dumps(payload), "application/json"
            case "slash_commands":
                body, content_type = urlencode(payload), "application/x-www-form-urlencoded"
            case _:
                body, content_type = urlencode({"payload": json.dumps(payload)}), "application/x-www-form-urlencoded"
        timestamp = str(int(clock.unix()))
        secret = self.settings.slack_signing_secret.get_secret_value()
        digest = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": f"v0={digest}",
        }
        url = f"http://127.0.0.1:{self.bot.port}/slack/events"
        async with self._http.post(url, data=body.encode(), headers=headers) as answer:
            assert answer.status == 200, await answer.text()


def elements(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Everything in a message that can be pressed or chosen from."""
    found = []
    for block in message["blocks"]:
        found += [block["accessory"]] if "accessory" in block else []
        found += block["elements"] if block["type"] == "actions" else []
    return found


def labels(message: Mapping[str, Any]) -> list[str]:
    """What stands on its buttons and menus."""
    return [(each.get("text") or each["placeholder"])["text"] for each in elements(message)]


def read(shown: Any) -> str:
    """All the words in blocks, a form or a Home, a line each."""
    return "\n".join(each["text"] for each in text_objects(shown))


def text_objects(shown: Any) -> Iterator[dict[str, Any]]:
    """Every text object in it, however deep."""
    if isinstance(shown, dict):
        if shown.get("type") in ("mrkdwn", "plain_text") and isinstance(shown.get("text"), str):
            yield shown
        for value in shown.values():
            yield from text_objects(value)
    elif isinstance(shown, list):
        for value in shown:
            yield from text_objects(value)


def _is_card(message: Message) -> bool:
    blocks = message.get("blocks") or [{}]
    return not message.get("ephemeral_to") and str(blocks[0].get("block_id", "")).startswith("card-")


def _card(message: Message) -> Card:
    handle, _, title = message["blocks"][0]["text"]["text"].partition(" ")
    numbers = _NUMBERS.fullmatch(message["blocks"][1]["text"]["text"])
    assert numbers is not None, message["blocks"][1]
    return Card(
        handle=handle,
        title=title.strip(),
        area=numbers["area"],
        developers=int(numbers["developers"]),
        leads=int(numbers["leads"] or 0),
        ts=message["ts"],
        text=message["text"],
    )


def _field(form: Mapping[str, Any], name: str) -> dict[str, Any]:
    return next(dict(block["element"]) for block in form["blocks"] if block.get("block_id") == name)


def _filled(element: Mapping[str, Any], value: str | list[str]) -> dict[str, Any]:
    """A field's state as Slack sends it. A menu is filled in by an option's value, boxes by several."""
    if element["type"] == "plain_text_input":
        return {"type": element["type"], "value": value}
    options = {option["value"]: option for option in element["options"]}
    if isinstance(value, list):
        return {"type": element["type"], "selected_options": [options[each] for each in value]}
    return {"type": element["type"], "selected_option": options[value]}
