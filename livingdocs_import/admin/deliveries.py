"""Webhook deliveries and their attempts; the one thing to do about them is to send one again."""

import json
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from livingdocs_import.admin import readable
from livingdocs_import.admin.pages import ReadOnly, RecentFilter, badge
from livingdocs_import.models import WebhookAttempt, WebhookDelivery
from livingdocs_import.webhooks import outbox

TONES = {
    WebhookDelivery.State.PENDING: "busy",
    WebhookDelivery.State.DELIVERED: "good",
    WebhookDelivery.State.GIVEN_UP: "bad",
}


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnly):
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
    actions = ("send_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookDelivery]:
        last = WebhookAttempt.objects.filter(delivery=OuterRef("pk")).order_by("-at", "-pk")
        return (
            WebhookDelivery.objects.select_related("project")
            .defer("project__daily_limits", "project__webhook_secret")
            .annotate(last_status=Subquery(last.values("status")[:1]), last_error=Subquery(last.values("error")[:1]))
        )

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

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Sending is the one change an operator makes to a delivery."""
        return self.may(request, "change")

    @admin.action(description="Send webhook again", permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        chosen = list(queryset)
        for delivery in chosen:
            outbox.send_again(delivery)
        self.trace(request, chosen, "Sent again")
        self.message_user(request, f"Queued to be sent again: {len(chosen)}.", messages.SUCCESS)

    def get_urls(self) -> list[URLPattern]:
        send = require_POST(self.admin_site.admin_view(self.send_view))
        return [path("<int:pk>/send-again/", send, name="webhookdelivery_send_again"), *super().get_urls()]

    def send_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button on a delivery's page."""
        if not self.has_send_permission(request):
            raise PermissionDenied
        self.send_again(request, self.get_queryset(request).filter(pk=get_object_or_404(WebhookDelivery, pk=pk).pk))
        return HttpResponseRedirect(reverse("admin:livingdocs_import_webhookdelivery_change", args=[pk]))

    def heading(self, delivery: WebhookDelivery) -> str:
        return f"Webhook about {delivery.subject}"

    def panels(self, request: HttpRequest, delivery: WebhookDelivery) -> dict[str, Any]:
        return {
            "may_send": self.has_send_permission(request),
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
