"""Retry many failures, or mark them as dealt with: carried out by workers (livingdocs_import/operations/)."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Q

from imports import services
from imports.models import ImportItem, ImportItemQuerySet, ImportJob
from livingdocs_import.admin import background, rights
from livingdocs_import.models import Operation
from livingdocs_import.operations.kinds import Batch, BatchResult, FailedRow, Kind, Question, kinds

PERMISSIONS = {
    "retry": "imports.add_importjob",
    "mark": "imports.change_importjob",
    "export": "imports.view_importitem",
}


def _retry_batch(batch: Batch) -> BatchResult:
    """The chosen items of one job, as one new job."""
    chosen = ImportItem.objects.filter(pk__in=list(batch.keys))
    job = ImportJob.objects.filter(pk__in=chosen.values("job")).select_related("project").first()
    if job is None:
        return BatchResult()
    if not batch.user.has_perm(PERMISSIONS["retry"], job):
        return _refused(chosen)
    again = services.retry_job(job, chosen=Q(pk__in=list(batch.keys)), by=batch.by)
    if again is None:
        return BatchResult()
    message = f"Try failed items again: job {again.public_id}"
    LogEntry.objects.log_actions(batch.user.pk, [job], CHANGE, message, single_object=True)
    return BatchResult(done=again.total)


def _mark_batch(batch: Batch) -> BatchResult:
    chosen = ImportItem.objects.filter(pk__in=list(batch.keys))
    allowed = chosen.filter(rights.scope(batch.user, PERMISSIONS["mark"]).within("job__project"))
    forbidden = _refused(chosen.exclude(pk__in=allowed.values("pk")))
    return BatchResult(done=services.deal_with(allowed, by=batch.by), failed=forbidden.failed)


def _refused(items: ImportItemQuerySet) -> BatchResult:
    named = items.order_by("pk").values_list("pk", "external_id", "job__public_id")
    return BatchResult(
        failed=[FailedRow(pk, f"{name} of job {job}", background.NOT_ALLOWED) for pk, name, job in named]
    )


def _about_retries(operation: Operation) -> Question:
    jobs = operation.rows.values("batch").distinct().count()
    text = f"{jobs:,} new job{'s' * (jobs != 1)}, one for each of theirs, with its webhook and context."
    return Question([text, "Nothing is imported twice: what is there is skipped."])


def _about_marks(operation: Operation) -> Question:
    return Question(
        ["Nothing is imported, they are only not counted as open any more. Your name and the time are kept."]
    )


KINDS = {
    "retry": Kind(
        name="imports.failures.retry",
        label="Try failed items again",
        permission=PERMISSIONS["retry"],
        carry_out=_retry_batch,
        ask=_about_retries,
        together="job",
        back="admin:failures",
    ),
    "mark": Kind(
        name="imports.failures.mark",
        label="Mark failed items as dealt with",
        permission=PERMISSIONS["mark"],
        carry_out=_mark_batch,
        ask=_about_marks,
        rows=services.MARKED_AT_ONCE,
        back="admin:failures",
    ),
}
for _kind in KINDS.values():
    kinds.register(_kind)
