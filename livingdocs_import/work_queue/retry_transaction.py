"""Transactions that lost against another one are begun again: whoever asked for them need not know (FLT-15)."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError

T = TypeVar("T")
TRIES = 5
LOST = {"40P01", "40001"}  # SQLSTATE: deadlock, serialization failure


def begun_again(transact: Callable[[], T]) -> T:
    """Do a whole transaction, again if the database made it the victim: the other one has won, our turn comes now.

    `transact` opens the transaction itself and must bear being called several times. Raises OperationalError when it
    lost too often, and whatever else it raises at once.
    """
    for attempt in range(TRIES - 1):
        try:
            return transact()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in LOST:
                raise
            time.sleep(0.01 * 2**attempt)
    return transact()
