"""The shapes of requests about entries (spec 3.6, 3.8); entries and patches have theirs in entries/entry_schemas.py."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from livingdocs_import.api.operations import JSONSchema
from livingdocs_import.api.shapes import alternatives, titled
from livingdocs_import.api.versions import Feature, Version
from livingdocs_import.validation.json_schema import Schema
from media_library.entries.entry_schemas import ASSETS, ENTRY, OPERATIONS, OPERATIONS_WITH_BILLING

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


# --- For OpenAPI: with what is checked entry by entry, and operation by operation ------------------------------------

_TITLES = {"mediaImage": "Image", "mediaVideo": "Video", "mediaFile": "File"}
_ANY_ASSET = {"anyOf": [titled(f"{_TITLES[base_type]}Asset", shape) for base_type, shape in ASSETS.items()]}


def described_entries() -> JSONSchema:
    """A request with ready-made entries. Which assets an entry may have, its media type says."""
    shape = ENTRIES.definition
    entry = {"anyOf": [titled(f"New{_TITLES[base_type]}", each.definition) for base_type, each in ENTRY.items()]}
    entries = shape["properties"]["mediaLibraryEntries"] | {"items": entry}
    return {
        "title": "MediaLibraryImport",
        **shape,
        "properties": {**shape["properties"], "mediaLibraryEntries": entries},
    }


def described_patch(version: Version) -> JSONSchema:
    """A PATCH in this version."""
    shape = patch(version).definition
    known = {name: operation.definition for name, operation in operations(version).items()}
    asset = {**known["replaceAsset"], "properties": {**known["replaceAsset"]["properties"], "value": _ANY_ASSET}}
    patches = shape["properties"]["patches"] | {
        "items": alternatives("operation", known | {"replaceAsset": asset}, "Patch")
    }
    number = {"type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9]{1,19}$"}
    return {
        "title": "EntryPatch",
        **shape,
        "properties": {**shape["properties"], "version": number, "patches": patches},
    }
