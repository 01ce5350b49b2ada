"""Whether an entry is valid now; refreshed when that changes (spec 6.4)."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from livingdocs_import.db import bulk_copy
from livingdocs_import.models import Project
from livingdocs_import.project_config import InvalidConfig, MediaType, store
from media_library.entries import audit_log, webhook_events
from media_library.entries.actors import SCHEDULER
from media_library.entries.webhook_events import Change, EntryState
from media_library.models import MediaEntry

log = logging.getLogger(__name__)
TRY_AGAIN = timedelta(hours=1)  # delay after a project's configuration was unusable
BATCH = 200  # entries that are locked at the same time


def validity(media_type: MediaType, metadata: Mapping[str, Any], now: datetime) -> tuple[bool, datetime | None]:
    """Whether an entry with these metadata is invalid, and the time at which that changes by itself."""
    schema = media_type.metadata
    if schema.is_timeless(metadata):
        return False, None
    return not schema.validity(metadata, now), schema.next_change(metadata, now)


def update_validity(entry: MediaEntry, media_type: MediaType) -> None:
    """Set both on the entry; nothing is saved."""
    entry.invalid, entry.validity_changes_at = validity(media_type, entry.metadata, timezone.now())


def refresh_expired(limit: int = 5000) -> int:
    """Update up to `limit` entries whose validity may have changed by now; returns their number.

    Version and `updatedAt` stay, for no client has written anything; the audit log records the change.
    """
    refreshed = 0
    while refreshed < limit and (batch := _refresh_batch()):
        refreshed += batch
    return refreshed


def _refresh_batch() -> int:
    now = timezone.now()
    with transaction.atomic():
        due = MediaEntry.objects.filter(validity_changes_at__lte=now).order_by("validity_changes_at", "pk")
        # Skip locked rows: the transaction that holds them updates their validity.
        entries = list(
            due.select_for_update(skip_locked=True).only(
                "pk", "project_id", "media_id", "media_type", "metadata", "version", "archived", "revoked", "invalid"
            )[:BATCH]
        )
        projects = Project.objects.in_bulk({entry.project_id for entry in entries})
        types = _media_types(projects, entries)
        rows: list[tuple[int, bool, datetime | None]] = []
        changed = []
        reported: dict[int, list[Change]] = defaultdict(list)  # by project
        for entry in entries:
            if (entry.project_id, entry.media_type) not in types:
                rows.append((entry.pk, entry.invalid, now + TRY_AGAIN))
                continue
            media_type = types[entry.project_id, entry.media_type]
            # Not in the configuration any more: its validity stays.
            invalid, changes_at = validity(media_type, entry.metadata, now) if media_type else (entry.invalid, None)
            rows.append((entry.pk, invalid, changes_at))
            if invalid != entry.invalid:
                changed.append((entry.pk, entry.version, ["invalid" if invalid else "active"]))
                before = EntryState.of(entry)
                reported[entry.project_id].append(
                    Change(entry.media_id, before, replace(before, invalid=invalid), by_time=True)
                )
        bulk_copy.update(MediaEntry, ("invalid", "validity_changes_at"), rows)
        audit_log.write(changed, at=now, actor=SCHEDULER)
        for project_id, changes in reported.items():
            webhook_events.record(projects[project_id], changes, SCHEDULER)
    return len(entries)


def _media_types(
    projects: Mapping[int, Project], entries: Sequence[MediaEntry]
) -> dict[tuple[int, str], MediaType | None]:
    """By project and handle; without those of projects with an unusable configuration."""
    wanted = {(entry.project_id, entry.media_type) for entry in entries}
    by_handle: dict[tuple[int, str], MediaType | None] = {}
    for project in projects.values():
        try:
            config = store.current(project)
        except InvalidConfig:  # must not block other projects or the rest of the sweep
            log.exception("project %s: its configuration cannot be used", project.handle)
            continue
        by_handle |= {(project.pk, handle): config.media_type(handle) for pk, handle in wanted if pk == project.pk}
    return by_handle
