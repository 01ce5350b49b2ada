"""Status responses; their spelling is the contract's (spec 3.3, 3.5)."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import orjson

from documents.revisions.parts import MAX_TITLE
from imports.claiming.waiting import waiting_for
from imports.models import ImportItem, ImportJob
from livingdocs_import.api.versions import Feature, Version
from livingdocs_import.dry_runs import Would
from livingdocs_import.project_config import ProjectConfig
from livingdocs_import.timestamps import started_at
from media_library import asset_urls

BATCH = 500  # items that are read, and then written, together
BATCH_BYTES = 1024 * 1024  # what they are about to become; in memory they are some times that
LIST_KEYS = {"images": "images", "videos": "videos", "files": "files", "documents": "logs"}


class Item(NamedTuple):
    """The fields of an item in responses, by the names of its columns."""

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


def has_items(job: ImportJob, expand: frozenset[str]) -> bool:
    """Whether the status has a list: after the job succeeded, or earlier on request (JOB-06, JOB-07)."""
    return job.state == ImportJob.State.SUCCESS or (not job.finished and "items" in expand)


def status(job: ImportJob, expand: frozenset[str]) -> dict[str, Any]:
    """A job's state, without its items (JOB-04 to JOB-07)."""
    return _state(job) | _progress(job, expand)


def status_with_items(
    job: ImportJob, version: Version, config: ProjectConfig, expand: frozenset[str], *, old_values: bool
) -> Iterator[bytes]:
    """The same with the items, in pieces of JSON: few rows at a time are in memory, and no cursor stays open."""
    yield orjson.dumps(_state(job))[:-1]
    yield b',"%b":[' % LIST_KEYS[job.kind].encode()
    row, comma = partial(_planned_row, old_values=old_values) if job.dry_run else ROWS[job.kind], b""
    ended = job.items.exclude(outcome=ImportItem.Outcome.OPEN).order_by("position")
    items = ended.values_list("position", *Item._fields)
    after, size, more = -1, BATCH, True
    while more:
        rows = list(items.filter(position__gt=after)[: size + 1])
        rows, more = rows[:size], len(rows) > size
        piece = b",".join([orjson.dumps(row(Item._make(item), job, version, config)) for _, *item in rows])
        if rows:
            yield comma + piece
            comma, after = b",", rows[-1][0]
            size = max(1, min(BATCH, BATCH_BYTES * len(rows) // len(piece)))
    progress = _progress(job, expand)
    yield b"]," + orjson.dumps(progress)[1:] if progress else b"]}"


def _state(job: ImportJob) -> dict[str, Any]:
    body: dict[str, Any] = {"finished": job.finished, "state": job.state, "id": job.public_id}
    if not job.finished:
        body["startedAt"] = started_at(job.started_at)
    return body


def _progress(job: ImportJob, expand: frozenset[str]) -> dict[str, Any]:
    if "progress" not in expand:
        return {}
    counts = {"success": job.success, "skipped": job.skipped, "failed": job.failed}
    waiting = waiting_for(job)
    waits = {"waitingFor": waiting.what} if waiting else {}
    plan = {"dryRun": True, "would": job.outcomes} if job.dry_run else {}
    return {"progress": {"total": job.total, "done": job.done} | counts | waits | plan}


def media_row(item: Item, job: ImportJob, version: Version) -> dict[str, Any]:
    """The common part of image, video and file rows: both spellings in every version, for programs of different years
    (IMG-42)."""
    row: dict[str, Any] = {"status": item.outcome}
    succeeded = item.outcome == ImportItem.Outcome.SUCCESS
    row["state"] = "imported" if succeeded and version.has(Feature.IMPORTED_ROWS) else item.outcome
    if item.reason:
        row["reason"] = item.reason
    row |= {"systemName": job.system_name, "externalId": item.external_id, "title": item.title}
    if item.details:
        row["error_details" if item.outcome == ImportItem.Outcome.FAILED else "details"] = item.details
    return row


def image_row(item: Item, job: ImportJob, version: Version, config: ProjectConfig) -> dict[str, Any]:
    """One image."""
    row = media_row(item, job, version)
    return row | {"image": image(item.result, job.project_id, item.title, config)} if item.result else row


def video_row(item: Item, job: ImportJob, version: Version, config: ProjectConfig) -> dict[str, Any]:
    """One video: exactly these three keys (VID-05)."""
    row, result = media_row(item, job, version), item.result
    if not result:
        return row
    original = asset_urls.asset_url(result, project_id=job.project_id, title=item.title)
    video = {"mediaId": result["mediaId"], "originalUrl": original, "mimeType": result["mimeType"]}
    return row | {"video": video}


def file_row(item: Item, job: ImportJob, version: Version, config: ProjectConfig) -> dict[str, Any]:
    """One file: nothing is nested (FIL-04)."""
    row = media_row(item, job, version)
    return row | {"mediaId": item.result["mediaId"]} if item.result else row


def image(result: dict[str, Any], project_id: int, title: str, config: ProjectConfig) -> dict[str, Any]:
    """The value for an image directive (IMG-23): exactly these seven keys."""
    key = result["key"]
    original = asset_urls.asset_url(result, project_id=project_id, title=title)
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
    """One document: the row of the import log when the item ended, in snake_case (DST-01 to DST-04, DST-08).

    A skipped one has the earlier log, as nothing was changed.
    """
    if item.outcome == ImportItem.Outcome.FAILED or item.result is None:
        row: dict[str, Any] = {"state": "failed", "reason": item.reason}
        row |= {"external_id": item.external_id, "title": item.title.strip()[:MAX_TITLE]}
        return row | {"error_details": item.details} if item.details else row
    row = {"system_name": job.system_name, "external_id": item.external_id}
    row |= item.result | {"project_id": job.project_id, "channel_id": job.project.channel_id}
    if item.outcome == ImportItem.Outcome.SKIPPED:
        row |= {"state": "skipped", "reason": item.reason}
    return row | {"details": item.details} if item.details else row


def _planned_row(
    item: Item, job: ImportJob, version: Version, config: ProjectConfig, *, old_values: bool
) -> dict[str, Any]:
    """One item of a dry run: skipped, and beside it what it would become (DRY-01).

    `old_values`: stored values are returned only to clients that may read them (DRY-14).
    """
    plan = dict(item.result or {})
    if "changes" in plan and not old_values:
        plan["changes"] = [{"property": change["property"], "new": change["new"]} for change in plan["changes"]]
    if job.kind == ImportJob.Kind.DOCUMENTS:
        row: dict[str, Any] = {"state": item.outcome, "reason": item.reason, "system_name": job.system_name}
        row |= {"external_id": item.external_id, "title": item.title.strip()[:MAX_TITLE]}
        if item.details:
            row["error_details"] = item.details
    else:
        # The details of a planned failure have the key that they will have in the import.
        would_fail = plan.get("would") == Would.FAIL
        row = media_row(item._replace(outcome=ImportItem.Outcome.FAILED) if would_fail else item, job, version)
        row |= {"status": item.outcome, "state": item.outcome}
    return row | plan


ROWS: dict[str, Row] = {
    ImportJob.Kind.IMAGES: image_row,
    ImportJob.Kind.VIDEOS: video_row,
    ImportJob.Kind.FILES: file_row,
    ImportJob.Kind.DOCUMENTS: document_row,
}
