"""Count wrong access tokens by address, in the memory of this process, to stop guessing."""

import threading
import time
from collections import OrderedDict

from django.conf import settings

from livingdocs_import.errors import TooManyGuesses
from livingdocs_import.per_process import PerProcess

WINDOW = 60.0  # seconds
MAX_ADDRESSES = 10_000  # addresses; beyond that the one with the oldest window is forgotten


class Guesses:
    """The wrong guesses of addresses in their windows. A few hundred bytes for each address."""

    def __init__(self, window: float = WINDOW, most_addresses: int = MAX_ADDRESSES) -> None:
        self._window, self._most = window, most_addresses
        self._lock = threading.Lock()
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()  # address -> start of its window, guesses

    def __len__(self) -> int:
        return len(self._counts)

    def note(self, address: str, now: float) -> tuple[int, float]:
        """Count a guess; returns the number of guesses, and the seconds until they are forgotten."""
        with self._lock:
            began, count = self._counts.get(address, (now, 0))
            if now - began >= self._window:
                del self._counts[address]
                began, count = now, 0
            self._counts[address] = began, count + 1
            while len(self._counts) > self._most:
                self._counts.popitem(last=False)
            return count + 1, began + self._window - now


guesses = PerProcess(Guesses)


def note_wrong_token(address: str) -> None:
    """Raises TooManyGuesses after WRONG_TOKENS_PER_MINUTE. Never called for valid tokens."""
    if not settings.WRONG_TOKENS_PER_MINUTE:
        return
    count, left = guesses().note(address, time.monotonic())
    if count > settings.WRONG_TOKENS_PER_MINUTE:
        raise TooManyGuesses(left)
