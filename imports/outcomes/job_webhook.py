"""The webhook of a finished job (spec 7.1)."""

from typing import NotRequired, TypedDict

from imports.models import ImportJob
from livingdocs_import.validation.json_types import JSON

SOURCES = {
    "images": "livingdocs-image-import",
    "videos": "livingdocs-video-import",
    "files": "livingdocs-file-import",
    "documents": "livingdocs-document-import",
}


class JobOverview(TypedDict):
    """The outcomes of a job's items, in numbers."""

    total: int
    details: dict[str, int]


class Notification(TypedDict):
    """The body of a job's webhook."""

    source: str
    id: str
    state: str
    overview: JobOverview
    context: NotRequired[JSON]


def body(job: ImportJob) -> Notification:
    """`{source, id, state, overview, context?}`; all counters present, zero included (spec 7.1)."""
    if job.kind == ImportJob.Kind.DOCUMENTS:
        details = {name: job.outcomes.get(name, 0) for name in ("imported", "published", "unpublished")}
    else:
        details = {"success": job.success}
    details |= {"skipped": job.skipped, "failed": job.failed}
    body: Notification = {
        "source": SOURCES[job.kind],
        "id": job.public_id,
        "state": job.state,
        "overview": {"total": job.total, "details": details},
    }
    if job.context is not None:
        body["context"] = job.context
    return body
