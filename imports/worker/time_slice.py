"""When one call of a worker claims, and when it only ends what was started."""

import time
from collections.abc import Set
from enum import Enum, auto

from livingdocs_import.work_queue import shutdown

QUICK_ONLY_SECONDS = 60.0  # how long items of quick hosts are still claimed while slow downloads are in flight


class Phase(Enum):
    """What one step of the worker may do."""

    CLAIM = auto()
    CLAIM_AT_QUICK_HOSTS = auto()  # the time is over, and downloads that were in flight then have not ended yet
    FINISH = auto()  # what is claimed is carried out
    RELEASE = auto()  # what is claimed and not in flight is released


class TimeSlice:
    """The time of one call: it begins with the object, and ends early when the process is asked to stop."""

    def __init__(self, seconds: float | None, in_flight: Set[int]) -> None:
        """Claim for so many `seconds`; None: until nothing is due. `in_flight`: a live view of the items in flight."""
        started = time.monotonic()
        self._claims_until = None if seconds is None else started + seconds
        self._quick_until = started + QUICK_ONLY_SECONDS
        self._in_flight = in_flight
        self._slow: set[int] | None = None  # the items in flight when the time was over; None: it is not

    @property
    def is_over(self) -> bool:
        """Whether the time for claims is over, as of the last `phase`."""
        return self._slow is not None

    def phase(self) -> Phase:
        """What the next step may do."""
        now = time.monotonic()
        stop = shutdown.asked()
        if self._slow is None:
            if not stop and (self._claims_until is None or now < self._claims_until):
                return Phase.CLAIM
            self._slow = set(self._in_flight)
        if stop or now >= self._quick_until:
            return Phase.RELEASE
        return Phase.CLAIM_AT_QUICK_HOSTS if self._slow & self._in_flight else Phase.FINISH
