"""What can be stored as JSON and sent again, and why something cannot (spec 2.6)."""

import math
from typing import Any

from livingdocs_import.validation.problems import Problems

MAX_LEVELS = 100  # levels of arrays and objects in one value
MIN_INTEGER, MAX_INTEGER = -(2**63), 2**63 - 1  # what databases and JSON writers take as an integer
CONTAINERS = (dict, list)  # a tuple: `dict | list` would be built anew for each value


def unstorable_text(text: str) -> str | None:
    """Why a string cannot be stored; None when it can."""
    if "\x00" in text:
        return "must NOT contain U+0000"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "must NOT contain lone surrogates"
    return None


def is_too_deep(value: dict[str, Any] | list[Any], levels: int = MAX_LEVELS) -> bool:
    """Whether arrays and objects are nested deeper than so many levels; looks no further than that."""
    inner = [child for child in (value.values() if isinstance(value, dict) else value) if isinstance(child, CONTAINERS)]
    while inner and levels > 1:
        levels -= 1
        inner = [
            child
            for outer in inner
            for child in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(child, CONTAINERS)
        ]
    return bool(inner)


def check_storable(value: Any, problems: Problems) -> None:
    """Add what keeps a value of any shape from being stored as JSON and sent again."""
    if not _is_storable(value):  # only then are places named
        _find_unstorable(value, problems)


def _is_storable(value: Any) -> bool:
    pending = [value]
    while pending:
        current = pending.pop()
        kind = type(current)
        if kind is str:
            if unstorable_text(current):
                return False
        elif kind is list:
            pending.extend(current)
        elif kind is dict:
            if not all(isinstance(key, str) and not unstorable_text(key) for key in current):
                return False
            pending.extend(current.values())
        elif kind is int:
            if not MIN_INTEGER <= current <= MAX_INTEGER:
                return False
        elif kind is float:
            if not math.isfinite(current):
                return False
        elif current is not None and kind is not bool:
            return False
    return True


def _find_unstorable(value: Any, problems: Problems) -> None:
    kind = type(value)
    if kind is str:
        if reason := unstorable_text(value):
            problems.add(reason)
    elif kind is list or kind is dict:
        problems.place.append("")
        for step, inner in value.items() if kind is dict else enumerate(value):
            problems.place[-1] = step
            if kind is dict and (not isinstance(step, str) or unstorable_text(step)):
                problems.add("must have a storable string as its key")
            _find_unstorable(inner, problems)
            if problems.is_over:
                break
        problems.place.pop()
    elif kind is int:
        check_range(value, problems, MIN_INTEGER, MAX_INTEGER)
    elif kind is float:
        if not math.isfinite(value):
            problems.add("must be a finite number")
    elif value is not None and kind is not bool:
        problems.add("must be JSON")


def check_range(value: float, problems: Problems, least: float, most: float) -> None:
    """Add that a number is out of its range (both ends belong to it)."""
    if value < least:
        problems.add(f"must be >= {least}")
    elif value > most:
        problems.add(f"must be <= {most}")
