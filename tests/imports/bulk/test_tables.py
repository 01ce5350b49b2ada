"""CSV and TSV are read row by row; what is wrong has its place, and costs one row."""

import io
import re
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from imports.bulk.reading import lines
from imports.bulk.reading.delimited import DelimitedRows
from imports.bulk.reading.encodings import utf_8
from imports.bulk.rows import InputError, Row
from imports.bulk.source import Reading, Source


def rows(text: bytes | str, delimiter: str = "", encoding: str = "") -> list[Row]:
    stream = io.BufferedReader(io.BytesIO(text if isinstance(text, bytes) else text.encode()))  # type: ignore[arg-type]
    return list(DelimitedRows(utf_8(stream, "a.csv", encoding), "a.csv", delimiter))


def cells(text: bytes | str, **options: Any) -> list[Any]:
    return [row.cells for row in rows(text, **options)]


def problems(text: bytes | str) -> list[tuple[int, str]]:
    return [(row.number, str(row.problems[0])) for row in rows(text) if row.problems]


def refused(text: bytes | str, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        rows(text, **options)
    return str(caught.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_head(delimiter: str) -> None:
    assert cells(f"a{delimiter}b\n1{delimiter}2\n") == [["1", "2"]]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_a_missing_last_one_make_no_difference(end: str) -> None:
    assert cells(f"a,b{end}1,2{end}3,4") == [["1", "2"], ["3", "4"]]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_no_part_of_the_first_column(encoding: str) -> None:
    read = DelimitedRows(utf_8(io.BufferedReader(io.BytesIO("ä,b\nü,2\n".encode(encoding))), "a.csv", ""), "a.csv")  # type: ignore[arg-type]
    assert read.columns == ["ä", "b"]
    assert [row.cells for row in read] == [["ü", "2"]]


def test_a_file_in_another_encoding_is_refused_with_the_likely_one() -> None:
    said = refused("a,b\n1,Zürich\n".encode("cp1252"))
    assert said == (
        "a.csv, line 2: expected UTF-8, found the byte 0xfc, which is “ü” in Windows-1252: try --encoding cp1252"
    )
    assert cells("a,b\n1,Zürich\n".encode("cp1252"), encoding="cp1252") == [["1", "Zürich"]]


def test_utf_16_without_a_mark_is_named() -> None:
    assert "try --encoding utf-16-le" in refused("a,b\n1,2\n".encode("utf-16-le"))


def test_a_file_that_is_no_text_is_refused_as_such() -> None:
    assert "expected a text, found a file of another kind" in refused(b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"a" * 200)


def test_a_zero_byte_in_a_cell_is_a_problem_of_that_row() -> None:
    assert problems("a,b\n1,2\n3,A\0B\n" + "5,6\n" * 20) == [(3, 'column "b": there is a zero byte in it')]


def test_a_later_row_in_another_encoding_is_a_problem_of_that_row() -> None:
    many = b"a,b\n" + b"1,2\n" * 50_000
    assert problems(many + b"1,Z\xfcrich\n3,4\n") == [
        (
            50_002,
            'column "b": it is not UTF-8, unlike the beginning: if the whole file is in another encoding, '
            "try --encoding cp1252",
        )
    ]


def test_empty_lines_and_rows_of_empty_cells_are_passed_over_and_counted() -> None:
    stream = io.BufferedReader(io.BytesIO(b"a,b\n\n1,2\n,\n3,4\n\n"))  # type: ignore[arg-type]
    read = DelimitedRows(stream, "a.csv")
    assert [row.number for row in read] == [3, 5]
    assert read.empty == 3


def test_cells_may_have_line_ends_delimiters_and_quotes() -> None:
    read = rows('a,b\n"1\n2","x, ""y"""\n3,4\n')
    assert [row.cells for row in read] == [["1\n2", 'x, "y"'], ["3", "4"]]
    assert [(row.number, row.line) for row in read] == [(2, 2), (3, 4)]


def test_a_row_of_another_length_is_refused_as_it_was() -> None:
    read = rows("a,b\n1\n1,2\n1,2,3\n")
    assert [row.text for row in read if row.problems] == ["1", "1,2,3"]
    assert problems("a,b\n1\n1,2\n1,2,3\n") == [
        (2, "expected 2 cells, as in the head, found 1"),
        (4, "expected 2 cells, as in the head, found 3"),
    ]


def test_a_quote_that_never_closes_costs_its_own_line_only() -> None:
    text = 'a,b\n1,2\n3,"four\n5,6\n7,8\n'
    assert problems(text) == [(3, "a quote opens here and never closes")]
    assert [row.cells for row in rows(text) if not row.problems] == [["1", "2"], ["5", "6"], ["7", "8"]]


def test_a_quote_that_closes_in_a_later_row_costs_its_own_line_only() -> None:
    text = 'a,b\n3,"four\n5,"six"\n7,8\n'
    assert problems(text) == [
        (
            2,
            "after a closing quote, which is 1 lines further down, expected ',' or the end of the line; "
            "a quote in a cell is doubled",
        )
    ]
    assert [row.cells for row in rows(text) if not row.problems] == [["5", "six"], ["7", "8"]]


def test_an_endless_cell_is_not_kept_in_memory() -> None:
    endless = b'a,b\n1,"' + b"x" * 60_000_000 + b'"\n3,4\n'
    tracemalloc.start()
    found = rows(endless)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [bool(row.problems) for row in found] == [True, False]
    assert "longer than 8 MB" in str(found[0].problems[0])
    assert peak < 8 * lines.MAX_ROW_BYTES


def test_a_million_columns_are_refused() -> None:
    assert refused(",".join(f"c{n}" for n in range(1_000_000))) == (
        "a.csv, row 1: expected at most 1,000 columns, found 1,000,000"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.csv, row 1: expected the names of the columns, found nothing"),
        ("\n1,2\n", "a.csv, row 1: expected the names of the columns, found nothing"),
        ("a,b,a\n", 'a.csv, row 1: there are several columns "a"'),
        ('a,"b\n', "a.csv, row 1: a quote opens here and never closes"),
        ("a,b\r1,2\r", "a.csv, row 1: expected lines that end with a line feed, found carriage returns alone"),
    ],
)
def test_a_head_that_is_none_is_refused(text: str, message: str) -> None:
    assert refused(text) == message


def test_a_zero_byte_is_a_problem_of_its_cell() -> None:
    many = "a,b\n" + "1,2\n" * 50_000
    assert problems(many + "1,x\0y\n")[0][1] == 'column "b": there is a zero byte in it'


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "list.json",
            '[{"url": "https://a.example/1.jpg"}]',
            "this is one JSON array; expected an object in each line",
        ),
        ("rows.csv", '\ufeff[\n  {"url": "https://a.example/1.jpg"}\n]', "this is one JSON array"),
        ("export.csv", "\n<!DOCTYPE html><html><body>Sign in</body></html>", "this is a web page (HTML), no table"),
    ],
)
def test_what_is_no_table_at_all_is_named(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(said)):
        Source(str(tmp_path / name), Reading())
