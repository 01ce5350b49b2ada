"""Finding entries by an id, a storage key, an address, or else by words; the newest of very many."""

from collections.abc import Sequence
from typing import NamedTuple

from django.conf import settings

from livingdocs_import.db.lookups import planned_anew, read_by_index
from livingdocs_import.db.time_limit import time_limit
from livingdocs_import.search.word_query import WordQuery
from media_library.asset_urls import possible_keys
from media_library.models import IndexedEntry, MediaEntry, TranslatedAssetKey
from media_library.search.indexed import exactly, without_query

MAX_FOUND = 5_000  # as far as the admin counts its lists


class Found(NamedTuple):
    """Primary keys, in no order. `more`: so many have these words that only the newest were taken.

    `is_exact`: the text is an id, a key or an address of these, and was not taken for words.
    """

    entry_ids: Sequence[int]
    more: bool = False
    is_exact: bool = False


def find(project_ids: Sequence[int], text: str, name: str, most: int = MAX_FOUND) -> Found:
    """The entries that are called so, or else those with all of the words or their beginnings.

    Invalid under `name` for a text that has no words, or too many; OutOfTime when it takes too long.
    """
    with time_limit(settings.ADMIN_LIST_SECONDS), planned_anew():
        called = _called(project_ids, text)
        return (
            Found(called[:most], is_exact=True)
            if called
            else _with_words(project_ids, WordQuery.read(text, name), most)
        )


def _called(project_ids: Sequence[int], text: str) -> list[int]:
    """Those that have this id, storage key, external id or address. Ids and keys are found at once, the others when
    they are indexed."""
    keys = possible_keys(text)
    found = set(MediaEntry.objects.filter(project__in=project_ids, media_id=text).values_list("pk", flat=True))
    owners = [*MediaEntry.objects.filter(asset_key__in=keys).values_list("pk", "project")]
    owners += TranslatedAssetKey.objects.filter(asset_key__in=keys).values_list("entry", "entry__project")
    found |= {entry_id for entry_id, project_id in owners if project_id in project_ids}
    exact = exactly(project_ids, list(dict.fromkeys([text, without_query(text)])))
    found |= set(IndexedEntry.objects.filter(lexemes__matches=exact).values_list("pk", flat=True)[: MAX_FOUND + 1])
    return sorted(found, reverse=True)


def _with_words(project_ids: Sequence[int], words: WordQuery, most: int) -> Found:
    """The newest. Up to MAX_FOUND are all read by the index of words and sorted here; of more the order is walked."""
    matching = IndexedEntry.objects.all()
    order = ["-pk"]
    if len(project_ids) == 1:  # an index has their order
        matching, order = matching.filter(project=project_ids[0]), ["-updated_at", "-pk"]
    for query in words.queries(*project_ids):
        matching = matching.filter(lexemes__matches=query)
    columns = [name.removeprefix("-") for name in order]
    with read_by_index():
        rows = sorted(matching.values_list(*columns)[: MAX_FOUND + 1], reverse=True)
    if len(rows) > MAX_FOUND:
        rows = list(matching.order_by(*order).values_list(*columns)[: most + 1])
    return Found([row[-1] for row in rows[:most]], more=len(rows) > most)
