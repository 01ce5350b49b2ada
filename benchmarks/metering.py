"""The cost of work: CPU seconds and memory of process trees, and the use of the machine by others meanwhile (Linux).

CPU seconds come from /proc/<pid>/stat and include children that have ended. The compared figure is operations per
core-second: unlike the rate by the clock, it hardly depends on other load on the machine.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")  # of the times in /proc, per second
PROC = Path("/proc")
Parts = dict[str, list[int]]  # the pids at the head of process trees, by name


@dataclass(frozen=True)
class Cost:
    """One run: the number of operations, the time by the clock, and the CPU seconds by part."""

    operations: int
    seconds: float
    cpu: Mapping[str, float]
    foreign: float  # share of the machine's CPU time used by others, 0 to 1

    @property
    def per_core_second(self) -> float:
        return self.operations / sum(self.cpu.values())

    @property
    def per_second(self) -> float:
        return self.operations / self.seconds


def measure(parts: Parts, work: Callable[[], int], *, aside: Iterable[int] = ()) -> Cost:
    """Run `work`, which returns its number of operations, and measure the parts meanwhile.

    This process and the trees in `aside` (load generators, origins) are neither counted nor foreign.
    """
    aside = list(aside)
    before, aside_before = _cpu(parts), _aside(aside)
    busy_before, began = _busy(), time.monotonic()
    operations = work()
    seconds, busy = time.monotonic() - began, _busy() - busy_before
    after, aside_after = _cpu(parts), _aside(aside)
    cpu = {name: after[name] - before[name] for name in after}
    foreign = busy - sum(cpu.values()) - (aside_after - aside_before)
    return Cost(operations, seconds, cpu, max(0.0, foreign / (seconds * (os.cpu_count() or 1))))


def _cpu(parts: Parts) -> dict[str, float]:
    children = _children()
    return {name: sum(_seconds(pid) for pid in _tree(heads, children)) for name, heads in parts.items()}


def _aside(heads: Iterable[int]) -> float:
    return time.process_time() + sum(_seconds(pid) for pid in _tree(heads, _children()))


def _busy() -> float:
    """CPU seconds that the whole machine has worked since boot: all but idle, waiting and stolen time."""
    user, nice, system, _, _, irq, softirq, *_ = map(int, (PROC / "stat").read_text().split("\n", 1)[0].split()[1:])
    return (user + nice + system + irq + softirq) / TICK


def _stat(pid: int) -> list[str]:
    """The fields after the program's name, which may itself contain blanks and brackets; [] if the process is gone."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _seconds(pid: int) -> float:
    """Of the process, and of its children that have ended and were waited for."""
    return sum(map(int, _stat(pid)[11:15])) / TICK


def _children() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit() and (stat := _stat(int(folder.name))):
            children.setdefault(int(stat[1]), []).append(int(folder.name))
    return children


def _tree(heads: Iterable[int], children: Mapping[int, list[int]]) -> Iterator[int]:
    for pid in heads:
        yield pid
        yield from _tree(children.get(pid, ()), children)


# --- Memory ----------------------------------------------------------------------------------------------------------


@contextmanager
def peak_memory(parts: Parts, *, every: float = 0.5) -> Iterator[dict[str, float]]:
    """The peak memory of each part within the block, in MB; complete when the block has ended.

    PSS: shared memory counts once. Measuring costs some CPU, so it is not combined with CPU measurements.
    """
    peak = dict.fromkeys(parts, 0.0)
    over = threading.Event()

    def look() -> None:
        while True:
            children = _children()
            for name, heads in parts.items():
                peak[name] = max(peak[name], sum(_megabytes(pid) for pid in _tree(heads, children)))
            if over.wait(every):
                return

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _megabytes(pid: int) -> float:
    try:
        rollup = (PROC / str(pid) / "smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0.0)
