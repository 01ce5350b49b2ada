"""End a process group when the process that started it is gone, however it went.

A parent that is killed (kill -9, out of memory) cannot clean up. So a shell waits at the other end of a pipe that only
the parent holds: the kernel closes it with the parent, and then the shell ends the group. Linux and macOS.
"""

import contextlib
import math
import os
import signal
import subprocess

# $1: the group, $2: tenths of a second between asking and killing. Signals that are sent to everybody at once are
# ignored: the group still has to be ended.
REAP = """
trap '' TERM INT HUP
read -r _
kill -s TERM "$1"
left=$2
while [ "$left" -gt 0 ] && kill -s 0 "$1"; do sleep 0.1; left=$((left - 1)); done
kill -s KILL -- "-$1"
"""


class OrphanReaper:
    """Ends GROUP when we die: its leader is asked, given GRACE seconds, then all of it is killed."""

    def __init__(self, group: int, *, grace: float) -> None:
        command = ["/bin/sh", "-c", REAP, "orphan-reaper", str(group), str(math.ceil(10 * grace))]
        # The session of its own keeps Ctrl-C away from it.
        self._shell = subprocess.Popen(
            command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def dismiss(self) -> None:
        """GROUP is over; its number may come to mean another process."""
        with self._shell:
            self._shell.kill()


def kill_group(group: int) -> None:
    """Kill every process of GROUP; nothing happens if there is none."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: "not permitted" when only zombies are left
        os.killpg(group, signal.SIGKILL)
