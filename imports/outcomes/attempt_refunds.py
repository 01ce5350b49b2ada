"""Claims that an outage of the database ended are taken back as soon as it answers again (FLT-11, FLT-12).

A worker that lives and has seen the database go keeps what it has in hand and writes it down when the database is back.
Only where that takes too long, or where the same item is met by one outage after the other, it lets go.
"""

import time
from collections import Counter
from collections.abc import Sequence

from django.db import Error, InterfaceError, OperationalError, connection

from imports.models import ImportItem
from livingdocs_import.work_queue import shutdown
from livingdocs_import.work_queue.lease import take_back_claims

PATIENCE = 20.0  # seconds that a worker waits for the database before it turns to whoever started it
PAUSE = 0.5  # seconds between two looks
# How often one process blames the database for what happened to the same item. From then on the item may be what brings
# the database down: it is left to its lease, comes back alone, and its losses count.
MAX_BLAMED = 3
TAKES_NO_WRITES = {"25006", "25P03"}  # SQLSTATE: a standby, or a transaction that was idle for too long
REMEMBERED = 10_000  # items


def is_outage(error: BaseException) -> bool:
    """Whether the database is away, too busy or takes no writes; not, that it refuses what it was given."""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return takes_no_writes(error)


def takes_no_writes(error: BaseException) -> bool:
    """Whether the database is there for readers only."""
    return isinstance(error, Error) and getattr(error.__cause__, "sqlstate", None) in TAKES_NO_WRITES


class Refunds:
    """What one process owes to items, and how often it has blamed the database for each."""

    def __init__(self) -> None:
        self._owed: list[ImportItem] = []
        self._blamed: Counter[int] = Counter()

    def blame_outage(self, error: Error, items: Sequence[ImportItem]) -> list[ImportItem]:
        """Note that an outage met these items; those that were met too often."""
        if takes_no_writes(error):
            return []
        if len(self._blamed) > REMEMBERED:
            self._blamed.clear()
        for item in items:
            self._blamed[item.pk] += 1
        return [item for item in items if self._blamed[item.pk] > MAX_BLAMED]

    def owe(self, items: Sequence[ImportItem]) -> None:
        """Remember that these claims have to be taken back."""
        self._owed.extend(items)

    def pay(self) -> None:
        """Take the claims back; those that have ended stay as they are."""
        while self._owed:
            take_back_claims(ImportItem, self._owed[-100:])
            del self._owed[-100:]  # only now: an outage on the way leaves the rest to the next time

    def wait_for_database(self, since: float) -> None:
        """Pay as soon as the database answers; it has been away `since` that moment (monotonic seconds).

        Raises its error when that takes too long.
        """
        while True:
            time.sleep(PAUSE)
            connection.close_if_unusable_or_obsolete()
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
                self.pay()
            except Error as error:
                if not is_outage(error) or time.monotonic() > min(since + PATIENCE, shutdown.deadline()):
                    raise
            else:
                return
