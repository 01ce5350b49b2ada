"""Which entries and documents an entry's metadata names; who names an entry (spec 4.6)."""

from collections.abc import Sequence

from livingdocs_import.project_config import MetadataSchema

from media_library.models import MediaEntry, MediaReference

Row = tuple[str, str, str, str]


def wanted(entry: MediaEntry, schema: MetadataSchema) -> set[Row]:
    """(type, id, property, external system) of everything that the metadata and its translations link to."""
    sources = [entry.metadata, *(translation.get("metadata") or {} for translation in entry.translations)]
    return {
        (found.type, found.id, found.property_name, found.external_system or "")
        for metadata in sources
        for found in schema.references(metadata)
    }


def replace(pairs: Sequence[tuple[MediaEntry, MetadataSchema]]) -> None:
    """Write wanted minus existing and delete existing minus wanted, for all entries together; inside a transaction."""
    want = {(entry.pk, *row) for entry, schema in pairs for row in wanted(entry, schema)}
    existing = {
        (r.entry_id, r.target_type, r.target_id, r.property_name, r.external_system): r.pk
        for r in MediaReference.objects.filter(entry__in=[entry.pk for entry, _ in pairs])
    }
    projects = {entry.pk: entry.project_id for entry, _ in pairs}
    if gone := [pk for row, pk in existing.items() if row not in want]:
        MediaReference.objects.filter(pk__in=gone).delete()
    MediaReference.objects.bulk_create(
        (
            MediaReference(
                project_id=projects[pk],
                entry_id=pk,
                target_type=target_type,
                target_id=target_id,
                property_name=name,
                external_system=system,
            )
            for pk, target_type, target_id, name, system in sorted(want - existing.keys())
        ),
        ignore_conflicts=True,
    )
