"""What it means when Slack says no."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import Counter
from slack_sdk.errors import SlackApiError

CALLS = Counter("friction_slack_calls_total", "Calls to Slack's Web API", ["method", "outcome"])

#: The place or person is not there, or closed to us: the same call will never succeed there. `shared` is our own word:
#: people from outside are in the channel.
_TARGET = frozenset(
    """channel_not_found not_in_channel is_archived restricted_action posting_to_channel_denied messages_tab_disabled
    user_not_found users_not_found user_disabled user_not_visible cannot_dm_bot ekm_access_denied message_not_found
    cant_update_message cant_delete_message edit_window_closed thread_not_found user_not_in_channel no_such_subteam
    shared
    """.split()
)

#: What we sent, or wanted, cannot be: our own fault, a scope that was not granted, a trigger that is no longer good.
_ASKED = frozenset(
    """invalid_blocks invalid_blocks_format msg_too_long msg_blocks_too_long no_text metadata_too_large view_too_large
    invalid_arguments invalid_arg_name missing_scope not_enabled unknown_method expired_trigger_id exchanged_trigger_id
    invalid_trigger_id trigger_expired trigger_exchanged expired_url
    """.split()
)

#: Nothing will work until somebody mends the installation; then everything may.
_INSTALLATION = frozenset(
    """invalid_auth not_authed account_inactive token_revoked token_expired not_allowed_token_type no_permission
    team_access_not_granted org_login_required accesslimited
    """.split()
)

#: Slack may have done it all the same.
_UNKNOWN = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout"})


class SlackRefused(Exception):
    """Slack did not do as asked.

    `permanent`: the same call will never succeed; `unreachable`: because the person or place is not there for us;
    `unknown`: it may have happened nevertheless (a dropped connection, a time-out, a server's fault); `installation`:
    it is not about this call at all; `retry_after`: seconds that Slack wants us to wait, and `lane`: what else waits.
    """

    def __init__(self, code: str, *, unknown: bool = False, retry_after: float | None = None, lane: str = "") -> None:
        """`code`: Slack's own word for it, or ours for what happened on the way."""
        super().__init__(code)
        self.code = code
        self.unreachable = code in _TARGET
        self.permanent = code in _TARGET or code in _ASKED
        self.installation = code in _INSTALLATION
        self.unknown = unknown or code in _UNKNOWN
        self.retry_after = retry_after
        self.lane = lane


def because_of(error: Exception, method: str) -> SlackRefused:
    """What a failed call of `method` means: an answer that says no, or none at all."""
    if not isinstance(error, SlackApiError):
        count(method, type(error).__name__)
        return SlackRefused(type(error).__name__, unknown=True)
    response = error.response
    status = getattr(response, "status_code", 0)
    code = response.get("error", "") if isinstance(getattr(response, "data", None), dict) else ""
    count(method, code or f"http_{status}")
    if code in ("ratelimited", "rate_limited") or status == 429:
        return SlackRefused("ratelimited", retry_after=seconds(response.headers.get("Retry-After")))
    return SlackRefused(code or f"http_{status}", unknown=status >= 500 or not code)


def of_answer(status: int, headers: Mapping[str, str]) -> None:
    """What the answer of a `response_url` means; raises SlackRefused unless it went well."""
    count("response_url", "ok" if status < 400 else f"http_{status}")
    if status == 429:
        raise SlackRefused("ratelimited", retry_after=seconds(headers.get("Retry-After")))
    if status >= 500:
        raise SlackRefused(f"http_{status}", unknown=True)
    if status >= 400:
        raise SlackRefused("expired_url")


def count(method: str, outcome: str) -> None:
    """Count one call."""
    CALLS.labels(method, outcome).inc()


def seconds(header: object) -> float:
    """`Retry-After`, or a second when Slack does not say."""
    try:
        return float(str(header))
    except ValueError:
        return 1.0
