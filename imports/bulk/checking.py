"""What the API would refuse of an item: checked by the API's own schemas, before anything is posted."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from django.conf import settings
from django.utils import timezone

from imports.bulk.kinds import BulkKind
from imports.bulk.rows import shown
from imports.requests.items import DOCUMENT_FORMATS, DOCUMENT_ITEM, MEDIA_ITEM, check_contradictions
from livingdocs_import.project_config import ProjectConfig
from livingdocs_import.validation.json_schema import Schema
from livingdocs_import.validation.messages import UNKNOWN
from livingdocs_import.validation.problems import Problems, by_path
from media_library.entries.entry_schemas import UNTYPED_ENTRY
from media_library.entries.validate import Fault, check

MAX_ROW_PROBLEMS = 20
Check: TypeAlias = Callable[[Mapping[str, Any]], Mapping[str, str]]  # an item → its problems, by path

_MEDIA = Schema(MEDIA_ITEM)
_DOCUMENT = Schema(DOCUMENT_ITEM, DOCUMENT_FORMATS)


def check_of(kind: BulkKind, config: ProjectConfig | None) -> Check:
    """The check of a kind. `config`: of the project, if it is known here; media entries are checked against it."""
    if kind.name == "documents":
        return _document
    if kind.has_jobs:
        return _media
    return _untyped_entry if config is None else lambda item: _entry(config, item)


def _media(item: Mapping[str, Any]) -> Mapping[str, str]:
    return _by_path(_MEDIA, item)


def _document(item: Mapping[str, Any]) -> Mapping[str, str]:
    problems = Problems(limit=MAX_ROW_PROBLEMS)
    _DOCUMENT.check(item, problems)
    if not problems:
        check_contradictions(item, problems)
    return by_path(problems)


def _untyped_entry(item: Mapping[str, Any]) -> Mapping[str, str]:
    return _by_path(UNTYPED_ENTRY, item)


def _entry(config: ProjectConfig, item: Mapping[str, Any]) -> Mapping[str, str]:
    found = check(config, 0, item, timezone.now(), str)
    return fault_by_path(found) if isinstance(found, Fault) else {}


def fault_by_path(fault: Fault) -> Mapping[str, str]:
    """The problems of a media entry, by path."""
    listed: Sequence[Mapping[str, Any]] = fault.problems or [fault.details]
    return {
        str(each.get("path") or each.get("metadataProperty") or ""): str(each.get("message", fault.error))
        for each in listed[:MAX_ROW_PROBLEMS]
    }


def _by_path(schema: Schema, item: Mapping[str, Any]) -> Mapping[str, str]:
    problems = Problems(limit=MAX_ROW_PROBLEMS)
    schema.check(item, problems)
    return by_path(problems)


def in_words(kind: BulkKind, path: str, message: str) -> str:
    """The message for a person: an unknown property with the nearest known one."""
    return f"{message}{kind.shape.nearest(path)}" if message == UNKNOWN else message


def found_at(item: Mapping[str, Any], path: str) -> str:
    """`, found "…"`: the text or number at the path; "" if there is none."""
    value: Any = item
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return f', found "{shown(str(value))}"' if isinstance(value, str | int | float) else ""


def too_large(size: int) -> str:
    """Why an item of so many bytes cannot be posted; "" if it can."""
    limit = settings.API_MAX_BODY_BYTES
    return "" if size < limit - 10_000 else f"it is larger than a request may be: {limit:,} bytes"
