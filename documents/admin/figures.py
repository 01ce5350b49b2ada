"""Media entries that a document shows, with a thumbnail and the address of their pages."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString

from documents.admin.links import page_of
from livingdocs_import.models import Project
from livingdocs_import.validation.limits import quoted
from media_library.admin import pictures
from media_library.models import MediaEntry

MAX_FIGURES = 400  # entries of one page


@dataclass(frozen=True)
class Figure:
    """A media entry of a document; without a page and a picture if the media library does not have it."""

    title: str
    address: str = ""
    picture: SafeString | str = ""


def figures(project: Project, media_ids: Collection[str]) -> Mapping[str, Figure]:
    """By media id; an entry that does not exist is named by its id. One query."""
    wanted = sorted(media_ids)[:MAX_FIGURES]
    entries = MediaEntry.objects.of(project).filter(media_id__in=wanted).defer("metadata", "translations")
    known = {
        entry.media_id: Figure(
            quoted(str(entry), 80), page_of(entry), pictures.picture(entry, pictures.IN_GRID, str(entry))
        )
        for entry in entries
    }
    return {media_id: known.get(media_id) or Figure(media_id) for media_id in media_ids}
