"""The shapes of what `responses.py` makes: the status of a job, with the row of each of its items (spec 3.3, 3.5)."""

from documents.api.response_schemas import LICENSE_PROBLEM
from imports.handlers.base import DRY_RUN
from imports.models import ImportJob
from livingdocs_import.api.error_schemas import PROBLEM
from livingdocs_import.api.operations import JSONSchema
from livingdocs_import.api.shapes import (
    BOOLEAN,
    COUNT,
    KEY,
    MOMENT,
    TEXT,
    choice,
    closed,
    described,
    listed,
)
from livingdocs_import.api.versions import Feature, Version
from livingdocs_import.dry_runs import Would

JOB_ID = described(TEXT, "Ask for the status of the import with it.")
ACCEPTED = closed("AcceptedImport", {"id": JOB_ID})

# --- Rows ------------------------------------------------------------------------------------------------------------


def _error_details(title: str, problem: JSONSchema) -> JSONSchema:
    return closed(
        title,
        {"message": described(TEXT, "What exactly happened.")},
        {
            "errors": listed(problem),
            "cause": described(TEXT, "What went wrong, as one of the codes of docs/specification/causes.md."),
            "parameter": described(TEXT, "What that page says of the cause: a host, a limit, a type."),
        },
    )


ERROR_DETAILS = _error_details("ItemErrorDetails", PROBLEM)
DOCUMENT_ERROR_DETAILS = _error_details("DocumentErrorDetails", {"anyOf": [PROBLEM, LICENSE_PROBLEM]})
WARNINGS = closed("ItemWarnings", {"warnings": listed(TEXT)})
REMOVED = closed("RemovedMarkup", {"path": TEXT, "removed": listed(TEXT)})
NOTES = closed(
    "DocumentNotes",
    {},
    {
        "removed": described(listed(REMOVED), "What was taken out of texts because it is not safe."),
        "newsAgency": described(TEXT, "Why no article was made of a report."),
    },
)
IMAGE = closed(
    "ImportedImage",
    {
        "mediaId": TEXT,
        "originalUrl": described(TEXT, "The file as it is stored."),
        "url": described(TEXT, "The same in the best format that a browser accepts."),
        "width": {"type": ["number", "null"]},
        "height": {"type": ["number", "null"]},
        "mimeType": TEXT,
        "imageService": TEXT,
    },
    about="What is pasted into an image directive.",
)
VIDEO = closed("ImportedVideo", {"mediaId": TEXT, "originalUrl": TEXT, "mimeType": TEXT})
RESULTS: dict[str, tuple[str, dict[str, JSONSchema]]] = {
    ImportJob.Kind.IMAGES: ("ImageRow", {"image": IMAGE}),
    ImportJob.Kind.VIDEOS: ("VideoRow", {"video": VIDEO}),
    ImportJob.Kind.FILES: ("FileRow", {"mediaId": TEXT}),
}
_REASON = described(TEXT, "Why the item was skipped or has failed.")


def media_row(kind: str, version: Version) -> JSONSchema:
    """The row of an image, a video or a file. `state` has two spellings (IMG-42)."""
    title, result = RESULTS[kind]
    success = "imported" if version.has(Feature.IMPORTED_ROWS) else "success"
    return closed(
        title,
        {"status": choice("success", "skipped", "failed"), "externalId": TEXT, "title": TEXT},
        {
            "state": choice(success, "skipped", "failed"),
            "reason": _REASON,
            "systemName": TEXT,
            "details": WARNINGS,
            "error_details": ERROR_DETAILS,
            **result,
        },
    )


LOG = closed(
    "DocumentLog",
    {
        "system_name": TEXT,
        "external_id": TEXT,
        "document_id": KEY,
        "checksum": TEXT,
        "project_id": KEY,
        "channel_id": KEY,
        "revision_id": KEY,
        "version": COUNT,
        "id": KEY,
        "state": described(TEXT, "What the last import has done, or `skipped`."),
    },
    {"created_at": MOMENT, "updated_at": MOMENT, "reason": _REASON, "details": NOTES},
)
FAILED_DOCUMENT = closed(
    "FailedDocument",
    {"state": {"const": "failed"}, "reason": _REASON, "external_id": TEXT, "title": TEXT},
    {"error_details": DOCUMENT_ERROR_DETAILS, "system_name": TEXT},
)

