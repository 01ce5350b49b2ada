"""Try work in a child process with limits of CPU, memory and time: if it crashes the child, the worker survives.

The child is forked, so it starts in milliseconds with the worker's state. It may use neither connections nor locks that
other threads may hold, and its only result is its exit.
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


class CrashTrial:
    """One child, from the construction of this object until `survived` returns a result."""

    def __init__(self, work: Callable[[], bool], *, seconds: float, cpu_seconds: int, growth: int) -> None:
        """Start `work`, which returns whether it succeeded; it is killed after this many `seconds` or `cpu_seconds`,
        and gets no more memory than this process has plus `growth` bytes."""
        self._killed_at = time.monotonic() + seconds
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the other threads wait for work, or for the database
            self._pid = os.fork()
        if not self._pid:
            _run(work, cpu_seconds, growth)

    def survived(self) -> bool | None:
        """Whether the child did its work well; None: it is still running."""
        pid, status = os.waitpid(self._pid, os.WNOHANG)
        if pid:
            return status == 0
        if time.monotonic() < self._killed_at:
            return None
        self.stop()
        return False

    def stop(self) -> None:
        """Kill the child now."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


def _run(work: Callable[[], bool], cpu_seconds: int, growth: int) -> NoReturn:
    """In the child."""
    status = 1
    try:
        for stop in (signal.SIGTERM, signal.SIGINT):
            signal.signal(stop, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
        with contextlib.suppress(OSError, ValueError):  # only Linux reports, and limits, reserved memory
            reserved = int(Path("/proc/self/statm").read_text().split()[0]) * PAGE
            most = max(reserved + growth, 0)
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
        status = 0 if work() else 1
    finally:
        os._exit(status)
