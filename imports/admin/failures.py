"""The page of failures: why items failed, over all jobs; retry them, export them, mark them as dealt with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Page
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_POST

from imports import services
from imports.admin.failure_exports import csv_lines
from imports.admin.failure_operations import KINDS, PERMISSIONS
from imports.cause_explanations import UNRECORDED, explanation
from imports.models import ImportItem, ImportItemQuerySet, ImportJob
from imports.outcomes import failures
from imports.outcomes.failures import CauseOfFailures, FailureFilter
from livingdocs_import.admin import background, pages, readable, rights
from livingdocs_import.admin.pages import BoundedPaginator
from livingdocs_import.admin.primary_keys import key_of
from livingdocs_import.db.time_limit import OutOfTime, time_limit
from livingdocs_import.models import Project
from livingdocs_import.models.project_scope import ProjectScope
from livingdocs_import.operations.steps import MAX_AT_ONCE
from livingdocs_import.validation.limits import MAX_FILTER

PER_PAGE = 50
MAX_JOBS = 50  # that are retried in the request itself
FIELDS = ("q", "project", "job", "cause", "group", "since", "show")
SPANS = {"": "Any time", "1": "24 hours", "7": "7 days"}


@dataclass(frozen=True)
class Choice:
    """An option of a filter."""

    value: str
    label: str
    selected: bool


class FailurePages:
    """Mixed into the admin of items, before its class."""

    admin_site: Any
    opts: Any

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("failures/", view(require_GET(self.failures_view)), name="failures"),
            path("failures/act/", view(require_POST(self.failures_act_view)), name="failures_act"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def failures_view(self, request: HttpRequest) -> HttpResponse:
        """Failures by cause, and the items one by one."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        chosen = read_filter(request.GET, self.visible(request))  # type: ignore[attr-defined]
        causes = failures.causes(chosen)
        page = _page(request, chosen)
        context = {
            **self.admin_site.each_context(request),
            "title": "Failures",
            "opts": self.opts,
            "chosen": chosen,
            "causes": [_shown(one, causes, request) for one in causes],
            "number": sum(one.number for one in causes),
            "page": page,
            "items": [(item, _message(item)) for item in page],
            "query": _query(request.GET),
            "more": _query(request.GET, p=page.number + 1),
            "less": _query(request.GET, p=page.number - 1),
            "until": chosen.now.isoformat(),
            "projects": _choices(_handles(chosen.projects), chosen.project, "All"),
            "cause_choices": _cause_choices(causes, chosen),
            "spans": [Choice(value, label, value == chosen.since) for value, label in SPANS.items()],
            "may": {name: bool(rights.scope(request.user, permission)) for name, permission in PERMISSIONS.items()},
        }
        return TemplateResponse(request, "admin/imports/failures.html", context)

    def failures_act_view(self, request: HttpRequest) -> HttpResponseBase:
        """What is done about chosen failures, or about all of a cause, once it is confirmed."""
        name, _, cause = request.POST.get("action", "").partition(":")
        if name not in PERMISSIONS or not (projects := rights.scope(request.user, PERMISSIONS[name])):
            raise PermissionDenied
        chosen = _chosen(request, cause if ":" in request.POST["action"] else None, projects)
        items = _chosen_items(request, chosen, projects)
        if name == "export":
            return _as_csv(items)
        if _is_for_workers(name, items):
            asked = background.freeze(request, items, KINDS[name], "job__project", of_all=projects.is_everything)
            return asked or HttpResponseRedirect(f"{reverse('admin:failures')}?{_query(request.GET)}")
        if "yes" not in request.POST:
            return self._ask(request, name, items, chosen)
        if name == "retry":
            self._retry(request, items)
        else:
            number = services.deal_with(items, by=str(request.user))
            messages.success(request, f"{number:,} failures are marked as dealt with.")
        return HttpResponseRedirect(f"{reverse('admin:failures')}?{_query(request.GET)}")

    def _ask(
        self, request: HttpRequest, name: str, items: ImportItemQuerySet, chosen: FailureFilter | None
    ) -> HttpResponse:
        by_cause = list(items.order_by().values_list("cause").annotate(number=Count("pk")).order_by("-number"))
        jobs = items.order_by().values("job").distinct().count()
        context = {
            **self.admin_site.each_context(request),
            "title": "Try these again?" if name == "retry" else "Mark these as dealt with?",
            "opts": self.opts,
            "name": name,
            "number": sum(number for _, number in by_cause),
            "by_cause": [(explanation(cause), cause or UNRECORDED, number) for cause, number in by_cause],
            "jobs": jobs,
            "fields": [(key, value) for key, values in request.POST.lists() for value in values if key in _KEPT]
            + [("searched_from", _written(chosen))],
            "query": _query(request.GET),
        }
        return TemplateResponse(request, "admin/imports/failures_ask.html", context)

    def _retry(self, request: HttpRequest, items: ImportItemQuerySet) -> None:
        """One new job for each old one."""
        keys = list(items.order_by().values_list("job", flat=True).distinct())
        made = []
        for job in ImportJob.objects.filter(pk__in=keys).select_related("project").order_by("pk"):
            # The limit has PostgreSQL find them once, not anew for each row.
            found = items.filter(job=job).order_by("pk").values("pk")[: job.total]
            again = services.retry_job(job, chosen=Q(pk__in=found), by=str(request.user))
            if again is not None:
                made.append(again)
                self.log_change(request, job, f"Try failed items again: job {again.public_id}")  # type: ignore[attr-defined]
        if not made:
            messages.warning(request, "Nothing is left to try again: it is dealt with already.")
            return
        named = ", ".join(f"{job.public_id} ({job.total:,})" for job in made[:10])
        text = f"{sum(job.total for job in made):,} items are tried again as {len(made)} job{'s' * (len(made) > 1)}"
        messages.success(request, f"{text}: {named}{' and others' if len(made) > 10 else ''}.")


