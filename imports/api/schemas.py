"""The shapes of import requests (spec 3.1, 3.2, 3.12, 3.13); every violation has its path."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from django.conf import settings

from documents.importing.incoming import CONTRADICTION
from livingdocs_import import errors
from livingdocs_import.validation.json_schema import Schema, StringFormat
from livingdocs_import.validation.messages import missing, no_match_for
from livingdocs_import.validation.parameters import Parameters
from livingdocs_import.validation.problems import Problems
from livingdocs_import.validation.value_types import instant

CONTEXT_BYTES = 8192
EXPANSIONS = frozenset({"progress", "items"})
SYSTEM_NAME = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"\S"}
EXTERNAL_ID = {"type": "string", "minLength": 1, "maxLength": 400}

BOOLEAN = {"type": "boolean"}
PROBE = {"type": "integer", "minimum": 0, "maximum": 100}  # files that a dry run may look at

MEDIA_ITEM = {
    "type": "object",
    "required": ["url", "id", "fileName", "metadata"],
    "additionalProperties": False,
    "properties": {
        "url": {"type": "string", "format": "http-url", "maxLength": 8192},
        "id": EXTERNAL_ID,
        "fileName": {"type": "string", "maxLength": 8192},
        "metadata": {"type": "object"},
        "mediaType": {"type": "string"},
    },
}

# --- Documents -------------------------------------------------------------------------------------------------------


def _is_moment(value: object) -> bool:
    """A date that exists, with or without a time (DOC-39); another keyword checks the type."""
    return not isinstance(value, str) or instant(value, bare_date=True) is not None


DOCUMENT_FORMATS = {"date-time": StringFormat(_is_moment, 'must match format "date-time"')}
DATE = {"type": ["string", "null"], "format": "date-time"}
DESIGN = {
    "type": ["object", "null"],
    "required": ["name", "version"],
    "additionalProperties": False,
    "properties": {"name": {"type": "string"}, "version": {"type": "string"}},
}
CONTENT = {"type": ["array", "null"]}
FLAGS = ("autoPublish", "unpublish", "onlyOverwriteUntouched", "neverOverwrite")
PUBLISH_CONTROL = {
    "type": ["object", "null"],
    "additionalProperties": False,
    "properties": {
        "firstPublicationDate": DATE,
        "significantPublicationDate": DATE,
        "visiblePublicationDateOverride": DATE,
        "lastPublicationDate": DATE,
        "embargo": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {"reason": {"type": ["string", "null"]}, "until": DATE},
        },
    },
}
_TO_BE_STORED = ("content", "livingdoc", "design", "metadata", "translations")

# Shapes only: errors inside content, metadata and translations fail the item, not the request (spec 3.4).
DOCUMENT_ITEM = {
    "type": "object",
    "required": ["id", "checksum"],
    "additionalProperties": False,
    "properties": {
        "id": EXTERNAL_ID,
        "title": {"type": "string"},
        "checksum": {"type": "string"},
        "contentType": {"type": "string"},
        "publishControl": PUBLISH_CONTROL,
        "publicationDate": DATE,
        "content": CONTENT,
        "design": DESIGN,
        "metadata": {"type": ["object", "null"]},
        "translations": {"type": ["array", "object", "null"]},
        "flags": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": dict.fromkeys(FLAGS, BOOLEAN),
        },
        "livingdoc": {"type": ["object", "null"], "properties": {"content": CONTENT, "design": DESIGN}},
        "documentId": {"type": ["integer", "null"], "minimum": 1, "maximum": 2**63 - 1},
    },
    # Unpublishing needs nothing else (DOC-41).
    "if": {
        "required": ["flags"],
        "properties": {
            "flags": {"type": "object", "required": ["unpublish"], "properties": {"unpublish": {"const": True}}}
        },
        "not": {"anyOf": [{"required": [name]} for name in _TO_BE_STORED]},
    },
    "else": {"required": ["title", "contentType"]},
}


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
        if (flags := document.get("flags")) and flags.get("autoPublish") and flags.get("unpublish"):
            problems.add(CONTRADICTION, "documents", index, "flags")
    problems.refuse()


# --- All kinds -------------------------------------------------------------------------------------------------------


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


# --- Status ----------------------------------------------------------------------------------------------------------


def status_query(query: Mapping[str, str]) -> tuple[str, frozenset[str]]:
    """The job's id, and the expansions (`?expand=progress,items`)."""
    given = Parameters(query)
    if "id" not in query:
        given.problems.add(missing("id"), "id")
    expand = frozenset(query.get("expand", "").split(",")) - {""}
    if others := expand - EXPANSIONS:
        given.problems.add(no_match_for(min(others)), "expand")
    given.refuse()
    return query["id"], expand
