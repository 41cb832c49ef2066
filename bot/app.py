"""Puts the parts together; the only file that knows all of them. Also the one place where errors become words."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

import storage.inbox
import storage.outbox
import storage.workspaces
from bot import clock, listeners, rules, scheduler, views
from bot import slack as slacks
from bot.clock import LastCall
from bot.flows import learn, links, outbox
from bot.flows.kit import Classifier, Groups, House, Kit, Leads
from bot.listeners import http, socket, straight
from bot.settings import CannotStart as CannotStart
from bot.settings import Settings
from bot.slack import Channel, Identity, Slack, SlackRefused
from bot.slack.pace import Pace
from classifiers import grouping, train
from classifiers.area import AreaClassifier
from storage.database import Database, DatabaseGone

log = logging.getLogger(__name__)

#: Outbox workers in one process.
WORKERS = 4

#: How long what is in hand may take, all together, when the process is asked to stop (seconds).
IN_HAND = 10

NOT_SAVED = "I could not save this just now. Please send it again in a minute."


@dataclass(frozen=True, slots=True)
class Running:
    """A bot at work. `port` is where its web server listens."""

    kit: Kit
    workers: outbox.Workers
    identity: Identity
    channel: Channel
    port: int


@contextlib.asynccontextmanager
async def running(settings: Settings, *, paced: bool = True) -> AsyncIterator[Running]:
    """The whole bot, from start to stop. Raises CannotStart, SettingsWrong, DatabaseUnusable.

    `paced`: Slack's limits are kept to; a Slack on this machine has none.
    """
    settings.ready_to_run()
    last_call = LastCall(IN_HAND)
    async with contextlib.AsyncExitStack() as stack:
        kit, identity, channel = await stack.enter_async_context(put_together(settings, paced=paced))
        bolt = bolt_app(settings, kit, identity)
        async with kit.database.transaction() as session:
            if kit.database.embedded:
                await storage.outbox.release(session)
            await storage.outbox.revive(session, identity.workspace_id, clock.now())
            # Now, rather than while the first person waits for an answer.
            await kit.groups.take_up(session)
            await kit.groups.current(session)
        await learn.begin(kit, clock.now())
        await links.take_up(kit, clock.now())
        at_work = workers(kit)
        tasks = [asyncio.create_task(at_work.run()) for _ in range(WORKERS)]
        stack.push_async_callback(_stop, tasks, at_work, last_call)
        stack.push_async_callback(kit.inbox.stop, last_call)
        line = None
        if token := settings.slack_app_token.get_secret_value():
            client = kit.slack.client_for(token)
            line = await stack.enter_async_context(socket.connected(bolt, token, client, clock.unbent, last_call))
        genuine = SignatureVerifier(_secret(settings)).is_valid
        web = http.server(None if line else bolt, genuine, readiness(kit, line, tasks, clock.now))
        port = await stack.enter_async_context(http.serving(web, settings.host, settings.port, last_call))
        await stack.enter_async_context(scheduler.beating(kit, clock.now, last_call))
        stack.callback(at_work.stop)  # first of all: nothing more is begun anywhere
        log.info("running", extra={"workspace": identity.workspace_id, "port": port, "socket": settings.socket_mode})
        yield Running(kit, at_work, identity, channel, port)


@contextlib.asynccontextmanager
async def put_together(settings: Settings, *, paced: bool = True) -> AsyncIterator[tuple[Kit, Identity, Channel]]:
    """The parts that flows need, checked: a database at head, a token that works, a channel that can be written to."""
    database = Database(settings.database_url)
    try:
        await database.prepare()
        token = settings.slack_bot_token.get_secret_value()
        async with slacks.connect(token, settings.slack_api_url, Pace(clock.now) if paced else None) as slack:
            identity = await _identity(slack, settings)
            channel = await _channel(slack, settings.friction_channel)
            kit = await _kit(settings, database, slack, identity, channel)
            yield kit, identity, channel
    finally:
        await database.close()


@contextlib.asynccontextmanager
async def remembered(settings: Settings) -> AsyncIterator[Database | None]:
    """The database, for a command that can do without; None when there is none yet. Raises DatabaseUnusable."""
    database = Database(settings.database_url)
    try:
        if database.missing:
            yield None
        else:
            await database.prepare()
            yield database
    finally:
        await database.close()


def workers(kit: Kit) -> outbox.Workers:
    """Who works the outbox off, by the real clock."""
    return outbox.Workers(kit, clock=clock.now, of_message=clock.of_message)


async def leads(settings: Settings) -> frozenset[str]:
    """Who counts as a lead. User groups are asked for where there is a token, and count for nobody without one."""
    token = settings.slack_bot_token.get_secret_value()
    known = Leads(settings.leads)
    if token:
        async with slacks.connect(token, settings.slack_api_url) as slack:
            await known.refresh(slack)
    return known.people


async def workspace(settings: Settings) -> str:
    """The workspace of the token; empty where there is none. Raises SlackRefused."""
    token = settings.slack_bot_token.get_secret_value()
    if not token:
        return ""
    async with slacks.connect(token, settings.slack_api_url) as slack:
        return (await slack.identity()).workspace_id


def bolt_app(settings: Settings, kit: Kit, identity: Identity) -> AsyncApp:
    """Bolt with our listeners. Everything is passed: it would read variables of its own from the environment."""

    async def authorize() -> AuthorizeResult:
        """Who we are was learned at the start. Asked per request, a failing Slack would drop the event in silence."""
        return AuthorizeResult(
            enterprise_id=None,
            team_id=identity.workspace_id,
            bot_user_id=identity.bot_user_id,
            bot_id=identity.bot_id,
            bot_token=settings.slack_bot_token.get_secret_value(),
        )

    bolt = straight.App(
        kit,
        _in_words(kit),
        # Bolt's own loggers take their level from this one, or else from the root's, and print payloads.
        logger=logging.getLogger("slack_bolt"),
        signing_secret=_secret(settings),
        client=kit.slack.client,
        authorize=authorize,
        # Our listeners store before they acknowledge; Bolt's default acknowledges events before they run.
        process_before_response=True,
    )
    listeners.register(bolt, kit)
    return bolt


def _secret(settings: Settings) -> str:
    """In Socket Mode nothing is signed; the SDK still wants a secret that is not empty."""
    return settings.slack_signing_secret.get_secret_value() or "unused in socket mode"


def _in_words(kit: Kit) -> Callable[[Exception, dict[str, Any]], Awaitable[BoltResponse]]:
    """What goes wrong becomes words: with the person's text where they typed one, at a field where there is a form,
    beside the button where they pressed one. An event is refused, and comes again."""

    async def answer(error: Exception, body: dict[str, Any]) -> BoltResponse:
        if isinstance(error, DatabaseGone):
            log.error("database gone", extra={"error": str(error)})
        else:
            log.error("listener failed", exc_info=error)
        if "command" in body:
            told = views.report.handed_back(NOT_SAVED, rules.text.received(str(body.get("text") or "")))
            return _json(200, {"text": told.text, "blocks": told.blocks, "response_type": "ephemeral"})
        if body.get("type") == "view_submission":
            fields = (body.get("view") or {}).get("state", {}).get("values") or {"words": {}}
            return _json(200, {"response_action": "errors", "errors": {next(iter(fields)): NOT_SAVED}})
        if url := str(body.get("response_url") or ""):
            # The outbox is where it is because the database is not; this one answer goes out by itself, or not at all.
            with contextlib.suppress(SlackRefused, TimeoutError):
                async with asyncio.timeout(1):
                    await kit.slack.answer(url, views.report.sentence(NOT_SAVED), replace=False)
            return _json(200, {})
        return _json(500, {"error": "not stored"})

    return answer


def _json(status: int, body: dict[str, Any]) -> BoltResponse:
    return BoltResponse(status=status, body=json.dumps(body), headers={"Content-Type": ["application/json"]})


async def _identity(slack: Slack, settings: Settings) -> Identity:
    try:
        identity = await slack.identity()
    except SlackRefused as refusal:
        if refusal.permanent or refusal.installation:
            raise CannotStart(f"Slack does not accept SLACK_BOT_TOKEN ({refusal.code}).") from refusal
        raise CannotStart(f"Slack does not answer at {settings.slack_api_url} ({refusal.code}).") from refusal
    if settings.socket_mode:
        try:
            await slack.socket_address(settings.slack_app_token.get_secret_value())
        except SlackRefused as refusal:
            if refusal.unknown or refusal.retry_after is not None:
                raise CannotStart(f"Slack does not open a socket just now ({refusal.code}).") from refusal
            raise CannotStart(
                f"Slack does not accept SLACK_APP_TOKEN ({refusal.code}). It needs the scope connections:write."
            ) from refusal
    return identity


async def _channel(slack: Slack, wanted: str) -> Channel:
    try:
        channel = await slack.find_channel(wanted)
    except SlackRefused as refusal:
        raise CannotStart(f"Slack does not tell me about channels ({refusal.code}).") from refusal
    if channel is None:
        raise CannotStart(f"FRICTION_CHANNEL: there is no channel {wanted!r} that I can see.")
    if channel.archived:
        raise CannotStart(f"FRICTION_CHANNEL: #{channel.name} is archived.")
    if not channel.member:
        raise CannotStart(f"I am not in #{channel.name}. Type there: /invite @friction")
    return channel


async def _kit(settings: Settings, database: Database, slack: Slack, identity: Identity, channel: Channel) -> Kit:
    known = Leads(settings.leads)
    for unknown in await known.refresh(slack):
        log.warning("LEADS names a group that Slack does not know", extra={"group": unknown})
    # Fitting takes seconds; never on the event loop.
    area, space = await asyncio.to_thread(models, settings)
    async with database.transaction() as session:
        await storage.workspaces.ensure(session, identity.workspace_id, identity.workspace)
    house = House(
        workspace_id=identity.workspace_id,
        bot_user_id=identity.bot_user_id,
        channel=channel.id,
        capture=frozenset(rules.reactions.listed(settings.capture_emoji)),
        upvote=rules.reactions.listed(settings.upvote_emoji),
        about=settings.areas(),
        admins=frozenset(settings.admins),
        retention=settings.retention_months,
        gone_after=dt.timedelta(days=settings.gone_after_days),
        secret=settings.friction_secret.get_secret_value() or settings.slack_bot_token.get_secret_value(),
        hourly=settings.hourly(),
        drawn=settings.digest_chart == "drawn",
    )
    kept = model_path(settings)
    groups = Groups(space, identity.workspace_id, kept.parent)
    return Kit(database, slack, house, Classifier(area, kept), groups, known)


def models(settings: Settings) -> tuple[AreaClassifier, grouping.Space]:
    """The trained classifier and the space that texts are compared in: from the cache, or made now (seconds)."""
    area, _ = train.load_or_fit(model_path(settings), settings.areas())
    return area, space()


def space() -> grouping.Space:
    """What texts are compared in: how rare each word is in the corpus."""
    return grouping.Space.from_texts([text for text, _ in train.corpus()])


def model_path(settings: Settings) -> Path:
    """Where the trained classifier is kept between starts."""
    return Path(settings.friction_cache).expanduser() / "area.npz"


def readiness(
    kit: Kit, line: socket.Socket | None, tasks: list[asyncio.Task[None]], now: Callable[[], dt.datetime]
) -> Callable[[], Awaitable[tuple[bool, str]]]:
    """What answers whether we can serve. `line`: Slack's socket, if that is how it reaches us; `now`: the time.

    That much is still to be filed is told, but is no reason to send people elsewhere: all of it is stored.
    """

    async def ready() -> tuple[bool, str]:
        try:
            async with kit.database.reading() as session:
                unfiled, first = await storage.inbox.depth(session, kit.house.workspace_id)
        except DatabaseGone:
            return False, "the database does not answer"
        if any(task.done() for task in tasks):
            return False, "the outbox is not worked off"
        well = line is None or await line.well()
        told = ["ok" if well else "Slack’s socket is not connected"]
        if first is not None:
            count = views.blocks.count(unfiled, "report")
            told.append(f"{count} still to be filed, the first for {(now() - first).total_seconds():.0f} s")
        if line is not None:
            told.append(line.told())
        return well, "; ".join(told)

    return ready


async def _stop(tasks: list[asyncio.Task[None]], workers: outbox.Workers, last_call: LastCall) -> None:
    """Let what is in hand come to its end; the rest stays in the database for whoever is next."""
    workers.stop()
    _, late = await asyncio.wait(tasks, timeout=last_call.left())
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    await workers.let_go()
