"""The methods of the Web API that Friction calls, as they go when nothing goes wrong on the way."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import slack_limits

from fakes.scripted import Refusal
from fakes.world import BOT, BOT_ID, Channel, Person, Whisper

#: How long a trigger is good for, once [D interactivity/handling-user-interaction].
TRIGGER = dt.timedelta(seconds=3)


class Methods:
    """One workspace as the Web API shows it: `chat.postMessage` is `_chat_postMessage`."""

    clock: Callable[[], dt.datetime]
    team: str
    scopes: frozenset[str]
    charts: bool
    channels: dict[str, Channel]
    people: dict[str, Person]
    groups: dict[str, list[str]]
    whispers: list[Whisper]
    views: list[dict[str, Any]]
    homes: dict[str, dict[str, Any]]
    reactions: dict[tuple[str, str], dict[str, list[str]]]
    _triggers: dict[str, dt.datetime]

    def dm(self, person: str) -> Channel:
        raise NotImplementedError

    def ts(self) -> str:
        raise NotImplementedError

    def ticket(self) -> str:
        raise NotImplementedError

    def _open_to_us(self, id_: str) -> Channel:
        channel = self.channels.get(id_)
        if channel is None or (channel.private and BOT not in channel.members):
            raise Refusal("channel_not_found")
        return channel

    def _inside(self, id_: str) -> Channel:
        channel = self._open_to_us(id_)
        if BOT not in channel.members:
            raise Refusal("not_in_channel")
        return channel

    def _drawable(self, given: dict[str, Any]) -> None:
        blocks = given.get("blocks") or []
        if blocks and slack_limits.of_message(str(given.get("text") or "-"), blocks):
            raise Refusal("invalid_blocks")
        if not self.charts and any(block["type"] == "data_visualization" for block in blocks):
            raise Refusal("invalid_blocks")

    def _need(self, scope: str) -> None:
        if scope not in self.scopes:
            raise Refusal("missing_scope")

    def _auth_test(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"team_id": self.team, "team": "Acme", "user_id": BOT, "user": "friction", "bot_id": BOT_ID}

    def _apps_connections_open(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"url": self.ticket()}

    def _chat_postMessage(self, given: dict[str, Any]) -> dict[str, Any]:
        target = str(given["channel"])
        if target[:1] in "UW":
            if target not in self.people:
                raise Refusal("channel_not_found")
            if self.people[target].deleted:
                raise Refusal("user_disabled")
            channel = self.dm(target)
        else:
            channel = self._inside(target)
        if channel.archived:
            raise Refusal("is_archived")
        if not given.get("text"):
            raise Refusal("no_text")
        self._drawable(given)
        message = {
            "type": "message",
            "user": BOT,
            "bot_id": BOT_ID,
            "text": given["text"],
            "blocks": given.get("blocks", []),
            "ts": self.ts(),
        }
        if given.get("thread_ts"):
            message["thread_ts"] = str(given["thread_ts"])
        channel.messages.append(message)
        return {"channel": channel.id, "ts": message["ts"], "message": message}

    def _chat_update(self, given: dict[str, Any]) -> dict[str, Any]:
        channel = self._inside(str(given["channel"]))
        message = _at(channel, str(given["ts"]))
        if message is None:
            raise Refusal("message_not_found")
        if message["user"] != BOT:
            raise Refusal("cant_update_message")
        self._drawable(given)
        message |= {"text": given["text"], "blocks": given.get("blocks", [])}
        return {"channel": channel.id, "ts": message["ts"], "text": given["text"]}

    def _chat_postEphemeral(self, given: dict[str, Any]) -> dict[str, Any]:
        channel = self._inside(str(given["channel"]))
        if given["user"] not in channel.members:
            raise Refusal("user_not_in_channel")
        self.whispers.append(Whisper(channel.id, str(given["user"]), str(given["text"]), given.get("blocks", [])))
        return {"message_ts": self.ts()}

    def _chat_getPermalink(self, given: dict[str, Any]) -> dict[str, Any]:
        channel = self._open_to_us(str(given["channel"]))
        ts = str(given["message_ts"])
        if _at(channel, ts) is None:
            raise Refusal("message_not_found")
        return {"permalink": f"https://acme.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"}

    def _conversations_info(self, given: dict[str, Any]) -> dict[str, Any]:
        channel = self._open_to_us(str(given["channel"]))
        self._need("groups:read" if channel.private else "channels:read")
        return {"channel": _described(channel)}

    def _conversations_list(self, given: dict[str, Any]) -> dict[str, Any]:
        self._need("channels:read")
        if "private_channel" in str(given.get("types")):
            self._need("groups:read")
        shown = [each for each in self.channels.values() if not each.im and (not each.private or BOT in each.members)]
        shown = [
            each for each in shown if not each.archived or given.get("exclude_archived") not in ("true", "1", True)
        ]
        # Two to a page, so that whoever asks must turn it.
        start = int(given.get("cursor") or 0)
        following = str(start + 2) if start + 2 < len(shown) else ""
        return {
            "channels": [_described(each) for each in shown[start : start + 2]],
            "response_metadata": {"next_cursor": following},
        }

    def _conversations_open(self, given: dict[str, Any]) -> dict[str, Any]:
        if self.people[str(given["users"])].deleted:
            raise Refusal("user_disabled")
        self._need("im:write")
        return {"channel": {"id": self.dm(str(given["users"])).id}}

    def _conversations_history(self, given: dict[str, Any]) -> dict[str, Any]:
        channel = self._inside(str(given["channel"]))
        self._need("im:history" if channel.im else "groups:history" if channel.private else "channels:history")
        latest, oldest = float(given.get("latest") or "inf"), float(given.get("oldest") or 0)
        top = [each for each in channel.messages if each.get("thread_ts", each["ts"]) == each["ts"]]
        found = [each for each in reversed(top) if oldest <= float(each["ts"]) <= latest]
        # Slack may give less than was asked for; here never more than a hundred at once.
        start, most = int(given.get("cursor") or 0), min(int(given.get("limit") or 100), 100)
        following = str(start + most) if start + most < len(found) else ""
        return {
            "messages": found[start : start + most],
            "has_more": bool(following),
            "response_metadata": {"next_cursor": following},
        }

    def _conversations_replies(self, given: dict[str, Any]) -> dict[str, Any]:
        channel = self._inside(str(given["channel"]))
        asked = _at(channel, str(given["ts"]))
        if asked is None:
            raise Refusal("thread_not_found")
        parent = asked.get("thread_ts", asked["ts"])
        return {"messages": [each for each in channel.messages if each.get("thread_ts", each["ts"]) == parent]}

    def _users_info(self, given: dict[str, Any]) -> dict[str, Any]:
        person = self.people.get(str(given["user"]))
        if person is None:
            raise Refusal("user_not_found")
        profile = {"display_name": person.name, "real_name": person.name}
        kind = {person.kind: True} if person.kind else {}
        return {"user": {"id": person.id, "deleted": person.deleted, "tz": person.tz, "profile": profile, **kind}}

    def _users_conversations(self, given: dict[str, Any]) -> dict[str, Any]:
        self._need("channels:read")
        if "private_channel" in str(given.get("types")):
            self._need("groups:read")
        theirs = [
            each
            for each in self.channels.values()
            if str(given["user"]) in each.members and not each.im and (not each.private or BOT in each.members)
        ]
        return {"channels": [_described(each) for each in theirs], "response_metadata": {"next_cursor": ""}}

    def _usergroups_users_list(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["usergroup"] not in self.groups:
            raise Refusal("no_such_subteam")
        return {"users": self.groups[given["usergroup"]]}

    def _reactions_get(self, given: dict[str, Any]) -> dict[str, Any]:
        channel = self._open_to_us(str(given["channel"]))
        message = _at(channel, str(given["timestamp"]))
        if message is None:
            raise Refusal("message_not_found")
        # The count is right; the people may not be all there are, unless all are asked for [REF reactions.get].
        most = None if str(given.get("full")).lower() in ("true", "1") else 2
        reacted = self.reactions[channel.id, message["ts"]].items()
        listed = [{"name": name, "users": each[:most], "count": len(each)} for name, each in reacted if each]
        return {"type": "message", "channel": channel.id, "message": {**message, "reactions": listed}}

    def _views_open(self, given: dict[str, Any]) -> dict[str, Any]:
        trigger = str(given["trigger_id"])
        if trigger not in self._triggers:
            raise Refusal("invalid_trigger_id")
        if self.clock() - self._triggers[trigger] > TRIGGER:
            raise Refusal("expired_trigger_id")
        if any(view["trigger_id"] == trigger for view in self.views):
            raise Refusal("exchanged_trigger_id")
        view = {"id": f"V{len(self.views) + 1}", "trigger_id": trigger, **self._seen(given["view"])}
        self.views.append(view)
        return {"view": view}

    def _views_publish(self, given: dict[str, Any]) -> dict[str, Any]:
        self.homes[str(given["user_id"])] = self._seen(given["view"])
        return {"view": self.homes[str(given["user_id"])]}

    def _seen(self, given: Any) -> dict[str, Any]:
        """A view, if it is one that Slack would show [slack_limits]."""
        view = _read(given)
        if slack_limits.of_view(view):
            raise Refusal("invalid_arguments")
        return view


def _at(channel: Channel, ts: str) -> dict[str, Any] | None:
    return next((message for message in channel.messages if message["ts"] == ts), None)


def _described(channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.id,
        "name": channel.name,
        "is_private": channel.private,
        "is_im": channel.im,
        "is_member": BOT in channel.members,
        "is_archived": channel.archived,
        "is_ext_shared": channel.shared,
    }


def _read(view: Any) -> dict[str, Any]:
    read = json.loads(view) if isinstance(view, str) else view
    assert isinstance(read, dict)
    return read
