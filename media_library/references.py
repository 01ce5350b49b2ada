"""Which entries and documents an entry's metadata names; who names an entry (spec 4.6)."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from livingdocs_import.models import Project
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


# --- Who links to it -------------------------------------------------------------------------------------------------


def linking_entries(project: Project, target_types: Sequence[str], target_id: str) -> QuerySet[MediaReference]:
    """The references of the project's entries to one target; entries that were revoked say nothing any more."""
    return MediaReference.objects.filter(
        project=project, target_id=target_id, target_type__in=target_types, entry__revoked=False
    )


def incoming(
    found: QuerySet[MediaReference], *, limit: int, offset: int, before: int | None
) -> tuple[list[dict[str, Any]], int | None]:
    """A page of `{id, references}` by linking entry, newest entry first, and the last one's sort value.

    The order is the entries' own (their primary key): it is total, an index serves it, and a page that is read while
    entries are being patched neither repeats nor leaves out one. See docs/adr/0006.
    """
    pages = found.filter(entry__lt=before) if before is not None else found
    entries = list(pages.order_by("-entry").values_list("entry", flat=True).distinct()[offset : offset + limit])
    if not entries:
        return [], None
    rows = found.filter(entry__in=entries).order_by("-entry", "property_name", "pk").select_related("entry")
    by_entry: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_entry.setdefault(row.entry.media_id, []).append(as_dict(row))
    return [{"id": media_id, "references": links} for media_id, links in by_entry.items()], entries[-1]


def as_dict(row: MediaReference) -> dict[str, Any]:
    """A link as the contract shows it (REF-05)."""
    body = {
        "id": row.target_id,
        "type": row.target_type,
        "location": "metadata",
        "propertyName": row.property_name,
    }
    return body | {"externalSystem": row.external_system} if row.external_system else body
