"""XLSX: a child process converts a sheet to CSV on the disk, within limits of memory, time and size.

Text formats are read at any size; a workbook is not, since the texts of all its cells are held in memory. Cells become
text, so ids keep their digits.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from imports.bulk.rows import InputError

ROOT = Path(__file__).resolve().parents[3]
CHILD = "imports.bulk.reading.xlsx_subprocess"
LIMITS: Mapping[str, int] = {"memory_bytes": 2 * 1024**3, "cpu_seconds": 3600, "output_bytes": 4 * 1024**3}


def convert(book: IO[bytes], table: IO[bytes], name: str, sheet: str = "", limits: Mapping[str, int] = LIMITS) -> None:
    """Write the sheet (by default the first) of a file to another one. InputError: it is no workbook, or too large."""
    book.flush()
    book.seek(0)
    command = [sys.executable, "-m", CHILD, name, sheet, json.dumps(dict(limits))]
    child = subprocess.run(command, cwd=ROOT, env={}, stdin=book, stdout=table, stderr=subprocess.PIPE, check=False)
    if child.returncode:
        said = child.stderr.decode("utf-8", "replace").strip().splitlines()
        raise InputError(
            said[-1] if said else f"{name}: the workbook needs more than it may have. Save the sheet as CSV"
        )
