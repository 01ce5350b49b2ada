"""The queue of imports: whether workers take what they can, and how it has been lately."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from imports.claiming import due_jobs, host_hours
from imports.claiming.waiting import DOWNLOADED
from imports.models import ImportItem, ImportJob, QueueSample
from imports.monitoring.facts import STUCK_AFTER, Queue
from livingdocs_import.egress import circuits
from livingdocs_import.models.project_scope import EVERYTHING, ProjectScope

SHOWN = timedelta(hours=2)  # of the samples


class _Asked(NamedTuple):
    """A job that is neither finished nor paused. `newest`, the same for all: when any job was last claimed from."""

    pk: int
    kind: str
    downloads: bool
    oldest_due: datetime | None
    in_hand: bool
    newest: datetime | None


def imports_queue(now: datetime, depth: int, *, is_away: bool, projects: ProjectScope = EVERYTHING) -> Queue:
    """`is_away`: downloads wait for the storage or the network.

    Only of a queue that seems to be stuck it is asked what waits for hosts.
    """
    asked = _ask(now, projects)
    claimable = [job for job in asked if not (is_away and job.downloads)]
    queue = _queue(claimable, asked, now, depth)
    if queue.waits is None or queue.waits <= STUCK_AFTER:
        return queue
    wait = host_hours.jobs_out_of_hours(silent=circuits.open_hosts(), now=now)
    return _queue([job for job in claimable if job.pk not in wait], asked, now, depth)


def _queue(claimable: Sequence[_Asked], asked: Sequence[_Asked], now: datetime, depth: int) -> Queue:
    oldest = min((job.oldest_due for job in claimable if job.oldest_due is not None), default=None)
    newest = max((job.newest for job in asked if job.newest is not None), default=None)
    taken = None if newest is None else max(now - newest, timedelta(0))
    if any(job.in_hand for job in asked):
        taken = timedelta(0)
    return Queue(waits=None if oldest is None else now - oldest, taken=taken, depth=depth)


def _ask(now: datetime, projects: ProjectScope) -> list[_Asked]:
    in_hand = ImportItem.objects.filter(claimed_now(now, _lease()), job=OuterRef("pk"), blocked_by__isnull=True)
    started = ImportJob.objects.filter(projects.within("project"), state=ImportJob.State.STARTED)
    newest = started.filter(last_claimed_at__isnull=False).order_by("-last_claimed_at").values("last_claimed_at")
    rows: QuerySet[ImportJob] = due_jobs.open_jobs().filter(projects.within("project"))
    found = rows.values_list(
        "pk", "kind", "dry_run", "probe", due_jobs.oldest_due(now), Exists(in_hand), Subquery(newest[:1])
    )
    return [
        _Asked(pk, kind, kind in DOWNLOADED and (not dry_run or probe > 0), *rest)
        for pk, kind, dry_run, probe, *rest in found[: due_jobs.MAX_JOBS]
    ]


def claimed_now(now: datetime, lease: timedelta) -> Q:
    """Claimed by a worker that renews its lease. A lease ends soon: rows that are due later need not be read."""
    return Q(claimed=True, due_at__gt=now, due_at__lte=now + 2 * lease)


def _lease() -> timedelta:
    return timedelta(seconds=settings.IMPORT_LEASE_SECONDS)


def samples(now: datetime) -> dict[str, list[int]]:
    """The depth of each queue in the last hours, once a minute."""
    depths: dict[str, list[int]] = {queue: [] for queue in QueueSample.Queue.values}
    rows = QueueSample.objects.filter(at__gte=now - SHOWN).order_by("at", "queue")
    for queue, depth in rows.values_list("queue", "depth"):
        depths[queue].append(depth)
    return depths
