"""What people see. Pure functions from values to Block Kit; a person's words are never markup in it."""

from bot.views import blocks, card, cluster, digest, form, help, home, replay, report, subscription, words

__all__ = ["blocks", "card", "cluster", "digest", "form", "help", "home", "replay", "report", "subscription", "words"]
