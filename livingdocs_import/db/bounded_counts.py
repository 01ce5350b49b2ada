"""Count the rows of many queries in one statement, none further than a bound."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from livingdocs_import.db.lookups import planned_anew


def bounded_counts(queries: Sequence[QuerySet[Any]], most: int) -> list[int]:
    """The number of rows of each query, or `most + 1` if it has more; a query that is sliced already stays as it is.

    With an index for each query the statement reads at most that many rows of each.
    """
    parts = [_counted(query, most + 1) for query in queries]
    if not parts:
        return []
    sql = ", ".join(f"(SELECT COUNT(*) FROM ({part}) AS counted)" for part, _ in parts)  # noqa: S608
    with planned_anew(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql}", [value for _, values in parts for value in values])
        return [int(number) for number in cursor.fetchone()]


def _counted(query: QuerySet[Any], most: int) -> tuple[str, Sequence[Any]]:
    if not query.query.is_sliced:
        query = query.order_by().values_list("pk")[:most]
    try:
        return query.query.sql_with_params()
    except EmptyResultSet:
        return "SELECT 1 WHERE 1 = 0", ()
