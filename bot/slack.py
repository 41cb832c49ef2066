"""Every call to Slack. What goes wrong there leaves here as one exception, and it says whether to try again."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from prometheus_client import Counter
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

Block = dict[str, Any]

CALLS = Counter("friction_slack_calls_total", "Calls to Slack's Web API", ["method", "outcome"])

#: Trying again cannot help: the place, the message, the layout or the token is not as it must be.
_PERMANENT = frozenset(
    """channel_not_found not_in_channel is_archived restricted_action posting_to_channel_denied messages_tab_disabled
    user_not_found users_not_found user_disabled cannot_dm_bot ekm_access_denied message_not_found cant_update_message
    cant_delete_message edit_window_closed invalid_blocks invalid_blocks_format msg_too_long msg_blocks_too_long no_text
    metadata_too_large view_too_large invalid_arguments invalid_arg_name invalid_auth not_authed account_inactive
    token_revoked token_expired missing_scope not_allowed_token_type team_access_not_granted org_login_required
    accesslimited not_enabled thread_not_found unknown_method expired_trigger_id exchanged_trigger_id
    invalid_trigger_id trigger_expired trigger_exchanged expired_url used_url no_permission user_not_in_channel
    """.split()
)

#: Slack may have done it all the same.
_UNKNOWN = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout"})

#: Nobody else may be handed what we answer to a `response_url`.
_ANSWER_HOSTS = ("slack.com", "slack-gov.com")


class SlackRefused(Exception):
    """Slack did not do as asked.

    `permanent`: the same call will never succeed; `unknown`: it may have happened nevertheless (a dropped connection, a
    time-out, a server's fault); `retry_after`: seconds that Slack wants us to wait.
    """

    def __init__(
        self, code: str, *, permanent: bool = False, unknown: bool = False, retry_after: float | None = None
    ) -> None:
        """`code`: Slack's own word for it, or ours for what happened on the way."""
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.unknown = unknown
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are: what `auth.test` said at start."""

    workspace_id: str
    workspace: str
    bot_user_id: str
    bot_id: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message stands."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the workspace. `tz` is a zone's name."""

    id: str
    name: str
    tz: str
    is_bot: bool
    deactivated: bool


@dataclass(frozen=True, slots=True)
class Channel:
    """A conversation. `private`: not everybody in the workspace may read it."""

    id: str
    name: str
    private: bool
    member: bool
    archived: bool


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
                AsyncRateLimitErrorRetryHandler(max_retry_count=1),
                AsyncServerErrorRetryHandler(max_retry_count=1),
            ],
        )
        self._people: dict[str, Person] = {}
        self._channels: dict[str, Channel] = {}
        self._links: dict[Posted, str] = {}

    @property
    def client(self) -> AsyncWebClient:
        """The client that Bolt wants, without a token: none of our own calls go past this file."""
        return AsyncWebClient(base_url=self._asking.base_url, session=self._session)

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

    async def post(self, channel: str, text: str, blocks: Sequence[Block]) -> Posted:
        """Post a message. `channel` may be a person's id: then it is a direct message."""
        answer = await self._call(
            self._posting.chat_postMessage(
                channel=channel, text=text, blocks=list(blocks), unfurl_links=False, unfurl_media=False, parse="none"
            )
        )
        return Posted(answer["channel"], answer["ts"])

    async def update(self, at: Posted, text: str, blocks: Sequence[Block]) -> None:
        """Redraw a message of ours."""
        await self._call(
            self._asking.chat_update(channel=at.channel, ts=at.ts, text=text, blocks=list(blocks), parse="none")
        )

    async def whisper(self, channel: str, person: str, text: str, blocks: Sequence[Block]) -> None:
        """Show a message to one person in a channel."""
        await self._call(
            self._posting.chat_postEphemeral(channel=channel, user=person, text=text, blocks=list(blocks), parse="none")
        )

    async def answer(self, url: str, text: str, blocks: Sequence[Block], *, replace: bool) -> None:
        """Answer a gesture through its `response_url`: good for half an hour and five answers."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        ours = host == self._api_host or any(host == known or host.endswith(f".{known}") for known in _ANSWER_HOSTS)
        if not ours or (parts.scheme != "https" and host != self._api_host):
            raise SlackRefused("response_url_elsewhere", permanent=True)
        body = {"text": text, "blocks": list(blocks), "response_type": "ephemeral", "replace_original": replace}
        try:
            async with self._session.post(url, json=body, allow_redirects=False) as response:
                if response.status == 429:
                    after = float(response.headers.get("Retry-After", "1"))
                    raise SlackRefused("ratelimited", retry_after=after)
                if response.status >= 500:
                    raise SlackRefused(f"http_{response.status}", unknown=True)
                if response.status >= 400:
                    raise SlackRefused("expired_url", permanent=True)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SlackRefused(type(error).__name__, unknown=True) from error

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

    async def posted_with(self, channel: str, block_id: str, since: dt.datetime) -> Posted | None:
        """Our own recent message whose first block has this `block_id`: did the post arrive whose answer did not?"""
        if channel[:1] in "UW":
            opened = await self._call(self._asking.conversations_open(users=channel))
            channel = opened["channel"]["id"]
        history = await self._call(
            self._asking.conversations_history(channel=channel, oldest=f"{since.timestamp():.6f}", limit=200)
        )
        for message in history["messages"]:
            if any(block.get("block_id") == block_id for block in message.get("blocks", ())):
                return Posted(channel, message["ts"])
        return None

    async def permalink(self, channel: str, ts: str) -> str:
        """The address of a message. It never changes, so Slack is asked once."""
        at = Posted(channel, ts)
        if at not in self._links:
            answer = await self._call(self._asking.chat_getPermalink(channel=channel, message_ts=ts))
            self._links[at] = str(answer["permalink"])
        return self._links[at]

    async def person(self, person: str) -> Person:
        """Somebody, as `users.info` knew them when first asked; `forget` drops that."""
        if person not in self._people:
            user = (await self._call(self._asking.users_info(user=person)))["user"]
            profile = user.get("profile", {})
            shown = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name")
            self._people[person] = Person(
                id=person,
                name=shown or person,
                tz=user.get("tz") or "UTC",
                is_bot=bool(user.get("is_bot")),
                deactivated=bool(user.get("deleted")),
            )
        return self._people[person]

    async def channel(self, channel: str) -> Channel:
        """A conversation, as `conversations.info` knew it when first asked; `forget` drops that."""
        if channel not in self._channels:
            found = (await self._call(self._asking.conversations_info(channel=channel)))["channel"]
            self._channels[channel] = _channel(found)
        return self._channels[channel]

    def forget(self, id_: str) -> None:
        """Ask again next time about this person or channel: Slack says that it has changed."""
        self._people.pop(id_, None)
        self._channels.pop(id_, None)

    async def find_channel(self, name_or_id: str) -> Channel | None:
        """The channel of that id or name, whichever was written."""
        wanted = name_or_id.strip().lstrip("#")
        with contextlib.suppress(SlackRefused):
            return await self.channel(wanted)
        cursor = ""
        while True:
            page = await self._call(
                self._asking.conversations_list(
                    cursor=cursor, limit=999, exclude_archived=True, types="public_channel,private_channel"
                )
            )
            for found in page["channels"]:
                if found.get("name") == wanted:
                    return _channel(found)
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None

    async def group_members(self, group: str) -> list[str]:
        """The people of a user group."""
        answer = await self._call(self._asking.usergroups_users_list(usergroup=group))
        return list(answer["users"])

    async def _call(self, calling: Any) -> Any:
        try:
            answer = await calling
        except SlackApiError as error:
            raise _refusal(error) from error
        except (aiohttp.ClientError, TimeoutError, SlackClientError, OSError) as error:
            CALLS.labels(_method(error), "unknown").inc()
            raise SlackRefused(type(error).__name__, unknown=True) from error
        CALLS.labels(_method(answer), "ok").inc()
        return answer


def _refusal(error: SlackApiError) -> SlackRefused:
    response = error.response
    status = getattr(response, "status_code", 0)
    code = response.get("error", "") if isinstance(getattr(response, "data", None), dict) else f"http_{status}"
    CALLS.labels(_method(response), code or "unknown").inc()
    if code in ("ratelimited", "rate_limited") or status == 429:
        return SlackRefused("ratelimited", retry_after=float(response.headers.get("Retry-After", "1")))
    return SlackRefused(
        code or "unknown", permanent=code in _PERMANENT, unknown=code in _UNKNOWN or status >= 500 or not code
    )


def _method(answer: Any) -> str:
    return str(getattr(answer, "api_url", "")).rsplit("/", 1)[-1]


def _at(messages: Sequence[dict[str, Any]], ts: str) -> dict[str, Any] | None:
    return next((message for message in messages if message.get("ts") == ts), None)


def _channel(found: dict[str, Any]) -> Channel:
    private = any(found.get(key) for key in ("is_private", "is_im", "is_mpim", "is_ext_shared", "is_group"))
    return Channel(
        id=found["id"],
        name=found.get("name", ""),
        private=private,
        member=bool(found.get("is_member", False)),
        archived=bool(found.get("is_archived", False)),
    )


@contextlib.asynccontextmanager
async def connect(token: str, api_url: str) -> AsyncIterator[Slack]:
    """A Slack over one shared session, closed at the end. A call takes at most ten seconds."""
    # Let go of idle connections before the other side does: a post that meets a closing one has an unknown outcome.
    connector = aiohttp.TCPConnector(keepalive_timeout=5)
    async with aiohttp.ClientSession(
        connector=connector, timeout=aiohttp.ClientTimeout(total=10, connect=3)
    ) as session:
        yield Slack(token, api_url=api_url, session=session)
