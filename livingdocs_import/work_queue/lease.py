"""Rows that workers pick up: the row is the queue, a broker message only wakes them.

`due_at` is schedule, lease and back-off in one column. `held` says which of them it is: a row that is held and due
belonged to a worker that died. `fence` counts the claims: a worker whose lease ran out finds the number changed and
leaves no trace. `attempts` counts the tries whose end is known and was the other side's doing; `losses` counts the
claims that nobody ended (docs/specification/attempts.md). Due moments and leases are judged by the database's clock.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
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
        """Rows that a worker may take now (or `at` that moment): waiting, or held by a worker that has gone silent."""
        return self.filter(due_at__lte=from_now() if at is None else at)

    def claim(self, limit: int, *, lease: timedelta, accept: Callable[[W], bool] | None = None) -> list[W]:
        """Take up to `limit` due rows of this queryset, in its order; nobody else gets them while the lease is kept.

        The rows come back with `fence` and `losses` as they are after the claim. A row that was held lost its worker.
        Of the first `limit` rows those are left alone that `accept` says no to.
        """
        with transaction.atomic():
            return self.take(limit, lease=lease, accept=accept)

    def take(self, limit: int, *, lease: timedelta, accept: Callable[[W], bool] | None = None) -> list[W]:
        """As `claim`, as a part of the transaction that the caller has begun."""
        rows = list(self.due().select_for_update(skip_locked=True, of=("self",))[:limit])
        if accept is not None:
            rows = [row for row in rows if accept(row)]
        if rows:
            self.model._default_manager.filter(pk__in=[row.pk for row in rows]).update(
                fence=F("fence") + 1,
                losses=Case(
                    When(held=True, then=F("losses") + 1), default=F("losses"), output_field=models.IntegerField()
                ),
                held=True,
                due_at=from_now(lease),
            )
        for row in rows:
            row.fence, row.losses, row.held = row.fence + 1, row.losses + row.held, True
        return rows


class Work(models.Model):
    """Something to be done once, by whoever comes first, and again by somebody else if that one dies."""

    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    losses = models.SmallIntegerField(default=0, db_default=0)
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


def give_back(
    model: type[W], rows: Iterable[W], *, after: timedelta = timedelta(0), counted: bool = False, **fields: Any
) -> set[int]:
    """Let rows go, to be taken again `after` that time; the keys of those that were still this worker's.

    `counted`: a try has ended through the other side's doing. `fields` are written besides. Rows of one call go in one
    statement, so they share all of that.
    """
    rows = list(rows)
    if not rows:
        return set()
    with transaction.atomic():
        ours = lock_ours(model, rows)
        if counted:
            fields["attempts"] = F("attempts") + 1
        model._default_manager.filter(pk__in=ours).update(due_at=from_now(after), held=False, **fields)
    for row in rows:
        row.held &= row.pk not in ours
    return ours


def lose(model: type[W], rows: Iterable[W]) -> None:
    """End the leases of rows as the death of this worker would: who claims them next counts a loss."""
    for row in rows:
        model._default_manager.filter(row.still_ours(), held=True).update(due_at=from_now())


def take_back_claims(model: type[W], rows: Sequence[W]) -> None:
    """Let go of rows whose claim ended through no fault of theirs, whoever has them by now.

    One that another worker has taken over meanwhile was counted as lost by it: that is taken back. What was given
    back in the ordinary way, or has ended, stays as it is.
    """
    ours = give_back(model, [row for row in rows if row.held])
    for row in rows:
        if row.held and row.pk not in ours:
            taken_over = model._default_manager.filter(pk=row.pk, fence__gt=row.fence, due_at__isnull=False)
            taken_over.update(losses=Greatest(F("losses") - 1, Value(0)))


class Leases(Generic[W]):
    """The rows that this process holds; a thread renews their leases, so only a dead or frozen process goes silent."""

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
        """What is held now."""
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
                    ours = lock_ours(self.model, rows, wait=False) if rows else set()
                    held = self.model._default_manager.filter(pk__in=ours, held=True)  # and not given back meanwhile
                    held.update(due_at=from_now(self.lease))
            except Error:  # a database that restarts is back for the next renewal: two may fail before the lease ends
                log.warning("the leases of %d rows were not renewed", len(rows), exc_info=True)
            finally:
                connection.close()


@contextmanager
def lease_kept(model: type[W], rows: Sequence[W], lease: timedelta) -> Iterator[None]:
    """Renew the leases of these rows from a thread until the block ends."""
    leases = Leases(model, lease)
    leases.add(rows)
    with leases.renewed():
        yield
