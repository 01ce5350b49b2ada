"""The map from another system's ids to ours: all entries of a project with their keys and URLs, in bounded memory.

They are read in batches, each behind the last row of the one before (keyset). No cursor stays open, and entries that
are made meanwhile follow at the end.
"""

from collections.abc import Iterator
from typing import NamedTuple

from livingdocs_import.models import Project
from media_library import asset_urls
from media_library.models import MediaEntry

BATCH = 2_000  # rows in memory
_FIELDS = ("pk", "system_name", "external_id", "media_id", "media_type", "title", "asset")


class MappedEntry(NamedTuple):
    """One row of the map."""

    system_name: str | None  # null: not imported
    external_id: str | None
    media_id: str
    media_type: str
    key: str
    url: str


def entry_map(project: Project, *, system_name: str | None = None, batch: int = BATCH) -> Iterator[MappedEntry]:
    """All entries, or those of one system, in the order in which they were made."""
    entries = MediaEntry.objects.of(project).order_by("pk")
    if system_name is not None:
        entries = entries.filter(system_name=system_name)
    last = 0
    while rows := list(entries.filter(pk__gt=last).values_list(*_FIELDS)[:batch]):
        for _, system, external_id, media_id, media_type, title, asset in rows:
            url = asset_urls.asset_url(asset, project_id=project.pk, title=title)
            yield MappedEntry(system, external_id, media_id, media_type, asset["key"], url)
        last = rows[-1][0]
