"""The effect of a new revision on the document's publication."""

from enum import Enum


class PublicationEffect(Enum):
    """The effect on the publication once the revision is written; the value is the state in the import log."""

    UNCHANGED = "imported"
    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
