"""Match the elements of two arrays of a configuration: by the same handle, name or id."""

from typing import Any

KEYS = ("handle", "name", "id")


def common_key(*arrays: list[Any]) -> str | None:
    """The first of KEYS that distinguishes the elements of all arrays; None if none does."""
    return next((key for key in KEYS if all(_tells_apart(array, key) for array in arrays)), None)


def _tells_apart(array: list[Any], key: str) -> bool:
    values = [each.get(key) if isinstance(each, dict) else None for each in array]
    return all(isinstance(value, str) for value in values) and len(set(values)) == len(values)
