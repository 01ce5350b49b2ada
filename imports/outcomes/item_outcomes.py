"""Write the outcomes of items, and close the job after the last ones.

Locks are always taken in the order item → object (entry, document) → job. Everything here is idempotent: keys are
derived from the item, entries have a unique constraint, outcomes need the claim number (a fencing token).
"""

import logging
from collections import Counter
from collections.abc import Sequence, Set

from django.db import Error, connection, transaction
from django.utils import timezone

from imports.handlers.base import ItemHandler, ItemOutcome, P
from imports.handlers.item_keys import item_key_stem
from imports.models import ImportItem, ImportJob
from imports.outcomes import failure_groups, job_end
from imports.outcomes.claim_refunds import is_outage
from imports.outcomes.failure_groups import GroupChange
from livingdocs_import.db import bulk_copy
from livingdocs_import.work_queue import retry_transaction
from livingdocs_import.work_queue.activity import activity
from livingdocs_import.work_queue.lease import lock_claimed, release
from media_library import storage_cleanup

log = logging.getLogger(__name__)
OUTCOME = ImportItem.Outcome
PLANNED = ("would", "compared_version")  # columns that only dry runs have


def complete(job: ImportJob, handler: ItemHandler[P], ready: Sequence[P]) -> None:
    """Write all in one transaction; if the database refuses it, one for each: only the faulty one fails."""
    if not ready:
        return
    try:
        _in_transaction(job, handler, ready)
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("job %s: a chunk was refused, its items go one by one", job.public_id)
        for prepared in ready:
            try:
                _in_transaction(job, handler, [prepared])
            except Exception as error:
                if is_outage(error):
                    raise
                log.exception("job %s item %s was refused", job.public_id, prepared.item.position)
                stem = item_key_stem(job, prepared.item.position)
                cause = "refused" if isinstance(error, Error) else "internal-error"
                outcome = ItemOutcome(
                    prepared.item, OUTCOME.FAILED, reason=refusal(error), cause=cause, orphaned_keys=[stem]
                )
                record_outcomes(job, [outcome])


def refusal(error: Exception) -> str:
    """The error of an item that the database has refused."""
    return f"The item could not be stored ({type(error).__name__})"


def _in_transaction(job: ImportJob, handler: ItemHandler[P], ready: Sequence[P]) -> None:
    def transact() -> None:
        with transaction.atomic():
            claimed_keys = lock_claimed(ImportItem, [prepared.item for prepared in ready])
            still_claimed = [prepared for prepared in ready if prepared.item.pk in claimed_keys]
            lost = [prepared.item for prepared in ready if prepared.item.pk not in claimed_keys]
            storage_cleanup.later(item_key_stem(job, item.position) for item in _ended_elsewhere(lost))
            _record_outcomes(job, handler.apply(job, still_claimed), claimed_keys)

    retry_transaction.begun_again(transact)


def _ended_elsewhere(lost: Sequence[ImportItem]) -> list[ImportItem]:
    """Among the items that this worker lost: those cancelled, or completed by another worker.

    Their stored files may be orphaned. While an item is open its file is kept: the other worker's has the same key.
    """
    if not lost:
        return []
    ended = ImportItem.objects.filter(pk__in=[item.pk for item in lost], due_at__isnull=True)
    gone = set(ended.values_list("pk", flat=True))
    return [item for item in lost if item.pk in gone]


def record_outcomes(job: ImportJob, outcomes: Sequence[ItemOutcome]) -> None:
    """Write the outcomes of items that this worker has claimed, and close the job after the last ones."""
    with transaction.atomic():
        _record_outcomes(job, outcomes, lock_claimed(ImportItem, [outcome.item for outcome in outcomes]))


def _record_outcomes(job: ImportJob, outcomes: Sequence[ItemOutcome], claimed_keys: Set[int]) -> None:
    """`claimed_keys`: of the items that this worker still has, locked."""
    done = [outcome for outcome in outcomes if outcome.item.pk in claimed_keys and outcome.outcome != OUTCOME.OPEN]
    release(
        ImportItem,
        [outcome.item for outcome in outcomes if outcome.item.pk in claimed_keys and outcome.outcome == OUTCOME.OPEN],
    )
    _write(done)
    if job.has_repeats:
        positions = [outcome.item.position for outcome in done]
        ImportItem.objects.filter(job=job, blocked_by__in=positions).update(blocked_by=None)
    gone = {
        item.pk
        for item in _ended_elsewhere([outcome.item for outcome in outcomes if outcome.item.pk not in claimed_keys])
    }
    storage_cleanup.later(
        [key for outcome in outcomes if outcome.item.pk in claimed_keys | gone for key in outcome.orphaned_keys]
    )
    if done:
        succeeded = [outcome.item.external_id for outcome in done if outcome.outcome != OUTCOME.FAILED]
        _count(job, done, [] if job.dry_run else _resolve_failures(job, succeeded))


