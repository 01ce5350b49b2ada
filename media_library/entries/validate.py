"""Validate one ready-made entry of a client: returns the entry, or its fault (spec 3.6)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from livingdocs_import.metadata import metadata_error
from livingdocs_import.project_config import MediaType, ProjectConfig
from livingdocs_import.timestamps import timestamp
from livingdocs_import.validation.limits import AND_MORE, quoted
from livingdocs_import.validation.nearest import one_of
from livingdocs_import.validation.problems import Problem, Problems, by_path, shortened
from media_library.entries import entry_schemas
from media_library.entries.validity import validity

PAIR_NEEDS_SYSTEM = "An asset with an externalId also requires a systemName"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an entry was not created."""

    error: str
    details: Mapping[str, Any]

    @property
    def problems(self) -> Sequence[Mapping[str, Any]]:
        """The single problems, if they are listed."""
        listed: Sequence[Mapping[str, Any]] = self.details.get("errors", ())
        return listed

    def in_short(self) -> "Fault":
        """The same with its first problem only, and a note that there are more."""
        return Fault(self.error, {**self.details, "errors": shortened(self.problems, 1)})

    def unreported(self) -> "Fault":
        """The same without its problems."""
        return Fault(self.error, {"message": AND_MORE})


@dataclass(slots=True)
class NewEntry:
    """An entry that is valid by itself; only the database can check whether its ids are free."""

    project_id: int
    media_id: str
    configured_type: MediaType
    title: str
    system_name: str | None
    external_id: str | None
    asset: dict[str, Any]
    metadata: dict[str, Any]
    translations: list[dict[str, Any]]
    invalid: bool
    validity_changes_at: datetime | None
    created_at: datetime
    pk: int = 0  # 0: not written yet
    # As stored and returned.
    asset_json: str = field(init=False)
    metadata_json: str = field(init=False)
    translations_json: str = field(init=False)

    version = 1

    def __post_init__(self) -> None:
        self.asset_json = orjson.dumps(self.asset).decode()
        self.metadata_json = orjson.dumps(self.metadata).decode()
        self.translations_json = orjson.dumps(self.translations).decode() if self.translations else "[]"

    @property
    def media_type(self) -> str:
        return self.configured_type.handle

    @property
    def created(self) -> str:
        return timestamp(self.created_at)

    updated = created

    def shown_metadata(self, media_type: MediaType | None) -> orjson.Fragment:
        """All of it: unconfigured metadata would have been a fault."""
        return orjson.Fragment(self.metadata_json)


def check(
    config: ProjectConfig, project_id: int, raw: Mapping[str, Any], now: datetime, make_id: Callable[[], str]
) -> NewEntry | Fault:
    """Shape, then the systemName rule, then translations, then metadata: the first error is the fault."""
    handle = raw.get("mediaType")
    media_type = config.media_type(handle) if isinstance(handle, str) else None
    schema = entry_schemas.ENTRY[media_type.base_type] if media_type else entry_schemas.UNTYPED_ENTRY
    if problems := schema.problems(raw):
        return wrong_shape(problems)
    if media_type is None:
        message = f'Unknown mediaType: "{quoted(raw["mediaType"])}"; configured: {one_of(config.media_types)}'
        return wrong_shape([Problem(("mediaType",), message)])
    if "externalId" in raw and "systemName" not in raw:
        return _invalid(PAIR_NEEDS_SYSTEM)
    translations = raw.get("translations", ())
    if translations and (problems := _translation_problems(config, media_type, translations)):
        return wrong_shape(problems)
    if errors := _metadata_errors(config, media_type, raw.get("metadata", {}), translations):
        return _invalid("Metadata validation failed.", errors)
    return _new_entry(media_type, project_id, raw, now, make_id)


def _invalid(message: str, errors: Sequence[Mapping[str, Any]] = ()) -> Fault:
    return Fault("ValidationError", {"message": message} | ({"errors": list(errors)} if errors else {}))


def wrong_shape(problems: Iterable[Problem]) -> Fault:
    """The fault of an entry with these problems; the message is the first of them (Q-10)."""
    errors = [{"path": path, "message": message} for path, message in by_path(problems).items()]
    return _invalid("{path}: {message}".format(**errors[0]), errors)


def _translation_problems(
    config: ProjectConfig, media_type: MediaType, translations: Sequence[Mapping[str, Any]]
) -> Problems:
    problems, seen = Problems(("translations", 0)), set()
    available = config.languages.translation_locales
    for index, translation in enumerate(translations):
        locale, problems.place[-1] = translation["locale"], index
        if locale not in available:
            problems.add(f"The locale '{locale}' is not available for translations", "locale")
        elif locale in seen:
            problems.add(f"The locale '{locale}' is given twice", "locale")
        seen.add(locale)
        if "asset" in translation and not media_type.asset_translatable:
            problems.add(f"Assets of the media type '{media_type.handle}' cannot be translated", "asset")
    return problems


def _metadata_errors(
    config: ProjectConfig,
    media_type: MediaType,
    metadata: Mapping[str, Any],
    translations: Sequence[Mapping[str, Any]],
) -> list[Mapping[str, Any]]:
    schema = media_type.metadata
    problems = schema.check(metadata, completeness=config.options.require_media_metadata)
    for translation in translations:
        if "metadata" in translation:
            problems += schema.check_translation(translation["locale"], translation["metadata"], completeness=False)
    return [metadata_error(problem) for problem in problems]


def _new_entry(
    media_type: MediaType, project_id: int, raw: Mapping[str, Any], now: datetime, make_id: Callable[[], str]
) -> NewEntry:
    schema = media_type.metadata
    asset = raw["asset"]
    metadata = schema.normalise(raw.get("metadata", {}))
    title = metadata.get("title")
    invalid, changes_at = validity(media_type, metadata, now)
    return NewEntry(
        project_id=project_id,
        media_id=raw.get("id") or make_id(),
        configured_type=media_type,
        title=title if isinstance(title, str) else asset["filename"],
        system_name=raw.get("systemName"),
        external_id=raw.get("externalId"),
        asset=asset,
        metadata=metadata,
        translations=[
            {**row, "metadata": schema.normalise(row.get("metadata", {}))} for row in raw.get("translations", ())
        ],
        invalid=invalid,
        validity_changes_at=changes_at,
        created_at=now,
    )
