"""Rows that workers pick up: the row is the queue, a broker message only rings the bell.

`due_at` is schedule, lease and back-off in one column. `held` says which of them it is: a row that is held and due
belonged to a worker that died. `fence` counts the claims: a worker whose lease ran out finds the number changed and
leaves no trace. `attempts` counts the tries that were begun, but for those that ended through no fault of the row.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Generic, Self, TypeVar

from django.db import Error, connection, models, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone

log = logging.getLogger(__name__)
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
                    fence=F("fence") + 1, attempts=F("attempts") + 1, held=True, due_at=now + lease
                )
        for row in rows:
            row.fence, row.attempts, row.held, row.due_at = row.fence + 1, row.attempts + 1, True, now + lease
        return rows


class Work(models.Model):
    """Something to be done once, by whoever comes first, and again by somebody else if that one dies."""

    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    fence = models.PositiveIntegerField(default=0, db_default=0)
    held = models.BooleanField(default=False, db_default=False)
    due_at = models.DateTimeField(null=True, default=timezone.now)  # null: nothing left to do

    class Meta:
        abstract = True

    def still_ours(self) -> Q:
        """The row as this worker holds it: to be put into the WHERE of whatever it writes."""
        return Q(pk=self.pk, fence=self.fence, due_at__isnull=False)


def lock_ours(model: type[W], rows: Sequence[W], *, wait: bool = True) -> set[int]:
    """Lock the rows that are still held by this worker and return their primary keys; inside a transaction.

    Rows that another worker has taken over, or that were cancelled meanwhile, are not among them; without `wait`,
    neither are those that somebody has locked right now.
    """
    fences = {row.pk: row.fence for row in rows}
    found = (
        model._default_manager.filter(pk__in=fences, due_at__isnull=False)
        .order_by("pk")
        .select_for_update(skip_locked=not wait)
        .values_list("pk", "fence")
    )
    return {pk for pk, fence in found if fences[pk] == fence}


def give_back(model: type[W], row: W, due_at: datetime, *, counted: bool) -> bool:
    """Let a row go, to be taken again at `due_at`; a try that was not even begun is not counted.

    False when it was no longer ours: then nothing happens.
    """
    # Not below zero: whoever had the row before may have taken its own try back, not knowing that it had already.
    attempts = F("attempts") if counted else Greatest(F("attempts") - 1, 0)
    ours = model._default_manager.filter(row.still_ours(), held=True)
    given = bool(ours.update(due_at=due_at, held=False, attempts=attempts))
    row.held &= not given
    return given


def uncount(model: type[W], row: W) -> None:
    """Take back the claim of a row whose try ended through no fault of its own, whoever has the row by now.

    What was given back in the ordinary way, or has ended, stays as it is.
    """
    if row.held and not give_back(model, row, timezone.now(), counted=False):
        taken_over = model._default_manager.filter(pk=row.pk, fence__gt=row.fence, due_at__isnull=False, attempts__gt=0)
        taken_over.update(attempts=F("attempts") - 1)


@contextmanager
def lease_kept(model: type[W], rows: Sequence[W], lease: timedelta) -> Iterator[None]:
    """Renew the rows' lease from a thread until the block ends: only a dead or frozen worker goes silent."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(lease.total_seconds() / 3):
            try:
                with transaction.atomic():
                    # No waiting: who has a row locked is ending it, and two who wait for each other are a deadlock.
                    ours = lock_ours(model, rows, wait=False)
                    model._default_manager.filter(pk__in=ours).update(due_at=timezone.now() + lease)
            except Error:  # a database that restarts is back for the next renewal: two may fail before the lease ends
                log.warning("a lease on %d rows was not renewed", len(rows), exc_info=True)
            finally:
                connection.close()

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
