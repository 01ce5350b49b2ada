"""Shows how far a bulk import is: a bar on a terminal, plain lines elsewhere. Both go to standard error."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

FIRST_SECONDS = 1.0  # until the first plain line of a stage
LINE_SECONDS = 10.0  # between two of them


class Display(Protocol):
    """Stages follow each other; within one, `at` is called as often as there is something new."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def say(self, line: str) -> None:
        """A line that stays."""

    def stage(self, name: str) -> None:
        """Something else begins."""

    def at(self, done: int, total: int | None = None, *, share: float = 0.0, note: str = "") -> None:
        """So many are done; of `total`, or `share` (0 to 1) of all, if that is known."""


class Stream(Protocol):
    """Where lines go to."""

    def write(self, text: str, /) -> object: ...
    def flush(self) -> object: ...


class Lines:
    """Plain lines: the first soon, then every ten seconds, and the last state of each stage."""

    def __init__(self, stream: Stream, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._stage, self._shown, self._last = "", "", ""
        self._due = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._show_last()

    def say(self, line: str) -> None:
        self._stream.write(f"{line}\n")
        self._stream.flush()

    def stage(self, name: str) -> None:
        self._show_last()
        self._stage, self._last, self._shown = name, "", ""
        self._due = self._clock() + FIRST_SECONDS

    def at(self, done: int, total: int | None = None, *, share: float = 0.0, note: str = "") -> None:
        self._last = f"{self._stage}: {counted(done, total, share)}{f', {note}' if note else ''}"
        if self._clock() >= self._due:
            self._show_last()
            self._due = self._clock() + LINE_SECONDS

    def _show_last(self) -> None:
        if self._last != self._shown:
            self.say(self._last)
            self._shown = self._last


def counted(done: int, total: int | None, share: float) -> str:
    """`12,000 of 300,000 (4 %)`, as far as it is known."""
    if total:
        return f"{done:,} of {total:,} ({100 * done // total} %)"
    return f"{done:,} rows ({share:.0%} of the file)" if share else f"{done:,} rows"


class Bar:
    """A bar that moves, below the lines that stay."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, highlight=False, soft_wrap=True, markup=False)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            console=self._console,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def say(self, line: str) -> None:
        self._console.print(line)

    def stage(self, name: str) -> None:
        if self._task is not None:
            self._progress.stop_task(self._task)
        self._task = self._progress.add_task(name, total=None, note="")

    def at(self, done: int, total: int | None = None, *, share: float = 0.0, note: str = "") -> None:
        if self._task is not None:
            whole = total or (round(done / share) if share else None)
            self._progress.update(self._task, completed=done, total=whole, note=note)
