"""The overview for operators: running work, its progress, and today's failures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum

from imports import quotas
from imports.claiming import due_jobs, host_hours
from imports.models import ImportItem, ImportJob, LastSweep
from livingdocs_import.models import (
    Project,
    ProjectWebhook,
    ServiceOutage,
    WebhookAttempt,
    WebhookDelivery,
    WorkerProcess,
)
from livingdocs_import.webhooks import dispatcher

DAY = timedelta(hours=24)
STUCK_AFTER = timedelta(minutes=1)  # a live worker takes due work within seconds
SWEEP_OVERDUE_AFTER = timedelta(minutes=2)  # one of the worker processes sweeps every five seconds
WORKER_MISSING_AFTER = timedelta(minutes=1)  # each writes a heartbeat every ten seconds
MAX_LISTED = 10  # jobs and deliveries that are listed by name


@dataclass(frozen=True)
class Queue:
    """Whether due work is being taken.

    `waits`: how long the longest-waiting row has been due; None: nothing is due. All rows of a large batch are due at
    once, so that a long wait alone proves nothing: `moving` is whether a worker has claimed rows, or had lately.
    """

    waits: timedelta | None
    moving: bool

    @property
    def stuck(self) -> bool:
        return self.waits is not None and self.waits > STUCK_AFTER and not self.moving


@dataclass(frozen=True)
class Sweeps:
    """Whether some process runs housekeeping. `since`: the time since the last round; None: never."""

    since: timedelta | None

    @property
    def overdue(self) -> bool:
        return self.since is None or self.since > SWEEP_OVERDUE_AFTER


@dataclass(frozen=True)
class Workers:
    """The processes that run imports, or webhooks. `since`: time since the last heartbeat; None: more than a day."""

    alive: int
    since: timedelta | None

    @property
    def missing(self) -> bool:
        return not self.alive


@dataclass(frozen=True)
class Day:
    """The jobs that were accepted in the last 24 hours, and their items so far."""

    jobs: int
    items: int
    success: int
    skipped: int
    failed: int


@dataclass(frozen=True)
class Overview:
    """One snapshot. The lists hold MAX_LISTED rows, their counts include all."""

    imports: Queue
    webhooks: Queue
    import_workers: Workers
    webhook_workers: Workers
    sweeps: Sweeps
    open_jobs: list[ImportJob]
    open_count: int
    given_up: list[WebhookDelivery]  # of the last 24 hours
    given_up_count: int
    failing_receivers: list[ProjectWebhook]  # of projects' webhooks: switched off, or with an exhausted delivery
    day: Day
    away: list[ServiceOutage]  # of our dependencies: downloads wait for them


def overview(now: datetime) -> Overview:
    """A dozen queries, each on an index or on the few rows that are open."""
    open_jobs = ImportJob.objects.filter(state=ImportJob.State.STARTED)
    given_up = WebhookDelivery.objects.filter(state=WebhookDelivery.State.GIVEN_UP, created_at__gte=now - DAY)
    return Overview(
        imports=_imports(now),
        webhooks=_webhooks(now),
        import_workers=_workers(WorkerProcess.objects.filter(imports=True), now),
        webhook_workers=_workers(WorkerProcess.objects.filter(webhooks=True), now),
        sweeps=_sweeps(now),
        open_jobs=list(open_jobs.select_related("project").order_by("pk")[:MAX_LISTED]),
        open_count=open_jobs.count(),
        given_up=list(given_up.select_related("project").order_by("-pk")[:MAX_LISTED]),
        given_up_count=given_up.count(),
        failing_receivers=_failing_receivers(),
        day=_day(ImportJob.objects.filter(started_at__gte=now - DAY, dry_run=False)),
        away=list(ServiceOutage.objects.order_by("since")),
    )


def _failing_receivers() -> list[ProjectWebhook]:
    """One row for each webhook that has failed since its last success: few, and read whole."""
    gone = Q(switched_off_at__isnull=False) | Q(exhausted_at__isnull=False)
    return list(ProjectWebhook.objects.filter(gone).select_related("project").order_by("-failing_since")[:MAX_LISTED])


def _imports(now: datetime) -> Queue:
    asked = due_jobs.open_jobs().exclude(pk__in=host_hours.jobs_out_of_hours())[: due_jobs.MAX_JOBS]
    oldest = [moment for (moment,) in asked.values_list(due_jobs.oldest_due(now)) if moment is not None]
    lately = ImportJob.objects.filter(state=ImportJob.State.STARTED, last_claimed_at__gte=now - STUCK_AFTER)
    in_hand = ImportItem.objects.filter(_in_hand(now, _import_lease()), job=OuterRef("pk"), blocked_by__isnull=True)
    moving = lately.exists() or any(pk for (pk,) in asked.values_list(Subquery(in_hand.values("pk")[:1])))
    return Queue(waits=now - min(oldest) if oldest else None, moving=moving)


def _webhooks(now: datetime) -> Queue:
    last = WebhookAttempt.objects.order_by("-pk").values_list("at", flat=True).first()
    deliveries = WebhookDelivery.objects.all()
    oldest = deliveries.filter(due_at__lte=now).aggregate(oldest=Min("due_at"))["oldest"]
    lately = last is not None and last >= now - STUCK_AFTER
    moving = lately or deliveries.filter(_in_hand(now, dispatcher.lease())).exists()
    return Queue(waits=None if oldest is None else now - oldest, moving=moving)


def _workers(processes: QuerySet[WorkerProcess], now: datetime) -> Workers:
    counts = processes.aggregate(
        alive=Count("pk", filter=Q(seen_at__gte=now - WORKER_MISSING_AFTER)), seen_at=Max("seen_at")
    )
    return Workers(alive=counts["alive"], since=now - counts["seen_at"] if counts["seen_at"] else None)


def _sweeps(now: datetime) -> Sweeps:
    last = LastSweep.objects.filter(pk=LastSweep.NOTIFYING).values_list("at", flat=True).first()
    return Sweeps(since=None if last is None else now - last)


def _import_lease() -> timedelta:
    return timedelta(seconds=settings.IMPORT_LEASE_SECONDS)


def _in_hand(now: datetime, lease: timedelta) -> Q:
    """Claimed by a worker that renews its lease. A lease ends soon: rows that are due later need not be read."""
    return Q(claimed=True, due_at__gt=now, due_at__lte=now + 2 * lease)


def _day(jobs: QuerySet[ImportJob]) -> Day:
    sums = jobs.aggregate(
        jobs=Count("pk"), items=Sum("total"), success=Sum("success"), skipped=Sum("skipped"), failed=Sum("failed")
    )
    return Day(**{name: value or 0 for name, value in sums.items()})


# --- Jobs ------------------------------------------------------------------------------------------------------------

# The filters of operators, in the admin's list and in list_imports.
JOB_STATES: Mapping[str, Q] = {
    "open": Q(state=ImportJob.State.STARTED),
    "failures": Q(failed__gt=0),
    "clean": Q(state=ImportJob.State.SUCCESS, failed=0),
    "failed": Q(state=ImportJob.State.FAILED),
}


def jobs(*, project: Project | None = None, state: str | None = None, kind: str | None = None) -> QuerySet[ImportJob]:
    """Jobs with their projects, the newest first; `state`: of JOB_STATES."""
    given: dict[str, object] = {name: value for name, value in {"project": project, "kind": kind}.items() if value}
    chosen = ImportJob.objects.filter(JOB_STATES[state] if state else Q(), **given)
    return chosen.select_related("project").order_by("-pk")


def open_jobs_by_project() -> dict[int, int]:
    """The number of open jobs of each project that has some, by the key of the project."""
    open_jobs = ImportJob.objects.filter(JOB_STATES["open"]).order_by()
    return dict(open_jobs.values_list("project").annotate(number=Count("pk")))


# --- One job ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reason:
    """The number of a job's items with this outcome and reason."""

    outcome: str
    reason: str
    count: int


