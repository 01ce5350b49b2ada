"""Migrations of large tables that the previous version of the service may keep using meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import transaction
from django.db.migrations import AddConstraint, AddIndex, AlterField, RemoveIndex
from django.db.models import Index, UniqueConstraint

_FIND = """
    SELECT indisvalid FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid
    WHERE relname = %s AND pg_table_is_visible(pg_class.oid)
"""


class AddIndexOnline(AddIndexConcurrently):
    """Add an index: on PostgreSQL without blocking writes (the migration must not be atomic), elsewhere as usual.

    An interrupted migration can be run again: a complete index stays, an incomplete one is rebuilt.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)
            return
        with _no_time_limit(schema_editor):
            valid = None if schema_editor.collect_sql else _is_valid(schema_editor.connection, self.index.name)
            if valid:
                return
            if valid is False:
                schema_editor.remove_index(
                    to_state.apps.get_model(app_label, self.model_name), self.index, concurrently=True
                )
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        kind = AddIndexConcurrently if schema_editor.connection.vendor == "postgresql" else AddIndex
        kind.database_backwards(self, app_label, schema_editor, from_state, to_state)


class RemoveIndexOnline(RemoveIndexConcurrently):
    """Remove an index without blocking writes."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            RemoveIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)
            return
        with _no_time_limit(schema_editor):
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        kind = RemoveIndexConcurrently if schema_editor.connection.vendor == "postgresql" else RemoveIndex
        kind.database_backwards(self, app_label, schema_editor, from_state, to_state)


class AddUniqueConstraintOnline(AddConstraint):
    """Add a unique constraint of columns: on PostgreSQL its index is built without blocking writes, as by
    AddIndexOnline."""

    constraint: UniqueConstraint

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        connection = schema_editor.connection
        if connection.vendor != "postgresql":
            with transaction.atomic(connection.alias):  # SQLite rewrites the table
                super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        name, table = self.constraint.name, model._meta.db_table
        if _is_constraint(connection, table, name):
            return
        quote = connection.ops.quote_name
        columns = ", ".join(quote(model._meta.get_field(field).column) for field in self.constraint.fields)
        with _no_time_limit(schema_editor):
            valid = _is_valid(connection, name)
            if valid is False:
                schema_editor.execute(f"DROP INDEX CONCURRENTLY {quote(name)}")
            if not valid:
                index = f"CREATE UNIQUE INDEX CONCURRENTLY {quote(name)} ON {quote(table)} ({columns})"
                schema_editor.execute(index)
        constraint = f"ADD CONSTRAINT {quote(name)} UNIQUE USING INDEX {quote(name)}"
        schema_editor.execute(f"ALTER TABLE {quote(table)} {constraint}")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        with transaction.atomic(schema_editor.connection.alias):
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class AddCheckOnline(AddConstraint):
    """Add a check of rows: on PostgreSQL existing rows are read without blocking writes."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        connection = schema_editor.connection
        if connection.vendor != "postgresql":
            with transaction.atomic(connection.alias):  # SQLite rewrites the table
                super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        name, table, quote = self.constraint.name, model._meta.db_table, connection.ops.quote_name
        if not _is_constraint(connection, table, name):
            schema_editor.execute(f"{self.constraint.create_sql(model, schema_editor)} NOT VALID")
        with _no_time_limit(schema_editor):  # again after an interruption: a valid one is not read anew
            schema_editor.execute(f"ALTER TABLE {quote(table)} VALIDATE CONSTRAINT {quote(name)}")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        with transaction.atomic(schema_editor.connection.alias):
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class RemoveForeignKeyIndexOnline(AlterField):
    """Set `db_index=False` on a foreign key: its index is removed without blocking writes.

    Django's own operation would also recreate the constraint, and so read the whole table under a lock.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        connection, model = schema_editor.connection, to_state.apps.get_model(app_label, self.model_name)
        online = connection.vendor == "postgresql"
        for name in _indexes_of(connection, model, self.name):
            statement = f"DROP INDEX {'CONCURRENTLY IF EXISTS ' if online else ''}{connection.ops.quote_name(name)}"
            with _no_time_limit(schema_editor) if online else nullcontext():
                schema_editor.execute(statement)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        index = Index(fields=[self.name], name=f"{self.model_name}_{self.name}"[:30])
        if schema_editor.connection.vendor != "postgresql":
            schema_editor.add_index(model, index)
            return
        with _no_time_limit(schema_editor):
            schema_editor.add_index(model, index, concurrently=True)


def _indexes_of(connection: Any, model: Any, field: str) -> list[str]:
    """The names of indexes of exactly this field that no constraint needs."""
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, model._meta.db_table)
    columns = [model._meta.get_field(field).column]
    return [
        name
        for name, details in constraints.items()
        if details["index"] and details["columns"] == columns and not (details["unique"] or details["primary_key"])
    ]


@contextmanager
def _no_time_limit(schema_editor: Any) -> Iterator[None]:
    """Lift the time limit of queries, as an index of a large table takes longer. What follows is limited again.

    Building it blocks nothing. Waiting for a lock does: behind a waiting migration all queries would wait.
    """
    schema_editor.execute("SET statement_timeout = 0")
    schema_editor.execute("SET lock_timeout = 0")
    yield
    schema_editor.execute("RESET statement_timeout")
    schema_editor.execute("RESET lock_timeout")


def _is_constraint(connection: Any, table: str, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_constraint WHERE conname = %s AND conrelid = to_regclass(%s)", [name, table])
        return cursor.fetchone() is not None


def _is_valid(connection: Any, index: str) -> bool | None:
    """None: there is no such index. False: its creation was interrupted."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [index])
        row: tuple[bool] | None = cursor.fetchone()
    return row[0] if row else None