def _write(done: Sequence[ItemOutcome]) -> None:
    """Write the outcomes into the items' rows; chunks without a failure write no time of one, imports no plans."""
    names: tuple[str, ...] = ("outcome", "reason", "cause", "details", "result", "due_at", "claimed")
    rows: list[tuple[object, ...]] = [
        (outcome.item.pk, outcome.outcome, outcome.reason, outcome.cause, outcome.details, outcome.result, None, False)
        for outcome in done
    ]
    if any(outcome.outcome == OUTCOME.FAILED for outcome in done):
        now = timezone.now()
        failed_at = [now if outcome.outcome == OUTCOME.FAILED else None for outcome in done]
        names, rows = (*names, "failed_at"), [(*row, at) for row, at in zip(rows, failed_at, strict=True)]
    if any(outcome.plan for outcome in done):
        names, rows = (*names, *PLANNED), [(*row, *_planned(each)) for row, each in zip(rows, done, strict=True)]
    bulk_copy.update(ImportItem, names, rows)


def _planned(outcome: ItemOutcome) -> tuple[str, int | None]:
    """The values of PLANNED."""
    return (outcome.plan.would.value, outcome.plan.version) if outcome.plan else ("", None)


def _resolve_failures(job: ImportJob, external_ids: Sequence[str]) -> list[GroupChange]:
    """Earlier failures with the same system and id are resolved by a success; what that changes in their groups."""
    if not external_ids or not (found := _unresolved(job, external_ids)):
        return []
    return failure_groups.resolve(ImportItem.objects.filter(pk__in=found))


def _unresolved(job: ImportJob, external_ids: Sequence[str]) -> list[int]:
    failed = ImportItem.objects.filter(outcome=OUTCOME.FAILED, resolved_at__isnull=True)
    if connection.vendor != "postgresql":
        same = {"job__project": job.project_id, "job__kind": job.kind, "job__system_name": job.system_name}
        return list(failed.filter(external_id__in=external_ids, **same).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        # As in lookups.keys: the planner has no choice but the index of the few unresolved failures.
        cursor.execute(
            """
            SELECT failure.id FROM unnest(%s::text[]) AS wanted (value)
            CROSS JOIN LATERAL (
                SELECT id, job_id FROM imports_importitem
                WHERE external_id = wanted.value AND outcome = 'failed' AND resolved_at IS NULL
            ) AS failure
            JOIN imports_importjob AS job ON job.id = failure.job_id
            WHERE job.project_id = %s AND job.kind = %s AND job.system_name = %s
            """,
            [list(external_ids), job.project_id, job.kind, job.system_name],
        )
        return [row[0] for row in cursor.fetchall()]


def _count(job: ImportJob, done: Sequence[ItemOutcome], resolved: Sequence[GroupChange]) -> None:
    # Lock before looking: without it two last chunks each see the other open and the job never closes.
    locked = ImportJob.objects.select_for_update().get(pk=job.pk)
    locked.project = job.project
    counts = Counter(outcome.outcome for outcome in done)
    locked.success += counts[OUTCOME.SUCCESS]
    locked.skipped += counts[OUTCOME.SKIPPED]
    locked.failed += counts[OUTCOME.FAILED]
    locked.bytes += sum(outcome.bytes for outcome in done)
    for name, number in Counter(outcome.counted_as for outcome in done if outcome.counted_as).items():
        locked.outcomes[name] = locked.outcomes.get(name, 0) + number
    if locked.done >= locked.total and not locked.finished:
        job_end.close(locked)
    else:
        locked.save(update_fields=["success", "skipped", "failed", "bytes", "outcomes"])
    failure_groups.write([*failure_groups.failures(job, done), *resolved])
    activity().ended(len(done))
