"""Instructions that Python executes for one operation, counted by valgrind, in this checkout and in another one.

The number is nearly the same however busy the machine is, which no time is: it proves differences of one per cent.
It says nothing of PostgreSQL, of the kernel or of caches that miss.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import corpus, origin
from benchmarks.system import System, system

SCRIPT = Path(__file__).parent / "counted_work.py"
# Two amounts of each kind: their difference is free of what each of them begins with.
AMOUNTS = {"images": (24, 96), "documents": (100, 400), "entries": (500, 2_000), "one": (50, 250), "list": (25, 125)}
TOTAL = re.compile(r"^totals: (\d+)$", re.MULTILINE)


def run(names: Sequence[str], trees: Sequence[Path]) -> Iterator[str]:
    """A table in Markdown: thousands of instructions for one operation in each checkout, and their ratio."""
    here, there = (per_operation(names, tree) for tree in trees)
    yield from ("| | here, thousands | there, thousands | times the instructions |", "|---|--:|--:|--:|")
    for name in names:
        ratio = here[name] / there[name]
        yield f"| {name} | {here[name] / 1000:,.0f} | {there[name] / 1000:,.0f} | {ratio:.3f} |"


def per_operation(names: Sequence[str], tree: Path) -> dict[str, float]:
    """Instructions for one operation more of each kind."""
    return {
        name: (after_many - after_few) / (AMOUNTS[name][1] - AMOUNTS[name][0])
        for name, (after_few, after_many) in zip(names, counted(names, tree), strict=True)
    }


def counted(names: Sequence[str], tree: Path) -> list[tuple[int, int]]:
    """Instructions for both amounts of each kind, over a database of their own."""
    works = [f"{name}={few},{many}" for name in names for few, many in (AMOUNTS[name],)]
    with origin.serving(corpus.photographs()) as archive, system(allowed=[archive.address], tree=tree) as service:
        valgrind = ["valgrind", "-q", "--tool=callgrind", "--instr-atstart=no"]
        subprocess.run(
            [*valgrind, f"--callgrind-out-file={service.data}/counts", sys.executable, "-P", str(SCRIPT), *works],
            cwd=tree,
            env=_environment(service, tree, archive.address),
            check=True,
        )
        totals = _totals(service.data)
    return list(zip(totals[1::3], totals[2::3], strict=True))  # before the few, after them, after the many


def _totals(folder: Path) -> list[int]:
    """What each file says, in their order; the last one, of the end, has no number."""
    files = sorted(folder.glob("counts.*"), key=lambda file: int(file.suffix[1:]))
    return [int(found[1]) for file in files if (found := TOTAL.search(file.read_text()))]


def _environment(service: System, tree: Path, archive: str) -> dict[str, str]:
    return service.environment | {
        "COUNTED_TOKEN": service.token,
        "COUNTED_ORIGIN": archive,
        "PATH": os.environ["PATH"],
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": str(tree),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
