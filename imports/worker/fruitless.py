"""Jobs of which nothing could be claimed because their hosts are full: they are not asked again until that changes."""

import time
from collections.abc import Callable, Collection

AGAIN_AFTER = 0.02  # seconds for each open job: asking all of them takes a part of the time, however many there are
AGAIN_AT_LEAST = 1.0  # seconds
MAX_HOSTS = 20  # a job that has met more full hosts is asked again when its time has come
REMEMBERED = 10_000  # jobs


class Fruitless:
    """The claims of one process that gave nothing."""

    def __init__(self) -> None:
        self._jobs: dict[int, tuple[float, frozenset[int]]] = {}  # by job: when it was asked, and the full hosts

    def note(self, job: int, full: Collection[int]) -> None:
        """Nothing could be claimed of this job, because these hosts (their keys) were full."""
        if len(self._jobs) >= REMEMBERED:
            self._jobs.clear()
        self._jobs[job] = (time.monotonic(), frozenset(full))

    def forget(self, job: int) -> None:
        """The job may have something to give."""
        self._jobs.pop(job, None)

    def asked_at(self, job: int) -> float:
        """When the job gave nothing, in monotonic seconds; 0.0 of a job that may have something to give."""
        return self._jobs[job][0] if job in self._jobs else 0.0

    def is_known(self, job: int, *, open_jobs: int, is_full: Callable[[int], bool]) -> bool:
        """Whether a claim would give nothing again: it was tried lately, and none of the hosts has a place since."""
        if job not in self._jobs:
            return False
        asked_at, full = self._jobs[job]
        if len(full) <= MAX_HOSTS and not all(is_full(key) for key in full):
            self.forget(job)
            return False
        return time.monotonic() - asked_at <= max(AGAIN_AT_LEAST, AGAIN_AFTER * open_jobs)
