"""The log of imports: the document of an external id, and the row in a status response."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from django.db.models import F, QuerySet

from documents.importing.decision import Current
from documents.models import ImportLog
from documents.revisions import state
from documents.revisions.state import DocumentState
from livingdocs_import.db import bulk_copy, lookups
from livingdocs_import.models import Project


class Log(NamedTuple):
    """The columns of one row that an import may change, and its number (DST-03)."""

    id: int
    document_id: int
    checksum: str
    revision_id: int
    version: int
    state: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """An external id that was imported before, and the present state of its document."""

    log: Log
    document_state: DocumentState

    @property
    def current(self) -> Current:
        """The input of the decision. Touched: the newest revision is not an import's (spec 5.3)."""
        return Current(
            content_type=self.document_state.content_type,
            checksum=self.log.checksum,
            is_touched=self.document_state.revision_id != self.log.revision_id,
            is_deleted=self.document_state.is_deleted,
            embargo=self.document_state.embargo,
        )


def touched() -> QuerySet[ImportLog]:
    """The logs of documents whose newest revision is not an import's (spec 5.3)."""
    return ImportLog.objects.exclude(revision_id=F("document__current_revision_id"))


_COLUMNS = ("id", "document_id", "checksum", "revision_id", "version", "state", "created_at", "updated_at")


def known(project: Project, system_name: str, external_ids: Sequence[str], *, lock: bool) -> dict[str, Known]:
    """By external id. With `lock`, inside a transaction: logs and documents are locked, in the order of the documents.

    The result is their state after waiting for the locks.
    """
    keys = lookups.keys(ImportLog, "external_id", external_ids, project=project.pk, system_name=system_name)
    if not keys:
        return {}
    logs = ImportLog.objects.filter(pk__in=keys)
    rows = (logs.select_for_update() if lock else logs).order_by("document")
    behind = (f"document__{name}" for name in state.COLUMNS)
    return {
        external_id: Known(Log(*columns[: len(_COLUMNS)]), state.of_row(columns[len(_COLUMNS) :]))
        for external_id, *columns in rows.values_list("external_id", *_COLUMNS, *behind)
    }


@dataclass(frozen=True, slots=True)
class Entry:
    """A new state of the log; `before` is None for a new external id."""

    external_id: str
    before: Log | None
    document_id: int
    checksum: str
    revision_id: int
    version: int
    state: str


def write(project: Project, system_name: str, entries: Sequence[Entry], now: datetime) -> list[Log]:
    """Write the entries; returns the present rows in the same order. IntegrityError: an id was not new after all."""
    new = sum(entry.before is None for entry in entries)
    numbers = iter(bulk_copy.reserve_ids(ImportLog, new) if new else [])
    logs = [
        Log(
            id=entry.before.id if entry.before else next(numbers),
            document_id=entry.document_id,
            checksum=entry.checksum,
            revision_id=entry.revision_id,
            version=entry.version,
            state=entry.state,
            created_at=entry.before.created_at if entry.before else now,
            updated_at=now,
        )
        for entry in entries
    ]
    pairs = list(zip(entries, logs, strict=True))
    bulk_copy.update(
        ImportLog,
        ("checksum", "revision_id", "version", "state", "updated_at"),
        [
            (log.id, log.checksum, log.revision_id, log.version, log.state, log.updated_at)
            for entry, log in pairs
            if entry.before is not None
        ],
    )
    # Sorted, so that two workers with the same ids wait for each other instead of deadlocking.
    added = sorted(((entry.external_id, log) for entry, log in pairs if entry.before is None), key=itemgetter(0))
    bulk_copy.insert(
        ImportLog,
        ("project", "system_name", "external_id", *_COLUMNS),
        [(project.pk, system_name, external_id, *log) for external_id, log in added],
    )
    return logs