def _is_for_workers(name: str, items: ImportItemQuerySet) -> bool:
    """Whether these are more than a request should deal with."""
    rows = items.order_by()
    jobs = rows.values("job").distinct()[: MAX_JOBS + 1].count() if name == "retry" else 0
    return jobs > MAX_JOBS or rows[: MAX_AT_ONCE + 1].count() > MAX_AT_ONCE


_KEPT = frozenset({"action", "select_across", "until", ACTION_CHECKBOX_NAME})


def _page(request: HttpRequest, chosen: FailureFilter) -> Page[ImportItem]:
    """The items one by one; none, with a message, if it takes too long to find them."""
    try:
        with time_limit(settings.ADMIN_LIST_SECONDS):
            page = BoundedPaginator(failures.listed(chosen), PER_PAGE).get_page(request.GET.get("p", "1"))
            len(page)  # reads it
    except OutOfTime:
        messages.warning(request, pages.TOOK_TOO_LONG)
        return BoundedPaginator(ImportItem.objects.none(), PER_PAGE).get_page(1)
    return page


def read_filter(params: Mapping[str, str], projects: ProjectScope) -> FailureFilter:
    """The filter of a query string, within these projects.

    What is no value of a filter is taken for none; too long a text is refused.
    """
    if any("\0" in value or len(value) > MAX_FILTER for value in params.values()):
        raise BadRequest("the query string is too long, or holds U+0000")
    cause = params.get("cause") or None
    return FailureFilter(
        now=timezone.now(),
        words=params.get("q", "").strip(),
        projects=projects,
        project=key_of(params.get("project", "")),
        job=params.get("job", "").strip(),
        cause="" if cause == UNRECORDED else cause,
        group=key_of(params.get("group", "")),
        since=params.get("since", ""),
        dealt_with=params.get("show") == "dealt-with",
    )


def _chosen(request: HttpRequest, cause: str | None, projects: ProjectScope) -> FailureFilter | None:
    """All of a cause or of the filter, up to the moment of the page, as they were when it was asked; None: some."""
    if cause is None and "select_across" not in request.POST:
        return None
    chosen = read_filter(request.GET, projects)
    until = _moment(request.POST.get("until", ""))
    if until is None:
        raise BadRequest("it is not said until when")
    code = "" if cause == UNRECORDED else cause
    chosen = replace(chosen, until=until, cause=chosen.cause if code is None else code)
    failed_at, _, key = request.POST.get("searched_from", "").partition(" ")
    if (oldest := _moment(failed_at)) is not None:
        chosen = replace(chosen, searched_from=(oldest, key_of(key)))
    return chosen.fixed()


def _chosen_items(request: HttpRequest, chosen: FailureFilter | None, projects: ProjectScope) -> ImportItemQuerySet:
    if chosen is not None:
        return chosen.items()
    keys = [key_of(text) for text in request.POST.getlist(ACTION_CHECKBOX_NAME)]
    failed = ImportItem.objects.filter(outcome=ImportItem.Outcome.FAILED, job__dry_run=False)
    return failed.filter(projects.within("job__project"), pk__in=keys)


def _written(chosen: FailureFilter | None) -> str:
    """Where a search ends, for the form that confirms it."""
    if chosen is None or chosen.searched_from is None:
        return ""
    failed_at, key = chosen.searched_from
    return f"{failed_at.isoformat()} {key}"


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None


def _as_csv(items: QuerySet[ImportItem]) -> StreamingHttpResponse:
    name = f"failures-{timezone.now():%Y-%m-%d-%H%M}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    lines = csv_lines(failures.exported(items))
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _query(params: Mapping[str, str], **more: object) -> str:
    return urlencode({name: params[name] for name in FIELDS if params.get(name)} | more)


def _choices(rows: Any, selected: object, any_: str) -> list[Choice]:
    return [Choice("", any_, not selected), *(Choice(str(key), str(label), key == selected) for key, label in rows)]


def _handles(projects: ProjectScope) -> QuerySet[Project, tuple[int, str]]:
    return Project.objects.filter(projects.within("pk")).order_by("handle").values_list("pk", "handle")


def _cause_choices(causes: list[CauseOfFailures], chosen: FailureFilter) -> list[Choice]:
    codes = [one.code for one in causes]
    selected = None if chosen.cause is None else chosen.cause or UNRECORDED
    if selected is not None and selected not in codes:
        codes.append(selected)
    return _choices([(code, code) for code in codes], selected, "Any")


def _shown(one: CauseOfFailures, causes: list[CauseOfFailures], request: HttpRequest) -> dict[str, Any]:
    """A cause for the template."""
    hosts = one.host if one.host_count <= 1 else f"{one.host_count} hosts"
    only = len(causes) == 1 or request.GET.get("cause") == one.code
    share = readable.percent(one.number, sum(other.number for other in causes))
    return {"cause": one, "hosts": hosts, "share": share, "open": only, "evidence": one.evidence}


def _message(item: ImportItem) -> str:
    return readable.redacted(str((item.details or {}).get("message") or item.reason))
