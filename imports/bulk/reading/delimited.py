"""CSV and TSV (RFC 4180): a head with the names of the columns, and rows of as many cells."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from imports.bulk.reading.lines import Lines, RowTooLong
from imports.bulk.rows import ERROR, LINE, MAX_COLUMNS, MAX_ROW_BYTES, UNUSABLE, InputError, Row, RowProblem, shown
from livingdocs_import.validation.storable_json import unstorable_text

DELIMITERS = ",;\t|"
TOO_LONG = f"a row is longer than {MAX_ROW_BYTES // 1024 // 1024} MB: does a quote that opens here never close?"
NOT_UTF_8 = "it is not UTF-8, unlike the beginning: if the whole file is in another encoding, try --encoding cp1252"

CORRECT = f"; correct {LINE}, or fill in the cells"

csv.field_size_limit(2 * MAX_ROW_BYTES)  # rows have a limit of their own


class DelimitedRows:
    """The rows below the head. Reading the head is the constructor's work; InputError: it is none."""

    def __init__(self, stream: BinaryIO, name: str, delimiter: str = "") -> None:
        """`delimiter`: "" to find it in the head."""
        self._name = name
        self._lines = Lines(stream)
        self.empty = 0  # lines without a cell
        self.columns = self._head(delimiter)
        self._text_at = self.columns.index(LINE) if LINE in self.columns else None
        self._own = [number for number, column in enumerate(self.columns) if column not in (ERROR, LINE)]

    def _head(self, delimiter: str) -> list[str]:
        self._lines.mark()
        try:
            line = self._lines.peek()
        except RowTooLong:
            raise InputError(f"{self._name}, row 1: {TOO_LONG}") from None
        if not line.strip():
            raise InputError(f"{self._name}, row 1: expected the names of the columns, found nothing")
        self.delimiter = delimiter or max(DELIMITERS, key=line.count)
        row = next(self._records())
        if row.cells is None:
            raise InputError(f"{self._name}, row 1: {row.problems[0]}")
        _check_columns(row.cells, self._name)
        return [cell.strip() for cell in row.cells]

    def __iter__(self) -> Iterator[Row]:
        for number, row in enumerate(self._records(), 2):
            row.number = number
            if row.cells is None or any(row.cells):
                yield self._fitting(row)
            else:
                self.empty += 1

    def _records(self) -> Iterator[Row]:
        """Each record with its first line. What is not CSV costs one line; the next one is read as a record again."""
        lines, reader = self._lines, self._reader()
        while True:
            line = lines.mark()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except RowTooLong:
                yield self._broken(line, TOO_LONG)
            except csv.Error as error:
                yield self._broken(line, _in_words(str(error), lines.text, self.delimiter))
            else:
                yield Row(0, line, cells)
                continue
            lines.keep_first_line()
            reader = self._reader()

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(self._lines, delimiter=self.delimiter, strict=True)

    def _broken(self, line: int, message: str) -> Row:
        self._lines.skip_rest_of_line()
        return Row(0, line, text=self._lines.first_line, problems=[RowProblem(message)])

    def _fitting(self, row: Row) -> Row:
        """The row if it has as many cells as the head, and text in them; otherwise with a problem."""
        if row.cells is None:
            return row
        expected, found = len(self.columns), len(row.cells)
        if found != expected:
            row.text, row.cells = self._lines.text.rstrip("\r\n"), None
            row.problems.append(RowProblem(_other_length(expected, found)))
        elif UNUSABLE in self._lines.text or unstorable_text(self._lines.text):
            row.problems += _unstorable(self.columns, row.cells)
        elif self._text_at is not None and row.cells[self._text_at] and not self._is_filled(row.cells):
            return self._repaired(row, row.cells[self._text_at])
        return row

    def _is_filled(self, cells: Sequence[str]) -> bool:
        """Whether a row of a failures file that was no row has cells now."""
        return any(cells[number].strip() for number in self._own)

    def _repaired(self, row: Row, text: str) -> Row:
        """A row of a failures file that was no row: what its line says now."""
        try:
            cells = next(csv.reader(text.splitlines(keepends=True), delimiter=self.delimiter, strict=True), [])
        except csv.Error as error:
            problem = RowProblem(_in_words(str(error), text, self.delimiter) + CORRECT)
            return Row(row.number, row.line, text=text, problems=[problem])
        if len(cells) != len(self._own):
            problem = RowProblem(_other_length(len(self._own), len(cells)) + CORRECT)
            return Row(row.number, row.line, text=text, problems=[problem])
        filled = [""] * len(self.columns)
        for place, cell in zip(self._own, cells, strict=True):
            filled[place] = cell
        return Row(row.number, row.line, filled)


def _other_length(expected: int, found: int) -> str:
    return f"expected {expected:,} cells, as in the head, found {found:,}"


def _unstorable(columns: Sequence[str], cells: Sequence[str]) -> Iterator[RowProblem]:
    for column, cell in zip(columns, cells, strict=True):
        if cell.startswith(UNUSABLE):
            yield RowProblem(cell.removeprefix(UNUSABLE), column=column)
        elif unstorable_text(cell):
            yield RowProblem("there is a zero byte in it" if "\0" in cell else NOT_UTF_8, column=column)


def _check_columns(columns: Sequence[str], name: str) -> None:
    if len(columns) > MAX_COLUMNS:
        raise InputError(f"{name}, row 1: expected at most {MAX_COLUMNS:,} columns, found {len(columns):,}")
    if any(unstorable_text(column) for column in columns):
        raise InputError(f"{name}, row 1: a name of a column is no text")
    twice = [column for column, times in Counter(map(str.strip, columns)).items() if times > 1 and column]
    if twice:
        raise InputError(*(f'{name}, row 1: there are several columns "{shown(column)}"' for column in twice[:20]))


def _in_words(error: str, text: str, delimiter: str) -> str:
    if "unexpected end" in error:
        return "a quote opens here and never closes"
    if "new-line character" in error:
        return "expected lines that end with a line feed, found carriage returns alone"
    if "expected after" in error:
        further = text.rstrip("\n").count("\n")
        where = f", which is {further:,} lines further down," if further else ""
        return (
            f"after a closing quote{where} expected {delimiter!r} or the end of the line; a quote in a cell is doubled"
        )
    return error
