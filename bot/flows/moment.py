"""One moment, from which everybody is told who asks within half a minute of it and before anything else happens.

What ranks clusters is summed over everybody who ever spoke. A hundred digests that are due together ask the same of the
database a hundred times; told from one moment, they ask once.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import storage.clusters
import storage.developers
import storage.reports
import storage.workspaces
from bot import rules
from bot.flows import standing
from storage.database import Session

if TYPE_CHECKING:
    from bot.flows.kit import Kit
    from bot.rules.attention import Sorted
    from bot.rules.impact import Standing

#: How long a moment is shared. Nothing is said meanwhile that it does not know of; only everything grows older.
SHARED = dt.timedelta(seconds=30)


class Moment:
    """How everything stood `at` one moment. Each thing is asked for when it is first needed, and once."""

    def __init__(self, kit: Kit, at: dt.datetime) -> None:
        """Nothing is asked yet."""
        self.at = at
        self._kit = kit
        self._answers: dict[Hashable, Any] = {}
        self._asking = asyncio.Lock()

    async def ranked(self, areas: Sequence[str] | None, since: dt.datetime | None = None) -> list[Standing]:
        """Those of `every` that rank: nobody needs to be told of what is closed."""
        found, _ = await self.sort(areas, since)
        return found.open

    async def sort(
        self, areas: Sequence[str] | None, since: dt.datetime | None = None
    ) -> tuple[Sorted, dict[int, storage.clusters.SetAside]]:
        """The same clusters by whether they ask for attention, and what was decided about those that may not."""
        key = ("sorted", areas and tuple(areas), since)
        if key not in self._answers:
            self._answers[key] = await self._sort(areas, since)
        found: tuple[Sorted, dict[int, storage.clusters.SetAside]] = self._answers[key]
        return found

    async def _sort(
        self, areas: Sequence[str] | None, since: dt.datetime | None
    ) -> tuple[Sorted, dict[int, storage.clusters.SetAside]]:
        every = await self.every(areas, since)
        aside: Mapping[int, storage.clusters.SetAside] = await self._once(
            "aside", lambda session: storage.clusters.set_aside(session, self._kit.house.workspace_id, None)
        )
        placed = {} if areas is None else await self._places()
        here = {each: one for each, one in aside.items() if areas is None or placed.get(each) in areas}
        shipped = [each for each, one in here.items() if one.status == "shipped"]
        again = await standing.returned(self._kit, shipped, self.at)
        return rules.attention.sort(every, here, returned=again, since=since or self.at, now=self.at), here

    async def every(self, areas: Sequence[str] | None, since: dt.datetime | None = None) -> list[Standing]:
        """The clusters of these areas (None: of all), the worst first. People are new when they came after `since`;
        without it, nobody asks who is.

        A cluster whose last report was taken back hurts nobody, whoever voted for it.
        """
        ranked = await self._in(areas)
        if since is None:
            return ranked
        new: dict[int, int] = await self._once(
            ("newcomers", since),
            lambda session: storage.developers.newcomers(session, self._kit.house.workspace_id, since),
        )
        return [replace(each, new=new[each.cluster_id]) if each.cluster_id in new else each for each in ranked]

    async def evidence(self, areas: Sequence[str] | None) -> int:
        """A number for what was said in these areas; another one means that something was."""
        key = ("evidence", areas and tuple(areas))
        if key not in self._answers:
            self._answers[key] = rules.digest.evidence(await self._in(areas))
        number: int = self._answers[key]
        return number

    async def cells(self, cluster_ids: Collection[int]) -> dict[int, rules.receipt.Cells]:
        """What a receipt remembers of each of these clusters."""
        days = len(rules.impact.FRESHNESS)
        return await self._each(
            "cells", cluster_ids, lambda session, ids: storage.developers.cells(session, ids, self.at, days)
        )

    async def active(self, cluster_ids: Collection[int], period: dt.timedelta) -> dict[int, list[int]]:
        """How many people spoke of each of these clusters in each of the last periods, the oldest first."""
        bounds = rules.trend.bounds(self.at, period)
        workspace_id = self._kit.house.workspace_id
        return await self._each(
            ("active", period),
            cluster_ids,
            lambda session, ids: storage.developers.active(session, workspace_id, ids, bounds),
        )

    async def lost(self, cluster_ids: Collection[int]) -> dict[int, list[tuple[int, int, int]]]:
        """What each of these clusters cost: minutes, in how many reports, and how many people said that."""
        workspace_id = self._kit.house.workspace_id
        found: dict[int, list[tuple[int, int, int]] | None] = await self._each(
            "lost", cluster_ids, lambda session, ids: storage.reports.lost(session, workspace_id, ids)
        )
        return {cluster_id: lost or [] for cluster_id, lost in found.items()}

    async def per_area(self, areas: Sequence[str] | None, weeks: int) -> dict[str, list[int]]:
        """How many reports came in each of these areas in each of the last weeks, the oldest first."""
        bounds = rules.trend.bounds(self.at, dt.timedelta(weeks=1), weeks)
        counts: dict[str, list[int]] = await self._once(
            ("per area", weeks),
            lambda session: storage.reports.per_area(session, self._kit.house.workspace_id, None, bounds),
        )
        return {area: counted for area, counted in counts.items() if areas is None or area in areas}

    async def _in(self, areas: Sequence[str] | None) -> list[Standing]:
        ranked: list[Standing] = await self._once("ranked", self._sum)
        if areas is None:
            return ranked
        placed = await self._places()
        return [each for each in ranked if placed.get(each.cluster_id) in areas]

    async def _places(self) -> Mapping[int, str]:
        """The area of each cluster."""
        placed: Mapping[int, str] = await self._once(
            "places", lambda session: storage.clusters.places(session, self._kit.house.workspace_id)
        )
        return placed

    async def _sum(self, session: Session) -> list[Standing]:
        sums = await storage.developers.summed(
            session,
            self._kit.house.workspace_id,
            freshness=rules.impact.FRESHNESS,
            unsaid=rules.impact.UNSAID,
            few=rules.impact.FEW,
            leads=self._kit.leads.people,
            now=self.at,
            since=self.at,
        )
        return rules.impact.rank(rules.impact.Standing(*each) for each in sums)

    async def _once(self, key: Hashable, ask: Callable[[Session], Awaitable[Any]]) -> Any:
        async with self._asking:
            if key not in self._answers:
                async with self._kit.database.reading() as session:
                    self._answers[key] = await ask(session)
            return self._answers[key]

    async def _each(
        self, what: Hashable, cluster_ids: Collection[int], ask: Callable[[Session, list[int]], Awaitable[Any]]
    ) -> dict[int, Any]:
        """The same for each cluster by itself: only those are asked for that nobody asked for before."""
        async with self._asking:
            known = self._answers.setdefault(("each", what), {})
            if missing := [each for each in cluster_ids if each not in known]:
                async with self._kit.database.reading() as session:
                    found = await ask(session, missing)
                known |= {each: found.get(each) for each in missing}
            return {each: known[each] for each in cluster_ids}


class Moments:
    """The latest moment that was shared."""

    def __init__(self) -> None:
        """There is none yet."""
        self._latest: Moment | None = None
        self._known: Hashable = None

    async def current(self, kit: Kit, now: dt.datetime, *, after: dt.datetime | None = None) -> Moment:
        """A moment that everything which was said or decided until now is in; not one from before `after`.

        It may be up to SHARED old when nothing was said since, by whichever process.
        """
        async with kit.database.reading() as session:
            version = await storage.workspaces.version(session, kit.house.workspace_id)
        known = (kit.database, kit.leads.people, version)
        latest = self._latest
        if (
            latest is None
            or self._known != known
            or not dt.timedelta() <= now - latest.at <= SHARED
            or (after is not None and latest.at < after)
        ):
            latest, self._known = Moment(kit, now), known
            self._latest = latest
        return latest
