"""Start, replay, pause and cancel imports."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Max, Min, Q

from imports import item_copies, plans, quotas
from imports.claiming.notification import notify_import_workers
from imports.models import ImportItem, ImportItemQuerySet, ImportJob
from imports.outcomes import failure_groups, job_end
from livingdocs_import.db import bulk_copy, clock
from livingdocs_import.db.clock import from_now
from livingdocs_import.egress.endpoints import host_key_of
from livingdocs_import.models import AccessToken, Project
from livingdocs_import.work_queue import notification, retry_transaction

CANCELLED = "cancelled"
MAX_PRIORITY = 32_000
NOTHING_IS_FETCHED = 0  # the key of no host
MARKED_AT_ONCE = 1_000  # failures of one transaction
COLUMNS = ("job", "position", "external_id", "title", "payload", "host_key", "blocked_by", "due_at")


class CarriedOut(Exception):
    """A plan is carried out once; `job` has done it."""

    def __init__(self, job: ImportJob) -> None:
        super().__init__(f"it was imported as job {job.public_id}; plan it again to import it again")
        self.job = job


class PlanIncomplete(Exception):
    """A plan without the outcome of every item is not carried out: what would be overwritten is not known."""

    def __init__(self) -> None:
        super().__init__("not all of its items are planned, or an earlier version has planned them; plan it again")


def start_job(
    project: Project,
    *,
    token: AccessToken | None,
    kind: str,
    system_name: str,
    items: Sequence[dict[str, Any]],
    webhook: str = "",
    context: dict[str, Any] | None = None,
    dry_run: bool = False,
    probe: int = 0,
) -> ImportJob:
    """Accept a batch: job and items in one transaction, the notification after it. The items' shape was checked before.

    QuotaExceeded refuses the whole batch; nothing is stored then. An empty batch is finished at once (JOB-16). A
    `dry_run` plans the items and imports nothing; of `probe` of them, evenly spread, the file is looked at.
    """
    with transaction.atomic():
        quotas.reserve(project, kind, len(items), dry_run=dry_run)
        duplicates = _earlier_duplicates(items)
        fetched = _sample(len(items), probe) if dry_run else range(len(items))
        job = ImportJob.objects.create(
            project=project,
            token=token,
            kind=kind,
            system_name=system_name,
            webhook=webhook,
            context=context,
            total=len(items),
            has_repeats=bool(duplicates),
            started_at=clock.now(),
            dry_run=dry_run,
            probe=probe,
        )
        due_at = job.started_at
        bulk_copy.insert(
            ImportItem,
            COLUMNS,
            (
                (job.pk, position, item["id"], _title(item), item, host, duplicates.get(position), due_at)
                for position, item in enumerate(items)
                for host in [host_key_of(item) if position in fetched else NOTHING_IS_FETCHED]
            ),
        )
        _begin(job)
    return job


def _begin(job: ImportJob) -> None:
    """Notify the workers of a stored job once it is committed. An empty one is finished at once (JOB-16)."""
    if not job.total:
        job_end.close(job)
    notification.after_commit(notify_import_workers, job.total)


def _title(item: dict[str, Any]) -> str:
    return str(item.get("fileName") or item.get("title") or "")


def _sample(total: int, size: int) -> frozenset[int]:
    """So many positions, evenly spread over the batch; all of them when it is smaller."""
    size = min(size, total)
    return frozenset(number * total // size for number in range(size))


def _earlier_duplicates(items: Sequence[dict[str, Any]]) -> dict[int, int]:
    """For each item whose id occurred before in the batch: the position of the nearest earlier one."""
    last_seen: dict[str, int] = {}
    duplicates = {}
    for position, item in enumerate(items):
        if (earlier := last_seen.get(item["id"])) is not None:
            duplicates[position] = earlier
        last_seen[item["id"]] = position
    return duplicates


@transaction.atomic
def replay_job(job: ImportJob, *, by: str = "") -> ImportJob:
    """Send the stored requests of a job through again, as a new job: the old one's answer stays what it was.

    A dry run is planned again.
    """
    again = _again(job, f"replay of {job.public_id}{f' by {by}' if by else ''}")
    again.total = item_copies.copy_items(job.items.all(), again)
    _begin_again(again)
    return again


@transaction.atomic
def carry_out_plan(
    job: ImportJob, *, by: str = "", only_would_succeed: bool = False, leave_touched: bool = False
) -> ImportJob | None:
    """Import the items of a dry run, or those that `plans.chosen` leaves of them, as a new job that counts.

    None if nothing is left. QuotaExceeded when the day has no room for it. CarriedOut: it was imported before.
    PlanIncomplete: `plans.is_complete` says no.
    """
    ImportJob.objects.select_for_update(no_key=True).get(pk=job.pk)
    if (before := plans.import_of(job)) is not None:
        raise CarriedOut(before)
    if not plans.is_complete(job):
        raise PlanIncomplete
    items = plans.chosen(job, only_would_succeed=only_would_succeed, leave_touched=leave_touched)
    if not (number := items.count()):
        return None
    quotas.reserve(job.project, job.kind, number)
    real = _like(job, f"carries out {job.public_id}{f' by {by}' if by else ''}", carries_out=job)
    real.total = item_copies.copy_items(items, real)
    _begin_again(real)
    return real


def retry_job(job: ImportJob, *, chosen: Q | None = None, by: str = "") -> ImportJob | None:
    """Retry the failed items of a job, or the `chosen` ones of them, as a new job; None if there are none.

    The same transaction marks them as retried by the new job, so that a second call finds nothing. The job may still be
    running: later failures are left for another retry. If the new job is cancelled, its unfinished items are open
    again.
    """
    return retry_transaction.begun_again(lambda: _retry(job, Q() if chosen is None else chosen, by))


@transaction.atomic
def _retry(job: ImportJob, chosen: Q, by: str) -> ImportJob | None:
    items = ImportItem.objects.filter(chosen, job=job)
    if not items.retriable().order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True):
        return None
    again = _again(job, f"retry of {job.public_id}{f' by {by}' if by else ''}")
    failure_groups.write(failure_groups.retry(items, again))
    again.total = item_copies.copy_items(ImportItem.objects.filter(retried_by=again), again)
    _begin_again(again)
    return again


def _again(job: ImportJob, note: str) -> ImportJob:
    """A new job that repeats this one, without items yet; that of a dry run is one."""
    return _like(job, note, replay_of=job, dry_run=job.dry_run, probe=job.probe)


def _like(job: ImportJob, note: str, **fields: Any) -> ImportJob:
    """A new job with what the client sent beside the items."""
    return ImportJob.objects.create(
        project=job.project,
        token=job.token,
        kind=job.kind,
        system_name=job.system_name,
        webhook=job.webhook,
        context=job.context,
        started_at=clock.now(),
        note=note[: job_end.MAX_NOTE],
        **fields,
    )


def _begin_again(again: ImportJob) -> None:
    again.has_repeats = again.items.filter(blocked_by__isnull=False).exists()
    again.save(update_fields=["total", "has_repeats"])
    _begin(again)


def deal_with(failures: ImportItemQuerySet, *, by: str) -> int:
    """Mark open failures as dealt with by an operator, a thousand in a transaction; how many these are."""
    number = 0
    open_ones = failures.open_failures().order_by("pk")
    while keys := list(open_ones.values_list("pk", flat=True)[:MARKED_AT_ONCE]):
        number += retry_transaction.begun_again(partial(_deal_with, keys, by))
    return number


@transaction.atomic
def _deal_with(keys: Sequence[int], by: str) -> int:
    changes = failure_groups.resolve(ImportItem.objects.filter(pk__in=keys), by=by)
    failure_groups.write(changes)
    return sum(change.resolved for change in changes)


def cancel_job(job: ImportJob, *, by: str = "") -> bool:
    """Cancel a running job: open items fail as cancelled, finished ones stay. False if it was finished."""
    note = f"cancelled by {by}" if by else "cancelled"
    return job_end.end_early(job, state=ImportJob.State.SUCCESS, reason=CANCELLED, cause=job_end.CANCELLED, note=note)


def pause_job(job: ImportJob) -> bool:
    """Stop claims of a running job; claimed items end. False if it was paused already, or has finished."""
    going_on = ImportJob.objects.filter(pk=job.pk, state=ImportJob.State.STARTED, paused_at__isnull=True)
    return bool(going_on.update(paused_at=from_now()))


def resume_job(job: ImportJob) -> bool:
    """Resume a paused job. False if it was not paused."""
    resumed = bool(ImportJob.objects.filter(pk=job.pk, paused_at__isnull=False).update(paused_at=None))
    if resumed:
        notification.after_commit(notify_import_workers, max(job.total - job.done, 1))
    return resumed


def order_job(job: ImportJob, *, first: bool) -> int:
    """Put a job before (or behind) all other open jobs of its project; returns its new priority."""
    others = ImportJob.objects.filter(project=job.project_id, state=ImportJob.State.STARTED).exclude(pk=job.pk)
    bounds = others.aggregate(highest=Max("priority"), lowest=Min("priority"))
    wished = (bounds["highest"] or 0) + 1 if first else (bounds["lowest"] or 0) - 1
    priority = max(-MAX_PRIORITY, min(wished, MAX_PRIORITY))
    ImportJob.objects.filter(pk=job.pk).update(priority=priority)
    return priority
