"""What is indexed of a live publication: the words of its texts, terms to filter by, values to range over and sort by.

Components with conditions are not indexed: a search must not reveal what is hidden from its reader.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

import re2

from documents.content.html_scanner import unescaped
from documents.revisions.publish_control import Embargo, PublicationDates, visible_date
from documents.search.properties import CHARACTERS, COMPONENTS, Key, Kind, leaves, of_plugin, texts
from livingdocs_import.project_config import ContentType
from livingdocs_import.search.lexemes import Lexemes, lexemes, term
from livingdocs_import.search.words import words, words_of
from livingdocs_import.validation.value_types import instant

MAX_VALUES = 500  # of one publication to range over and sort by
MAX_IN_A_LIST = 100  # elements of a list in metadata that are indexed
MAX_TEXT = 200  # characters of a text to sort by
MAX_NAME = 200  # characters of a component's name: those of longer ones are not counted
MAX_KEYWORD = 400  # characters of a text that is compared as a whole: longer ones are not found
MAX_CHARACTERS = 1_000_000  # of all texts: the words of what follows are not found
CATEGORY, LANGUAGE, LANGUAGE_GROUP, EXISTS, CONTENT_TYPE = (
    "category",
    "language",
    "languageGroup",
    "exists",
    "contentType",
)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|code|del|em|i|ins|mark|q|s|small|span|strike|strong|sub|sup|u)(?:\s[^<>]*)?>", re.I
)
_TAG = re2.compile(r"(?s)</?[a-zA-Z][^<>]*>|<!--.*?-->")  # re would look for the end of each comment anew


class Source(NamedTuple):
    """What a publication consists of."""

    project_id: int
    content_type: ContentType
    title: str
    metadata: Mapping[str, Any]
    content: Any
    dates: PublicationDates
    published_at: datetime
    embargo: Embargo | None


class Value(NamedTuple):
    """Something to range over and sort by."""

    key: str
    position: int
    number: float | None
    text: str | None


class Dates(NamedTuple):
    """The dates of a publication that are columns."""

    sort: datetime
    first: datetime
    last: datetime
    significant: datetime | None
    visible: datetime


class Indexed(NamedTuple):
    """All of it."""

    dates: Dates
    lexemes: Lexemes
    values: Sequence[Value]


def indexed(source: Source) -> Indexed:
    """What is indexed of a publication."""
    schema = source.content_type.metadata
    shown = list(_shown(source.content))
    found = [(leaf.key, value) for leaf in leaves(schema) for value in _at(source.metadata, leaf.path)]
    statistics = _statistics(shown)
    in_metadata = (text for handle in texts(schema) if isinstance(text := source.metadata.get(handle), str))
    all_texts = [source.title, *in_metadata, *_texts(shown)]
    terms = chain(_terms(source, found), _statistical_terms(source.project_id, statistics))
    values = [*_values(found), *(Value(key, 0, number, None) for key, number in statistics.items())]
    return Indexed(
        _dates(source),
        lexemes(source.project_id, words_of(all_texts, MAX_CHARACTERS), terms),
        values[:MAX_VALUES],
    )


# --- Texts -----------------------------------------------------------------------------------------------------------


def _shown(content: Any) -> Iterator[dict[str, Any]]:
    """The components without conditions, which all readers see at all times; outer before inner."""
    pending = [iter(content)] if isinstance(content, list) else []
    while pending:
        for component in pending[-1]:
            if not isinstance(component, dict) or component.get("conditions"):
                continue
            yield component
            containers = component.get("containers")
            if containers and isinstance(containers, dict):
                pending += [iter(children) for children in reversed(containers.values()) if isinstance(children, list)]
                break
        else:
            pending.pop()


def _texts(components: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for component in components:
        values = component.get("content")
        if isinstance(values, dict):
            yield from (plain(value) for value in values.values() if isinstance(value, str))


def plain(text: str) -> str:
    """An editable text without its tags; those that stand between words leave a space."""
    if "<" in text:
        text = _TAG.sub(" ", _INLINE.sub("", text))
    return unescaped(text) if "&" in text else text


def _statistics(components: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """How many characters there are, and how often each component; none has no count."""
    components = list(components)
    names = (name for each in components if isinstance(name := _name(each), str) and len(name) <= MAX_NAME)
    counts = {f"{COMPONENTS}{name}": float(number) for name, number in Counter(names).items()}
    return {CHARACTERS: float(sum(map(len, _texts(components))))} | counts


def _name(component: Mapping[str, Any]) -> object:
    """Of `living-times.header` it is `header`: no name of a design has a dot."""
    name = component.get("component")
    if name is not None:
        return name
    identifier = component.get("identifier")
    return identifier.partition(".")[2] or identifier if isinstance(identifier, str) else None


# --- Metadata --------------------------------------------------------------------------------------------------------


def _at(value: Any, path: Sequence[str]) -> Iterator[Any]:
    """The values at a place of metadata; those of lists are as many as their elements."""
    if value is None:
        return
    if isinstance(value, list):
        for element in value[:MAX_IN_A_LIST]:
            yield from _at(element, path)
    elif not path:
        yield value
    elif isinstance(value, dict):
        yield from _at(value.get(path[0]), path[1:])


def _terms(source: Source, found: Iterable[tuple[Key, Any]]) -> Iterator[str]:
    project_id, schema = source.project_id, source.content_type.metadata
    yield term(project_id, CONTENT_TYPE, source.content_type.handle)
    for plugin, name, key in (
        ("li-category", "id", CATEGORY),
        ("li-language", "locale", LANGUAGE),
        ("li-language", "groupId", LANGUAGE_GROUP),
    ):
        for handle in of_plugin(schema, plugin):
            values = _at(source.metadata, (handle, name))
            yield from (term(project_id, key, value) for value in values if isinstance(value, str))
    for key_, value in found:
        if terms := [term(project_id, key_.name, each) for each in compared(key_.kind, value)]:
            yield term(project_id, EXISTS, key_.name)
            yield from terms


def _statistical_terms(project_id: int, statistics: Mapping[str, float]) -> Iterator[str]:
    for key, number in statistics.items():
        yield term(project_id, EXISTS, key)
        yield term(project_id, key, number)


def compared(kind: Kind, value: Any) -> list[object]:
    """What a value is found by: of a text each of its words, of all others one thing; nothing if it is of no use."""
    match kind:
        case Kind.TEXT:
            return list(dict.fromkeys(words(value[:MAX_CHARACTERS]))) if isinstance(value, str) else []
        case Kind.KEYWORD:
            text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
            return [text] if isinstance(text, str) and len(text) <= MAX_KEYWORD else []
        case Kind.BOOLEAN:
            return [value] if isinstance(value, bool) else []
        case _:
            number = measured(kind, value)
            return [] if number is None else [number]


def measured(kind: Kind, value: Any) -> float | None:
    """A number or a moment as it is ranged over."""
    if kind is Kind.NUMBER:
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    moment = instant(value, bare_date=True) if kind is Kind.MOMENT else None
    return None if moment is None else milliseconds(moment)


def milliseconds(moment: datetime) -> float:
    """Since 1970; what is finer is cut off."""
    return float(int(moment.timestamp() * 1000))


def _values(found: Iterable[tuple[Key, Any]]) -> Iterator[Value]:
    positions: Counter[str] = Counter()
    for key, value in found:
        number = measured(key.kind, value)
        texts_ = compared(key.kind, value) if key.kind is Kind.KEYWORD else []
        if number is None and not texts_:
            continue
        if key.kind is Kind.KEYWORD and positions[key.name]:
            continue  # a text is only sorted by, and that by the first
        yield Value(key.name, positions[key.name], number, str(texts_[0])[:MAX_TEXT] if texts_ else None)
        positions[key.name] += 1


# --- Dates -----------------------------------------------------------------------------------------------------------


def _dates(source: Source) -> Dates:
    dates, content_type = source.dates, source.content_type
    last = dates.last or source.published_at
    first = dates.first or last
    visible = visible_date(dates, source.metadata, content_type.visible_publication_date_preference) or first
    named = (content_type.sort_date_field,) if content_type.sort_date_field else ()
    sort = visible_date(dates, source.metadata, named) if named else None
    return Dates(sort or visible, first, last, dates.significant, visible)
