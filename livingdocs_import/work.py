"""Rows that workers pick up: the row is the queue, a broker message only rings the bell.

`due_at` is schedule, lease and back-off in one column. `fence` counts the claims of a row: a worker whose lease ran
out finds the number changed and leaves no trace. `attempts` counts the tries that were begun.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Generic, Self, TypeVar

from django.db import connection, models, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone

W = TypeVar("W", bound="Work")


class WorkQuerySet(QuerySet[W], Generic[W]):
    """The verbs over many rows."""

    def due(self, now: datetime) -> Self:
        """Rows that a worker may take now: waiting, or held by a worker that has gone silent."""
        return self.filter(due_at__lte=now)

    def claim(self, limit: int, *, lease: timedelta) -> list[W]:
        """Take up to `limit` due rows of this queryset, in its order; nobody else gets them while the lease is kept.

        The rows come back with `fence` and `attempts` as they are after the claim.
        """
        now = timezone.now()
        with transaction.atomic():
            rows = list(self.due(now).select_for_update(skip_locked=True, of=("self",))[:limit])
            if rows:
                self.model._default_manager.filter(pk__in=[row.pk for row in rows]).update(
                    fence=F("fence") + 1, attempts=F("attempts") + 1, due_at=now + lease
                )
        for row in rows:
            row.fence, row.attempts, row.due_at = row.fence + 1, row.attempts + 1, now + lease
        return rows


class Work(models.Model):
    """Something to be done once, by whoever comes first, and again by somebody else if that one dies."""

    attempts = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True, default=timezone.now)  # null: nothing left to do

    class Meta:
        abstract = True

    def still_ours(self) -> Q:
        """The row as this worker holds it: to be put into the WHERE of whatever it writes."""
        return Q(pk=self.pk, fence=self.fence, due_at__isnull=False)


def lock_ours(model: type[W], rows: Sequence[W]) -> set[int]:
    """Lock the rows that are still held by this worker and return their primary keys; inside a transaction.

    Rows that another worker has taken over, or that were cancelled meanwhile, are not among them.
    """
    fences = {row.pk: row.fence for row in rows}
    found = (
        model._default_manager.filter(pk__in=fences, due_at__isnull=False)
        .order_by("pk")
        .select_for_update()
        .values_list("pk", "fence")
    )
    return {pk for pk, fence in found if fences[pk] == fence}


def give_back(model: type[W], rows: Sequence[W], *, due_at: Sequence[datetime]) -> None:
    """Let the rows go, to be taken again at the given moments (one a row). Rows no longer ours are left alone."""
    if not rows:
        return
    ours = Q()
    for row in rows:
        ours |= row.still_ours()
    moments = Case(*[When(pk=row.pk, then=Value(moment)) for row, moment in zip(rows, due_at, strict=True)])
    model._default_manager.filter(ours).update(due_at=Case(When(due_at__isnull=False, then=moments)))


@contextmanager
def lease_kept(model: type[W], rows: Sequence[W], lease: timedelta) -> Iterator[None]:
    """Renew the rows' lease from a thread until the block ends: only a dead or frozen worker goes silent."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(lease.total_seconds() / 3):
            ours = Q()
            for row in rows:
                ours |= row.still_ours()
            try:
                model._default_manager.filter(ours).update(due_at=timezone.now() + lease)
            finally:
                connection.close()

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def rows_by_outcome(rows: Sequence[Any]) -> dict[str, int]:
    """How many rows ended how: `{"success": 2, "failed": 1}`."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.outcome] = counts.get(row.outcome, 0) + 1
    return counts
