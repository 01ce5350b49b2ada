"""Which open jobs have items that a worker may take now.

Each job is asked by itself, with a LIMIT of one row: that reads one entry of an index per job, however many items wait
for their next try. As EXISTS in a filter PostgreSQL would be free to read the whole table of items.
"""

from collections.abc import Collection
from datetime import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.expressions import Combinable

from imports.models import ImportItem, ImportJob

MAX_JOBS = 1_000  # that are asked, those first that no worker has taken from for the longest time


def oldest_due(now: datetime | Combinable) -> Subquery:
    """Of each job in the outer query the `due_at` of the item that has been due for longest; NULL: none is due."""
    items = ImportItem.objects.filter(job=OuterRef("pk"), blocked_by__isnull=True, due_at__lte=now)
    return Subquery(items.order_by("due_at").values("due_at")[:1])


def open_jobs() -> QuerySet[ImportJob]:
    """Jobs that are neither finished nor paused, those first that no worker has taken from for the longest time."""
    started = ImportJob.objects.filter(state=ImportJob.State.STARTED, paused_at__isnull=True)
    return started.order_by(F("last_claimed_at").asc(nulls_first=True), "pk")


def count_due(now: datetime | Combinable, *, limit: int, but_for: Collection[int] = ()) -> int:
    """How many jobs, `but_for` these, have something due; `limit` at most."""
    due = open_jobs().exclude(pk__in=but_for).annotate(oldest_due=oldest_due(now)).filter(oldest_due__isnull=False)
    return len(due.values_list("pk")[:limit])
