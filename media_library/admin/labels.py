"""Labels of the library: of properties, of their handles, of media types."""

import re

from livingdocs_import.metadata.definitions import Property
from livingdocs_import.project_config import MediaType

_BETWEEN_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[-_]+")


def in_words(handle: str) -> str:
    """A handle as a label: `dateCreated` as "Date created"."""
    words = _BETWEEN_WORDS.sub(" ", handle).lower()
    return words[:1].upper() + words[1:]


def of_property(property_: Property) -> str:
    """The label of a property; its handle in words if the configuration names none."""
    return in_words(property_.handle) if property_.label == property_.handle else property_.label


def of_handle(media_type: MediaType | None, handle: str) -> str:
    """The label of the property with this handle, also of one that is not configured any more."""
    found = media_type.metadata.properties.get(handle) if media_type else None
    return in_words(handle) if found is None else of_property(found)


def of_type(media_type: MediaType | None, handle: str) -> str:
    """The label of a media type, also of one that is not configured any more."""
    return (media_type.label if media_type else "") or in_words(handle)
