"""The properties of an item, by their dotted paths, as its JSON Schema has them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from livingdocs_import.validation.nearest import NearestNames

TEXT, NUMBER, INTEGER, BOOLEAN, JSON_VALUE = "text", "number", "integer", "boolean", "json"
TYPES = (TEXT, NUMBER, INTEGER, BOOLEAN, JSON_VALUE)
_OF_SCHEMA = {"string": TEXT, "number": NUMBER, "integer": INTEGER, "boolean": BOOLEAN}


class Shape:
    """An item's properties. Objects without listed properties, such as `metadata`, take any."""

    def __init__(self, definition: Mapping[str, Any], one: str) -> None:
        self.one = one
        self._definition = definition
        self._known = dict(_listed(definition, ()))
        self._nearest = NearestNames(list(self._known), slips=2)

    @property
    def a_one(self) -> str:
        """The kind of item in a sentence."""
        return f"{'an' if self.one[0] in 'aeiou' else 'a'} {self.one}"

    @property
    def known(self) -> Sequence[str]:
        """The paths of all listed properties."""
        return list(self._known)

    @property
    def required(self) -> Sequence[str]:
        """The properties that each item must have, apart from objects that may be empty."""
        parts = self._definition["properties"]
        return [name for name in self._definition["required"] if parts[name] != {"type": "object"}]

    @property
    def empty_objects(self) -> Sequence[str]:
        """Required properties that are an empty object where nothing is known of them."""
        return [name for name in self._definition["required"] if name not in self.required]

    def type_of(self, path: Sequence[str]) -> str | None:
        """How a cell becomes the value at this path; None if there is no such property."""
        part: Mapping[str, Any] = self._definition
        for step in path:
            properties = part.get("properties")
            if properties is None:
                return TEXT if _is_open(part) else None
            if step not in properties:
                return None
            part = properties[step]
        return _type(part)

    def nearest(self, path: str) -> str:
        """`; did you mean …?`, or ""."""
        found = self.suggested(path)
        return f"; did you mean '{found}'?" if found else ""

    def suggested(self, path: str) -> str:
        """The property that is meant, or "". Of `metdata.caption` it is `metadata.caption`."""
        first, dot, rest = path.partition(".")
        known = self._nearest.nearest(path)
        if known is None and dot and (outer := self._nearest.nearest(first)):
            known = f"{outer}.{rest}" if self.type_of((outer, *rest.split("."))) else None
        return known or ""


def _listed(part: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name, inner in part.get("properties", {}).items():
        yield ".".join((*path, name)), _type(inner)
        yield from _listed(inner, (*path, name))


def _type(part: Mapping[str, Any]) -> str:
    named = part.get("type", "string")
    names = [named] if isinstance(named, str) else [name for name in named if name != "null"]
    return _OF_SCHEMA.get(names[0], JSON_VALUE) if len(names) == 1 else JSON_VALUE


def _is_open(part: Mapping[str, Any]) -> bool:
    return "object" in part.get("type", ()) and part.get("additionalProperties", True) is not False
