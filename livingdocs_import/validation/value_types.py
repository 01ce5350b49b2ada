"""The types of metadata values, as small objects that check and normalise: text, number, time, list, record.

`check` adds the problems of a value, with ajv's messages where ajv has some (spec 2.6); `normalise` returns the value
as it is stored, and leaves values that `check` would reject. JSON null inside a value means "not set", as at the top.
Leaves also reject what cannot be stored or returned: U+0000, lone surrogates, non-finite numbers, integers over 64
bits. Containers end the search when there are more problems than are kept. Nesting is checked before (`is_too_deep`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import re2

from livingdocs_import.validation.limits import MAX_ID
from livingdocs_import.validation.problems import Problems, escaped
from livingdocs_import.validation.storable_json import (
    MAX_INTEGER,
    MIN_INTEGER,
    check_storable,
    out_of_range,
    unstorable_text,
)

NUMBERS = (int, float)  # a tuple: `int | float` would be built anew for each value

LOCALE = r"[a-z][a-zA-Z0-9\-]+"  # (spec 2.7)

# ISO 8601 with separators. `datetime` checks whether the day exists.
_TIME = r"T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
_DATE_TIME = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_TIME}").fullmatch
_DATE = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:{_TIME})?").fullmatch
_ONLY_A_PREFIX = re2.compile(r"\^([A-Za-z0-9/_-]+)")
_UNICODE_ESCAPE = re2.compile(r"\\(?:u([0-9A-Fa-f]{4})|.)")  # ECMAScript's; other escapes stay


class ValueType(Protocol):
    """The type of a plugin's values."""

    def check(self, value: Any, problems: Problems) -> None:
        """Add all problems of a value, which is at the place of `problems`."""

    def normalise(self, value: Any) -> Any:
        """The value as it is stored."""


class StoredAsSent:
    """A type whose values are stored unchanged."""

    __slots__ = ()

    def normalise(self, value: Any) -> Any:
        return value


def instant(text: object, *, bare_date: bool = False) -> datetime | None:
    """The time of an ISO 8601 string, in UTC; None if it is invalid.

    Without an offset it is read as UTC. Days that do not exist, leap seconds, years beyond 9999 and times that leave
    the calendar when converted to UTC are invalid. `bare_date` also accepts a date without a time: its first moment.
    """
    if not isinstance(text, str) or not (_DATE if bare_date else _DATE_TIME)(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


# --- Scalars ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression of a configuration, searched anywhere; run by RE2, in time proportional to the text.

    It may use what ECMAScript and RE2 have in common: everything but look-around and backreferences.
    """

    source: str
    _search: Callable[[str], Any] = field(init=False, repr=False, compare=False)
    _prefix: str | None = field(init=False, repr=False, compare=False)  # the expression is this prefix and nothing else

    def __post_init__(self) -> None:
        """Raises ValueError if the source is not a regular expression."""
        options = re2.Options()
        options.log_errors = False
        source = _UNICODE_ESCAPE.sub(lambda escape: f"\\x{{{escape[1]}}}" if escape[1] else escape[0], self.source)
        try:
            object.__setattr__(self, "_search", re2.compile(source, options).search)
        except re2.error as error:
            raise ValueError(f"{self.source!r}: {error}") from error
        prefix = _ONLY_A_PREFIX.fullmatch(self.source)
        object.__setattr__(self, "_prefix", prefix[1] if prefix else None)

    def matches(self, text: str) -> bool:
        if self._prefix is not None:  # 0.1 microseconds, where RE2's way through Python takes 5
            return text.startswith(self._prefix)
        try:
            return self._search(text) is not None
        except UnicodeEncodeError:  # lone surrogates: not a text that an expression could match
            return False


@dataclass(frozen=True, slots=True)
class Text(StoredAsSent):
    """A string. Lengths count characters (code points)."""

    longest: int | None = None
    newlines: bool = True
    choices: frozenset[str] | None = None
    pattern: Expression | None = None
    shortest: int = 0

    def check(self, value: Any, problems: Problems) -> None:
        if not isinstance(value, str):
            problems.add("must be string")
            return
        if ("\x00" in value or not value.isascii()) and (reason := unstorable_text(value)):
            problems.add(reason)
            return
        if len(value) < self.shortest:
            problems.add(f"must NOT have fewer than {self.shortest} characters")
        if self.longest is not None and len(value) > self.longest:
            problems.add(f"must NOT have more than {self.longest} characters")
        if not self.newlines and ("\n" in value or "\r" in value):
            problems.add("must NOT contain newlines")
        if self.choices is not None and value not in self.choices:
            problems.add("must be equal to one of the allowed values")
        if self.pattern is not None and not self.pattern.matches(value):
            problems.add(f'must match pattern "{self.pattern.source}"')


@dataclass(frozen=True, slots=True)
class Constant(StoredAsSent):
    """One fixed string, such as the value of `$ref`."""

    value: str

    def check(self, value: Any, problems: Problems) -> None:
        if value != self.value:
            problems.add(f"must be equal to constant '{self.value}'")


@dataclass(frozen=True, slots=True)
class Identifier:
    """An id: a string, or an integer that is stored as a string (spec 4.4, notes)."""

    def check(self, value: Any, problems: Problems) -> None:
        if isinstance(value, int) and not isinstance(value, bool):
            if message := out_of_range(value):
                problems.add(message)
        else:
            ID_TEXT.check(value, problems)

    def normalise(self, value: Any) -> Any:
        return (
            str(value)
            if isinstance(value, int) and not isinstance(value, bool) and MIN_INTEGER <= value <= MAX_INTEGER
            else value
        )


ID_TEXT = Text(shortest=1, longest=MAX_ID)


@dataclass(frozen=True, slots=True)
class Flag(StoredAsSent):
    """A boolean."""

    def check(self, value: Any, problems: Problems) -> None:
        if not isinstance(value, bool):
            problems.add("must be boolean")


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer of at most 64 bits. As in JSON Schema 1.0 is one (stored as 1); a boolean is not."""

    least: int = MIN_INTEGER
    most: int = MAX_INTEGER
    choices: frozenset[int] | None = None

    def check(self, value: Any, problems: Problems) -> None:
        if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, float) and value.is_integer())):
            problems.add("must be integer")
            return
        if message := out_of_range(value, self.least, self.most):
            problems.add(message)
        if self.choices is not None and value not in self.choices:
            problems.add("must be equal to one of the allowed values")

    def normalise(self, value: Any) -> Any:
        return int(value) if isinstance(value, float) and value.is_integer() else value