# --- Dry runs --------------------------------------------------------------------------------------------------------

PLANNED_CHANGE = closed(
    "PlannedChange", {"property": TEXT, "new": {}}, {"old": described({}, "For tokens that may read it.")}
)
PLAN = {
    "would": choice(*(str(would) for would in Would)),
    "why": TEXT,
    "changes": listed(PLANNED_CHANGE),
}
PLAN_FACTS = {
    "more": described(COUNT, "How many other properties would change."),
    "version": described(COUNT, "Of what the item was compared with."),
    "touched": described({"const": True}, "It would overwrite what was changed by hand since the last import."),
}


def planned_media_row(kind: str) -> JSONSchema:
    """The row of an image, a video or a file in a dry run (DRY-01)."""
    return closed(
        f"Planned{RESULTS[kind][0]}",
        {
            "status": {"const": "skipped"},
            "state": {"const": "skipped"},
            "reason": {"const": DRY_RUN},
            "systemName": TEXT,
            "externalId": TEXT,
            "title": TEXT,
            **PLAN,
        },
        {"details": WARNINGS, "error_details": ERROR_DETAILS, "mediaId": TEXT, **PLAN_FACTS},
    )


PLANNED_DOCUMENT = closed(
    "PlannedDocument",
    {
        "state": {"const": "skipped"},
        "reason": {"const": DRY_RUN},
        "system_name": TEXT,
        "external_id": TEXT,
        "title": TEXT,
        **PLAN,
    },
    {"error_details": DOCUMENT_ERROR_DETAILS, "document_id": KEY, **PLAN_FACTS},
)

# --- Status ----------------------------------------------------------------------------------------------------------

PROGRESS = closed(
    "ImportProgress",
    {"total": COUNT, "done": COUNT, "success": COUNT, "skipped": COUNT, "failed": COUNT},
    {
        "dryRun": {"const": True},
        "would": {
            "type": "object",
            "additionalProperties": COUNT,
            "description": "Of a dry run: the number of items by what would become of them.",
        },
        "waitingFor": described(
            choice("paused", "storage", "network", "brake", "host"), "What holds up an open job, if not its turn."
        ),
    },
)


def status(kind: str, version: Version) -> JSONSchema:
    """The status of a job of this kind."""
    if kind == ImportJob.Kind.DOCUMENTS:
        rows = {"logs": listed({"oneOf": [LOG, FAILED_DOCUMENT, PLANNED_DOCUMENT]})}
    else:
        rows = {kind: listed({"anyOf": [media_row(kind, version), planned_media_row(kind)]})}
    return closed(
        f"{kind.title()}ImportStatus",
        {
            "finished": BOOLEAN,
            "state": described(choice("started", "success", "failed", "lost"), "`lost`: there is no such job."),
            "id": TEXT,
        },
        {
            "startedAt": described(
                {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"},
                "In UTC; of a job that is open.",
            ),
            **rows,
            "progress": PROGRESS,
        },
    )


# --- The webhook of a job --------------------------------------------------------------------------------------------


def notification(kind: str) -> JSONSchema:
    """What the webhook of a job says: `imports/outcomes/job_webhook.py` (spec 7.1)."""
    successes = ("imported", "published", "unpublished") if kind == ImportJob.Kind.DOCUMENTS else ("success",)
    details = closed(f"{kind.title()}ImportCounts", dict.fromkeys((*successes, "skipped", "failed"), COUNT))
    overview = closed(f"{kind.title()}ImportOverview", {"total": COUNT, "details": details})
    return closed(
        f"{kind.title()}ImportNotification",
        {
            "source": {"const": f"livingdocs-{kind.removesuffix('s')}-import"},
            "id": JOB_ID,
            "state": choice("success", "failed"),
            "overview": overview,
        },
        {"context": {"type": "object", "description": "What the import request has said it is."}},
    )
