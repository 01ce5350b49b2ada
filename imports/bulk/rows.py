"""A row of an input, with its place, and what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from livingdocs_import.validation.json_types import JSON, JSONObject

MAX_COLUMNS = 1_000
MAX_ROW_BYTES = 8 * 1024 * 1024
MAX_SHOWN = 200  # characters of a value, a name or a line in a message
# Columns of a failures file. They are no properties, so the file can be imported as it is.
ERROR, LINE = "import_error", "import_line"
# Begins a cell that has no value, in the place of which is the reason: no character (Unicode 23.7), and in no text.
UNUSABLE = "\ufdd0"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing that is wrong with a row. `path`: of the property, dotted; `column`: where its value comes from."""

    message: str
    path: str = ""
    column: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message

    @property
    def place(self) -> str:
        if not self.column:
            return self.path
        return f'column "{shown(self.column)}"' + (f" ({self.path})" if self.path not in ("", self.column) else "")


@dataclass(slots=True)
class Row:
    """One row. `number` as a spreadsheet shows it: the head of a table is 1. `line`: in the file, where they differ.

    `cells` are those of a table, `source` is the object of an NDJSON line, `text` the row as it was if it is neither.
    A row with problems has no item, or one that the API would refuse.
    """

    number: int
    line: int
    cells: Sequence[str] | None = None
    source: JSONObject | None = None
    text: str = ""
    problems: list[RowProblem] = field(default_factory=list)
    item: dict[str, JSON] = field(default_factory=dict)
    encoded: bytes = b""  # the item, as it is posted
    left_alone: str = ""  # why it is not imported, although nothing is wrong with it

    @property
    def place(self) -> str:
        return f"row {self.number:,}" + (f" (line {self.line:,})" if self.line != self.number else "")

    def as_json(self) -> JSONObject:
        """The place of a refused row, and what is wrong."""
        problems: list[JSON] = [
            {"column": problem.column, "path": problem.path, "message": problem.message} for problem in self.problems
        ]
        return {"row": self.number, "line": self.line, "problems": problems}

    @property
    def reason(self) -> str:
        """All that is wrong, as one text."""
        return "; ".join(map(str, self.problems))

    @property
    def weight(self) -> int:
        """About how many bytes are kept of it: its item, or what is there instead of one."""
        return len(self.encoded) or len(self.text) + sum(map(len, self.cells or ())) + len(str(self.source or ""))

    @property
    def goes_on(self) -> bool:
        """Whether it is to be imported."""
        return not self.problems and not self.left_alone


class InputError(Exception):
    """The input cannot be imported at all. `problems`: all that is wrong, each with its place."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def shown(text: str) -> str:
    """A text of the input in a message: without control characters, and not too long."""
    printable = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text[:MAX_SHOWN]
    )
    return printable if len(text) <= MAX_SHOWN else f"{printable}…"
