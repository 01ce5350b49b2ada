"""Jobs whose due items are all at hosts outside their hours: workers skip them until the hours begin.

They wait for hours. Querying each of them as often as others would cost hundreds of queries a second without work.
"""

import time
from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import pairwise

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from imports.claiming import due_jobs
from imports.claiming.host_brakes import is_open
from imports.claiming.waiting import DOWNLOADED
from imports.models import ImportItem, ImportJob
from livingdocs_import.db import clock
from livingdocs_import.db.clock import from_now
from livingdocs_import.models import HostBrake

LOOK_SECONDS = 5.0  # the maximum delay of a job after the hours of its host begin
MAX_HOSTS = 20  # hosts closed at the same time; with more of them the jobs are queried like all others


class OutOfHours:
    """The jobs as of the last query of this process."""

    def __init__(self, *, look_seconds: float = LOOK_SECONDS) -> None:
        self.look_seconds = look_seconds
        self._jobs: Collection[int] = ()
        self._look_at = 0.0

    def jobs(self) -> Collection[int]:
        """Their primary keys."""
        if time.monotonic() >= self._look_at:
            self._jobs = jobs_out_of_hours()
            self._look_at = time.monotonic() + self.look_seconds
        return self._jobs


def jobs_out_of_hours(*, silent: Collection[int] = (), now: datetime | None = None) -> set[int]:
    """The primary keys of open jobs whose due items are all at hosts outside their hours, or at `silent` hosts.

    `now`: the database's time, if it was asked already.
    """
    brakes = list(HostBrake.objects.filter(open_from__isnull=False))
    if not brakes and not silent:
        return set()
    now, job_ids = now or clock.now(), set()
    jobs = due_jobs.open_jobs().filter(kind__in=DOWNLOADED)
    for zone in jobs.order_by().values_list("project__time_zone", flat=True).distinct():
        closed = sorted({*silent, *(brake.key for brake in brakes if not is_open(brake, now, zone))})
        if 0 < len(closed) <= MAX_HOSTS:
            job_ids |= set(_only_at(closed, jobs.filter(project__time_zone=zone)))
    return job_ids


def _only_at(hosts: Sequence[int], jobs: QuerySet[ImportJob]) -> QuerySet[ImportJob, int]:
    """Those of the jobs that have due items at these hosts only; each gap between them is a range of the index."""
    due = ImportItem.objects.filter(job=OuterRef("pk"), due_at__lte=from_now(), blocked_by__isnull=True, claimed=False)

    def first(where: Q) -> Subquery:
        return Subquery(due.filter(where).order_by("host_key", "due_at").values("pk")[:1])

    between = [Q(host_key__gt=low, host_key__lt=high) for low, high in pairwise(hosts)]
    gaps = [Q(host_key__gt=0, host_key__lt=hosts[0]), *between, Q(host_key__gt=hosts[-1])]
    elsewhere = Coalesce(*map(first, gaps))
    there = Subquery(due.filter(host_key__in=hosts).values("pk")[:1])  # unordered: ordering would read all of them
    chosen = jobs.alias(there=there, elsewhere=elsewhere).filter(there__isnull=False, elsewhere__isnull=True)
    return chosen.values_list("pk", flat=True)[: due_jobs.MAX_JOBS]
