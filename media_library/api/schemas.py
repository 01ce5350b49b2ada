"""The shapes of requests about entries (spec 3.6, 3.8); entries and patches have theirs in entries/entry_schemas.py."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from livingdocs_import.api.versions import Feature, Version
from livingdocs_import.validation.json_schema import Schema
from media_library.entries.entry_schemas import OPERATIONS, OPERATIONS_WITH_BILLING

ENTRIES = Schema(
    {
        "type": "object",
        "required": ["mediaLibraryEntries"],
        "additionalProperties": False,
        "properties": {
            "mediaLibraryEntries": {"type": "array", "maxItems": settings.API_MAX_ITEMS, "items": {"type": "object"}},
            "options": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"dryRun": {"type": "boolean"}},
            },
        },
    }
)


def _patch(extra: dict[str, Any]) -> Schema:
    operation = {"type": "string", "enum": list(OPERATIONS)}
    return Schema(
        {
            "type": "object",
            "required": ["patches"],
            "additionalProperties": False,
            "properties": {
                "version": {},
                "patches": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": settings.API_MAX_ITEMS,
                    "items": {"type": "object", "required": ["operation"], "properties": {"operation": operation}},
                },
            }
            | extra,
        }
    )


PATCH = _patch({})
PATCH_WITH_PRESERVE_UPDATED_AT = _patch({"preserveUpdatedAt": {"type": "boolean"}})


def patch(version: Version) -> Schema:
    """The schema of a PATCH in this version."""
    return PATCH_WITH_PRESERVE_UPDATED_AT if version.has(Feature.PRESERVE_UPDATED_AT) else PATCH


def operations(version: Version) -> Mapping[str, Schema]:
    """The schema of each patch operation in this version."""
    return OPERATIONS_WITH_BILLING if version.has(Feature.BILLING) else OPERATIONS
