"""Whether a value can be stored as JSON and returned, and why not (spec 2.6)."""

import math
from collections.abc import Callable
from typing import Any

from livingdocs_import.validation.problems import Problems

MAX_LEVELS = 100  # levels of arrays and objects in one value
MIN_INTEGER, MAX_INTEGER = -(2**63), 2**63 - 1  # integers that databases and JSON writers accept
Fault = Callable[[Any], str | None]
CONTAINERS = (dict, list)  # a tuple: `dict | list` would be built anew for each value


def unstorable_text(text: str) -> str | None:
    """Why a string cannot be stored; None if it can."""
    if "\x00" in text:
        return "must NOT contain U+0000"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "must NOT contain lone surrogates"
    return None


def is_too_deep(value: dict[str, Any] | list[Any], levels: int = MAX_LEVELS) -> bool:
    """Whether arrays and objects are nested deeper than this many levels; looks no further."""
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
    """Add the reasons why a value of any shape cannot be stored as JSON and returned."""
    if not _is_storable(value):  # places are only tracked from here on
        add_faults(value, problems, _unstorable, _unstorable_key)


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


def add_faults(value: Any, problems: Problems, of_scalar: Fault, of_key: Fault) -> None:
    """Add the problems of each scalar and each key of a value, until there are enough."""
    if isinstance(value, CONTAINERS):
        place = problems.place
        place.append("")
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            place[-1] = step
            if isinstance(value, dict) and (message := of_key(step)):
                problems.add(message)
            add_faults(inner, problems, of_scalar, of_key)
            if problems.is_over:
                break
        place.pop()
    elif message := of_scalar(value):
        problems.add(message)


def _unstorable_key(key: object) -> str | None:
    is_storable = isinstance(key, str) and not unstorable_text(key)
    return None if is_storable else "must have a storable string as its key"


def _unstorable(value: object) -> str | None:
    if isinstance(value, str):
        return unstorable_text(value)
    if isinstance(value, float):
        return None if math.isfinite(value) else "must be a finite number"
    if isinstance(value, int):
        return out_of_range(value)
    return None if value is None else "must be JSON"


def out_of_range(value: float, least: float = MIN_INTEGER, most: float = MAX_INTEGER) -> str | None:
    """Why a number is out of its range (inclusive); None if it is within."""
    if value < least:
        return f"must be >= {least}"
    return f"must be <= {most}" if value > most else None
