"""The tables. One row is one noun of the design; every row belongs to one workspace."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Column, DateTime, Index, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlmodel import Field, SQLModel


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A moment in UTC. SQLite hands times back without their zone; this puts it on again and refuses naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Take an aware datetime to UTC; a naive one raises ValueError."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Give back an aware datetime in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def _moment(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_type=UtcDateTime, nullable=nullable)


class Workspace(SQLModel, table=True):
    """One Slack team. Its row is the lock under which reports are placed and handles are given out."""

    id: str = Field(primary_key=True)
    name: str = ""
    last_handle: int = 0
    revision: int = 0


class Report(SQLModel, table=True):
    """What one person said, in their own words. `cluster_id` is empty while a flagged message is still to be read."""

    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index("ix_report_revision", "workspace_id", "revision"),
        Index("ix_report_cluster", "workspace_id", "cluster_id", "said_at"),
        Index("ix_report_person", "cluster_id", "reporter"),
        Index("ix_report_said", "workspace_id", "said_at", "cluster_id"),
        Index("ix_report_message", "workspace_id", "channel", "message_ts"),
        Index("ix_report_reporter", "workspace_id", "reporter"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    key: str
    cluster_id: int | None = Field(default=None, foreign_key="cluster.id")
    text: str = Field(default="", sa_column=Column(Text, nullable=False))
    detail: str = Field(default="", sa_column=Column(Text, nullable=False))
    area: str = "unsorted"
    area_by: str = "model"
    confidence: float = 0.0
    source: str
    reporter: str | None = None
    channel: str = ""
    message_ts: str = ""
    permalink: str = ""
    visibility: str = "public"
    severity: int | None = None
    minutes_lost: int | None = None
    said_at: dt.datetime = _moment()
    created_at: dt.datetime = _moment()
    withdrawn_at: dt.datetime | None = _moment(nullable=True)
    revision: int = 0


class Vote(SQLModel, table=True):
    """One person's reaction with one emoji on one message: a state, last written by Slack's own `event_ts`.

    It names the message and nothing else. Whether the message is a card or a captured message, and so which cluster it
    counts for, is looked up when counting; a vote therefore follows its report wherever that goes.
    """

    __table_args__ = (
        UniqueConstraint("workspace_id", "channel", "message_ts", "person", "emoji"),
        Index("ix_vote_person", "workspace_id", "person"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    channel: str
    message_ts: str
    person: str
    emoji: str
    given: bool
    event_ts: str
    voted_at: dt.datetime = _moment()


class Cluster(SQLModel, table=True):
    """The reports that are the same underlying problem. `number` is the handle's: 12 is F-12, for ever."""

    __table_args__ = (UniqueConstraint("workspace_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    number: int
    title: str = ""
    area: str = "unsorted"
    status: str = "new"
    card_channel: str = ""
    card_ts: str = ""
    card_link: str = ""
    merged_into: int | None = Field(default=None, foreign_key="cluster.id")
    created_at: dt.datetime = _moment()


class Card(SQLModel, table=True):
    """A message that stands, or once stood, for a cluster. Votes on a card that somebody deleted still count."""

    __table_args__ = (UniqueConstraint("workspace_id", "channel", "message_ts"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    channel: str
    message_ts: str
    cluster_id: int = Field(foreign_key="cluster.id")


class Developer(SQLModel, table=True):
    """One person in one cluster, derived by the database from all they reported and voted (storage.triggers).

    `last_at`: their latest signal; `severity`: the latest that they said; `reports`: how many of the signals are
    reports. Somebody `unnamed` is a person of their own for each report.
    """

    __table_args__ = (
        UniqueConstraint("cluster_id", "person"),
        Index("ix_developer_workspace", "workspace_id", "cluster_id", "last_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    cluster_id: int
    person: str
    unnamed: bool
    first_at: dt.datetime = _moment()
    last_at: dt.datetime = _moment()
    severity: int | None = None
    reports: int


class Fact(SQLModel, table=True):
    """What a human decided. Facts outrank the model for ever, so they are only ever added."""

    __table_args__ = (Index("ix_fact_report", "workspace_id", "report_id"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    kind: str
    report_id: int | None = Field(default=None, foreign_key="report.id")
    cluster_id: int | None = Field(default=None, foreign_key="cluster.id")
    value: str = ""
    made_by: str
    made_at: dt.datetime = _moment()


class Subscription(SQLModel, table=True):
    """Who gets digests, of which areas, and when. `next_due_at` is the schedule, claimed by compare-and-set."""

    __table_args__ = (
        UniqueConstraint("workspace_id", "person"),
        Index("ix_subscription_due", "next_due_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    person: str
    areas: str = "all"
    every: str = "week"
    weekday: str = "mon"
    at: str = "09:00"
    tz: str = "UTC"
    next_due_at: dt.datetime = _moment()
    paused_because: str = ""
    created_at: dt.datetime = _moment()


class Digest(SQLModel, table=True):
    """One person's digest of the time from `since` to `until`. `state`: due, sent or quiet.

    `shown`: how things stood when it was sent, for the next one to be compared with.
    """

    __table_args__ = (UniqueConstraint("subscription_id", "due_at"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    subscription_id: int = Field(foreign_key="subscription.id")
    due_at: dt.datetime = _moment()
    since: dt.datetime = _moment()
    until: dt.datetime | None = _moment(nullable=True)
    state: str = "due"
    shown: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False, server_default="{}"))
    channel: str = ""
    message_ts: str = ""
    sent_at: dt.datetime | None = _moment(nullable=True)


class Outbox(SQLModel, table=True):
    """What Slack is still to be told. Pending while `wanted` exceeds `done`: a redraw wanted twice is done once.

    `uncertain`: an earlier try may have got through; whoever posts has to look first.
    """

    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index("ix_outbox_pending", "due_at", sqlite_where="wanted > done", postgresql_where="wanted > done"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    kind: str
    key: str
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    wanted: int = 1
    done: int = 0
    attempts: int = 0
    uncertain: bool = False
    due_at: dt.datetime = _moment()
    claimed_until: dt.datetime | None = _moment(nullable=True)
    finished_at: dt.datetime | None = _moment(nullable=True)
    parked_at: dt.datetime | None = _moment(nullable=True)
    error: str = Field(default="", sa_column=Column(Text, nullable=False))
    created_at: dt.datetime = _moment()
