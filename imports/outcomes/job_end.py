"""How a job ends: once, with its counts frozen and its webhook queued in the same transaction."""

from django.db import transaction

from imports.handlers.item_storage_key import stored_stem
from imports.models import ImportItem, ImportJob
from imports.outcomes import job_webhook
from livingdocs_import.db import clock
from livingdocs_import.webhooks import outbox
from livingdocs_import.work_queue import retry_transaction
from media_library import storage_cleanup

MAX_NOTE = 200  # characters


def close(job: ImportJob, state: str = ImportJob.State.SUCCESS) -> None:
    """End a job and queue its webhook; inside a transaction that holds the job's row (WHK-08)."""
    job.state = state
    job.finished_at = clock.now()
    job.save(update_fields=["state", "finished_at", "total", "success", "skipped", "failed", "outcomes", "note"])
    if job.webhook:
        outbox.notify(job.project, url=job.webhook, subject=f"job {job.public_id}", body=job_webhook.body(job))


def end_early(job: ImportJob, *, state: str, reason: str, cause: str, note: str) -> bool:
    """Fail every open item of a job and close it; False when it was finished already.

    A worker that has claimed an item finds its claim gone and writes nothing. A note that is too long is cut.
    """
    return retry_transaction.begun_again(lambda: _end_early(job, state, reason, cause, note[:MAX_NOTE]))


@transaction.atomic
def _end_early(job: ImportJob, state: str, reason: str, cause: str, note: str) -> bool:
    # Items before job: the order in which workers lock.
    open_items = list(
        job.items.filter(outcome=ImportItem.Outcome.OPEN)
        .order_by("pk")
        .select_for_update()
        .values_list("position", "claim_number")
    )
    locked = ImportJob.objects.select_for_update().get(pk=job.pk)
    if locked.finished:
        return False
    ended = job.items.filter(outcome=ImportItem.Outcome.OPEN).update(
        outcome=ImportItem.Outcome.FAILED, reason=reason, cause=cause, due_at=None, claimed=False, blocked_by=None
    )
    storage_cleanup.later(stored_stem(locked, position) for position, claims in open_items if claims)
    locked.failed += ended
    locked.note = note
    close(locked, state)
    return True
