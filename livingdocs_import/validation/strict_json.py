"""Read JSON strictly: bounded in depth and number of values, nothing silently changed (spec 2.2)."""

import json
import math
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import jiter

from livingdocs_import import errors
from livingdocs_import.validation import json_structure, limits
from livingdocs_import.validation.limits import quoted

# For a look at numbers at the speed of C: digits are ones, and `:` is before every value.
_NUMBERS = bytes.maketrans(b"0123456789.E,[", b"11111111111e::")
_NO_PART_OF_NUMBERS = b" \t\r\n+-"
_TOO_BIG = re.compile(rb":1(?:1{18}|1*e11)")  # 19 digits, or an exponent of two
_MAX_TOO_BIG = 22  # bytes
_PIECE = 64 * 1024  # bytes
_INT64 = 1 << 63
_NUL = "must NOT contain U+0000"


def read_json(body: bytes) -> Any:
    """Parse one JSON text.

    Refuses with `Invalid`: malformed text, invalid UTF-8, lone surrogates, duplicate keys, nesting over 100 levels,
    numbers that are not finite or integers over 64 bits, U+0000 in a string or key. The path is named where one exists.
    Refuses with `PayloadTooLarge` more values than memory should be spent on.
    """
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
        raise errors.Invalid({"message": f"The request body is not valid JSON: {error}"}) from error
    # Both are rare, and a look at the raw bytes tells cheaply when they cannot be there.
    if (b"\\" in body and b"\\u0000" in body) or _maybe_too_big(body):
        _refuse_unstorable(value)
    return value


def _maybe_too_big(body: bytes) -> bool:
    """Whether there may be a number over 64 bits; ids in strings, made of digits and an e as many are, do not count."""
    before = b":"
    for start in range(0, len(body), _PIECE):
        piece = before + body[start : start + _PIECE].translate(_NUMBERS, _NO_PART_OF_NUMBERS)
        if _TOO_BIG.search(piece):
            return True
        before = piece[-_MAX_TOO_BIG:]
    return False


def _refuse_unstorable(value: Any) -> None:
    found = islice(_unstorable(value, []), limits.MAX_PROBLEMS)
    if problems := dict(found):
        raise errors.Invalid(problems)


def _unstorable(value: Any, steps: list[str]) -> Iterator[tuple[str, str]]:
    """The path and the fault of each scalar and key that cannot be stored; paths are made for no others."""
    if isinstance(value, dict):
        for key, child in value.items():
            steps.append(key)
            if "\0" in key:
                yield _path(steps), _NUL
            yield from _unstorable(child, steps)
            steps.pop()
    elif isinstance(value, list):
        for index, child in enumerate(value):
            steps.append(str(index))
            yield from _unstorable(child, steps)
            steps.pop()
    elif fault := _fault(value):
        yield _path(steps), fault


def _fault(leaf: Any) -> str:
    if isinstance(leaf, str):
        return _NUL if "\0" in leaf else ""
    if isinstance(leaf, float):
        return "" if math.isfinite(leaf) else "must be a finite number"
    fits = not isinstance(leaf, int) or -_INT64 <= leaf < _INT64
    return "" if fits else "must be an integer of at most 64 bits"


def _path(steps: Sequence[str]) -> str:
    """Dotted, and no longer than an answer should repeat it a thousand times; a lone scalar's is `body`."""
    path = ".".join(quoted(step) for step in steps).replace("\0", "\\u0000")
    return path[: limits.MAX_PATH] or "body"


class _Duplicated(dict[str, Any]):
    key: str = ""


def _duplicate(body: bytes, message: str) -> dict[str, str]:
    """Where the key stands twice. Parsed again by the standard library, which can be asked; this is the error path."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = _Duplicated(items)
        if len(found) == len(items):
            return dict(items)
        seen: set[str] = set()
        found.key = next(key for key, _ in items if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return found

    def path_of(value: Any, path: str) -> str | None:
        if isinstance(value, _Duplicated):
            return f"{path}{value.key}"
        children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        return next((p for key, child in children if (p := path_of(child, f"{path}{key}."))), None)

    try:
        path = path_of(json.loads(body, object_pairs_hook=pairs), "")
    except ValueError:
        path = None
    return {path: "Duplicate key"} if path else {"message": message}
