"""Run a few programs as one process tree: start them, restart those that exit, leave no process behind.

Each program leads a process group, which is killed when the program has exited. If the supervisor itself is killed,
orphan reapers end the groups.
"""

import contextlib
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from livingdocs_import.server.orphan_reaper import OrphanReaper, kill_group

STOP_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})

FIRST_PAUSE = 0.2  # seconds before an exited program is started again; doubled by each further exit in a row
MAX_PAUSE = 10.0  # longest delay in seconds
STEADY_AFTER = 10.0  # seconds of running after which earlier exits do not count


@dataclass(frozen=True)
class Program:
    """What to run: a name for messages, the command, and the file descriptors (a listening socket) it inherits."""

    name: str
    command: Sequence[str]
    pass_fds: Sequence[int] = ()


class Supervisor:
    """Runs programs until SIGTERM, SIGINT or SIGHUP.

    `grace`: seconds for them to end before they are killed; a Ctrl-C meanwhile ends it.
    `say`: called with one line for each event.
    """

    def __init__(self, programs: Sequence[Program], *, grace: float, say: Callable[[str], None]) -> None:
        self._children = [_Child(program) for program in programs]
        self._grace = grace
        self._say = say

    def run(self) -> None:
        """Start all programs; returns when all have ended. For the main thread only, where signals arrive."""
        with _signals() as signals:
            try:
                self._watch(signals)
            finally:
                self._stop(signals)

    def _watch(self, signals: "_Signals") -> None:
        """Start due programs and reap exited ones, until a stop signal arrives."""
        timeout: float | None = 0.0
        while not signals.wait(timeout) & STOP_SIGNALS:
            now = time.monotonic()
            for child in self._children:
                if child.process and child.process.poll() is not None:
                    self._say(child.reap(now))
                if child.process is None and child.due_at <= now:
                    self._say(child.start(now, grace=self._grace))
            timeout = min((child.due_at - now for child in self._children if child.process is None), default=None)

    def _stop(self, signals: "_Signals") -> None:
        """Ask the programs to end, wait, then kill what is left."""
        running = {child.program.name: child.process for child in self._children if child.process}
        self._say("stopping " + ", ".join(running))
        for process in running.values():
            process.terminate()  # the program, not its group: it stops its own children in its own order
        deadline = time.monotonic() + self._grace
        while any(process.poll() is None for process in running.values()):
            left = deadline - time.monotonic()
            # A repeated SIGTERM is ignored: tools that end a whole process tree may send it several times.
            if left <= 0 or signal.SIGINT in signals.wait(left):
                break
        for name, process in running.items():
            if process.poll() is None:
                self._say(f"{name} did not end in time and is killed")
        for child in self._children:
            child.end()
        self._say("stopped")


@dataclass
class _Child:
    """One program: running as `process`, or to be started at `due_at` (time.monotonic() seconds)."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    reaper: OrphanReaper | None = None
    due_at: float = 0.0
    started_at: float = 0.0
    exits: int = 0  # in a row, each before STEADY_AFTER

    def start(self, now: float, *, grace: float) -> str:
        """Start the program; returns a line about the outcome."""
        command, pass_fds = self.program.command, self.program.pass_fds
        # In its own session: Ctrl-C in a terminal reaches the supervisor alone, which stops the programs in order.
        try:
            self.process = subprocess.Popen(command, pass_fds=pass_fds, start_new_session=True)
            self.reaper = OrphanReaper(self.process.pid, grace=grace)
        except OSError as error:  # for example too little memory for another process: retried
            self.end()
            return self._plan_restart(now, f"could not be started ({error.strerror})")
        self.started_at = now
        return f"{self.program.name} started (pid {self.process.pid})"

    def reap(self, now: float) -> str:
        """Kill what is left of the exited process's group and plan the restart; returns a line about it."""
        code = self.end()
        if now - self.started_at >= STEADY_AFTER:
            self.exits = 0
        return self._plan_restart(now, f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended ({code})")

    def end(self) -> int:
        """Kill the process and its group: an orphan would keep the socket, or run beside the next process.

        Returns the exit code; 0 if nothing runs.
        """
        process, reaper, self.process, self.reaper = self.process, self.reaper, None, None
        if process:
            kill_group(process.pid)
            process.wait()
        if reaper:
            reaper.dismiss()
        return process.returncode if process else 0

    def _plan_restart(self, now: float, event: str) -> str:
        pause = min(MAX_PAUSE, FIRST_PAUSE * 2**self.exits)
        self.due_at = now + pause
        self.exits += 1
        return f"{self.program.name} {event}; starting it again in {pause:.1f} s"


class _Signals:
    """Waits for signals: Python writes the number of each to a socket as it arrives."""

    def __init__(self, reader: socket.socket) -> None:
        self._reader = reader

    def wait(self, seconds: float | None) -> set[int]:
        """The signals that have arrived; returns at the first one, or after `seconds` (None: no timeout)."""
        timeout = None if seconds is None else max(0.0, seconds)
        ready, _, _ = select.select([self._reader], [], [], timeout)
        return set(self._reader.recv(4096)) if ready else set()


@contextlib.contextmanager
def _signals() -> Iterator[_Signals]:
    """Catch the stop signals and SIGCHLD; restores the handlers afterwards."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    former_writer = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    # Signals that the parent process ignores stay ignored: nohup relies on it.
    caught = [number for number in STOP_SIGNALS if signal.getsignal(number) != signal.SIG_IGN] + [signal.SIGCHLD]
    former_handlers = {number: signal.signal(number, lambda *_: None) for number in caught}
    try:
        yield _Signals(reader)
    finally:
        for number, handler in former_handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(former_writer)
        reader.close()
        writer.close()
