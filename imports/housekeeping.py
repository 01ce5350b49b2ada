"""Chores for imports: notify workers of due work, purge old jobs; and run all chores at once, by hand.

Items of a worker that died need no chore: their leases end, and they are due again (work_queue/lease.py). Their next
worker runs them alone (worker/lost_workers.py).
"""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from imports import quotas, remote_pictures
from imports.claiming import due_jobs, host_hours
from imports.models import ImportItem, ImportJob, QueueSample, Throughput
from imports.monitoring import measuring
from imports.outcomes import failure_recounts
from livingdocs_import import housekeeping as base
from livingdocs_import.db import purge
from livingdocs_import.db.clock import from_now
from livingdocs_import.db.purge import Outdated
from livingdocs_import.models import WebhookDelivery
from livingdocs_import.webhooks.notification import notify_webhook_workers
from livingdocs_import.work_queue.chores import chores, of_all_apps
from media_library import housekeeping as media

SAMPLES_KEPT = timedelta(days=7)
THROUGHPUT_KEPT = timedelta(days=400)  # a year, to compare with: an hour has a row for each project and kind
MAX_IN_ONE_ROUND = 20  # messages to import workers per round


def sweep(
    *, notify_imports: Callable[[], None], notify_webhooks: Callable[[], None] = notify_webhook_workers
) -> dict[str, int]:
    """Run all chores once, even if another process is running them; returns counts by name.

    `jobs_with_work` are MAX_IN_ONE_ROUND at most.
    """
    jobs, deliveries = notify(notify_imports=notify_imports, notify_webhooks=notify_webhooks)
    found = of_all_apps()
    steps = {**found.promptly(), **found.without_files(), **found.with_files(), **found.slowly()}
    return {"jobs_with_work": jobs, "deliveries_due": deliveries, **{name: steps[name]() for name in sorted(steps)}}


def notify(
    *, notify_imports: Callable[[], None], notify_webhooks: Callable[[], None] = notify_webhook_workers
) -> tuple[int, int]:
    """Notify workers of due work; returns the number of jobs with due items, and of due deliveries."""
    jobs = due_jobs.count_due(from_now(), limit=MAX_IN_ONE_ROUND, but_for=host_hours.jobs_out_of_hours())
    # One message per job: workers without work stop at once.
    for _ in range(jobs):
        notify_imports()
    deliveries = WebhookDelivery.objects.filter(due_at__lte=from_now()).count()
    if deliveries:
        notify_webhooks()
    return jobs, deliveries


@chores.chore("rows_purged")
def purge_jobs() -> int:
    """Delete jobs older than their retention with their items, a small batch of each."""
    removed = 0
    for old in _outdated_jobs().order_by("finished_at")[:5]:
        if items := list(old.items.values_list("pk", flat=True)[: purge.BATCH * 10]):
            removed += ImportItem.objects.filter(pk__in=items).delete()[0]
        else:
            removed += old.delete()[0]
    return removed


def _outdated_jobs() -> QuerySet[ImportJob]:
    now = timezone.now()
    # A replay is free of quota because of the original job, which is kept as long as the replay would count.
    replays = ImportJob.objects.filter(replay_of=OuterRef("pk"), started_at__gt=now - quotas.WINDOW)
    ended = ImportJob.objects.filter(finished_at__lt=now - timedelta(days=settings.RESULT_RETENTION_DAYS))
    return ended.filter(~Exists(replays))


def outdated() -> dict[str, Outdated]:
    """What is older than its retention in all apps, by its name for operators."""
    jobs, kept = _outdated_jobs(), (timedelta(days=settings.RESULT_RETENTION_DAYS), "RESULT_RETENTION_DAYS")
    items = ImportItem.objects.filter(job__in=jobs)
    ours = {"import jobs": Outdated(jobs, *kept), "import items": Outdated(items, *kept)}
    return ours | _outdated_measurements() | media.outdated() | base.outdated()


@chores.chore("failures_recounted")
def recount_failures() -> int:
    """Count failures of workers of the previous version that were not stopped; a few jobs in a round."""
    return failure_recounts.recount_uncounted()


@chores.chore("pictures_made", slow=True)
def make_pictures() -> int:
    """Make small pictures of files that are stored elsewhere."""
    return remote_pictures.make_due()


@chores.chore("jobs_measured")
def measure() -> int:
    """Sample the queues and count what has ended, once a minute."""
    return measuring.measure()


@chores.chore("rows_purged")
def purge_measurements() -> int:
    """Delete old samples and throughput, a small batch of each."""
    return purge.purge(*(old.rows for old in _outdated_measurements().values()))


def _outdated_measurements() -> dict[str, Outdated]:
    now = timezone.now()
    samples = QueueSample.objects.filter(at__lt=now - SAMPLES_KEPT)
    throughput = Throughput.objects.filter(hour__lt=now - THROUGHPUT_KEPT)
    return {
        "samples of queues": Outdated(samples, SAMPLES_KEPT),
        "throughput by hour": Outdated(throughput, THROUGHPUT_KEPT),
    }
