"""Chores for the data of all apps: purge old webhooks and idempotent responses, remove left-over temporary files."""

import shutil
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from livingdocs_import.api.idempotency import REMEMBERED
from livingdocs_import.db import purge
from livingdocs_import.db.clock import from_now
from livingdocs_import.db.purge import Outdated
from livingdocs_import.egress import circuits
from livingdocs_import.models import (
    IdempotentAnswer,
    ProjectReceiver,
    ReceiverDay,
    WebhookDelivery,
    WebhookReceiver,
    WorkerProcess,
)
from livingdocs_import.operations import purging
from livingdocs_import.work_queue.chores import chores

LEFT_OVER_AFTER = timedelta(days=1)
PROCESSES_REMEMBERED = timedelta(days=1)  # after their last sign of life


@chores.chore("rows_purged")
def purge_old() -> int:
    """Delete rows older than their retention, a small batch of each kind."""
    removed = purge.purge(*(each.rows for each in _outdated().values()))
    return removed + circuits.purge(purge.BATCH)


def outdated() -> dict[str, Outdated]:
    """What is older than its retention, by its name for operators."""
    kept_for = _operations_kept_for()
    return _outdated() | {
        "circuits of hosts": Outdated(circuits.outdated(), circuits.KEPT_FOR),
        "operations": Outdated(purging.outdated(kept_for), kept_for, "RESULT_RETENTION_DAYS"),
    }


def _outdated() -> dict[str, Outdated]:
    now, kept_for, setting = timezone.now(), timedelta(days=settings.DELIVERY_RETENTION_DAYS), "DELIVERY_RETENTION_DAYS"
    ended = WebhookDelivery.objects.exclude(state=WebhookDelivery.State.PENDING)
    rated = ReceiverDay.KEPT_FOR
    idle = ProjectReceiver.objects.filter(last_attempt_at__lt=now - kept_for, switched_off_at__isnull=True)
    answers = IdempotentAnswer.objects.filter(created_at__lt=now - REMEMBERED)
    processes = WorkerProcess.objects.filter(seen_at__lt=from_now(-PROCESSES_REMEMBERED))
    return {
        "webhook deliveries": Outdated(ended.filter(created_at__lt=now - kept_for), kept_for, setting),
        "receivers of projects": Outdated(_without_deliveries(idle), kept_for, setting),
        "days of receivers": Outdated(ReceiverDay.objects.filter(day__lt=(now - rated).date()), rated),
        "webhook receivers": Outdated(WebhookReceiver.objects.filter(changed_at__lt=now - kept_for), kept_for, setting),
        "idempotent answers": Outdated(answers, REMEMBERED),
        "worker processes": Outdated(processes, PROCESSES_REMEMBERED),
    }


def _without_deliveries(receivers: QuerySet[ProjectReceiver]) -> QuerySet[ProjectReceiver]:
    """Those for which nothing is held or waits: one index for each of both."""
    mine = WebhookDelivery.objects.filter(lane=OuterRef("lane"))
    held, waiting = mine.filter(state=WebhookDelivery.State.HELD), mine.filter(due_at__isnull=False)
    return receivers.filter(~Exists(held), ~Exists(waiting))


@chores.chore("rows_purged")
def purge_operations() -> int:
    """Remove questions that were not answered, selections of ended operations, and old operations."""
    return purging.purge(_operations_kept_for())


def _operations_kept_for() -> timedelta:
    return timedelta(days=settings.RESULT_RETENTION_DAYS)


@chores.chore("left_overs_removed")
def remove_temporary_files() -> int:
    return remove_left_overs(settings.DATA_DIR / "tmp")


def remove_left_overs(folder: Path) -> int:
    """Remove temporary files and folders of killed processes: no download or rendition takes a day."""
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
