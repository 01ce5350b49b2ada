"""What can be imported in bulk, and how the kinds differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from imports.bulk.shapes import Shape
from imports.requests.items import DOCUMENT_ITEM, MEDIA_ITEM
from media_library.entries.entry_schemas import ANY_ENTRY


@dataclass(frozen=True, slots=True)
class BulkKind:
    """A kind of items. `name`: of the command's objects, and of the list in a request."""

    name: str
    one: str  # in messages
    list_key: str
    id_property: str  # that names an item in the other system
    definition: Mapping[str, Any]
    has_jobs: bool = True
    has_files: bool = True  # of which a dry run may look at some

    @property
    def shape(self) -> Shape:
        """What its properties are."""
        return Shape(self.definition, self.one)


IMAGES = BulkKind("images", "image", "images", "id", MEDIA_ITEM)
VIDEOS = BulkKind("videos", "video", "videos", "id", MEDIA_ITEM)
FILES = BulkKind("files", "file", "files", "id", MEDIA_ITEM)
DOCUMENTS = BulkKind("documents", "document", "documents", "id", DOCUMENT_ITEM, has_files=False)
ENTRIES = BulkKind(
    "media_entries", "media entry", "mediaLibraryEntries", "externalId", ANY_ENTRY, has_jobs=False, has_files=False
)
