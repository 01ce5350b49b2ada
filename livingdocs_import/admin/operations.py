"""Operations on many rows: the question before they begin, their progress, what failed, and cancelling them."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from livingdocs_import.admin import readable, rights, spreadsheets
from livingdocs_import.admin.access import OPERATED, Access
from livingdocs_import.admin.actions import Action, WithActions, by_name
from livingdocs_import.admin.background import FAILURES, reasons
from livingdocs_import.admin.pages import BoundedPaginator, ReadOnly, badge
from livingdocs_import.models import Operation, OperationFailure
from livingdocs_import.operations import steps
from livingdocs_import.operations.kinds import kinds

TONES = {"asked": "calm", "waiting": "busy", "running": "busy", "done": "good", "cancelled": "bad"}
FAILURES_PER_PAGE = 50
EXPORTED = 1_000  # rows of one query


def _cancel(operation: Operation, by: str) -> str:
    return "is cancelled" if steps.cancel(operation, note=f"cancelled by {by}") else "had ended already"


ACTIONS = by_name(
    Action(
        "cancel",
        "Cancel",
        "change",
        "What is done already stays as it is; the rest is left alone. A batch that is being carried out ends first.",
        lambda operation: operation.is_open,
        _cancel,
        destructive=True,
        history="Cancelled",
    )
)


@admin.register(Operation)
class OperationAdmin(WithActions, ReadOnly):
    """Those of the user's projects, and their own ones as long as they may act on such rows."""

    access = Access("project", OPERATED)
    object_actions = ACTIONS
    change_form_template = "admin/livingdocs_import/operation.html"
    list_display = ("label", "state_badge", "progress", "project", "by", "created_at")
    list_filter = ("state", "project")
    list_select_related = ("project",)
    fields = ("project", "by", "inputs_shown", "created_at", "started_at", "ended_at", "took", "note")
    readonly_fields = ("inputs_shown", "took")

    # --- Who sees and cancels what

    def get_queryset(self, request: HttpRequest) -> QuerySet[Operation]:
        rows = Operation.objects.select_related("project")
        of_projects = self.visible(request).within(self.access.path) & ~Q(state=Operation.State.ASKED)
        if not self.visible(request):
            of_projects = Q(pk__in=())
        return rows.filter(of_projects | self._own(request)).order_by("-pk")

    def _own(self, request: HttpRequest) -> Q:
        """Those that the user confirmed, or is asked about, in projects in which they may still do so."""
        own = Q(pk__in=())
        for kind in kinds:
            if allowed := rights.scope(request.user, kind.permission):
                own |= Q(kind=kind.name) & allowed.within("project")
        return own & Q(user=request.user.pk)

    def may(self, request: HttpRequest, permission: str, obj: Any = None) -> bool:
        """As for all rows; and who confirmed an operation may see and cancel it.

        Others may cancel what they might have confirmed.
        """
        allowed = super().may(request, permission, obj)
        if not isinstance(obj, Operation) or permission not in ("view", "change"):
            return allowed
        if allowed and (permission == "view" or self._might_confirm(request, obj)):
            return True
        own: bool = self.model._default_manager.filter(self._own(request), pk=obj.pk).exists()
        return own

    def _might_confirm(self, request: HttpRequest, operation: Operation) -> bool:
        """Whether the user may do to rows of its project what the operation does. An unknown one all may cancel."""
        if (kind := kinds.get(operation.kind)) is None:
            return True
        allowed = rights.scope(request.user, kind.permission)
        return bool(allowed.is_everything or operation.project_id in allowed)

    # --- Columns and facts

    @admin.display(description="State")
    def state_badge(self, operation: Operation) -> SafeString:
        return badge(str(operation.get_state_display()), TONES[operation.state])

    @admin.display(description="Progress")
    def progress(self, operation: Operation) -> str:
        return f"{operation.dealt_with:,} of {operation.total:,}"

    @admin.display(description="Filled in")
    def inputs_shown(self, operation: Operation) -> str:
        return ", ".join(f"{name}: {value}" for name, value in operation.inputs.items() if value != "")

    @admin.display(description="Duration")
    def took(self, operation: Operation) -> str | None:
        if operation.started_at is None:
            return None
        return readable.duration((operation.ended_at or timezone.now()) - operation.started_at)

    def heading(self, operation: Operation) -> str:
        return str(operation)

    def panels(self, request: HttpRequest, operation: Operation) -> dict[str, Any]:
        page: Page[OperationFailure] = BoundedPaginator(operation.failures.all(), FAILURES_PER_PAGE).get_page(
            request.GET.get("p", "1")
        )
        return super().panels(request, operation) | progress_of(operation) | {"failures": page}

    # --- Own pages

    def get_urls(self) -> list[URLPattern]:
        views = (("begin", self.begin_view), ("progress", self.progress_view), ("failures", self.failures_view))
        own = [
            path(f"<path:object_id>/{name}/", self.admin_site.admin_view(view), name=self._url_name(name))
            for name, view in views
        ]
        return [*own, *super().get_urls()]

    def _found(self, request: HttpRequest, object_id: str) -> Operation:
        operation = self.get_object(request, object_id)
        if not isinstance(operation, Operation):
            raise Http404
        return operation

    def progress_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The part of the page that changes, which fetches itself anew."""
        operation = self._found(request, object_id)
        return TemplateResponse(request, "admin/livingdocs_import/operation_progress.html", progress_of(operation))

    def failures_view(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        """All rows that failed, as a table for spreadsheets."""
        operation = self._found(request, object_id)
        lines = spreadsheets.csv_lines(("key", "name", "reason"), _exported(operation))
        headers = {"Content-Disposition": f'attachment; filename="operation-{operation.pk}-failures.csv"'}
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)

    def begin_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask the user who selected the rows, and begin."""
        operation = self._found(request, object_id)
        kind = kinds.get(operation.kind)
        if kind is None or operation.user_id != request.user.pk or not request.user.has_perm(kind.permission):
            raise PermissionDenied
        if operation.state != Operation.State.ASKED:
            return self._to(operation)
        try:
            asked = kind.ask(operation)
            form = asked.form(request.POST if request.method == "POST" else None) if asked.form else None
        except FAILURES as failed:
            for sentence in reasons(failed):
                self.message_user(request, f"Nothing was done: {sentence}", messages.ERROR)
            return self._to(operation)
        if request.method == "POST" and (form is None or form.is_valid()):
            if steps.begin(operation, form.cleaned_data if form else {}):
                self.message_user(request, f"{operation} rows: workers carry it out.", messages.SUCCESS)
            return self._to(operation)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{kind.label}?",
            "opts": self.opts,
            "operation": operation,
            "asked": asked,
            "form": form,
            "back": reverse(kind.back),
        }
        return TemplateResponse(request, "admin/livingdocs_import/operation_begin.html", context)

    def _to(self, operation: Operation) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:livingdocs_import_operation_change", args=[operation.pk]))


