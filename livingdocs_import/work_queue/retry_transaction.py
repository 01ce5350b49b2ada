"""Transactions that lost against another one are begun again: whoever asked for them need not know (FLT-15)."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, OperationalError

T = TypeVar("T")
TRIES = 5
# SQLSTATE: deadlock, serialization failure, and a row that another transaction has created at the same moment.
LOST = {"40P01", "40001", "23505"}


def begun_again(transact: Callable[[], T]) -> T:
    """Do a whole transaction, again if another one was first: what that one wrote is found now.

    `transact` opens the transaction itself and must bear being called several times. Raises the database's error when
    it lost too often, and whatever else it raises at once.
    """
    for attempt in range(TRIES - 1):
        try:
            return transact()
        except (IntegrityError, OperationalError) as error:
            if getattr(error.__cause__, "sqlstate", None) not in LOST:
                raise
            time.sleep(0.01 * 2**attempt)
    return transact()
