"""Which property each column is, and the item that a row becomes.

A property is written as its path: `metadata.caption`. `[]` behind it makes a list of a cell with several values
(`metadata.keywords[]`), and `:number`, `:integer`, `:boolean`, `:json` or `:text` is its type where that is not known
(`metadata.year:number`). A column without a mapping is the property of its own name.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import orjson

from imports.bulk.rows import ERROR, LINE, InputError, Row, RowProblem, shown
from imports.bulk.shapes import TEXT, TYPES, Shape
from imports.bulk.values import READERS, NotSuch
from livingdocs_import.validation.json_types import JSON
from livingdocs_import.validation.nearest import NearestNames

SEPARATOR = "|"  # of the values in one cell
_TARGET = re.compile(r"(?P<path>[^\[\]:]+)(?P<list>\[\])?(?::(?P<type>[a-z]+))?")


@dataclass(frozen=True, slots=True)
class Target:
    """A property, and how a cell becomes its value."""

    path: tuple[str, ...]
    type: str = TEXT
    is_list: bool = False

    @property
    def dotted(self) -> str:
        return ".".join(self.path)

    def value(self, cell: JSON, separator: str) -> JSON:
        """The value of a cell. NotSuch: it has none of this type. What is no text comes from NDJSON, and is kept."""
        if not isinstance(cell, str):
            return cell
        read = READERS[self.type]
        if not self.is_list:
            return read(cell)
        return [read(part.strip()) for part in cell.split(separator) if part.strip()]


def target(text: str, shape: Shape) -> Target:
    """A property as it is written. ValueError: there is none like it; the message is a sentence."""
    found = _TARGET.fullmatch(text.strip())
    if found is None or "" in found["path"].split("."):
        raise ValueError(f'"{shown(text)}" is no property: expected one like metadata.caption or metadata.keywords[]')
    path = tuple(found["path"].split("."))
    known, named = shape.type_of(path), found["type"]
    if known is None:
        raise ValueError(f'"{shown(found["path"])}" is no property of {shape.a_one}{shape.nearest(found["path"])}')
    if named is not None and named not in TYPES:
        raise ValueError(f'"{shown(text)}": expected one of the types {", ".join(TYPES)}')
    return Target(path, named or (TEXT if found["list"] else known), bool(found["list"]))


@dataclass(frozen=True, slots=True)
class Given:
    """What the user says of the columns. `columns`: pairs of a column and its property, "" to leave it out.

    `constants`: values that each item has. `others`: whether columns that are no property are left out.
    """

    columns: Sequence[tuple[str, str]] = ()
    constants: Sequence[tuple[str, str]] = ()
    leave_out_others: bool = False
    separator: str = SEPARATOR

    @property
    def digest(self) -> str:
        """Names this mapping in a state file."""
        parts = [sorted(self.columns), list(self.constants), self.leave_out_others, self.separator]
        return hashlib.sha256(orjson.dumps(parts)).hexdigest()


def pairs(lines: Iterable[str], where: str) -> list[tuple[str, str]]:
    """`column=property` from options or lines of a file, in which `#` begins a comment. InputError: not like that."""
    found, wrong = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        column, equals, named = line.strip().rpartition("=")
        if equals and column.strip():
            found.append((column.strip(), named.strip()))
        else:
            wrong.append(f'{where}, {number}: expected column=property, found "{shown(line.strip())}"')
    if wrong:
        raise InputError(*wrong)
    return found


class Mapping:
    """Columns become properties. InputError: a property does not exist; all such mistakes at once."""

    def __init__(self, given: Given, shape: Shape) -> None:
        self._given, self._shape = given, shape
        self._by_column: dict[str, list[Target]] = {}
        wrong: list[str] = []
        for column, named in given.columns:
            targets = self._by_column.setdefault(column, [])
            if named:
                targets += self._targets(named, f"--map {shown(column)}={shown(named)}", wrong)
        self._constants = self._fixed(wrong)
        if wrong:
            raise InputError(*wrong)

    @property
    def digest(self) -> str:
        return self._given.digest

    def _targets(self, named: str, option: str, wrong: list[str]) -> list[Target]:
        try:
            return [target(named, self._shape)]
        except ValueError as error:
            wrong.append(f"{option}: {error}")
            return []

    def _fixed(self, wrong: list[str]) -> bytes:
        """What each item begins with, as JSON: values given for all, and objects that must be there."""
        item: dict[str, JSON] = {name: {} for name in self._shape.empty_objects}
        for named, text in self._given.constants:
            option = f"--set {shown(named)}"
            for each in self._targets(named, option, wrong):
                try:
                    put(item, each.path, each.value(text, self._given.separator))
                except NotSuch as error:
                    wrong.append(f"{option}: {error}")
        return orjson.dumps(item)

    def of_table(self, columns: Sequence[str], name: str) -> "TableMapping":
        """The mapping of a table with these columns. InputError: the head does not fit, with all problems."""
        wrong = [f"{name}: {problem}" for problem in self._absent(columns)]
        steps: list[Step] = []
        for index, column in enumerate(columns):
            place = f"{name}, row 1, column {index + 1:,}"
            steps += [Step(index, column, each) for each in self._of_column(column, place, wrong)]
        wrong += [f"{name}, row 1: {problem}" for problem in self._contradictions(steps)]
        if wrong:
            raise InputError(*wrong)
        return TableMapping(
            sorted(steps, key=lambda step: len(step.target.path)), self._constants, self._given.separator
        )

    def of_objects(self) -> "ObjectMapping":
        """The mapping of the objects of NDJSON: their names are columns."""
        left_out = (lambda name: self._shape.type_of((name,)) is None) if self._given.leave_out_others else None
        return ObjectMapping(self._by_column, self._constants, self._given.separator, left_out)

    def _absent(self, columns: Sequence[str]) -> list[str]:
        nearest = NearestNames(columns, slips=2)
        return [
            f"--map {shown(column)}: there is no such column{nearest.hint(column)}; there are {listed(columns)}"
            for column in self._by_column
            if column not in columns
        ]

    def _of_column(self, column: str, place: str, wrong: list[str]) -> Sequence[Target]:
        if column in self._by_column:
            return self._by_column[column]
        if column in (ERROR, LINE):
            return ()
        try:
            return (target(column, self._shape),)
        except ValueError as error:
            if not self._given.leave_out_others:
                wrong.append(f"{place}: {error}; {self._way_out(column)}")
            return ()

    def _way_out(self, column: str) -> str:
        meant = self._shape.suggested(column) or "PROPERTY"
        return f"name its property with --map '{shown(column)}={meant}', or leave it out with --map '{shown(column)}='"

    def _contradictions(self, steps: Sequence["Step"]) -> list[str]:
        """Properties that two columns have, and required ones that none has."""
        twice = [
            f'the columns "{shown(one.column)}" and "{shown(other.column)}" are both {one.target.dotted}'
            for one, other in combinations(steps, 2)
            if one.target.path == other.target.path
        ]
        there = {step.target.path[0] for step in steps} | set(orjson.loads(self._constants))
        missing = [
            f"no column is {name}, which each {self._shape.one} must have: --map COLUMN={name}"
            for name in self._shape.required
            if name not in there
        ]
        return twice + missing


@dataclass(frozen=True, slots=True)
class Step:
    """One column of a table, and the property that it is."""

    index: int
    column: str
    target: Target


class TableMapping:
    """Makes items of rows of cells. Empty cells are no values: their properties are not sent."""

    def __init__(self, steps: Sequence[Step], constants: bytes, separator: str) -> None:
        self._steps, self._constants, self._separator = steps, constants, separator
        self._columns = {step.target.path: step.column for step in steps}

    def apply(self, row: Row) -> None:
        """Set the row's item, or add its problems."""
        assert row.cells is not None
        row.item = orjson.loads(self._constants)
        for step in self._steps:
            cell = row.cells[step.index]
            if cell and not cell.isspace():
                _fill(row, step.target, step.column, cell, self._separator)

    def column_of(self, path: str) -> str:
        """The column that a property comes from; "" if there is none."""
        steps = tuple(path.split("."))
        ends = range(len(steps), 0, -1)
        return next((self._columns[steps[:end]] for end in ends if steps[:end] in self._columns), "")


