"""A sheet of a workbook is read as a table; what cannot be a value, or is too large, is refused."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from imports.bulk.reading import xlsx
from imports.bulk.rows import InputError, Row
from imports.bulk.source import Reading, Source
from imports.models import ImportItem
from tests.api_client import Caller
from tests.imports.bulk.conftest import Run

HEAD = ["id", "fileName", "metadata.caption"]


def book(path: Path, *rows: list[Any], **sheets: list[list[Any]]) -> Path:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for title, others in sheets.items():
        more = workbook.create_sheet(title)
        for row in others:
            more.append(row)
    workbook.save(path)
    return path


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[Row]]:
    def read(*rows: list[Any], sheet: str = "", **sheets: list[list[Any]]) -> list[Row]:
        with Source(str(book(tmp_path / "a.xlsx", *rows, **sheets)), Reading(sheet=sheet)) as source:
            return list(source.rows())

    return read


def test_numbers_dates_and_truth_become_text_and_ids_keep_their_digits(read: Callable[..., list[Row]]) -> None:
    values = [7, "007", 1.5, 3.0, 12345678901234, True, date(2026, 11, 30), datetime(2026, 11, 30, 8, 5), time(8, 5)]
    (row,) = read([f"c{number}" for number in range(len(values))], values)
    text = ["7", "007", "1.5", "3", "12345678901234", "true", "2026-11-30", "2026-11-30T08:05:00Z", "08:05:00"]
    assert row.cells == text


def test_empty_rows_and_missing_cells_keep_the_numbers_of_rows(read: Callable[..., list[Row]]) -> None:
    rows = read(HEAD, ["1", "One"], [], ["3", None, "Three"])
    assert [(row.number, row.cells) for row in rows] == [(2, ["1", "One", ""]), (4, ["3", "", "Three"])]


def test_a_cell_beyond_the_head_is_a_problem_of_its_row(read: Callable[..., list[Row]]) -> None:
    (row,) = read(HEAD, ["1", "One", "A", "B"])
    assert str(row.problems[0]) == "expected 3 cells, as in the head, found 4"


def test_a_formula_without_a_result_and_an_error_are_problems_of_their_cells(read: Callable[..., list[Row]]) -> None:
    rows = read(HEAD, ["1", "=A1&A2", "x"], ["2", "Two", "#N/A"], ["3", "Three", "y"])
    assert [[str(problem) for problem in row.problems] for row in rows] == [
        ['column "fileName": a formula without a stored result: save it in a spreadsheet program, or its value'],
        ['column "metadata.caption": the error #N/A'],
        [],
    ]


def test_the_stored_result_of_a_formula_is_its_value(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", HEAD, ["1", "=1+1", "x"])
    with zipfile.ZipFile(path) as parts:
        contents = {name: parts.read(name) for name in parts.namelist()}
    sheet = contents["xl/worksheets/sheet1.xml"]
    contents["xl/worksheets/sheet1.xml"] = sheet.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>")
    with zipfile.ZipFile(path, "w") as parts:
        for name, content in contents.items():
            parts.writestr(name, content)
    with Source(str(path), Reading()) as source:
        assert [row.cells for row in source.rows()] == [["1", "2", "x"]]


def test_another_sheet_is_read_by_its_name(read: Callable[..., list[Row]]) -> None:
    assert [row.cells for row in read(["a"], ["1"], sheet="More", More=[["b"], ["2"]])] == [["2"]]
    with pytest.raises(InputError, match=r'a\.xlsx: there is no sheet "Nothing"; there are Sheet, More'):
        read(["a"], ["1"], sheet="Nothing", More=[["b"], ["2"]])


def test_too_many_columns_are_refused(read: Callable[..., list[Row]]) -> None:
    with pytest.raises(InputError, match=r"expected at most 1,000 columns, found 1,001"):
        read([f"c{number}" for number in range(1_001)])


def bombs(folder: Path) -> Iterator[tuple[str, bytes]]:
    good = book(folder / "good.xlsx", HEAD, ["1", "One", "x"]).read_bytes()

    def with_part(name: str, content: bytes) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(good)) as parts, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as copy:
            for part in parts.namelist():
                if part != name:
                    copy.writestr(part, parts.read(part))
            copy.writestr(name, content)
        return made.getvalue()

    yield "unpacks to more than", with_part("xl/media/bomb", b"\0" * 50_000_000)
    entity = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    yield "this is no workbook", with_part("xl/worksheets/sheet1.xml", entity)
    yield "this is no workbook", good[: len(good) // 2]
    yield "this is no workbook", b"PK\x03\x04" + b"x" * 1000


def test_bombs_and_damaged_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    for message, content in bombs(tmp_path):
        path.write_bytes(content)
        with Source(str(path), Reading()) as source, pytest.raises(InputError, match=message):
            source.rows()


def test_a_conversion_that_needs_too_much_is_stopped(tmp_path: Path) -> None:
    path, limits = book(tmp_path / "a.xlsx", HEAD, ["1", "One" * 100, "x"]), {**xlsx.LIMITS, "output_bytes": 100}
    with (
        path.open("rb") as workbook,
        (tmp_path / "a.csv").open("wb") as table,
        pytest.raises(InputError, match="Save the sheet as CSV"),
    ):
        xlsx.convert(workbook, table, path.name, limits=limits)


@pytest.mark.parametrize(("name", "said"), [("a.csv", "no CSV: --format xlsx"), ("a.ndjson", "no NDJSON")])
def test_a_workbook_with_another_suffix_is_recognised(name: str, said: str, tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", HEAD).rename(tmp_path / name)
    with pytest.raises(InputError, match=said):
        Source(str(path), Reading())


def test_a_workbook_is_imported_and_its_failures_are_a_table(times: Caller, run: Run, tmp_path: Path) -> None:
    head = ["url", "id", "fileName"]
    path = book(tmp_path / "a.xlsx", head, ["https://example.org/1", 7, "Seven"], ["ftp://example.org/2", 8, "Eight"])
    failures = tmp_path / "failures.csv"
    options = ("--project", "times", "--system-name", "archive", "--no-wait", "--failures", failures)
    assert run("import_images", path, *options).code == 3
    assert ImportItem.objects.get().payload["id"] == "7"
    assert failures.read_text().splitlines()[1].startswith("ftp://example.org/2,8,Eight,")
    assert json.loads((tmp_path / "a.xlsx.state").read_text().splitlines()[0])["kind"] == "images"
