"""Write many rows at once: COPY on PostgreSQL, one prepared statement elsewhere.

Django's `bulk_create` escapes every value in Python: ten times the cost of these functions for rows with JSON.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from django.db import connection, models

from livingdocs_import.db.json_field import CompactJSON
from livingdocs_import.db.lookups import planned_anew

Prepare = Callable[[Any], Any]

# Types that drivers accept unchanged. Calling these fields' own preparation would cost more than the write.
_PLAIN = {
    models.AutoField, models.BigAutoField, models.BigIntegerField, models.BooleanField, models.CharField,
    models.IntegerField, models.PositiveIntegerField, models.PositiveSmallIntegerField, models.SlugField,
    models.TextField,
}  # fmt: skip


class _Columns:
    """Some columns of a table: their quoted names, and the conversion of a row of values for the driver."""

    def __init__(self, model: type[models.Model], names: Sequence[str], in_json: Collection[str] = ()) -> None:
        quote = connection.ops.quote_name
        fields: list[Any] = [model._meta.get_field(name) for name in names]
        assert all(isinstance(field, CompactJSON) for field in fields if field.name in in_json)
        self.table = quote(model._meta.db_table)
        self.keys = [field.column for field in fields]
        self.names = [quote(column) for column in self.keys]
        # Without the length: a cast to varchar(10) would cut the value instead of refusing it.
        self.types = [str(field.cast_db_type(connection)).partition("(")[0] for field in fields]
        prepares = ((index, _preparation(field)) for index, field in enumerate(fields) if field.name not in in_json)
        self._prepares = [(index, prepare) for index, prepare in prepares if prepare is not None]

    def prepared(self, rows: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
        """Convert the few values of each row that need it."""
        for row in rows:
            values = list(row)
            for index, prepare in self._prepares:
                values[index] = prepare(values[index])
            yield values


def _preparation(field: Any) -> Prepare | None:
    """The conversion of a field's values for this database; None if they need none."""
    if isinstance(field, models.ForeignKey):
        field = field.target_field
    if type(field) in _PLAIN:
        return None
    if type(field) is models.DateTimeField and connection.vendor == "postgresql":
        return _moment
    return lambda value: field.get_db_prep_save(value, connection)


@lru_cache(maxsize=256)
def _moment(value: datetime | None) -> str | None:
    """Rows written together mostly share one timestamp: it is formatted once."""
    return None if value is None else str(value)


def insert(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]], *, in_json: Collection[str] = ()
) -> None:
    """Insert rows given as sequences in the order of the named fields; foreign keys are numbers.

    The values have the fields' own types; those of the fields `in_json` are JSON text already. Fields that are not
    named must have a database default or be nullable. Violated constraints raise Django's IntegrityError and leave
    nothing behind within the caller's transaction.
    """
    if isinstance(rows, Sequence) and not rows:
        return
    columns = _Columns(model, names, in_json)
    listed = ", ".join(columns.names)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"COPY {columns.table} ({listed}) FROM STDIN") as copy:
                for row in columns.prepared(rows):
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(names))
            statement = f"INSERT INTO {columns.table} ({listed}) VALUES ({marks})"  # noqa: S608
            cursor.executemany(statement, list(columns.prepared(rows)))


def update(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]], *, where: Sequence[str] = ("id",)
) -> None:
    """Update rows given as sequences: first the values of the `where` fields, then those of the named ones."""
    if not rows:
        return
    columns = _Columns(model, (*where, *names))
    keys, changing = columns.names[: len(where)], columns.names[len(where) :]
    prepared = list(columns.prepared(rows))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # One statement and one parameter for all: thousands of parameters take longer to bind than to write.
            settings = ", ".join(f"{name} = given.{name}" for name in changing)
            conditions = " AND ".join(f"{columns.table}.{name} = given.{name}" for name in keys)
            typed = ", ".join(f"{name} {kind}" for name, kind in zip(columns.names, columns.types, strict=True))
            # The limit gives the planner the number of rows; a plan for a small table would scan all of it after
            # it has grown.
            given = f"SELECT * FROM json_to_recordset(%s::json) AS given ({typed}) LIMIT %s"  # noqa: S608
            with planned_anew():
                cursor.execute(
                    f"UPDATE {columns.table} SET {settings} FROM ({given}) AS given WHERE {conditions}",  # noqa: S608
                    [
                        orjson.dumps([dict(zip(columns.keys, row, strict=True)) for row in prepared]).decode(),
                        len(prepared),
                    ],
                )
        else:
            settings = ", ".join(f"{name} = %s" for name in changing)
            conditions = " AND ".join(f"{name} = %s" for name in keys)
            turned = [[*row[len(keys) :], *row[: len(keys)]] for row in prepared]
            cursor.executemany(f"UPDATE {columns.table} SET {settings} WHERE {conditions}", turned)  # noqa: S608


def reserve_ids(model: type[models.Model], number: int) -> list[int]:
    """Reserve this many unused primary keys of the model, ascending; inside a transaction.

    With the keys known beforehand, rows that refer to each other are inserted without reading keys back.
    """
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # The sequence's name is looked up once: within nextval() it would be for every number.
            cursor.execute(
                "WITH sequence AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS name) "
                "SELECT nextval(name) FROM sequence, generate_series(1, %s)",
                [table, number],
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
    """Make `least` the minimum of future keys (DOC-55: smaller ones are for clients)."""
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
