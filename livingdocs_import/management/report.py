"""What a command prints: lines and tables for people, or one JSON object on each line.

Values come from clients: characters that control a terminal are escaped.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.core.management.base import OutputWrapper
from django.core.management.color import Style
from rich.cells import cell_len

from livingdocs_import.timestamps import timestamp

Fact = Mapping[str, Any]  # JSON, in which moments are still datetimes
MAX_CELL = 60  # characters of a value in a table
NONE = "-"


def printable(text: str) -> str:
    """The text without characters that control a terminal or change the direction of the text: they are escaped."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def shortened(text: str, length: int = MAX_CELL) -> str:
    """The text; a long one as its beginning."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def moment(value: datetime | None) -> str:
    """`2026-03-14 09:26`: UTC, as the tables say."""
    return NONE if value is None else f"{value:%Y-%m-%d %H:%M}"


def number(value: int | None) -> str:
    """`12,345`."""
    return NONE if value is None else f"{value:,}"


def counted(value: int, one: str, many: str = "") -> str:
    """`1 difference`, `2 differences`; `many` where it is not `one` with an s."""
    return f"{value} {one if value == 1 else many or f'{one}s'}"


def words(value: object) -> str:
    """Any value; several of them with commas."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or NONE
    return NONE if value in (None, "") else str(value)


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, the key of its value in a fact, and how people see that value.

    Instead of a key, a function of the fact. `tones`: Django's styles by text, for a terminal with colours.
    """

    heading: str
    value: str | Callable[[Fact], object]
    shown: Callable[[Any], str] = words
    tones: Mapping[str, str] = field(default_factory=dict)

    def cell(self, fact: Fact) -> str:
        """The value for people."""
        value = fact[self.value] if isinstance(self.value, str) else self.value(fact)
        return shortened(printable(self.shown(value)))

    @property
    def is_number(self) -> bool:
        """Numbers are aligned at the right."""
        return self.shown is number


@dataclass(frozen=True)
class Report:
    """The output of one command. `style`: of the terminal; without colours elsewhere."""

    stdout: OutputWrapper
    stderr: OutputWrapper
    style: Style
    as_json: bool

    def say(self, *lines: str) -> None:
        """Lines for people. With --json there are none."""
        if not self.as_json:
            for line in lines:
                self.stdout.write(printable(line))
            self.stdout.flush()

    def note(self, line: str) -> None:
        """A line beside the result, in either form: on standard error."""
        self.stderr.write(printable(line), style_func=str)

    def fact(self, fact: Fact, *lines: str) -> None:
        """The same as JSON or as lines."""
        if self.as_json:
            self.stdout.write(orjson.dumps(fact, _default, orjson.OPT_PASSTHROUGH_DATETIME).decode())
            self.stdout.flush()
        self.say(*lines)

    def table(self, facts: Iterable[Fact], columns: Sequence[Column], *, none: str) -> int:
        """Facts as a table, and how many these are; `none`: what is said on standard error where there are none."""
        rows = list(facts)
        for fact in rows:
            self.fact(fact)
        if not rows:
            self.note(none)
        elif not self.as_json:
            self._write(rows, columns)
        return len(rows)

    def _write(self, rows: Sequence[Fact], columns: Sequence[Column]) -> None:
        cells = [[column.cell(fact) for column in columns] for fact in rows]
        widths = [
            max(map(cell_len, [column.heading, *(row[place] for row in cells)])) for place, column in enumerate(columns)
        ]
        headings = [_padded(column, column.heading, width) for column, width in zip(columns, widths, strict=True)]
        self._line(headings, [self.style.MIGRATE_HEADING] * len(columns))
        for row in cells:
            padded = [_padded(*each) for each in zip(columns, row, widths, strict=True)]
            self._line(padded, [self._tone(*each) for each in zip(columns, row, strict=True)])
        self.stdout.flush()

    def _tone(self, column: Column, text: str) -> Callable[[str], str]:
        tone: Callable[[str], str] = getattr(self.style, column.tones.get(text, ""), str)
        return tone

    def _line(self, cells: Sequence[str], tones: Sequence[Callable[[str], str]]) -> None:
        cells = [*cells[:-1], cells[-1].rstrip()]
        self.stdout.write("  ".join(tone(cell) for tone, cell in zip(tones, cells, strict=True)))


def _padded(column: Column, text: str, width: int) -> str:
    blanks = " " * (width - cell_len(text))
    return f"{blanks}{text}" if column.is_number else f"{text}{blanks}"


def _default(value: object) -> object:
    if isinstance(value, datetime):
        return timestamp(value)
    raise TypeError(type(value).__name__)
