"""Every setting, read once, from the environment or `.env`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from classifiers import areas
from classifiers.areas import Area

#: `85`, `85 EUR`, `72.50 USD`.
_PRICE = re.compile(r"(\d{1,9}(?:\.\d{1,2})?)\s*([^\s\d]{0,5})")


class CannotStart(Exception):
    """Something that only a person can set right; the message says what."""


class SettingsWrong(Exception):
    """A setting is missing or cannot be meant so; the message names it."""


class Settings(BaseSettings):
    """What `.env.example` explains, by the same names."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", hide_input_in_errors=True
    )

    slack_bot_token: SecretStr = SecretStr("")
    slack_app_token: SecretStr = SecretStr("")
    slack_signing_secret: SecretStr = SecretStr("")
    slack_api_url: str = "https://slack.com/api/"
    database_url: str = "sqlite+aiosqlite:///friction.db"
    friction_channel: str = ""
    capture_emoji: str = "triangular_flag_on_post"
    upvote_emoji: str = "+1,arrow_up,heavy_plus_sign,raised_hands"
    admins: Annotated[tuple[str, ...], NoDecode] = ()
    leads: Annotated[tuple[str, ...], NoDecode] = ()
    host: str = "0.0.0.0"
    port: int = Field(default=3000, ge=0, le=65535)
    log_level: str = "INFO"
    areas_file: str = ""
    gone_after_days: int = Field(default=10, ge=1, le=365)
    friction_secret: SecretStr = SecretStr("")
    cost_per_hour: str = ""
    friction_cache: str = "~/.cache/friction"
    retention_months: int = Field(default=18, ge=0, le=1200)
    digest_chart: Literal["drawn", "text"] = "drawn"

    @field_validator("admins", "leads", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("slack_api_url")
    @classmethod
    def _with_slash(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("must begin with https://")
        return value.rstrip("/") + "/"

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @field_validator("cost_per_hour")
    @classmethod
    def _priced(cls, value: str) -> str:
        if value.strip() and not _PRICE.fullmatch(value.strip()):
            raise ValueError("must be an amount, and the currency if you like, such as 85 EUR")
        return value.strip()

    @property
    def socket_mode(self) -> bool:
        """Whether Slack is reached over a socket of ours (True), or Slack calls us over HTTP."""
        return bool(self.slack_app_token.get_secret_value())

    def hourly(self) -> tuple[float, str] | None:
        """What an hour costs, and in which currency; None where nobody said."""
        priced = _PRICE.fullmatch(self.cost_per_hour)
        return (float(priced[1]), priced[2]) if priced else None

    def areas(self) -> tuple[Area, ...]:
        """The areas that there are. Raises SettingsWrong with file and line where AREAS_FILE cannot be meant so."""
        if not self.areas_file:
            return areas.BUILT_IN
        path = Path(self.areas_file).expanduser()
        try:
            return areas.read(path.read_text("utf-8-sig"))
        except OSError as error:
            raise SettingsWrong(f"AREAS_FILE: {path} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            line = path.read_bytes()[: error.start].count(b"\n") + 1
            raise SettingsWrong(f"AREAS_FILE: {path}, line {line}: this is not UTF-8.") from error
        except areas.AreasWrong as wrong:
            raise SettingsWrong(f"AREAS_FILE: {path}, {wrong}") from wrong

    def ready_to_run(self) -> None:
        """Raise SettingsWrong unless there is all that `friction run` needs."""
        if "SLACK_CLIENT_ID" in os.environ and "SLACK_CLIENT_SECRET" in os.environ:
            raise SettingsWrong(
                "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET are set. Unset them: Bolt would take them for an OAuth app "
                "and keep tokens in files."
            )
        if not self.slack_bot_token.get_secret_value():
            raise SettingsWrong("SLACK_BOT_TOKEN is missing: the token that begins with xoxb-, from the app's page.")
        if not self.slack_bot_token.get_secret_value().startswith("xoxb-"):
            raise SettingsWrong("SLACK_BOT_TOKEN must begin with xoxb-; this looks like another kind of token.")
        if self.socket_mode and not self.slack_app_token.get_secret_value().startswith("xapp-"):
            raise SettingsWrong("SLACK_APP_TOKEN must begin with xapp-; this looks like another kind of token.")
        if not self.socket_mode and not self.slack_signing_secret.get_secret_value():
            raise SettingsWrong("Set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP.")
        if not self.upvote_emoji.strip(" ,:"):
            raise SettingsWrong("UPVOTE_EMOJI is empty: name at least one emoji that votes, such as +1.")
        if not self.friction_channel:
            raise SettingsWrong("FRICTION_CHANNEL is missing: the channel for the cards, as a name or an id.")


def load() -> Settings:
    """The settings as they are now. Raises SettingsWrong with one sentence."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "A setting"
        raise SettingsWrong(f"{name}: {first['msg'].removeprefix('Value error, ')}") from None
