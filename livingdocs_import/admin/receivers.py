"""The receivers of webhooks: how well they take their deliveries, and switching one off and on."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from livingdocs_import.admin import attempt_marks, readable, rights
from livingdocs_import.admin.access import OPERATED, Access
from livingdocs_import.admin.actions import Action, WithActions, by_name
from livingdocs_import.admin.pages import ReadOnly
from livingdocs_import.admin.project_webhooks import HELD_FROM_NOW_ON
from livingdocs_import.models import ProjectReceiver
from livingdocs_import.models.project_scope import ProjectScope
from livingdocs_import.webhooks import outbox, receivers
from livingdocs_import.webhooks.receiver_rates import ReceiverRate, rates

MAX_SHOWN = 12  # on the page of deliveries
MAX_FOUND = 100  # whose deliveries a search lists


def _switch_off(receiver: ProjectReceiver, by: str) -> str:
    return "is not sent to" if receivers.switch_off(receiver, by=by) else "was switched off already"


def _switch_on(receiver: ProjectReceiver, by: str) -> str:
    return "is sent to again" if receivers.switch_on(receiver) else "was not switched off"


ACTIONS = by_name(
    Action(
        "switch_off",
        "Switch off",
        "change",
        HELD_FROM_NOW_ON,
        lambda receiver: not receiver.is_switched_off,
        _switch_off,
        listed=True,
        history="Switched off",
    ),
    Action(
        "switch_on",
        "Switch on",
        "change",
        "",
        lambda receiver: receiver.is_switched_off,
        _switch_on,
        listed=True,
        history="Switched on",
    ),
)


@admin.register(ProjectReceiver)
class ProjectReceiverAdmin(WithActions, ReadOnly):
    access = Access("project", OPERATED)
    object_actions = ACTIONS
    change_list_template = "admin/livingdocs_import/receiver_list.html"
    change_form_template = "admin/livingdocs_import/receiver.html"
    list_display = ("name", "project")
    list_filter = ("project",)
    list_select_related = ("project",)
    search_fields = ("name",)
    fields = (
        "project",
        "webhook",
        "address",
        "last_attempt_at",
        "failing_since",
        "exhausted_at",
        "switched_off_at",
        "switched_off_by",
    )
    readonly_fields = ("address",)

    def projects(self, request: HttpRequest, permission: str = "view") -> ProjectScope:
        """Who may see or send deliveries may see their receivers, or switch them off."""
        named = f"livingdocs_import.{permission}_webhookdelivery"
        return rights.scope_of(request.user, named, self.access, permission)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """A part of the host's name, also as a part of an address."""
        return queryset.filter(name__icontains=host_of(search_term)) if search_term.strip() else queryset, False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and "cl" in (response.context_data or {}):
            assert response.context_data is not None
            listed = response.context_data["cl"]
            response.context_data |= {"receivers": shown(list(listed.result_list), self.projects(request, "change"))}
        return response

    @admin.display(description="Address of the last attempt")
    def address(self, receiver: ProjectReceiver) -> str:
        return readable.url(receiver.url)

    def heading(self, receiver: ProjectReceiver) -> str:
        return f"{receiver.host}: {receiver.project}"

    def named(self, receiver: ProjectReceiver) -> str:
        return f"{receiver.host} of {receiver.project}"

    def panels(self, request: HttpRequest, receiver: ProjectReceiver) -> dict[str, Any]:
        return super().panels(request, receiver) | {
            "receivers": shown([receiver], self.projects(request, "change")),
            "receiver": receiver,
        }


def host_of(term: str) -> str:
    """The host in what is searched for: `https://user@a.example:8443/x` and `a.example/x` name `a.example:8443`."""
    server = term.strip().lower().partition("://")[2] or term.strip().lower()
    return server.partition("/")[0].partition("?")[0].rpartition("@")[2]


def first_ones(rows: QuerySet[ProjectReceiver], troubled_lanes: Sequence[str]) -> list[ProjectReceiver]:
    """A few receivers: those with deliveries that were given up, those in trouble, then those of the last attempts."""
    rows = rows.select_related("project").order_by("-last_attempt_at")
    wanted = rows.filter(lane__in=troubled_lanes[:MAX_SHOWN])
    off = rows.filter(switched_off_at__isnull=False)
    found = {each.pk: each for part in (wanted, off, rows) for each in part[:MAX_SHOWN]}
    return list(found.values())[:MAX_SHOWN]


def shown(listed: Sequence[ProjectReceiver], may_change: ProjectScope) -> list[dict[str, Any]]:
    """Each receiver for a table's row: {receiver, rate, marks, state, tone, took, address, actions, may_change}."""
    rated = rates(listed, timezone.now()) if listed else {}
    return [_shown(receiver, rated[receiver.pk], may_change) for receiver in listed]


def _shown(receiver: ProjectReceiver, rate: ReceiverRate, may_change: ProjectScope) -> dict[str, Any]:
    state, tone = state_of(receiver)
    may = receiver.project_id in may_change
    return {
        "receiver": receiver,
        "rate": rate,
        "success": "" if rate.percent is None else f"{rate.percent:g} %",
        "marks": attempt_marks.of_statuses(receiver.statuses),
        "state": state,
        "tone": tone,
        "took": "" if rate.milliseconds is None else milliseconds(rate.milliseconds),
        "address": readable.url(receiver.url).partition("://")[2] or receiver.host,
        "actions": [action for action in ACTIONS.values() if may and action.fits(receiver)],
        "may_change": may,
    }


def state_of(receiver: ProjectReceiver) -> tuple[str, str]:
    """The state in words, and the tone of its tag."""
    if receiver.is_switched_off:
        by = receiver.switched_off_by
        return (f"switched off by {by}", "") if by else ("switched off after failing", "bad")
    return ("failing", "bad") if receiver.failing_since else ("well", "good")


def milliseconds(number: int) -> str:
    """A duration for a table: `64 ms`, `9.8 s`."""
    return f"{number} ms" if number < 1000 else f"{number / 1000:.1f} s"


def lanes_at(term: str, projects: ProjectScope) -> list[str]:
    """The lanes of the receivers whose host has this part."""
    found = ProjectReceiver.objects.filter(projects.within("project"), name__icontains=host_of(term))
    return list(found.order_by("-last_attempt_at").values_list("lane", flat=True)[:MAX_FOUND])


def given_up_lanes(projects: ProjectScope) -> dict[str, int]:
    """The lanes of deliveries that were given up lately, with the number of each, most first."""
    rows = outbox.given_up_lately(timezone.now()).filter(projects.within("project")).order_by()
    return dict(rows.values_list("lane").annotate(number=Count("pk")).order_by("-number"))
