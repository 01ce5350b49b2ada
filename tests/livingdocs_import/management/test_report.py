"""What commands print: tables in columns, colours on a terminal only, and nothing that controls the terminal."""

from io import StringIO

import pytest
from django.core.management.base import OutputWrapper
from django.core.management.color import color_style, no_style

from livingdocs_import.management.report import Column, Report, number, printable

COLUMNS = (Column("NAME", "name"), Column("ITEMS", "items", number), Column("STATE", "state", tones={"bad": "ERROR"}))
ROWS = [{"name": "a", "items": 12_345, "state": "bad"}, {"name": "日本", "items": None, "state": ""}]


def table(*, colours: bool = False, as_json: bool = False) -> str:
    out = StringIO()
    style = color_style(force_color=True) if colours else no_style()
    Report(OutputWrapper(out), OutputWrapper(StringIO()), style, as_json).table(ROWS, COLUMNS, none="nothing")
    return out.getvalue()


def test_columns_are_aligned_by_what_a_terminal_shows() -> None:
    assert table() == "NAME   ITEMS  STATE\na     12,345  bad\n日本       -  -\n"


def test_a_terminal_gets_colours() -> None:
    assert "\x1b[31;1mbad\x1b[0m" in table(colours=True)
    assert "\x1b" not in table()


def test_json_is_an_object_a_line() -> None:
    assert table(as_json=True) == (
        '{"name":"a","items":12345,"state":"bad"}\n{"name":"日本","items":null,"state":""}\n'
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x1b]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"),
        ("one\ntwo\rthree", "one\\ntwo\\rthree"),
        ("abc\u202etxt.exe", "abc\\u202etxt.exe"),
        ("\x9b31m", "\\x9b31m"),
        ("Zürich, 日本 🙂", "Zürich, 日本 🙂"),
    ],
)
def test_nothing_that_controls_a_terminal_is_printed(text: str, shown: str) -> None:
    assert printable(text) == shown
