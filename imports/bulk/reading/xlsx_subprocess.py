"""The program that converts a sheet of a workbook to CSV, and then exits; started by `xlsx.py`, not imported.

    python -m imports.bulk.reading.xlsx_subprocess NAME SHEET LIMITS < BOOK > TABLE

LIMITS is JSON: `memory_bytes`, `cpu_seconds` and `output_bytes`. What is wrong with the workbook goes to standard
error, and the exit code is 2 then. openpyxl reads a sheet row by row, but holds all texts of the workbook in memory.
It parses XML with defusedxml, which refuses entities.
"""

import csv
import json
import resource
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import IO, Any

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from imports.bulk.rows import MAX_COLUMNS, UNUSABLE, InputError, shown

TOO_LARGE = "the workbook is too large. Save the sheet as CSV: that may have any size"
NO_WORKBOOK = "this is no workbook (XLSX), or a damaged one"
REFUSED = 2
LIMITED = {
    resource.RLIMIT_AS: "memory_bytes",
    resource.RLIMIT_CPU: "cpu_seconds",
    resource.RLIMIT_FSIZE: "output_bytes",
}
DAMAGED = (LookupError, ValueError, TypeError, AttributeError, EOFError, SyntaxError, zlib.error)
MAX_UNZIPPED = 1024 * 1024 * 1024  # bytes of all parts
MAX_TEXTS = 256 * 1024 * 1024  # bytes of the texts that are held in memory
MAX_RATIO = 200  # a sheet compresses to a tenth or less; a bomb to a thousandth
FREE_RATIO = 10 * 1024 * 1024  # bytes that may compress to nothing
TEXTS = "xl/sharedStrings.xml"
PIECE = 256 * 1024
ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
MAX_EXACT = 2**53  # larger numbers have lost digits in the spreadsheet program already


def main(name: str, sheet: str, limits: dict[str, int]) -> int:
    """Convert; the exit code."""
    limit_resources(limits)
    try:
        with open(0, "rb", closefd=False) as book, open(1, "w", encoding="utf-8", newline="", closefd=False) as table:
            convert(book, table, name, sheet)
    except InputError as error:
        sys.stderr.write(str(error))
    except (MemoryError, OSError):  # also of what is buffered until the end
        sys.stderr.write(f"{name}: {TOO_LARGE}")
    except (zipfile.BadZipFile, DefusedXmlException, *DAMAGED):
        sys.stderr.write(f"{name}: {NO_WORKBOOK}")
    else:
        return 0
    return REFUSED


def limit_resources(limits: dict[str, int]) -> None:
    """From here on the kernel refuses more memory, time and disk."""
    for resource_, name in LIMITED.items():
        resource.setrlimit(resource_, (limits[name], limits[name]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def convert(book: IO[bytes], table: IO[str], name: str, sheet: str = "") -> None:
    """Write the sheet (by default the first) as CSV. InputError: it is no workbook, too large, or has no such sheet."""
    has_formulas = _checked(book, name)
    writer = csv.writer(table, lineterminator="\n")
    for cells in _rows(book, name, sheet, has_formulas=has_formulas):
        writer.writerow(cells)


def _checked(book: IO[bytes], name: str) -> bool:
    """Refuse what is too large, before it is unpacked. Returns whether there are formulas."""
    try:
        with zipfile.ZipFile(book) as parts:
            known = parts.infolist()
            unzipped = sum(part.file_size for part in known)
            texts = sum(part.file_size for part in known if part.filename.lower() == TEXTS.lower())
            if unzipped > MAX_UNZIPPED or texts > MAX_TEXTS:
                raise InputError(f"{name}: {TOO_LARGE}")
            if any(part.file_size > FREE_RATIO + MAX_RATIO * part.compress_size for part in known):
                raise InputError(f"{name}: a part of it unpacks to more than {MAX_RATIO} times its size. It is refused")
            return any(_has_formulas(parts, part) for part in known if part.filename.startswith("xl/worksheets/"))
    except zipfile.BadZipFile:
        raise InputError(f"{name}: {NO_WORKBOOK}") from None


def _has_formulas(parts: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether a sheet has formulas: then it is read twice, for their results and for themselves."""
    with parts.open(part) as file:
        before = b""
        while piece := file.read(PIECE):
            if b"<f>" in before + piece or b"<f " in before + piece:
                return True
            before = piece[-3:]
    return False


def _rows(book: IO[bytes], name: str, sheet: str, *, has_formulas: bool) -> Iterator[list[str]]:
    """The rows as text, all as wide as the head; cells beyond it are kept if there is something in them."""
    values = _sheet(book, name, sheet, data_only=True)
    written = _sheet(book, name, sheet, data_only=False) if has_formulas else values
    width = 0
    for number, (row, other) in enumerate(
        zip(values, written, strict=True) if has_formulas else ((r, r) for r in values)
    ):
        cells = [_text(value, formula) for value, formula in zip(row, other, strict=True)]
        while cells and not cells[-1]:
            cells.pop()
        if number == 0:
            width = len(cells)
            if width > MAX_COLUMNS:
                raise InputError(f"{name}, row 1: expected at most {MAX_COLUMNS:,} columns, found {width:,}")
        yield cells + [""] * (width - len(cells))


def _sheet(book: IO[bytes], name: str, sheet: str, *, data_only: bool) -> Iterable[Sequence[Any]]:
    try:
        workbook = load_workbook(book, read_only=True, data_only=data_only, keep_links=False)
        found = workbook[sheet] if sheet in workbook.sheetnames else None if sheet else workbook.worksheets[0]
    except (InvalidFileException, *DAMAGED) as error:
        raise InputError(f"{name}: {NO_WORKBOOK}: {shown(str(error))}") from error
    if found is None:
        raise InputError(
            f'{name}: there is no sheet "{shown(sheet)}"; there are {", ".join(map(shown, workbook.sheetnames))}'
        )
    found.reset_dimensions()  # programs write wrong ones
    rows: Iterable[Sequence[Any]] = found.iter_rows(values_only=True)
    return rows


def _text(value: Any, written: Any) -> str:
    """A cell as text; a cell without a usable value as UNUSABLE and the reason."""
    match value:
        case None:
            is_formula = isinstance(written, ArrayFormula | DataTableFormula) or str(written or "").startswith("=")
            return (
                f"{UNUSABLE}a formula without a stored result: save it in a spreadsheet program, or its value"
                if is_formula
                else ""
            )
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < MAX_EXACT else repr(value)
        case datetime():
            has_time = value.time() != time()
            return f"{value.isoformat()}Z" if has_time else value.date().isoformat()
        case date() | time():
            return value.isoformat()
        case str() if value in ERRORS:
            return f"{UNUSABLE}the error {value}"
    return str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3])))
