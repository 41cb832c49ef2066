"""Every call to Slack. What goes wrong there leaves here as one exception, and it says whether to try again."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import answers, nouns, refused
from bot.slack.nouns import Channel as Channel
from bot.slack.nouns import Identity as Identity
from bot.slack.nouns import Message as Message
from bot.slack.nouns import Person as Person
from bot.slack.nouns import Posted as Posted
from bot.slack.nouns import Reactions as Reactions
from bot.slack.pace import Pace, lane_of
from bot.slack.refused import SlackRefused as SlackRefused

Block = dict[str, Any]

#: How far Slack's clock may be from ours.
CLOCKS_APART = dt.timedelta(hours=1)


class Slack:
    """The Web API as one bot. Two clients: reads and redraws may be repeated by the SDK, posts never are."""

    def __init__(self, token: str, *, api_url: str, session: aiohttp.ClientSession, pace: Pace | None = None) -> None:
        """`session`: the one shared session, with its time limits; `api_url`: Slack's, with a slash at the end.

        `pace`: what is said or drawn too soon is refused here, as Slack would; without it, Slack does it.
        """
        self._session = session
        self._pace = pace
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
        """Post a message, or a reply in a thread. Never repeated here: whether it got through, the caller finds out."""
        with self._turn("chat.postMessage", channel):
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
        with self._turn("chat.update"):
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
        await answers.send(self._session, url, message, api_host=self._api_host, replace=replace)

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
        with self._turn("views.publish"):
            await self._call(self._asking.views_publish(user_id=person, view=view))

    async def message(self, channel: str, ts: str) -> dict[str, Any] | None:
        """The message at `ts`, also one inside a thread. None: there is none (any more)."""
        with self._turn("conversations.history"):
            history = await self._call(
                self._asking.conversations_history(channel=channel, latest=ts, inclusive=True, limit=1)
            )
        if found := _at(history["messages"], ts):
            return found
        # History does not list replies; `replies` knows a thread by any message in it.
        try:
            with self._turn("conversations.replies"):
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
            with self._turn("conversations.replies" if thread else "conversations.history"):
                history = await self._call(
                    self._asking.conversations_replies(
                        channel=channel, ts=thread, oldest=oldest, limit=999, cursor=cursor
                    )
                    if thread
                    else self._asking.conversations_history(channel=channel, oldest=oldest, limit=999, cursor=cursor)
                )
            for message in history["messages"]:
                if any(block.get("block_id") == block_id for block in message.get("blocks", ())):
                    return Posted(channel, message["ts"])
            cursor = _next_page(history)
            if not cursor:
                return None

    async def reactions(self, at: Posted) -> Reactions:
        """Who has put which reaction on a message, all of them, and when that was so by Slack's own clock."""
        with self._turn("reactions.get"):
            answer = await self._call(self._asking.reactions_get(channel=at.channel, timestamp=at.ts, full=True))
        return nouns.reactions(answer["message"], answer.headers)

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
        with self._turn("conversations.info"):
            answer = await self._call(self._asking.conversations_info(channel=channel))
        return nouns.channel(answer["channel"])

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

    @contextlib.contextmanager
    def _turn(self, method: str, channel: str = "") -> Iterator[None]:
        """Make a call when its turn has come; raises SlackRefused, as Slack would, when it has not."""
        if self._pace is None:
            yield
            return
        lane = lane_of(method, channel)
        if wait := self._pace.wait(method, channel).total_seconds():
            raise SlackRefused("ratelimited", retry_after=wait, lane=lane)
        try:
            yield
        except SlackRefused as refusal:
            if refusal.retry_after is not None:
                refusal.lane = lane
                self._pace.put_off(method, channel, refusal.retry_after)
            raise

    async def _call(self, calling: Any) -> Any:
        method = calling.__name__.replace("_", ".")  # the SDK names its own after Slack's
        try:
            answer = await calling
        except (SlackApiError, aiohttp.ClientError, TimeoutError, SlackClientError, OSError) as error:
            raise refused.because_of(error, method) from error
        refused.count(method, "ok")
        return answer


def _next_page(page: Any) -> str:
    """Where the next page begins; empty after the last."""
    return (page.get("response_metadata") or {}).get("next_cursor") or ""


def _at(messages: Sequence[dict[str, Any]], ts: str) -> dict[str, Any] | None:
    return next((message for message in messages if message.get("ts") == ts), None)


@contextlib.asynccontextmanager
async def connect(token: str, api_url: str, pace: Pace | None = None) -> AsyncIterator[Slack]:
    """A Slack over one shared session, closed at the end. A call takes at most ten seconds."""
    # Let go of idle connections before the other side does: a post that meets a closing one has an unknown outcome.
    connector = aiohttp.TCPConnector(keepalive_timeout=5)
    async with aiohttp.ClientSession(
        connector=connector, timeout=aiohttp.ClientTimeout(total=10, connect=3)
    ) as session:
        yield Slack(token, api_url=api_url, session=session, pace=pace)
