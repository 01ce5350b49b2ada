"""Failed log-ins: who is locked out after wrong passwords, and the button that lets them in again."""

from math import ceil
from typing import Any

from axes.models import AccessAttempt
from axes.utils import reset
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from livingdocs_import.admin.pages import ReadOnly, badge
from livingdocs_import.security.login_limits import seconds_locked


@admin.register(AccessAttempt)
class FailedLoginAdmin(ReadOnly):
    """One row for a name, an address and a browser. Rows older than LOGIN_COOL_OFF_SECONDS go with the next log-in."""

    list_display = ("username", "ip_address", "failures_since_start", "attempt_time", "state")
    search_fields = ("username", "ip_address")
    search_help_text = "A name or an address"
    fields = ("username", "ip_address", "failures_since_start", "attempt_time", "state", "user_agent")
    readonly_fields = ("state",)
    actions = ("lift",)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Failed log-ins"} | (extra_context or {}))

    def heading(self, attempt: Any) -> str:
        return f"Failed log-ins of {attempt.username}"

    @admin.display(description="State")
    def state(self, attempt: Any) -> SafeString:
        locked = seconds_locked(attempt.username, attempt.ip_address)
        return badge(f"locked for {ceil(locked / 60)} min", "bad") if locked else badge("may try again", "calm")

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "delete")

    @admin.action(description="Let them try again", permissions=["lift"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        pairs = sorted({(row.username or "", row.ip_address or "") for row in queryset})
        self.trace(request, queryset, "Let try again")
        for name, address in pairs:
            reset(ip=address, username=name)
        accounts = ", ".join(f"{name} from {address}" for name, address in pairs)
        self.message_user(request, f"May try again: {accounts}.", messages.SUCCESS)
