"""What a media entry is found by: the words that stand on its page, its id elsewhere, and its addresses.

The configuration is not asked: whatever a property is called, its text is found, also when the media type is gone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from livingdocs_import.search.lexemes import LexemeQuery, Lexemes, lexemes, term
from livingdocs_import.search.words import words_of

FORMAT = 2  # raised when an upgrade indexes something else: then all entries are indexed anew
MAX_CHARACTERS = 20_000  # of all texts of one entry: the words of what follows are not found
MAX_LEVELS = 8  # of objects and lists in metadata
EXACT = "exact"  # the key of the terms
_QUERY = re.compile(r"[?#]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T|$)")


class Source(NamedTuple):
    """The parts of an entry that it is found by."""

    project_id: int
    title: str
    external_id: str | None
    source_url: str
    asset: Mapping[str, Any]
    metadata: Any
    translations: Sequence[Mapping[str, Any]]


def indexed(source: Source) -> Lexemes:
    """Title, names of files, external id and all texts of the metadata; of translations the same."""
    assets = _assets(source)
    texts = [
        source.title,
        *(str(asset.get("filename", "")) for asset in assets),
        source.external_id or "",
        *_texts([source.metadata, *(each.get("metadata") for each in source.translations)], MAX_LEVELS),
    ]
    addresses = [source.source_url, *(asset.get("url") for asset in assets)]
    exact = [source.external_id, *addresses, *(without_query(each) for each in addresses if each)]
    terms = [term(source.project_id, EXACT, each) for each in exact if each]
    return lexemes(source.project_id, words_of(texts, MAX_CHARACTERS), terms)


def exactly(project_ids: Sequence[int], texts: Sequence[str]) -> LexemeQuery:
    """What is asked for entries that have one of these external ids or addresses."""
    return LexemeQuery(tuple((term(project_id, EXACT, text),) for project_id in project_ids for text in texts))


def without_query(address: str) -> str:
    """An address as pages show it: a query often holds a signature, which changes."""
    return _QUERY.split(address, maxsplit=1)[0]


def _assets(source: Source) -> list[Mapping[str, Any]]:
    return [source.asset, *(asset for each in source.translations if (asset := each.get("asset")))]


def _texts(value: Any, levels: int) -> Iterator[str]:
    """The texts in a value, in their order; not the moments, which differ from entry to entry."""
    if isinstance(value, str):
        if not _DATE.match(value):
            yield value
    elif levels >= 0 and isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each, levels - 1)
