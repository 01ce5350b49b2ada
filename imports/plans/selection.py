"""Items of a dry run: which are imported, would overwrite changes by hand, or were compared with what has changed."""

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from documents.importing import import_log
from documents.models import ImportLog
from imports.models import ImportItemQuerySet, ImportJob
from livingdocs_import.dry_runs import Would
from media_library.entries import audit_log
from media_library.models import MediaEntry

UPDATES = (Would.UPDATE, Would.UPDATE_OR_SKIP)
_MOVED = Q(present_version__gt=Coalesce("compared_version", 0))
_TOUCHED = Q(touched__isnull=False)


def import_of(job: ImportJob) -> ImportJob | None:
    """The import that carries this dry run out; None: none does yet.

    Processes of the previous version that were not stopped link it like a replay.
    """
    imports = ImportJob.objects.filter(Q(carries_out=job) | Q(replay_of=job), dry_run=False)
    return imports.order_by("pk").first()


def is_complete(job: ImportJob) -> bool:
    """Whether every item has its planned outcome. Not if the dry run is open, was cancelled, or failed as a whole; nor
    if it was planned by the previous version, which did not store the outcomes where items are found by them.
    """
    return job.items.exclude(would="").count() == job.total


def moved(job: ImportJob) -> ImportItemQuerySet:
    """The items whose entry or document was changed or made since they were planned; not those that would fail."""
    return _with_present(job).filter(_MOVED).exclude(would__in=["", Would.FAIL])


def touched(job: ImportJob) -> ImportItemQuerySet:
    """The items that by plan would overwrite what was changed by hand since its last import, as it is now.

    What was to be skipped, because nothing differed, or was new, is overwritten if it has changed since.
    """
    overwrites = Q(would__in=UPDATES) | _MOVED & Q(would__in=[Would.CREATE, Would.SKIP])
    return _with_present(job).filter(_TOUCHED & overwrites)


def chosen(job: ImportJob, *, only_would_succeed: bool = False, leave_touched: bool = False) -> ImportItemQuerySet:
    """The items of a dry run that are to be imported.

    `only_would_succeed`: without those that would fail. `leave_touched`: without all whose entry or document was
    changed by hand since its last import, also after the plan, and whatever they would become: a file that could not
    be had, or was the same, may be another one by now.
    """
    items = _with_present(job) if leave_touched else job.items.all()
    if only_would_succeed:
        items = items.filter(cause="")
    return items.exclude(_TOUCHED) if leave_touched else items


def _with_present(job: ImportJob) -> ImportItemQuerySet:
    """The items with the version of their entry or document, and whether it was changed by hand.

    Looked up item by item, as values: EXISTS and joins may read a whole archive, with millions of entries.
    """
    same_id = {"project": job.project_id, "system_name": job.system_name, "external_id": OuterRef("external_id")}
    of_documents = job.kind == ImportJob.Kind.DOCUMENTS
    rows: QuerySet[ImportLog] | QuerySet[MediaEntry]
    by_hand: QuerySet[ImportLog] | QuerySet[MediaEntry]
    if of_documents:
        rows, by_hand = ImportLog.objects.filter(**same_id), import_log.touched().filter(**same_id)
    else:
        rows = MediaEntry.objects.filter(**same_id)
        by_hand = audit_log.touched(rows)
    version = F("document__version") if of_documents else F("version")
    return job.items.alias(
        present_version=Subquery(rows.values_list(version)[:1]), touched=Subquery(by_hand.values("pk")[:1])
    )
