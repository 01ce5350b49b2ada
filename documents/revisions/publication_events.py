"""Record publication events: the last step of the transaction of the change.

A project's events are numbered by a counter, whose row is locked from here to the end of the transaction. So a reader
of one number could also read all lower ones (EVT-05, docs/adr/0022). Rows that a transaction locks after it, such as an
import's job, must never be locked before it by another one.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from documents.models import PublicationEvent, PublicationEventCounter
from documents.revisions.writer import Written
from livingdocs_import.db import bulk_copy
from livingdocs_import.models import Project

_COLUMNS = (
    "project", "number", "document", "publication", "content_type", "document_type", "event_type", "created_at",
)  # fmt: skip


def record(project: Project, written: Sequence[Written], now: datetime) -> None:
    """Record the events of these changes, in order."""
    happened = [(row, event) for row in written if (event := row.event) is not None]
    if not happened:
        return
    first = _last_number(project, len(happened)) - len(happened) + 1
    rows = [
        (
            project.pk, number, row.document_id, publication_id,
            row.step.content_type, row.step.document_type, event_type, now,
        )
        for number, (row, (event_type, publication_id)) in enumerate(happened, first)
    ]  # fmt: skip
    bulk_copy.insert(PublicationEvent, _COLUMNS, rows)


def _last_number(project: Project, more: int) -> int:
    """The highest number after reserving these; other transactions wait until this one ends."""
    counter = PublicationEventCounter.objects.filter(project=project)
    while not counter.update(last_number=F("last_number") + more):
        PublicationEventCounter.objects.bulk_create([PublicationEventCounter(project=project)], ignore_conflicts=True)
    return counter.values_list("last_number", flat=True)[0]
