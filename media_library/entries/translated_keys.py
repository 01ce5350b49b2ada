"""Keep the storage keys of translated assets searchable."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from livingdocs_import.db import bulk_copy
from media_library.models import MediaEntry, TranslatedAssetKey

_COLUMNS = ("entry", "asset_key")


def wanted(translations: Sequence[Mapping[str, Any]]) -> set[str]:
    """The keys of the assets of these translations."""
    return {row["asset"]["key"] for row in translations if row.get("asset")}


def add(rows: Iterable[tuple[int, set[str]]]) -> None:
    """Insert keys, given by the primary key of their entry; inside a transaction."""
    flat = [(entry, key) for entry, keys in rows for key in sorted(keys)]
    if flat:
        bulk_copy.insert(TranslatedAssetKey, _COLUMNS, flat)


def replace(entry: MediaEntry) -> None:
    """Insert wanted minus existing, delete existing minus wanted; inside a transaction that has locked the entry."""
    existing = dict(entry.translated_keys.values_list("asset_key", "pk"))
    want = wanted(entry.translations)
    if gone := [pk for key, pk in existing.items() if key not in want]:
        TranslatedAssetKey.objects.filter(pk__in=gone).delete()
    add([(entry.pk, want - existing.keys())])