class ObjectMapping:
    """Makes items of objects. What is mapped to nothing else keeps its name and its value."""

    def __init__(
        self,
        by_column: dict[str, list[Target]],
        constants: bytes,
        separator: str,
        left_out: Callable[[str], bool] | None,
    ) -> None:
        self._by_column, self._constants, self._separator, self._left_out = by_column, constants, separator, left_out

    def apply(self, row: Row) -> None:
        """Set the row's item, or add its problems."""
        assert row.source is not None
        row.item = orjson.loads(self._constants)
        for name, value in row.source.items():
            targets = self._by_column.get(name)
            if targets is not None:
                for each in targets:
                    _fill(row, each, name, value, self._separator)
            elif name != ERROR and not (self._left_out and self._left_out(name)):
                row.item[name] = value

    def column_of(self, path: str) -> str:
        """The mapped name that a property comes from; "" if it is its own."""
        found = (
            name
            for name, targets in self._by_column.items()
            for each in targets
            if path == each.dotted or path.startswith(f"{each.dotted}.")
        )
        return next(found, "")


def _fill(row: Row, to: Target, column: str, cell: JSON, separator: str) -> None:
    try:
        put(row.item, to.path, to.value(cell, separator))
    except NotSuch as error:
        row.problems.append(RowProblem(f'{error}, found "{shown(str(cell))}"', to.dotted, column))


def put(item: dict[str, JSON], path: Sequence[str], value: JSON) -> None:
    """Set the value at a path, with the objects on the way to it. NotSuch: something else is on the way."""
    inner: object = item
    for step in path[:-1]:
        if not isinstance(inner, dict):
            raise NotSuch("expected an object around it")
        inner = inner.setdefault(step, {})
    if not isinstance(inner, dict):
        raise NotSuch("expected an object around it")
    inner[path[-1]] = value


def listed(names: Sequence[str]) -> str:
    """Names in a message; the first ones if there are many."""
    first = ", ".join(f'"{shown(name)}"' for name in names[:20])
    return first + (f" and {len(names) - 20:,} others" if len(names) > 20 else "")
