"""Building blocks of the schemas of answers: objects that are closed, lists, pages."""

from collections.abc import Mapping
from typing import Any

from livingdocs_import.api.operations import JSONSchema
from livingdocs_import.api.versions import Feature, Version

TEXT = {"type": "string"}
BOOLEAN = {"type": "boolean"}
NUMBER = {"type": "number"}
COUNT = {"type": "integer", "minimum": 0}
KEY = {"type": "integer", "minimum": 1}  # of a row
MOMENT = {"type": "string", "format": "date-time"}
OBJECT = {"type": "object"}  # whatever the project's configuration says


def closed(
    title: str, required: Mapping[str, JSONSchema], optional: Mapping[str, JSONSchema] | None = None, about: str = ""
) -> dict[str, Any]:
    """An object with these properties and no others; a component of the name `title`."""
    return {
        "title": title,
        **({"description": about} if about else {}),
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {})},
        "additionalProperties": False,
    }


def described(schema: JSONSchema, description: str) -> dict[str, Any]:
    """The same schema with a description."""
    return {**schema, "description": description}


def listed(item: JSONSchema) -> dict[str, Any]:
    """A list of such items."""
    return {"type": "array", "items": item}


def choice(*values: str) -> dict[str, Any]:
    """One of a few texts."""
    return {"type": "string", "enum": list(values)}


def results(title: str, item: JSONSchema, version: Version) -> JSONSchema:
    """A list in this version: as it is, or in `results` (VER-04)."""
    return closed(title, {"results": listed(item)}) if version.has(Feature.RESULTS) else listed(item)


def page(title: str, item: JSONSchema, version: Version) -> JSONSchema:
    """A page of a list: as it is, or with a cursor (VER-05)."""
    if not version.has(Feature.CURSORS):
        return listed(item)
    cursor = described(TEXT, "To be sent as `after` for the next page; empty when this page is.")
    return closed(title, {"total": COUNT, "cursor": cursor, "results": listed(item)})


def titled(title: str, schema: JSONSchema) -> dict[str, Any]:
    """The same schema as a component of this name."""
    return {"title": title, **schema}


def alternatives(tag: str, shapes: Mapping[str, JSONSchema], kind: str) -> dict[str, Any]:
    """Objects whose property `tag` names one of these shapes; each a component: `PublishCommand`."""
    return {"oneOf": [_tagged(tag, name, shape, kind) for name, shape in shapes.items()]}


def _tagged(tag: str, name: str, shape: JSONSchema, kind: str) -> dict[str, Any]:
    return {
        "title": f"{name[0].upper()}{name[1:]}{kind}",
        **shape,
        "required": list(dict.fromkeys([tag, *shape.get("required", ())])),
        "properties": {**shape["properties"], tag: {"const": name}},
    }
