"""Send everything again that was given up, or that is held, of one receiver or of all: asked first."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from livingdocs_import.admin import background, rights
from livingdocs_import.admin.primary_keys import key_of
from livingdocs_import.models import Operation, ProjectReceiver, WebhookDelivery
from livingdocs_import.models.project_scope import ProjectScope
from livingdocs_import.operations.kinds import Batch, BatchResult, FailedRow, Kind, Question, kinds
from livingdocs_import.operations.steps import MAX_AT_ONCE
from livingdocs_import.webhooks import outbox
from livingdocs_import.webhooks.receivers import without_webhook

GIVEN_UP, HELD = WebhookDelivery.State.GIVEN_UP, WebhookDelivery.State.HELD
NOT_ACTIVE = "its webhook is not active in the project's configuration any more"
MAX_NAMED = 10  # receivers in the question
CHANGE_DELIVERIES = "livingdocs_import.change_webhookdelivery"


def _send_batch(batch: Batch) -> BatchResult:
    """Those that are still given up, and not dismissed, or held; the user must have kept the role in their project."""
    chosen = WebhookDelivery.objects.filter(pk__in=batch.keys)
    allowed = chosen.filter(rights.scope(batch.user, CHANGE_DELIVERIES).within("project"))
    waiting = allowed.filter(state__in=[GIVEN_UP, HELD], dismissed_at__isnull=True)
    locked = list(waiting.defer("body").order_by("pk").select_for_update())
    gone = {each.pk: each for each in without_webhook(locked)}
    sent = [each for each in locked if each.pk not in gone]
    done = outbox.send_all_again(WebhookDelivery.objects.filter(pk__in=[each.pk for each in sent]))
    LogEntry.objects.log_actions(batch.user.pk, sent, CHANGE, "Sent again")
    forbidden = chosen.exclude(pk__in=allowed.values("pk")).order_by("pk").values_list("pk", "subject")
    return BatchResult(
        done,
        [
            *[FailedRow(pk, f"Webhook about {subject}", background.NOT_ALLOWED) for pk, subject in forbidden],
            *[FailedRow(pk, f"Webhook about {each.subject}", NOT_ACTIVE) for pk, each in gone.items()],
        ],
    )


def _about_all(operation: Operation) -> Question:
    return Question(
        [
            "Each receiver gets the same messages under the same ids, so that it can detect what it has already.",
            "What others send or dismiss before a worker comes to it is left alone.",
        ]
    )


KIND = Kind(
    name="livingdocs_import.deliveries.send_all",
    label="Send again what was given up or held",
    permission=CHANGE_DELIVERIES,
    carry_out=_send_batch,
    ask=_about_all,
    back="admin:livingdocs_import_webhookdelivery_changelist",
)
kinds.register(KIND)


class SendAllPages:
    """Mixed into the admin of deliveries, before its class."""

    admin_site: Any
    opts: Any

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.send_all_view))
        return [path("send-all/", view, name="send_all_webhooks"), *super().get_urls()]  # type: ignore[misc]

    def sendable(self, request: HttpRequest) -> int:
        """How many that were given up lately this user may send again."""
        return self._chosen(request, GIVEN_UP, None, timezone.now()).count()

    def send_all_view(self, request: HttpRequest) -> HttpResponse:
        """The question how many are sent to which receivers, then the action on what the question was about."""
        projects: ProjectScope = self.projects(request, "change")  # type: ignore[attr-defined]
        state = request.POST.get("state", "")
        if not projects or state not in (GIVEN_UP, HELD):
            raise PermissionDenied
        receiver = self._receiver(request, projects)
        until = _moment(request.POST.get("until", "")) if "yes" in request.POST else timezone.now()
        chosen = self._chosen(request, state, receiver, until)
        if chosen[: MAX_AT_ONCE + 1].count() > MAX_AT_ONCE:
            return self._by_workers(request, chosen)
        if "yes" not in request.POST:
            return self._ask(request, state, receiver, chosen, until)
        lanes = set(chosen.values_list("lane", flat=True).distinct())
        gone = without_webhook(chosen.select_related("project").defer("body"))
        number = outbox.send_all_again(chosen.exclude(pk__in=[each.pk for each in gone]))
        for each in ProjectReceiver.objects.filter(projects.within("project"), lane__in=lanes).order_by("pk"):
            self.log_change(request, each, f"Sent again: what was {state}")  # type: ignore[attr-defined]
        messages.success(request, f"{number:,} deliver{'y is' if number == 1 else 'ies are'} queued to be sent again.")
        if gone:
            are = "y is not sent: its" if len(gone) == 1 else "ies are not sent: their"
            messages.warning(
                request, f"{len(gone):,} deliver{are} webhook is not active in the configuration any more."
            )
        return HttpResponseRedirect(reverse("admin:livingdocs_import_webhookdelivery_changelist"))

    def _by_workers(self, request: HttpRequest, chosen: QuerySet[WebhookDelivery]) -> HttpResponse:
        """The question about many, which workers send one batch after the other; or a message why it cannot be."""
        allowed: ProjectScope = self.projects(request, "change")  # type: ignore[attr-defined]
        frozen = background.freeze(request, chosen, KIND, "project", of_all=allowed.is_everything)
        return frozen or HttpResponseRedirect(reverse("admin:livingdocs_import_webhookdelivery_changelist"))

    def _receiver(self, request: HttpRequest, projects: ProjectScope) -> ProjectReceiver | None:
        """The receiver that the form names, if it names one."""
        if "receiver" not in request.POST:
            return None
        rows = ProjectReceiver.objects.filter(projects.within("project"), pk=key_of(request.POST["receiver"]))
        if (receiver := rows.select_related("project").first()) is None:
            raise Http404
        return receiver

    def _chosen(
        self, request: HttpRequest, state: str, receiver: ProjectReceiver | None, until: datetime
    ) -> QuerySet[WebhookDelivery]:
        """What was given up, or queued and held, up to that moment."""
        projects: ProjectScope = self.projects(request, "change")  # type: ignore[attr-defined]
        rows: QuerySet[WebhookDelivery]
        if state == HELD:
            rows = WebhookDelivery.objects.filter(state=HELD, created_at__lte=until)
        elif receiver is None:
            rows = outbox.given_up_lately(timezone.now()).filter(ended_at__lte=until)
        else:
            rows = outbox.given_up().filter(ended_at__lte=until)
        rows = rows.filter(projects.within("project"))
        return rows if receiver is None else rows.filter(lane=receiver.lane, due_at__isnull=True)

    def _ask(
        self,
        request: HttpRequest,
        state: str,
        receiver: ProjectReceiver | None,
        chosen: QuerySet[WebhookDelivery],
        until: datetime,
    ) -> HttpResponse:
        number = chosen.count()
        counted = chosen.order_by().values_list("lane").annotate(number=Count("pk")).order_by("-number")
        lanes = dict(counted[:MAX_NAMED])
        known = ProjectReceiver.objects.filter(lane__in=lanes).select_related("project")
        context = {
            **self.admin_site.each_context(request),
            "title": "Send again?" if state == GIVEN_UP else "Send what is held?",
            "opts": self.opts,
            "state": state,
            "number": number,
            "receivers": sorted(((each, lanes[each.lane]) for each in known), key=lambda entry: -entry[1]),
            "receiver": receiver,
            "until": until.isoformat(),
        }
        return TemplateResponse(request, "admin/livingdocs_import/send_all.html", context)


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or timezone.is_naive(moment):
        raise BadRequest("the question is not said to be of a moment")
    return moment
