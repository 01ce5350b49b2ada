"""Transactions in which the database itself refuses to write."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection, transaction

READ_ONLY_TRANSACTION = "25006"  # SQLSTATE
READ_ONLY_DATABASE = "readonly database"  # in SQLite's message


class WriteRefused(Exception):
    """Something would have written inside `read_only`: a bug of ours, and no outage of the database."""


@contextmanager
def read_only() -> Iterator[None]:
    """Within this block everything is read as it was at the beginning, and whatever would write is a WriteRefused.

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
    except DatabaseError as error:
        if _is_refused_write(error):
            raise WriteRefused(str(error)) from error
        raise
    finally:
        if connection.vendor != "postgresql":
            _set_query_only(on=False)


def _is_refused_write(error: DatabaseError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) == READ_ONLY_TRANSACTION or READ_ONLY_DATABASE in str(error)


def _set_query_only(*, on: bool) -> None:
    # Past Django, which lets nothing through once a statement of the transaction has failed.
    if connection.connection is not None:
        connection.connection.execute(f"PRAGMA query_only = {'ON' if on else 'OFF'}")
