"""The App Home is opened."""

from __future__ import annotations

import datetime as dt

from bot import views
from bot.flows import cluster as clusters
from bot.flows import learn, seal, standing
from bot.flows import subscription as subscriptions
from bot.flows.card import WEEK
from bot.flows.kit import Kit

#: Clusters that the Home lists.
TOP = 10


async def draw(kit: Kit, person: str, now: dt.datetime) -> None:
    """Draw somebody's Home as things stand. Raises SlackRefused."""
    standings = await standing.ranked(kit, None, now, now - WEEK)
    listed = await clusters.worst(kit, standings[:TOP], now)
    mine = await clusters.mine(kit, person)
    digests = await subscriptions.all_of(kit, person, now)
    record = await learn.record(kit, now)
    view = views.home.home(mine, listed, digests, list(record.values()), hidden=await seal.news_of(kit, person, now))
    await kit.slack.publish_home(person, view)
