"""What the bot is measured against: a Bolt app that does nothing but acknowledge, as a newcomer would write it."""

from __future__ import annotations

import os

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult


async def authorize() -> AuthorizeResult:
    """Who we are; an app that asked Slack each time would be slower."""
    return AuthorizeResult(enterprise_id=None, team_id="T0TEAM", bot_user_id="U0BOT", bot_token="xoxb-1")


app = AsyncApp(signing_secret="signing-secret", authorize=authorize)


@app.command("/friction")
async def acknowledge(ack: AsyncAck) -> None:
    """Say that it was heard."""
    await ack("ok")


if __name__ == "__main__":
    app.start(port=int(os.environ["PORT"]), host="127.0.0.1")  # noqa: TID251
