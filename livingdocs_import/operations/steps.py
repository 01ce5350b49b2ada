"""The steps of an operation up to its work: freeze what is chosen, begin once it is confirmed, cancel."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from livingdocs_import.db.clock import from_now
from livingdocs_import.db.lookups import planned_anew
from livingdocs_import.errors import ImportServiceError
from livingdocs_import.models.operation import Operation, SelectedRow
from livingdocs_import.models.project import Project
from livingdocs_import.operations.kinds import Kind

MAX_AT_ONCE = 200  # rows that are carried out in the request itself
MAX_SELECTED = 2_000_000  # rows of one operation

# One statement: a million keys never leave the database.
_FREEZE = """
    INSERT INTO {table} (operation_id, batch, key)
    WITH chosen ({columns}) AS ({chosen})
    SELECT %s, {batch}, key FROM chosen
"""


class TooManySelected(ImportServiceError):
    """More rows than one operation may have."""


@transaction.atomic
def freeze(rows: QuerySet[Any], kind: Kind, *, user: Any, project: Project | None) -> Operation:
    """Store which rows are chosen now, to be asked about: what is added or changed later is not among them.

    Raises TooManySelected; nothing is stored then.
    """
    operation = Operation.objects.create(
        project=project, user=user, by=user.get_username(), kind=kind.name, label=kind.label
    )
    operation.total = _insert(operation, rows, kind)
    if operation.total > MAX_SELECTED:
        raise TooManySelected(f"more than {MAX_SELECTED:,} rows")
    operation.save(update_fields=["total"])
    return operation


def _insert(operation: Operation, rows: QuerySet[Any], kind: Kind) -> int:
    columns = (kind.together, "pk") if kind.together else ("pk",)
    chosen, values = rows.order_by().values_list(*columns)[: MAX_SELECTED + 1].query.sql_with_params()
    sql = _FREEZE.format(
        table=connection.ops.quote_name(SelectedRow._meta.db_table),
        columns="batch, key" if kind.together else "key",
        chosen=chosen,
        batch="batch" if kind.together else f"(ROW_NUMBER() OVER (ORDER BY key) + {kind.rows - 1}) / {kind.rows}",
    )
    with planned_anew(), connection.cursor() as cursor:
        cursor.execute(sql, [*values, operation.pk])
        return int(cursor.rowcount)


def begin(operation: Operation, inputs: Mapping[str, Any]) -> bool:
    """Begin what was confirmed. False if it was begun or cancelled before."""
    asked = Operation.objects.filter(pk=operation.pk, state=Operation.State.ASKED)
    return bool(asked.update(state=Operation.State.WAITING, due_at=from_now(), inputs=dict(inputs)))


def cancel(operation: Operation, *, note: str) -> bool:
    """End it after the batch that is being carried out; what is done stays. False if it has ended."""
    open_states = (Operation.State.ASKED, Operation.State.WAITING, Operation.State.RUNNING)
    going_on = Operation.objects.filter(pk=operation.pk, state__in=open_states)
    return bool(
        going_on.update(
            state=Operation.State.CANCELLED, due_at=None, claimed=False, ended_at=from_now(), note=note[:200]
        )
    )
