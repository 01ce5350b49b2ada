"""How ViewSets declare their actions for OpenAPI: parameters, bodies, responses.

A ViewSet has `operations`, by action, beside its `scopes`. What all endpoints have in common (token, errors, headers
of deprecated versions) is not declared: `livingdocs_import/openapi/auto_schema.py` adds it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from livingdocs_import.api.versions import Feature, Version
from livingdocs_import.validation.json_types import JSON

JSONSchema: TypeAlias = Mapping[str, Any]  # JSON Schema 2020-12; what has a `title` becomes a component of that name
VersionedSchema: TypeAlias = JSONSchema | Callable[[Version], JSONSchema]

JSON_TYPE = "application/json"


@dataclass(frozen=True)
class Availability:
    """The versions that have something: those with one feature, and without another one."""

    since: Feature | None = None
    until: Feature | None = None

    def includes(self, version: Version) -> bool:
        return (self.since is None or version.has(self.since)) and (self.until is None or not version.has(self.until))


ALWAYS = Availability()


@dataclass(frozen=True)
class Parameter:
    """A parameter of the path, the query or the header. `schema` is that of its text, or of a list with commas."""

    name: str
    description: str
    schema: JSONSchema = field(default_factory=lambda: {"type": "string"})
    place: Literal["query", "path", "header"] = "query"
    required: bool = False
    example: JSON = None
    available: Availability = ALWAYS


@dataclass(frozen=True)
class Header:
    """A header of an answer."""

    name: str
    description: str
    schema: JSONSchema = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True)
class Example:
    """A request or response body, by a name."""

    name: str
    value: JSON
    available: Availability = ALWAYS


@dataclass(frozen=True)
class Body:
    """The body of a request."""

    schema: VersionedSchema
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True)
class Answer:
    """One response. `schema` None: it has no body; an empty one: bytes."""

    description: str
    schema: VersionedSchema | None = None
    examples: tuple[Example, ...] = ()
    headers: tuple[Header, ...] = ()
    media_types: tuple[str, ...] = (JSON_TYPE,)


@dataclass(frozen=True)
class Callback:
    """A request that we send because of one of the caller's. `expression`: its address, as OpenAPI writes it."""

    name: str
    expression: str
    request: Mapping[str, Any]  # an Operation Object


@dataclass(frozen=True)
class Operation:
    """One action. `errors` are the statuses, besides those of all endpoints, that it has the envelope for."""

    id: str
    tag: str
    summary: str
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    answers: Mapping[int, Answer] = field(default_factory=dict)
    errors: tuple[int, ...] = ()
    error_examples: Mapping[int, tuple[Example, ...]] = field(default_factory=dict)
    callbacks: tuple[Callback, ...] = ()
    has_entity_tag: bool = True  # of its answers to GET
    route_ids: Mapping[str, str] = field(default_factory=dict)  # another id for the route with this part


def for_version(schema: VersionedSchema, version: Version) -> JSONSchema:
    """The schema in this version."""
    return schema(version) if callable(schema) else schema
