"""Jobs without claimable items: they come after the others for a while, and those whose hosts are full are skipped
until one has a slot."""

import time
from collections.abc import Collection, Set

AGAIN_AFTER = 0.02  # seconds per open job: trying all of them takes a part of the time, however many there are
AGAIN_AT_LEAST = 1.0  # seconds
MAX_HOSTS = 20  # a job with more full hosts is tried as if none were known: one soon has a slot
REMEMBERED = 10_000  # jobs


class Fruitless:
    """The claims of one process without result."""

    def __init__(self) -> None:
        self._jobs: dict[int, tuple[float, frozenset[int]]] = {}  # by job: when it was tried, and the full hosts

    def note(self, job: int, full: Collection[int]) -> None:
        """Nothing could be claimed of this job. `full`: keys of full hosts; empty if there was another reason."""
        if len(self._jobs) >= REMEMBERED:
            self._jobs.clear()
        self._jobs[job] = (time.monotonic(), frozenset(full if len(full) <= MAX_HOSTS else ()))

    def forget(self, job: int) -> None:
        """The job may have claimable items."""
        self._jobs.pop(job, None)

    def asked_at(self, job: int) -> float:
        """When the job's last claim failed, in monotonic seconds; 0.0 for a job that may have claimable items."""
        return self._jobs[job][0] if job in self._jobs else 0.0

    def was_asked_lately(self, job: int, *, open_jobs: int) -> bool:
        """Whether the job's claim failed so recently that it should not delay others."""
        if job not in self._jobs:
            return False
        return time.monotonic() - self.asked_at(job) <= max(AGAIN_AT_LEAST, AGAIN_AFTER * open_jobs)

    def is_known(self, job: int, *, open_jobs: int, full_now: Set[int]) -> bool:
        """Whether a claim would fail again: it was tried lately, and none of the full hosts has a slot since.

        A job that waits for something else (its host is silent or braked) is never known.
        """
        _, full = self._jobs.get(job, (0.0, frozenset()))
        if not full:
            return False
        if not full <= full_now:
            self.forget(job)
            return False
        return self.was_asked_lately(job, open_jobs=open_jobs)
