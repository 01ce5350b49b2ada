"""A limit on how long all that the database is asked within a block may take."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction

from livingdocs_import.errors import ImportServiceError

_CANCELLED = "57014"  # PostgreSQL's code for a statement that was stopped
_SET_TIMEOUT = "SELECT set_config('statement_timeout', %s, true)"
_SLACK = 0.1  # seconds by which a statement's limit may be too long, so that quick ones need no limits of their own
_STEPS = 20_000  # of SQLite's virtual machine between two looks at the clock


class OutOfTime(ImportServiceError):
    """The database was stopped, for it had taken too long."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Within the block all statements together, and what is done between them, may take so long.

    OutOfTime is raised instead of the database's own error. The block is a transaction of its own: for reading only.
    """
    limit = _postgresql if connection.vendor == "postgresql" else _sqlite
    with limit(seconds):
        yield


@contextmanager
def _postgresql(seconds: float) -> Iterator[None]:
    until = time.monotonic() + seconds
    try:
        with transaction.atomic():
            before = _set_timeout(f"{int(seconds * 1000)}ms")
            with connection.execute_wrapper(_Shortening(until, seconds)):
                yield
            _set_timeout(before)  # the transaction may be a part of another one
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == _CANCELLED:
            raise OutOfTime(f"more than {seconds} s") from error
        raise


class _Shortening:
    """Gives each statement the time that those before it have left: PostgreSQL counts from the start of each."""

    def __init__(self, until: float, seconds: float) -> None:
        self._until = until
        self._seconds = self._limit = seconds

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        left = self._until - time.monotonic()
        if left <= 0:
            raise OutOfTime(f"more than {self._seconds} s")
        if self._limit - left > _SLACK:
            execute(_SET_TIMEOUT, [f"{max(1, int(left * 1000))}ms"], False, context)
            self._limit = left
        return execute(sql, params, many, context)


def _set_timeout(limit: str) -> str:
    """Change the limit until the transaction ends; what it was before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, true)", [limit]
        )
        before: str = cursor.fetchone()[0]
    return before


@contextmanager
def _sqlite(seconds: float) -> Iterator[None]:
    connection.ensure_connection()
    raw: Any = connection.connection
    until = time.monotonic() + seconds
    raw.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    try:
        yield
    except OperationalError as error:
        if "interrupted" in str(error):
            raise OutOfTime(f"more than {seconds} s") from error
        raise
    finally:
        raw.set_progress_handler(None, 0)
