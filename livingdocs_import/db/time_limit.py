"""A limit on how long the database may work on what is asked within a block."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction

from livingdocs_import.errors import ImportServiceError

_CANCELLED = "57014"  # PostgreSQL's code for a statement that was stopped
_STEPS = 20_000  # of SQLite's virtual machine between two looks at the clock


class OutOfTime(ImportServiceError):
    """The database was stopped, for it had taken too long."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Within the block each statement may take so long on PostgreSQL, all of them together on SQLite.

    OutOfTime is raised instead of the database's own error. The block is a transaction of its own: for reading only.
    """
    limit = _postgresql if connection.vendor == "postgresql" else _sqlite
    with limit(seconds):
        yield


@contextmanager
def _postgresql(seconds: float) -> Iterator[None]:
    try:
        with transaction.atomic():
            before = _set_timeout(f"{int(seconds * 1000)}ms")
            yield
            _set_timeout(before)  # the transaction may be a part of another one
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == _CANCELLED:
            raise OutOfTime(f"more than {seconds} s") from error
        raise


def _set_timeout(limit: str) -> str:
    """Change the limit until the transaction ends; what it was before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        before: str = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [limit])
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
