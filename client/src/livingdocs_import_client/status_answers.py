"""Reads the status of a job."""

from livingdocs_import_client.errors import JobFailed, JobLost
from livingdocs_import_client.jobs import JobStatus, Kind, Progress, Row
from livingdocs_import_client.json_types import JSONObject
from livingdocs_import_client.messages import problems_in
from livingdocs_import_client.reading import (
    number,
    objects,
    optional_number,
    optional_object,
    optional_text,
    text,
)


def job_status(kind: Kind, answer: JSONObject) -> JobStatus:
    """The status in an answer. JobLost: there is no such job."""
    state = text(answer, "state")
    if state == "lost":
        raise JobLost(text(answer, "id"))
    progress = _progress(optional_object(answer, "progress") or {})
    rows = tuple(_row(kind, row) for row in objects(answer, kind.rows_key))
    return JobStatus(text(answer, "id"), answer.get("finished") is True, state, progress, rows)


def ended_well(status: JobStatus) -> JobStatus:
    """The status; JobFailed if the job could not be done at all."""
    if status.finished and status.state == "failed":
        raise JobFailed(f"job {status.id} could not be done")
    return status


def _progress(answer: JSONObject) -> Progress:
    counts = {name: optional_number(answer, name) or 0 for name in ("total", "done", "success", "skipped", "failed")}
    return Progress(**counts, waiting_for=optional_text(answer, "waitingFor"))


def _row(kind: Kind, row: JSONObject) -> Row:
    state = text(row, "state")
    status = state if state in ("skipped", "failed") else "success"
    is_document = kind is Kind.DOCUMENTS
    image, video = optional_object(row, "image"), optional_object(row, "video")
    place = image or video or row
    return Row(
        external_id=text(row, "external_id" if is_document else "externalId"),
        status=status,
        state=state,
        title=optional_text(row, "title"),
        reason=optional_text(row, "reason"),
        problems=problems_in(row.get("error_details")),
        media_id=None if is_document else optional_text(place, "mediaId"),
        document_id=number(row, "document_id") if is_document and "document_id" in row else None,
        image=image,
        raw=row,
    )
