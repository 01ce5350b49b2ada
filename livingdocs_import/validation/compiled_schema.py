"""A JSON Schema compiled so that a check costs in proportion to its input, however invalid that is.

Patterns run in an engine without backtracking. Patterns and formats only see strings within their `maxLength`. The
number of items of a list is checked before its items, and these one by one: callers stop when they have enough
problems.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import jsonschema_rs

from livingdocs_import.validation.limits import MAX_PROBLEMS

_LOOKS_AT_TEXT = ("pattern", "format", "anyOf")


class Violation(NamedTuple):
    """One violation: the steps from the root to the value, and the validator's message."""

    steps: Sequence[str | int]
    error: jsonschema_rs.ValidationError


class CompiledSchema:
    """One schema, or a part of one; thread-safe."""

    def __init__(
        self, definition: Mapping[str, Any], formats: Mapping[str, Callable[[str], bool]], plain: Mapping[str, str]
    ) -> None:
        """`plain`: for some formats, patterns of the common values; the validator then need not call Python."""
        properties = definition.get("properties", {})
        self._lists = {name: part for name, part in properties.items() if isinstance(part, Mapping) and "items" in part}
        self._max_items = [(name, part["maxItems"]) for name, part in self._lists.items() if "maxItems" in part]
        self._items = {name: CompiledSchema(part["items"], formats, plain) for name, part in self._lists.items()}
        self._at_sight = _validator(_with_plain_formats(definition, plain), formats)
        around = {name: {key: part[key] for key in part if key != "items"} for name, part in self._lists.items()}
        self._definition = {**definition, "properties": {**properties, **around}} if around else definition
        self._around_items = _validator(self._definition, formats)

    def fits(self, value: Any) -> bool:
        """Whether the value is valid."""
        if isinstance(value, dict):
            for name, max_items in self._max_items:
                items = value.get(name)
                if isinstance(items, list) and len(items) > max_items:
                    return False
        return bool(self._at_sight.is_valid(value))

    def violations(self, value: Any) -> Iterator[Violation]:
        """The violations, found lazily. For a list with too many items, only that one."""
        for error in self._around_items.iter_errors(_outline(value, self._definition)):
            yield Violation(error.instance_path, error)
        for name, items in self._lists_of(value):
            if len(items) > self._lists[name].get("maxItems", len(items)):
                continue
            schema = self._items[name]
            for index, item in enumerate(items):
                if not schema.fits(item):
                    for steps, error in schema.violations(item):
                        yield Violation([name, index, *steps], error)

    def _lists_of(self, value: Any) -> Iterator[tuple[str, list[Any]]]:
        if isinstance(value, dict):
            for name in self._lists:
                if isinstance(items := value.get(name), list):
                    yield name, items


def _outline(value: Any, definition: Mapping[str, Any]) -> Any:
    """The part of a value that the definition mentions: every error copies its value."""
    if isinstance(value, list):
        enough = max(definition.get("maxItems", 0), definition.get("minItems", 0)) + 1
        return [
            _outline(item, definition.get("items", {})) if "items" in definition else None for item in value[:enough]
        ]
    if not isinstance(value, dict):
        return value
    known = definition.get("properties", {})
    outline = {key: _outline(value[key], part) for key, part in known.items() if key in value}
    unknown = (key for key in value if key not in known)
    return {**outline, **dict.fromkeys(islice(unknown, MAX_PROBLEMS))}


def _validator(
    definition: Mapping[str, Any], formats: Mapping[str, Callable[[str], bool]]
) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        _only_short_texts(definition),
        formats=dict(formats),
        validate_formats=True,
        pattern_options=jsonschema_rs.RegexOptions(),
    )


def _only_short_texts(definition: Any) -> Any:
    """The definition with all checks of a text behind the check of its length."""

    def guard(part: dict[str, Any]) -> dict[str, Any]:
        looks = {key: part.pop(key) for key in _LOOKS_AT_TEXT if key in part} if "maxLength" in part else {}
        return {**part, "if": {"maxLength": part["maxLength"]}, "then": looks} if looks else part

    return _each_object(definition, guard)


def _with_plain_formats(definition: Any, plain: Mapping[str, str]) -> Any:
    """The definition with each format's plain pattern before it."""

    def at_sight(part: dict[str, Any]) -> dict[str, Any]:
        name = part.get("format")
        if not isinstance(name, str) or not plain.get(name):
            return part
        return {
            **{key: part[key] for key in part if key != "format"},
            "anyOf": [{"pattern": plain[name]}, {"format": name}],
        }

    return _each_object(definition, at_sight)


def _each_object(definition: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(definition, list | tuple):
        return [_each_object(part, change) for part in definition]
    if not isinstance(definition, Mapping):
        return definition
    return change({key: _each_object(part, change) for key, part in definition.items()})
