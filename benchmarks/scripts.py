"""Programs that are started once, warmed up, and then work on request.

A line of JSON in, a line of JSON out: so the start of an interpreter is never part of the measurement.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def serve(work: Callable[[Any], Any]) -> None:
    """The program's side: answer each line of stdin until it is closed."""
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(work(json.loads(line))), flush=True)


class Script:
    """The caller's side of one program."""

    def __init__(self, module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self._module = module
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self.pid = self._process.pid
        self._receive()

    def begin(self, request: Any) -> None:
        """Start a piece of work; `end` waits for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")

    def end(self) -> Any:
        """The result of the work that was begun."""
        return json.loads(self._receive())

    def _receive(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self._module} ended with {self._process.wait()}")
        return line

    def close(self) -> None:
        """Stop it."""
        self._process.communicate()


@contextmanager
def running(
    module: str, *arguments: str, processes: int = 1, environment: Mapping[str, str] | None = None
) -> Iterator[Sequence[Script]]:
    """This many processes of one program, ready; they end with the block."""
    scripts: list[Script] = []
    try:
        scripts.extend(Script(module, *arguments, environment=environment) for _ in range(processes))
        yield scripts
    finally:
        for script in scripts:
            script.close()


def together(scripts: Sequence[Script], requests: Sequence[Any]) -> list[Any]:
    """Run one request in each, in parallel."""
    for script, request in zip(scripts, requests, strict=True):
        script.begin(request)
    return [script.end() for script in scripts]
