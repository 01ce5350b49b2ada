"""Claim due items: find jobs that have some, and take them from a job.

Items that are not due cost nothing (they are behind in the index), and neither do those of hosts without a free slot:
the claim skips them. The row is locked, checked, and claimed in one short transaction (work_queue/lease.py).
"""

import time
from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from imports.claiming.fair_choice import OpenJob
from imports.claiming.host_hours import OutOfHours
from imports.models import ImportItem, ImportItemQuerySet, ImportJob
from livingdocs_import.db.clock import from_now
from livingdocs_import.db.compiled import Compiled

LOOK_SECONDS = 0.5  # seconds for which a list of jobs is used
NOTHING_SECONDS = 0.25  # seconds for which a job without claimable items is skipped
NOTE_SECONDS = 5.0  # seconds between two writes for a job that is claimed from alone
MAX_GAPS = 20  # ranges of the index that one query reads
ROUNDS = 4  # of finding hosts with free slots, in one claim


def _lease() -> timedelta:
    return timedelta(seconds=settings.IMPORT_LEASE_SECONDS)


class OpenJobs:
    """The jobs of all projects with claimable items, queried twice a second at most."""

    def __init__(self, out_of_hours: OutOfHours | None = None) -> None:
        self._jobs: list[OpenJob] = []
        self._out_of_hours = out_of_hours or OutOfHours()
        self._look_at = 0.0
        self.are_fresh = False  # nothing known to this process has happened since the last query
        self._nothing_until: dict[int, float] = {}
        self._loaded: dict[int, tuple[float, ImportJob]] = {}
        self._note_at: dict[int, float] = {}  # when to record again that a job was claimed from

    def all(self) -> list[OpenJob]:
        now = time.monotonic()
        if now >= self._look_at:
            self._jobs = self._look()
            self._nothing_until = {pk: until for pk, until in self._nothing_until.items() if until > now}
            self._note_at = {pk: until for pk, until in self._note_at.items() if until > now}
            self._look_at = now + LOOK_SECONDS
            self.are_fresh = True
        return [job for job in self._jobs if self._nothing_until.get(job.pk, 0.0) <= now]

    def any(self) -> bool:
        """Whether there are any, including those without claimable items at the moment."""
        self._look_at = 0.0
        return bool(self.all() or self._jobs)

    def expire(self) -> None:
        """Query the jobs again at the next call."""
        self._look_at = 0.0
        self._nothing_until.clear()
        self.are_fresh = False

    def changed(self, job: int) -> None:
        """An item of this job ended: it may have claimable items again, and needs a query to say otherwise."""
        self.are_fresh = False
        self._nothing_until.pop(job, None)

    def without(self, job: OpenJob) -> None:
        """Nothing of this job can be claimed for a moment."""
        self._nothing_until[job.pk] = time.monotonic() + NOTHING_SECONDS

    def claimed_from(self, job: OpenJob) -> None:
        """Let the other jobs of the project come first from now on.

        Without other jobs it is recorded only now and then, to show operators that the job progresses.
        """
        now = time.monotonic()
        alone = all(other.pk == job.pk or other.project != job.project for other in self._jobs)
        if alone and now < self._note_at.get(job.pk, 0.0):
            return
        ImportJob.objects.filter(pk=job.pk).update(last_claimed_at=from_now())
        self._note_at[job.pk] = now + NOTE_SECONDS

    def _look(self) -> list[OpenJob]:
        out_of_hours = self._out_of_hours.jobs()
        rows = _open_jobs().exclude(pk__in=out_of_hours) if out_of_hours else OPEN_JOBS.rows()
        return [OpenJob(*row) for row in rows]

    def load(self, pk: int) -> ImportJob:
        """The job with its project; the same object for two seconds."""
        loaded_at, job = self._loaded.get(pk, (0.0, None))
        if job is None or time.monotonic() - loaded_at > 2.0:
            job = ImportJob.objects.select_related("project").get(pk=pk)
            if len(self._loaded) > 1_000:
                self._loaded.clear()
            self._loaded[pk] = (time.monotonic(), job)
        return job


def _open_jobs() -> QuerySet[ImportJob, tuple[int, int, str, int, int, datetime | None, bool, int]]:
    """Rows of OpenJob."""
    due = ImportItem.objects.due().filter(job=OuterRef("pk"), blocked_by__isnull=True, claimed=False)
    # Not EXISTS: PostgreSQL may turn that into a join, and read everything that is due in the whole table.
    first = Subquery(due.order_by("due_at").values("pk")[:1])
    started = ImportJob.objects.filter(state=ImportJob.State.STARTED, paused_at__isnull=True)
    open_jobs = started.alias(first_due=first).filter(first_due__isnull=False)
    return open_jobs.values_list(
        "pk", "project", "kind", "project__import_weight", "priority", "last_claimed_at", "dry_run", "probe"
    )


