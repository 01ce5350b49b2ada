"""The time in which one call of a worker claims, and in which it only finishes started work.

A call claims for some seconds. While the downloads in flight at that time are not finished, it continues claiming at
quick hosts; and when they take very long, as large files do, it claims everything again, so that they delay no others.
"""

import time
from collections.abc import Callable, Set
from enum import Enum, auto

from django.conf import settings

from livingdocs_import.work_queue import shutdown

QUICK_ONLY_SECONDS = 60.0  # seconds for which only items of quick hosts are claimed while slow downloads are in flight


class Phase(Enum):
    """What one step of the worker may do."""

    CLAIM = auto()
    CLAIM_AT_QUICK_HOSTS = auto()  # the time is over, and downloads that were in flight then are not finished yet
    FINISH = auto()  # claimed items are processed
    RELEASE = auto()  # claimed items that are not in flight are released


class TimeSlice:
    """The time of one call: it begins with the object, and ends early when the process is asked to stop."""

    def __init__(
        self,
        seconds: float | None,
        in_flight: Set[int],
        is_trying: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Claim for this many `seconds`; None: until nothing is due. `in_flight`: a live view of the items in flight.

        `is_trying`: whether a child process is trying an item whose worker was lost.
        """
        now = clock()
        self._clock = clock
        self._seconds = seconds
        self._claims_until = None if seconds is None else now + seconds
        self._quick_until = now + QUICK_ONLY_SECONDS
        self._ends_at = now + max(
            QUICK_ONLY_SECONDS, settings.MAX_DOWNLOAD_SECONDS + settings.IMPORT_SUSPECT_CPU_SECONDS
        )
        self._in_flight = in_flight
        self._is_trying = is_trying
        self._slow: set[int] | None = None  # the items in flight when the time was over; None before that

    @property
    def is_over(self) -> bool:
        """Whether the time for claims is over, as of the last `phase`."""
        return self._slow is not None

    def phase(self) -> Phase:
        """What the next step may do."""
        now = self._clock()
        stop = shutdown.asked()
        if self._slow is None:
            if not stop and (self._claims_until is None or now < self._claims_until):
                return Phase.CLAIM
            self._slow = set(self._in_flight)
        if stop or now >= self._ends_at:
            return Phase.RELEASE
        slow = bool(self._slow & self._in_flight)
        if now < self._quick_until:
            return Phase.CLAIM_AT_QUICK_HOSTS if slow else Phase.FINISH
        if slow or self._is_trying():
            self._begin_anew(now)
            return Phase.CLAIM
        return Phase.RELEASE

    def _begin_anew(self, now: float) -> None:
        self._slow = None
        self._claims_until = now + (self._seconds or 0.0)
        self._quick_until = now + QUICK_ONLY_SECONDS
