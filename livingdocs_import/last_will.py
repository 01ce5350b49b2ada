"""End process groups when the process that answers for them is gone, however it went.

A parent that is killed (kill -9, out of memory) cannot clean up. So it leaves a last will: one small process that waits
at the other end of a pipe. The kernel closes the pipe with the parent; then the will ends every group it was told of.
Standard library only, because the will runs this file as a script. Linux and macOS.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Self


class LastWill:
    """The parent's side: `name` a process group when it begins, `strike` it out when it is over.

    As a context manager; at its end, too, groups not struck out are ended: asked, given `grace` seconds, then killed.
    """

    def __init__(self, *, grace: float) -> None:
        self._grace = grace

    def __enter__(self) -> Self:
        # -I -S: nothing but the standard library, up in 20 ms. The session of its own keeps Ctrl-C away from it.
        command = [sys.executable, "-I", "-S", __file__, str(self._grace)]
        self._executor = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        assert self._executor.stdin is not None
        self._pipe = self._executor.stdin
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._pipe.close()
        self._executor.wait()

    def name(self, group: int) -> None:
        """From now on GROUP ends with us."""
        self._write(f"+{group}\n")

    def strike(self, group: int) -> None:
        """GROUP is over; its number may come to mean somebody else's."""
        self._write(f"-{group}\n")

    def _write(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # killed by somebody: no reason for the rest to fall
            self._pipe.write(line.encode())
            self._pipe.flush()


def kill_group(group: int) -> None:
    """Kill every process of GROUP; nothing happens if there is none."""
    _signal(os.killpg, group, signal.SIGKILL)


def _execute(grace: float) -> None:
    """The will's side: learn the groups from stdin; when it closes, end those that are left."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # who ends everybody at once still needs us to finish
    groups: set[int] = set()
    for line in sys.stdin:
        change = groups.add if line[0] == "+" else groups.discard
        change(int(line[1:]))
    for group in groups:
        _signal(os.kill, group, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline and any(_signal(os.kill, group, 0) for group in groups):
        time.sleep(0.1)
    for group in groups:
        kill_group(group)


def _signal(send: Callable[[int, int], None], target: int, number: int) -> bool:
    """Send a signal; False if nobody is there (macOS: "not permitted" when only zombies are)."""
    try:
        send(target, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    _execute(float(sys.argv[1]))
