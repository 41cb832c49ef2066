"""What we decide. Pure: values in, values out; time and chance are arguments."""

from bot.rules import (
    areas,
    commands,
    digest,
    facts,
    impact,
    message,
    payload,
    placement,
    reactions,
    receipt,
    retry,
    schedule,
    secrets,
    status,
    text,
    trend,
)

__all__ = [
    "areas",
    "commands",
    "digest",
    "facts",
    "impact",
    "message",
    "payload",
    "placement",
    "reactions",
    "receipt",
    "retry",
    "schedule",
    "secrets",
    "status",
    "text",
    "trend",
]
