"""Every call to Slack. What goes wrong there leaves here as one exception, and it says whether to try again."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import nouns, refused
from bot.slack.nouns import Channel as Channel
from bot.slack.nouns import Identity as Identity
from bot.slack.nouns import Message as Message
from bot.slack.nouns import Person as Person
from bot.slack.nouns import Posted as Posted
from bot.slack.refused import SlackRefused as SlackRefused

Block = dict[str, Any]

#: How far Slack's clock may be from ours.
CLOCKS_APART = dt.timedelta(hours=1)

#: Nobody else may be handed what we answer to a `response_url`.
_ANSWER_HOSTS = ("slack.com", "slack-gov.com")


class Slack:
    """The Web API as one bot. Two clients: reads and redraws may be repeated by the SDK, posts never are."""

    def __init__(self, token: str, *, api_url: str, session: aiohttp.ClientSession) -> None:
        """`session`: the one shared session, with its time limits; `api_url`: Slack's, with a slash at the end."""
        self._session = session
        self._api_host = urlsplit(api_url).hostname or ""
        # The SDK repeats a call whose connection dropped, also when Slack had taken it: a post would stand there twice.
        self._posting = AsyncWebClient(token, base_url=api_url, session=session, retry_handlers=[])
        self._asking = AsyncWebClient(
            token,
            base_url=api_url,
            session=session,
            retry_handlers=[
                AsyncConnectionErrorRetryHandler(max_retry_count=1),
                AsyncServerErrorRetryHandler(max_retry_count=1),
            ],
        )
        self._people: dict[str, Person] = {}
        self._direct: dict[str, str] = {}

    @property
    def client(self) -> AsyncWebClient:
        """The client that Bolt wants, without a token: none of our own calls go past this file."""
        return self.client_for(None)

    def client_for(self, token: str | None) -> AsyncWebClient:
        """A client over the same session for another token: the app-level one opens the socket."""
        return AsyncWebClient(token, base_url=self._asking.base_url, session=self._session)

    async def identity(self) -> Identity:
        """Who the token says we are."""
        answer = await self._call(self._asking.auth_test())
        scopes = answer.headers.get("x-oauth-scopes", "")
        return Identity(
            workspace_id=answer["team_id"],
            workspace=answer.get("team", ""),
            bot_user_id=answer["user_id"],
            bot_id=answer.get("bot_id", ""),
            scopes=frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
        )

    async def socket_address(self, app_token: str) -> None:
        """Ask for a socket once: the SDK would try a bad app token for ever, in silence."""
        await self._call(self._asking.apps_connections_open(app_token=app_token))

    async def post(self, channel: str, message: Message, *, thread: str = "") -> Posted:
        """Post a message, or a reply in a thread. Never repeated here: whether it got through is for the caller to find
        out."""
        answer = await self._call(
            self._posting.chat_postMessage(
                channel=channel,
                thread_ts=thread or None,
                text=message.text,
                blocks=message.blocks,
                unfurl_links=False,
                unfurl_media=False,
                parse="none",
            )
        )
        return Posted(answer["channel"], answer["ts"])

    async def update(self, at: Posted, message: Message) -> None:
        """Redraw a message of ours."""
        await self._call(
            self._asking.chat_update(
                channel=at.channel, ts=at.ts, text=message.text, blocks=message.blocks, parse="none"
            )
        )

    async def whisper(self, channel: str, person: str, message: Message) -> None:
        """Show a message to one person in a channel."""
        await self._call(
            self._posting.chat_postEphemeral(
                channel=channel, user=person, text=message.text, blocks=message.blocks, parse="none"
            )
        )

    async def answer(self, url: str, message: Message, *, replace: bool) -> None:
        """Answer a gesture through its `response_url`: good for half an hour and five answers."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        ours = host == self._api_host or any(host == known or host.endswith(f".{known}") for known in _ANSWER_HOSTS)
        if not ours or (parts.scheme != "https" and host != self._api_host):
            raise SlackRefused("expired_url")  # not Slack's: nobody is answered there, ever
        body = {
            "text": message.text,
            "blocks": message.blocks,
            "response_type": "ephemeral",
            "replace_original": replace,
        }
        try:
            async with self._session.post(url, json=body, allow_redirects=False) as response:
                if response.status == 429:
                    raise SlackRefused("ratelimited", retry_after=refused.seconds(response.headers.get("Retry-After")))
                if response.status >= 500:
                    raise SlackRefused(f"http_{response.status}", unknown=True)
                if response.status >= 400:
                    raise SlackRefused("expired_url")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SlackRefused(type(error).__name__, unknown=True) from error

    async def direct_channel(self, person: str) -> str:
        """The conversation between this person and us."""
        if person not in self._direct:
            answer = await self._call(self._asking.conversations_open(users=person))
            self._direct[person] = str(answer["channel"]["id"])
        return self._direct[person]

    async def open_view(self, trigger_id: str, view: dict[str, Any]) -> None:
        """Open a form. The trigger is good for three seconds, so this comes before anything else."""
        await self._call(self._posting.views_open(trigger_id=trigger_id, view=view))

    async def publish_home(self, person: str, view: dict[str, Any]) -> None:
        """Draw somebody's App Home."""
        await self._call(self._asking.views_publish(user_id=person, view=view))

    async def message(self, channel: str, ts: str) -> dict[str, Any] | None:
        """The message at `ts`, also one inside a thread. None: there is none (any more)."""
        history = await self._call(
            self._asking.conversations_history(channel=channel, latest=ts, inclusive=True, limit=1)
        )
        if found := _at(history["messages"], ts):
            return found
        # History does not list replies; `replies` knows a thread by any message in it.
        try:
            thread = await self._call(
                self._asking.conversations_replies(channel=channel, ts=ts, oldest=ts, latest=ts, inclusive=True)
            )
        except SlackRefused as refusal:
            if refusal.code == "thread_not_found":
                return None
            raise
        return _at(thread["messages"], ts)

    async def posted_with(self, channel: str, block_id: str, since: dt.datetime, *, thread: str = "") -> Posted | None:
        """Our own recent message with this `block_id` in it: did the post arrive whose answer did not?"""
        oldest, cursor = f"{(since - CLOCKS_APART).timestamp():.6f}", ""
        while True:
            # A page may be shorter than asked for, and a busy channel longer than a page.
            history = await self._call(
                self._asking.conversations_replies(channel=channel, ts=thread, oldest=oldest, limit=999, cursor=cursor)
                if thread
                else self._asking.conversations_history(channel=channel, oldest=oldest, limit=999, cursor=cursor)
            )
            for message in history["messages"]:
                if any(block.get("block_id") == block_id for block in message.get("blocks", ())):
                    return Posted(channel, message["ts"])
            cursor = _next_page(history)
            if not cursor:
                return None

    async def permalink(self, channel: str, ts: str) -> str:
        """The address of a message."""
        answer = await self._call(self._asking.chat_getPermalink(channel=channel, message_ts=ts))
        return str(answer["permalink"])

    async def person(self, person: str) -> Person:
        """Somebody, as `users.info` knew them when first asked; `forget` drops that."""
        if person not in self._people:
            user = (await self._call(self._asking.users_info(user=person)))["user"]
            self._people[person] = nouns.person(person, user)
        return self._people[person]

    async def is_in(self, person: str, channel: str) -> bool:
        """Whether this person is in that channel. Asked by person: a channel may have many more members than pages."""
        try:
            return await self._is_in(person, channel, "public_channel,private_channel")
        except SlackRefused as refusal:
            if refusal.code != "missing_scope":
                raise
        return await self._is_in(person, channel, "public_channel")

    async def _is_in(self, person: str, channel: str, types: str) -> bool:
        cursor = ""
        while True:
            page = await self._call(
                self._asking.users_conversations(
                    user=person, types=types, exclude_archived=True, cursor=cursor, limit=999
                )
            )
            if any(found.get("id") == channel for found in page["channels"]):
                return True
            cursor = _next_page(page)
            if not cursor:
                return False

    async def channel(self, channel: str) -> Channel:
        """A conversation as it is now; public ones become private, and private ones shared."""
        return nouns.channel((await self._call(self._asking.conversations_info(channel=channel)))["channel"])

    def forget(self, person: str) -> None:
        """Ask again next time about this person: Slack says that they have changed."""
        self._people.pop(person, None)

    async def find_channel(self, name_or_id: str) -> Channel | None:
        """The channel of that id or name, whichever was written."""
        wanted = name_or_id.strip().lstrip("#")
        try:
            return await self.channel(wanted)
        except SlackRefused as refusal:
            if not refusal.permanent:
                raise
        try:
            return await self._named(wanted, "public_channel,private_channel")
        except SlackRefused as refusal:
            if refusal.code != "missing_scope":
                raise
        return await self._named(wanted, "public_channel")

    async def _named(self, name: str, types: str) -> Channel | None:
        cursor = ""
        while True:
            page = await self._call(
                self._asking.conversations_list(cursor=cursor, limit=999, exclude_archived=True, types=types)
            )
            for found in page["channels"]:
                if found.get("name") == name:
                    return nouns.channel(found)
            cursor = _next_page(page)
            if not cursor:
                return None

    async def group_members(self, group: str) -> list[str]:
        """The people of a user group."""
        answer = await self._call(self._asking.usergroups_users_list(usergroup=group))
        return list(answer["users"])

    async def _call(self, calling: Any) -> Any:
        try:
            answer = await calling
        except (SlackApiError, aiohttp.ClientError, TimeoutError, SlackClientError, OSError) as error:
            raise refused.because_of(error) from error
        refused.went_well(answer)
        return answer


def _next_page(page: Any) -> str:
    """Where the next page begins; empty after the last."""
    return (page.get("response_metadata") or {}).get("next_cursor") or ""


def _at(messages: Sequence[dict[str, Any]], ts: str) -> dict[str, Any] | None:
    return next((message for message in messages if message.get("ts") == ts), None)


@contextlib.asynccontextmanager
async def connect(token: str, api_url: str) -> AsyncIterator[Slack]:
    """A Slack over one shared session, closed at the end. A call takes at most ten seconds."""
    # Let go of idle connections before the other side does: a post that meets a closing one has an unknown outcome.
    connector = aiohttp.TCPConnector(keepalive_timeout=5)
    async with aiohttp.ClientSession(
        connector=connector, timeout=aiohttp.ClientTimeout(total=10, connect=3)
    ) as session:
        yield Slack(token, api_url=api_url, session=session)
