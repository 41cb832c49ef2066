"""When a call may be made, so that Slack need not refuse it. Source of the figures: D = docs.slack.dev."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Callable

MINUTE, SECOND = dt.timedelta(minutes=1), dt.timedelta(seconds=1)

#: Calls a minute. The tiers promise at least so many; of messages, "several hundred" [D apis/web-api/rate-limits].
MOST = {
    "chat.postMessage": 200,
    "chat.update": 50,
    "conversations.history": 50,
    "conversations.info": 50,
    "conversations.replies": 50,
    "reactions.get": 50,
    "views.publish": 100,
}

#: One message a second in each channel [D apis/web-api/rate-limits].
ONE_A_SECOND = "chat.postMessage"


class Pace:
    """Counts the calls of one process. Other replicas count their own: where they collide, Slack's 429 says so."""

    def __init__(self, clock: Callable[[], dt.datetime]) -> None:
        """`clock`: the time."""
        self._clock = clock
        self._calls: dict[str, deque[dt.datetime]] = defaultdict(deque)
        self._closed: dict[str, dt.datetime] = {}

    def wait(self, method: str, channel: str) -> dt.timedelta:
        """How long this call has to wait; nothing when it may be made, and is counted."""
        now = self._clock()
        lane = lane_of(method, channel)
        waits = [self._closed.get(lane, now) - now]
        windows = [(method, MOST[method], MINUTE)] if method in MOST else []
        if method == ONE_A_SECOND:
            windows.append((lane, 1, SECOND))
        for name, most, span in windows:
            calls = self._calls[name]
            while calls and now - calls[0] >= span:
                calls.popleft()
            if len(calls) >= most:
                waits.append(calls[0] + span - now)
        wait = max(waits)
        if wait > dt.timedelta(0):
            return wait
        self._closed.pop(lane, None)
        for name, _, _ in windows:
            self._calls[name].append(now)
        return dt.timedelta(0)

    def put_off(self, method: str, channel: str, seconds: float) -> None:
        """Slack wants this left alone for so long: nothing like it is tried before."""
        self._closed[lane_of(method, channel)] = self._clock() + dt.timedelta(seconds=seconds)


def lane_of(method: str, channel: str) -> str:
    """What waits together: messages by channel, everything else by method."""
    return f"{method} {channel}" if method == ONE_A_SECOND else method
