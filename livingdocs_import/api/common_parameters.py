"""Parameters that several endpoints take, as OpenAPI describes them."""

from livingdocs_import.api.idempotency import KEY_LENGTH
from livingdocs_import.api.operations import Availability, JSONSchema, Parameter
from livingdocs_import.api.pagination import DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET
from livingdocs_import.api.versions import Feature

IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "The same key with the same body has the same answer for seven days, and nothing is done a second time. With "
    "another body it is a conflict.",
    {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    place="header",
)
PAGE = (
    Parameter(
        "limit",
        "How many results a page has at most.",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    ),
    Parameter(
        "offset",
        "How many results come before those of the page.",
        {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0},
    ),
    Parameter(
        "after",
        "The `cursor` of the page before; in the place of `offset`.",
        {"type": "string", "minLength": 1},
        available=Availability(since=Feature.CURSORS),
    ),
)
FLAG: JSONSchema = {"type": "boolean", "default": False}


def comma_separated(item: JSONSchema) -> JSONSchema:
    """A list in one parameter. It may also be sent element by element: `ids[0]=a&ids[1]=b`."""
    return {"type": "array", "items": item}


def bounds(name: str, what: str, schema: JSONSchema) -> tuple[Parameter, ...]:
    """The parameters that bound a list: `id.gte`, `id.gt` …"""
    words = {"gte": "at least", "gt": "more than", "lte": "at most", "lt": "less than"}
    return tuple(Parameter(f"{name}.{bound}", f"{what} is {word} this.", schema) for bound, word in words.items())
