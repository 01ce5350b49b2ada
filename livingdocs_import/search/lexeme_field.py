"""A column of lexemes and how it is searched: a `tsvector` on PostgreSQL, an FTS5 table beside the text on SQLite.

    IndexedPublication.objects.filter(lexemes__matches=LexemeQuery(...))

A model with such a field needs the migration `LexemeIndex` (livingdocs_import/search/migration.py).
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Field, FloatField, Func, Lookup

from livingdocs_import.search.lexemes import LexemeQuery, Lexemes

MAX_POSITIONS = 255  # of one lexeme that PostgreSQL keeps


class LexemeField(Field):  # type: ignore[type-arg]
    """Stores `Lexemes`. The column is written and searched, but not read."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def db_type(self, connection: Any) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if not isinstance(value, Lexemes):
            return value
        if connection.vendor == "postgresql":
            return _tsvector(value)
        return " ".join((*value.words, *value.terms))


@LexemeField.register_lookup
class Matches(Lookup):
    """`lexemes__matches=LexemeQuery(…)`"""

    lookup_name = "matches"
    prepare_rhs = False
    rhs: LexemeQuery

    def get_db_prep_lookup(self, value: Any, connection: Any) -> Any:
        return "%s", [value]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} @@ %s::tsquery", [*parameters, _tsquery([self.rhs])]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        target = self.lhs.target
        quote = connection.ops.quote_name
        table = quote(fts_table(target.model._meta.db_table))
        key = f"{quote(self.lhs.alias)}.{quote(target.model._meta.pk.column)}"
        return f"{key} IN (SELECT rowid FROM {table} WHERE {table} MATCH %s)", [_fts_query([self.rhs])]  # noqa: S608


class Relevance(Func):
    """How well a row fits: higher is better. What the number is, depends on the database."""

    output_field = FloatField()

    def __init__(self, queries: Sequence[LexemeQuery], field: str = "lexemes") -> None:
        super().__init__(F(field))
        self.queries = tuple(queries)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, parameters = compiler.compile(self._lexemes)
        # 1: long texts count for less, by the logarithm of their length
        return f"ts_rank({column}, %s::tsquery, 1)::float8", [*parameters, _tsquery(self.queries)]

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        target = self._lexemes.target
        quote = connection.ops.quote_name
        table = quote(fts_table(target.model._meta.db_table))
        key = f"{quote(self._lexemes.alias)}.{quote(target.model._meta.pk.column)}"
        rank = f"(SELECT -bm25({table}) FROM {table} WHERE {table} MATCH %s AND {table}.rowid = {key})"  # noqa: S608
        return rank, [_fts_query(self.queries)]

    @property
    def _lexemes(self) -> Any:
        (column,) = self.get_source_expressions()
        return column


def fts_table(table: str) -> str:
    """The FTS5 table of a table with lexemes."""
    return f"{table}_fts"


def _tsvector(value: Lexemes) -> str:
    positions: dict[str, list[str]] = {term: [] for term in value.terms}
    for position, word in enumerate(value.words, 1):
        found = positions.setdefault(word, [])
        if len(found) < MAX_POSITIONS:
            found.append(str(position))
    return " ".join(f"'{lexeme}':{','.join(at)}" if at else f"'{lexeme}'" for lexeme, at in positions.items())


def _tsquery(queries: Sequence[LexemeQuery]) -> str:
    mark, operator = {True: ":*", False: ""}, {True: " <-> ", False: " & "}
    return " & ".join(
        "("
        + " | ".join(
            f"({operator[query.in_order].join(map(_quoted, lexemes))}{mark[query.is_prefix]})"
            for lexemes in query.alternatives
        )
        + ")"
        for query in queries
    )


def _quoted(lexeme: str) -> str:
    return f"'{lexeme}'"


def _fts_query(queries: Sequence[LexemeQuery]) -> str:
    mark, operator = {True: " *", False: ""}, {True: " ", False: '" AND "'}
    return " AND ".join(
        "("
        + " OR ".join(
            f'("{operator[query.in_order].join(lexemes)}"{mark[query.is_prefix]})' for lexemes in query.alternatives
        )
        + ")"
        for query in queries
    )
