"""What has to be done from time to time, by whoever comes first: ring, flip, discard, purge. Twice does no harm."""

import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from imports import due_jobs, hours, quotas
from imports.models import ImportItem, ImportJob
from livingdocs_import.api.idempotency import REMEMBERED
from livingdocs_import.db.clock import from_now
from livingdocs_import.egress import circuits
from livingdocs_import.models import IdempotentAnswer, WebhookDelivery, WebhookReceiver, WorkerProcess
from livingdocs_import.webhooks.tasks import ring_courier
from media_library import storage_cleanup
from media_library.entries import validity
from media_library.models import EntryChange

LEFT_OVER_AFTER = timedelta(days=1)
MAX_RINGS = 20  # messages to import workers that one round sends
DISCARD_SECONDS = 5.0  # for deleting files in one round: the next one goes on
PROCESSES_REMEMBERED = timedelta(days=1)  # after their last sign of life
PURGE_BATCH = 200  # rows that one sweep removes of each kind: small transactions, no long locks


@dataclass(frozen=True)
class Swept:
    """What one sweep found and did."""

    jobs_with_work: int  # MAX_RINGS at most
    deliveries_due: int
    entries_flipped: int
    files_discarded: int
    left_overs_removed: int
    rows_purged: int


def sweep(*, ring: Callable[[], None], courier: Callable[[], None] = ring_courier) -> Swept:
    """All of it, once, whoever else is doing the same."""
    jobs, deliveries = notify(ring=ring, courier=courier)
    steps = {**TIDYING, **DISCARDING}
    return Swept(jobs_with_work=jobs, deliveries_due=deliveries, **{name: step() for name, step in steps.items()})


def notify(*, ring: Callable[[], None], courier: Callable[[], None] = ring_courier) -> tuple[int, int]:
    """Wake workers for what is due; the number of jobs with due items, and of due deliveries."""
    jobs = due_jobs.count_due(from_now(), limit=MAX_RINGS, but_for=hours.jobs_out_of_hours())
    # One ring a job: workers that find nothing go home again at once.
    for _ in range(jobs):
        ring()
    deliveries = WebhookDelivery.objects.filter(due_at__lte=from_now()).count()
    if deliveries:
        courier()
    return jobs, deliveries


def purge() -> int:
    """Remove what is older than its retention, a small batch of each kind (spec 10.3)."""
    now = timezone.now()
    results = now - timedelta(days=settings.RESULT_RETENTION_DAYS)
    deliveries = now - timedelta(days=settings.DELIVERY_RETENTION_DAYS)
    changes = now - timedelta(days=settings.CHANGE_RETENTION_DAYS)
    removed = 0
    # A replay costs no quota, which is seen by the job it repeats: that one stays as long as the replay would count.
    replays = ImportJob.objects.filter(replay_of=OuterRef("pk"), started_at__gt=now - quotas.WINDOW)
    old_jobs = ImportJob.objects.filter(~Exists(replays), finished_at__lt=results)
    for old in old_jobs.order_by("finished_at")[:5]:
        if items := list(old.items.values_list("pk", flat=True)[: PURGE_BATCH * 10]):
            removed += ImportItem.objects.filter(pk__in=items).delete()[0]
        else:
            removed += old.delete()[0]
    for queryset in (
        WebhookDelivery.objects.filter(created_at__lt=deliveries).exclude(state=WebhookDelivery.State.PENDING),
        IdempotentAnswer.objects.filter(created_at__lt=now - REMEMBERED),
        EntryChange.objects.filter(at__lt=changes),
        WebhookReceiver.objects.filter(changed_at__lt=deliveries),
        WorkerProcess.objects.filter(seen_at__lt=from_now(-PROCESSES_REMEMBERED)),
    ):
        pks = list(queryset.values_list("pk", flat=True)[:PURGE_BATCH])
        if pks:
            removed += queryset.model._default_manager.filter(pk__in=pks).delete()[0]
    return removed + circuits.purge(PURGE_BATCH)


def discard() -> int:
    """Delete superfluous files, for a few seconds."""
    until, done = time.monotonic() + DISCARD_SECONDS, 0
    while time.monotonic() < until and (more := storage_cleanup.sweep(limit=20)):
        done += more
    return done


def remove_left_overs(folder: Path) -> int:
    """Remove temporary files and folders of processes that were killed: nothing takes a day to fetch or to render."""
    long_ago = time.time() - LEFT_OVER_AFTER.total_seconds()
    removed = 0
    for path in folder.glob("*-*") if folder.is_dir() else ():
        with suppress(FileNotFoundError):  # another sweep was faster
            if path.stat().st_mtime >= long_ago:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
            removed += 1
    return removed


TIDYING: Mapping[str, Callable[[], int]] = {
    "entries_flipped": validity.flip_due,
    "left_overs_removed": lambda: remove_left_overs(settings.DATA_DIR / "tmp"),
    "rows_purged": purge,
}
DISCARDING: Mapping[str, Callable[[], int]] = {"files_discarded": discard}