OPEN_JOBS = Compiled(_open_jobs)


def claim_content(job: OpenJob, limit: int) -> list[ImportItem]:
    """Items without downloads, in request order."""
    items = ImportItem.objects.filter(job=job.pk, claimed=False, blocked_by__isnull=True)
    return items.order_by("due_at", "position").claim(limit, lease=_lease())


def claim_planned(job: OpenJob, limit: int) -> list[ImportItem]:
    """Items of a dry run of which nothing is fetched: in request order, and by one worker at a time.

    What an item would make counts for those after it, so a chunk is planned when those before it are.
    """
    items = ImportItem.objects.filter(job=job.pk, host_key=0, blocked_by__isnull=True)
    with transaction.atomic():
        if not list(ImportJob.objects.select_for_update(skip_locked=True).filter(pk=job.pk).values_list("pk")):
            return []
        if items.filter(claimed=True, due_at__isnull=False).exists():
            return []
        return items.filter(claimed=False).order_by("due_at", "position").take(limit, lease=_lease())


def any_suspect() -> bool:
    """Whether any running job has an item whose worker was lost."""
    return bool(ANY_SUSPECT.rows())


def claim_suspect() -> ImportItem | None:
    """One of those items; the longest lost first."""
    return next(iter(_suspects().claim(1, lease=_lease())), None)


def claim_suspect_of(kinds: Collection[str], *, lost_before: int) -> ImportItem | None:
    """As `claim_suspect`, from jobs of these kinds, with at most this many losses before this time."""
    suspects = _suspects().filter(job__kind__in=kinds, losses__lte=lost_before).exclude(job__dry_run=True, host_key=0)
    return next(iter(suspects.claim(1, lease=_lease())), None)


def _suspects() -> ImportItemQuerySet:
    going_on = {"job__state": ImportJob.State.STARTED, "job__paused_at__isnull": True}
    return ImportItem.objects.filter(claimed=True, blocked_by__isnull=True, **going_on).order_by("due_at")


ANY_SUSPECT = Compiled(lambda: _suspects().due().values_list("pk")[:1])


def claim_downloads(job: OpenJob, limit: int, slots: "HostSlots") -> list[ImportItem]:
    """Up to `limit` items whose hosts have free slots, anywhere in the request."""
    claimed: list[ImportItem] = []
    with transaction.atomic():
        for _ in range(ROUNDS):
            full_before = len(slots.full)
            for part in _past(slots.full):
                items = ImportItem.objects.filter(part, job=job.pk, claimed=False, blocked_by__isnull=True)
                in_order = items.order_by("host_key", "due_at", "position")
                claimed += in_order.take(limit - len(claimed), lease=_lease(), accept=slots.accept)
                if len(claimed) == limit:
                    return claimed
            if len(slots.full) == full_before:
                break
    return claimed


def claim_at_host(job: OpenJob, key: int, limit: int) -> list[ImportItem]:
    """Items at one host, regardless of its slots."""
    items = ImportItem.objects.filter(job=job.pk, host_key=key, claimed=False, blocked_by__isnull=True)
    claimed = items.order_by("due_at", "position").claim(limit, lease=_lease())
    if claimed:
        ImportJob.objects.filter(pk=job.pk).update(last_claimed_at=from_now())
    return claimed


def any_host_of(job: OpenJob, keys: Collection[int]) -> int | None:
    """One of these hosts at which the job has a claimable item."""
    items = ImportItem.objects.due().filter(job=job.pk, host_key__in=list(keys), claimed=False, blocked_by__isnull=True)
    return next(iter(items.values_list("host_key", flat=True)[:1]), None)  # unordered: ORDER BY would read them all


def _past(full: Collection[int]) -> list[Q]:
    """Ranges of the index without the hosts that are full: the gaps between those."""
    if len(full) > MAX_GAPS:
        return [~Q(host_key__in=[0, *full])]  # 0: nothing is fetched
    edges = [0, *sorted(full)]
    return [
        Q(host_key__gt=edge, host_key__lt=following) if following else Q(host_key__gt=edge)
        for edge, following in zip(edges, [*edges[1:], None], strict=True)
    ]


class HostSlots:
    """The items that each host may still get in one claim."""

    def __init__(self, allowance: Callable[[int], int], full: Collection[int]) -> None:
        """`allowance`: the number of items for a host's key. `full`: hosts that get none."""
        self._allowance = allowance
        self._taken: Counter[int] = Counter()
        self.full = set(full)

    def accept(self, item: ImportItem) -> bool:
        """Take a slot for this item; False if its host has none."""
        return self.take(item.host_key)

    def take(self, key: int) -> bool:
        """Take a slot; if there is none, return False and mark the host as full."""
        if key in self.full:
            return False
        if self._taken[key] >= self._allowance(key):
            self.full.add(key)
            return False
        self._taken[key] += 1
        return True
