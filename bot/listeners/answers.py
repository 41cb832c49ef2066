"""Questions with two answers, and every Undo. What is answered is drawn anew where the question stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot import views
from bot.flows import digest as digests
from bot.flows import home, outbox, split, suggest, undo
from bot.flows.kit import Kit
from bot.flows.triage import Contradicted, Done, Refused
from bot.listeners import windows
from bot.listeners.actions import number, person, value


async def undone(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody takes a decision back."""
    fact_id, _, where = value(body).partition(":")
    try:
        done = await undo.undo(kit, number(fact_id), person(body), now)
    except Refused as refused:
        await answer(kit, body, now, str(refused))
    else:
        await redraw(kit, body, now, done, where)
    await ack()


async def same(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Two clusters are the same."""
    await _suggested(body, kit, now, "same", value(body))
    await ack()


async def different(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Two clusters are different."""
    await _suggested(body, kit, now, "different", value(body))
    await ack()


async def none_of_them(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """A report is nothing of what it was said to be like."""
    await _suggested(body, kit, now, "none", value(body))
    await ack()


async def set_apart(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The reporter says it is another problem."""
    await _suggested(body, kit, now, "apart", f"{value(body)}:report:{value(body)}")
    await ack()


async def insist(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody has seen what stands against their answer, and decides all the same."""
    facts, gesture, rest = [*value(body).split("/"), "", ""][:3]
    await _suggested(body, kit, now, gesture, rest, [number(each) for each in facts.split(",")])
    await ack()


async def leave(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody has seen what stands against their answer, and leaves it at that."""
    await answer(kit, body, now, "Left as it is.", replace=True)
    await ack()


async def _suggested(
    body: dict[str, Any], kit: Kit, now: dt.datetime, gesture: str, rest: str, despite: list[int] | None = None
) -> None:
    """An answer to a question. `rest`: the suggestion or report, and where the question stands."""
    key, _, where = rest.partition(":")
    who, seen = person(body), despite or []
    try:
        match gesture:
            case "same" | "different":
                own = where.startswith("report:")
                done = await suggest.answer(kit, number(key), gesture == "same", who, now, own=own, despite=seen)
            case "none":
                done = await suggest.none_of_them(kit, number(key), who, now)
            case "apart":
                done = await split.set_apart(kit, number(key), who, now, despite=seen)
            case _:
                raise Refused("I do not know how to do that.")
    except Refused as refused:
        await answer(kit, body, now, str(refused), replace=despite is not None)
    except Contradicted as contradicted:
        facts = list(contradicted.fact_ids)
        again = f"{','.join(map(str, facts))}/{gesture}/{rest}"
        await answer(kit, body, now, "", choice=(facts, who, again), replace=despite is not None)
    else:
        await redraw(kit, body, now, done, where if despite is None else "")


async def redraw(kit: Kit, body: dict[str, Any], now: dt.datetime, done: Done, where: str) -> None:
    """Draw anew what the button stands in: a report's answer, a cluster, or a digest; or answer in its place."""
    kind, _, key = where.partition(":")
    carried, who = where_from(body), person(body)
    # Undo stands in an answer below the digest that the decision was made in, which shows it still.
    await digests.want_latest_redrawn(kit, (who, carried["channel"]), done.cluster_id, now)
    if await windows.in_home(kit, body, "", now):
        return
    if kind == "report":
        await answer(kit, body, now, done.news, undo=done.fact_id, report_id=number(key), replace=True)
    elif kind:
        await answer(kit, body, now, done.news, undo=done.fact_id, show=(done.cluster_id, who), replace=True)
    elif not await digests.want_redrawn(kit, who, carried["channel"], carried["ts"], now):
        await answer(kit, body, now, done.news, undo=done.fact_id, replace=carried["show"])


async def answer(
    kit: Kit, body: dict[str, Any], now: dt.datetime, news: str, *, replace: bool = False, **more: Any
) -> None:
    """Answer who pressed something. `more`: what is shown with the news, as the outbox takes it."""
    if await windows.in_home(kit, body, news, now):
        return
    action = body["actions"][0]
    key = f"{action.get('action_ts')}:{action.get('action_id')}:{person(body)}"
    url = str(body.get("response_url") or "")
    await outbox.answer(kit, url, key, now, news=news, replace=replace, **more)


def where_from(body: dict[str, Any]) -> dict[str, Any]:
    """Where a gesture was made: what answers it, and whether that is drawn anew."""
    container = body.get("container") or {}
    return {
        "answer": str(body.get("response_url") or ""),
        "show": bool(container.get("is_ephemeral")),
        "home": container.get("type") == "view",
        "channel": str(container.get("channel_id") or ""),
        "ts": str(container.get("message_ts") or ""),
    }


async def by_form(
    ack: AsyncAck,
    kit: Kit,
    view: dict[str, Any],
    body: dict[str, Any],
    now: dt.datetime,
    deciding: Awaitable[Done],
    title: str,
    check: Callable[[list[int]], Awaitable[dict[str, Any]]] | None = None,
) -> None:
    """Decide, and say so where the form came from; what cannot be done is said in the form."""
    carried = windows.carried(view)
    try:
        done = await deciding
    except Contradicted as contradicted:
        assert check is not None
        await ack(response_action="update", view=await check(list(contradicted.fact_ids)))
        return
    except Refused as refused:
        await ack(response_action="update", view=told(str(refused), title))
        return
    url, show = str(carried.get("answer") or ""), bool(carried.get("show"))
    if carried.get("home"):
        # It is drawn anew with what was decided and its Undo.
        await home.want(kit, person(body), now)
        await ack()
        return
    if not url:
        await ack(response_action="update", view=told(done.news, title))
        return
    await outbox.answer(
        kit,
        url,
        f"decided:{view['id']}",
        now,
        news=done.news,
        undo=done.fact_id,
        show=(done.cluster_id, person(body)) if show else None,
        replace=show,
    )
    await digests.want_redrawn(kit, person(body), str(carried.get("channel")), str(carried.get("ts")), now)
    await ack()


def told(news: str, title: str) -> dict[str, Any]:
    """A sentence in place of a form."""
    return views.cluster.window(views.report.sentence(news), title)
