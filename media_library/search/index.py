"""The rows of the search and of the library's filters: written for some entries, as they are at that moment."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from livingdocs_import.db import bulk_copy
from livingdocs_import.models import Project
from media_library.models import EntryIndex, IndexedEntry, MediaEntry
from media_library.search.facets import FACETS, facets
from media_library.search.indexed import Source, indexed

_READ = (
    "pk", "version", "updated_at", "base_type", "media_type", "system_name",
    "project_id", "title", "external_id", "source_url", "asset", "metadata", "translations",
)  # fmt: skip
_WRITTEN = ("entry", "project", "version", "updated_at", "lexemes", *FACETS)


def write(entry_ids: Iterable[int]) -> None:
    """Index these entries anew. Inside a transaction that has locked EntryIndex.

    Those that do not exist any more have no rows afterwards.
    """
    ids = sorted(set(entry_ids))
    found = MediaEntry.objects.filter(pk__among=ids).order_by("pk").values_list(*_READ)
    rows = [
        (pk, source.project_id, version, updated_at, indexed(source), *facets(source, *kinds))
        for pk, version, updated_at, *others in found
        for kinds, source in [(others[:3], Source._make(others[3:]))]
    ]
    IndexedEntry.objects.filter(pk__among=ids).delete()
    bulk_copy.insert(IndexedEntry, _WRITTEN, rows)


def outdated(changes: Sequence[tuple[int, int]]) -> list[int]:
    """The entries that are not indexed as of these changes, given as (entry, version)."""
    wanted: dict[int, int] = {}
    for entry_id, version in changes:
        wanted[entry_id] = max(version, wanted.get(entry_id, 0))
    known = dict(IndexedEntry.objects.filter(pk__among=list(wanted)).values_list("pk", "version"))
    return [entry_id for entry_id, version in wanted.items() if known.get(entry_id, 0) < version]


@transaction.atomic
def forget(project: Project) -> None:
    """All rows of a project without entries: those that were about to be written when the last ones were deleted."""
    list(EntryIndex.objects.select_for_update())  # wait for who is writing
    IndexedEntry.objects.filter(project=project).delete()
