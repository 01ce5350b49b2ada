"""The status answers; their spelling is the contract's, not ours (spec 3.3, 3.5, rulings)."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from documents.incoming import LONGEST_TITLE
from imports.models import ImportItem, ImportJob
from livingdocs_import.api.versions import Version
from livingdocs_import.project_config import ProjectConfig
from media_library import asset_urls

LIST_KEYS = {"images": "images", "videos": "videos", "files": "files", "documents": "logs"}


class Item(NamedTuple):
    """What answers tell of an item; the names are those of its columns."""

    outcome: str
    reason: str
    external_id: str
    title: str
    details: dict[str, Any] | None
    result: dict[str, Any] | None


Row = Callable[[Item, ImportJob, Version, ProjectConfig], dict[str, Any]]


def lost(job_id: str) -> dict[str, Any]:
    """There is no such job for this caller (JOB-09 to JOB-12)."""
    return {"finished": False, "state": "lost", "id": f'no import job found for id "{job_id}"'}


def status(
    job: ImportJob, version: Version, config: Callable[[], ProjectConfig], *, expand: frozenset[str]
) -> dict[str, Any]:
    """A job's state; its items when it has finished well, or when they are asked for before that (JOB-04 to JOB-07).

    `config` is called only where there are items: a job fails when no configuration can be used.
    """
    body: dict[str, Any] = {"finished": job.finished, "state": job.state, "id": job.public_id}
    if not job.finished:
        body["startedAt"] = f"{job.started_at:%Y-%m-%d %H:%M:%S}"
    if job.state == ImportJob.State.SUCCESS or (not job.finished and "items" in expand):
        body[LIST_KEYS[job.kind]] = list(_rows(job, version, config()))
    if "progress" in expand:
        counts = {"success": job.success, "skipped": job.skipped, "failed": job.failed}
        body["progress"] = {"total": job.total, "done": job.done} | counts
    return body


def _rows(job: ImportJob, version: Version, config: ProjectConfig) -> Iterable[dict[str, Any]]:
    items = job.items.exclude(outcome=ImportItem.Outcome.OPEN).order_by("position").values_list(*Item._fields)
    row = ROWS[job.kind]
    return (row(Item._make(item), job, version, config) for item in items.iterator(chunk_size=2000))


def image_row(item: Item, job: ImportJob, version: Version, config: ProjectConfig) -> dict[str, Any]:
    """One image: both spellings in every version, for programs of different years read different ones (IMG-42)."""
    row: dict[str, Any] = {"status": item.outcome}
    succeeded = item.outcome == ImportItem.Outcome.SUCCESS
    row["state"] = "imported" if succeeded and version.dated else item.outcome
    if item.reason:
        row["reason"] = item.reason
    row |= {"systemName": job.system_name, "externalId": item.external_id, "title": item.title}
    if item.result:
        row["image"] = image(item.result, job.project_id, item.title, config)
    if item.details:
        row["error_details"] = item.details
    return row


def image(result: dict[str, Any], project_id: int, title: str, config: ProjectConfig) -> dict[str, Any]:
    """What a client pastes into an image directive (IMG-23): exactly these seven keys."""
    key = result["key"]
    original = result.get("url") or asset_urls.original_url(key, project_id=project_id, title=title)
    return {
        "mediaId": result["mediaId"],
        "originalUrl": original,
        "url": asset_urls.service_url(original, key=key, host=config.image_service.host or ""),
        "width": result.get("width"),
        "height": result.get("height"),
        "mimeType": result["mimeType"],
        "imageService": config.image_service.name,
    }


def document_row(item: Item, job: ImportJob, version: Version, config: ProjectConfig) -> dict[str, Any]:
    """One document: the row of the import log as it was when the item ended, in snake_case (DST-01 to DST-04, DST-08).

    A skipped one has the log as it was before, for nothing was changed.
    """
    if item.outcome == ImportItem.Outcome.FAILED or item.result is None:
        row: dict[str, Any] = {"state": "failed", "reason": item.reason}
        row |= {"external_id": item.external_id, "title": item.title.strip()[:LONGEST_TITLE]}
        return row | {"error_details": item.details} if item.details else row
    row = {"system_name": job.system_name, "external_id": item.external_id}
    row |= item.result | {"project_id": job.project_id, "channel_id": job.project.channel_id}
    if item.outcome == ImportItem.Outcome.SKIPPED:
        row |= {"state": "skipped", "reason": item.reason}
    return row | {"details": item.details} if item.details else row


ROWS: dict[str, Row] = {ImportJob.Kind.IMAGES: image_row, ImportJob.Kind.DOCUMENTS: document_row}
