"""The progress of a job as a bar."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from imports.models import ImportJob
from livingdocs_import.admin import readable


def bar(job: ImportJob) -> SafeString:
    """Success, skipped and failed as parts of a bar, with the numbers as text for screen readers."""
    return render_to_string("admin/imports/bar.html", {"job": job, "parts": bar_parts(job)})


def bar_parts(job: ImportJob) -> list[tuple[str, str, str]]:
    """The class of each part of a job's bar, where it starts, and its width."""
    parts, start = [], 0
    for name in ("success", "skipped", "failed"):
        count = getattr(job, name)
        parts.append((name, readable.percent(start, job.total), readable.percent(count, job.total)))
        start += count
    return parts
