"""Every way Slack can reach us. The whole table is on this screen; each row's work is in the file of its gesture."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.response import BoltResponse

from bot import clock, rules
from bot.flows.kit import Kit
from bot.listeners import actions, answers, commands, decide, desk, events, forms, hearing, shortcuts

log = logging.getLogger(__name__)

ANYTHING = re.compile(".*", re.DOTALL)


def register(app: AsyncApp, kit: Kit) -> None:
    """Tell Bolt what to do with each gesture. The first row that matches is the only one that runs."""
    app.use(_Parts(kit))

    app.command("/friction")(commands.friction)

    app.shortcut("friction_report_global")(shortcuts.report)
    app.shortcut("friction_report_message")(shortcuts.save_message)

    app.event("reaction_added")(events.reaction_added)
    app.event("reaction_removed")(events.reaction_removed)
    app.event("app_home_opened")(events.home_opened)
    app.event({"type": "message", "subtype": "message_changed"})(events.message_changed)
    app.event({"type": "message", "subtype": "message_deleted"})(events.message_deleted)
    app.event("user_change")(events.person_changed)
    app.event("channel_id_changed")(events.channel_changed)
    app.event("subteam_members_changed")(events.group_changed)

    app.action(re.compile("report_area"))(actions.change_area)
    app.action(re.compile("report_cost"))(actions.cost)
    app.action("report_apart")(answers.set_apart)
    app.action("report_detail")(actions.ask_for_detail)
    app.action("report_release")(actions.release)
    app.action("report_undo")(actions.undo)
    app.action("cluster_show")(actions.show_cluster)
    app.action("cluster_why")(actions.explain)
    app.action("cluster_desk")(desk.opened)
    app.action("cluster_status")(desk.opened)
    app.action("cluster_take")(decide.taken)
    app.action("suggest_split")(desk.opened)
    app.action("suggest_same")(answers.same)
    app.action("suggest_different")(answers.different)
    app.action("suggest_none")(answers.none_of_them)
    app.action("fact_undo")(answers.undone)
    app.action("insist")(answers.insist)
    app.action("leave")(answers.leave)
    app.action("find_file")(actions.file_sought)
    app.action("digest_settings")(actions.digest_settings)
    app.action("digest_pause")(actions.pause_digest)
    app.action("digest_resume")(actions.resume_digest)
    app.action("digest_unsubscribe")(actions.end_digest)
    app.action("digest_undo")(actions.undo_end_digest)
    app.action("home_report")(actions.open_form)
    app.action("home_quarter")(actions.show_quarter)
    app.action("hearing_gone")(hearing.gone)
    app.action("hearing_still")(hearing.still)
    app.action("hearing_leave")(hearing.leave)
    app.action("hearing_return")(hearing.come_back)
    app.action("hearing_mute")(hearing.mute)
    app.action("hearing_unmute")(hearing.unmute)
    app.action("hearing_kinds")(hearing.choose)
    app.action("workaround_mark")(hearing.use)

    app.view("report_form")(forms.report)
    app.view("detail_form")(forms.detail)
    app.view("why_form")(forms.area)
    app.view("digest_form")(forms.digest)
    app.view("merge_form")(desk.merged)
    app.view("split_form")(desk.was_split)
    app.view("name_form")(desk.renamed)
    app.view("area_form")(desk.retagged)
    app.view("workaround_form")(desk.worked_around)
    app.view("more_form")(desk.went_on)
    app.view("status_form")(decide.status_set)
    app.view("assign_form")(decide.assigned)
    app.view("snooze_form")(decide.snoozed)

    # What nobody handles is acknowledged all the same: Slack counts an answer other than 200 as our failure, and
    # switches an app off that fails too often.
    for kind in (app.command, app.shortcut, app.action, app.options):
        kind(ANYTHING)(_nobody)
    app.view(ANYTHING)(_nobody)
    app.view_closed(ANYTHING)(_nobody)
    app.event(ANYTHING)(_nobody)


class _Parts(AsyncMiddleware):
    """Gives every listener its parts by name: `kit`, and `now`, read once for each gesture.

    A function would do, but Bolt gathers all there is for each one's arguments, and that costs a tenth of a request.
    """

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        """Hand them over, unless it is nothing that Slack sends."""
        if not rules.payload.sound(req.body):
            return BoltResponse(status=200)  # over a socket there is nobody to refuse it to
        req.context["kit"] = self._kit
        req.context["now"] = clock.now()
        return await next()


async def _nobody(ack: AsyncAck, body: dict[str, Any]) -> None:
    """Acknowledge and leave it at that."""
    await ack()
    log.debug("not handled", extra={"type": body.get("type")})
