"""What a change made of an entry's metadata, for its history: a pure function."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

MAX_DIFFERENCES = 50  # kept of one change
MAX_VALUE = 500  # characters of a value that are kept
Difference = dict[str, Any]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """`[{property, old?, new?}]`, in the order of the properties; a side that had no value is missing."""
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return [
        {"property": name}
        | ({"old": _shortened(before[name])} if before.get(name) is not None else {})
        | ({"new": _shortened(after[name])} if after.get(name) is not None else {})
        for name in changed[:MAX_DIFFERENCES]
    ]


def translated_differences(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[Difference]:
    """The same of an entry's translations, each with its `locale`."""
    old, new = ({row["locale"]: row.get("metadata") or {} for row in rows} for rows in (before, after))
    found = [
        each | {"locale": locale}
        for locale in {**old, **new}
        for each in differences(old.get(locale, {}), new.get(locale, {}))
    ]
    return found[:MAX_DIFFERENCES]


def _shortened(value: Any) -> Any:
    """The value, or the beginning of its text."""
    if isinstance(value, bool | int | float):
        return value
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return f"{text[:MAX_VALUE]}…" if len(text) > MAX_VALUE else value
