"""Queries without changing values: compiled once by Django, then only executed.

Workers repeat a few queries all the time; Django would take several times as long to compile one as PostgreSQL takes to
answer it.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import QuerySet


class Compiled:
    """A query whose values, except the time, never change.

        NAMES = Compiled(lambda: Project.objects.filter(suspended=False).values_list("pk", "name"))
        NAMES.rows()  # [(1, "The Times")]

    The columns have types that the driver knows: numbers, texts, timestamps. Only PostgreSQL evaluates the time itself
    (db/clock.py), so for other databases the query is compiled each time.
    """

    def __init__(self, queryset: Callable[[], QuerySet[Any, Any]]) -> None:
        self._queryset = queryset
        self._sql = ""
        self._parameters: tuple[Any, ...] = ()

    def rows(self) -> list[tuple[Any, ...]]:
        """All rows."""
        if connection.vendor != "postgresql":
            return list(self._queryset())
        if not self._sql:
            sql, self._parameters = self._queryset().query.sql_with_params()
            self._sql = sql  # last: a thread that finds it also finds the parameters
        with connection.cursor() as cursor:
            cursor.execute(self._sql, self._parameters)
            return list(cursor.fetchall())
