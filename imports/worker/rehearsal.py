"""Try work in a child process with limits of CPU, memory and time: what kills the child leaves the worker alive.

The child is forked, so it costs milliseconds and knows what the worker knows. It may use neither connections nor locks
that other threads may hold, and leaves nothing behind but the way it ended.
"""

import contextlib
import os
import resource
import signal
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

PAGE = os.sysconf("SC_PAGE_SIZE")


class Rehearsal:
    """One child, from the construction of this object until `survived` gives an answer."""

    def __init__(self, work: Callable[[], bool], *, seconds: float, cpu_seconds: int, growth: int) -> None:
        """Start `work`, which returns whether it went well; it is killed after so many `seconds`, or when it has used
        so many `cpu_seconds`, and gets no more memory than this process has and `growth` bytes."""
        self._killed_at = time.monotonic() + seconds
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the other threads wait for work, or for the database
            self._pid = os.fork()
        if not self._pid:
            _run(work, cpu_seconds, growth)

    def survived(self) -> bool | None:
        """Whether the child did its work well; None: it is still at work."""
        pid, status = os.waitpid(self._pid, os.WNOHANG)
        if pid:
            return status == 0
        if time.monotonic() < self._killed_at:
            return None
        self.stop()
        return False

    def stop(self) -> None:
        """End the child now."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


def _run(work: Callable[[], bool], cpu_seconds: int, growth: int) -> NoReturn:
    """In the child."""
    status = 1
    try:
        for stop in (signal.SIGTERM, signal.SIGINT):
            signal.signal(stop, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
        with contextlib.suppress(OSError, ValueError):  # only Linux tells, and limits, what a process has reserved
            reserved = int(Path("/proc/self/statm").read_text().split()[0]) * PAGE
            most = max(reserved + growth, 0)
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
        status = 0 if work() else 1
    finally:
        os._exit(status)
