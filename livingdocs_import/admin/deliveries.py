"""Webhook deliveries, their attempts and receivers: sent again, dismissed, and sent after they were held."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from livingdocs_import.admin import attempt_marks, readable
from livingdocs_import.admin import receivers as receiver_rows
from livingdocs_import.admin.access import OPERATED, Access
from livingdocs_import.admin.actions import Action, ActionFailed, WithActions, always, by_name
from livingdocs_import.admin.finding import Findable, Hits
from livingdocs_import.admin.pages import ReadOnly, RecentFilter, badge
from livingdocs_import.admin.primary_keys import key_of
from livingdocs_import.admin.sending_again import SendAllPages
from livingdocs_import.models import ProjectReceiver, WebhookAttempt, WebhookDelivery
from livingdocs_import.webhooks import outbox
from livingdocs_import.webhooks.receivers import without_webhook

TONES = {
    WebhookDelivery.State.PENDING: "busy",
    WebhookDelivery.State.DELIVERED: "good",
    WebhookDelivery.State.GIVEN_UP: "bad",
    WebhookDelivery.State.HELD: "",
}
ID_LENGTHS = (21, 24)  # of a message about an event, and about a job (livingdocs_import/ids.py)
DISMISSED = "dismissed"
MAX_CHOICES = 100  # receivers offered by the filter


def _send_again(delivery: WebhookDelivery, by: str) -> str:
    if without_webhook([delivery]):
        return "is not sent: its webhook is not active in the project's configuration any more"
    if not outbox.send_again(delivery):
        raise ActionFailed("It is being sent already.")
    return "is queued to be sent again"


def _dismiss(delivery: WebhookDelivery, by: str) -> str:
    if not outbox.dismiss(delivery, by=by):
        raise ActionFailed("It is not given up any more.")
    return "is dismissed"


ACTIONS = by_name(
    Action(
        "send_again",
        "Send again",
        "change",
        "The receiver gets the same message under the same id, so that it can detect what it has already. The attempts "
        "so far stay in the history.",
        always,
        _send_again,
        listed=True,
        history="Sent again",
    ),
    Action(
        "dismiss",
        "Dismiss",
        "change",
        "It stays given up, and is not counted any more as something that needs a person. Your name and the time are "
        "kept.",
        lambda delivery: delivery.state == WebhookDelivery.State.GIVEN_UP and delivery.dismissed_at is None,
        _dismiss,
        listed=True,
        history="Dismissed",
    ),
)


class StateFilter(admin.SimpleListFilter):
    """The states; those that were given up without the dismissed ones."""

    title, parameter_name = "state", "state__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        state = WebhookDelivery.State
        return [
            (state.GIVEN_UP, "Given up"),
            (state.PENDING, "Waiting"),
            (state.HELD, "Held"),
            (state.DELIVERED, "Delivered"),
            (DISMISSED, "Dismissed"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        state = WebhookDelivery.State.GIVEN_UP if self.value() == DISMISSED else self.value()
        if state is None:
            return queryset
        rows = queryset.filter(state=state)
        is_open = self.value() != DISMISSED
        return rows.filter(dismissed_at__isnull=is_open) if state == WebhookDelivery.State.GIVEN_UP else rows


class ReceiverFilter(admin.SimpleListFilter):
    """The receivers of the user's projects, those of the last attempts first."""

    title, parameter_name = "receiver", "receiver"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = ProjectReceiver.objects.filter(model_admin.visible(request).within("project"))
        offered = list(rows.select_related("project").order_by("-last_attempt_at")[:MAX_CHOICES])
        chosen = key_of(request.GET.get("receiver", ""))
        if chosen is not None and chosen not in [row.pk for row in offered]:
            offered += rows.select_related("project").filter(pk=chosen)
        self._lanes = {str(row.pk): row.lane for row in offered}
        return [(str(row.pk), f"{row.host} ({row})") for row in offered]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value is None:
            return queryset
        return queryset.filter(of_lanes([lane for key, lane in self._lanes.items() if key == value]))


