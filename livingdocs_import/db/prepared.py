"""Queries with parameters: compiled once by Django, then only executed.

Django builds and compiles a query for each use, which takes several times as long as a look-up by an index. A request
that consists of little else (authentication, one row by its id) would spend most of its time there.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet, Value


class Parameter(Value):
    """Marks the parameter with this number in a query that is being compiled."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


class Prepared:
    """A query with a fixed number of parameters.

        LABELS = Prepared(["pk", "label"], lambda handle: Project.objects.filter(handle=handle), 1)
        LABELS.rows("times")  # [(1, "The Times")]

    Values are bound as they are given: numbers and texts.
    """

    def __init__(self, columns: Sequence[str], queryset: Callable[..., QuerySet[Any, Any]], number: int) -> None:
        self._columns, self._queryset, self._number = columns, queryset, number
        self._sql, self._numbered = "", b""
        self._parameters: Sequence[Any] = ()  # of the SQL: a Parameter, or a constant
        self._converters: Sequence[tuple[int, Callable[..., Any], Any]] = ()

    def rows(self, *values: int | str) -> list[tuple[Any, ...]]:
        """The rows for these parameters, with the columns in order and their values as models have them."""
        if not self._sql:
            self._compile()
        parameters = [values[each.value] if type(each) is Parameter else each for each in self._parameters]
        rows = self._read(parameters)
        if rows is None:
            with connection.cursor() as cursor:
                cursor.execute(self._sql, parameters)
                rows = list(cursor.fetchall())
        return [self._converted(row) for row in rows] if self._converters else rows

    def _read(self, parameters: list[int | str]) -> list[tuple[Any, ...]] | None:
        """Read without a cursor; None if one is needed, as when instrumentation wraps cursors."""
        if connection.vendor != "postgresql" or connection.queries_logged or connection.execute_wrappers:
            return None
        texts = [str(parameter).encode() for parameter in parameters]
        if any(b"\0" in text for text in texts):  # a NUL would end the text; the cursor refuses it
            return None
        rows: list[tuple[Any, ...]] | None = connection.read(self._numbered, texts)  # type: ignore[attr-defined]
        return rows

    def _converted(self, row: Sequence[Any]) -> tuple[Any, ...]:
        converted = list(row)
        for index, convert, expression in self._converters:
            converted[index] = convert(converted[index], expression, connection)
        return tuple(converted)

    def _compile(self) -> None:
        queryset = self._queryset(*map(Parameter, range(self._number))).values_list(*self._columns)
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, self._parameters = compiler.as_sql()
        converters = compiler.get_converters(expression for expression, *_ in compiler.select)
        self._converters = [
            (index, convert, expression)
            for index, (functions, expression) in converters.items()
            for convert in functions
        ]
        self._numbered = _numbered(sql, len(self._parameters))
        self._sql = sql  # last: a thread that finds it also finds the rest


def _numbered(sql: str, parameters: int) -> bytes:
    """The same SQL with PostgreSQL's own parameters: `$1`, `$2` …"""
    first, *others = sql.split("%s")
    assert len(others) == parameters, f"{sql} has no {parameters} parameters"
    return "".join([first, *(f"${number}{part}" for number, part in enumerate(others, 1))]).replace("%%", "%").encode()
