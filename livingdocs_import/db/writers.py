"""Which transactions are writing to a table at this moment, asked without waiting for any of them."""

from django.db import connection, models

# Every INSERT, UPDATE, DELETE and COPY holds this lock until its transaction ends, and hinders no other with it.
_HOLDERS = """
    SELECT DISTINCT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND relation = %s::regclass AND pid IS DISTINCT FROM pg_backend_pid()
"""


def open_writers(model: type[models.Model]) -> list[str]:
    """The names of the other transactions that write to the model's table and have not ended.

    A transaction takes the lock before the first number of a sequence, and is visible before it lets it go. So when a
    number was seen, and then none of the transactions that were writing is left, all lower numbers that will ever be
    visible are. On SQLite one transaction writes at a time: inside of one there is no other.
    """
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, [connection.ops.quote_name(model._meta.db_table)])
        return [row[0] for row in cursor.fetchall()]
