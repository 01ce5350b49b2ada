"""The shapes of the items of imports (spec 3.1, 3.2, 3.12, 3.13); every violation has its path."""

from collections.abc import Mapping
from typing import Any

from documents.importing.incoming import CONTRADICTION
from livingdocs_import.validation.json_schema import StringFormat
from livingdocs_import.validation.problems import Problems, Step
from livingdocs_import.validation.value_types import instant

EXTERNAL_ID = {"type": "string", "minLength": 1, "maxLength": 400}
BOOLEAN = {"type": "boolean"}

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


def check_contradictions(document: Mapping[str, Any], problems: Problems, *steps: Step) -> None:
    """Add a problem if the document is to be published and unpublished at once (DOC-48)."""
    if (flags := document.get("flags")) and flags.get("autoPublish") and flags.get("unpublish"):
        problems.add(CONTRADICTION, *steps, "flags")
