"""Tables for spreadsheets, which take a cell that begins like a formula for one."""

import csv
from collections.abc import Iterable, Iterator, Sequence

# What spreadsheets read as the beginning of a formula, also in full width, and what they skip before it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class _Line:
    """A file for csv.writer that gives each row back."""

    def write(self, text: str) -> str:
        return text


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The table as CSV, line by line, with a byte order mark, by which spreadsheets know UTF-8."""
    writer = csv.writer(_Line())
    yield "\N{BYTE ORDER MARK}" + writer.writerow(columns)
    for row in rows:
        yield writer.writerow([harmless(value) for value in row])


def harmless(value: str) -> str:
    """The value, quoted where it would be read as a formula."""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value
