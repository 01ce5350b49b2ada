"""Webhook deliveries and their attempts; the one action is to send one again."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.safestring import SafeString

from livingdocs_import.admin import readable
from livingdocs_import.admin.access import OPERATED, Access
from livingdocs_import.admin.actions import Action, WithActions, always, by_name
from livingdocs_import.admin.finding import Findable, Hits
from livingdocs_import.admin.pages import ReadOnly, RecentFilter, badge
from livingdocs_import.models import WebhookAttempt, WebhookDelivery
from livingdocs_import.webhooks import outbox

TONES = {
    WebhookDelivery.State.PENDING: "busy",
    WebhookDelivery.State.DELIVERED: "good",
    WebhookDelivery.State.GIVEN_UP: "bad",
}
ID_LENGTHS = (21, 24)  # of a message about an event, and about a job (livingdocs_import/ids.py)


def _send_again(delivery: WebhookDelivery, by: str) -> str:
    outbox.send_again(delivery)
    return "is queued to be sent again"


ACTIONS = by_name(
    Action(
        "send_again",
        "Send webhook again",
        "change",
        "",
        always,
        _send_again,
        listed=True,
        history="Sent again",
    )
)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(Findable, WithActions, ReadOnly):
    access = Access("project", OPERATED)
    object_actions = ACTIONS
    change_form_template = "admin/livingdocs_import/delivery.html"
    list_display = ("subject", "state_badge", "receiver", "attempts", "last_answer", "project", "created_at")
    list_filter = ("state", RecentFilter, "project")
    list_select_related = ("project",)
    search_fields = ("subject", "delivery_id")
    search_help_text = "A job's id, a subject such as “job 25bzj8j” or “document.publish 12”, or a delivery's id"
    fields = (
        "subject",
        "delivery_id",
        "project",
        "webhook",
        "receiver",
        "state_badge",
        "attempts",
        "lost",
        "due_at",
        "created_at",
        "ended_at",
    )
    readonly_fields = ("receiver", "state_badge", "lost")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        last = WebhookAttempt.objects.filter(delivery=OuterRef("pk")).order_by("-at", "-pk")
        rows: QuerySet[WebhookDelivery] = super().get_queryset(request)
        return (
            rows.select_related("project")
            .defer("project__daily_limits", "project__webhook_secret")
            .annotate(last_status=Subquery(last.values("status")[:1]), last_error=Subquery(last.values("error")[:1]))
        )

    def find(self, request: HttpRequest, text: str, most: int) -> Hits:
        """By the delivery's id."""
        found = self.get_queryset(request).filter(delivery_id=text)
        return Hits(list(found[:most]) if len(text) in ID_LENGTHS else [])

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        results, distinct = super().get_search_results(request, queryset, search_term)
        return results | queryset.filter(subject=f"job {search_term.strip()}"), distinct

    @admin.display(description="To")
    def receiver(self, delivery: WebhookDelivery) -> str:
        return readable.url(delivery.url)

    @admin.display(description="State", ordering="state")
    def state_badge(self, delivery: WebhookDelivery) -> SafeString:
        return badge(delivery.state, TONES[WebhookDelivery.State(delivery.state)])

    @admin.display(description="Processes lost while sending")
    def lost(self, delivery: WebhookDelivery) -> int:
        return delivery.losses

    @admin.display(description="Last answer")
    def last_answer(self, delivery: Any) -> str | None:
        return str(delivery.last_status or readable.redacted(delivery.last_error or "")) or None

    def heading(self, delivery: WebhookDelivery) -> str:
        return f"Webhook about {delivery.subject}"

    def named(self, delivery: WebhookDelivery) -> str:
        return self.heading(delivery)

    def panels(self, request: HttpRequest, delivery: WebhookDelivery) -> dict[str, Any]:
        return super().panels(request, delivery) | {
            "attempts": [described(attempt) for attempt in delivery.tries.all()],
            "body": readable.json_lines(json.loads(delivery.body)),
            "about_job": delivery.subject.removeprefix("job ") if delivery.subject.startswith("job ") else "",
        }


def described(attempt: WebhookAttempt) -> dict[str, Any]:
    """One attempt for a table's row: {at, status, tone, milliseconds, words}."""
    well = attempt.status is not None and 200 <= attempt.status < 300
    return {
        "at": attempt.at,
        "status": attempt.status or "no answer",
        "tone": "good" if well else "bad",
        "milliseconds": attempt.milliseconds,
        "words": readable.redacted(attempt.error or attempt.answer),
    }
