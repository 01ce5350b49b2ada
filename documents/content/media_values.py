"""The values of directives that show an asset: images, videos, audio and files (spec 4.5).

A value may name its entry in the media library and omit the rest, which is then completed from there, if the entry is
known (Q-16). An unknown entry is no problem as long as nothing is missing (DOC-59).
"""

from collections.abc import Mapping
from typing import Any, TypedDict

from documents.content.findings import Findings
from documents.content.value_rules import (
    Rule,
    an_id,
    an_object,
    filled,
    is_number,
    not_negative,
    objects,
    positive,
    text,
)
from livingdocs_import.validation.limits import MAX_ID
from livingdocs_import.validation.messages import expected, missing
from livingdocs_import.validation.problems import Path


class MediaFacts(TypedDict, total=False):
    """The facts of a media library entry, in the contract's terms."""

    originalUrl: str
    url: str
    mimeType: str
    width: int
    height: int
    durationSeconds: float
    filename: str
    size: int


MediaLookup = Mapping[str, MediaFacts]  # by media id


# --- Rules -----------------------------------------------------------------------------------------------------------


def area(value: Any) -> str | None:
    """A crop or a point: x, y, width and height must be numbers."""
    if not isinstance(value, dict):
        return expected("object")
    places = (value.get(key) for key in ("x", "y", "width", "height"))
    return None if all(place is None or is_number(place) for place in places) else "must hold numbers"


def areas(value: Any) -> str | None:
    return objects(value) or next((message for item in value if (message := area(item))), None)


def mime_type(prefix: str) -> Rule:
    def rule(value: Any) -> str | None:
        if not isinstance(value, str):
            return expected("string")
        return None if value.startswith(prefix) else f'must match pattern "^{prefix}"'

    return rule


_ADDRESSED: dict[str, Rule] = {"originalUrl": filled, "url": filled, "mediaId": an_id, "key": text}
_SIZED: dict[str, Rule] = {"width": positive, "height": positive}
_PICTURED: dict[str, Rule] = {
    "imageService": text,
    "altText": text,
    "crop": area,
    "crops": areas,
    "focalPoint": area,
    "origins": objects,
}
_RULES: Mapping[str, Mapping[str, Rule]] = {
    "image": {**_ADDRESSED, **_SIZED, **_PICTURED, "mimeType": mime_type("image/")},  # DOC-60
    "video": {
        **_ADDRESSED,
        **_SIZED,
        "mimeType": mime_type("video/"),
        "durationSeconds": not_negative,
        "posterImage": an_object,
    },
    "audio": {**_ADDRESSED, "mimeType": mime_type("audio/"), "durationSeconds": not_negative},
    "file": {**_ADDRESSED, "mimeType": text, "filename": text, "size": not_negative},
}
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "image": ("originalUrl", "mimeType", "width", "height"),
    "video": ("originalUrl", "mimeType"),
    "audio": ("originalUrl", "mimeType"),
    "file": ("originalUrl", "mimeType"),
}
# Values that an entry can complete.
_COMPLETED: Mapping[str, tuple[str, ...]] = {
    "image": ("originalUrl", "url", "mimeType", "width", "height"),
    "video": ("originalUrl", "url", "mimeType", "width", "height", "durationSeconds"),
    "audio": ("originalUrl", "url", "mimeType", "durationSeconds"),
    "file": ("originalUrl", "url", "mimeType", "filename", "size"),
}

KINDS = frozenset(_RULES)


# --- Values ----------------------------------------------------------------------------------------------------------


def needs_entry(kind: str, value: Any) -> str | None:
    """The media id whose entry would complete this value; None if it has none, or is complete."""
    if not isinstance(value, dict) or not isinstance(media_id := value.get("mediaId"), str):
        return None
    if len(media_id) > MAX_ID:  # no entry has such an id
        return None
    return media_id if any(value.get(key) is None for key in _REQUIRED[kind]) else None


def check_medium(kind: str, path: Path, value: Any, findings: Findings, entries: MediaLookup) -> Any:
    """The value as it is stored, `{}` being an empty slot; problems are added below `path`."""
    if not isinstance(value, dict):
        findings.add(expected("object"), *path)
        return value
    if not value:
        return value
    if kind == "file" and value.get("originalUrl") is None and value.get("url") is not None:
        value = {**value, "originalUrl": value["url"]}  # either is enough for a file
    needed = _REQUIRED[kind]
    if any(value.get(key) is None for key in needed):
        value = _completed(kind, value, entries)
        for key in needed:
            if value.get(key) is None:
                findings.add(missing(key), *path, key)
    rules = _RULES[kind]
    for key, member in value.items():
        if member is not None and (rule := rules.get(key)) and (message := rule(member)):
            findings.add(message, *path, key)
    return value


def _completed(kind: str, value: dict[str, Any], entries: MediaLookup) -> dict[str, Any]:
    media_id = value.get("mediaId")
    facts: Mapping[str, Any] = entries.get(media_id, {}) if isinstance(media_id, str) else {}
    return value | {key: facts[key] for key in _COMPLETED[kind] if value.get(key) is None and key in facts}
