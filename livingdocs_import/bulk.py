"""Many rows in one go: COPY on PostgreSQL, one prepared statement elsewhere.

Django's `bulk_create` escapes every value in Python: ten times the cost of these for rows that hold JSON.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def _columns(model: type[models.Model], names: Sequence[str]) -> "tuple[str, list[models.Field[Any, Any]]]":
    fields = [model._meta.get_field(name) for name in names]
    quoted = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)  # type: ignore[union-attr]
    return quoted, fields  # type: ignore[return-value]


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows given as sequences in the order of the named fields. Fields that are not named need a value in none.

    Violated constraints raise Django's IntegrityError and leave nothing behind within the caller's transaction.
    """
    if isinstance(rows, Sequence) and not rows:
        return
    columns, fields = _columns(model, names)
    table = connection.ops.quote_name(model._meta.db_table)
    prepared = ([f.get_db_prep_save(v, connection) for f, v in zip(fields, row, strict=True)] for row in rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in prepared:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(prepared))  # noqa: S608


def update(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]], *, where: Sequence[str] = ("id",)
) -> None:
    """Update rows given as sequences: first the values of the `where` fields, then those of the named ones."""
    if not rows:
        return
    _, keys = _columns(model, where)
    _, fields = _columns(model, names)
    table = connection.ops.quote_name(model._meta.db_table)
    settings = ", ".join(f"{connection.ops.quote_name(str(f.column))} = %s" for f in fields)
    conditions = " AND ".join(f"{connection.ops.quote_name(str(f.column))} = %s" for f in keys)
    order = [*fields, *keys]
    prepared = [
        [f.get_db_prep_save(v, connection) for f, v in zip(order, [*row[len(keys) :], *row[: len(keys)]], strict=True)]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET {settings} WHERE {conditions}", prepared)  # noqa: S608


def reserve_ids(model: type[models.Model], number: int) -> list[int]:
    """So many unused primary keys of the model, ascending; inside a transaction.

    With the keys known beforehand, rows that refer to each other are inserted without asking back.
    """
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, number]
            )
            return sorted(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
        last = row[0] if row else 0
        if row:
            cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [last + number, table])
        else:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, number])
        return list(range(last + 1, last + number + 1))


def raise_ids(model: type[models.Model], least: int) -> None:
    """Let the keys that are given out from now on be `least` or more (DOC-55: smaller ones are for clients)."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "pg_get_serial_sequence(%s, 'id')"
            cursor.execute(
                f"SELECT setval({sequence}, GREATEST(nextval({sequence}), %s), false)", [table, table, least]
            )
        else:
            cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [least - 1, table])
            if not cursor.rowcount:
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, least - 1])
