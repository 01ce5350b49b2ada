"""Filters as they are sent, read into expressions: `{"and": [{"key": "metadata.rating", "range": {"gte": 3}}]}`.

How deep they are nested, how many they are and how many values they have is limited, so that what they cost is, too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from documents.search.indexed import MAX_KEYWORD, compared, milliseconds
from documents.search.moments import moment
from documents.search.properties import RANGED, Key, Kind
from livingdocs_import import errors
from livingdocs_import.validation.limits import quoted
from livingdocs_import.validation.messages import expected
from livingdocs_import.validation.nearest import NearestNames
from livingdocs_import.validation.problems import Path, Problems
from livingdocs_import.validation.storable_json import MAX_INTEGER
from livingdocs_import.validation.strict_json import read_json

MAX_LENGTH = 64 * 1024  # bytes
MAX_LEVELS = 20  # groups within groups
MAX_EXPRESSIONS = 200
MAX_VALUES = 1_000  # of all terms together
MAX_WORDS = 200  # of one text that words are looked for in
MAX_ALL_WORDS = 1_000  # of all these texts together
MAX_PROBLEMS = 50  # reported
OPERATORS = ("term", "range", "exists")
BOUNDS = ("gt", "gte", "lt", "lte")


class GroupKind(StrEnum):
    AND = "and"
    OR = "or"
    NOT = "not"  # none of its members


@dataclass(frozen=True, slots=True)
class Term:
    """Has one of the values, each as `compared` makes it: one thing, or words, all of which must be there."""

    key: Key
    values: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class Range:
    """Has a value within all bounds: `(("gte", 3.0),)`."""

    key: Key
    bounds: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Exists:
    """Has a value, or has none."""

    key: Key
    wanted: bool


@dataclass(frozen=True, slots=True)
class Group:
    kind: GroupKind
    members: tuple["Expression", ...]


Expression = Term | Range | Exists | Group


def read(text: str, name: str, keys: Mapping[str, Key], now: datetime) -> Group:
    """The expressions of a JSON text, all of which must hold; Invalid has everything that is wrong, by path."""
    try:
        if len(text.encode()) > MAX_LENGTH:
            raise errors.Invalid({name: f"must NOT have more than {MAX_LENGTH} bytes"})
        filters = read_json(text.encode())
    except errors.NotJSON:
        raise errors.Invalid({name: "must be valid JSON"}) from None
    except errors.ApiError as error:
        raise errors.Invalid({name: "; ".join(map(str, error.details.values()))}) from error
    reader = _Reader(keys, now)
    members = reader.members(filters, (name,), 1)
    reader.refuse_problems()
    return Group(GroupKind.AND, tuple(members))


class _TooMuch(Exception):
    """More than is read: the problem is noted."""


class _Reader:
    """Reads one text, and keeps what is wrong with it."""

    def __init__(self, keys: Mapping[str, Key], now: datetime) -> None:
        self._keys, self._now = keys, now
        self._problems = Problems(limit=MAX_PROBLEMS)
        self._expressions = self._values = self._words = 0
        self._nearest = NearestNames(keys)

    def refuse_problems(self) -> None:
        self._problems.refuse()

    def members(self, value: Any, path: Path, level: int) -> list[Expression]:
        """Of the text, or of a group: an object, or an array of them."""
        try:
            return list(self._members(value, path, level))
        except _TooMuch:
            if level > 1:
                raise
            return []

    def _members(self, value: Any, path: Path, level: int) -> Iterator[Expression]:
        if level > MAX_LEVELS:
            self._add(path, f"must NOT be nested deeper than {MAX_LEVELS} levels")
            raise _TooMuch
        if isinstance(value, list):
            for index, each in enumerate(value):
                yield from self._expression(each, (*path, index), level)
        else:
            yield from self._expression(value, path, level)

    def _expression(self, value: Any, path: Path, level: int) -> Iterator[Expression]:
        self._expressions += 1
        if self._expressions > MAX_EXPRESSIONS:
            self._add(path, f"must NOT have more than {MAX_EXPRESSIONS} expressions")
            raise _TooMuch
        if not isinstance(value, dict):
            self._add(path, expected("object"))
        elif "key" in value:
            yield from self._leaf(value, path)
        else:
            yield from self._group(value, path, level)

    def _group(self, value: dict[str, Any], path: Path, level: int) -> Iterator[Expression]:
        if unknown := [name for name in value if name not in list(GroupKind)]:
            self._add((*path, quoted(unknown[0])), f"must be one of {', '.join(GroupKind)}, or have a key beside it")
        elif len(value) != 1:
            self._add(path, f"must have one of {', '.join(GroupKind)}, or a key")
        else:
            ((kind, inner),) = value.items()
            yield Group(GroupKind(kind), tuple(self.members(inner, (*path, kind), level + 1)))

    # --- A key and what is asked of it -------------------------------------------------------------------------------

    def _leaf(self, value: dict[str, Any], path: Path) -> Iterator[Expression]:
        key = self._key(value["key"], (*path, "key"))
        operators = [name for name in value if name != "key"]
        if unknown := [name for name in operators if name not in OPERATORS]:
            self._add((*path, quoted(unknown[0])), f"must be one of {', '.join(OPERATORS)}")
        elif len(operators) != 1:
            self._add(path, f"must have one of {', '.join(OPERATORS)}")
        elif key is not None:
            operand, place = value[operators[0]], (*path, operators[0])
            match operators[0]:
                case "term":
                    yield from self._term(key, operand, place)
                case "range":
                    yield from self._range(key, operand, place)
                case _:
                    yield from self._exists(key, operand, place)

    def _key(self, name: Any, path: Path) -> Key | None:
        key = self._keys.get(name) if isinstance(name, str) else None
        if key is None:
            self._add(path, unknown(name, self._keys, self._nearest))
        return key

    def _term(self, key: Key, operand: Any, path: Path) -> Iterator[Term]:
        values = operand if isinstance(operand, list) else [operand]
        self._values += len(values)
        if self._values > MAX_VALUES:
            self._add(path, f"must NOT have more than {MAX_VALUES} values")
            raise _TooMuch
        found: list[tuple[Any, ...]] = []
        for index, value in enumerate(values):
            place = (*path, index) if isinstance(operand, list) else path
            found += self._value(key, value, place)
        yield Term(key, tuple(found))

    def _value(self, key: Key, value: Any, path: Path) -> Iterator[tuple[Any, ...]]:
        match key.kind:
            case Kind.MOMENT | Kind.DOCUMENT_ID:
                yield from ((each,) for each in self._bound(key, value, path))
                return
            case Kind.KEYWORD if isinstance(value, str) and len(value) > MAX_KEYWORD:
                return  # nothing that long is found
        compared_with = tuple(compared(key.kind, value))
        if not compared_with:
            what = "have a word" if key.kind is Kind.TEXT and isinstance(value, str) else f"be {_TYPES[key.kind]}"
            self._add(path, f"must {what}")
        elif len(compared_with) > MAX_WORDS:
            self._add(path, f"must NOT have more than {MAX_WORDS} words")
        else:
            self._count_words(len(compared_with) if key.kind is Kind.TEXT else 0, path)
            yield compared_with

    def _count_words(self, number: int, path: Path) -> None:
        self._words += number
        if self._words > MAX_ALL_WORDS:
            self._add(path, f"must NOT have more than {MAX_ALL_WORDS} words in all filters")
            raise _TooMuch

    def _range(self, key: Key, operand: Any, path: Path) -> Iterator[Range]:
        if key.kind not in RANGED:
            self._add(path, f"is for numbers and dates, and '{key.name}' is {_TYPES[key.kind]}")
        elif not isinstance(operand, dict):
            self._add(path, expected("object"))
        elif unknown_bounds := [name for name in operand if name not in BOUNDS]:
            self._add((*path, quoted(unknown_bounds[0])), f"must be one of {', '.join(BOUNDS)}")
        elif not operand:
            self._add(path, f"must have one of {', '.join(BOUNDS)}")
        else:
            bounds = (
                (name, found) for name, each in operand.items() for found in self._bound(key, each, (*path, name))
            )
            yield Range(key, tuple(bounds))

    def _bound(self, key: Key, value: Any, path: Path) -> Iterator[Any]:
        found: Any = None
        match key.kind:
            case Kind.MOMENT:
                found = moment(value, self._now)
                if found is not None and not key.column:
                    found = milliseconds(found)
            case Kind.DOCUMENT_ID:
                found = _document_id(value)
            case Kind.NUMBER if isinstance(value, int | float) and not isinstance(value, bool):
                found = float(value)
        if found is None:
            self._add(path, f"must be {_TYPES[key.kind]}")
        else:
            yield found

    def _exists(self, key: Key, operand: Any, path: Path) -> Iterator[Exists]:
        if isinstance(operand, bool):
            yield Exists(key, operand)
        else:
            self._add(path, expected("boolean"))

    def _add(self, path: Path, message: str) -> None:
        self._problems.add(message, *path)


_TYPES = {
    Kind.KEYWORD: "a string",
    Kind.TEXT: "a string",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "a boolean",
    Kind.MOMENT: "a date, or relative to now: now-2d",
    Kind.DOCUMENT_ID: "the id of a document",
}


def _document_id(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 18:
        return int(value)
    is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_INTEGER
    return value if is_number else None


def unknown(name: Any, keys: Mapping[str, Key], nearest: NearestNames) -> str:
    """What is said of a name that is no key."""
    if not isinstance(name, str):
        return expected("string")
    if parts := [key for key in keys if key.startswith(f"{name}.")]:
        return f"is not a property that can be searched; its parts are: {', '.join(sorted(parts)[:10])}"
    return f"is not a known property, or not indexed (config.index){nearest.hint(name)}"
