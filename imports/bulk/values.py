"""The value of a cell: text is taken as it is, other types are written as in JSON."""

import math
import re
from collections.abc import Callable, Mapping

from imports.bulk.shapes import BOOLEAN, INTEGER, JSON_VALUE, NUMBER, TEXT
from livingdocs_import import errors
from livingdocs_import.validation.json_types import JSON
from livingdocs_import.validation.storable_json import MAX_INTEGER, MIN_INTEGER
from livingdocs_import.validation.strict_json import read_json

YES, NO = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?")


class NotSuch(Exception):
    """The cell has no value of its type; the message says what was expected."""


def _boolean(cell: str) -> JSON:
    word = cell.strip().lower()
    if word not in YES | NO:
        raise NotSuch("expected true or false")
    return word in YES


def _integer(cell: str) -> JSON:
    if not _INTEGER.fullmatch(cell.strip()) or not MIN_INTEGER <= int(cell) <= MAX_INTEGER:
        raise NotSuch("expected a whole number")
    return int(cell)


def _number(cell: str) -> JSON:
    if _INTEGER.fullmatch(cell.strip()):
        return _integer(cell)
    if not _NUMBER.fullmatch(cell.strip()) or not math.isfinite(float(cell)):
        raise NotSuch("expected a number, with a point: 3.5")
    return float(cell)


def _json(cell: str) -> JSON:
    try:
        value: JSON = read_json(cell.encode("utf-8", "surrogatepass"))
    except errors.ApiError as error:
        why = next(iter(error.details.values()), "")
        raise NotSuch(f"expected JSON: {str(why).removeprefix('The request body is not valid JSON: ')}") from None
    return value


READERS: Mapping[str, Callable[[str], JSON]] = {
    TEXT: lambda cell: cell,
    BOOLEAN: _boolean,
    INTEGER: _integer,
    NUMBER: _number,
    JSON_VALUE: _json,
}
