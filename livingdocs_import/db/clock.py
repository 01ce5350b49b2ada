"""The database's clock: due times, leases, circuits and sweeps use it, so the clocks of machines may differ.

PostgreSQL evaluates the time inside the statement that needs it. SQLite runs on one machine, so the process's clock is
the same one.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import DateTimeField, ExpressionWrapper
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils import timezone


def from_now(after: timedelta = timedelta(0)) -> datetime | Combinable:
    """A time relative to now, to be compared with or written into a column."""
    if connection.vendor != "postgresql":
        return timezone.now() + after
    return ExpressionWrapper(Now() + after, output_field=DateTimeField()) if after else Now()


def now() -> datetime:
    """The time, by one short query on PostgreSQL."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row: tuple[datetime] = cursor.fetchone()
    return row[0]
