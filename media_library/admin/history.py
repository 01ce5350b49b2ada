"""The history of an entry in words: what was done, old and new values, by whom, why."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from livingdocs_import.admin import readable
from livingdocs_import.project_config import MediaType
from media_library.admin import labels
from media_library.models import EntryChange

WORDS = {
    "create": "Created",
    "replaceAsset": "File replaced",
    "replaceFile": "File replaced by an upload",
    "replaceMetadata": "Metadata replaced",
    "setTitle": "Title set",
    "archive": "Archived",
    "unarchive": "Taken out of the archive",
    "revokeAsset": "Revoked",
    "unrevokeAsset": "Unrevoked",
    "removeAsset": "File of a translation removed",
    "addUsageLogEntry": "Use reported",
    "updateUsageLogEntry": "Use changed",
    "removeUsageLogEntry": "Use removed",
    "invalid": "Became invalid",
    "active": "Became valid",
}
ACTORS = {EntryChange.Actor.API_CLIENT.value: " (API)"}
_SET = re.compile(r"set(?:Metadata|Translated)Property (.+)", re.DOTALL)


@dataclass(frozen=True)
class ShownDifference:
    """A property with its values as texts; "": none."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class ShownChange:
    """A change for the template."""

    change: EntryChange
    what: str
    differences: Sequence[ShownDifference]
    who: str


def shown(changes: Iterable[EntryChange], media_type: MediaType | None) -> list[ShownChange]:
    """In their order; properties have the labels of the media type."""
    return [_shown(change, media_type) for change in changes]


def _shown(change: EntryChange, media_type: MediaType | None) -> ShownChange:
    differences = [
        ShownDifference(_label(media_type, each), _text(each, "old"), _text(each, "new"))
        for each in change.differences or ()
    ]
    known = {each["property"] for each in change.differences or ()}
    return ShownChange(
        change=change,
        what=", ".join(filter(None, (_what(operation, known, media_type) for operation in change.operations))),
        differences=differences,
        who=f"{change.actor_name or change.actor}{ACTORS.get(change.actor, '')}",
    )


def _what(operation: str, known: set[str], media_type: MediaType | None) -> str:
    """The words for an operation; "" if a difference says it."""
    if match := _SET.fullmatch(operation):
        return "" if match[1] in known else labels.of_handle(media_type, match[1])
    return WORDS.get(operation, operation)


def _label(media_type: MediaType | None, difference: Mapping[str, Any]) -> str:
    """Of its property, with the locale of a translation."""
    label = labels.of_handle(media_type, difference["property"])
    return f"{label} ({difference['locale']})" if "locale" in difference else label


def _text(difference: Mapping[str, Any], side: str) -> str:
    if side not in difference:
        return ""
    value = difference[side]
    if (
        isinstance(value, Mapping)
        and value.keys() == {"focalPoint"}
        and isinstance(point := value["focalPoint"], Mapping)
    ):
        return f"focal point {_percent(point.get('x'))}, {_percent(point.get('y'))}"
    return readable.redacted(value) if isinstance(value, str) else readable.json_lines(value)


def _percent(value: object) -> str:
    return f"{100 * value:.4g} %" if isinstance(value, int | float) else str(value)
