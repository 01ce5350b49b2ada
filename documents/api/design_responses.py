"""Responses about a design and about categories: the configuration in the contract's shape.

The service itself does not use `designSettings` and `categories`. They are returned as they were stored, without what
does not match the contract's shape (spec 3.22, 3.26).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from livingdocs_import import errors

MAX_DEPTH = 20  # categories above one that it inherits from
Raw = Mapping[str, Any]


def design(config: Raw, name: str, version: str) -> dict[str, Any]:
    """The design of a stored configuration (DSN-01)."""
    settings = _object(config.get("designSettings"))
    assets = _object(settings.get("assets"))
    return {
        "name": name,
        "version": version,
        "assets": {"css": _array(assets.get("css"))} | ({"js": _array(assets["js"])} if assets.get("js") else {}),
        "defaultComponents": _object(settings.get("defaultComponents")),
        "groups": _array(settings.get("componentGroups")),
        "componentProperties": _by_name(settings.get("componentProperties")),
        "metadata": _array(settings.get("fieldExtractor")),
        "components": [_component(each) for each in _objects(config.get("components"))],
    }


def _component(component: Raw) -> dict[str, Any]:
    """The stored template, and the directives declared beside it."""
    name = component.get("name")
    icon = {"iconUrl": component["iconUrl"]} if component.get("iconUrl") else {}
    return {
        "name": name,
        "label": component.get("label") or name,
        **icon,
        "html": component.get("html") or "",
        "directives": _by_name(component.get("directives")),
    }


def _by_name(declared: Any) -> dict[str, Any]:
    """An array of objects with names, or an object keyed by them already; each value repeats its name."""
    if isinstance(declared, Mapping):
        return {name: {"name": name, **each} for name, each in declared.items() if isinstance(each, Mapping)}
    return {each["name"]: each for each in _objects(declared) if isinstance(each.get("name"), str)}


# --- Categories ------------------------------------------------------------------------------------------------------


def categories(config: Raw) -> list[dict[str, Any]]:
    """All categories in their order, archived ones, too."""
    return [_category(each) for each in _objects(config.get("categories"))]


def category(config: Raw, category_id: str, *, inherit_metadata: bool) -> dict[str, Any]:
    """One category with its metadata; raises NotFound for an unknown id.

    With `inherit_metadata` missing values come from the nearest category above it that has them. Raises Invalid if
    there are too many above it, or a cycle.
    """
    by_id = {each["id"]: each for each in _objects(config.get("categories")) if isinstance(each.get("id"), str)}
    if category_id not in by_id:
        raise errors.NotFound(f"Category does not exist (id: {category_id[:100]})")
    found = by_id[category_id]
    metadata = dict(_object(found.get("metadata")))
    if inherit_metadata:
        for above in _above(found, by_id):
            inherited = _object(above.get("metadata"))
            metadata |= {name: value for name, value in inherited.items() if metadata.get(name) is None}
    return _category(found) | {"metadata": metadata}


def _above(category: Raw, by_id: Mapping[str, Raw]) -> Iterator[Raw]:
    depth = 0
    while (above := by_id.get(str(category.get("parent")))) is not None:
        depth += 1
        if depth > MAX_DEPTH:
            raise errors.Invalid({"message": f"Categories are nested deeper than {MAX_DEPTH} levels"})
        yield above
        category = above


def _category(category: Raw) -> dict[str, Any]:
    shown = {name: category.get(name) for name in ("id", "label", "path")}
    return shown | ({"parent": category["parent"]} if category.get("parent") else {})


# --- Shapes ----------------------------------------------------------------------------------------------------------


def _object(value: Any) -> Raw:
    return value if isinstance(value, Mapping) else {}


def _array(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _objects(value: Any) -> list[Raw]:
    return [each for each in _array(value) if isinstance(each, Mapping)]
