"""Chunks that were ended by the database: their items get the try back as soon as it answers again (F11, F12).

A try counts from its claim on: of a worker that dies silently nobody could count it afterwards. A worker that has seen
the database go knows better. It remembers the items, and takes the try back before it draws anything else.
"""

import time
from collections import Counter
from collections.abc import Sequence

from django.db import Error, InterfaceError, OperationalError, connection

from imports.models import ImportItem
from livingdocs_import import stopping
from livingdocs_import.work import uncount

PATIENCE = 20.0  # seconds that a worker waits for the database before it turns to whoever started it
PAUSE = 0.5  # seconds between two looks
# How often one process blames the database for the end of the same item. From then on the item may be what brings the
# database down: it is left to its lease, comes back alone, and its tries count.
MOST_FORGIVEN = 3
TAKES_NO_WRITES = {"25006", "25P03"}  # SQLSTATE: a standby, or a transaction that was idle for too long
REMEMBERED = 10_000  # items

_owed: list[ImportItem] = []
_blamed: Counter[int] = Counter()


def is_outage(error: BaseException) -> bool:
    """Whether the database is away, too busy or takes no writes; not, that it refuses what it was given."""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return isinstance(error, Error) and getattr(error.__cause__, "sqlstate", None) in TAKES_NO_WRITES


def forgive(items: Sequence[ImportItem]) -> None:
    """Remember that an outage ended the try of these items, as they were claimed."""
    if len(_blamed) > REMEMBERED:
        _blamed.clear()
    for item in items:
        item.held = True  # what was let go of in a transaction that the outage ended was not let go of
        _blamed[item.pk] += 1
        if _blamed[item.pk] <= MOST_FORGIVEN:
            _owed.append(item)


def make_good() -> None:
    """Give back, uncounted, the items that are remembered; those that have ended stay as they are."""
    while _owed:
        uncount(ImportItem, _owed[-1])
        _owed.pop()  # only now: an outage on the way leaves the rest to the next time


def wait() -> None:
    """Make good as soon as the database answers. Raises its error when that takes too long."""
    until = time.monotonic() + PATIENCE
    while True:
        connection.close_if_unusable_or_obsolete()
        try:
            make_good()
        except Error as error:
            if not is_outage(error) or time.monotonic() > min(until, stopping.deadline()):
                raise
            time.sleep(PAUSE)
        else:
            return
