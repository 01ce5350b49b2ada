"""What an import request looks like (spec 3.1, 3.2, 3.12, 3.13); every violation is named by its path."""

from typing import Any

import orjson
from django.conf import settings

from livingdocs_import import errors
from livingdocs_import.api.schemas import Schema

CONTEXT_BYTES = 8192
SYSTEM_NAME = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"\S"}
EXTERNAL_ID = {"type": "string", "minLength": 1, "maxLength": 400}

MEDIA_ITEM = {
    "type": "object",
    "required": ["url", "id", "fileName", "metadata"],
    "additionalProperties": False,
    "properties": {
        "url": {"type": "string", "format": "http-url", "maxLength": 8192},
        "id": EXTERNAL_ID,
        "fileName": {"type": "string"},
        "metadata": {"type": "object"},
        "mediaType": {"type": "string"},
    },
}


def batch(kind: str, item: dict[str, Any]) -> Schema:
    """The schema of a POST /import/<kind>, whose list of items has the kind's name."""
    return Schema(
        {
            "type": "object",
            "required": ["systemName", kind],
            "additionalProperties": False,
            "properties": {
                "systemName": SYSTEM_NAME,
                "webhook": {"type": "string", "format": "http-url", "maxLength": 8192},
                "context": {"type": "object"},
                kind: {"type": "array", "maxItems": settings.API_MAX_ITEMS, "items": item},
            },
        }
    )


def bounded_context(body: dict[str, Any]) -> None:
    """Refuse a context of more than 8192 bytes, measured as compact JSON in UTF-8 (JOB-19)."""
    if len(orjson.dumps(body.get("context"))) > CONTEXT_BYTES:
        raise errors.Invalid({"context": f"must NOT be larger than {CONTEXT_BYTES} bytes"})
