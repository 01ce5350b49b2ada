"""Claim items: which jobs have any that may be taken now, and which of a job's items.

Items not due cost nothing (they are behind in the index), and neither do those of hosts that may not be asked now: the
claim goes past them. The row is locked, looked at, and taken in one short transaction (livingdocs_import/work.py).
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import OuterRef, Q, Subquery

from imports import item_hosts
from imports.fair_choice import OpenJob
from imports.hours import OutOfHours
from imports.models import ImportItem, ImportJob
from livingdocs_import.db.clock import from_now

LOOK_SECONDS = 0.1  # a list of jobs is used for so long
NOTHING_SECONDS = 0.25  # and a job that had nothing to give is passed over
MAX_GAPS = 20  # ranges of the index that one look reads
ROUNDS = 4  # of looking for hosts that have places, in one claim


def _lease() -> timedelta:
    return timedelta(seconds=settings.IMPORT_LEASE_SECONDS)


class OpenJobs:
    """The jobs of all projects that have something to be claimed, looked up ten times a second at most."""

    def __init__(self) -> None:
        self._jobs: list[OpenJob] = []
        self._out_of_hours = OutOfHours()
        self._look_at = 0.0
        self.are_fresh = False  # nothing has happened since the last look that this process knows of
        self._nothing_until: dict[int, float] = {}
        self._loaded: dict[int, tuple[float, ImportJob]] = {}

    def all(self) -> list[OpenJob]:
        now = time.monotonic()
        if now >= self._look_at:
            self._jobs = self._look()
            self._nothing_until = {pk: until for pk, until in self._nothing_until.items() if until > now}
            self._look_at = now + LOOK_SECONDS
            self.are_fresh = True
        return [job for job in self._jobs if self._nothing_until.get(job.pk, 0.0) <= now]

    def any(self) -> bool:
        """Whether there are any, those included of which nothing can be claimed at the moment."""
        self.look_again()
        return bool(self.all() or self._jobs)

    def look_again(self) -> None:
        """What is known is no longer true."""
        self._look_at = 0.0
        self._nothing_until.clear()
        self.are_fresh = False

    def changed(self, job: int) -> None:
        """Something of this job ended: it may have something to give again, and a look is needed to say it has not."""
        self.are_fresh = False
        self._nothing_until.pop(job, None)

    def without(self, job: OpenJob) -> None:
        """Nothing of this job can be claimed for a moment."""
        self._nothing_until[job.pk] = time.monotonic() + NOTHING_SECONDS

    def _look(self) -> list[OpenJob]:
        due = ImportItem.objects.due().filter(job=OuterRef("pk"), waits_for__isnull=True, held=False)
        # Not EXISTS: PostgreSQL may make a join of that, and read everything that is due in the whole table.
        first = Subquery(due.order_by("due_at").values("pk")[:1])
        started = ImportJob.objects.filter(state=ImportJob.State.STARTED, paused_at__isnull=True)
        open_jobs = started.exclude(pk__in=self._out_of_hours.jobs())
        rows = open_jobs.alias(first_due=first).filter(first_due__isnull=False)
        columns = ("pk", "project", "kind", "project__import_weight", "priority", "drawn_at")
        return [OpenJob(*row) for row in rows.values_list(*columns)]

    def load(self, pk: int) -> ImportJob:
        """The job with its project; for two seconds the same object."""
        loaded_at, job = self._loaded.get(pk, (0.0, None))
        if job is None or time.monotonic() - loaded_at > 2.0:
            job = ImportJob.objects.select_related("project").get(pk=pk)
            if len(self._loaded) > 1_000:
                self._loaded.clear()
            self._loaded[pk] = (time.monotonic(), job)
        return job


def claim_content(job: OpenJob, limit: int) -> list[ImportItem]:
    """Items that are not waited for: in request order."""
    ImportJob.objects.filter(pk=job.pk).update(drawn_at=from_now())
    items = ImportItem.objects.filter(job=job.pk, held=False, waits_for__isnull=True)
    return items.order_by("due_at", "position").claim(limit, lease=_lease())


def claim_suspect() -> ImportItem | None:
    """One item whose worker was lost, of any job that goes on; the longest lost first. It is to be done alone."""
    going_on = {"job__state": ImportJob.State.STARTED, "job__paused_at__isnull": True}
    lost = ImportItem.objects.filter(held=True, waits_for__isnull=True, **going_on).order_by("due_at")
    return next(iter(lost.claim(1, lease=_lease())), None)


def claim_downloads(job: OpenJob, limit: int, places: "HostPlaces") -> list[ImportItem]:
    """Up to `limit` items whose hosts have places, wherever they stand in the request."""
    chosen: dict[int, None] = {}
    for _ in range(ROUNDS):
        full_before = len(places.full)
        for pk, key in _candidates(job, places.full, limit):
            if pk not in chosen and len(chosen) < limit and places.take(key):
                chosen[pk] = None
        if len(chosen) == limit or len(places.full) == full_before:
            break
    if not chosen:
        return []
    ImportJob.objects.filter(pk=job.pk).update(drawn_at=from_now())
    items = ImportItem.objects.filter(pk__in=list(chosen), held=False, waits_for__isnull=True)
    return items.order_by("host_key", "due_at", "position").claim(limit, lease=_lease())


def claim_at_host(job: OpenJob, key: int, limit: int) -> list[ImportItem]:
    """Items at one host, whatever its places."""
    items = ImportItem.objects.filter(job=job.pk, host_key=key, held=False, waits_for__isnull=True)
    claimed = items.order_by("due_at", "position").claim(limit, lease=_lease())
    if claimed:
        ImportJob.objects.filter(pk=job.pk).update(drawn_at=from_now())
    return claimed


def any_host_of(job: OpenJob, keys: Collection[int]) -> int | None:
    """One of these hosts at which the job has an item that may be claimed."""
    items = ImportItem.objects.due().filter(job=job.pk, host_key__in=list(keys), held=False, waits_for__isnull=True)
    return items.values_list("host_key", flat=True).first()


def name_hosts(job: OpenJob) -> None:
    """Give the items of a job their hosts, if the web process that accepted them did not."""
    items = ImportItem.objects.filter(job=job.pk)
    if items.filter(position=0, host_key=0).exists():
        item_hosts.name_hosts(items)


def _candidates(job: OpenJob, full: Collection[int], limit: int) -> Iterator[tuple[int, int]]:
    """Primary keys and hosts of items that are due, but for hosts that are full: each gap between those is a range of
    the index."""
    due = ImportItem.objects.due().filter(job=job.pk, held=False, waits_for__isnull=True)
    if len(full) > MAX_GAPS:
        other = due.exclude(host_key__in=list(full)).order_by("host_key", "due_at", "position")
        yield from other.values_list("pk", "host_key")[:limit]
        return
    edges = [0, *sorted(full)]
    left = limit
    for number, edge in enumerate(edges):
        gap = Q(host_key__gt=edge)
        if number + 1 < len(edges):
            gap &= Q(host_key__lt=edges[number + 1])
        rows = due.filter(gap).order_by("host_key", "due_at", "position").values_list("pk", "host_key")[:left]
        for pk, key in rows:
            left -= 1
            yield pk, key
        if left <= 0:
            return


class HostPlaces:
    """What each host may still be given in one claim."""

    def __init__(self, allowance: Callable[[int], int], full: Collection[int]) -> None:
        """`allowance`: of a host's key, the number of items that it may get. `full`: those that get none."""
        self._allowance = allowance
        self._taken: Counter[int] = Counter()
        self.full = set(full)

    def take(self, key: int) -> bool:
        """Take a place; False, and the host is full from now on, when there is none."""
        if key in self.full:
            return False
        if self._taken[key] >= self._allowance(key):
            self.full.add(key)
            return False
        self._taken[key] += 1
        return True
