"""End a process group when the process that started it has exited, for whatever reason.

A killed parent (kill -9, out of memory) cannot clean up. So a shell reads from a pipe whose other end only the parent
holds: the kernel closes it when the parent exits, and the shell ends the group. Linux and macOS.
"""

import contextlib
import math
import os
import signal
import subprocess

# $1: the group, $2: tenths of a second between SIGTERM and SIGKILL. Signals that are sent to all processes at once are
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
    """Ends `group` when this process exits: SIGTERM for its leader, and SIGKILL for all of it after `grace` seconds."""

    def __init__(self, group: int, *, grace: float) -> None:
        command = ["/bin/sh", "-c", REAP, "orphan-reaper", str(group), str(math.ceil(10 * grace))]
        # In its own session, so that Ctrl-C does not reach it.
        self._shell = subprocess.Popen(
            command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def dismiss(self) -> None:
        """Stop watching: the group has ended, and its number may be used again."""
        with self._shell:
            self._shell.kill()


def kill_group(group: int) -> None:
    """Kill every process of `group`; does nothing if there is none."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: "not permitted" when only zombies are left
        os.killpg(group, signal.SIGKILL)
