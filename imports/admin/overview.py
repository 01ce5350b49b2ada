"""The first page of the admin: whether all is well, and the figures behind the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET

from imports.admin.bars import bar_parts
from imports.models import QueueSample
from imports.monitoring import Concern, Overview, Scopes, assess, overview
from imports.monitoring.assessment import Rule
from imports.monitoring.day import Hour, busiest
from imports.monitoring.job_progress import RunningJob
from livingdocs_import.admin import attempt_marks, charts, readable, rights
from livingdocs_import.admin.operations import open_operations, progress_of
from livingdocs_import.db import clock
from livingdocs_import.models import WorkerProcess

PERMISSION = "imports.view_importjob"
LABELS_EVERY = 3  # hours


@dataclass(frozen=True)
class _Page:
    """Where a concern is dealt with, and the text of its button. `argument` and `query` get the concern's key."""

    permission: str
    name: str
    label: str
    argument: bool = False
    query: str = ""
    fixed: tuple[tuple[str, str], ...] = ()
    everywhere: bool = False  # the permission is needed in all projects


_PAGES = {
    (Rule.QUEUE, "imports"): _Page(PERMISSION, "imports_importjob_changelist", "Open jobs", fixed=(("state", "open"),)),
    Rule.QUOTA: _Page(
        "livingdocs_import.change_project",
        "livingdocs_import_project_change",
        "Raise the limit",
        argument=True,
        everywhere=True,
    ),
    Rule.WEBHOOKS: _Page(
        "livingdocs_import.view_webhookdelivery",
        "livingdocs_import_webhookdelivery_changelist",
        "Send again",
        query="state__exact",
    ),
    Rule.RECEIVER: _Page(
        "livingdocs_import.view_project", "livingdocs_import_project_change", "See the webhook", argument=True
    ),
    Rule.FAILURES: _Page("imports.view_importitem", "failures", "See the answer", query="cause"),
    Rule.CLIENT: _Page(
        "livingdocs_import.view_accesstoken", "livingdocs_import_accesstoken_change", "Rotate", argument=True
    ),
}


@dataclass(frozen=True)
class Link:
    """A button beside a concern."""

    url: str
    label: str


class OverviewPages:
    """Mixed into the admin of jobs, before its class: the overview alone, which the first page fetches anew."""

    admin_site: Any

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_GET(self.overview_view))
        return [path("overview/", view, name="overview"), *super().get_urls()]  # type: ignore[misc]

    def overview_view(self, request: HttpRequest) -> TemplateResponse:
        """The part of the first page that changes."""
        if not rights.scope(request.user, PERMISSION):
            raise PermissionDenied
        context = overview_context(request.user, clock.now())
        return TemplateResponse(request, "admin/imports/overview.html", context)


def overview_context(user: Any, now: datetime) -> dict[str, Any]:
    """What the template shows to this user."""
    may_see = _scopes(user)
    look = overview(now, may_see)
    answer = assess(look)
    return {
        "look": look,
        "deliveries": look.deliveries,
        "receivers": [(one, attempt_marks.of_statuses(one.statuses)) for one in look.deliveries.receivers],
        "failures": look.failures_of_day,
        "open_failures": look.open_failures,
        "day": look.day,
        "answer": answer,
        "concerns": [(concern, link_of(concern, user)) for concern in answer.concerns],
        "chart": _chart(look.hours),
        "busiest": busiest(look.hours),
        "ended": _sums(look.hours),
        "sparks": {queue: charts.spark(look.samples.get(queue, [])) for queue in QueueSample.Queue.values},
        "jobs": [_job(running) for running in look.open_jobs],
        "sees_all": may_see.see_all,
        "operations": [progress_of(operation) for operation in open_operations(user)],
        "processes": [_process(process) for process in look.processes],
        "workers": _workers(look),
        "storage": _storage(look),
        "spans": _spans(look),
        "causes": [(count, _ago(count.last)) for count in look.failures_of_day.causes],
        "now": now,
        "may": {
            "items": user.has_perm("imports.view_importitem"),
            "webhooks": bool(may_see.deliveries),
            "projects": bool(may_see.projects),
        },
    }


