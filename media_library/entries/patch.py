"""Patch an entry: all or nothing, raising its version by exactly one; list its keys."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from livingdocs_import import errors
from livingdocs_import.db import bulk_copy
from livingdocs_import.models import Project
from livingdocs_import.project_config import store
from livingdocs_import.validation.json_schema import Schema
from livingdocs_import.validation.messages import expected
from media_library import storage_cleanup
from media_library.delivery import ownership, rendition_cache
from media_library.entries import audit_log, entry_schemas, references, remote_pictures, translated_keys, webhook_events
from media_library.entries.actors import Actor
from media_library.entries.differences import differences, translated_differences
from media_library.entries.patch_operations import Patching, Replaced
from media_library.entries.usage_log import UsageChanges
from media_library.entries.validity import update_validity
from media_library.entries.webhook_events import Change, EntryState
from media_library.models import FormerAsset, MediaEntry
from media_library.selectors import not_found
from media_library.storage import StorageFailed

# The columns that patches may change; the others are not written.
_PATCHED = (
    "version", "updated_at", "title", "metadata", "translations",
    "asset", "asset_key", "asset_sha256", "source_etag", "source_last_modified", "source_url", "embedded",
    "archived", "revoked", "revoke_note", "asset_deleted", "invalid", "validity_changes_at",
)  # fmt: skip


class PatchRequest(NamedTuple):
    """A request for changes. `version`: required version, if any; `preserve_updated_at`: keep the old date.

    `note`: why, for the history; without one, that of a revocation.
    """

    patches: Sequence[Mapping[str, Any]]
    version: int | None = None
    preserve_updated_at: bool = False
    note: str = ""


def checked_patch(
    body: Any, schema: Schema, operations: Mapping[str, Schema] = entry_schemas.OPERATIONS
) -> PatchRequest:
    """The request's patches and conditions; raises `Invalid` with the problems by path."""
    problems = schema.problems(body)
    version = None
    if isinstance(body, dict):
        if "version" in body:
            version = _version(body["version"])
            if version is None:
                problems.add(expected("integer"), "version")
        patches = body.get("patches")
        too_many = isinstance(patches, list) and len(patches) > settings.API_MAX_ITEMS
        for index, patch in enumerate(patches if isinstance(patches, list) and not too_many else ()):
            operation = patch.get("operation") if isinstance(patch, dict) else None
            if isinstance(operation, str) and operation in operations:
                operations[operation].check(patch, problems, "patches", index)
            if problems.is_over:
                break
    problems.refuse()
    return PatchRequest(body["patches"], version, body.get("preserveUpdatedAt", False))


def _version(value: Any) -> int | None:
    """A whole number, or one written in ASCII digits (PAT-21); None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    return None


def patch_entry(project: Project, media_id: str, asked: PatchRequest, *, actor: Actor) -> MediaEntry:
    """Apply the patches in one transaction (spec 3.8, 6.3).

    NotFound, Conflict (another version, a state that does not permit it) or Invalid leave everything unchanged.
    """
    config, now = store.current(project), timezone.now()
    with transaction.atomic():
        # Lock, then read: the version that is compared is the one that is raised.
        entry = _entry(project, media_id, lock=True)
        if asked.version is not None and asked.version != entry.version:
            raise errors.Conflict(f"Version: Expected {entry.version} to be equal to {asked.version}")
        media_type = config.media_type(entry.media_type)
        if media_type is None:
            raise errors.Conflict(f"The media type '{entry.media_type}' is not configured any more")
        before, metadata, translations = EntryState.of(entry), entry.metadata, entry.translations
        usage = UsageChanges(entry, config.media_center, asked.patches, by=actor.name, now=now)
        patching = Patching(entry, media_type, config, usage)
        for index, patch in enumerate(asked.patches):
            patching.apply(index, patch)
        _write(patching, now, preserve_updated_at=asked.preserve_updated_at)
        audit_log.write(
            [(entry.pk, entry.version, list(patching.operations))],
            at=now,
            actor=actor,
            differences={
                entry.pk: differences(metadata, entry.metadata)
                + translated_differences(translations, entry.translations)
            },
            note=asked.note or next((patch["note"] for patch in asked.patches if patch.get("note")), ""),
        )
        webhook_events.record(project, [Change(entry.media_id, before, EntryState.of(entry))], actor)
    return entry


def _entry(project: Project, media_id: str, *, lock: bool = False) -> MediaEntry:
    entries = MediaEntry.objects.of(project).filter(media_id=media_id)
    existing = (entries.select_for_update() if lock else entries).first() if "\0" not in media_id else None
    if existing is None:
        raise not_found(media_id)
    return existing


def _write(patching: Patching, now: datetime, *, preserve_updated_at: bool) -> None:
    entry = patching.entry
    entry.version += 1
    if not preserve_updated_at:
        entry.updated_at = now
    update_validity(entry, patching.media_type)
    if patching.discarded_keys is not None:
        former = entry.former_assets.values_list("asset_key", flat=True)
        storage_cleanup.keys_later({*patching.discarded_keys, *former})
        remote_pictures.forget([entry.pk])
    _keep_history(entry, patching.replaced, now)
    entry.save(update_fields=_PATCHED)
    patching.usage.write()
    translated_keys.replace(entry)
    references.replace([(entry, patching.media_type.metadata)])


def _keep_history(entry: MediaEntry, replaced: list[Replaced], now: datetime) -> None:
    if replaced:
        rows = [(entry.pk, locale, asset, asset["key"], now) for locale, asset in replaced]
        bulk_copy.insert(FormerAsset, ("entry", "locale", "asset", "asset_key", "replaced_at"), rows)


def all_keys(project: Project, media_id: str) -> list[str]:
    """Storage keys for purging caches: current, former (oldest first), translated, renditions; each once (KEY-01).

    An entry may name the key of another project's file, the renditions of which are not listed. Raises NotFound if
    there is no such entry, Unavailable if the storage cannot list its renditions.
    """
    entry = _entry(project, media_id)
    own, *translated = entry.keys
    former = entry.former_assets.order_by("pk").values_list("asset_key", flat=True)
    keys = list(dict.fromkeys([own, *former, *translated]))
    belonging = ownership.keys_of_project(project.pk, keys)
    try:
        return keys + [rendition for key in keys if key in belonging for rendition in rendition_cache.keys_of(key)]
    except StorageFailed as error:
        raise errors.Unavailable(error.detail) from error
