"""How Slack delivers, over HTTP and over a socket. Sources, as in slack-facts: D = docs.slack.dev.

Time is the fake's own: a delivery that fails is tried again when the clock says so, in `due()`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier

from fakes.sockets import Sockets

#: An answer that takes longer is none [D 57969336058].
DEADLINE = 3.0

#: When a failed event is sent again, after the try before: at once, after a minute, after five [D 57969336058].
#: Commands, shortcuts, buttons and forms are sent once [D interactivity/implementing-slash-commands].
AGAIN = (dt.timedelta(0), dt.timedelta(minutes=1), dt.timedelta(minutes=5))

#: Carries one payload with the number and the reason of a retry; gives back what Slack would make of the answer: ""
#: when it is one, or else the reason why the next try is made.
Carry = Callable[[Mapping[str, Any], int, str], Awaitable[str]]


@dataclass
class Parcel:
    """One payload on its way. `tries`: how many were made; `lost`: nobody tries any more."""

    payload: Mapping[str, Any]
    due: dt.datetime
    tries: int = 0
    reason: str = ""
    delivered: bool = False
    lost: bool = False


@dataclass
class Delivery:
    """Slack's queue towards an app: in what order, and how often, is for the test to say.

    `twice`: parcels that were delivered are sent again all the same, as happens when an answer is lost on its way back.
    """

    clock: Callable[[], dt.datetime]
    carry: Carry
    parcels: list[Parcel] = field(default_factory=list)

    def post(self, payload: Mapping[str, Any]) -> Parcel:
        """Something happened that the app is to hear of."""
        self.parcels.append(Parcel(payload, self.clock()))
        return self.parcels[-1]

    async def due(self, order: Callable[[list[Parcel]], list[Parcel]] = list) -> None:
        """Make every try that is due. `order`: Slack promises none."""
        while ready := [each for each in self.parcels if self._waits(each) and each.due <= self.clock()]:
            for parcel in order(ready):
                await self.deliver(parcel)

    async def deliver(self, parcel: Parcel, *, answer_lost: bool = False) -> bool:
        """One try. `answer_lost`: the app heard, and Slack did not hear that it did."""
        parcel.tries += 1
        parcel.reason = await self.carry(parcel.payload, parcel.tries - 1, parcel.reason)
        if answer_lost:
            parcel.reason = "http_timeout"
        parcel.delivered = not parcel.reason
        if parcel.reason and (not is_event(parcel.payload) or parcel.tries > len(AGAIN)):
            parcel.lost = True
        elif parcel.reason:
            parcel.due = self.clock() + AGAIN[parcel.tries - 1]
        return parcel.delivered

    @staticmethod
    def _waits(parcel: Parcel) -> bool:
        return not parcel.delivered and not parcel.lost


def is_event(payload: Mapping[str, Any]) -> bool:
    return payload.get("type") == "event_callback"


def over_http(session: aiohttp.ClientSession, secret: str, clock: Callable[[], float]) -> Carry:
    """Signed requests. `session`: at the app's own address; `clock`: seconds since 1970, for the signature."""

    async def carry(payload: Mapping[str, Any], retry: int, reason: str) -> str:
        raw, kind = written(payload)
        headers = {"Content-Type": kind, **signed(raw, secret, clock())}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason}
        try:
            wait = aiohttp.ClientTimeout(total=DEADLINE)
            async with session.post("/slack/events", data=raw, headers=headers, timeout=wait) as response:
                await response.read()
                return "" if 200 <= response.status < 300 else "http_error"
        except TimeoutError:
            return "http_timeout"
        except aiohttp.ClientError:
            return "connection_failed"

    return carry


def over_a_socket(sockets: Sockets) -> Carry:
    """Envelopes. Each try has an id of its own."""
    count = 0

    async def carry(payload: Mapping[str, Any], retry: int, reason: str) -> str:
        nonlocal count
        count += 1
        kinds = {"event_callback": "events_api"}
        kind = "slash_commands" if "command" in payload else kinds.get(str(payload.get("type")), "interactive")
        envelope = {
            "type": kind,
            "envelope_id": f"envelope-{count}",
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if retry:
            envelope |= {"retry_attempt": retry, "retry_reason": reason}
        if not sockets.open:
            return "connection_failed"
        try:
            await sockets.send(envelope, within=DEADLINE)
        except (TimeoutError, ConnectionError):
            return "timeout"
        return ""

    return carry


def written(payload: Mapping[str, Any]) -> tuple[str, str]:
    """A payload as it goes over HTTP, and its content type."""
    form = "application/x-www-form-urlencoded"
    if is_event(payload) or payload.get("type") == "url_verification":
        return json.dumps(payload), "application/json"
    return urlencode(payload if "command" in payload else {"payload": json.dumps(payload)}), form


def signed(raw: str | bytes, secret: str, now: float) -> dict[str, str]:
    """The headers of Slack's signature."""
    timestamp = str(int(now))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=raw)
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature or ""}
