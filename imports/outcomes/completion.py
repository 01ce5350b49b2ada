"""Write down how items ended, and close the job when they were the last.

Locks are always taken in the order item → thing (entry, document) → job. Everything here may happen twice: keys are
decided by the item, entries by a unique constraint, outcomes by the fence.
"""

import logging
from collections import Counter
from collections.abc import Sequence, Set

from django.db import Error, connection, transaction

from imports.handlers.base import Ended, ItemHandler, P
from imports.handlers.storage_keys import stored_stem
from imports.models import ImportItem, ImportJob
from imports.outcomes import closing
from imports.outcomes.attempt_refunds import is_outage
from livingdocs_import.db import bulk_copy
from livingdocs_import.db.clock import from_now
from livingdocs_import.work_queue import retry_transaction
from livingdocs_import.work_queue.lease import give_back, lock_ours
from media_library import storage_cleanup

log = logging.getLogger(__name__)
OUTCOME = ImportItem.Outcome


def complete(job: ImportJob, handler: ItemHandler[P], ready: Sequence[P]) -> None:
    """One transaction for all; if the database refuses something in it, one for each: only the culprit fails."""
    if not ready:
        return
    try:
        _in_transaction(job, handler, ready)
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("job %s: a chunk was refused, its items go one by one", job.public_id)
        for one in ready:
            try:
                _in_transaction(job, handler, [one])
            except Exception as error:
                if is_outage(error):
                    raise
                log.exception("job %s item %s was refused", job.public_id, one.item.position)
                stem = stored_stem(job, one.item.position)
                cause = "refused" if isinstance(error, Error) else "internal-error"
                ended = Ended(one.item, OUTCOME.FAILED, reason=refusal(error), cause=cause, superfluous=[stem])
                settle(job, [ended])


def refusal(error: Exception) -> str:
    """What an item is told when the database would not take it."""
    return f"The item could not be stored ({type(error).__name__})"


def _in_transaction(job: ImportJob, handler: ItemHandler[P], ready: Sequence[P]) -> None:
    def transact() -> None:
        with transaction.atomic():
            ours = lock_ours(ImportItem, [one.item for one in ready])
            mine = [one for one in ready if one.item.pk in ours]
            lost = [one.item for one in ready if one.item.pk not in ours]
            storage_cleanup.later(stored_stem(job, item.position) for item in _ended_without_us(lost))
            _settle(job, handler.apply(job, mine), ours)

    retry_transaction.begun_again(transact)


def _ended_without_us(lost: Sequence[ImportItem]) -> list[ImportItem]:
    """Of items that are no longer ours: those that were cancelled, or ended by the worker that took them over.

    What we stored for them may be nobody's. For one that is still open it is the other worker's to say, when it ends:
    the file has the same key as its own, and must not be discarded before it is owned.
    """
    if not lost:
        return []
    ended = ImportItem.objects.filter(pk__in=[item.pk for item in lost], due_at__isnull=True)
    gone = set(ended.values_list("pk", flat=True))
    return [item for item in lost if item.pk in gone]


def settle(job: ImportJob, ended: Sequence[Ended]) -> None:
    """Write the outcomes of items that this worker holds, and close the job if they were the last."""
    with transaction.atomic():
        _settle(job, ended, lock_ours(ImportItem, [one.item for one in ended]))


def _settle(job: ImportJob, ended: Sequence[Ended], ours: Set[int]) -> None:
    """`ours`: the keys of those items that this worker still holds, locked."""
    done = [one for one in ended if one.item.pk in ours and one.outcome != OUTCOME.OPEN]
    give_back(ImportItem, [one.item for one in ended if one.item.pk in ours and one.outcome == OUTCOME.OPEN])
    bulk_copy.update(
        ImportItem,
        ("outcome", "reason", "cause", "details", "result", "due_at", "held"),
        [(one.item.pk, one.outcome, one.reason, one.cause, one.details, one.result, None, False) for one in done],
    )
    if job.has_repeats:
        positions = [one.item.position for one in done]
        ImportItem.objects.filter(job=job, waits_for__in=positions).update(waits_for=None)
    gone = {item.pk for item in _ended_without_us([one.item for one in ended if one.item.pk not in ours])}
    storage_cleanup.later([key for one in ended if one.item.pk in ours | gone for key in one.superfluous])
    if done:
        _settle_failures(job, [one.item.external_id for one in done if one.outcome != OUTCOME.FAILED])
        _count(job, done)


def _settle_failures(job: ImportJob, external_ids: Sequence[str]) -> None:
    """What failed before with the same system and id has succeeded now: nobody has to look at it any more."""
    if external_ids and (failures := _unsettled(job, external_ids)):
        ImportItem.objects.filter(pk__in=failures).update(settled_at=from_now())


def _unsettled(job: ImportJob, external_ids: Sequence[str]) -> list[int]:
    failed = ImportItem.objects.filter(outcome=OUTCOME.FAILED, settled_at__isnull=True)
    if connection.vendor != "postgresql":
        same = {"job__project": job.project_id, "job__kind": job.kind, "job__system_name": job.system_name}
        return list(failed.filter(external_id__in=external_ids, **same).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        # As in lookups.keys: the planner is left no choice but the index of the few unsettled failures.
        cursor.execute(
            """
            SELECT failure.id FROM unnest(%s::text[]) AS wanted (value)
            CROSS JOIN LATERAL (
                SELECT id, job_id FROM imports_importitem
                WHERE external_id = wanted.value AND outcome = 'failed' AND settled_at IS NULL
            ) AS failure
            JOIN imports_importjob AS job ON job.id = failure.job_id
            WHERE job.project_id = %s AND job.kind = %s AND job.system_name = %s
            """,
            [list(external_ids), job.project_id, job.kind, job.system_name],
        )
        return [row[0] for row in cursor.fetchall()]


def _count(job: ImportJob, done: Sequence[Ended]) -> None:
    # Lock before looking: without it two last chunks each see the other open and the job never closes.
    locked = ImportJob.objects.select_for_update().get(pk=job.pk)
    locked.project = job.project
    counts = Counter(one.outcome for one in done)
    locked.success += counts[OUTCOME.SUCCESS]
    locked.skipped += counts[OUTCOME.SKIPPED]
    locked.failed += counts[OUTCOME.FAILED]
    for name, number in Counter(one.counted_as for one in done if one.counted_as).items():
        locked.outcomes[name] = locked.outcomes.get(name, 0) + number
    if locked.done >= locked.total and not locked.finished:
        closing.close(locked)
    else:
        locked.save(update_fields=["success", "skipped", "failed", "outcomes"])
