"""How often Slack lets itself be called. Sources, as in slack-facts: D = docs.slack.dev, REF = method reference."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict, deque

MINUTE, SECOND = dt.timedelta(minutes=1), dt.timedelta(seconds=1)

#: Calls a minute for one app in one workspace [REF]: the tiers promise at least so many, so here it is so many.
TIER = {
    "conversations.info": 50,
    "conversations.open": 50,
    "conversations.history": 50,
    "conversations.list": 20,
    "users.conversations": 50,
    "users.info": 100,
    "usergroups.users.list": 20,
    "chat.update": 50,
    "chat.postEphemeral": 100,
    "views.open": 100,
    "views.publish": 100,
}

#: Messages: one a second in each channel, and several hundred a minute in a workspace [D apis/web-api/rate-limits].
POSTS = 200


class Limits:
    """Counts calls in a sliding window, as Slack does. `refusals` are the calls that came too soon."""

    def __init__(self) -> None:
        self._calls: dict[str, deque[dt.datetime]] = defaultdict(deque)
        self.refusals: list[str] = []

    def wait(self, method: str, channel: str, now: dt.datetime) -> int:
        """Seconds that the caller has to wait; 0 when the call may be made, which then counts."""
        windows = [(method, TIER[method], MINUTE)] if method in TIER else []
        if method == "chat.postMessage":
            windows = [(f"to {channel}", 1, SECOND), (method, POSTS, MINUTE)]
        for name, most, span in windows:
            calls = self._calls[name]
            while calls and now - calls[0] >= span:
                calls.popleft()
            if len(calls) >= most:
                self.refusals.append(name)
                return math.ceil((calls[0] + span - now) / SECOND)
        for name, _, _ in windows:
            self._calls[name].append(now)
        return 0
