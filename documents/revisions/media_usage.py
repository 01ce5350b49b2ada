"""Publishing a document of a usage purpose is a use of every media entry that it references (spec 4.7)."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from documents.revisions.licenses import profile_of, profile_property
from documents.revisions.validate import CheckedParts
from livingdocs_import import ids
from livingdocs_import.db import bulk_copy
from livingdocs_import.models import Project
from livingdocs_import.project_config import ProjectConfig, UsagePurpose, store
from livingdocs_import.timestamps import timestamp
from media_library.entries import usage_log
from media_library.entries.references import MEDIA_TYPES
from media_library.entries.usage_log import UsedEntry
from media_library.models import UsageLogEntry

log = logging.getLogger(__name__)
PENDING, CONFIRMED = UsageLogEntry.State.PENDING, UsageLogEntry.State.CONFIRMED
_COLUMNS = (
    "entry", "public_id", "state", "purpose", "params", "document_id", "publication_id", "publication_date",
    "reporting_date", "billing", "license_profile", "reported_by",
)  # fmt: skip


class Published(NamedTuple):
    """One publication that was just written."""

    document_id: int
    publication_id: int
    content_type: str
    parts: CheckedParts
    moment: datetime


def record(project: Project, published: Sequence[Published], now: datetime, *, by: str) -> None:
    """Record the uses, one for each entry, document and purpose, however often it is published (USE-09, USE-10).

    The documents are locked, so no other transaction records their uses.
    """
    config = store.current(project)
    purposes = config.media_center.by_content_type
    uses = [(row, purposes[row.content_type]) for row in published if row.content_type in purposes]
    if not uses:
        return
    wanted = {row.document_id: _media_ids(row.parts) for row, _ in uses}
    entries = {entry.media_id: entry for entry in usage_log.used_entries(project, set().union(*wanted.values()))}
    noted = usage_log.noted_uses(list(wanted))
    rows = []
    for row, purpose in uses:
        for media_id in wanted[row.document_id]:
            entry = entries.get(media_id)
            if entry is None or (row.document_id, entry.pk, purpose.handle) in noted:
                continue
            state, params = _said(purpose, row, entry)
            profile, billing = _rule(config, purpose, entry)
            rows.append(
                (
                    entry.pk, ids.media_id(), state, purpose.handle, params, row.document_id, row.publication_id,
                    row.moment, now, billing, profile, by[:200],
                )
            )  # fmt: skip
    bulk_copy.insert(UsageLogEntry, _COLUMNS, rows)


def _media_ids(parts: CheckedParts) -> dict[str, None]:
    """The media entries that a document references, in order."""
    return dict.fromkeys(each.id for each in parts.references if each.type in MEDIA_TYPES and not each.external_system)


def _rule(config: ProjectConfig, purpose: UsagePurpose, entry: UsedEntry) -> tuple[str, bool | None]:
    """The profile whose rule applies to a use, and whether it is billed; "" and None without a rule (LIC-09)."""
    media_type, center = config.media_types.get(entry.media_type), config.media_center
    name = profile_property(media_type) if media_type is not None and center.gated else None
    profile = center.profiles.get(profile_of(entry.metadata, name) or "") if name else None
    if profile is None or purpose.handle not in profile.rules:
        return "", None
    return profile.handle, profile.rules[purpose.handle]


def _said(purpose: UsagePurpose, row: Published, entry: UsedEntry) -> tuple[str, dict[str, Any]]:
    """The details of a use from the operator's function; without one, or if it fails, it is pending (USE-11)."""
    path = settings.USAGE_LOG_FUNCTIONS.get(purpose.function or "")
    if path is None:
        return PENDING, {}
    try:
        with transaction.atomic():  # an error in it must not prevent the publication
            said = import_string(path)(_document(row), _medium(entry))
        state, params = said["state"], said.get("params") or {}
        problems = purpose.params.check(params, completeness=state == CONFIRMED)
        if state in (PENDING, CONFIRMED) and not problems:
            return state, purpose.params.normalise(params)
        log.warning("usage log function %s: unusable answer for document %s", purpose.function, row.document_id)
    except Exception:
        log.exception("usage log function %s failed for document %s", purpose.function, row.document_id)
    return PENDING, {}


def _document(row: Published) -> dict[str, Any]:
    return {
        "documentId": row.document_id,
        "contentType": row.content_type,
        "title": row.parts.title,
        "metadata": row.parts.metadata,
        "publicationDate": timestamp(row.moment),
    }


def _medium(entry: UsedEntry) -> dict[str, Any]:
    return {"id": entry.media_id, "mediaType": entry.media_type, "metadata": entry.metadata}
