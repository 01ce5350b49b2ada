"""The migration that a model with a LexemeField needs besides its table."""

from typing import Any

from django.db.migrations.operations.base import Operation

from livingdocs_import.search.lexeme_field import fts_table

# Rows without their lexemes are small, and many of them fit a page: lexemes of some length are kept aside.
_NARROW_ROWS = "ALTER TABLE {table} SET (toast_tuple_target = 256)"


class LexemeIndex(Operation):
    """The index of a new table's lexemes.

    On SQLite it is an FTS5 table that triggers keep up to date. It has no text of its own; a later migration that
    makes the table anew, as some do on SQLite, drops the triggers and has to run this again.
    """

    reversible = True

    def __init__(self, model_name: str, field: str = "lexemes") -> None:
        self.model_name, self.field = model_name, field

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The field itself is in the model's state."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._execute(schema_editor, to_state.apps.get_model(app_label, self.model_name), self._forwards)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._execute(schema_editor, from_state.apps.get_model(app_label, self.model_name), self._backwards)

    def describe(self) -> str:
        return f"Index the lexemes of {self.model_name}"

    def _execute(self, schema_editor: Any, model: Any, statements: Any) -> None:
        meta, quote = model._meta, schema_editor.connection.ops.quote_name
        names = {
            "table": quote(meta.db_table),
            "fts": quote(fts_table(meta.db_table)),
            "key": quote(meta.pk.column),
            "lexemes": quote(meta.get_field(self.field).column),
            "index": quote(f"{meta.db_table}_{self.field}"),
            "added": quote(f"{meta.db_table}_fts_added"),
            "changed": quote(f"{meta.db_table}_fts_changed"),
            "gone": quote(f"{meta.db_table}_fts_gone"),
        }
        for statement in statements(schema_editor.connection.vendor):
            schema_editor.execute(statement.format(**names), params=None)

    @staticmethod
    def _forwards(vendor: str) -> list[str]:
        if vendor == "postgresql":
            return [_NARROW_ROWS, "CREATE INDEX {index} ON {table} USING gin ({lexemes})"]
        added = "INSERT INTO {fts} (rowid, {lexemes}) VALUES (new.{key}, new.{lexemes});"
        gone = "INSERT INTO {fts} ({fts}, rowid, {lexemes}) VALUES ('delete', old.{key}, old.{lexemes});"
        return [
            # Of ASCII this tokenizer takes letters and digits, of all other characters each: a lexeme is one token.
            "CREATE VIRTUAL TABLE {fts} USING fts5({lexemes}, content='', tokenize='ascii')",
            f"CREATE TRIGGER {{added}} AFTER INSERT ON {{table}} BEGIN {added} END",
            f"CREATE TRIGGER {{changed}} AFTER UPDATE ON {{table}} BEGIN {gone} {added} END",
            f"CREATE TRIGGER {{gone}} AFTER DELETE ON {{table}} BEGIN {gone} END",
        ]

    @staticmethod
    def _backwards(vendor: str) -> list[str]:
        if vendor == "postgresql":
            return ["DROP INDEX {index}"]
        return [
            "DROP TRIGGER {added}", "DROP TRIGGER {changed}", "DROP TRIGGER {gone}", "DROP TABLE {fts}",
        ]  # fmt: skip
