"""The App Home is opened."""

from __future__ import annotations

import datetime as dt

from bot import views
from bot.flows import cluster as clusters
from bot.flows import digest as digests
from bot.flows import standing
from bot.flows.kit import Kit

#: Clusters that the Home lists.
TOP = 10


async def draw(kit: Kit, person: str, now: dt.datetime) -> None:
    """Draw somebody's Home as things stand. Raises SlackRefused."""
    standings = await standing.ranked(kit, None, now, now - clusters.WEEK)
    listed = await clusters.worst(kit, standings[:TOP], now)
    subscription = await digests.current(kit, person)
    mine = await clusters.mine(kit, person)
    view = views.home.home(mine, listed, subscribed=digests.in_words(subscription))
    await kit.slack.publish_home(person, view)
