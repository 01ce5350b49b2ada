"""How PostgreSQL answers queries: whether any of them reads a large table whole."""

import re
from collections.abc import Iterable

from django.db import connection
from django.test.utils import CaptureQueriesContext

LARGE = 2_000  # rows: a smaller table may be read whole


def slow_plans(asked: CaptureQueriesContext, expected: Iterable[str]) -> list[str]:
    """The plans that read a large table whole. The `expected` tables are among the large ones."""
    plans = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [LARGE])
        large = {name for (name,) in cursor.fetchall()}
        assert set(expected) <= large
        for query in asked:
            if query["sql"].startswith(("SELECT", "(SELECT")):
                cursor.execute(f"EXPLAIN {query['sql']}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
                if large & set(re.findall(r"Seq Scan on (\w+)", plan)):
                    plans.append(f"{query['sql']}\n{plan}")
    return plans
