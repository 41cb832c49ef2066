"""What people see. Pure functions from values to Block Kit; a person's words are never markup in it."""

from bot.views import blocks, card, chart, cluster, digest, figures, form, help, home, receipt, report, words

__all__ = [
    "blocks",
    "card",
    "chart",
    "cluster",
    "digest",
    "figures",
    "form",
    "help",
    "home",
    "receipt",
    "report",
    "words",
]
