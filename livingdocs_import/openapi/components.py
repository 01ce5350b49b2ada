"""Components: schemas by their titles, headers by their names, errors that several operations answer."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson

Document = dict[str, Any]
# Keywords that say which properties an object has.
OF_PROPERTIES = frozenset(
    {"properties", "additionalProperties", "patternProperties", "$ref", "allOf", "anyOf", "oneOf"}
)
LITERAL = frozenset({"example", "examples", "default", "const", "enum"})  # values, in which nothing is a schema


def lift(document: Document) -> Document:
    """The document with components in the place of what has a title, and of errors that several operations answer."""
    schemas: dict[str, Any] = {}
    lifted = {name: _schemas_lifted(part, schemas) for name, part in document.items()}
    components = lifted.setdefault("components", {})
    components["schemas"] = dict(sorted(schemas.items()))
    components["headers"] = _headers_lifted(lifted["paths"])
    components["responses"] = _responses_lifted(lifted["paths"])
    return lifted


def _schemas_lifted(part: Any, schemas: dict[str, Any], *, is_schema: bool = True) -> Any:
    if isinstance(part, list):
        return [_schemas_lifted(each, schemas) for each in part]
    if not isinstance(part, Mapping):
        return part
    found = {
        # The names of properties are no keywords: a property may be called `title`.
        name: value
        if name in LITERAL and is_schema
        else _schemas_lifted(value, schemas, is_schema=name != "properties")
        for name, value in part.items()
    }
    if is_schema and _is_open(found):
        found["additionalProperties"] = True
    title = part.get("title")
    if not is_schema or not isinstance(title, str) or "version" in part:  # the Info Object has a title, too
        return found
    del found["title"]
    if schemas.setdefault(title, found) != found:
        raise ValueError(f"two schemas have the title {title}")
    return {"$ref": f"#/components/schemas/{title}"}


def _is_open(schema: Mapping[str, Any]) -> bool:
    """Whether it is an object of any properties. Generators of clients read silence about them as none."""
    kinds = schema.get("type")
    return (kinds == "object" or (isinstance(kinds, list) and "object" in kinds)) and not OF_PROPERTIES & schema.keys()


def _headers_lifted(paths: Document) -> Document:
    """Takes the headers of answers out of the paths: what has one name means one thing, except for caching."""
    headers: Document = {}
    for answer in (answer for each in _operations(paths) for answer in each["responses"].values()):
        for name, header in answer.get("headers", {}).items():
            if headers.setdefault(name, header) == header:
                answer["headers"][name] = {"$ref": f"#/components/headers/{name}"}
    return dict(sorted(headers.items()))


def _operations(paths: Document) -> list[Document]:
    return [operation for methods in paths.values() for operation in methods.values()]


def _responses_lifted(paths: Document) -> Document:
    """Takes the answers that more than one operation has out of the paths."""
    operations = _operations(paths)
    times = Counter(
        (status, _text(answer)) for operation in operations for status, answer in operation["responses"].items()
    )
    responses: Document = {}
    names: dict[tuple[str, bytes], str] = {}
    for operation in operations:
        for status, answer in operation["responses"].items():
            key = (status, _text(answer))
            if times[key] == 1 or status < "4":
                continue
            if key not in names:
                another = sum(known == status for known, _ in names)
                names[key] = f"Error{status}" + (f"_{another + 1}" if another else "")
                responses[names[key]] = answer
            operation["responses"][status] = {"$ref": f"#/components/responses/{names[key]}"}
    return dict(sorted(responses.items()))


def _text(answer: Any) -> bytes:
    return orjson.dumps(answer, option=orjson.OPT_SORT_KEYS)
