"""Failed log-ins: lock-outs after wrong passwords, and the button that lifts them."""

from math import ceil
from typing import Any

from axes.models import AccessAttempt
from axes.utils import reset
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from livingdocs_import.admin.access import OPERATED, Access
from livingdocs_import.admin.actions import Action, WithActions, always, by_name
from livingdocs_import.admin.pages import ReadOnly, badge
from livingdocs_import.security.login_limits import seconds_locked


def _account(attempt: Any) -> str:
    return f"the account {attempt.username or ''} from {attempt.ip_address or ''}"


def _lift(attempt: Any, by: str) -> str:
    """For all browsers of the account: they are locked out together."""
    reset(ip=attempt.ip_address or "", username=attempt.username or "")
    return "may try again"


ACTIONS = by_name(
    Action[Any](
        "lift",
        "Let them try again",
        "delete",
        "",
        always,
        _lift,
        listed=True,
        history="Let try again",
    )
)


@admin.register(AccessAttempt)
class FailedLoginAdmin(WithActions, ReadOnly):
    """One row for a name, an address and a browser. Rows older than LOGIN_COOL_OFF_SECONDS go with the next log-in."""

    access = Access("", OPERATED)
    object_actions = ACTIONS
    list_display = ("username", "ip_address", "failures_since_start", "attempt_time", "state")
    search_fields = ("username", "ip_address")
    search_help_text = "A name or an address"
    fields = ("username", "ip_address", "failures_since_start", "attempt_time", "state", "user_agent")
    readonly_fields = ("state",)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Failed log-ins"} | (extra_context or {}))

    def heading(self, attempt: Any) -> str:
        return f"Failed log-ins of {attempt.username}"

    @admin.display(description="State")
    def state(self, attempt: Any) -> SafeString:
        locked = seconds_locked(attempt.username, attempt.ip_address)
        return badge(f"locked for {ceil(locked / 60)} min", "bad") if locked else badge("may try again", "calm")

    def named(self, attempt: Any) -> str:
        return _account(attempt)
