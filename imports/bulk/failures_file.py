"""The rows that were not imported, as they were, with the reason: a file that can be imported again.

A row of a table has its cells, and two more columns: `import_error`, and `import_line` with the text of a row that
could not be read as cells. Neither is a property. Such a row is corrected in `import_line`, or by filling in the
cells, which are read then. NDJSON has properties of the same names. Values are written unchanged, also those that a
spreadsheet program may take for formulas: they are the input's own.
"""

import csv
import json
import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from imports.bulk.rows import ERROR, LINE, InputError, Row
from imports.bulk.source import NDJSON, SUFFIXES, TSV, XLSX
from livingdocs_import.management.whole_file import whole_file


class FailuresFile:
    """Written beside its place, and put there when it is complete. Without such rows it has only its head."""

    def __init__(self, path: Path, input_format: str, columns: Sequence[str]) -> None:
        """InputError: the suffix is that of another format, or there is no such folder."""
        self.path, self.count = path, 0
        self._columns = [column for column in columns if column not in (ERROR, LINE)]
        self._own = [number for number, column in enumerate(columns) if column not in (ERROR, LINE)]
        self._open = ExitStack()
        self._delimiter = "\t" if suffix_of(path, input_format) == TSV else ","
        try:
            file = whole_file(path, "w", encoding="utf-8", errors="surrogateescape", newline="")
            self._file = self._open.enter_context(file)
        except OSError as error:
            raise InputError(f"--failures {path}: {error.strerror}") from None
        self._write = _write_object if input_format == NDJSON else self._write_cells
        if input_format != NDJSON:
            self._write_line(self._file, [*self._columns, ERROR, LINE])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def add(self, row: Row, reason: str) -> None:
        """Add a row that was not imported."""
        self._write(self._file, row, reason)
        self.count += 1

    def _write_cells(self, file: IO[str], row: Row, reason: str) -> None:
        if row.cells is None:
            self._write_line(file, [*([""] * len(self._columns)), reason, row.text])
        else:
            self._write_line(file, [*(row.cells[number] for number in self._own), reason, ""])

    def _write_line(self, file: IO[str], cells: Sequence[str]) -> None:
        csv.writer(file, delimiter=self._delimiter, lineterminator="\n").writerow(cells)


def _write_object(file: IO[str], row: Row, reason: str) -> None:
    known = {LINE: row.text} if row.source is None else dict(row.source)
    # In ASCII: the text of a line that could not be read may have bytes that are no characters.
    file.write(json.dumps({**known, ERROR: reason}) + "\n")


def check_place(path: Path, input_format: str) -> None:
    """InputError: a failures file of this input cannot be written there."""
    suffix_of(path, input_format)
    if not path.absolute().parent.is_dir():
        raise InputError(f"--failures {path}: there is no folder {path.absolute().parent}")
    if not os.access(path.absolute().parent, os.W_OK):
        raise InputError(f"--failures {path}: nothing can be written in {path.absolute().parent}")


def suffix_of(path: Path, input_format: str) -> str:
    """The format of a failures file. InputError: rows of this input cannot be written in it."""
    named = SUFFIXES.get(path.suffix.lower())
    if named is None or named == XLSX or (named == NDJSON) != (input_format == NDJSON):
        suffix = ".ndjson" if input_format == NDJSON else ".csv or .tsv"
        raise InputError(f"--failures {path}: of this input the name must end with {suffix}")
    return named
