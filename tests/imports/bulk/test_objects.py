"""NDJSON is read line by line."""

import io

import pytest

from imports.bulk.reading.ndjson import NDJSONRows
from imports.bulk.rows import InputError, Row


def rows(text: bytes) -> list[Row]:
    return list(NDJSONRows(io.BytesIO(text), "a.ndjson"))


def test_each_line_is_an_object() -> None:
    read = rows(b'{"id": "1"}\n\n{"id": "2", "metadata": {"a": [1]}}')
    assert [(row.number, row.source) for row in read] == [(1, {"id": "1"}), (3, {"id": "2", "metadata": {"a": [1]}})]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"[1]", "expected an object: {…}"),
        (b'{"id": 1', "the line is not valid JSON: EOF while parsing an object at column 8"),
        (b'{"id": 1, "id": 2}', "id: Duplicate key"),
        (b'{"id": "Z\xfcrich"}', "the line is not valid JSON: invalid unicode code point at column 10"),
    ],
)
def test_a_line_that_is_none_costs_one_row(line: bytes, message: str) -> None:
    read = rows(b'{"id": "1"}\n' + line + b'\n{"id": "3"}\n')
    assert [bool(row.problems) for row in read] == [False, True, False]
    assert str(read[1].problems[0]) == message


def test_a_file_that_does_not_begin_with_an_object_is_refused() -> None:
    with pytest.raises(InputError, match=r"a\.ndjson, row 1: the line is not valid JSON"):
        rows(b"url,id\nhttps://example.org,1\n")


def test_a_line_that_is_too_long_costs_one_row() -> None:
    read = rows(b'{"id": "1"}\n{"id": "' + b"x" * 20_000_000 + b'"}\n{"id": "3"}\n')
    assert [row.number for row in read if row.problems] == [2]
    assert read[-1].source == {"id": "3"}
