"""Find open jobs with claimable items.

Each job is queried by itself, with a LIMIT of one row: that reads one entry of an index per job, however many items
wait for a retry. With EXISTS in a filter PostgreSQL might read the whole table of items.
"""

from collections.abc import Collection
from datetime import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.expressions import Combinable

from imports.models import ImportItem, ImportJob

MAX_JOBS = 1_000  # jobs per query, least recently claimed first


def oldest_due(now: datetime | Combinable) -> Subquery:
    """For each job in the outer query the smallest `due_at` of its due items; NULL: none is due."""
    items = ImportItem.objects.filter(job=OuterRef("pk"), blocked_by__isnull=True, due_at__lte=now)
    return Subquery(items.order_by("due_at").values("due_at")[:1])


def open_jobs() -> QuerySet[ImportJob]:
    """Jobs that are neither finished nor paused, least recently claimed first."""
    started = ImportJob.objects.filter(state=ImportJob.State.STARTED, paused_at__isnull=True)
    return started.order_by(F("last_claimed_at").asc(nulls_first=True), "pk")


def count_due(now: datetime | Combinable, *, limit: int, but_for: Collection[int] = ()) -> int:
    """The number of jobs, except `but_for`, with due items; `limit` at most."""
    due = open_jobs().exclude(pk__in=but_for).annotate(oldest_due=oldest_due(now)).filter(oldest_due__isnull=False)
    return len(due.values_list("pk")[:limit])
