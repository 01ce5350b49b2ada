"""NDJSON: an object in each line, in the API's own shape or with names of its own."""

from collections.abc import Iterator
from typing import BinaryIO

from imports.bulk.reading.lines import Lines, RowTooLong
from imports.bulk.rows import ERROR, LINE, MAX_ROW_BYTES, InputError, Row, RowProblem, shown
from livingdocs_import import errors
from livingdocs_import.validation.json_types import JSON
from livingdocs_import.validation.strict_json import read_json

TOO_LONG = f"the line is longer than {MAX_ROW_BYTES // 1024 // 1024} MB: expected one object in each line"


class NDJSONRows:
    """The objects. InputError: the first line is none."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._lines = Lines(stream)
        self.empty = 0
        self._rows = self._read()
        self._first = next(self._rows, None)
        if self._first is not None and self._first.source is None and not self._first.text.startswith(f'{{"{LINE}'):
            raise InputError(f"{name}, {self._first.place}: {self._first.problems[0]}")

    def __iter__(self) -> Iterator[Row]:
        if self._first is not None:
            yield self._first
        yield from self._rows

    def _read(self) -> Iterator[Row]:
        lines = self._lines
        while True:
            number = lines.mark()
            try:
                line = next(lines)
            except StopIteration:
                return
            except RowTooLong:
                lines.skip_rest_of_line()
                yield Row(number, number, text=shown(lines.first_line), problems=[RowProblem(TOO_LONG)])
                continue
            if line.strip():
                yield _row(number, line.rstrip("\r\n"))
            else:
                self.empty += 1


def _row(number: int, line: str) -> Row:
    row = _parsed(number, line)
    if row.source is None or not isinstance(repaired := row.source.get(LINE), str):
        return row
    own = {name: value for name, value in row.source.items() if name not in (ERROR, LINE)}
    return Row(number, number, source=own) if own else _parsed(number, repaired)


def _parsed(number: int, line: str) -> Row:
    try:
        found: JSON = read_json(line.encode("utf-8", "surrogateescape"))
    except errors.Invalid as error:
        problems = [RowProblem(str(message), path) for path, message in error.details.items()]
        return Row(number, number, text=line, problems=[_about_the_line(problem) for problem in problems])
    except errors.ApiError as error:
        return Row(number, number, text=line, problems=[RowProblem(str(error.details.get("message", error)))])
    if not isinstance(found, dict):
        return Row(number, number, text=line, problems=[RowProblem("expected an object: {…}")])
    return Row(number, number, source=found)


def _about_the_line(problem: RowProblem) -> RowProblem:
    """The API's text speaks of a request body."""
    if problem.path != "message":
        return problem
    return RowProblem(
        problem.message.replace("The request body", "the line")
        .replace("expected JSON", "expected an object")
        .replace(" line 1 ", " ")
    )
