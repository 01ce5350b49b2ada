"""End a job: once, with its counts frozen and its webhook queued in the same transaction."""

from collections.abc import Sequence

from django.db import transaction

from imports.handlers.item_keys import item_key_stem
from imports.models import FailureGroup, ImportItem, ImportJob
from imports.outcomes import failure_groups, job_webhook
from imports.outcomes.failure_groups import GroupChange
from livingdocs_import.db import clock
from livingdocs_import.db.clock import from_now
from livingdocs_import.webhooks import outbox
from livingdocs_import.work_queue import retry_transaction
from media_library import storage_cleanup

MAX_NOTE = 200  # characters
CANCELLED = "cancelled"  # the cause; these failures are dealt with, since an operator has decided about them


def close(job: ImportJob, state: str = ImportJob.State.SUCCESS) -> None:
    """End a job and queue its webhook; inside a transaction that has locked the job's row (WHK-08).

    Dry runs have no webhook.
    """
    job.state = state
    job.finished_at = clock.now()
    job.save(
        update_fields=[
            "state", "finished_at", "total", "success", "skipped", "failed", "bytes", "outcomes", "note",
            "failures_reopened",
        ]
    )  # fmt: skip
    if job.dry_run:
        job.planned_states.all().delete()
    elif job.webhook:
        outbox.notify(job.project, url=job.webhook, subject=f"job {job.public_id}", body=job_webhook.body(job))


def end_early(job: ImportJob, *, state: str, reason: str, cause: str, note: str) -> bool:
    """Fail every open item of a job and close it; False if it was finished already.

    A worker that has claimed an item finds its claim gone and writes nothing. A note that is too long is cut.
    """
    return retry_transaction.begun_again(lambda: _end_early(job, state, reason, cause, note[:MAX_NOTE]))


@transaction.atomic
def _end_early(job: ImportJob, state: str, reason: str, cause: str, note: str) -> bool:
    # items before the job: the order in which workers lock
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
        outcome=ImportItem.Outcome.FAILED,
        reason=reason,
        cause=cause,
        failed_at=from_now(),
        resolved_at=from_now() if cause == CANCELLED else None,
        due_at=None,
        claimed=False,
        blocked_by=None,
    )
    storage_cleanup.later(item_key_stem(locked, position) for position, claims in open_items if claims)
    locked.failed += ended
    resolved = ended if cause == CANCELLED else 0
    counted = GroupChange(locked.pk, cause, FailureGroup.NO_HOST, failed=ended, resolved=resolved)
    reopened = _reopen(locked, [position for position, _ in open_items]) if cause == CANCELLED else []
    failure_groups.write(reopened if locked.dry_run else [counted, *reopened])
    locked.note, locked.failures_reopened = note, bool(reopened)
    close(locked, state)
    return True


def _reopen(job: ImportJob, positions: Sequence[int]) -> list[GroupChange]:
    """Open the failures again that a cancelled retry had taken over and left undone; what that changes in groups."""
    # Positions of a retry count the items that it took over, in their order (item_copies.py).
    taken_over = list(job.retried_items.order_by("position").values_list("pk", flat=True))
    unfinished = [taken_over[position] for position in positions] if len(taken_over) == job.total else taken_over
    return failure_groups.reopen(ImportItem.objects.filter(pk__in=unfinished))