def reasons(items: QuerySet[ImportItem], limit: int = 50) -> list[Reason]:
    """Why items failed or were skipped, the most frequent reason first."""
    ended = items.filter(outcome__in=[ImportItem.Outcome.FAILED, ImportItem.Outcome.SKIPPED])
    groups = ended.values("outcome", "reason").annotate(count=Count("pk")).order_by("-count", "outcome", "reason")
    return [Reason(**group) for group in groups[:limit]]


@dataclass(frozen=True)
class InWork:
    """The rest of an open job."""

    begun: int  # claimed by a worker
    again: int  # waiting for a retry
    untouched: int


def in_work(job: ImportJob) -> InWork:
    """The states of the open items of a job."""
    counts = job.items.filter(outcome=ImportItem.Outcome.OPEN).aggregate(
        begun=Count("pk", filter=Q(claimed=True)),
        again=Count("pk", filter=Q(claimed=False, attempts__gt=0)),
        untouched=Count("pk", filter=Q(claimed=False, attempts=0)),
    )
    return InWork(**counts)


# --- One project -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Allowance:
    """A project's use of one kind in the last 24 hours. `limit` None: unlimited."""

    kind: str
    used: int
    limit: int | None

    @property
    def full(self) -> bool:
        return self.limit is not None and self.used >= self.limit


def allowances(project: Project, now: datetime) -> list[Allowance]:
    """The project's daily limits and their use, counted like the quota (replays are free)."""
    used = dict(quotas.counted(project, now).values_list("kind").annotate(sum=Sum("total")).order_by())
    return [Allowance(kind, used.get(kind, 0), project.daily_limit(kind)) for kind in ImportJob.Kind.values]
