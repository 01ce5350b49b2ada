"""Repeat transactions that the database rolled back in favour of another one (FLT-15)."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, OperationalError

T = TypeVar("T")
TRIES = 5
# SQLSTATE: deadlock, serialization failure, and a row that another transaction created at the same time.
LOST = {"40P01", "40001", "23505"}


def begun_again(transact: Callable[[], T]) -> T:
    """Run a whole transaction, and repeat it after a deadlock, a serialization failure, or a concurrently created row.

    `transact` opens the transaction itself and may be called several times. Raises the database's error after too many
    attempts; other errors are raised at once.
    """
    for attempt in range(TRIES - 1):
        try:
            return transact()
        except (IntegrityError, OperationalError) as error:
            if getattr(error.__cause__, "sqlstate", None) not in LOST:
                raise
            time.sleep(0.01 * 2**attempt)
    return transact()
