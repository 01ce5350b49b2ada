"""What a dry run has found, and which of its items are to be imported."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef

from documents.importing import import_log
from imports.models import ImportItemQuerySet, ImportJob
from media_library.entries import audit_log
from media_library.models import MediaEntry


@dataclass(frozen=True)
class PlannedFailures:
    """How many items would fail of one cause (docs/specification/causes.md)."""

    cause: str
    count: int


def failures(job: ImportJob) -> list[PlannedFailures]:
    """Why items of a dry run would fail, the most frequent cause first."""
    causes = job.items.exclude(cause="").values("cause").annotate(count=Count("pk")).order_by("-count", "cause")
    return [PlannedFailures(**row) for row in causes]


def import_of(job: ImportJob) -> ImportJob | None:
    """The import that carries this dry run out; None: none does yet."""
    return ImportJob.objects.filter(carries_out=job).first()


def touched(job: ImportJob) -> ImportItemQuerySet:
    """The items whose entry or document has been changed by hand since its last import, as it is now."""
    return job.items.filter(_is_touched(job))


def chosen(job: ImportJob, *, only_would_succeed: bool = False, leave_touched: bool = False) -> ImportItemQuerySet:
    """The items of a dry run that are to be imported.

    `only_would_succeed`: without those that would fail. `leave_touched`: without those that would overwrite changes by
    hand, also such that were made after the plan.
    """
    items = job.items.all()
    if only_would_succeed:
        items = items.filter(cause="")
    return items.filter(~_is_touched(job)) if leave_touched else items


def _is_touched(job: ImportJob) -> Exists:
    """Looked up item by item: another system's archive may have millions of entries."""
    same_id = {"project": job.project_id, "system_name": job.system_name, "external_id": OuterRef("external_id")}
    if job.kind == ImportJob.Kind.DOCUMENTS:
        return Exists(import_log.touched().filter(**same_id))
    return Exists(audit_log.touched(MediaEntry.objects.filter(**same_id)))
