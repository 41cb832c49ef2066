"""The Web API of the paper Slack: what is written down, and the methods the bot asks it with."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from bot.demo import company
from bot.demo.stage import Message


class Sheet:
    """Every message of the paper Slack, and answers about them."""

    def __init__(self, seconds: Callable[[], float], say: Callable[[str], None]) -> None:
        """Messages are dated by `seconds` since 1970; first postings of cards, and direct messages, are `say`'d."""
        self._seconds = seconds
        self._say = say
        self._count = itertools.count(1)
        self._messages: defaultdict[str, list[Message]] = defaultdict(list)

    def read(self, channel: str) -> list[Message]:
        """Everything in a channel, oldest first."""
        return list(self._messages[channel])

    def find(self, channel: str, ts: str) -> Message:
        """One message, to be changed in place. Raises LookupError with Slack's word for it."""
        for message in self._messages[channel]:
            if message["ts"] == ts:
                return message
        raise LookupError("message_not_found")

    def write(self, channel: str, user: str, text: str) -> str:
        """Note what a person says, and return its `ts`."""
        return str(self._add(channel, {"user": user, "text": text})["ts"])

    def write_bot(self, channel: str, given: Mapping[str, Any], *, to: str = "") -> Message:
        """Note what the bot says; `to` one person only, if named."""
        private = {"subtype": "ephemeral", "ephemeral_to": to} if to else {}
        said = {"text": given.get("text", ""), "blocks": given.get("blocks", [])}
        return self._add(channel, {"user": company.BOT_USER, "bot_id": company.BOT, **said, **private})

    def react(self, channel: str, ts: str, user: str, name: str, present: bool) -> bool:
        """Put an emoji on a message or take it off. False if that changed nothing."""
        message = self.find(channel, ts)
        reactions = {each["name"]: each["users"] for each in message.get("reactions", [])}
        if present is (user in reactions.get(name, [])):
            return False
        users = [each for each in reactions.get(name, []) if each != user]
        reactions[name] = [*users, user] if present else users
        message["reactions"] = [{"name": n, "users": us, "count": len(us)} for n, us in reactions.items() if us]
        return True

    def erase(self, channel: str, ts: str) -> None:
        """Take a message away."""
        self._messages[channel].remove(self.find(channel, ts))

    def ts(self) -> str:
        """A timestamp that no message has yet."""
        return f"{int(self._seconds())}.{next(self._count):06d}"

    def id(self, kind: str) -> str:
        """An id that nothing has yet."""
        return f"{kind}{next(self._count)}"

    def answer(self, method: str, given: dict[str, Any]) -> dict[str, Any]:
        """What Slack would answer, without `ok`. Raises LookupError with Slack's word for what is wrong."""
        channel = _channel_id(str(given.get("channel", "")))
        match method:
            case "auth.test":
                known = {"team": company.NAME, "team_id": company.TEAM, "user": company.BOT_NAME}
                return {**known, "url": "http://paper/", "user_id": company.BOT_USER, "bot_id": company.BOT}
            case "chat.postMessage":
                message = self.write_bot(channel, given)
                if channel == company.FRICTION.id or channel.startswith("D"):
                    self._say(f"{_title(channel)}  {message['text']}")
                return {"channel": channel, "ts": message["ts"], "message": message}
            case "chat.postEphemeral":
                return {"message_ts": self.write_bot(channel, given, to=str(given["user"]))["ts"]}
            case "chat.update":
                self.find(channel, given["ts"]).update({key: given[key] for key in given.keys() & {"text", "blocks"}})
                return {"channel": channel, "ts": given["ts"], "text": given.get("text", "")}
            case "chat.delete":
                self.erase(channel, given["ts"])
                return {"channel": channel, "ts": given["ts"]}
            case "chat.getPermalink":
                ts = self.find(channel, given["message_ts"])["ts"]
                return {"channel": channel, "permalink": f"http://paper/archives/{channel}/p{ts.replace('.', '')}"}
            case "conversations.info":
                return {"channel": _channel(channel)}
            case "conversations.list" | "users.conversations":
                return {"channels": [_channel(each.id) for each in company.CHANNELS]}
            case "conversations.open":
                return {"channel": {"id": direct(str(given["users"]).split(",")[0])}}
            case "conversations.members":
                return {"members": [*(person.id for person in company.PEOPLE), company.BOT_USER]}
            case "conversations.history":
                seen = [m for m in reversed(self.read(channel)) if "ephemeral_to" not in m]
                low, high = str(given.get("oldest", "0")), str(given.get("latest", "9" * 10))
                return {"messages": [m for m in seen if low <= m["ts"] <= high][: int(given.get("limit", 100))]}
            case "conversations.replies":
                return {"messages": [self.find(channel, given["ts"])]}
            case "reactions.get":
                return {"type": "message", "channel": channel, "message": self.find(channel, given["timestamp"])}
            case "users.info":
                return {"user": person_object(str(given["user"]))}
            case "users.list":
                return {"members": [person_object(person.id) for person in company.PEOPLE]}
            case "usergroups.users.list":
                return {"users": []}
            case "views.open" | "views.publish":
                return {"view": {"id": self.id("V")}}
        raise LookupError("unknown_method")

    def _add(self, channel: str, message: Message) -> Message:
        self._messages[channel].append({"type": "message", "ts": self.ts(), **message})
        return self._messages[channel][-1]


def direct(user: str) -> str:
    """The channel of the bot's direct messages with a person."""
    return f"D{user[1:]}"


def _channel_id(reference: str) -> str:
    """By id, by `#name` or name; a person's id means the direct messages with them."""
    if reference.startswith("U"):
        return direct(reference)
    return next((each.id for each in company.CHANNELS if each.name == reference.lstrip("#")), reference)


def _title(channel: str) -> str:
    for person in company.PEOPLE:
        if channel == direct(person.id):
            return f"to @{person.name}"
    return f"#{_channel(channel)['name']}"


def _channel(channel: str) -> dict[str, Any]:
    kind = {"is_private": False, "is_mpim": False, "is_archived": False, "is_member": True, "is_ext_shared": False}
    if channel.startswith("D"):
        return {**kind, "id": channel, "is_im": True}
    for each in company.CHANNELS:
        if each.id == channel:
            return {**kind, "id": each.id, "name": each.name, "is_channel": True, "is_im": False}
    raise LookupError("channel_not_found")


def person_object(user: str) -> dict[str, Any]:
    """A person as users.info shows them. Raises LookupError with Slack's word for a stranger."""
    for person in company.PEOPLE:
        if person.id == user:
            profile = {"real_name": person.real_name, "display_name": person.name}
            known = {"is_bot": False, "deleted": False, "team_id": company.TEAM, "profile": profile}
            return {**vars(person), **known}
    raise LookupError("user_not_found")