def progress_of(operation: Operation) -> dict[str, Any]:
    """How far an operation is, for a template."""
    parts, start = [], 0
    for name, number in (("success", operation.done), ("skipped", operation.skipped), ("failed", operation.failed)):
        share = readable.percent(number, operation.total)
        parts.append((name, readable.percent(start, operation.total), share))
        start += number
    return {
        "operation": operation,
        "parts": parts,
        "percent": readable.percent(operation.dealt_with, operation.total),
        "left": _left(operation),
        "tone": TONES[operation.state],
    }


def _left(operation: Operation) -> str:
    """How long it takes yet, at the pace so far; "" if that is not known."""
    if not operation.is_open or operation.started_at is None or not operation.dealt_with:
        return ""
    spent = timezone.now() - operation.started_at
    return readable.rough(spent * (operation.total - operation.dealt_with) / operation.dealt_with)


def _exported(operation: Operation) -> Iterator[tuple[str, str, str]]:
    last = 0
    while batch := list(operation.failures.filter(pk__gt=last).order_by("pk")[:EXPORTED]):
        yield from ((str(row.key), row.name, row.reason) for row in batch)
        last = batch[-1].pk


def open_operations(user: Any) -> list[Operation]:
    """Those that workers have to do with, of the projects of a user; a dozen at most, the oldest first."""
    seen = rights.scope(user, "livingdocs_import.view_operation")
    if not seen:
        return []
    rows = Operation.objects.filter(seen.within("project"), due_at__isnull=False)
    return list(rows.order_by("pk")[:12])
