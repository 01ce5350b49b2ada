"""The references in an entry's metadata, and the entries that reference a target (spec 4.6)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from livingdocs_import.db import bulk_copy, lookups
from livingdocs_import.models import Project
from livingdocs_import.project_config import MetadataSchema
from media_library.models import MediaEntry, MediaReference

MEDIA_TYPES = ("image", "video", "file", "audio")  # the types that a link to an entry may have
FEW_REVOKED = 1_000  # of a project's entries: up to this many are excluded one by one
Row = tuple[str, str, str, str]  # type, id, property, external system
_COLUMNS = ("project", "entry", "target_type", "target_id", "property_name", "external_system")


def wanted(schema: MetadataSchema, metadata: Mapping[str, Any], translations: Sequence[Mapping[str, Any]]) -> set[Row]:
    """All references of the metadata and the translations."""
    sources = [metadata, *(translation.get("metadata") or {} for translation in translations)]
    return {
        (reference.type, reference.id, reference.property_name, reference.external_system or "")
        for source in sources
        for reference in schema.references(source)
    }


def add(rows: Iterable[tuple[int, int, set[Row]]]) -> None:
    """Write the links of new entries, given as (project, key of the entry, what it links to); inside a transaction."""
    flat = [(project, entry, *row) for project, entry, links in rows for row in sorted(links)]
    if flat:
        bulk_copy.insert(MediaReference, _COLUMNS, flat)


def replace(pairs: Sequence[tuple[MediaEntry, MetadataSchema]]) -> None:
    """Insert wanted minus existing and delete existing minus wanted, for all entries together.

    Inside a transaction that has locked the entries, so no other one writes their links meanwhile.
    """
    existing: dict[int, dict[Row, int]] = {entry.pk: {} for entry, _ in pairs}
    for pk, entry_pk, *row in MediaReference.objects.filter(entry__in=list(existing)).values_list(
        "pk", "entry", "target_type", "target_id", "property_name", "external_system"
    ):
        existing[entry_pk][tuple(row)] = pk  # type: ignore[index]
    new, gone = [], []
    for entry, schema in pairs:
        want, have = wanted(schema, entry.metadata, entry.translations), existing[entry.pk]
        new.append((entry.project_id, entry.pk, want - have.keys()))
        gone += [pk for row, pk in have.items() if row not in want]
    if gone:
        MediaReference.objects.filter(pk__in=gone).delete()
    add(new)


# --- Incoming references ---------------------------------------------------------------------------------------------


def linking_entries(project: Project, target_types: Sequence[str], target_id: str) -> QuerySet[MediaReference]:
    """The references of the project's entries to one target; those of revoked entries do not count."""
    return _naming(project, target_types, target_id).filter(entry__revoked=False)


def _naming(project: Project, target_types: Sequence[str], target_id: str) -> QuerySet[MediaReference]:
    if "\0" in target_id:  # impossible in a database
        return MediaReference.objects.none()
    return MediaReference.objects.filter(project=project, target_id=target_id, target_type__in=target_types)


@dataclass(frozen=True, slots=True)
class LinkingEntries:
    """The project's entries that link to one target, newest first; the API's incoming media references."""

    project: Project
    target_types: Sequence[str]
    target_id: str

    @lookups.planned_anew()
    def page(self, *, limit: int, offset: int, before: int | None) -> tuple[list[dict[str, Any]], int | None]:
        """A page of `{id, references}` by linking entry, and the last one's sort value.

        The order is the entries' own (their primary key): it is total, an index serves it, and a page that is read
        while entries are being patched neither repeats nor omits one. See docs/adr/0006.
        """
        found = linking_entries(self.project, self.target_types, self.target_id)
        pages = found.filter(entry__lt=before) if before is not None else found
        entries = list(pages.order_by("-entry").values_list("entry", flat=True).distinct()[offset : offset + limit])
        if not entries:
            return [], None
        rows = found.filter(entry__in=entries).order_by("-entry", "property_name", "pk")
        by_entry: dict[str, list[dict[str, Any]]] = {}
        for media_id, *link in rows.values_list(
            "entry__media_id", "target_id", "target_type", "property_name", "external_system"
        ):
            by_entry.setdefault(media_id, []).append(as_dict(*link))
        return [{"id": media_id, "references": links} for media_id, links in by_entry.items()], entries[-1]

    @lookups.planned_anew()
    def total(self) -> int:
        """The number of entries that link to the target.

        If few entries of the project are revoked, they are looked up first: then an index is counted, without reading
        entries. If there are many, each linking entry is read.
        """
        linking = linking_entries(self.project, self.target_types, self.target_id)
        revoked = MediaEntry.objects.of(self.project).filter(revoked=True).values_list("pk", flat=True)
        if len(few := list(revoked[: FEW_REVOKED + 1])) <= FEW_REVOKED:
            linking = _naming(self.project, self.target_types, self.target_id).exclude(entry__in=few)
        return int(linking.aggregate(number=Count("entry", distinct=True))["number"])


def as_dict(target_id: str, target_type: str, property_name: str, external_system: str) -> dict[str, Any]:
    """A link as the contract shows it (REF-05)."""
    body = {"id": target_id, "type": target_type, "location": "metadata", "propertyName": property_name}
    return body | {"externalSystem": external_system} if external_system else body
