"""What the entries and documents of planned items are now, and who changed them by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from documents.models import ImportLog, Revision
from imports.models import ImportJob
from livingdocs_import.db import lookups
from media_library.entries import audit_log
from media_library.models import MediaEntry


@dataclass(frozen=True)
class Present:
    """An entry or document: primary key and version. `by` and `at`: of a change by hand since its last import."""

    key: int
    version: int
    by: str = ""
    at: datetime | None = None


def present(job: ImportJob, external_ids: Sequence[str]) -> dict[str, Present]:
    """By external id; what does not exist is missing. Four queries at most."""
    if not external_ids:
        return {}
    return _documents(job, external_ids) if job.kind == ImportJob.Kind.DOCUMENTS else _entries(job, external_ids)


def _entries(job: ImportJob, external_ids: Sequence[str]) -> dict[str, Present]:
    keys = lookups.keys(MediaEntry, "external_id", external_ids, project=job.project_id, system_name=job.system_name)
    changes = audit_log.changes_by_hand(keys)
    rows = MediaEntry.objects.filter(pk__in=keys).values_list("external_id", "pk", "version")
    found = {}
    for external_id, key, version in rows:
        change = changes.get(key)
        who = (change.actor_name or change.actor, change.at) if change else ("", None)
        found[str(external_id)] = Present(key, version, *who)
    return found


def _documents(job: ImportJob, external_ids: Sequence[str]) -> dict[str, Present]:
    keys = lookups.keys(ImportLog, "external_id", external_ids, project=job.project_id, system_name=job.system_name)
    behind = ("document", "document__version", "revision_id", "document__current_revision_id")
    rows = list(ImportLog.objects.filter(pk__in=keys).values_list("external_id", *behind))
    newest = [current for *_, imported, current in rows if current != imported]
    by_hand = Revision.objects.filter(pk__in=newest).values_list("document", "author", "created_at")
    changes = {document: (author, at) for document, author, at in by_hand}
    return {
        external_id: Present(document, version, *changes.get(document, ("", None)))
        for external_id, document, version, _, _ in rows
    }
