"""The overview on pages without an app of their own: the index, and a project's page."""

from datetime import timedelta
from typing import Any

from django import template
from django.utils import timezone

from imports import monitoring
from imports.admin.jobs import bar
from imports.outcomes import failures
from livingdocs_import.admin import readable
from livingdocs_import.db import clock
from livingdocs_import.models import Project

register = template.Library()


@register.inclusion_tag("admin/imports/overview.html")
def imports_overview() -> dict[str, Any]:
    """Open jobs, whether the queues move, failures, the last day."""
    now = clock.now()
    look = monitoring.overview(now)
    return {
        "look": look,
        "open_failures": failures.open_count(),
        "queues": [
            (name, queue, "" if queue.waits is None else readable.duration(queue.waits))
            for name, queue in (("Imports", look.imports), ("Webhooks", look.webhooks))
        ],
        "workers": [
            (name, workers, _ago(workers.since))
            for name, workers in (("Import workers", look.import_workers), ("Webhook workers", look.webhook_workers))
        ],
        "last_sweep": _ago(look.sweeps.since),
        "jobs": [(job, bar(job), readable.duration(now - job.started_at)) for job in look.open_jobs],
        "given_up": [(delivery, readable.url(delivery.url)) for delivery in look.given_up],
    }


def _ago(since: timedelta | None) -> str:
    return "" if since is None else readable.duration(since)


@register.inclusion_tag("admin/imports/allowances.html")
def project_allowances(project: Project) -> dict[str, Any]:
    """The project's use of its daily limits."""
    return {"allowances": monitoring.allowances(project, timezone.now())}
