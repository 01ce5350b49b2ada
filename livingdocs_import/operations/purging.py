"""Remove what is left of operations: those that were never confirmed, selections of ended ones, and old ones."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from livingdocs_import.models.operation import Operation, OperationFailure, SelectedRow
from livingdocs_import.operations import steps

ASKED_FOR = timedelta(hours=1)  # that a question waits for its answer
ROWS = 20_000  # of a selection, removed in one round


def purge(kept_for: timedelta) -> int:
    """One round; returns the number of rows that were removed."""
    for operation in Operation.objects.filter(state=Operation.State.ASKED, created_at__lt=timezone.now() - ASKED_FOR):
        steps.cancel(operation, note="not confirmed within an hour")
    return _remove_selection() + _remove_old(kept_for)


def outdated(kept_for: timedelta) -> QuerySet[Operation]:
    """Ended operations that are older."""
    return Operation.objects.filter(ended_at__isnull=False, created_at__lt=timezone.now() - kept_for)


def _remove_selection() -> int:
    ended = Operation.objects.filter(
        Q(ended_at__isnull=False), Exists(SelectedRow.objects.filter(operation=OuterRef("pk")))
    )
    operation = ended.order_by("pk").first()
    if operation is None:
        return 0
    rows = SelectedRow.objects.filter(operation=operation)
    batch = max(rows.order_by("batch", "key").values_list("batch", flat=True)[:ROWS])
    return rows.filter(batch__lte=batch).delete()[0]


def _remove_old(kept_for: timedelta) -> int:
    old = list(outdated(kept_for).order_by("created_at").values_list("pk", flat=True)[:20])
    failures = OperationFailure.objects.filter(operation__in=old).values_list("pk", flat=True)[:ROWS]
    if failures:
        return OperationFailure.objects.filter(pk__in=list(failures)).delete()[0]
    empty = Operation.objects.filter(pk__in=old).filter(~Exists(SelectedRow.objects.filter(operation=OuterRef("pk"))))
    return empty.delete()[0]
