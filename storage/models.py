"""The tables. One row is one noun of the design; every row belongs to one workspace."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Column, Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.moments import moment

#: Reports that say what the problem cost their author, for whom it is not over.
COSTS = "minutes_lost IS NOT NULL AND over_at IS NULL"


def _where(rows: str) -> dict[str, Any]:
    """An index of some rows, in the words of either database."""
    return {"sqlite_where": rows, "postgresql_where": rows}


class Workspace(SQLModel, table=True):
    """One Slack team. Its row is the lock under which reports are placed and handles are given out.

    `fit_due_at`: when its classifier is fitted next, by compare-and-set; `gone_at`: since when we are not installed.
    """

    id: str = Field(primary_key=True)
    name: str = ""
    last_handle: int = 0
    revision: int = 0
    fit_due_at: dt.datetime | None = moment(nullable=True)
    regrouped_at: dt.datetime | None = moment(nullable=True)
    gone_at: dt.datetime | None = moment(nullable=True)
    swept_at: dt.datetime | None = moment(nullable=True)


class Report(SQLModel, table=True):
    """What one person said, in their own words. `cluster_id` is empty while a flagged message is still to be read.

    `area` is where it belongs as things stand; `likeliest` and `confidence` are what the classifier made of its words,
    whatever became of them; `answered`: whether that was enough to say so; `over_at`: since when it is over for them.
    """

    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index("ix_report_revision", "workspace_id", "revision"),
        Index("ix_report_cluster", "workspace_id", "cluster_id", "said_at"),
        Index("ix_report_person", "cluster_id", "reporter"),
        Index("ix_report_said", "workspace_id", "said_at", "cluster_id"),
        Index("ix_report_message", "workspace_id", "channel", "message_ts", **_where("message_ts <> ''")),
        Index("ix_report_captured", "workspace_id", "cluster_id", **_where("message_ts <> ''")),
        Index("ix_report_cost", "workspace_id", "cluster_id", "reporter", "minutes_lost", **_where(COSTS)),
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
    likeliest: str = ""
    answered: bool = False
    source: str
    reporter: str | None = None
    channel: str = ""
    message_ts: str = ""
    permalink: str = ""
    visibility: str = "public"
    severity: int | None = None
    minutes_lost: int | None = None
    said_at: dt.datetime = moment()
    created_at: dt.datetime = moment()
    withdrawn_at: dt.datetime | None = moment(nullable=True)
    over_at: dt.datetime | None = moment(nullable=True)
    revision: int = 0


class Vote(SQLModel, table=True):
    """One person's reaction with one emoji on one message: a state, last written by Slack's own `event_ts`.

    It names the message and nothing else. Whether the message is a card or a captured message, and so which cluster it
    counts for, is looked up when counting; it therefore follows its report wherever that goes. `over_at`: as there.
    """

    __table_args__ = (
        UniqueConstraint("workspace_id", "channel", "message_ts", "person", "emoji"),
        Index("ix_vote_person", "workspace_id", "person"),
        # Few are taken back; storage.workspaces.version looks at all that were.
        Index("ix_vote_withdrawn", "workspace_id", "id", **_where("NOT given")),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    channel: str
    message_ts: str
    person: str
    emoji: str
    given: bool
    event_ts: str
    voted_at: dt.datetime = moment()
    over_at: dt.datetime | None = moment(nullable=True)


class Cluster(SQLModel, table=True):
    """The reports that are the same underlying problem. `number` is the handle's: 12 is F-12, for ever.

    `title`: what people named it, if they did; `speaker_id`: the report that names it until they do. `area_by`: reports
    (their areas make it) or triage. `status` was set at `status_at`, empty while nobody ever set one; `owner`: who sees
    to it. From `snoozed_at` on digests leave it out, `snoozed_until` a moment, or while it has fewer developers than
    `snoozed_below`. `merged_into`: what it is a part of now, and its
    handle an alias of; `split_from`: what it was taken out of.
    """

    __table_args__ = (
        UniqueConstraint("workspace_id", "number"),
        Index("ix_cluster_merged", "merged_into"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    number: int
    title: str = ""
    area: str = "unsorted"
    area_by: str = "reports"
    status: str = "new"
    status_at: dt.datetime | None = moment(nullable=True)
    owner: str = ""
    snoozed_at: dt.datetime | None = moment(nullable=True)
    snoozed_until: dt.datetime | None = moment(nullable=True)
    snoozed_below: int = 0
    card_channel: str = ""
    card_ts: str = ""
    card_link: str = ""
    merged_into: int | None = Field(default=None, foreign_key="cluster.id")
    split_from: int | None = Field(default=None, foreign_key="cluster.id")
    speaker_id: int | None = None
    created_at: dt.datetime = moment()


class Card(SQLModel, table=True):
    """A message that stands, or once stood, for a cluster. Votes on a card that somebody deleted still count.

    `home_id`: the cluster whose card it is; `cluster_id`: the one that it counts for, since `home_id` may be merged.
    """

    __table_args__ = (
        UniqueConstraint("workspace_id", "channel", "message_ts"),
        Index("ix_card_cluster", "cluster_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    channel: str
    message_ts: str
    cluster_id: int = Field(foreign_key="cluster.id")
    home_id: int = Field(foreign_key="cluster.id")


class Fact(SQLModel, table=True):
    """What a human decided. Facts outrank the model for ever; they are never deleted, only undone or overruled.

    `kind`: same_as, not_same_as, title, area, audience, status, owner, snooze, workaround; or `joined`, which is no
    fact but what the machine did overnight: it is told and undone like one, and binds nobody. A fact is about a
    cluster, or about one report where `cluster_id` is empty (a workaround: about both); `other_id` is the cluster that
    it is, or is not, the same as. `reason` and `link` are what a status was given with, for people to read. `made_by`
    is empty when its author is forgotten. It stands while `undone_at` is empty; `overruled_by`: the fact that ended it.
    """

    __table_args__ = (
        Index("ix_fact_report", "workspace_id", "report_id"),
        Index("ix_fact_cluster", "workspace_id", "cluster_id"),
        Index("ix_fact_other", "workspace_id", "other_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    kind: str
    report_id: int | None = Field(default=None, foreign_key="report.id")
    cluster_id: int | None = Field(default=None, foreign_key="cluster.id")
    other_id: int | None = Field(default=None, foreign_key="cluster.id")
    value: str = ""
    reason: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    link: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    made_by: str | None = None
    made_at: dt.datetime = moment()
    undone_at: dt.datetime | None = moment(nullable=True)
    undone_by: str | None = None
    overruled_by: int | None = Field(default=None, foreign_key="fact.id")


class Move(SQLModel, table=True):
    """One report went from one cluster to another because of one fact; only ever added."""

    __table_args__ = (
        UniqueConstraint("fact_id", "report_id"),
        Index("ix_move_report", "report_id"),
        Index("ix_move_from", "from_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    fact_id: int = Field(foreign_key="fact.id")
    report_id: int = Field(foreign_key="report.id")
    from_id: int = Field(foreign_key="cluster.id")
    to_id: int = Field(foreign_key="cluster.id")


class Fit(SQLModel, table=True):
    """One fitting of a workspace's classifier, and how it did beside the one before on corrections kept from both.

    `taught`: the sha256 of all it learned from; `lessons`: which reports that were, and a digest of each one's words.
    """

    __table_args__ = (Index("ix_fit_workspace", "workspace_id", "taken"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    fitted_at: dt.datetime = moment()
    examples: str
    taught: str
    lessons: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    held_back: int = 0
    old_score: float | None = None
    new_score: float | None = None
    taken: bool = False


class Model(SQLModel, table=True):
    """The model that a fit made, as a file. Only the one in use is kept: others hold words that may be withdrawn."""

    __table_args__ = (UniqueConstraint("workspace_id"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    fit_id: int = Field(foreign_key="fit.id")
    file: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Subscription(SQLModel, table=True):
    """Who gets digests, of which areas, and when. `next_due_at` is the schedule, claimed by compare-and-set.

    `reader`: the person or the channel that the digest goes to; `person`: who wants it there, empty for whoever runs
    the bot. `tz_chosen`: the zone was named, and does not follow the person's. While it is paused until a day,
    `next_due_at` lies behind that day; `paused_because`: Slack refused, and nothing is sent until somebody resumes it.
    `ended_at`: unsubscribed, and kept for a while because that can be undone.
    """

    __table_args__ = (
        UniqueConstraint("workspace_id", "reader"),
        Index("ix_subscription_due", "next_due_at"),
        Index("ix_subscription_person", "workspace_id", "person"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    reader: str
    person: str = ""
    areas: str = "all"
    every: str = "week"
    weekday: str = "mon"
    at: str = "09:00"
    tz: str = "UTC"
    tz_chosen: bool = False
    length: int = 5
    next_due_at: dt.datetime = moment()
    paused_until: dt.datetime | None = moment(nullable=True)
    paused_because: str = ""
    ended_at: dt.datetime | None = moment(nullable=True)
    created_at: dt.datetime = moment()


class Digest(SQLModel, table=True):
    """One reader's digest of the time from `since` to `until`. `state`: due, sent, quiet or dropped.

    `shown`: how things stood when it was sent, for the next one to be compared with.
    """

    __table_args__ = (UniqueConstraint("subscription_id", "due_at"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    subscription_id: int = Field(foreign_key="subscription.id")
    due_at: dt.datetime = moment()
    since: dt.datetime = moment()
    until: dt.datetime | None = moment(nullable=True)
    state: str = "due"
    shown: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False, server_default="{}"))
    channel: str = ""
    message_ts: str = ""
    sent_at: dt.datetime | None = moment(nullable=True)


class Outbox(SQLModel, table=True):
    """What Slack is still to be told. Pending while `wanted` exceeds `done`: a redraw wanted twice is done once.

    `uncertain`: an earlier try may have got through; whoever posts has to look first.
    """

    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index("ix_outbox_pending", "due_at", **_where("wanted > done")),
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
    due_at: dt.datetime = moment()
    claimed_until: dt.datetime | None = moment(nullable=True)
    finished_at: dt.datetime | None = moment(nullable=True)
    parked_at: dt.datetime | None = moment(nullable=True)
    error: str = Field(default="", sa_column=Column(Text, nullable=False))
    created_at: dt.datetime = moment()
