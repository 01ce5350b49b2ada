"""Transactions in which the database itself refuses to write."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def read_only() -> Iterator[None]:
    """Within this block everything is read as it was at the beginning, and whatever would write is an error.

    PostgreSQL: REPEATABLE READ, READ ONLY; inside another transaction, whose isolation cannot be changed any more, READ
    ONLY. SQLite: `query_only`, and no other connection writes while the transaction is open. It ends with a rollback;
    a transaction around it can write again.
    """
    is_outermost = not connection.in_atomic_block
    with _refusing_to_write(), transaction.atomic():
        if connection.vendor == "postgresql":
            isolation = "ISOLATION LEVEL REPEATABLE READ, " if is_outermost else ""
            with connection.cursor() as cursor:
                cursor.execute(f"SET TRANSACTION {isolation}READ ONLY")
        else:
            _set_query_only(on=True)
        yield
        transaction.set_rollback(True)


@contextmanager
def _refusing_to_write() -> Iterator[None]:
    """SQLite's switch belongs to the connection, and is put back when the transaction is over."""
    try:
        yield
    finally:
        if connection.vendor != "postgresql":
            _set_query_only(on=False)


def _set_query_only(*, on: bool) -> None:
    # Past Django, which lets nothing through once a statement of the transaction has failed.
    if connection.connection is not None:
        connection.connection.execute(f"PRAGMA query_only = {'ON' if on else 'OFF'}")
