"""What the command prints: facts on standard output, messages and progress on standard error."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable

from livingdocs_import_client.jobs import Progress
from livingdocs_import_client.json_types import JSONObject

PLAIN_EVERY = 10.0  # seconds between two lines of progress without a terminal


def printer(given: argparse.Namespace) -> Callable[[JSONObject, str], None]:
    """Prints a fact: as JSON or as a line for people."""

    def show(fact: JSONObject, line: str) -> None:
        print(json.dumps(fact, ensure_ascii=False) if given.json else line, flush=True)

    return show


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class Meter:
    """Progress on standard error: one line that changes on a terminal, now and then a line elsewhere."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._began = self._last = time.monotonic()
        self._width = 0

    def show(self, progress: Progress) -> None:
        """Show how far it is."""
        now = time.monotonic()
        line = f"{progress}, {progress.done / max(now - self._began, 0.1):.0f} a second"
        if self._is_terminal:
            sys.stderr.write(f"\r{line.ljust(self._width)}")
            sys.stderr.flush()
            self._width = len(line)
        elif now - self._last >= PLAIN_EVERY:
            self._last = now
            say(line)

    def clear(self) -> None:
        """Take the line away, for something else to be printed."""
        if self._width:
            sys.stderr.write(f"\r{' ' * self._width}\r")
            sys.stderr.flush()
            self._width = 0

    def __enter__(self) -> Meter:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()
