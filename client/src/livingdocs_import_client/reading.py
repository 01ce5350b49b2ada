"""Reads answers: each function names the place where it finds something else than this API says."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from livingdocs_import_client.errors import UnexpectedAnswer
from livingdocs_import_client.json_types import JSON, JSONObject


def as_object(value: object, place: str) -> JSONObject:
    """The value, which must be an object."""
    if not isinstance(value, dict):
        raise UnexpectedAnswer(f"{place}: expected an object")
    return cast(JSONObject, value)


def as_list(value: object, place: str) -> Sequence[JSON]:
    """The value, which must be an array."""
    if not isinstance(value, list):
        raise UnexpectedAnswer(f"{place}: expected an array")
    return cast(Sequence[JSON], value)


def text(of: JSONObject, key: str) -> str:
    """The string at `key`."""
    value = of.get(key)
    if not isinstance(value, str):
        raise UnexpectedAnswer(f"{key}: expected a string")
    return value


def optional_text(of: JSONObject, key: str) -> str | None:
    """The string at `key`; None where there is none."""
    return None if of.get(key) is None else text(of, key)


def number(of: JSONObject, key: str) -> int:
    """The integer at `key`."""
    value = of.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise UnexpectedAnswer(f"{key}: expected an integer")
    return value


def optional_number(of: JSONObject, key: str) -> int | None:
    """The integer at `key`; None where there is none."""
    return None if of.get(key) is None else number(of, key)


def amount(of: JSONObject, key: str) -> float | None:
    """The number at `key`, whole or not; None where there is none."""
    value = of.get(key)
    if value is not None and (not isinstance(value, int | float) or isinstance(value, bool)):
        raise UnexpectedAnswer(f"{key}: expected a number")
    return value


def moment(of: JSONObject, key: str) -> datetime:
    """The date and time at `key`, with its offset."""
    try:
        return datetime.fromisoformat(text(of, key))
    except ValueError:
        raise UnexpectedAnswer(f"{key}: expected a date and time") from None


def optional_moment(of: JSONObject, key: str) -> datetime | None:
    """The date and time at `key`; None where there is none."""
    return None if of.get(key) is None else moment(of, key)


def objects(of: JSONObject, key: str) -> list[JSONObject]:
    """The objects of the array at `key`; none where there is no array."""
    value = of.get(key)
    return [] if value is None else [as_object(each, f"{key}.{n}") for n, each in enumerate(as_list(value, key))]


def optional_object(of: JSONObject, key: str) -> JSONObject | None:
    """The object at `key`; None where there is none."""
    value = of.get(key)
    return None if value is None else as_object(value, key)
