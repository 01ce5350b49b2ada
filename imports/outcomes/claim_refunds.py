"""Refund claims that ended by an outage of the database as soon as it answers again (FLT-11, FLT-12).

A worker keeps its items during an outage and writes their outcomes afterwards. It drops them only if that takes too
long, or if one item meets one outage after the other.
"""

import time
from collections import Counter
from collections.abc import Sequence

from django.db import Error, InterfaceError, OperationalError, connection

from imports.models import ImportItem
from livingdocs_import.work_queue import shutdown
from livingdocs_import.work_queue.lease import refund_claims

PATIENCE = 20.0  # seconds that a worker waits for the database before it raises
PAUSE = 0.5  # seconds between two attempts
# How many outages are refunded to one item. From then on it may be their cause: its lease is left to expire, it is
# claimed alone, and its losses count.
MAX_BLAMED = 3
TAKES_NO_WRITES = {"25006", "25P03"}  # SQLSTATE: a standby, or a transaction that was idle for too long
REMEMBERED = 10_000  # items


def is_outage(error: BaseException) -> bool:
    """Whether the database is down, too busy or read-only, in contrast to an error in the query."""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return takes_no_writes(error)


def takes_no_writes(error: BaseException) -> bool:
    """Whether the database is read-only."""
    return isinstance(error, Error) and getattr(error.__cause__, "sqlstate", None) in TAKES_NO_WRITES


class Refunds:
    """The claims that one process has to refund, and the number of outages of each item."""

    def __init__(self) -> None:
        self._claims: list[ImportItem] = []
        self._blamed: Counter[int] = Counter()

    def record_outage(self, error: Error, items: Sequence[ImportItem]) -> list[ImportItem]:
        """Count an outage for these items; returns those that have met too many."""
        if takes_no_writes(error):
            return []
        if len(self._blamed) > REMEMBERED:
            self._blamed.clear()
        for item in items:
            self._blamed[item.pk] += 1
        return [item for item in items if self._blamed[item.pk] > MAX_BLAMED]

    def add(self, items: Sequence[ImportItem]) -> None:
        """Add claims to be refunded."""
        self._claims.extend(items)

    def refund_all(self) -> None:
        """Refund all added claims; items that have ended stay as they are."""
        while self._claims:
            refund_claims(ImportItem, self._claims[-100:])
            del self._claims[-100:]  # after the refund: an outage during it keeps the rest for the next call

    def wait_for_database(self, since: float) -> None:
        """Refund as soon as the database answers; it has been down `since` then (monotonic seconds).

        Raises its error if that takes too long.
        """
        while True:
            time.sleep(PAUSE)
            connection.close_if_unusable_or_obsolete()
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
                self.refund_all()
            except Error as error:
                if not is_outage(error) or time.monotonic() > min(since + PATIENCE, shutdown.deadline()):
                    raise
                connection.close()  # one that was opened while the database took no writes would take none later
            else:
                return
