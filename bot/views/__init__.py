"""What people see. Pure functions from values to Block Kit; a person's words are never markup in it."""

from bot.views import (
    area,
    blocks,
    card,
    cluster,
    digest,
    form,
    help,
    history,
    home,
    replay,
    report,
    subscription,
    triage,
    words,
)

__all__ = [
    "area",
    "blocks",
    "card",
    "cluster",
    "digest",
    "form",
    "help",
    "history",
    "home",
    "replay",
    "report",
    "subscription",
    "triage",
    "words",
]
