"""The shapes of import requests: batches of items, and their options (spec 3.1, 3.2, 3.12, 3.13)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from django.conf import settings

from imports.requests.items import BOOLEAN, MEDIA_ITEM, check_contradictions
from livingdocs_import import errors
from livingdocs_import.validation.json_schema import Schema, StringFormat
from livingdocs_import.validation.problems import Problems

CONTEXT_BYTES = 8192
SYSTEM_NAME = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"\S"}
MAX_PROBE = 100  # files that a dry run may look at
PROBE = {"type": "integer", "minimum": 0, "maximum": MAX_PROBE}
DEPRECATED_FIELDS = {"publicationDate": "publishControl.lastPublicationDate", "livingdoc": "content and design"}


def deprecations(documents: list[dict[str, Any]]) -> list[str]:
    """Warnings about deprecated fields, one for each."""
    return [
        f"documents[].{name} is deprecated: use {successor}"
        for name, successor in DEPRECATED_FIELDS.items()
        if any(name in document for document in documents)
    ]


def refuse_contradictions(body: dict[str, Any]) -> None:
    """Refuse documents that request publishing and unpublishing at once (DOC-48)."""
    problems = Problems()
    for index, document in enumerate(body["documents"]):
        check_contradictions(document, problems, "documents", index)
    problems.refuse()


def batch(kind: str, item: dict[str, Any], formats: Mapping[str, StringFormat] | None = None) -> Schema:
    """The schema of a POST /import/<kind>, whose list of items has the kind's name."""
    options = {"dryRun": BOOLEAN} | ({"probe": PROBE} if item is MEDIA_ITEM else {})
    return Schema(
        {
            "type": "object",
            "required": ["systemName", kind],
            "additionalProperties": False,
            "properties": {
                "systemName": SYSTEM_NAME,
                "webhook": {"type": "string", "format": "http-url", "maxLength": 8192},
                "context": {"type": "object"},
                "options": {"type": "object", "additionalProperties": False, "properties": options},
                kind: {"type": "array", "maxItems": settings.API_MAX_ITEMS, "items": item},
            },
        },
        formats,
    )


def bounded_context(body: dict[str, Any]) -> None:
    """Refuse a context of more than 8192 bytes, measured as compact JSON in UTF-8 (JOB-19)."""
    if len(orjson.dumps(body.get("context"))) > CONTEXT_BYTES:
        raise errors.Invalid({"context": f"must NOT be larger than {CONTEXT_BYTES} bytes"})


class Options(NamedTuple):
    """How a batch is to be carried out."""

    dry_run: bool
    probe: int


def options(body: dict[str, Any]) -> Options:
    """The options of a batch; only a dry run can look at a sample."""
    given = body.get("options", {})
    asked = Options(given.get("dryRun", False), int(given.get("probe", 0)))
    if asked.probe and not asked.dry_run:
        raise errors.Invalid({"options.probe": "is for dry runs: set dryRun to true"})
    return asked
