"""Run the whole suite on SQLite, then what touches the database on PostgreSQL, and say in one line what ran.

    .venv/bin/python -m tests.run [--only-sqlite] [any pytest options]

What failed is remembered for each database: `--lf` runs it again, here and, on SQLite, with pytest alone. Both runs see
the same settings: none of the variables of .env.example that happen to be set in this shell.
TEST_DATABASE_URL and TEST_REDIS_URL name servers to use; otherwise see devtools/servers.py.
"""

import contextlib
import fcntl
import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from devtools import servers
from devtools.checkout import documented_variables

ROOT = Path(__file__).resolve().parent.parent
ENV_EXAMPLE = ROOT / ".env.example"
MAX_PROCESSES = 8  # each makes a database of its own first
PASSED, NOTHING_SELECTED = 0, 5  # pytest's exit codes
ONLY_SQLITE = "--only-sqlite"
# What failed on SQLite alone is no reason for `--lf` to run everything on PostgreSQL.
REMEMBER = ["--last-failed-no-failures", "none"]


@dataclass
class Report:
    """What the last line says."""

    ran: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    anything_selected: bool = False

    def note_run(self, name: str, code: int) -> None:
        """Take in pytest's exit code of the run on the database NAME."""
        self.ran.append(name)
        if code not in (PASSED, NOTHING_SELECTED):
            self.failed.append(name)
        self.anything_selected |= code != NOTHING_SELECTED

    def take_notes(self, notes: Path) -> None:
        """Add what the fixtures wrote: one line each, "ran …" or "missing …", repeated by every process."""
        for line in dict.fromkeys(notes.read_text().splitlines() if notes.exists() else []):
            what, _, service = line.partition(" ")
            (self.ran if what == "ran" else self.missing).append(service)

    @property
    def exit_code(self) -> int:
        return 0 if self.anything_selected and not self.failed else 1

    def __str__(self) -> str:
        parts = [f"ran: {', '.join(self.ran)}"]
        if self.missing:
            parts.append(f"NOT TESTED: {', '.join(self.missing)}")
        if self.failed:
            parts.append(f"FAILED: {', '.join(self.failed)}")
        if not self.anything_selected:
            parts.append("FAILED: no test was selected")
        return "; ".join(parts)


def main(arguments: list[str]) -> int:
    """Run pytest once or twice with ARGUMENTS added; the exit code for the shell."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what we started ends with us
    with _only_run_in_this_checkout(), tempfile.TemporaryDirectory(prefix="livingdocs-import-tests-") as scratch:
        started = time.monotonic()
        report = _run(Path(scratch), arguments)
        print(f"{report}; in {wall_time(time.monotonic() - started)}", flush=True)
    return report.exit_code


def _run(scratch: Path, arguments: list[str]) -> Report:
    report, notes = Report(), scratch / "notes"
    options = [*REMEMBER, *(argument for argument in arguments if argument != ONLY_SQLITE)]
    environment = _clean_environment(scratch, notes)
    sqlite = f"SQLite {sqlite3.sqlite_version}"
    report.note_run(sqlite, _pytest(sqlite, options, environment))
    if ONLY_SQLITE in arguments:
        report.missing.append("PostgreSQL (left out)")
    else:
        _run_on_postgresql(report, options, environment)
    report.take_notes(notes)
    return report


def _run_on_postgresql(report: Report, options: list[str], environment: dict[str, str]) -> None:
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(servers.postgresql())
        except servers.NotAvailable as error:
            (report.failed if error.required else report.missing).append(f"PostgreSQL ({error})")
            return
        database = stack.enter_context(_own_databases(server.url))
        options = ["-p", "tests.only_with_database", "-o", "cache_dir=.pytest_cache/postgresql", *options]
        report.note_run(server.name, _pytest(server.name, options, {**environment, "DATABASE_URL": database}))


def wall_time(seconds: float) -> str:
    """4.2 s, 48 s or 7 min 3 s."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _clean_environment(scratch: Path, notes: Path) -> dict[str, str]:
    ours = {name + suffix for name in documented_variables(ENV_EXAMPLE.read_text()) for suffix in ("", "_FILE")}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    keys = {
        "SECRET_KEY": "only for tests: 0123456789 abcdefghijklmnopqrstuvwxyz",
        "FIELD_ENCRYPTION_KEYS": "b25seSBmb3IgdGVzdHM6IDAxMjM0NTY3ODlhYmNkZWY=",
    }
    return {**environment, **keys, "DATA_DIR": str(scratch / "data"), "TEST_SERVICES_NOTES": str(notes)}


def _pytest(name: str, arguments: list[str], environment: dict[str, str]) -> int:
    """Run the suite in as many processes as there are cores. Later options win, so ARGUMENTS can say `-n 0`."""
    print(f"\n>>> {name}", flush=True)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    spread = ["-n", str(min(cores, MAX_PROCESSES)), "--dist", "worksteal"]
    command = [sys.executable, "-m", "pytest", *spread, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


@contextlib.contextmanager
def _own_databases(server_url: str) -> Iterator[str]:
    """A DATABASE_URL whose test databases are this checkout's alone; none is left over, not even by an aborted run."""
    name = f"livingdocs_import_{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}"
    _drop_databases(server_url, f"test_{name}")
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        _drop_databases(server_url, f"test_{name}")


def _drop_databases(server_url: str, prefix: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
        ).fetchall()
        for (name,) in found:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextlib.contextmanager
def _only_run_in_this_checkout() -> Iterator[None]:
    """Two runs of one checkout would drop each other's databases: the second waits."""
    with Path(__file__).open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another test run is going on in this checkout; waiting for it …", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
