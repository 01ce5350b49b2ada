"""Check passwords one at a time: hashing takes half a second of CPU, and any visitor can request it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from livingdocs_import.errors import Busy
from livingdocs_import.per_process import PerProcess
from livingdocs_import.security.client_address import of_request

WAITING = 1  # requests that may wait for the slot: each occupies one of the few web threads
PATIENCE = 5.0  # the longest wait, in seconds


class Slots:
    """One slot and `waiting` queue positions, at most one per address at any time.

    So an address that tries passwords over and over gets every second slot at most.
    """

    def __init__(self, waiting: int = WAITING, patience: float = PATIENCE) -> None:
        self._places, self._patience = 1 + waiting, patience
        self._changed = threading.Condition()
        self._queue: list[str] = []  # addresses; the first has the slot

    @property
    def waiting(self) -> int:
        """The number of waiting requests."""
        return max(len(self._queue) - 1, 0)

    @contextmanager
    def slot(self, address: str) -> Iterator[None]:
        """Wait for the slot and hold it. Raises Busy at once when too many wait, or when the wait takes too long."""
        with self._changed:
            if address in self._queue or len(self._queue) >= self._places:
                raise Busy
            self._queue.append(address)
            if not self._changed.wait_for(lambda: self._queue[0] == address, self._patience):
                self._queue.remove(address)
                raise Busy
        try:
            yield
        finally:
            with self._changed:
                self._queue.remove(address)
                self._changed.notify_all()


slots = PerProcess(Slots)


class OneAtATime(ModelBackend):
    """Django's own check of name and password, one at a time. Raises Busy."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> AbstractBaseUser | None:
        if request is None:  # no request: called from a shell
            return super().authenticate(request, username, password, **kwargs)
        with slots().slot(of_request(request)):
            return super().authenticate(request, username, password, **kwargs)
