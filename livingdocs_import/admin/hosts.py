"""Hosts that do not answer: what the workers know of them, and closing a circuit by hand."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from livingdocs_import.admin.pages import ReadOnly, badge
from livingdocs_import.egress import circuits
from livingdocs_import.models import HostCircuit


class OpenFilter(admin.SimpleListFilter):
    """Those that are not asked now."""

    title = "circuit"
    parameter_name = "circuit"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Not asked, but for probes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(opened_at__isnull=False) if self.value() == "open" else queryset


@admin.register(HostCircuit)
class HostCircuitAdmin(ReadOnly):
    list_display = ("host", "state_badge", "failing_since", "failures", "last_answer_at")
    list_filter = (OpenFilter,)
    search_fields = ("host",)
    search_help_text = "Host and port, e.g. pictures.example.org:443"
    fields = (
        "host",
        "state_badge",
        "failing_since",
        "failures",
        "opened_at",
        "probe_at",
        "last_answer_at",
    )
    readonly_fields = ("state_badge",)
    actions = ("reset",)

    @admin.display(description="State")
    def state_badge(self, circuit: HostCircuit) -> SafeString:
        if circuit.opened_at is not None:
            return badge("not asked, but for probes", "bad")
        return badge("does not answer", "busy") if circuit.failing_since is not None else badge("answers", "good")

    def has_reset_permission(self, request: HttpRequest) -> bool:
        """Resetting is the one change an operator makes to a circuit."""
        return self.may(request, "change")

    @admin.action(description="Ask again at once", permissions=["reset"])
    def reset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        chosen = list(queryset)
        closed = circuits.reset([circuit.host for circuit in chosen])
        self.trace(request, chosen, "Asked again at once")
        self.message_user(request, f"Hosts that are asked again: {closed}.", messages.SUCCESS)
