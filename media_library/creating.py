"""Ready-made entries from a client: each for itself good or bad, the good ones written together (spec 3.6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from livingdocs_import import configurations, ids
from livingdocs_import.models import Project
from livingdocs_import.project_config import MediaType, ProjectConfig
from media_library import references, schemas, translated_keys
from media_library.actors import Actor
from media_library.lifecycle import judge_validity
from media_library.models import EntryChange, MediaEntry
from media_library.storage import NotStored, assets

PAIR_NEEDS_SYSTEM = "An asset with an externalId also requires a systemName"


@dataclass(frozen=True)
class Fault:
    """Why one entry was not created."""

    status: int
    error: str
    details: Mapping[str, Any]


@dataclass
class Element:
    """One entry of the request and what became of it: `entry` or `fault`, never both in the end."""

    index: int
    raw: Mapping[str, Any]
    entry: MediaEntry | None = None
    media_type: MediaType | None = None
    fault: Fault | None = field(default=None)


def create_entries(project: Project, raws: Sequence[Mapping[str, Any]], *, actor: Actor) -> list[Element]:
    """Create what can be created; one element for each, in order (MLI-01, MLI-16)."""
    config = configurations.current(project)
    elements = [_checked(project, config, index, raw) for index, raw in enumerate(raws)]
    _refuse_twins(elements)
    good = [element for element in elements if element.fault is None]
    if good:
        with transaction.atomic():
            _write(project, good, actor)
    return elements


# --- Checking one ----------------------------------------------------------------------------------------------------


def _invalid(message: str, errors: Sequence[Mapping[str, Any]] | None = None) -> Fault:
    return Fault(400, "ValidationError", {"message": message} | ({"errors": list(errors)} if errors else {}))


def _shape(problems: Mapping[str, str]) -> Fault:
    errors = [{"path": path, "message": message} for path, message in problems.items()]
    return _invalid(f"{errors[0]['path']}: {errors[0]['message']}", errors)


def _checked(project: Project, config: ProjectConfig, index: int, raw: Mapping[str, Any]) -> Element:
    """Shape, then the systemName rule, then metadata; uniqueness is for the database (spec 3.6: precedence)."""
    element = Element(index, raw)
    handle = raw.get("mediaType")
    media_type = config.media_type(handle) if isinstance(handle, str) else None
    schema = schemas.ENTRY[media_type.base_type] if media_type else schemas.UNTYPED_ENTRY
    if problems := schema.problems(raw):
        element.fault = _shape(problems)
    elif media_type is None:
        element.fault = _shape({"mediaType": f'Unknown mediaType: "{handle}"'})
    elif "externalId" in raw and "systemName" not in raw:
        element.fault = _invalid(PAIR_NEEDS_SYSTEM)
    elif problems := _translation_problems(config, media_type, raw.get("translations", ())):
        element.fault = _shape(problems)
    elif errors := _metadata_errors(config, media_type, raw):
        element.fault = _invalid("Metadata validation failed.", errors)
    elif config.options.require_stored_asset and (missing := _missing_keys(raw)):
        element.fault = _shape({path: f"No file is stored under the key '{key}'" for path, key in missing.items()})
    else:
        element.media_type = media_type
        element.entry = _entry(project, media_type, raw)
    return element


def _translation_problems(
    config: ProjectConfig, media_type: MediaType, translations: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    problems, seen = {}, set()
    for index, translation in enumerate(translations):
        locale, path = translation["locale"], f"translations.{index}"
        if locale not in config.languages.translation_locales:
            problems[f"{path}.locale"] = f"The locale '{locale}' is not available for translations"
        elif locale in seen:
            problems[f"{path}.locale"] = f"The locale '{locale}' is given twice"
        seen.add(locale)
        if "asset" in translation and not media_type.asset_translatable:
            problems[f"{path}.asset"] = f"Assets of the media type '{media_type.handle}' cannot be translated"
    return problems


def _metadata_errors(config: ProjectConfig, media_type: MediaType, raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    schema = media_type.metadata
    problems = list(schema.check(raw.get("metadata", {}), completeness=config.options.require_media_metadata))
    for translation in raw.get("translations", ()):
        problems += schema.check_translation(translation["locale"], translation.get("metadata", {}), completeness=False)
    return [dict(problem.as_dict()) for problem in problems]


def _missing_keys(raw: Mapping[str, Any]) -> dict[str, str]:
    """Path and key of every asset whose file is not there; for projects that want to know (Q-09)."""
    named = {"asset.key": raw["asset"]["key"]} | {
        f"translations.{index}.asset.key": translation["asset"]["key"]
        for index, translation in enumerate(raw.get("translations", ()))
        if "asset" in translation
    }
    missing = {}
    for path, key in named.items():
        try:
            assets().stat(key)
        except NotStored:
            missing[path] = key
    return missing


def _entry(project: Project, media_type: MediaType, raw: Mapping[str, Any]) -> MediaEntry:
    schema = media_type.metadata
    metadata = schema.normalise(raw.get("metadata", {}))
    title = metadata.get("title")
    entry = MediaEntry(
        project=project,
        media_id=raw.get("id") or ids.media_id(),
        media_type=media_type.handle,
        base_type=media_type.base_type,
        title=title if isinstance(title, str) else raw["asset"]["filename"],
        system_name=raw.get("systemName"),
        external_id=raw.get("externalId"),
        asset=dict(raw["asset"]),
        asset_key=raw["asset"]["key"],
        metadata=metadata,
        translations=[
            {**row, "metadata": schema.normalise(row.get("metadata", {}))} for row in raw.get("translations", ())
        ],
    )
    judge_validity(entry, media_type)
    return entry


# --- Uniqueness ------------------------------------------------------------------------------------------------------


def _id_taken(media_id: str) -> Fault:
    return Fault(409, "UniqueIdViolation", {"message": f"id is not unique: '{media_id}'"})


def _pair_taken(external_id: str | None, media_id: str) -> Fault:
    details = {"message": f"externalId is not unique: '{external_id}'", "mediaId": media_id}
    return Fault(409, "UniqueIdViolation", details)


def _refuse_twins(elements: Sequence[Element]) -> None:
    """Within one request the first wins (MLI-30)."""
    by_id: set[str] = set()
    by_pair: dict[tuple[str | None, str], str] = {}
    for element in elements:
        entry = element.entry
        if entry is None:
            continue
        pair = entry.external_id and (entry.system_name, entry.external_id)
        if entry.media_id in by_id:
            _take_back(element, _id_taken(entry.media_id))
        elif pair and pair in by_pair:
            _take_back(element, _pair_taken(entry.external_id, by_pair[pair]))
        else:
            by_id.add(entry.media_id)
            if pair:
                by_pair[pair] = entry.media_id


def _take_back(element: Element, fault: Fault) -> None:
    element.entry, element.fault = None, fault


# --- Writing together ------------------------------------------------------------------------------------------------


def _write(project: Project, good: Sequence[Element], actor: Actor) -> None:
    """Insert all; what a constraint refuses, also against a parallel request, is left out and told why."""
    new = [element.entry for element in good if element.entry is not None]
    ordered = sorted(new, key=lambda entry: (entry.external_id or "", entry.media_id))
    tokens = {entry.media_id: entry.created_at for entry in ordered}
    MediaEntry.objects.bulk_create(ordered, ignore_conflicts=True)
    stored = _ours(project, tokens)
    for element in good:
        assert element.entry is not None
        pk = stored.get(element.entry.media_id)
        if pk is None:
            _take_back(element, _conflict(project, element.entry))
        else:
            element.entry.pk = pk
    created = [(e.entry, e.media_type) for e in good if e.entry is not None and e.media_type is not None]
    references.replace([(entry, media_type.metadata) for entry, media_type in created])
    translated_keys.add([entry for entry, _ in created])
    now = timezone.now()
    EntryChange.objects.bulk_create(
        EntryChange(entry=entry, version=1, at=now, actor=actor.kind, actor_name=actor.name, operations=["create"])
        for entry, _ in created
    )


def _ours(project: Project, tokens: Mapping[str, Any]) -> dict[str, int]:
    """The primary keys of the rows that this request inserted: an id alone could be somebody else's row."""
    rows = MediaEntry.objects.of(project).filter(media_id__in=list(tokens)).values_list("media_id", "pk", "created_at")
    return {media_id: pk for media_id, pk, created_at in rows if created_at == tokens[media_id]}


def _conflict(project: Project, entry: MediaEntry) -> Fault:
    same = MediaEntry.objects.of(project)
    if same.filter(media_id=entry.media_id).exists():
        return _id_taken(entry.media_id)
    pair = Q(system_name=entry.system_name, external_id=entry.external_id)
    return _pair_taken(entry.external_id, same.filter(pair).values_list("media_id", flat=True).get())
