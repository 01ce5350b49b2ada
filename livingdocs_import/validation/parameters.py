"""Query parameters: read one by one, collecting all problems."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, TypeVar

from livingdocs_import import errors
from livingdocs_import.validation.messages import expected, no_match_for
from livingdocs_import.validation.problems import Problems
from livingdocs_import.validation.value_types import instant

BOUNDS = ("gte", "gt", "lte", "lt")
MAX_DIGITS = 18  # all numbers of this many digits fit a column
D = TypeVar("D", int, None)
T = TypeVar("T")


def bounded(*names: str) -> tuple[str, ...]:
    """The parameters that bound a list: `id.gte`, `id.gt` …"""
    return tuple(f"{name}.{bound}" for name in names for bound in BOUNDS)


class Parameters:
    """The parameters, each of them once, and their problems.

    A missing or wrong parameter is read as its default; `refuse` comes last.
    """

    __slots__ = ("problems", "query")

    def __init__(self, query: Mapping[str, str]) -> None:
        self.query = query
        self.problems = Problems()

    def number(self, name: str, default: D, *, least: int = 0, most: int, message: str = "") -> int | D:
        """A number in decimal digits; `message` in place of the usual one."""
        if (text := self.query.get(name)) is None:
            return default
        number = whole(text)
        if number is None or not least <= number <= most:
            self.problems.add(message or f"must be an integer from {least} to {most}", name)
            return default
        return number

    def flag(self, name: str) -> bool:
        """`?reverse` alone equals `?reverse=true`."""
        value = self.query.get(name, "false")
        if value not in {"", "true", "false"}:
            self.problems.add(expected("boolean"), name)
        return value != "false"

    def choice(self, name: str, choices: Collection[str], default: str) -> str:
        """One of some words."""
        word = self.query.get(name, default)
        if word not in choices:
            self.problems.add(f"must be one of {', '.join(choices)}", name)
        return word

    def listed(self, name: str, known: Collection[str] | None = None, *, most: int | None = None) -> list[str] | None:
        """Texts, separated by commas; restricted to `known` ones and to a number, if given."""
        if name not in self.query:
            return None
        texts = [text for part in self.query[name].split(",") if (text := part.strip())]
        if known is not None and (others := [each for each in texts if each not in known]):
            self.problems.add(no_match_for(others[0]), name)
        if most is not None and len(set(texts)) > most:
            self.problems.add(f"must NOT have more than {most} items", name)
        return texts

    def ids(self, name: str, *, most: int) -> list[int] | None:
        """Numbers, separated by commas."""
        listed = self.listed(name)
        if listed is None:
            return None
        numbers = [number for each in listed if (number := whole(each)) is not None]
        if len(numbers) < len(listed):
            self.problems.add("must be integers, separated by commas", name)
        elif len(numbers) > most:
            self.problems.add(f"must NOT have more than {most} items", name)
        return numbers[:most]

    def number_bounds(self, name: str, column: str) -> dict[str, int]:
        """The look-ups of `name.gte` and the like."""
        return self._bounds(name, column, whole, expected("integer"))

    def moment_bounds(self, name: str, column: str) -> dict[str, datetime]:
        """The same for points in time; a date alone is its midnight."""
        return self._bounds(name, column, _moment, 'must match format "date-time"')

    def _bounds(self, name: str, column: str, read: Callable[[str], Any], message: str) -> dict[str, Any]:
        lookups = {}
        for bound in BOUNDS:
            if (text := self.query.get(f"{name}.{bound}")) is None:
                continue
            if (value := read(text)) is None:
                self.problems.add(message, f"{name}.{bound}")
            else:
                lookups[f"{column}__{bound}"] = value
        return lookups

    def read(self, name: str, reader: Callable[[str], T], default: str | None = None) -> T | None:
        """The result of a reader, which refuses with Invalid, for the text or the default; None without a text."""
        text = self.query.get(name, default)
        try:
            return None if text is None else reader(text)
        except errors.Invalid as error:
            for path, message in error.details.items():
                self.problems.add(message, path)
            return None

    def refuse(self) -> None:
        """Raise Invalid with every wrong parameter."""
        self.problems.refuse()


def whole(text: str) -> int | None:
    """A number of at most MAX_DIGITS digits in a path or a query; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS else None


def _moment(text: str) -> datetime | None:
    return instant(text, bare_date=True)
