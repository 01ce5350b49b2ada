"""Draw a chunk of items, do them, write down how they ended, close the job when they were the last.

Locks are always taken in the order item → thing (entry, document) → job. Everything here may happen twice: keys are
decided by the item, entries by a unique constraint, outcomes by the fence.
"""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from types import ModuleType
from typing import Any

from django.conf import settings
from django.db import DatabaseError, Error, reset_queries, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from imports import closing, document_items, media_items, outages
from imports.models import ImportItem, ImportJob
from imports.outcomes import Ended
from livingdocs_import import bulk, configurations, deadlocks, stopping
from livingdocs_import.errors import TransientFailure
from livingdocs_import.hosts import HostBusy
from livingdocs_import.project_config import InvalidConfig
from livingdocs_import.work import give_back, lease_kept, lock_ours
from media_library import discards

log = logging.getLogger(__name__)

SHIFT_SECONDS = 5.0  # how long one ring of the bell makes a worker draw
HANDLERS: dict[str, ModuleType] = {ImportJob.Kind.IMAGES: media_items, ImportJob.Kind.DOCUMENTS: document_items}
OUTCOME = ImportItem.Outcome


def work(*, seconds: float) -> bool:
    """Draw and do chunks for about so long; True when somebody should go on."""
    until = time.monotonic() + seconds
    while not stopping.asked() and run_chunk():
        if time.monotonic() > until:
            return True
    return stopping.asked()  # what is left is for others, and soon


def run_chunk() -> bool:
    """Draw one chunk and do it; False when nothing was there to be drawn."""
    reset_queries()
    outages.make_good()
    drawn = draw()
    if drawn is None:
        return False
    job, items = drawn
    try:
        with lease_kept(ImportItem, items, _lease()):
            _do(job, items)
    except Error as error:
        if not outages.is_outage(error):
            raise
        log.warning("job %s: the database ended a chunk: %s", job.public_id, error)
        outages.forgive(items)
        outages.wait()
    return True


def _chunk(job: ImportJob) -> int:
    return settings.IMPORT_DOCUMENTS_CHUNK if job.kind == ImportJob.Kind.DOCUMENTS else settings.IMPORT_CHUNK


def _lease() -> timedelta:
    return timedelta(seconds=settings.IMPORT_LEASE_SECONDS)


# --- Drawing ---------------------------------------------------------------------------------------------------------


def draw() -> tuple[ImportJob, list[ImportItem]] | None:
    """Claim up to a chunk of one job's due items; None when no job has any.

    The job that was drawn from longest ago comes first, so a large archive does not hold up a small feed. Items whose
    last worker died come alone and after all others: if one of them kills workers, it takes no neighbour along.
    """
    due = ImportItem.objects.due(timezone.now()).filter(job=OuterRef("pk"), waits_for__isnull=True)
    jobs = ImportJob.objects.filter(state=ImportJob.State.STARTED).filter(Exists(due)).select_related("project")
    for job in jobs.order_by(F("drawn_at").asc(nulls_first=True), "id")[:20]:
        ImportJob.objects.filter(pk=job.pk).update(drawn_at=timezone.now())
        free = ImportItem.objects.filter(job=job, waits_for__isnull=True).order_by("position")
        items = free.filter(held=False).claim(_chunk(job), lease=_lease())
        items = items or free.filter(held=True).claim(1, lease=_lease())
        if items:
            return job, items
    return None


# --- Doing -----------------------------------------------------------------------------------------------------------


def _do(job: ImportJob, items: list[ImportItem]) -> None:
    handler = HANDLERS[job.kind]
    worn_out = [item for item in items if item.attempts > settings.IMPORT_MAX_ATTEMPTS]
    for item in worn_out:
        detail = f"the worker was lost {settings.IMPORT_MAX_ATTEMPTS} times while working on this item"
        settle(job, [handler.failed(job, item, TransientFailure(detail))])
    fresh = [item for item in items if item not in worn_out]
    if not fresh:
        return
    try:
        config = configurations.current(job.project)
    except InvalidConfig as error:
        log.exception("job %s: the project's configuration cannot be used", job.public_id)
        note = f"unusable configuration: {error}"  # operators see it; clients learn no more than that it is our fault
        closing.end_early(job, state=ImportJob.State.FAILED, reason="internal error", note=note)
        return
    prepared = handler.prepare(job, config, fresh, until=time.monotonic() + settings.IMPORT_CHUNK_SECONDS)
    _let_go(prepared)
    ready = [one for one in prepared if one.begun and not _comes_back(one)]
    _apply(job, handler, ready)


