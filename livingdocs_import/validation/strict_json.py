"""Read JSON strictly: bounded in depth and number of values, nothing changed silently (spec 2.2)."""

import json
import math
import re
from codecs import BOM_UTF8
from typing import Any

import jiter

from livingdocs_import import errors
from livingdocs_import.validation import json_structure, limits
from livingdocs_import.validation.problems import Path, Problems, dotted
from livingdocs_import.validation.storable_json import add_faults, out_of_range

# Finds numbers at the speed of C: digits are translated to 1, and every value follows a `:`.
_NUMBERS = bytes.maketrans(b"0123456789.E,[", b"11111111111e::")
_NO_PART_OF_NUMBERS = b" \t\r\n+-"
_TOO_BIG = re.compile(rb":1(?:1{18}|1*e11)")  # 19 digits, or an exponent of two
_MAX_TOO_BIG = 22  # bytes
_PIECE = 64 * 1024  # bytes


def read_json(body: bytes) -> Any:
    """Parse one JSON text.

    A leading byte order mark, as Windows programs write it, is skipped. Raises `Invalid` for malformed text, invalid
    UTF-8, lone surrogates, duplicate keys, nesting over 100 levels, numbers that are not finite, integers over 64 bits,
    and U+0000 in a string or key; with the path if there is one. Raises `TooManyValues` for more values than memory
    allows.
    """
    if body.startswith(BOM_UTF8):
        body = body[len(BOM_UTF8) :]
    if not body.strip():
        raise errors.Invalid({"message": "The request body is empty, expected JSON"})
    if json_structure.has_more_values_than(limits.MAX_VALUES, body):
        raise errors.TooManyValues(limits.MAX_VALUES)
    if json_structure.is_deeper_than(limits.MAX_DEPTH, body):
        raise errors.Invalid({"message": f"The request body is nested deeper than {limits.MAX_DEPTH} levels"})
    try:
        value = jiter.from_json(body, allow_inf_nan=False, catch_duplicate_keys=True, cache_mode="keys")
    except ValueError as error:
        if "duplicate key" in str(error):
            raise errors.Invalid(_duplicate(body, str(error))) from error
        raise errors.NotJSON(str(error)) from error
    # Both are rare, and a search in the raw bytes rules them out cheaply.
    if (b"\\" in body and b"\\u0000" in body) or _maybe_too_big(body):
        problems = Problems()
        add_faults(value, problems, _fault, _fault)
        problems.refuse()
    return value


def _maybe_too_big(body: bytes) -> bool:
    """Whether there may be a number over 64 bits; ids in strings, of digits and one e as many are, do not count."""
    before = b":"
    for start in range(0, len(body), _PIECE):
        piece = before + body[start : start + _PIECE].translate(_NUMBERS, _NO_PART_OF_NUMBERS)
        if _TOO_BIG.search(piece):
            return True
        before = piece[-_MAX_TOO_BIG:]
    return False


def _fault(leaf: object) -> str | None:
    if isinstance(leaf, str):
        return "must NOT contain U+0000" if "\0" in leaf else None
    if isinstance(leaf, float):
        return None if math.isfinite(leaf) else "must be a finite number"
    is_too_big = isinstance(leaf, int) and out_of_range(leaf)
    return "must be an integer of at most 64 bits" if is_too_big else None


class _Duplicated(dict[str, Any]):
    key: str = ""


def _duplicate(body: bytes, message: str) -> dict[str, str]:
    """The path of a duplicate key. Parses again with the standard library, which has a hook; only for the error."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = _Duplicated(items)
        if len(found) == len(items):
            return dict(items)
        seen: set[str] = set()
        found.key = next(key for key, _ in items if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return found

    def path_of(value: Any, path: Path) -> Path | None:
        if isinstance(value, _Duplicated):
            return (*path, value.key)
        children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        return next((inner for key, child in children if (inner := path_of(child, (*path, key)))), None)

    try:
        path = path_of(json.loads(body, object_pairs_hook=pairs), ())
    except ValueError:
        path = None
    return {dotted(path): "Duplicate key"} if path else {"message": message}
