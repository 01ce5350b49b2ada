"""PostgreSQL's work for one GET: its statements, timed by EXPLAIN ANALYZE.

A script (see scripts.py) that needs the service's environment. In: {"path", "token", "table"}; out: milliseconds.
"""

import json
import os
from collections.abc import Callable
from typing import Any

import django
from django.db import connection
from django.test import Client

from benchmarks import scripts


def explain(request: dict[str, str]) -> float:
    """Milliseconds, planning included, of all statements of the GET that read from the table."""
    statements: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if request["table"] in sql:
            statements.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        answer = Client(headers={"Host": "127.0.0.1", "Authorization": f"Bearer {request['token']}"}).get(
            request["path"]
        )
    if answer.status_code != 200:
        raise SystemExit(f"{request['path']} was answered with {answer.status_code}: {answer.content!r}")
    return sum(_milliseconds(sql, parameters) for sql, parameters in statements)


def _milliseconds(sql: str, parameters: Any) -> float:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", parameters)
        (plan,) = cursor.fetchone()
    found = plan[0] if isinstance(plan, list) else json.loads(plan)[0]
    return float(found["Planning Time"] + found["Execution Time"])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    scripts.serve(explain)