def _comes_back(one: Any) -> bool:
    """Whether the item failed in a way that another try may mend, and has one left."""
    if isinstance(one.failure, HostBusy):
        return True
    return isinstance(one.failure, TransientFailure) and one.item.attempts < settings.IMPORT_MAX_ATTEMPTS


def _let_go(prepared: Sequence[Any]) -> None:
    now = timezone.now()
    for one in prepared:
        if not one.begun:
            give_back(ImportItem, one.item, now, counted=False)
        elif _comes_back(one):
            pauses = settings.IMPORT_RETRY_SECONDS
            pause = one.failure.retry_after or pauses[min(one.item.attempts, len(pauses)) - 1]
            # A host that was busy with our own other downloads was not even asked.
            counted = not isinstance(one.failure, HostBusy)
            give_back(ImportItem, one.item, now + timedelta(seconds=pause), counted=counted)


def _apply(job: ImportJob, handler: ModuleType, ready: Sequence[Any]) -> None:
    """One transaction for all; if the database refuses something in it, one for each: only the culprit fails."""
    if not ready:
        return
    try:
        _in_transaction(job, handler, ready)
    except DatabaseError as error:
        if outages.is_outage(error):
            raise
        log.exception("job %s: a chunk was refused, its items go one by one", job.public_id)
        for one in ready:
            try:
                _in_transaction(job, handler, [one])
            except DatabaseError as error:
                if outages.is_outage(error):
                    raise
                log.exception("job %s item %s was refused", job.public_id, one.item.position)
                stem = closing.stored_stem(job, one.item.position)
                settle(job, [Ended(one.item, OUTCOME.FAILED, reason=refusal(error), superfluous=[stem])])


def refusal(error: Error) -> str:
    """What an item is told when the database would not take it."""
    return f"The item could not be stored ({type(error).__name__})"


def _in_transaction(job: ImportJob, handler: ModuleType, ready: Sequence[Any]) -> None:
    def transact() -> None:
        with transaction.atomic():
            ours = lock_ours(ImportItem, [one.item for one in ready])
            mine = [one for one in ready if one.item.pk in ours]
            lost = [one.item for one in ready if one.item.pk not in ours]
            discards.later(closing.stored_stem(job, item.position) for item in _ended_without_us(lost))
            settle(job, handler.apply(job, mine))

    deadlocks.begun_again(transact)


def _ended_without_us(lost: Sequence[ImportItem]) -> list[ImportItem]:
    """Of items that are no longer ours: those that were cancelled, or ended by the worker that took them over.

    What we stored for them may be nobody's. For one that is still open it is the other worker's to say, when it ends:
    the file has the same key as its own, and must not be discarded before it is owned.
    """
    ended = ImportItem.objects.filter(pk__in=[item.pk for item in lost], due_at__isnull=True)
    gone = set(ended.values_list("pk", flat=True)) if lost else set()
    return [item for item in lost if item.pk in gone]


# --- Writing down ----------------------------------------------------------------------------------------------------


def settle(job: ImportJob, ended: Sequence[Ended]) -> None:
    """Write the outcomes of items that this worker holds, and close the job if they were the last."""
    now = timezone.now()
    with transaction.atomic():
        ours = lock_ours(ImportItem, [one.item for one in ended])
        done = [one for one in ended if one.item.pk in ours and one.outcome != OUTCOME.OPEN]
        for one in ended:
            if one.item.pk in ours and one.outcome == OUTCOME.OPEN:
                give_back(ImportItem, one.item, now, counted=False)
        bulk.update(
            ImportItem,
            ("outcome", "reason", "details", "result", "due_at", "held"),
            [(one.item.pk, one.outcome, one.reason, one.details, one.result, None, False) for one in done],
        )
        if job.has_repeats:
            positions = [one.item.position for one in done]
            ImportItem.objects.filter(job=job, waits_for__in=positions).update(waits_for=None)
        gone = {item.pk for item in _ended_without_us([one.item for one in ended if one.item.pk not in ours])}
        discards.later([key for one in ended if one.item.pk in ours | gone for key in one.superfluous])
        if done:
            _count(job, done)


def _count(job: ImportJob, done: Sequence[Ended]) -> None:
    # Lock before looking: without it two last chunks each see the other open and the job never closes.
    locked = ImportJob.objects.select_for_update().select_related("project").get(pk=job.pk)
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
