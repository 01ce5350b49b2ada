"""What has to be done from time to time, by whoever comes first: ring, flip, discard, purge. Twice does no harm."""

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from imports import quotas
from imports.models import ImportItem, ImportJob, LastSweep
from livingdocs_import.api.idempotency import REMEMBERED
from livingdocs_import.models import IdempotentAnswer, WebhookDelivery
from livingdocs_import.tasks import ring_courier
from media_library import discards, lifecycle
from media_library.models import EntryChange

LEFT_OVER_AFTER = timedelta(days=1)
PURGE_BATCH = 200  # rows that one sweep removes of each kind: small transactions, no long locks


@dataclass(frozen=True)
class Swept:
    """What one sweep found and did."""

    jobs_with_work: int
    deliveries_due: int
    entries_flipped: int
    files_discarded: int
    left_overs_removed: int
    rows_purged: int


def sweep(*, ring: Callable[[], None], courier: Callable[[], None] = ring_courier) -> Swept:
    """Ring for whatever is due, and tidy up a little."""
    now = timezone.now()
    due_items = ImportItem.objects.due(now).filter(job=OuterRef("pk"), waits_for__isnull=True)
    open_jobs = ImportJob.objects.filter(state=ImportJob.State.STARTED).filter(Exists(due_items)).count()
    # One ring a job: workers that find nothing go home again at once.
    for _ in range(min(open_jobs, 20)):
        ring()
    due_deliveries = WebhookDelivery.objects.due(now).count()
    if due_deliveries:
        courier()
    note_sweep(now)
    return Swept(
        jobs_with_work=open_jobs,
        deliveries_due=due_deliveries,
        entries_flipped=lifecycle.flip_due(),
        files_discarded=discards.sweep(),
        left_overs_removed=remove_left_overs(settings.DATA_DIR / "tmp"),
        rows_purged=purge(),
    )


def note_sweep(now: datetime) -> None:
    """Leave word that the bell was rung; whoever looks at the overview sees when that was last."""
    if not LastSweep.objects.filter(pk=LastSweep.THE_ONE).update(at=now):
        LastSweep.objects.bulk_create([LastSweep(pk=LastSweep.THE_ONE, at=now)], ignore_conflicts=True)


def purge() -> int:
    """Remove what is older than its retention, a small batch of each kind (rulings: Retention)."""
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
    ):
        pks = list(queryset.values_list("pk", flat=True)[:PURGE_BATCH])
        if pks:
            removed += queryset.model._default_manager.filter(pk__in=pks).delete()[0]
    return removed


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
