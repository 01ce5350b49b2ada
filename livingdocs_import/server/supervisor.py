"""Keep a few programs running as one process tree: start them, restart what dies, leave nothing behind.

Each program is the head of a process group, and whatever it started ends with it. If the supervisor itself is killed,
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

FIRST_PAUSE = 0.2  # seconds before a dead program is started again; doubled by every further death in a row
MAX_PAUSE = 10.0  # seconds
STEADY_AFTER = 10.0  # seconds alive that make earlier deaths forgotten


@dataclass(frozen=True)
class Program:
    """What to run: a name for the lines we print, the command, and the open files (a listening socket) it inherits."""

    name: str
    command: Sequence[str]
    pass_fds: Sequence[int] = ()


class Supervisor:
    """Runs programs until SIGTERM, SIGINT or SIGHUP.

    `grace`: seconds they get to end by themselves before they are killed; a Ctrl-C meanwhile makes it zero.
    `say`: gets one line per event.
    """

    def __init__(self, programs: Sequence[Program], *, grace: float, say: Callable[[str], None]) -> None:
        self._charges = [_Charge(program) for program in programs]
        self._grace = grace
        self._say = say

    def run(self) -> None:
        """Start everything; return when everything has ended. Only in the main thread, where signals arrive."""
        with _signals() as signals:
            try:
                self._tend(signals)
            finally:
                self._stop(signals)

    def _tend(self, signals: "_Signals") -> None:
        """Start due programs and reap exited ones, until told to stop."""
        timeout: float | None = 0.0
        while not signals.wait(timeout) & STOP_SIGNALS:
            now = time.monotonic()
            for charge in self._charges:
                if charge.process and charge.process.poll() is not None:
                    self._say(charge.reap(now))
                if charge.process is None and charge.due_at <= now:
                    self._say(charge.start(now, grace=self._grace))
            timeout = min((charge.due_at - now for charge in self._charges if charge.process is None), default=None)

    def _stop(self, signals: "_Signals") -> None:
        """Ask the programs to end, wait, then kill what is left."""
        running = {charge.program.name: charge.process for charge in self._charges if charge.process}
        self._say("stopping " + ", ".join(running))
        for process in running.values():
            process.terminate()  # the program, not its group: it knows in which order its own children should go
        deadline = time.monotonic() + self._grace
        while any(process.poll() is None for process in running.values()):
            left = deadline - time.monotonic()
            # A repeated SIGTERM means nothing: who ends a whole process tree may send it several times.
            if left <= 0 or signal.SIGINT in signals.wait(left):
                break
        for name, process in running.items():
            if process.poll() is None:
                self._say(f"{name} did not end in time and is killed")
        for charge in self._charges:
            charge.end()
        self._say("stopped")


@dataclass
class _Charge:
    """One program under our care: running as `process`, or to be started at `due_at` (time.monotonic() seconds)."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    reaper: OrphanReaper | None = None
    due_at: float = 0.0
    started_at: float = 0.0
    deaths: int = 0  # in a row, none of them after a steady time

    def start(self, now: float, *, grace: float) -> str:
        """Start the program; the line that says what came of it."""
        command, pass_fds = self.program.command, self.program.pass_fds
        # A session of its own: Ctrl-C in a terminal reaches the supervisor alone, which then ends things in order.
        try:
            self.process = subprocess.Popen(command, pass_fds=pass_fds, start_new_session=True)
            self.reaper = OrphanReaper(self.process.pid, grace=grace)
        except OSError as error:  # no memory for another process, for example: that passes
            self.end()
            return self._plan_return(now, f"could not be started ({error.strerror})")
        self.started_at = now
        return f"{self.program.name} started (pid {self.process.pid})"

    def reap(self, now: float) -> str:
        """Clear away what is left of the exited process and plan its successor; the line that says so."""
        code = self.end()
        if now - self.started_at >= STEADY_AFTER:
            self.deaths = 0
        return self._plan_return(now, f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended ({code})")

    def end(self) -> int:
        """Kill the process and what it left running: an orphan would hold its socket, or work beside its successor.

        The exit code; 0 if nothing runs.
        """
        process, reaper, self.process, self.reaper = self.process, self.reaper, None, None
        if process:
            kill_group(process.pid)
            process.wait()
        if reaper:
            reaper.dismiss()
        return process.returncode if process else 0

    def _plan_return(self, now: float, what_happened: str) -> str:
        pause = min(MAX_PAUSE, FIRST_PAUSE * 2**self.deaths)
        self.due_at = now + pause
        self.deaths += 1
        return f"{self.program.name} {what_happened}; starting it again in {pause:.1f} s"


class _Signals:
    """Signals as something to wait for: Python writes each one's number into a socket as it arrives."""

    def __init__(self, reader: socket.socket) -> None:
        self._reader = reader

    def wait(self, seconds: float | None) -> set[int]:
        """The signals that came in; returns at the first one, or after SECONDS (None: never without one)."""
        timeout = None if seconds is None else max(0.0, seconds)
        ready, _, _ = select.select([self._reader], [], [], timeout)
        return set(self._reader.recv(4096)) if ready else set()


@contextlib.contextmanager
def _signals() -> Iterator[_Signals]:
    """Catch the stop signals and the deaths of children; afterwards everything is as it was."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    former_writer = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    # What our caller ignores stays ignored: nohup works that way.
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
