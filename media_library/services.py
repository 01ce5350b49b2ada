"""What is done with an entry: patched, all or nothing, its version raised by exactly one; its keys listed."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from livingdocs_import import configurations, errors
from livingdocs_import.api.schemas import Schema, prefixed
from livingdocs_import.models import Project
from media_library import discards, references, schemas, translated_keys
from media_library.actors import Actor
from media_library.lifecycle import judge_validity
from media_library.models import EntryChange, FormerAsset, MediaEntry
from media_library.patches import Patching
from media_library.storage import assets

MOST_OPERATIONS_TRACED = 50


def checked_patch(body: Any, schema: Schema) -> tuple[int | None, list[Mapping[str, Any]]]:
    """The version the request insists on, if any, and its patches; `Invalid` with every problem by path."""
    problems = schema.problems(body)
    version = None
    if isinstance(body, dict):
        if "version" in body:
            version = _version(body["version"])
            if version is None:
                problems["version"] = "Invalid type: expected integer"
        patches = body.get("patches")
        for index, patch in enumerate(patches if isinstance(patches, list) else ()):
            operation = patch.get("operation") if isinstance(patch, dict) else None
            if isinstance(operation, str) and operation in schemas.OPERATIONS:
                problems |= prefixed(schemas.OPERATIONS[operation].problems(patch), f"patches.{index}")
    if problems:
        raise errors.Invalid(problems)
    return version, body["patches"]


def _version(value: Any) -> int | None:
    """A whole number, or one written in ASCII digits (PAT-21); None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    return None


def patch_entry(
    project: Project,
    media_id: str,
    patches: list[Mapping[str, Any]],
    *,
    version: int | None,
    actor: Actor,
    preserve_updated_at: bool = False,
) -> MediaEntry:
    """Apply the patches in one transaction (spec 3.8, 6.3).

    NotFound, Conflict (another version, a state that does not fit) or Invalid leave everything as it was.
    """
    config = configurations.current(project)
    with transaction.atomic():
        # Lock, then look: the version that is compared is the version that is raised.
        entry = MediaEntry.objects.of(project).filter(media_id=media_id).select_for_update().first()
        if entry is None:
            raise errors.NotFound(f"MediaLibrary Entry does not exist (id: '{media_id}')")
        if version is not None and version != entry.version:
            raise errors.Conflict(f"Version: Expected {entry.version} to be equal to {version}")
        media_type = config.media_type(entry.media_type)
        if media_type is None:
            raise errors.Conflict(f"The media type '{entry.media_type}' is not configured any more")
        patching = Patching(entry, media_type, config)
        for index, patch in enumerate(patches):
            patching.apply(index, patch)
        _write(patching, actor, preserve_updated_at=preserve_updated_at)
    return entry


def _write(patching: Patching, actor: Actor, *, preserve_updated_at: bool) -> None:
    entry = patching.entry
    entry.version += 1
    if not preserve_updated_at:
        entry.updated_at = timezone.now()
    judge_validity(entry, patching.media_type)
    FormerAsset.objects.bulk_create(patching.former)
    if patching.delete_binaries:
        entry.asset_deleted = True
        former = entry.former_assets.values_list("asset_key", flat=True)
        discards.later([*entry.keys, *former])
    entry.save()
    translated_keys.replace(entry)
    references.replace([(entry, patching.media_type.metadata)])
    EntryChange.objects.create(
        entry=entry,
        version=entry.version,
        actor=actor.kind,
        actor_name=actor.name,
        operations=list(patching.operations)[:MOST_OPERATIONS_TRACED],
    )


def all_keys(entry: MediaEntry) -> list[str]:
    """Storage keys for purging caches: current, former (oldest first), translated, renditions; each once."""
    own, *translated = entry.keys
    former = list(entry.former_assets.order_by("pk").values_list("asset_key", flat=True))
    keys = list(dict.fromkeys([own, *former, *translated]))
    return keys + [rendition for key in keys for rendition in assets().below(f"v/{key}")]