@dataclass(frozen=True, slots=True)
class Number(StoredAsSent):
    """A finite number."""

    def check(self, value: Any, problems: Problems) -> None:
        if isinstance(value, bool) or not isinstance(value, NUMBERS):
            problems.add("must be number")
        else:
            check_storable(value, problems)


@dataclass(frozen=True, slots=True)
class Moment(StoredAsSent):
    """An ISO 8601 date-time string, with or without an offset; with `bare_date` also a date alone. Stored as sent."""

    bare_date: bool = False

    def check(self, value: Any, problems: Problems) -> None:
        if not isinstance(value, str):
            problems.add("must be string")
        elif instant(value, bare_date=self.bare_date) is None:
            problems.add(f'must match format "{"date" if self.bare_date else "date-time"}"')


# --- Containers ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class List:
    """An array of values of one type."""

    item: ValueType
    most: int | None = None

    def check(self, value: Any, problems: Problems) -> None:
        if not isinstance(value, list):
            problems.add("must be array")
            return
        if self.most is not None and len(value) > self.most:
            problems.add(f"must NOT have more than {self.most} items")
        check, place = self.item.check, problems.place
        place.append(0)
        for index, inner in enumerate(value):
            place[-1] = index
            check(inner, problems)
            if problems.is_over:
                break
        place.pop()

    def normalise(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return [self.item.normalise(inner) for inner in value]


@dataclass(frozen=True, slots=True)
class Record:
    """A record with known members. A closed one rejects all others, an open one keeps them."""

    members: Mapping[str, ValueType]
    required: tuple[str, ...] = ()
    closed: bool = True

    def check(self, value: Any, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.add("must be object")
            return
        members, place = self.members, problems.place
        for key, inner in value.items():
            if (member := members.get(key)) is not None:
                if inner is not None:
                    place.append(key)
                    member.check(inner, problems)
                    place.pop()
            elif self.closed:
                problems.add(f"must NOT have additional properties ('{escaped(key)[:100]}')")
            else:
                check_storable({key: inner}, problems)
            if problems.is_over:
                return
        if None in map(value.get, self.required):
            for key in self.required:
                if value.get(key) is None:
                    problems.add(f"must have required property '{key}'")

    def normalise(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        members = self.members
        return {
            key: members[key].normalise(inner) if key in members else inner
            for key, inner in value.items()
            if inner is not None or key not in members
        }


@dataclass(frozen=True, slots=True)
class Anything(StoredAsSent):
    """Any value that can be stored. `types` narrows it to an object or an array (spec 4.4, last row of the table)."""

    types: tuple[type, ...] = (dict,)

    def check(self, value: Any, problems: Problems) -> None:
        if not isinstance(value, self.types):
            names = ",".join("object" if kind is dict else "array" for kind in self.types)
            problems.add(f"must be {names}")
        else:
            check_storable(value, problems)
