"""Answers to a gesture, through the address that came with it."""

from __future__ import annotations

from urllib.parse import urlsplit

import aiohttp

from bot.slack import refused
from bot.slack.nouns import Message
from bot.slack.refused import SlackRefused

#: Nobody else may be handed what we answer to a `response_url`.
HOSTS = ("slack.com", "slack-gov.com")


async def send(session: aiohttp.ClientSession, url: str, message: Message, *, api_host: str, replace: bool) -> None:
    """Answer at `url`. `api_host`: where the Web API is, if it is none of the known hosts. Raises SlackRefused."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    ours = host == api_host or any(host == known or host.endswith(f".{known}") for known in HOSTS)
    if not ours or (parts.scheme != "https" and host != api_host):
        raise SlackRefused("expired_url")  # not Slack's: nobody is answered there, ever
    body = {
        "text": message.text,
        "blocks": message.blocks,
        "response_type": "ephemeral",
        "replace_original": replace,
    }
    try:
        async with session.post(url, json=body, allow_redirects=False) as response:
            refused.of_answer(response.status, response.headers)
    except (aiohttp.ClientError, TimeoutError) as error:
        refused.count("response_url", type(error).__name__)
        raise SlackRefused(type(error).__name__, unknown=True) from error
