"""Entries as cards of the grid and rows of the list: picture, title, measures, marks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from livingdocs_import.project_config import MediaType
from livingdocs_import.validation.limits import quoted
from media_library.admin import labels, pictures
from media_library.admin.facets import has_alt_property, media_types
from media_library.entries import remote_pictures
from media_library.models import IndexedEntry, MediaEntry

MAX_USES = 99  # counted for an entry
TONES = {"active": "good", "archived": "calm", "invalid": "busy", "revoked": "bad"}


@dataclass(frozen=True)
class Card:
    """An entry for the template. `uses`: in how many publications, as text; "" if that is unknown."""

    entry: MediaEntry
    title: str
    type_label: str
    picture: SafeString
    measures: str
    size: str
    uses: str
    marks: Sequence[str]


def cards(entries: Sequence[MediaEntry], uses: Mapping[int, int]) -> list[Card]:
    """In the order of the entries; `uses` by primary key."""
    types, remote = _Types(), remote_pictures.shown(entries)
    indexed = IndexedEntry.objects.filter(pk__among=[entry.pk for entry in entries], lacks_alt=True)
    lacking = set(indexed.values_list("pk", flat=True))
    return [
        Card(
            entry=entry,
            title=quoted(str(entry), 80),
            type_label=types.label(entry),
            picture=pictures.picture(entry, pictures.IN_GRID, remote=remote.get(entry.pk)),
            measures=pictures.measures(entry),
            size=pictures.size(entry),
            uses=uses_in_words(uses.get(entry.pk)),
            marks=list(_marks(entry, lacks_alt=entry.pk in lacking and has_alt_property(types.of(entry)))),
        )
        for entry in entries
    ]


class _Types:
    """The media types of entries; the configuration of each project is read once."""

    def __init__(self) -> None:
        self._by_project: dict[int, Mapping[str, MediaType]] = {}

    def of(self, entry: MediaEntry) -> MediaType | None:
        if entry.project_id not in self._by_project:
            self._by_project[entry.project_id] = media_types(entry.project)
        return self._by_project[entry.project_id].get(entry.media_type)

    def label(self, entry: MediaEntry) -> str:
        return labels.of_type(self.of(entry), entry.media_type)


def uses_in_words(uses: int | None) -> str:
    """`used 3 times`; "" if the number is unknown."""
    if uses is None:
        return ""
    if uses > MAX_USES:
        return f"used more than {MAX_USES} times"
    if uses > 1:
        return f"used {uses} times"
    return "used once" if uses else "unused"


def _marks(entry: MediaEntry, *, lacks_alt: bool) -> Iterator[str]:
    if entry.state != "active":
        yield entry.state
    elif lacks_alt:
        yield "no alt text"
    elif entry.base_type != MediaEntry.BaseType.IMAGE:
        yield "video" if entry.base_type == MediaEntry.BaseType.VIDEO else "file"
