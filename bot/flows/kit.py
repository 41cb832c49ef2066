"""What every flow works with. Put together once, in `app.py`."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import storage.reports
from bot import rules
from bot.flows.inbox import Inbox
from bot.flows.moment import Moments
from bot.flows.whereabouts import Whereabouts
from bot.slack import Slack, SlackRefused
from classifiers import grouping, link, shelf
from classifiers.area import Answer, AreaClassifier
from classifiers.areas import Area, keys
from storage.database import Database, Session

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class House:
    """How this workspace is set up. `about`: the areas there are, and what each is for; `hourly`: an hour's cost.

    `gone_after`: how long after a fix people are asked whether it is gone. `secret`: what unnamed authors are known
    again with; whoever has it and the database can find them out by trying everybody. `retention`: for how many months
    words are kept, 0 for ever. `drawn`: whether Slack draws a digest's chart; otherwise it is text.
    """

    workspace_id: str
    bot_user_id: str
    channel: str
    capture: frozenset[str]
    upvote: tuple[str, ...]
    about: tuple[Area, ...]
    admins: frozenset[str]
    retention: int = 18
    gone_after: dt.timedelta = dt.timedelta(days=10)
    secret: str = field(default="", repr=False)
    hourly: tuple[float, str] | None = None
    drawn: bool = True

    @property
    def rate(self) -> rules.time_lost.Rate | None:
        """What an hour costs, where somebody said so."""
        return rules.time_lost.Rate(*self.hourly) if self.hourly else None

    @property
    def areas(self) -> tuple[str, ...]:
        """The keys of the areas there are."""
        return keys(self.about)


class Classifier:
    """Tells areas apart: by the corpus, until this workspace has taught it better."""

    def __init__(self, model: AreaClassifier, kept: Path) -> None:
        """`model`: the corpus' own, which is kept at `kept`."""
        self._model = self._corpus = model
        self.kept = kept
        self.examples = model.corpus_
        self.fit_id = 0

    def answer(self, text: str) -> Answer:
        """The answer to one report; any text is answered, if only with `unsorted`."""
        return self._model.answer(text)

    def answers(self, texts: Sequence[str]) -> list[Answer]:
        """The answers to many reports, in their order; each costs a fraction of what it does alone."""
        return self._model.answers(texts)

    def take(self, model: AreaClassifier, fit_id: int) -> None:
        """Answer by this model from here on; `fit_id`: the fit that made it."""
        self._model, self.fit_id = model, fit_id

    def drop(self) -> None:
        """Answer by the corpus alone again: what was learned from is to be forgotten."""
        self._model, self.fit_id = self._corpus, 0


class Groups:
    """The workspace's reports as the grouping knows them: a copy of what is committed, brought up to date on use.

    Each night's copy is kept in a file, so that a start need not read everything. It holds people's words: as soon as
    any of them is taken back or changed it is deleted, and the next night writes another.
    """

    def __init__(self, space: grouping.Space, workspace_id: str, folder: Path) -> None:
        """Empty until it is first used. `folder`: where the file is kept."""
        self.space = space
        self.model = link.SHIPPED
        self._index = grouping.Index(space)
        self._workspace_id = workspace_id
        self._folder = folder
        self._revision = 0
        self._updating = asyncio.Lock()

    def take(self, model: link.Link) -> None:
        """Score by this model from here on."""
        self.model = self._index.model = model

    async def take_up(self, session: Session) -> None:
        """At the start: begin with what was kept, if that is this database's. What came since is read on use."""
        kept, index = (
            self._kept(await storage.reports.first(session, self._workspace_id)),
            grouping.Index(self.space, model=self.model),
        )
        if not kept.exists():
            return
        try:
            revision = await asyncio.to_thread(shelf.load, kept, index)
        except ValueError as fault:
            log.warning("The kept index cannot be used, and every report is read.", extra={"fault": str(fault)})
            kept.unlink(missing_ok=True)
        else:
            self._index, self._revision = index, revision

    async def current(self, session: Session) -> grouping.Index:
        """The index as of the last commit. Inside a lock on the workspace nothing can come after it."""
        async with self._updating:
            forgotten = self._index.forgotten
            for change in await storage.reports.changed_since(session, self._workspace_id, self._revision):
                if change.cluster_id is None:
                    self._index.remove(change.report_id)
                else:
                    self._index.put(change.report_id, change.cluster_id, change.text)
                self._revision = change.revision
            if self._index.forgotten > forgotten:
                self._forget()
        return self._index

    async def renew(self, session: Session, index: grouping.Index, revision: int) -> None:
        """Keep an index that was made anew of what stood at this revision, and go on with it."""
        first = await storage.reports.first(session, self._workspace_id)
        self._forget()
        if first:
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                await asyncio.to_thread(shelf.save, index, self._kept(first), revision)
            except OSError as fault:
                log.warning("The index cannot be kept, and every start reads all reports.", extra={"fault": str(fault)})
        async with self._updating:
            self._index, self._revision = index, revision
            index.model = self.model
        # What was taken back meanwhile must not stay in the file.
        await self.current(session)

    def _kept(self, first: str) -> Path:
        """The file of a database. Another one may be in its place by tomorrow; its first report tells them apart."""
        return self._folder / f"groups-{self._workspace_id}-{sha256(first.encode()).hexdigest()[:16]}.npz"

    def forget(self) -> None:
        """Hold nothing any more, in memory or in a file."""
        self._index, self._revision = grouping.Index(self.space), 0
        self._forget()

    def _forget(self) -> None:
        for kept in self._folder.glob(f"groups-{self._workspace_id}-*.npz"):
            kept.unlink(missing_ok=True)


class Leads:
    """The team leads: people named in the settings, and whoever is in the user groups named there."""

    def __init__(self, listed: Sequence[str]) -> None:
        """`listed`: ids of people and of user groups."""
        self._listed = tuple(listed)
        self._members: dict[str, list[str]] = {}
        self.people = frozenset(listed)

    async def refresh(self, slack: Slack) -> list[str]:
        """Ask Slack who is in the groups now. Gives back the ids that are neither a person nor a group Slack knows.

        While Slack does not answer, whoever was in a group before still is.
        """
        unknown = []
        for listed in self._listed:
            # A group's id begins with S in every workspace; people's begin with U or W.
            if not listed.startswith("S"):
                self._members[listed] = [listed]
                continue
            try:
                self._members[listed] = await slack.group_members(listed)
            except SlackRefused as refusal:
                if refusal.permanent:
                    self._members.pop(listed, None)
                    unknown.append(listed)
        self.people = frozenset(person for members in self._members.values() for person in members)
        return unknown


@dataclass(frozen=True, slots=True)
class Kit:
    """The parts. `moments`: what those share who ask at once; `wake` is set when the outbox has something new; `inbox`
    is where what people say comes in; `rooms`: what Slack said of who is where, and until when that is good;
    `whereabouts`: what it said of where things are said; `looked`: when each public channel was last looked at."""

    database: Database
    slack: Slack
    house: House
    area: Classifier
    groups: Groups
    leads: Leads
    moments: Moments = field(default_factory=Moments)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    rooms: dict[tuple[str, str], tuple[dt.datetime, tuple[bool, bool]]] = field(default_factory=dict)
    inbox: Inbox = field(default_factory=Inbox)
    whereabouts: Whereabouts = field(default_factory=Whereabouts)
    looked: dict[str, dt.datetime] = field(default_factory=dict)
