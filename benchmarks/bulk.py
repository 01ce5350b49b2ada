"""`import_images` of a CSV: rows per second beside the POSTs alone, the time to the first line, and peak memory."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.options import Options
from benchmarks.system import System, system
from imports.bulk.batching import MAX_ITEMS

FIRST_LINE_GOAL, MEMORY_GOAL = 2.0, 200  # seconds, MB
HEAD = "url,id,fileName,metadata.caption,metadata.credit"
POSTED = 20  # batches that are posted over HTTP, to compare with


class Run(NamedTuple):
    """One run of the command. Seconds; memory in MB."""

    first_line: float
    seconds: float
    cpu: float
    memory: float


def run(options: Options) -> Iterator[str]:
    """A line for each run, and one for the POSTs alone."""
    rows = options.rows
    with system() as service, service.running("web"):
        yield f"{rows:,} rows in batches of {MAX_ITEMS:,}; the POSTs alone: {posts_alone(service):,.0f} rows/s"
        yield ""
        yield "| run | first line (s) | whole (s) | rows/s | CPU of the command (s) | peak (MB) |"
        yield "|--:|--:|--:|--:|--:|--:|"
        command(service, table(service.data / "first.csv", 1, "first"))
        for number in range(options.runs):
            path = table(service.data / f"bulk-{number}.csv", rows, f"run{number}")
            found = command(service, path)
            speed = rows / found.seconds
            times = f"{found.first_line:.1f} | {found.seconds:.1f} | {speed:,.0f} | {found.cpu:.1f}"
            yield f"| {number + 1} | {times} | {found.memory:.0f} |"
        yield ""
        yield f"Goals: the first line within {FIRST_LINE_GOAL:.0f} s, and less than {MEMORY_GOAL} MB."


def table(path: Path, rows: int, name: str) -> Path:
    """A file of so many rows, about 160 bytes each."""
    with path.open("w") as file:
        file.write(f"{HEAD}\n")
        for n in range(rows):
            url = f"https://pictures.example.org/archive/{n // 1000}/{n}.jpg"
            file.write(
                f'{url},{name}-{n},"Picture {n}, taken",It sleeps on the sofa while the rain falls,Ann Example\n'
            )
    return path


def command(service: System, path: Path) -> Run:
    """Import the file to the project of this installation, without waiting for workers.

    Modules are compiled before, as in an installation, whatever the environment of the benchmark says.
    """
    call = ["manage.py", "import_images", str(path), "--project", "bench", "--system-name", path.stem, "--no-wait"]
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, *call],
        cwd=service.tree,
        env=service.environment | compiled(service),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    process.stderr.readline()
    first_line = time.monotonic() - began
    process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"import_images ended with {os.waitstatus_to_exitcode(status)}")
    cpu = usage.ru_utime + usage.ru_stime
    return Run(first_line, time.monotonic() - began, cpu, usage.ru_maxrss / 1024)


def compiled(service: System) -> dict[str, str]:
    """Where compiled modules are kept."""
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(service.data / "compiled")}


def posts_alone(service: System) -> float:
    """Rows per second of the same batches, made beforehand and posted over HTTP by one client."""
    bodies = [body(number) for number in range(POSTED)]
    client = service.client
    began = time.monotonic()
    for each in bodies:
        client.post("import/images", each)
    return POSTED * MAX_ITEMS / (time.monotonic() - began)


def body(number: int) -> bytes:
    """One batch."""
    items = [
        {
            "url": f"https://pictures.example.org/archive/{number}/{n}.jpg",
            "id": f"post-{number}-{n}",
            "fileName": f"Picture {n}, taken",
            "metadata": {"caption": "It sleeps on the sofa while the rain falls", "credit": "Ann Example"},
        }
        for n in range(MAX_ITEMS)
    ]
    return json.dumps({"systemName": "posts", "images": items}).encode()
