"""Hosts that do not answer: their circuits, and closing one by hand."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from livingdocs_import.admin.access import OPERATED, Access
from livingdocs_import.admin.actions import Action, WithActions, by_name
from livingdocs_import.admin.pages import ReadOnly, badge
from livingdocs_import.egress import circuits
from livingdocs_import.models import HostCircuit


class OpenFilter(admin.SimpleListFilter):
    """Hosts without requests at present."""

    title = "circuit"
    parameter_name = "circuit"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Not asked, but for probes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(opened_at__isnull=False) if self.value() == "open" else queryset


def _reset(circuit: HostCircuit, by: str) -> str:
    return "is asked again" if circuits.reset([circuit.host]) else "had answered already"


ACTIONS = by_name(
    Action(
        "reset",
        "Ask again at once",
        "change",
        "",
        lambda circuit: circuit.failing_since is not None,
        _reset,
        listed=True,
        history="Asked again at once",
    )
)


@admin.register(HostCircuit)
class HostCircuitAdmin(WithActions, ReadOnly):
    access = Access("", OPERATED)
    object_actions = ACTIONS
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

    @admin.display(description="State")
    def state_badge(self, circuit: HostCircuit) -> SafeString:
        if circuit.opened_at is not None:
            return badge("not asked, but for probes", "bad")
        return badge("does not answer", "busy") if circuit.failing_since is not None else badge("answers", "good")
