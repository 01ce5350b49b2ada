"""Carry out operations, batch by batch, under a lease: a worker that is killed loses nothing and does nothing twice.

A batch is one transaction: it locks the operation, reads the rights of the user, carries out the rows, and writes down
how far it is. Locks are taken in the order operation, item, object, job.
"""

import logging
import time
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import Error, transaction
from django.db.models import F, Min
from django.db.models.functions import Coalesce

from livingdocs_import.db.clock import from_now
from livingdocs_import.models.operation import Operation, OperationFailure, SelectedRow
from livingdocs_import.operations import steps
from livingdocs_import.operations.kinds import Batch, BatchResult, of_all_apps
from livingdocs_import.work_queue import lease, shutdown
from livingdocs_import.work_queue.retry_transaction import begun_again

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
TURN_SECONDS = 20.0  # after which others that are due come first
RETRY_AFTER = timedelta(seconds=15)
MAX_ATTEMPTS = 8  # at one batch, that an error ended
MAX_LOSSES = 3  # of workers at one batch


def any_due() -> bool:
    """Whether a worker has something to do."""
    return Operation.objects.all().due().exists()


def work() -> int:
    """Carry out what is due until nothing is, or the process is asked to stop; returns the number of batches."""
    batches = 0
    leases = lease.Leases(Operation, LEASE)
    with leases.renewed():
        while not shutdown.asked() and (operation := _claim()) is not None:
            leases.add([operation])
            try:
                batches += _take_turn(operation)
            finally:
                leases.remove([operation])
    return batches


@transaction.atomic
def _claim() -> Operation | None:
    """The operation that has waited longest."""
    claimed = Operation.objects.order_by("due_at", "pk").take(1, lease=LEASE)
    for operation in claimed:
        running = Operation.objects.filter(pk=operation.pk)
        running.update(state=Operation.State.RUNNING, started_at=Coalesce("started_at", from_now()))
    return claimed[0] if claimed else None


def _take_turn(claimed: Operation) -> int:
    """Some batches of an operation, which is then released."""
    if claimed.losses >= MAX_LOSSES or claimed.attempts >= MAX_ATTEMPTS:
        steps.cancel(claimed, note="stopped: an error or a killed process ended it again and again, see the log")
        return 0
    batches, until = 0, time.monotonic() + TURN_SECONDS
    try:
        while not shutdown.asked() and time.monotonic() < until:
            if not begun_again(partial(_carry_out_next, claimed)):
                return batches
            batches += 1
        lease.release(Operation, [claimed])
    except Error:
        log.warning("operation %d: tried again in a moment", claimed.pk, exc_info=True)
        _try_later(claimed)
    except Exception:
        log.exception("operation %d: tried again in a moment", claimed.pk)
        _try_later(claimed)
    return batches


def _try_later(claimed: Operation) -> None:
    try:
        lease.release(Operation, [claimed], after=RETRY_AFTER, counted=True)
    except Error:  # the database is away: the lease ends
        log.warning("operation %d: not released", claimed.pk, exc_info=True)


@transaction.atomic
def _carry_out_next(claimed: Operation) -> bool:
    """Carry out the next batch; False if there is none, or the operation is not this worker's any more."""
    operation = Operation.objects.select_for_update().filter(claimed.still_claimed()).first()
    if operation is None:
        return False
    ahead = SelectedRow.objects.filter(operation=operation, batch__gt=operation.last_batch)
    batch = ahead.aggregate(first=Min("batch"))["first"]
    if batch is None:
        _end(operation)
        return False
    user, kind = _user(operation), of_all_apps().get(operation.kind)
    if kind is None or user is None or not user.has_perm(kind.permission):
        why = "it is not known any more" if kind is None else f"{operation.by} may not do this any more"
        steps.cancel(operation, note=f"stopped: {why}")
        return False
    keys = list(ahead.filter(batch=batch).order_by("key").values_list("key", flat=True))
    _write(operation, batch, len(keys), kind.carry_out(Batch(keys, user, operation.inputs)))
    return True


def _user(operation: Operation) -> Any:
    """Who confirmed it, with the rights of this moment; None: they do not exist any more, or may not log in."""
    user = operation.user
    return user if user is not None and user.is_active else None


def _write(operation: Operation, batch: int, number: int, result: BatchResult) -> None:
    OperationFailure.objects.bulk_create(
        OperationFailure(operation=operation, key=row.key, name=row.name[:300], reason=row.reason[:1000])
        for row in result.failed
    )
    Operation.objects.filter(pk=operation.pk).update(
        last_batch=batch,
        done=F("done") + result.done,
        failed=F("failed") + len(result.failed),
        skipped=F("skipped") + number - result.done - len(result.failed),
        attempts=0,
        losses=0,
    )


def _end(operation: Operation) -> None:
    Operation.objects.filter(pk=operation.pk).update(
        state=Operation.State.DONE, due_at=None, claimed=False, ended_at=from_now()
    )
