"""What a new revision does to the document's publication."""

from enum import Enum


class PublicationEffect(Enum):
    """What becomes of the publication once the revision is written; the value is the state in the import log."""

    UNCHANGED = "imported"
    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
