"""What publications may be filtered and sorted by: the dates and numbers of each, and the metadata that is indexed.

A property of metadata takes part with `config.index`; of an object its leaves do, by their paths:
`metadata.teaserImage.mediaId`. Those of the newsroom (`li-system-…`) are not delivered, and so not found.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

import orjson

from livingdocs_import.metadata import MetadataSchema
from livingdocs_import.metadata.definitions import Property
from livingdocs_import.project_config import ContentType, ProjectConfig
from livingdocs_import.validation.value_types import (
    Flag,
    Identifier,
    Integer,
    List,
    Moment,
    Number,
    Record,
    Text,
    ValueType,
)

FORMAT = 1  # raised when an index has to be filled anew after an upgrade, for something else is indexed
MAX_LEVELS = 4  # of objects in metadata
_FREE_TEXTS = frozenset({"li-text", "li-system-text"})
CHARACTERS = "statistics.characterCount"
COMPONENTS = "statistics.componentCount."


class Kind(Enum):
    """What values are, and so what can be asked of them."""

    KEYWORD = auto()  # a text that is compared as a whole
    TEXT = auto()  # words are looked for in it
    NUMBER = auto()
    BOOLEAN = auto()
    MOMENT = auto()
    DOCUMENT_ID = auto()


RANGED = frozenset({Kind.NUMBER, Kind.MOMENT, Kind.DOCUMENT_ID})
SORTED = RANGED | {Kind.KEYWORD}


@dataclass(frozen=True, slots=True)
class Key:
    """Something that filters and orders name. `column`: of IndexedPublication; "": IndexedValue and lexemes have it."""

    name: str
    kind: Kind
    column: str = ""


class Leaf(NamedTuple):
    """A place in a metadata object: the names on the way, lists passed through."""

    path: tuple[str, ...]
    key: Key


EMBARGOED, EMBARGO_UNTIL = "publishControl.embargo.enforced", "publishControl.embargo.until"
FIXED = {
    key.name: key
    for key in (
        Key("documentId", Kind.DOCUMENT_ID, "document_id"),
        Key("contentType", Kind.KEYWORD, "content_type"),
        Key("firstPublicationDate", Kind.MOMENT, "first_publication_date"),
        Key("lastPublicationDate", Kind.MOMENT, "last_publication_date"),
        Key("significantPublicationDate", Kind.MOMENT, "significant_publication_date"),
        Key("visiblePublicationDate", Kind.MOMENT, "visible_publication_date"),
        Key(EMBARGOED, Kind.BOOLEAN, "has_embargo"),
        Key(EMBARGO_UNTIL, Kind.MOMENT, "embargo_until"),
        Key(CHARACTERS, Kind.NUMBER),
    )
}
SORT_DATE = Key("sortDate", Kind.MOMENT, "sort_date")


@lru_cache(maxsize=256)
def keys(config: ProjectConfig) -> Mapping[str, Key]:
    """All keys of a project by name.

    A handle that several content types define differently is what the first of them says. Counted are the components
    of the design as it is today.
    """
    found = dict(FIXED)
    found |= {name: Key(name, Kind.NUMBER) for name in (f"{COMPONENTS}{each}" for each in config.design.components)}
    for content_type in config.content_types.values():
        for leaf in leaves(content_type.metadata):
            found.setdefault(leaf.key.name, leaf.key)
    return MappingProxyType(found)


@lru_cache(maxsize=1024)
def leaves(schema: MetadataSchema) -> tuple[Leaf, ...]:
    """What of metadata is indexed for filters and orders."""
    indexed = (each for each in schema.properties.values() if each.indexed and _is_delivered(each))
    return tuple(leaf for each in indexed for leaf in _leaves((each.handle,), each.behaviour.format, each.plugin))


def texts(schema: MetadataSchema) -> tuple[str, ...]:
    """The properties whose words a search finds: free texts that are delivered, indexed for filters or not."""
    properties = schema.properties.values()
    return tuple(each.handle for each in properties if _is_delivered(each) and schema.is_text(each.handle))


def of_plugin(schema: MetadataSchema, plugin: str) -> tuple[str, ...]:
    """The handles of the properties of a plugin: `li-category`."""
    return tuple(each.handle for each in schema.properties.values() if each.plugin == plugin)


def rules(config: ProjectConfig) -> str:
    """A digest of all that the configuration says about the index: when it is another one, it is filled anew."""
    said = [_said(content_type) for content_type in config.content_types.values()]
    return hashlib.sha256(orjson.dumps([FORMAT, said])).hexdigest()


def _said(content_type: ContentType) -> list[object]:
    schema = content_type.metadata
    return [
        content_type.handle,
        content_type.visible_publication_date_preference,
        content_type.sort_date_field,
        texts(schema),
        [(leaf.key.name, leaf.key.kind.name) for leaf in leaves(schema)],
        [of_plugin(schema, plugin) for plugin in ("li-category", "li-language")],
    ]


def _is_delivered(found: Property) -> bool:
    return not found.plugin.startswith("li-system-")


def _leaves(path: tuple[str, ...], value_type: ValueType, plugin: str) -> Iterator[Leaf]:
    if isinstance(value_type, List):
        yield from _leaves(path, value_type.item, plugin)
    elif isinstance(value_type, Record):
        if len(path) <= MAX_LEVELS:
            yield from _members(path, value_type.members.items(), plugin)
    elif (kind := _kind(value_type, plugin)) is not None:
        yield Leaf(path, Key(".".join(("metadata", *path)), kind))


def _members(path: tuple[str, ...], members: Iterable[tuple[str, ValueType]], plugin: str) -> Iterator[Leaf]:
    for name, value_type in members:
        yield from _leaves((*path, name), value_type, plugin)


def _kind(value_type: ValueType, plugin: str) -> Kind | None:
    """None for what cannot be asked for."""
    match value_type:
        case Text():
            is_free = plugin in _FREE_TEXTS and value_type.choices is None
            return Kind.TEXT if is_free else Kind.KEYWORD
        case Identifier():
            return Kind.KEYWORD
        case Flag():
            return Kind.BOOLEAN
        case Integer() | Number():
            return Kind.NUMBER
        case Moment():
            return Kind.MOMENT
        case _:
            return None
