"""Measure the service: `python -m benchmarks [NAME …] [--runs N] …`, or `make bench`.

All servers are started for the measurement and end with it. Results go to standard output, in Markdown.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks import (
    against,
    bulk,
    documents,
    entries,
    images,
    instructions,
    neighbours,
    pages,
    reads,
    references,
    search,
    status,
)
from benchmarks.corpus import ROOT
from benchmarks.options import Options

BENCHMARKS: dict[str, Callable[[Options], Iterable[str]]] = {
    "images": images.run,
    "entries": entries.run,
    "reads": reads.run,
    "documents": documents.run,
    "references": references.run,
    "status": status.run,
}
LONG = {
    "neighbours": neighbours.run,
    "search": search.run,
    "bulk": bulk.run,
    "pages": pages.run,
}  # only if they are named


def main(arguments: Sequence[str]) -> None:
    """Run the named parts, and print each part's lines as soon as they are there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all, or some of {', '.join(BENCHMARKS | LONG)}")
    parser.add_argument("--runs", type=int, default=3, help="runs of each, after one that does not count (default 3)")
    parser.add_argument("--images", type=int, default=600, help="photographs in a batch (default 600)")
    parser.add_argument("--granian", action="store_true", help="reads: behind granian (pip install it) not gunicorn")
    parser.add_argument(
        "--against",
        type=Path,
        metavar="CHECKOUT",
        help=f"compare this version with another one, in pairs of RUNS: {', '.join(against.WORKLOADS)}",
    )
    parser.add_argument(
        "--instructions",
        action="store_true",
        help=f"with --against: count instructions with valgrind: {', '.join(instructions.AMOUNTS)}",
    )
    parser.add_argument("--scenario", action="append", default=[], help="neighbours: only this one; several times")
    parser.add_argument("--quick", action="store_true", help="neighbours: with a tenth of the sizes, to try it out")
    parser.add_argument(
        "--publications", type=int, default=1_000_000, help="search: so many (default 1000000; 0: none)"
    )
    parser.add_argument("--entries", type=int, default=1_000_000, help="search, pages: so many (default 1000000)")
    parser.add_argument("--rows", type=int, default=300_000, help="bulk: rows of the file (default 300000)")
    parser.add_argument("--kill-runs", type=int, default=3, help="neighbours: runs with kills (default 3)")
    parsed = parser.parse_args(arguments)
    compared = instructions.AMOUNTS.keys() if parsed.instructions else against.WORKLOADS.keys()
    usual = compared if parsed.against else BENCHMARKS.keys()
    known = usual if parsed.against else usual | LONG.keys()
    names = list(usual) if set(parsed.names) <= {"all"} else parsed.names
    if unknown := set(names) - known:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    if not sys.platform.startswith("linux"):
        parser.error("CPU time is read from /proc: Linux only")
    options = Options(
        runs=parsed.runs,
        images=parsed.images,
        granian=parsed.granian,
        scenarios=tuple(parsed.scenario),
        quick=parsed.quick,
        publications=parsed.publications,
        entries=parsed.entries,
        rows=parsed.rows,
        kill_runs=parsed.kill_runs,
    )
    print(machine(), flush=True)
    if parsed.against:
        other = parsed.against.resolve()
        counted = instructions.run(names, (ROOT, other)) if parsed.instructions else against.run(names, other, options)
        for line in counted:
            print(line, flush=True)
        return
    for name in names:
        print(f"\n## {name}\n", flush=True)
        for line in (BENCHMARKS | LONG)[name](options):
            print(line, flush=True)


def machine() -> str:
    """One line about the machine."""
    model = next(
        (line.partition(": ")[2] for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in ("Django", "psycopg", "celery", "gunicorn"))
    return (
        f"{os.cpu_count()} x {model}, {gigabytes:.0f} GiB, Linux {platform.release()}, Python "
        f"{platform.python_version()}, {packages}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
