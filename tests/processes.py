"""Look at processes from outside: read what they print, see whether they are there."""

import os
import queue
import re
import subprocess
import sys
import threading
import time
from pathlib import Path


class Running:
    """A process of which we read the lines; end it with `stop`, also after a failed test."""

    def __init__(self, *command: str, cwd: Path | None = None, **environment: str) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **environment},
        )
        self.lines: list[str] = []  # read, and not yet asked for
        self._printed: queue.SimpleQueue[str | None] = queue.SimpleQueue()  # None: there will be no more
        # An unread pipe is full after 64 KB, and a process that logs more than that hangs.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self._printed.put(line.rstrip("\n"))
        self._printed.put(None)

    def line(self, pattern: str) -> re.Match[str]:
        """The first line in which PATTERN is found and that no earlier call returned. Fails if there will be none.

        Several processes print at the same time, so lines may come in another order than they are asked for.
        """
        for number, line in enumerate(self.lines):
            if found := re.search(pattern, line):
                del self.lines[number]
                return found
        while (printed := self._printed.get()) is not None:
            if found := re.search(pattern, printed):
                return found
            self.lines.append(printed)
        self._printed.put(None)
        raise AssertionError(f"{pattern!r} is in none of these lines: {self.lines}")

    def rest(self) -> list[str]:
        """Wait for the end; what is printed from now on."""
        self.process.wait()
        rest = list(iter(self._printed.get, None))
        self._printed.put(None)
        return rest

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        # What it has started may outlive it for a moment, and keep the pipe open.
        self._reader.join(timeout=5)


def is_alive(pid: int) -> bool:
    """Whether the process runs. A zombie does not: in some containers orphans are never reaped."""
    try:
        os.kill(pid, 0)
        if sys.platform == "linux":
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):  # the second if it went in between
        return False
    return True


def wait_until_gone(*pids: int, seconds: float = 20) -> None:
    """Fails if one of the processes still runs after SECONDS."""
    deadline = time.monotonic() + seconds
    while left := [pid for pid in pids if is_alive(pid)]:
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.02)
