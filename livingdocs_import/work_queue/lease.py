"""Rows that workers claim under a lease: the row is the queue, a broker message only notifies.

`due_at` is schedule, lease and back-off in one column. `claimed` says which: a row that is claimed and due belonged to
a worker that died. `claim_number` is the fencing token: a worker whose lease ran out finds it changed and writes
nothing. `attempts` counts attempts that the other side ended; `losses` counts claims that were never ended
(docs/specification/attempts.md). The database's clock decides about due times and leases.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, Self, TypeVar

from django.db import Error, connection, models, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Greatest
from django.utils import timezone

from livingdocs_import.db.clock import from_now

log = logging.getLogger(__name__)
W = TypeVar("W", bound="Work")


class WorkQuerySet(QuerySet[W], Generic[W]):
    """Operations on many rows."""

    def due(self, at: datetime | None = None) -> Self:
        """Rows that may be claimed now, or `at` that time: waiting, or with an expired lease."""
        return self.filter(due_at__lte=from_now() if at is None else at)

    def claim(self, limit: int, *, lease: timedelta, accept: Callable[[W], bool] | None = None) -> list[W]:
        """Claim up to `limit` due rows of this queryset, in its order; no other worker can while the lease is renewed.

        The rows have the `claim_number` and `losses` of the claim. A row that was claimed before lost its worker. Of
        the first `limit` rows, those that `accept` rejects stay unclaimed.
        """
        with transaction.atomic():
            return self.take(limit, lease=lease, accept=accept)

    def take(self, limit: int, *, lease: timedelta, accept: Callable[[W], bool] | None = None) -> list[W]:
        """As `claim`, inside the caller's transaction."""
        rows = list(self.due().select_for_update(skip_locked=True, of=("self",))[:limit])
        if accept is not None:
            rows = [row for row in rows if accept(row)]
        if rows:
            self.model._default_manager.filter(pk__in=[row.pk for row in rows]).update(
                claim_number=F("claim_number") + 1,
                losses=Case(
                    When(claimed=True, then=F("losses") + 1), default=F("losses"), output_field=models.IntegerField()
                ),
                claimed=True,
                due_at=from_now(lease),
            )
        for row in rows:
            row.claim_number, row.losses, row.claimed = row.claim_number + 1, row.losses + row.claimed, True
        return rows


class Work(models.Model):
    """A unit of work: done once by one worker, and again by another one if that worker dies."""

    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    losses = models.SmallIntegerField(default=0, db_default=0)
    claim_number = models.PositiveIntegerField(default=0, db_default=0)
    claimed = models.BooleanField(default=False, db_default=False)
    due_at = models.DateTimeField(null=True, default=timezone.now)  # null: nothing left to do

    class Meta:
        abstract = True

    def still_claimed(self) -> Q:
        """The row while this worker's claim holds: for the WHERE clauses of its writes."""
        return Q(pk=self.pk, claim_number=self.claim_number, due_at__isnull=False)


def lock_claimed(model: type[W], rows: Sequence[W], *, wait: bool = True) -> set[int]:
    """Lock the rows that this worker still has claimed and return their primary keys; inside a transaction.

    Rows that another worker has taken over, or that were cancelled, are not among them; without `wait`, neither are
    rows that are locked now.
    """
    claim_numbers = {row.pk: row.claim_number for row in rows}
    locked = (
        model._default_manager.filter(pk__in=claim_numbers, due_at__isnull=False)
        .order_by("pk")
        .select_for_update(skip_locked=not wait)
        .values_list("pk", "claim_number")
    )
    return {pk for pk, claim_number in locked if claim_numbers[pk] == claim_number}


def release(
    model: type[W], rows: Iterable[W], *, after: timedelta = timedelta(0), counted: bool = False, **fields: Any
) -> set[int]:
    """Release rows, to be claimed again `after` that time; returns the keys of those still claimed by this worker.

    `counted`: this claim counts as an attempt. `fields` are written as well. One statement writes all rows, so they
    share these values. The objects are marked unclaimed as soon as that is committed.
    """
    rows = list(rows)
    if not rows:
        return set()
    with transaction.atomic():
        keys = lock_claimed(model, rows)
        if counted:
            fields["attempts"] = F("attempts") + 1
        model._default_manager.filter(pk__in=keys).update(due_at=from_now(after), claimed=False, **fields)
        transaction.on_commit(partial(_note_released, [row for row in rows if row.pk in keys]))
    return keys


def _note_released(rows: Iterable[Work]) -> None:
    for row in rows:
        row.claimed = False


def lose(model: type[W], row: W, *, at_least: int = 0) -> None:
    """Let the lease of a row expire now, as if this worker had died: the next claim counts a loss.

    Earlier losses count as `at_least` this many.
    """
    still_claimed = model._default_manager.filter(row.still_claimed(), claimed=True)
    still_claimed.update(due_at=from_now(), losses=Greatest(F("losses"), Value(at_least)))


def refund_claims(model: type[W], rows: Sequence[W]) -> None:
    """Release rows whose claim ended by an outage, and undo the loss that another worker may have counted.

    Rows that were released before, or have ended, stay as they are.
    """
    keys = release(model, [row for row in rows if row.claimed])
    for row in rows:
        if row.claimed and row.pk not in keys:
            taken_over = model._default_manager.filter(
                pk=row.pk, claim_number__gt=row.claim_number, due_at__isnull=False
            )
            taken_over.update(losses=Greatest(F("losses") - 1, Value(0)))


class Leases(Generic[W]):
    """The rows that this process has claimed; a thread renews their leases (the heartbeat)."""

    def __init__(self, model: type[W], lease: timedelta) -> None:
        self.model = model
        self.lease = lease
        self._rows: dict[int, W] = {}
        self._changing = threading.Lock()

    def add(self, rows: Iterable[W]) -> None:
        with self._changing:
            self._rows.update({row.pk: row for row in rows})

    def remove(self, rows: Iterable[W]) -> None:
        with self._changing:
            for row in rows:
                self._rows.pop(row.pk, None)

    def rows(self) -> list[W]:
        """The rows whose leases are renewed now."""
        with self._changing:
            return list(self._rows.values())

    @contextmanager
    def renewed(self) -> Iterator[None]:
        """Renew from a thread until the block ends."""
        over = threading.Event()
        thread = threading.Thread(target=self._renew, args=(over,), name="leases", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _renew(self, over: threading.Event) -> None:
        while not over.wait(self.lease.total_seconds() / 3):
            rows = self.rows()
            try:
                with transaction.atomic():
                    # Skip locked rows: their owner is finishing them, and waiting could deadlock.
                    keys = lock_claimed(self.model, rows, wait=False) if rows else set()
                    claimed = self.model._default_manager.filter(
                        pk__in=keys, claimed=True
                    )  # and not released in between
                    claimed.update(due_at=from_now(self.lease))
            except Error:  # a restarting database is back for the next renewal: two may fail before the lease ends
                log.warning("the leases of %d rows were not renewed", len(rows), exc_info=True)
            finally:
                connection.close()
