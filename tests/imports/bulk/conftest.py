"""Run the commands that import a file, and read what they say."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command


@dataclass
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The report of `--json`."""
        found: dict[str, Any] = json.loads(self.out.splitlines()[-1])["report"]
        return found

    @property
    def refused(self) -> list[dict[str, Any]]:
        """The refused rows of `--json`."""
        return [json.loads(line)["refused"] for line in self.out.splitlines()[:-1]]


Run = Callable[..., Said]


@pytest.fixture
def run() -> Run:
    """Run a command: `run("import_images", "a.csv", "--check")`."""

    def run(*arguments: object) -> Said:
        out, err, code = io.StringIO(), io.StringIO(), 0
        try:
            call_command(*map(str, arguments), stdout=out, stderr=err)
        except CommandError as error:
            code = error.returncode
            err.write(f"{error}\n")
        except SystemExit as end:
            code = int(end.code or 0)
        return Said(code, out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """Write a file of these lines."""

    def write(*lines: str, name: str = "archive.csv", encoding: str = "utf-8", end: str = "\n") -> Path:
        path = tmp_path / name
        path.write_bytes("".join(f"{line}{end}" for line in lines).encode(encoding))
        return path

    return write