def of_lanes(lanes: Sequence[str]) -> Q:
    """The deliveries of these lanes; in two parts, each of which has an index."""
    return Q(lane__in=lanes, due_at__isnull=True) | Q(lane__in=lanes, due_at__isnull=False)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(SendAllPages, Findable, WithActions, ReadOnly):
    access = Access("project", OPERATED)
    object_actions = ACTIONS
    change_list_template = "admin/livingdocs_import/deliveries.html"
    change_form_template = "admin/livingdocs_import/delivery.html"
    list_display = ("subject", "state_badge", "receiver", "attempts", "project", "created_at")
    list_filter = (StateFilter, RecentFilter, ReceiverFilter, "project")
    list_select_related = ("project",)
    search_fields = ("subject", "delivery_id")
    fields = (
        "subject",
        "delivery_id",
        "project",
        "webhook",
        "receiver",
        "state_badge",
        "attempts",
        "lost",
        "next_try",
        "created_at",
        "resent_at",
        "ended_at",
        "dismissed",
    )
    readonly_fields = ("receiver", "state_badge", "lost", "next_try", "dismissed")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[WebhookDelivery] = super().get_queryset(request)
        return rows.select_related("project").defer("project__daily_limits", "project__webhook_secret")

    def find(self, request: HttpRequest, text: str, most: int) -> Hits:
        """By the delivery's id."""
        found = self.get_queryset(request).filter(delivery_id=text)
        return Hits(list(found[:most]) if len(text) in ID_LENGTHS else [])

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """A job, a subject or a delivery's id, exactly; or a host, or the beginning of an address."""
        term = search_term.strip()
        if "." in term or "/" in term or ":" in term:
            return queryset.filter(self._at(request, term)), False
        results, distinct = super().get_search_results(request, queryset, term)
        return results | queryset.filter(subject=f"job {term}"), distinct

    def _at(self, request: HttpRequest, term: str) -> Q:
        """The deliveries to a host, or to addresses that begin so. Nothing is searched for in query strings."""
        lanes = of_lanes(receiver_rows.lanes_at(term, self.visible(request)))
        server, slash, path = (term.partition("://")[2] or term).partition("?")[0].partition("/")
        if not slash or not path:
            return lanes
        begins = f"://{server.rpartition('@')[2]}/{path}"
        return lanes & (Q(url__startswith=f"https{begins}") | Q(url__startswith=f"http{begins}"))

    # --- The list

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, under the receivers and what was given up."""
        response = super().changelist_view(request, extra_context)
        if not isinstance(response, TemplateResponse) or "cl" not in (response.context_data or {}):
            return response  # the question of an action, or what it leads to
        assert response.context_data is not None
        listed = response.context_data["cl"]
        lanes = receiver_rows.given_up_lanes(self.visible(request))
        may_change = self.projects(request, "change")
        rows = ProjectReceiver.objects.filter(self.visible(request).within("project"))
        receivers = receiver_rows.shown(receiver_rows.first_ones(rows, list(lanes)), may_change)
        response.context_data |= {
            "deliveries": rows_of(list(listed.result_list)),
            "receivers": receivers,
            "given_up": sum(lanes.values()),
            "lede": lede(lanes, receivers),
            "sendable": self.sendable(request),
            "list_actions": [(name, label) for _, name, label in self.get_actions(request).values()],
            "filters": [_choices(spec, listed) for spec in listed.filter_specs],
        }
        return response

    @admin.display(description="To")
    def receiver(self, delivery: WebhookDelivery) -> str:
        return readable.url(delivery.url)

    @admin.display(description="State", ordering="state")
    def state_badge(self, delivery: WebhookDelivery) -> SafeString:
        return badge(delivery.state, TONES[WebhookDelivery.State(delivery.state)] or "calm")

    @admin.display(description="Processes lost while sending")
    def lost(self, delivery: WebhookDelivery) -> int | None:
        return delivery.losses or None

    @admin.display(description="Next try")
    def next_try(self, delivery: WebhookDelivery) -> str | None:
        return None if delivery.due_at is None else until(delivery)

    @admin.display(description="Dismissed")
    def dismissed(self, delivery: WebhookDelivery) -> str | None:
        at = delivery.dismissed_at
        return None if at is None else f"by {delivery.dismissed_by}, {at:%Y-%m-%d %H:%M:%S} UTC"

    # --- The page of one delivery

    def heading(self, delivery: WebhookDelivery) -> str:
        return f"Webhook about {delivery.subject}"

    def named(self, delivery: WebhookDelivery) -> str:
        return self.heading(delivery)

    def panels(self, request: HttpRequest, delivery: WebhookDelivery) -> dict[str, Any]:
        attempts = list(delivery.tries.all())
        numbered = [described(attempt) | {"number": number} for number, attempt in enumerate(attempts, 1)]
        return super().panels(request, delivery) | {
            "attempts": numbered[::-1],
            "marks": attempt_marks.of_delivery(delivery, attempts),
            "address": readable.url(delivery.url),
            "body": readable.json_lines(json.loads(delivery.body)),
            "about_job": delivery.subject.removeprefix("job ") if delivery.subject.startswith("job ") else "",
        }


def lede(lanes: dict[str, int], receivers: Sequence[dict[str, Any]]) -> str:
    """Which receivers have not taken what was given up, in a sentence."""
    if not lanes:
        return "Deliveries that fail are tried again: webhooks of jobs for a day, of projects for three."
    if len(lanes) > 1:
        return f"They are of {len(lanes)} receivers."
    (lane,) = lanes
    row = next((row for row in receivers if row["receiver"].lane == lane), None)
    if row is None:
        return "All of them are of one receiver."
    receiver = row["receiver"]
    said = f"All of them are to {receiver.host}, a receiver of {receiver.project}"
    if receiver.failing_since is None:
        return f"{said}. It answers again."
    status = f"answered {receiver.statuses[-1]} the last time" if receiver.statuses[-1:] > [0] else "does not answer"
    return f"{said}, which has only failed for {readable.rough(timezone.now() - receiver.failing_since)}: it {status}."


def rows_of(deliveries: Sequence[WebhookDelivery]) -> list[dict[str, Any]]:
    """Each delivery for a table's row: {delivery, state, tone, marks, answer, next_try, address}. One query."""
    keys = [delivery.pk for delivery in deliveries]
    read = WebhookAttempt.objects.filter(delivery__in=keys).defer("answer", "request_headers", "response_headers")
    attempts = attempt_marks.by_delivery(read)
    return [_row(delivery, attempts.get(delivery.pk, [])) for delivery in deliveries]


