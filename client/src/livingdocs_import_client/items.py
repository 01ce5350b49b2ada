"""What is imported: images, videos, files and documents, as they are sent.

Wherever an item is asked for, an object in the contract's own spelling (`{"url": …, "fileName": …}`) does as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, runtime_checkable

from livingdocs_import_client.json_types import JSON, JSONObject


def without_nones(properties: Mapping[str, JSON]) -> JSONObject:
    """The properties that have been given."""
    return {name: value for name, value in properties.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaItem:
    """A file that the service fetches. `id` is your system's name for it, `file_name` becomes its title."""

    url: str
    id: str
    file_name: str
    metadata: JSONObject = field(default_factory=dict)
    media_type: str | None = None

    def to_json(self) -> JSONObject:
        """The JSON."""
        return without_nones(
            {
                "url": self.url,
                "id": self.id,
                "fileName": self.file_name,
                "metadata": self.metadata,
                "mediaType": self.media_type,
            }
        )


class Image(MediaItem):
    """An image."""

    __slots__ = ()


class Video(MediaItem):
    """A video."""

    __slots__ = ()


class File(MediaItem):
    """A file of any other type."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What is done with a document besides storing it."""

    auto_publish: bool = False
    unpublish: bool = False
    only_overwrite_untouched: bool = False
    never_overwrite: bool = False

    def to_json(self) -> JSONObject:
        """The JSON: only values that are set."""
        flags = {
            "autoPublish": self.auto_publish,
            "unpublish": self.unpublish,
            "onlyOverwriteUntouched": self.only_overwrite_untouched,
            "neverOverwrite": self.never_overwrite,
        }
        return {name: True for name, is_set in flags.items() if is_set}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document. `id` is your system's name for it; one whose `checksum` has not changed is skipped."""

    id: str
    checksum: str
    title: str | None = None
    content_type: str | None = None
    content: Sequence[JSONObject] | None = None
    metadata: JSONObject | None = None
    flags: Flags | None = None
    publish_control: JSONObject | None = None
    design: JSONObject | None = None
    translations: JSON = None
    document_id: int | None = None

    def to_json(self) -> JSONObject:
        """The JSON."""
        return without_nones(
            {
                "id": self.id,
                "title": self.title,
                "contentType": self.content_type,
                "checksum": self.checksum,
                "content": self.content,
                "metadata": self.metadata,
                "flags": self.flags.to_json() if self.flags else None,
                "publishControl": self.publish_control,
                "design": self.design,
                "translations": self.translations,
                "documentId": self.document_id,
            }
        )


Item: TypeAlias = MediaItem | Document | JSONObject


@runtime_checkable
class Sendable(Protocol):
    """A model of this library, or one of your own."""

    def to_json(self) -> JSONObject:
        """The JSON."""


def item_json(item: object) -> JSONObject:
    """An item in the contract's spelling. TypeError: it is none."""
    if isinstance(item, Sendable):
        return item.to_json()
    if isinstance(item, Mapping):
        return item
    raise TypeError(f"an item is an Image, a Document and the like, or a mapping, not {type(item).__name__}")
