"""The shapes of entries, assets and patch operations (spec 3.6, 3.8), compiled once."""

from collections.abc import Iterable
from typing import Any

import re2

from livingdocs_import.validation.json_schema import PLAIN_URL, Schema, StringFormat, is_http_url
from livingdocs_import.validation.value_types import instant
from media_library.storage import is_safe_key

LOCALE = {"type": "string", "pattern": r"^[a-z][a-zA-Z0-9\-]+$", "maxLength": 35}
MEDIA_ID = {"type": "string", "pattern": r"^[a-zA-Z0-9\-]{1,32}$"}
KEY = {"type": "string", "minLength": 1, "maxLength": 500, "format": "storage-key"}
AMOUNT = {"type": "number", "minimum": 0, "maximum": 2**53 - 1}
FILENAME = {"type": "string", "minLength": 1, "maxLength": 1000, "pattern": r"^[^\x00-\x1f\x7f-\x9f]+$"}
SUBTYPE = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+\-]*$"

_IMAGE_LIKE = re2.compile(r"(?i)//.+\.(?:png|jpe?g|gif|svg|webp|mp4|mov)(?:[?#].*)?$")


def _is_asset_url(text: str) -> bool:
    """Absolute or without a scheme (`//host/…`), without credentials, control characters or spaces around it."""
    return is_http_url(f"https:{text}" if text.startswith("//") else text) and text == text.strip()


def _is_image_url(text: str) -> bool:
    return _is_asset_url(text) and _IMAGE_LIKE.search(text) is not None


FORMATS = {
    "storage-key": StringFormat(
        is_safe_key,
        'must be a relative key without "..", empty steps, backslashes and control characters, not below "v/"',
        plain=r"^(?:[0-9]|[A-Za-z0-9]{2})[A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$",
    ),
    "date-time": StringFormat(lambda text: instant(text) is not None, 'must match format "date-time"'),
    "asset-url": StringFormat(
        _is_asset_url, 'must match format "uri" (http, https or "//...", without credentials)', plain=f"^{PLAIN_URL}$"
    ),
    "image-url": StringFormat(
        _is_image_url,
        'must match format "uri" (http, https or "//...", without credentials) and end in .png, .jpg, .jpeg, .gif, '
        ".svg, .webp, .mp4 or .mov",
        plain=rf"^{PLAIN_URL}\.(?:png|jpe?g|gif|svg|webp|mp4|mov)$",
    ),
}


def _asset(mime: str, url_format: str, extra: tuple[str, ...]) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "key": KEY,
        "url": {"type": "string", "format": url_format, "maxLength": 8192},
        "size": AMOUNT,
        "filename": FILENAME,
        "mimeType": {"type": "string", "maxLength": 200, "pattern": f"^{mime}/{SUBTYPE}"},
    } | dict.fromkeys(extra, AMOUNT)
    return {"type": "object", "required": list(properties), "additionalProperties": False, "properties": properties}


ASSETS = {
    "mediaImage": _asset("image", "image-url", ("width", "height")),
    "mediaVideo": _asset("video", "asset-url", ("width", "height", "duration")),
    "mediaFile": _asset(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+\-]*", "asset-url", ()),
}
ASSET = {base_type: Schema(definition, FORMATS) for base_type, definition in ASSETS.items()}

_ENTRY: dict[str, Any] = {
    "type": "object",
    "required": ["mediaType", "asset"],
    "additionalProperties": False,
    "properties": {
        "id": MEDIA_ID,
        "systemName": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"\S"},
        "externalId": {"type": "string", "minLength": 1, "maxLength": 400},
        "mediaType": {"type": "string"},
        "asset": {"type": "object"},
        "metadata": {"type": "object"},
        "translations": {
            "type": "array",
            "maxItems": 200,
            "items": {
                "type": "object",
                "required": ["locale"],
                "additionalProperties": False,
                "properties": {"locale": LOCALE, "metadata": {"type": "object"}, "asset": {"type": "object"}},
            },
        },
    },
}


def _entry(asset: dict[str, Any]) -> Schema:
    properties = _ENTRY["properties"]
    item = properties["translations"]["items"]
    translation = item | {"properties": item["properties"] | {"asset": asset}}
    typed = properties | {"asset": asset, "translations": properties["translations"] | {"items": translation}}
    return Schema(_ENTRY | {"properties": typed}, FORMATS)


UNTYPED_ENTRY = Schema(_ENTRY)  # the shape for an unknown media type
ENTRY = {base_type: _entry(asset) for base_type, asset in ASSETS.items()}
# The properties of all of them: columns of a table are mapped before the media types are known.
ANY_ENTRY: dict[str, Any] = _ENTRY | {"properties": _ENTRY["properties"] | {"asset": ASSETS["mediaVideo"]}}

# --- Patches ---------------------------------------------------------------------------------------------------------


def _operation(required: dict[str, Any], optional: dict[str, Any] | None = None) -> Schema:
    properties = {"operation": {"type": "string"}} | required | (optional or {})
    return Schema(_object(required, properties), FORMATS)


def _object(required: Iterable[str], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "additionalProperties": False, "properties": properties}


_USE: dict[str, Any] = {
    "purpose": {"type": "string", "minLength": 1, "maxLength": 200},
    "state": {"type": "string", "enum": ["pending", "confirmed"]},
    "publicationDate": {"type": "string", "format": "date-time", "maxLength": 100},
    "url": {"type": "string", "minLength": 1, "maxLength": 8192},
    "params": {"type": "object"},
}


def _usage_operations(use: dict[str, Any]) -> dict[str, Schema]:
    name = {"usageLogEntryId": {"type": "string", "minLength": 1, "maxLength": 100}}
    before = {"oldValue": _object((), {key: {} for key in use})}
    return {
        "addUsageLogEntry": _operation({"value": _object(("purpose",), use)}),
        "updateUsageLogEntry": _operation(name | {"value": _object(("state",), use)}, before),
        "removeUsageLogEntry": _operation(name),
    }


OPERATIONS = {
    "setMetadataProperty": _operation({"propertyName": {"type": "string"}}, {"value": {}}),
    "replaceAsset": _operation({"value": {"type": "object"}}, {"locale": LOCALE}),
    "revokeAsset": _operation({}, {"note": {"type": "string", "maxLength": 200}}),
    "unrevokeAsset": _operation({}),
    "archive": _operation({}),
    "removeAsset": _operation({"locale": LOCALE}),
    **_usage_operations(_USE),
}
OPERATIONS_WITH_BILLING = OPERATIONS | _usage_operations(_USE | {"billing": {"type": "boolean"}})
