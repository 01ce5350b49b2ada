"""What OpenAPI says of the imports' actions (spec 3.1 to 3.6)."""

from collections.abc import Mapping
from typing import Any

from imports.api import response_schemas, schemas
from imports.models import ImportJob
from livingdocs_import.api.common_parameters import IDEMPOTENCY_KEY, comma_separated
from livingdocs_import.api.error_schemas import quota_answer
from livingdocs_import.api.examples import Examples
from livingdocs_import.api.operations import (
    Answer,
    Body,
    Callback,
    Example,
    Header,
    JSONSchema,
    Operation,
    Parameter,
)
from livingdocs_import.api.shapes import choice
from livingdocs_import.api.webhook_requests import webhook_request
from livingdocs_import.validation.json_schema import Schema

TAG = "Imports"
EXAMPLES = Examples(__file__)
WARNING = Header("Warning", '`299 - "…"`: what the caller should know, although this is what was asked for.')
JOB = Parameter("id", "The job's id, as the import request was answered with.", required=True, example="25bzj8j")
EXPAND = Parameter(
    "expand",
    "`progress` adds how many items are done, `items` the rows of a job that has not ended.",
    comma_separated(choice(*sorted(schemas.EXPANSIONS))),
)
REQUESTS: Mapping[str, tuple[Example, ...]] = {
    ImportJob.Kind.IMAGES: (
        EXAMPLES["images: request"],
        EXAMPLES["images: curl"],
        EXAMPLES["images: request of the newer page"],
        EXAMPLES["images: curl of the newer page"],
    ),
    ImportJob.Kind.VIDEOS: (EXAMPLES["videos: request"],),
    ImportJob.Kind.FILES: (EXAMPLES["files: request"],),
    ImportJob.Kind.DOCUMENTS: (EXAMPLES["documents: request"], EXAMPLES["documents: curl"]),
}


def of_kind(kind: ImportJob.Kind, body: Schema) -> dict[str, Operation]:
    """The actions of the ViewSet for one kind, whose batches have this shape."""
    return {"create": _create(kind.value, body.definition), "status": _status(kind.value)}


def _create(kind: str, shape: JSONSchema) -> Operation:
    return Operation(
        f"import{kind.title()}",
        TAG,
        f"Import {kind}",
        "Accepts a batch, which is processed in the order of the request. An item whose pair of `systemName` and `id` "
        "is known updates what exists. The response has the id of a job: ask for its status, or wait for the request "
        f"to `webhook`. Each of the {kind} succeeds, is skipped or fails independently.",
        parameters=(IDEMPOTENCY_KEY,),
        body=Body({"title": f"{kind.title()}Import", **shape}, REQUESTS[kind]),
        answers={
            200: Answer(
                "The job's id.",
                response_schemas.ACCEPTED,
                (EXAMPLES["accepted"],),
                (WARNING,) if kind == ImportJob.Kind.DOCUMENTS else (),
            ),
            429: quota_answer((EXAMPLES["quota"],)),
        },
        errors=(409,),
        callbacks=(Callback("jobEnded", "{$request.body#/webhook}", _notification(kind)),),
    )


def _notification(kind: str) -> dict[str, Any]:
    return webhook_request(
        f"{kind}ImportEnded",
        TAG,
        f"The import of {kind} has ended",
        "Sent when the job reads as finished, and not before the import request was answered; at least once, with the "
        "same `x-livingdocs-delivery` on every attempt, for 24 hours.",
        response_schemas.notification(kind),
    )


def _status(kind: str) -> Operation:
    rows = EXAMPLES[f"{kind}: success"]
    lost = (EXAMPLES["lost"],) if kind == ImportJob.Kind.DOCUMENTS else ()
    return Operation(
        f"get{kind.title()}ImportStatus",
        TAG,
        f"Check the import status of {kind}",
        "`finished` is false until all items are done. `state` is `success` then, although items may have failed: look "
        "at the rows. An unknown job is `lost`.",
        parameters=(JOB, EXPAND),
        answers={
            200: Answer(
                "The status of the job.",
                lambda version: response_schemas.status(kind, version),
                (rows, EXAMPLES["started"], EXAMPLES["failed"], *lost),
                (WARNING,),
            )
        },
    )