def _row(delivery: WebhookDelivery, attempts: Sequence[WebhookAttempt]) -> dict[str, Any]:
    last = attempts[-1] if attempts else None
    dismissed, state = delivery.dismissed_at is not None, WebhookDelivery.State(delivery.state)
    return {
        "delivery": delivery,
        "state": "dismissed" if dismissed else "waiting" if state == state.PENDING else delivery.state,
        "tone": "" if dismissed else TONES[state],
        "marks": attempt_marks.of_delivery(delivery, attempts),
        "answer": "" if last is None else str(last.status or readable.redacted(last.error)),
        "next_try": "" if delivery.due_at is None else until(delivery),
        "address": readable.url(delivery.url).partition("://")[2] or readable.url(delivery.url),
    }


def until(delivery: WebhookDelivery) -> str:
    """When a pending delivery is tried next: `in 9 min`."""
    if delivery.claimed:
        return "being sent"
    left = (delivery.due_at or timezone.now()) - timezone.now()
    return f"in {readable.rough(left)}" if left > timedelta(0) else "now"


def _choices(spec: Any, listed: Any) -> dict[str, Any]:
    """A filter as a field of a form: {name, label, options: [(value, label, whether it is chosen)]}."""
    if isinstance(spec, admin.SimpleListFilter):
        name, options, chosen = spec.parameter_name, spec.lookup_choices, spec.value()
    else:
        name, chosen = spec.lookup_kwarg, (spec.lookup_val or [None])[-1]
        options = [(str(key), label) for key, label in spec.lookup_choices]
    return {
        "name": name,
        "label": str(spec.title).capitalize(),
        "options": [(value, label, str(value) == str(chosen)) for value, label in options],
    }


def described(attempt: WebhookAttempt) -> dict[str, Any]:
    """One attempt for a table's row: {at, status, tone, milliseconds, took, words, answer, sent, answered}."""
    well = attempt.status is not None and 200 <= attempt.status < 300
    return {
        "at": attempt.at,
        "status": attempt.status or "no answer",
        "tone": "good" if well else "bad",
        "milliseconds": attempt.milliseconds,
        "took": receiver_rows.milliseconds(attempt.milliseconds) if attempt.status else "",
        "words": readable.redacted(attempt.error or attempt.answer),
        "sent": attempt.request_headers or [],
        "answered": attempt.response_headers or [],
    }