def _scopes(user: Any) -> Scopes:
    """Each kind of fact needs the permission that its own page needs."""
    names = ("view_project", "view_webhookdelivery", "view_accesstoken")
    return Scopes(rights.scope(user, PERMISSION), *(rights.scope(user, f"livingdocs_import.{name}") for name in names))


def link_of(concern: Concern, user: Any) -> Link | None:
    """The page on which this user deals with the concern; None: there is none, or they may not open it."""
    page = _PAGES.get(concern.rule) or _PAGES.get((concern.rule, concern.key))
    if page is None or not _may_open(page, user):
        return None
    query = urlencode([*page.fixed, *([(page.query, concern.key)] if page.query else [])])
    url = reverse(f"admin:{page.name}", args=[concern.key] if page.argument else [])
    return Link(f"{url}?{query}" if query else url, page.label)


def _may_open(page: _Page, user: Any) -> bool:
    allowed = rights.scope(user, page.permission)
    return allowed.is_everything or (bool(allowed) and not page.everywhere)


def _chart(hours: Sequence[Hour]) -> dict[str, Any]:
    columns = [
        (_title(hour), {"success": hour.success, "skipped": hour.skipped, "failed": hour.failed}) for hour in hours
    ]
    return {
        "drawn": charts.stacked(columns),
        "labels": [f"{hour.at:%H}:00" for hour in hours[::LABELS_EVERY]] + ["now"],
    }


def _title(hour: Hour) -> str:
    return f"{hour.at:%a %H}:00: {hour.success:,} done, {hour.skipped:,} skipped, {hour.failed:,} failed"


def _sums(hours: Sequence[Hour]) -> dict[str, Any]:
    sums = {name: sum(getattr(hour, name) for hour in hours) for name in ("success", "skipped", "failed", "items")}
    return sums | {"size": readable.size(sum(hour.bytes for hour in hours)), "bytes": sum(hour.bytes for hour in hours)}


def _job(running: RunningJob) -> dict[str, Any]:
    job = running.job
    return {
        "job": job,
        "project": job.project.label or job.project.handle,
        "parts": bar_parts(job),
        "left": "paused" if job.paused_at else "" if running.eta is None else f"about {readable.rough(running.eta)}",
        "pace": _pace(running.pace),
    }


def _process(process: WorkerProcess) -> dict[str, Any]:
    return {
        "process": process,
        "runs": " and ".join(name for name in ("imports", "webhooks") if getattr(process, name)),
        "pace": _pace(process.pace),
        "memory": "" if process.memory is None else readable.size(process.memory),
    }


def _pace(per_second: float) -> str:
    return readable.rate(round(per_second * 3600), timedelta(hours=1))


def _workers(look: Overview) -> dict[str, Any]:
    return {
        "alive": len({process.pk for process in look.processes})
        or max(look.import_workers.alive, look.webhook_workers.alive),
        "imports": look.import_workers.alive,
        "webhooks": look.webhook_workers.alive,
        "missing": look.import_workers.missing or look.webhook_workers.missing,
    }


def _storage(look: Overview) -> dict[str, Any]:
    state = look.storage
    return {
        "away": any(away.part == "storage" for away in look.away),
        "free": "" if state.free is None else readable.size(state.free),
        "total": "" if state.total is None else readable.size(state.total),
    }


def _spans(look: Overview) -> dict[str, str]:
    return {
        "imports": _words(look.imports.waits),
        "webhooks": _words(look.webhooks.waits),
        "sweep": _words(look.sweeps.since),
        "next_try": _words(look.deliveries.next_try),
    }


def _words(span: timedelta | None) -> str:
    return "" if span is None else readable.rough(span)


def _ago(span: timedelta) -> str:
    return f"{readable.rough(span)} ago"
