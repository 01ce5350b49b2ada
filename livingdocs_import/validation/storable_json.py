"""What can be stored as JSON and sent again, and the sentences that say what cannot (spec 2.6)."""

import math
from typing import Any

from livingdocs_import.validation.json_reader import escaped

MAX_FAULTS = 100  # found in one value, or told of one object: a report must not be larger than what it reports on
_MAX_PLACE = 500  # characters
MAX_LEVELS = 100  # levels of arrays and objects in one value
MIN_INTEGER, MAX_INTEGER = -(2**63), 2**63 - 1  # what databases and JSON writers take as an integer
CONTAINERS = (dict, list)  # a tuple: `dict | list` would be built anew for each value


def fault(at: str, phrase: str) -> str:
    """One sentence about a problem (spec 2.6); a place that is very deep is cut short."""
    return f"The value of '{at if len(at) <= _MAX_PLACE else at[:_MAX_PLACE] + '…'}' {phrase}"


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


def check_storable(value: Any, at: str, faults: list[str]) -> None:
    """Append what keeps a value of any shape from being stored as JSON and sent again; ends soon after MAX_FAULTS."""
    if not _is_storable(value):  # only then are places named, at each of which a text is made
        _find_unstorable(value, at, faults)


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


def _find_unstorable(value: Any, at: str, faults: list[str]) -> None:
    kind = type(value)
    if kind is str:
        if reason := unstorable_text(value):
            faults.append(fault(at, reason))
    elif kind is list:
        for index, inner in enumerate(value):
            _find_unstorable(inner, f"{at}/{index}", faults)
            if len(faults) > MAX_FAULTS:
                return
    elif kind is dict:
        for key, inner in value.items():
            below = f"{at}/{escaped(key)[:100]}"
            if not isinstance(key, str) or unstorable_text(key):
                faults.append(fault(below, "must have a storable string as its key"))
            _find_unstorable(inner, below, faults)
            if len(faults) > MAX_FAULTS:
                return
    elif kind is int:
        check_range(value, at, faults, MIN_INTEGER, MAX_INTEGER)
    elif kind is float:
        if not math.isfinite(value):
            faults.append(fault(at, "must be a finite number"))
    elif value is not None and kind is not bool:
        faults.append(fault(at, "must be JSON"))


def check_range(value: float, at: str, faults: list[str], least: float, most: float) -> None:
    """Append that a number is out of its range (both ends belong to it)."""
    if value < least:
        faults.append(fault(at, f"must be >= {least}"))
    elif value > most:
        faults.append(fault(at, f"must be <= {most}"))
