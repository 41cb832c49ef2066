"""Deciding about clusters: from the ⋯ on a card, on `show F-12` and in a digest, by forms.

Every form comes back with the cluster it is about and where to answer; who may decide is found out where it is decided.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot import views
from bot.flows import decide, desk, history, merge, rename, split, suggest, workaround
from bot.flows.kit import Kit
from bot.flows.triage import Refused
from bot.listeners import answers, windows
from bot.listeners import decide as deciding_forms
from bot.listeners.actions import number, person, value


async def opened(ack: AsyncAck, body: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """Somebody chose what to do about a cluster, or looks at a suggested split: the form for it opens."""
    gesture, _, rest = value(body).partition(":")
    cluster_id, _, more = rest.partition(":")
    try:
        view = await _form(kit, gesture, number(cluster_id), more, person(body), answers.where_from(body), now)
    except Refused as refused:
        await answers.answer(kit, body, now, str(refused))
    else:
        await windows.show(kit, body, view, now)
    await ack()


async def _form(
    kit: Kit, gesture: str, cluster_id: int, more: str, who: str, carried: dict[str, Any], now: dt.datetime
) -> dict[str, Any]:
    """The form for a gesture. `more`: a suggestion to split, or the status that was chosen. Raises Refused."""
    here = await desk.seen(kit, cluster_id, who, now)
    carried |= {"cluster": here.cluster_id}
    match gesture:
        case "merge":
            choices = await desk.likely(kit, here.cluster_id, now)
            return views.triage.merge_form(here.named, choices, json.dumps(carried))
        case "split":
            reports, older = await desk.reports(kit, here.cluster_id)
            chosen = await suggest.leaving(kit, number(more))
            return views.triage.split_form(here.named, reports, json.dumps(carried), more=older, chosen=chosen)
        case "rename":
            return views.triage.name_form(here.handle, here.title, json.dumps(carried | {"was": here.title}))
        case "area":
            carried |= {"was": here.area}
            return views.triage.area_form(here.handle, kit.house.areas, here.area, json.dumps(carried))
        case "workaround":
            said, words = await workaround.current(kit, here.cluster_id)
            return views.triage.workaround_form(here.handle, words, json.dumps(carried | {"was": said}))
    return await deciding_forms.form(kit, gesture, more, here, who, carried, now)


async def went_on(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """What is rarer done with a cluster was chosen: the form for it takes this one's place."""
    carried, gesture = windows.carried(view), views.form.values(view).get("gesture", "")
    try:
        form = await _form(kit, gesture, int(carried.get("cluster") or 0), "", person(body), carried, now)
    except Refused as refused:
        form = answers.told(str(refused), "Decide")
    await ack(response_action="update", view=form)


async def merged(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The form for merging: first which cluster, then, once it is said what will happen, whether."""
    carried, given, who = windows.carried(view), views.form.values(view), person(body)
    cluster_id, into = int(carried.get("cluster") or 0), int(carried.get("into") or 0)
    if into:
        deciding = merge.merge(kit, cluster_id, into, who, now, despite=_facts(carried))
        await answers.by_form(
            ack, kit, view, body, now, deciding, "Merge", lambda facts: _check(kit, carried, who, now)
        )
        return
    typed = given.get("words", "").strip()
    try:
        chosen = await desk.meant(kit, typed) if typed else int(given.get("choice") or 0) or None
        if chosen is not None:
            await ack(response_action="update", view=await _check(kit, carried | {"into": chosen}, who, now))
            return
        if not typed:
            await ack(response_action="errors", errors={"words": "Choose one, or say which: F-9, or a few words."})
            return
        here = await desk.seen(kit, cluster_id, who, now)
        choices = await desk.likely(kit, cluster_id, now, typed)
    except Refused as refused:
        await ack(response_action="errors", errors={"words": str(refused)})
        return
    if not choices:
        await ack(response_action="errors", errors={"words": "Nothing like that has been reported."})
        return
    note = f"Most like “{views.words.cut(typed, 60)}”. {here.named} is the same problem as:"
    form = views.triage.merge_form(here.named, choices, json.dumps(carried), note=note)
    await ack(response_action="update", view=form)


async def _check(kit: Kit, carried: dict[str, Any], who: str, now: dt.datetime) -> dict[str, Any]:
    said, facts = await desk.consequences(kit, carried["cluster"], carried["into"], who, now)
    against = await history.told(kit, facts, who)
    return views.triage.merge_check(said, against, json.dumps(carried | {"facts": facts}))


async def was_split(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The form for splitting."""
    carried, given, who = windows.carried(view), views.form.values(view), person(body)
    ticked = [int(each) for boxes in given.values() for each in boxes.split(",") if each.isdigit()]
    chosen = ticked or [int(each) for each in carried.get("leaving", [])]
    if not chosen:
        await ack(response_action="errors", errors={"reports0": "Choose the reports that are another problem."})
        return

    async def check(facts: list[int]) -> dict[str, Any]:
        again = json.dumps(carried | {"leaving": chosen, "facts": facts})
        return views.triage.split_check(len(chosen), await history.told(kit, facts, who), again)

    deciding = split.split(kit, int(carried.get("cluster") or 0), chosen, who, now, despite=_facts(carried))
    await answers.by_form(ack, kit, view, body, now, deciding, "Split", check)


async def renamed(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The form for a name."""
    carried, title = windows.carried(view), views.form.values(view).get("title", "")
    cluster_id, was = int(carried.get("cluster") or 0), str(carried.get("was") or "")
    try:
        deciding = rename.rename(kit, cluster_id, title, person(body), now, was=was)
        await answers.by_form(ack, kit, view, body, now, deciding, "Rename")
    except decide.Changed as changed:
        here = await desk.seen(kit, cluster_id, person(body), now)
        again = json.dumps(carried | {"was": here.title})
        await ack(response_action="update", view=views.triage.name_form(here.handle, title, again, note=str(changed)))


async def retagged(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The form for an area."""
    carried, area = windows.carried(view), views.form.values(view).get("area", "")
    cluster_id, was = int(carried.get("cluster") or 0), str(carried.get("was") or "")
    try:
        deciding = rename.retag(kit, cluster_id, area, person(body), now, was=was)
        await answers.by_form(ack, kit, view, body, now, deciding, "Change area")
    except decide.Changed as changed:
        here = await desk.seen(kit, cluster_id, person(body), now)
        again = json.dumps(carried | {"was": here.area})
        form = views.triage.area_form(here.handle, kit.house.areas, area, again, note=str(changed))
        await ack(response_action="update", view=form)


async def worked_around(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], kit: Kit, now: dt.datetime) -> None:
    """The form for a workaround."""
    carried, words = windows.carried(view), views.form.values(view).get("words", "")
    cluster_id, was = int(carried.get("cluster") or 0), str(carried.get("was") or "")
    try:
        deciding = workaround.write(kit, cluster_id, words, person(body), now, was=was)
        await answers.by_form(ack, kit, view, body, now, deciding, "Workaround")
    except decide.Changed as changed:
        here, (said, _) = await desk.seen(kit, cluster_id, person(body), now), await workaround.current(kit, cluster_id)
        again = json.dumps(carried | {"was": said})
        form = views.triage.workaround_form(here.handle, words, again, note=str(changed))
        await ack(response_action="update", view=form)


def _facts(carried: dict[str, Any]) -> list[int]:
    return [int(each) for each in carried.get("facts", [])]
