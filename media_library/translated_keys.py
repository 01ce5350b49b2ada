"""Keep the storage keys of translated assets findable."""

from collections.abc import Sequence

from media_library.models import MediaEntry, TranslatedAssetKey


def wanted(entry: MediaEntry) -> set[str]:
    """The keys of the entry's translated assets."""
    return {row["asset"]["key"] for row in entry.translations if row.get("asset")}


def add(entries: Sequence[MediaEntry]) -> None:
    """Write the keys of new entries."""
    TranslatedAssetKey.objects.bulk_create(
        TranslatedAssetKey(entry=entry, asset_key=key) for entry in entries for key in sorted(wanted(entry))
    )


def replace(entry: MediaEntry) -> None:
    """Wanted minus existing, existing minus wanted; inside a transaction that holds the entry."""
    existing = dict(entry.translated_keys.values_list("asset_key", "pk"))
    want = wanted(entry)
    if gone := [pk for key, pk in existing.items() if key not in want]:
        TranslatedAssetKey.objects.filter(pk__in=gone).delete()
    TranslatedAssetKey.objects.bulk_create(
        TranslatedAssetKey(entry=entry, asset_key=key) for key in sorted(want - existing.keys())
    )
