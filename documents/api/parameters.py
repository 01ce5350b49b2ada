"""Query parameters of lists of documents: read one by one, with everything that is wrong with them collected."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from livingdocs_import import errors
from livingdocs_import.validation.value_types import instant

DOCUMENT_TYPES = frozenset({"article", "page", "data-record"})
BOUNDS = ("gte", "gt", "lte", "lt")


def bounded(*names: str) -> tuple[str, ...]:
    """The parameters that bound a list: `id.gte`, `id.gt` …"""
    return tuple(f"{name}.{bound}" for name in names for bound in BOUNDS)


@dataclass
class Parameters:
    """What was sent, and what is wrong with it."""

    query: Mapping[str, str]
    problems: dict[str, str] = field(default_factory=dict)

    def number(self, name: str, default: int, *, most: int) -> int:
        text = self.query.get(name)
        if text is None:
            return default
        number = whole(text)
        if number is None or number > most:
            self.problems[name] = f"must be an integer from 0 to {most}"
            return default
        return number

    def flag(self, name: str) -> bool:
        """`?reverse` alone is as good as `?reverse=true`."""
        value = self.query.get(name, "false")
        if value not in {"", "true", "false"}:
            self.problems[name] = "Invalid type: expected boolean"
        return value != "false"

    def listed(self, name: str, known: Iterable[str] | None = None) -> list[str] | None:
        """Texts, separated by commas; of those that are `known`, if they have to be."""
        if name not in self.query:
            return None
        texts = [text for part in self.query[name].split(",") if (text := part.strip())]
        if known is not None and (unknown := [each for each in texts if each not in known]):
            self.problems[name] = f'No enum match for: "{unknown[0][:100]}"'
        return texts

    def ids(self, name: str, *, most: int) -> list[int] | None:
        listed = self.listed(name)
        if listed is None:
            return None
        numbers = [number for each in listed if (number := whole(each)) is not None]
        if len(numbers) < len(listed):
            self.problems[name] = "must be integers, separated by commas"
        elif len(numbers) > most:
            self.problems[name] = f"must NOT have more than {most} items"
        return numbers[:most]

    def number_bounds(self, name: str, column: str) -> dict[str, int]:
        """The look-ups of `name.gte` and its like."""
        return self._bounds(name, column, whole, "Invalid type: expected integer")

    def moment_bounds(self, name: str, column: str) -> dict[str, datetime]:
        """The same for points in time; a date alone is its midnight."""
        return self._bounds(name, column, _moment, 'must match format "date-time"')

    def _bounds(self, name: str, column: str, read: Callable[[str], Any], message: str) -> dict[str, Any]:
        lookups = {}
        for bound in BOUNDS:
            if (text := self.query.get(f"{name}.{bound}")) is None:
                continue
            if (value := read(text)) is None:
                self.problems[f"{name}.{bound}"] = message
            else:
                lookups[f"{column}__{bound}"] = value
        return lookups

    def refuse_problems(self) -> None:
        """Invalid names every parameter that is wrong."""
        if self.problems:
            raise errors.Invalid(self.problems)


def whole(text: str) -> int | None:
    """A number of at most 18 digits, as it stands in a path or a query; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def _moment(text: str) -> datetime | None:
    return instant(text, bare_date=True)
