"""What one document has used of its limits during its check, in total: markup, links, texts, CPU time."""

import math
import time
from collections.abc import Callable

from documents.content.limits import GROWTH_FREE, LIMITS, MAX_GROWTH, ContentLimits

_MEGABYTE = 1_000_000
_MUCH = 100  # tags of one text between two checks of the clock


class TooMuch(Exception):
    """The document exceeds one of its limits; the message names the limit."""


class OutOfTime(Exception):
    """The check has used more CPU time than a document of this size may; the message names the budget."""


class Budget:
    """The counters of one document, and its clock: the CPU time of the thread, without that of other threads.

    The first half of the time is read from the monotonic clock, which is ten times cheaper to read and never shows
    less. `size` returns the document's bytes; it is only called when the time of a small document is over. Without it
    there is no clock.
    """

    __slots__ = ("_deadline", "_limits", "_size", "_watch_from", "grown", "links", "markup", "texts")

    def __init__(self, limits: ContentLimits = LIMITS, size: Callable[[], int] | None = None) -> None:
        self._limits = limits
        self._size = size
        self._watch_from = math.inf if size is None else time.monotonic() + limits.seconds / 2
        self._deadline = math.inf  # of the thread's CPU time, once it is measured
        self.texts = 0
        self.links = 0
        self.markup = 0
        self.grown = 0

    def spend_texts(self, number: int) -> None:
        """Count values of directives. Like the similar methods it raises TooMuch."""
        self.texts += number
        if self.texts > self._limits.texts:
            raise TooMuch(f"must NOT have more than {self._limits.texts} texts")

    def spend_links(self, number: int) -> None:
        self.links += number
        if self.links > self._limits.links:
            raise TooMuch(f"must NOT have more than {self._limits.links} links")

    def spend_markup(self, number: int) -> None:
        """Count tags, and elements that a parser has to reopen."""
        self.markup += number
        if self.markup > self._limits.markup:
            raise TooMuch(f"must NOT have more than {self._limits.markup} tags in its texts")
        if number > _MUCH:
            self.look()

    def spend_growth(self, before: int, after: int) -> None:
        """Count the growth of a text by sanitising."""
        if after > MAX_GROWTH * before:
            self.grown += after - MAX_GROWTH * before
            if self.grown > GROWTH_FREE:
                raise TooMuch(f"must NOT have texts that grow to more than {MAX_GROWTH} times their length")

    def look(self) -> None:
        """Raise OutOfTime when the document's time is over."""
        if time.monotonic() < self._watch_from:
            return
        used = time.thread_time()
        if self._deadline == math.inf:
            self._deadline = used + self._limits.seconds / 2
        if used >= self._deadline and self._size is not None:
            self._deadline += self._limits.seconds_per_megabyte * self._size() / _MEGABYTE
            self._size = None  # computed once
        if used < self._deadline:
            return
        limits = self._limits
        budget = f"{limits.seconds:g} s and {limits.seconds_per_megabyte:g} s for each megabyte"
        raise OutOfTime(f"The document takes longer to check than its budget allows: {budget} of CPU time")
