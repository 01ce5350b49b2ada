"""The operator's desk for documents: change them by hand, publish them, look at what they were."""

from documents.admin import documents, media_entries, revisions

__all__ = ["documents", "media_entries", "revisions"]
