"""Queries written so that an index answers them, whatever the size of the table and the planner's statistics."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, models

_SET_SEQSCAN = "SELECT set_config('enable_seqscan', %s, true)"  # true: until the transaction ends


def keys(model: type[models.Model], name: str, values: Sequence[str], **fixed: Any) -> list[int]:
    """The primary keys of rows that have one of these values in a field, and the `fixed` ones in others.

        lookups.keys(ImportLog, "external_id", ["a", "b"], project=project.pk, system_name="wires")

    All these fields together are a unique constraint. The SQL leaves PostgreSQL no choice of plan: for `IN`, without
    statistics of a table that is being filled, it would read all rows of the project each time.
    """
    return _found(model, "id", "pk", name, values, fixed)


def existing(model: type[models.Model], name: str, values: Sequence[str], **fixed: Any) -> set[str]:
    """Those of the values that some row has in a field, with the `fixed` ones in others; an index begins with these."""
    return set(_found(model, _column(model, name), name, name, values, fixed))


def _found(
    model: type[models.Model], column: str, field: str, name: str, values: Sequence[str], fixed: Mapping[str, Any]
) -> list[Any]:
    """A column, which is called `field` in models, of a row for each value that has one."""
    if not values:
        return []
    if connection.vendor != "postgresql":
        rows = model._default_manager.filter(**fixed, **{f"{name}__in": values})
        return list(rows.values_list(field, flat=True).distinct())
    table = connection.ops.quote_name(model._meta.db_table)
    conditions = "".join(f"{_column(model, each)} = %s AND " for each in fixed)
    each = f"SELECT {column} FROM {table} WHERE {conditions}{_column(model, name)} = wanted.value LIMIT 1"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT found.* FROM unnest(%s::text[]) AS wanted (value) CROSS JOIN LATERAL ({each}) AS found",  # noqa: S608
            [list(values), *fixed.values()],
        )
        return [row[0] for row in cursor.fetchall()]


@contextmanager
def planned_anew() -> Iterator[None]:
    """Within this block PostgreSQL plans each query for its actual values.

    A query that a connection has prepared (see DATABASE_PREPARES) is planned for average values. For a page of the
    links to a target that plan is right with a dozen of them, and reads them all when there are a hundred thousand.
    """
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    raw: Any = connection.connection
    before, raw.prepare_threshold = raw.prepare_threshold, None
    try:
        yield
    finally:
        raw.prepare_threshold = before


@contextmanager
def read_by_index() -> Iterator[None]:
    """Within this block, which is in a transaction, PostgreSQL reads a table whole only where no index will do.

    For queries in no order that stop after some thousand rows. Where the planner takes a rare word for a frequent one
    (of beginnings it always assumes some per cent), it would read the table from its start, past all that lack it.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(_SET_SEQSCAN, ["off"])
        yield  # an error undoes the setting with the transaction
        cursor.execute(_SET_SEQSCAN, ["on"])


@models.BigIntegerField.register_lookup
@models.ForeignKey.register_lookup
class Among(models.Lookup):
    """`pk__among=[1, 2, …]`: as `in`, for numbers, with one parameter however many there are."""

    lookup_name = "among"
    prepare_rhs = False

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::bigint[])", [*parameters, self.rhs]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", [*parameters, json.dumps(self.rhs)]  # noqa: S608


def _column(model: type[models.Model], field: str) -> str:
    model_field: Any = model._meta.get_field(field)
    return str(connection.ops.quote_name(model_field.column))
